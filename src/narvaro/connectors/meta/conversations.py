"""
Private messages to a page on Facebook (Messenger) or to a professional account on Instagram, read.

By Meta's Conversations API (Graph API v25.0: Page and IG User Conversations, Conversation, Message; read 2026-11-22,
not tried against the live platforms). `messaging` answers them.

Conversations are walked newest first until one comes up in which nothing has happened since last time (P10); of the
others the messages are read back to where the last reading was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from narvaro.base import clock
from narvaro.connectors import private
from narvaro.connectors.client import Json, Reply, moment, opaque_id, part, parts, storable, word
from narvaro.connectors.cursor import Cursor
from narvaro.connectors.meta.graph import Graph, is_missing, safe_id, time_of
from narvaro.connectors.meta.reading import after_of, entries
from narvaro.connectors.port import (
    MOST_AUTHOR_ID,
    Author,
    Item,
    Kind,
    MediaKind,
    Medium,
    Page,
    PlatformError,
    ReconnectNeeded,
    Thread,
    Transient,
    Visibility,
)
from narvaro.connectors.web import web_address

PAGE_SIZE = 50
ENOUGH_ITEMS = 100
ENOUGH_CALLS = 15
MOST_PAGES = 400  # of conversations, and of messages in one of them
MARKS_KEPT = 500
MISSING_CHECKED = 60
CLOCKS_DIFFER = timedelta(minutes=1)

_FILES = "attachments{id,mime_type,name,size,image_data,video_data,file_url},shares{link,name,description}"


@dataclass(frozen=True)
class Desk:
    """Where one platform's messages are read and answered."""

    name: str  # as people say it
    platform: str  # as the interface calls it
    fields: str
    most_text: int
    is_counted_in_bytes: bool
    newest_only: int = 0  # of how many messages in a conversation the platform tells anything; 0: of all
    lacks: str = ""  # what the platform never gives, told once


MESSENGER = Desk(
    "Facebook", "messenger", f"id,created_time,from,to,message,sticker,{_FILES}", 2000, is_counted_in_bytes=False,
    lacks="Facebook lämnar inte ut meddelanden som togs bort innan Närvaro läste, eller reaktioner på meddelanden.",
)  # fmt: skip
INSTAGRAM = Desk(
    "Instagram", "instagram", "id,created_time,from,to,message,attachments,shares,is_unsupported", 1000,
    is_counted_in_bytes=True, newest_only=20,
    lacks=(
        "Instagram lämnar bara ut de 20 senaste meddelandena i varje konversation, och inte förfrågningar där inget "
        "har hänt på 30 dagar, det som togs bort innan Närvaro läste, eller bilder som bara får ses en gång."
    ),
)  # fmt: skip
LOST = "I en konversation på {name} kom fler än {most} meddelanden mellan två läsningar. De äldsta lämnas inte ut."


# --- reading ---


@dataclass
class _Progress(Cursor):
    """How far the reading has come; the opaque cursor holds this and nothing else."""

    begun: str = ""
    done: str = ""
    is_listed: bool = False
    after: str = ""
    pages: int = 0
    queue: list[list[str]] = field(default_factory=list)  # a conversation, and from when its messages are read
    beneath: str = ""
    beneath_pages: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    fresh: dict[str, str] = field(default_factory=dict)
    has_lost: bool = False
    wait_until: str = ""

    @property
    def is_over(self) -> bool:
        return self.is_listed and not self.queue


def read(graph: Graph, desk: Desk, cursor: str) -> Page:
    """Read one page of what is new among the messages. See `Connector.read`."""
    at, calls = _Progress.opened(cursor), 0
    _wait_if_asked(graph, at)
    at.begun = at.begun or clock.now().isoformat()
    found: dict[str, Item] = {}
    stored = at.closed()
    try:
        while not at.is_over and calls < ENOUGH_CALLS and len(found) < ENOUGH_ITEMS and not (calls and _rests(graph)):
            calls += 1
            found |= {item.remote_id: item for item in _step(graph, desk, at)}
            stored = at.closed()
    except PlatformError as error:
        if not found or isinstance(error, ReconnectNeeded):
            raise
        return Page(tuple(found.values()), stored, has_more=True)
    if not at.is_over:
        if _rests(graph):
            at.wait_until = (clock.now() + timedelta(seconds=graph.rest_seconds)).isoformat()
        return Page(tuple(found.values()), at.closed(), has_more=True)
    told = LOST.format(name=desk.name, most=desk.newest_only) if at.has_lost else ""
    told = told if at.done else desk.lacks
    older = {each: mark for each, mark in at.marks.items() if each not in at.fresh}
    kept = dict(list({**at.fresh, **older}.items())[:MARKS_KEPT])
    then = _Progress(done=at.begun, marks=kept)
    return Page(tuple(found.values()), then.closed(), False, moment(at.begun), told, moment(at.done))


def _rests(graph: Graph) -> bool:
    return graph.rest_seconds > 0


def _wait_if_asked(graph: Graph, at: _Progress) -> None:
    until = moment(at.wait_until)
    left = (until - clock.now()).total_seconds() if until is not None else 0
    if left > 0:
        name = graph.site.name
        raise Transient(f"Nästan alla anrop som {name} tillåter är förbrukade.", retry_after_seconds=left)
    at.wait_until = ""


def _step(graph: Graph, desk: Desk, at: _Progress) -> list[Item]:
    if at.queue:
        return _messages(graph, desk, at)
    _conversations(graph, desk, at)
    return []


def _conversations(graph: Graph, desk: Desk, at: _Progress) -> None:
    query = {"platform": desk.platform, "fields": "id,updated_time", "limit": str(PAGE_SIZE)}
    reply = graph.read(f"{graph.me}/conversations", {**query, **({"after": at.after} if at.after else {})})
    is_reached = is_new = False
    for conversation, _raw in entries(reply):
        remote_id, mark = word(conversation, "id"), word(conversation, "updated_time")
        if not remote_id or remote_id in at.fresh:
            continue
        is_new = True
        at.fresh[remote_id] = mark
        if mark and at.marks.get(remote_id) == mark:
            is_reached = True
        else:
            at.queue.append([remote_id, at.marks.get(remote_id, "")])
    following, at.pages = after_of(reply), at.pages + 1
    at.is_listed = not following or is_reached or not is_new or following == at.after or at.pages >= MOST_PAGES
    at.after = "" if at.is_listed else following


def _messages(graph: Graph, desk: Desk, at: _Progress) -> list[Item]:
    conversation, mark = at.queue[0]
    since = moment_of(mark)
    reply = asked(graph, desk, conversation, at.beneath)
    found, following, is_reached = [], "", False
    if not is_missing(reply):
        graph.demand(reply)
        found = [item for each, raw in entries(reply) if (item := item_of(each, raw, conversation, graph)) is not None]
        is_reached = since is not None and any(item.published_at < since - CLOCKS_DIFFER for item in found)
        following = after_of(reply)
    at.beneath_pages += 1
    if following and not is_reached and desk.newest_only:
        at.has_lost, following = at.has_lost or since is not None, ""
    if following and not is_reached and following != at.beneath and at.beneath_pages < MOST_PAGES:
        at.beneath = following
    else:
        at.queue.pop(0)
        at.beneath, at.beneath_pages = "", 0
    return found


def asked(graph: Graph, desk: Desk, conversation: str, after: str, *, fields: str = "") -> Reply:
    """Ask for a page of a conversation's messages, the newest first; the answer is returned whatever it says."""
    most = desk.newest_only or PAGE_SIZE
    query = {"fields": fields or desk.fields, "limit": str(most), **({"after": after} if after else {})}
    return graph.get(f"{safe_id(conversation)}/messages", query)


def read_thread(graph: Graph, desk: Desk, root: str, known: tuple[str, ...]) -> Thread:
    """Read a conversation again. See `Connector.read_thread`."""
    conversation = private.platform_id(root)
    items: dict[str, Item] = {}
    after, is_whole = "", False
    for _page in range(MOST_PAGES):
        reply = asked(graph, desk, conversation, after)
        if is_missing(reply):
            return Thread(())  # our own archive may have it; nothing says that the person took it away
        graph.demand(reply)
        made = [item_of(each, raw, conversation, graph) for each, raw in entries(reply)]
        items |= {item.remote_id: item for item in made if item is not None}
        following = after_of(reply)
        is_whole = not following
        if is_whole or following == after or desk.newest_only:
            break
        after = following
    unseen = [each for each in known if private.is_message(each) and each not in items][:MISSING_CHECKED]
    gone = [each for each in (unseen if is_whole else []) if _is_gone(graph, each)]
    return Thread(tuple(items.values()), gone=tuple(gone))


def read_one(graph: Graph, desk: Desk, remote_id: str, *, root: str = "") -> Item | None:
    """Read one message as it stands now; None when the platform says that it is gone."""
    reply = graph.read_if_there(safe_id(private.platform_id(remote_id)), {"fields": desk.fields})
    return None if reply is None else item_of(reply.document(), reply.body, private.platform_id(root) if root else "",
                                            graph)  # fmt: skip


def why_not(graph: Graph, desk: Desk) -> str:
    """Return why messages cannot be read, "" when they can; for the daily probe (P8)."""
    return graph.trouble(f"{graph.me}/conversations", {"platform": desk.platform, "limit": "1"})


def _is_gone(graph: Graph, remote_id: str) -> bool:
    return graph.read_if_there(safe_id(private.platform_id(remote_id)), {"fields": "id"}) is None


# --- what a message says ---


def item_of(message: Json, raw: bytes, conversation: str, graph: Graph) -> Item | None:
    """Return a message as an item that nobody else sees."""
    remote_id, at = word(message, "id"), moment_of(word(message, "created_time"))
    if not remote_id or at is None:
        return None
    sender = part(message, "from")
    handle = word(sender, "username")
    is_own = is_ours(sender, graph)
    links = [web_address(word(each, "link")) for each in parts(part(message, "shares"), "data")]
    text = word(message, "message")
    text = "\n\n".join(each for each in (text, *(link for link in links if link and link not in text)) if each)
    kept = private.kept_id(remote_id)
    return Item(
        remote_id=kept,
        kind=Kind.MESSAGE,
        author=Author(
            opaque_id(word(sender, "id"), MOST_AUTHOR_ID), handle, word(sender, "name"),
            f"https://www.instagram.com/{handle}/" if handle else "",
        ),
        text=storable(text),
        published_at=min(at, clock.now()),
        raw=raw,
        is_own=is_own,
        root_remote_id=private.kept_id(conversation) if conversation else kept,
        visibility=Visibility.PRIVATE,
        media=_media(message),
    )  # fmt: skip


def is_ours(sender: Json, graph: Graph) -> bool:
    """Whether a message was sent by the account."""
    handle = word(sender, "username")
    return word(sender, "id") == graph.me or (bool(handle) and handle == graph.account.handle)


def _media(message: Json) -> tuple[Medium, ...]:
    found = []
    for each in parts(part(message, "attachments"), "data"):
        picture, film = web_address(word(part(each, "image_data"), "url")), web_address(
            word(part(each, "video_data"), "url"))  # fmt: skip
        url = film or picture or web_address(word(each, "file_url"))
        if url:
            kind = MediaKind.VIDEO if film else MediaKind.IMAGE if picture else MediaKind.OTHER
            found.append(Medium(url, kind, word(each, "mime_type")[:100], remote_id=word(each, "id")))
    sticker = web_address(word(message, "sticker"))
    return tuple(found) + ((Medium(sticker, MediaKind.IMAGE),) if sticker else ())


def moment_of(text: str) -> datetime | None:
    """Return a time, which Meta gives in two ways: as a date with an hour, and as seconds since 1970."""
    if text.isascii() and text.isdecimal() and len(text) < 12:
        return datetime.fromtimestamp(int(text), UTC)
    return time_of(text)

"""
Private messages to an account on X: read, and answered in a conversation between two.

By its API v2 (Direct Messages: Lookup and Manage; dm.read, dm.write; read 2026-11-22, not tried against the live
platform). The platform gives the last thirty days, newest first; what lies behind is a gap and is said. Pictures in
messages are handed out only to who is signed in, which Närvaro is not: their addresses are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from narvaro.base import clock
from narvaro.connectors import private
from narvaro.connectors.client import Json, Params, Reply, Unanswered, moment, part, parts, serialised, storable, word
from narvaro.connectors.cursor import Cursor
from narvaro.connectors.granted import Line
from narvaro.connectors.port import (
    Author,
    Item,
    Kind,
    MediaKind,
    Medium,
    Misconfigured,
    NotThere,
    Outgoing,
    Page,
    PlatformError,
    Published,
    Refused,
    Thread,
    Unknown,
    Visibility,
)
from narvaro.connectors.x.posts import Beside
from narvaro.connectors.x.reading import BETWEEN, PAGE, safe_id
from narvaro.connectors.x.text import text_of

MOST_SIGNS = 10_000
MOST_PAGES = 200
REACHES_BACK = timedelta(days=30)
SETTLED_AFTER = timedelta(minutes=2)
CLOCKS_DIFFER = timedelta(seconds=30)
SIMILAR_SHOWN = 5
FIELDS = {
    "dm_event.fields": "id,text,event_type,created_at,dm_conversation_id,sender_id,attachments,entities",
    "event_types": "MessageCreate",
    "expansions": "sender_id,attachments.media_keys",
    "user.fields": "id,name,username",
    "media.fields": "media_key,type,url,preview_image_url,alt_text,variants",
}
NO_RIGHT = (
    "Nyckeln ger inte rätt att läsa meddelanden, eller så ingår det inte i appens avtal med X. Anslut kanalen på nytt."
)
LOST = "X lämnar bara ut meddelanden från de senaste 30 dagarna. Äldre har inte kunnat läsas."


@dataclass
class _Progress(Cursor):
    """How far the reading has come; the opaque cursor holds this and nothing else."""

    newest: str = ""  # the newest message that an earlier run has given
    top: str = ""
    following: str = ""
    pages: int = 0
    begun: str = ""
    done: str = ""


def read_page(line: Line, our_id: str, cursor: str) -> Page:
    """
    Read one page of messages. See `Connector.read`.

    Raises:
        Misconfigured: The key or the app may not read them; what everybody sees is read all the same.
    """
    at, now = _Progress.opened(cursor), clock.now()
    done = moment(at.done)
    if not at.following and done is not None and now - done < BETWEEN:
        return Page((), cursor, complete_to=done)
    if not at.following:
        at.begun, at.top, at.pages = now.isoformat(), "", 0
    query: dict[str, str | int] = {**FIELDS, "max_results": PAGE}
    if at.following:
        query["pagination_token"] = at.following
    answer = _read(line, "/2/dm_events", query)
    ids = [each for each in (word(event, "id") for event in parts(answer, "data")) if _is_id(each)]
    at.top, at.pages = max([*ids, at.top or "0"], key=int), at.pages + 1
    is_reached = bool(at.newest) and any(int(each) <= int(at.newest) for each in ids)
    following = word(part(answer, "meta"), "next_token") if ids and not is_reached else ""
    is_over = not following or following == at.following or at.pages >= MOST_PAGES
    at.following = "" if is_over else following
    items = tuple(_items(answer, our_id))
    if not is_over:
        return Page(items, at.closed(), has_more=True)
    begun = moment(at.begun) or now
    has_lost = done is None or begun - done > REACHES_BACK
    at.newest = max(at.newest or "0", at.top, key=int)
    at.done = at.begun
    return Page(items, at.closed(), False, begun, LOST if has_lost else "", done if has_lost else None)


def read_thread(line: Line, our_id: str, root: str) -> Thread:
    """Read the newest of a conversation again. What somebody takes away there stays with us: nothing is said of it."""
    answer = _read(line, f"/2/dm_conversations/{_conversation_of(root)}/dm_events", {**FIELDS, "max_results": PAGE})
    return Thread(tuple(_items(answer, our_id)))


def read_one(line: Line, our_id: str, remote_id: str) -> Item | None:
    """Read one message as it stands now; None when X says that there is none."""
    reply = line.get(f"/2/dm_events/{safe_id(private.platform_id(remote_id))}", _of_one())
    if reply.status == 404:
        return None
    answer = _document(line, reply)
    if any(word(each, "type").endswith("/resource-not-found") for each in parts(answer, "errors")):
        return None
    item = _item(part(answer, "data"), Beside(answer), our_id)
    if item is None:
        raise Misconfigured("X visar inte meddelandet för oss.")
    return item


def why_not(line: Line) -> str:
    """Return why messages cannot be read, "" when they can; for the daily probe (P8)."""
    if not (line.may("dm.read") and line.may("dm.write")):
        return NO_RIGHT
    try:
        _read(line, "/2/dm_events", {"max_results": 1})
    except Misconfigured as error:
        return str(error)
    return ""


def answer(line: Line, our_id: str, handle: str, post: Outgoing) -> Published | Refused | Unknown:
    """Answer a message once, in its conversation and nowhere else. See `Connector.publish`."""
    if why := _unfit(post, our_id):
        return Refused(f"{why} Inget är skickat.")
    person = _other_of(post.root_remote_id, our_id)
    try:
        reply = line.call("POST", f"/2/dm_conversations/with/{person}/messages", json={"text": post.text})
    except Unanswered as error:
        return Unknown(f"Det är oklart om svaret skickades. {error}")
    except PlatformError as error:
        return Refused(f"Inget är skickat. {error}", error)
    if not reply.ok and (reply.status >= 500 or reply.status == 408):
        return Unknown(f"Det är oklart om svaret skickades. X svarade med kod {reply.status}.")
    if reply.status in {400, 402, 403}:
        why = NO_RIGHT if not line.may("dm.write") else "X tog inte emot svaret."
        return Refused(f"Inget är skickat. {why} {reply.told()}".strip())
    refused = line.refusal(reply)
    if refused is not None:
        return Refused(f"Inget är skickat. {refused}", refused)
    try:
        remote_id = word(part(reply.document(), "data"), "dm_event_id")
    except PlatformError as unreadable:
        return Unknown(f"Det är oklart om svaret skickades. {unreadable}")
    if not _is_id(remote_id):
        return Unknown("Det är oklart om svaret skickades. X gav ingen beteckning tillbaka.")
    return Published(_as_sent(line, our_id, handle, post, remote_id, reply.body))


def settle(line: Line, our_id: str, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
    """Look for an answer among our latest messages in its conversation. See `Connector.settle`."""
    try:
        found = read_thread(line, our_id, post.root_remote_id).items
    except PlatformError as error:
        return Unknown(f"Det gick inte att läsa konversationen för att se om svaret finns. {error}")
    ours = [each for each in found if each.is_own and each.published_at >= attempted_at - CLOCKS_DIFFER]
    for item in ours:
        if "".join(item.text.split()) == "".join(post.text.split()):
            return Published(item)
    return NotThere(certain=clock.now() - attempted_at >= SETTLED_AFTER, similar=tuple(ours[:SIMILAR_SHOWN]))


def _unfit(post: Outgoing, our_id: str) -> str:
    if post.visibility != Visibility.PRIVATE or not private.is_message(post.root_remote_id):
        return "På X kan ni svara privat bara i en konversation som personen själv har börjat."
    if not _other_of(post.root_remote_id, our_id):
        return "Konversationen har flera deltagare, eller gäller inte kontot. Svara i appen, så att ni ser vilka de är."
    if post.pictures or post.film is not None:
        return "Härifrån kan privata svar bara ha text."
    if not post.text.strip():
        return "Svaret är tomt. Skriv något först."
    if len(post.text) > MOST_SIGNS:
        return f"X tar högst {MOST_SIGNS} tecken i ett meddelande."
    return ""


def _other_of(root: str, our_id: str) -> str:
    """Return who the other one is in a conversation between us and one person; "" in any other."""
    people = private.platform_id(root).split("-")
    others = [each for each in people if each != our_id]
    return others[0] if len(people) == 2 and len(others) == 1 and _is_id(others[0]) else ""


def _conversation_of(root: str) -> str:
    found = private.platform_id(root)
    if not all(_is_id(each) for each in found.split("-")):
        raise Misconfigured("Plattformens beteckning på konversationen går inte att använda.")
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 25


def _of_one() -> dict[str, str]:
    return {name: each for name, each in FIELDS.items() if name != "event_types"}


def _read(line: Line, path: str, query: Params) -> Json:
    return _document(line, line.get(path, query))


def _document(line: Line, reply: Reply) -> Json:
    """Return the answer. A right that is lacking is not a dead key: the rest can still be read."""
    if reply.status in {402, 403} and not reply.is_page:
        raise Misconfigured(NO_RIGHT)
    error = line.refusal(reply)
    if error is not None:
        raise error
    return reply.document()


def _items(answer: Json, our_id: str) -> list[Item]:
    beside = Beside(answer)
    made = [_item(event, beside, our_id) for event in parts(answer, "data")]
    return [item for item in made if item is not None]


def _item(event: Json, beside: Beside, our_id: str) -> Item | None:
    remote_id, sender, at = word(event, "id"), word(event, "sender_id"), moment(word(event, "created_at"))
    if not _is_id(remote_id) or not sender or at is None:
        return None
    if word(event, "event_type") not in {"", "MessageCreate"}:
        return None  # that somebody joined or left is not a message
    user = beside.users.get(sender, {})
    keys: Any = part(event, "attachments").get("media_keys")
    media = [beside.media[key] for key in (keys if isinstance(keys, list) else []) if key in beside.media]
    handle, conversation = word(user, "username"), word(event, "dm_conversation_id")
    kept = private.kept_id(remote_id)
    return Item(
        remote_id=kept,
        kind=Kind.MESSAGE,
        author=Author(sender, handle, word(user, "name"), f"https://x.com/{handle}" if handle else ""),
        text=storable(text_of(event)),
        published_at=min(at, clock.now()),
        raw=serialised({"event": event, "user": user, "media": media}),
        is_own=sender == our_id,
        root_remote_id=private.kept_id(conversation) if conversation else kept,
        visibility=Visibility.PRIVATE,
        media=tuple(medium for each in media if (medium := _medium(each)) is not None),
    )  # fmt: skip


def _medium(each: Json) -> Medium | None:
    url = word(each, "url") or word(each, "preview_image_url")
    if not url.startswith(("https://", "http://")):
        return None
    kind = MediaKind.IMAGE if word(each, "type") == "photo" else MediaKind.VIDEO
    return Medium(url, kind, alt=word(each, "alt_text"), remote_id=word(each, "media_key"))


def _as_sent(line: Line, our_id: str, handle: str, post: Outgoing, remote_id: str, raw: bytes) -> Item:
    """Read what is there now; what was sent stands for it when it cannot be read just now."""
    kept = private.kept_id(remote_id)
    try:
        item = read_one(line, our_id, kept)
    except PlatformError:
        item = None
    if item is None:
        author = Author(our_id, handle)
        item = Item(kept, Kind.MESSAGE, author, post.text, clock.now(), raw, visibility=Visibility.PRIVATE)
    return replace(item, is_own=True, parent_remote_id=post.parent_remote_id, root_remote_id=post.root_remote_id)

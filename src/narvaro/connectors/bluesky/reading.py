"""
Reading what is new, and reading threads again.

Two lists are followed side by side, each newest first: the account's notifications (what others write to us)
and its own posts (what we write, also in the network's own app). A round reads both back to where the last
round ended; the first one reads all there is. The network sorts by the time an author's app claims, so a late
or wrongly set one lands behind newer ones: the first page is always compared entry by entry, and the thread
is read again from time to time.

Nothing is marked as seen: the people who also use the app keep their own order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from narvaro.base import clock
from narvaro.connectors import client
from narvaro.connectors.bluesky import items
from narvaro.connectors.bluesky.session import Session, is_missing
from narvaro.connectors.client import Json
from narvaro.connectors.cursor import Cursor, stored
from narvaro.connectors.port import Author, Item, Misconfigured, Page, Thread

_REASONS = ("reply", "mention", "quote")
_FIRST_PAGE = 50
_NEXT_PAGE = 100
_POSTS_A_CALL = 25
_OVERLAP = timedelta(hours=1)
_LAG = timedelta(seconds=10)  # what the network has not yet shown when the round begins
_MOST_PAGES = 5_000
_MOST_EMPTY_PAGES = 20
_KNOWN = 100
_MARK_SIGNS = 16

_THREAD_DEPTH = 100  # deeper answers nest too deep for a JSON reader; they are asked for from where it ends
_MOST_BRANCHES = 40
_MOST_CHECKS = 100


@dataclass
class _Stream(Cursor):
    """Where one list stands. Times are ISO 8601 text, "" for none."""

    mark: str = ""  # the newest entry of the last whole round
    top: str = ""  # the newest entry of this round
    page: str = ""  # the network's cursor for the next page of this round
    pages: int = 0
    empty: int = 0
    done: bool = True
    known: str = ""  # marks of entries given lately, so that a quiet round gives nothing


@dataclass(frozen=True)
class _Entry:
    uri: str
    at: datetime  # where it stands in the list
    view: Json  # {} for what is no post to us (likes, reposts) and only shows how far the list has come
    raw: bytes = b""
    reason: str = ""


@dataclass
class _Cursor:
    started: str
    whole: str  # when the last whole round began: what came to light since was not there for us to read then
    notifications: _Stream
    feed: _Stream

    @classmethod
    def parsed(cls, text: str) -> _Cursor:
        """Return what a cursor says; one that cannot be understood starts anew, which only costs time."""
        found = stored(text)
        found = found if found.get("v") == 1 else {}
        begun, whole = client.word(found, "started"), client.word(found, "whole")
        lists = (_Stream.of(client.part(found, name)) for name in ("notifications", "feed"))
        return cls(begun, whole, *lists)

    def begin(self, now: datetime) -> None:
        self.whole, self.started = self.started, now.isoformat()
        for stream in (self.notifications, self.feed):
            stream.top, stream.page, stream.pages, stream.empty, stream.done = "", "", 0, 0, False

    def text(self) -> str:
        streams = {"notifications": self.notifications.said(), "feed": self.feed.said()}
        return json.dumps({"v": 1, "started": self.started, "whole": self.whole, **streams}, separators=(",", ":"))


def read(session: Session, cursor: str) -> Page:
    """Read the next page of both lists; see `Connector.read`."""
    now = clock.now()
    place = _Cursor.parsed(cursor)
    if place.notifications.done and place.feed.done:
        place.begin(now)
    read_to = client.moment(place.whole)
    gaps: list[str] = []
    found: list[Item] = []
    if not place.notifications.done:
        entries, gap = _advance(place.notifications, lambda page, size: _notifications(session, page, size))
        found += _hydrated(session, entries, read_to - _LAG if read_to else None)
        gaps += gap
    if not place.feed.done:
        entries, gap = _advance(place.feed, lambda page, size: _feed(session, page, size))
        found += filter(None, (items.item_of_view(each.view, session.did, raw=each.raw) for each in entries))
        gaps += gap
    whole = place.notifications.done and place.feed.done
    started = client.moment(place.started) or now
    return Page(
        items=tuple({item.remote_id: item for item in found}.values()),
        next_cursor=place.text(),
        has_more=not whole,
        complete_to=min(started, now) - _LAG if whole or gaps else None,
        gap_reason=" ".join(dict.fromkeys(gaps)),
        gap_from=read_to if gaps else None,
    )


def read_thread(session: Session, remote_id: str, known: Sequence[str]) -> Thread:
    """Read a whole thread from its first post, and settle which known ones are gone."""
    views: dict[str, Json] = {}
    blocked: list[str] = []
    start = _walk(session, remote_id, views, blocked)
    root = client.word(client.part(client.part(client.part(start, "record"), "reply"), "root"), "uri")
    if root and root != remote_id and items.is_post(root):
        _walk(session, root, views, blocked)
    wanted = [uri for uri in dict.fromkeys([remote_id, *known]) if items.is_post(uri) and uri not in views]
    # What is new to us is asked for apart too: in a tree of answers no post has bytes of its own.
    known_already = set(known)
    fresh = [uri for uri in views if uri not in known_already and items.is_post(uri)]
    cut = _posts(session, [*fresh, *(uri for uri in wanted if uri not in blocked)])
    views |= {uri: view for uri, (view, _raw) in cut.items()}
    raw = {uri: each for uri, (_view, each) in cut.items()}
    told = (items.item_of_view(view, session.did, raw=raw.get(uri, b"")) for uri, view in views.items())
    found = [item for item in told if item]

    gone: list[str] = []
    unseen = [uri for uri in dict.fromkeys([*blocked, *wanted]) if uri not in views]
    for uri in unseen[:_MOST_CHECKS]:
        record = stored_record_of(session, uri)
        if record is None:
            gone.append(uri)
        elif uri not in known_already:  # one side has blocked the other; the words stand there all the same
            value = client.part(record[0], "value")
            found.append(items.item_of_record(uri, value, _stranger(uri), me=session.did, raw=record[1]))
    return Thread(items=tuple(found), gone=tuple(uri for uri in gone if uri in known_already or uri == remote_id))


def what_is_filtered(session: Session) -> str:
    """Return a sentence when the account's own settings hide some of what is written to it, else ""."""
    reply = session.call("GET", "app.bsky.notification.getPreferences")
    if not reply.ok:
        return ""  # a service without such settings hides nothing by them
    chosen = client.part(reply.document(), "preferences")
    kinds = [client.part(chosen, reason) for reason in _REASONS]
    if any(kind.get("include", "all") != "all" or kind.get("list") is False for kind in kinds):
        return (
            "Kontots aviseringar i Bluesky är begränsade, så svar och omnämnanden kan saknas. "
            "Välj ”alla” för svar, omnämnanden och citat i Bluesky-appens inställningar."
        )
    return ""


def record_of(session: Session, uri: str) -> Json | None:
    """Return {uri, cid, value} of one record as the network has it now, None when it says there is none."""
    found = stored_record_of(session, uri)
    return found[0] if found else None


def stored_record_of(session: Session, uri: str) -> tuple[Json, bytes] | None:
    """Return {uri, cid, value} of one record with its exact bytes, None when the network says there is none."""
    collection = uri.split("/")[3]
    params = {"repo": items.did_of(uri), "collection": collection, "rkey": items.rkey_of(uri)}
    reply = session.call("GET", "com.atproto.repo.getRecord", params=params)
    if is_missing(reply):
        return None
    return session.demand(reply).document(), reply.body


def _advance(stream: _Stream, fetch: Callable[[str, int], tuple[list[_Entry], str]]) -> tuple[list[_Entry], list[str]]:
    """Take one page of a list; return its entries that are not known, and why something may be missing."""
    try:
        entries, following = fetch(stream.page, _NEXT_PAGE if stream.page else _FIRST_PAGE)
    except Misconfigured:
        if not stream.page:
            raise
        # The network no longer knows its own cursor; this round begins again from the top.
        stream.page, stream.top = "", ""
        entries, following = fetch("", _FIRST_PAGE)
    mark = client.moment(stream.mark)
    given = {stream.known[at : at + _MARK_SIGNS] for at in range(0, len(stream.known), _MARK_SIGNS)}
    fresh = [each for each in entries if not (mark and each.at <= mark and _mark(each.uri) in given)]
    if not stream.page:
        newest = max((each.at for each in entries), default=mark)
        stream.top = max(newest, mark).isoformat() if newest and mark else newest.isoformat() if newest else ""
        stream.known = _remembered((each.uri for each in entries), stream.known)
    stream.pages += 1
    stream.empty = 0 if entries else stream.empty + 1
    gaps = []
    back = bool(mark and entries and (not fresh or min(each.at for each in entries) < mark - _OVERLAP))
    if (
        following
        and not back
        and (following == stream.page or stream.pages >= _MOST_PAGES or stream.empty >= _MOST_EMPTY_PAGES)
    ):
        gaps.append("Bluesky slutade lämna ut äldre inlägg innan allt var läst.")
        back = True
    if back or not following:
        stream.mark, stream.page, stream.done = stream.top, "", True
    else:
        stream.page = following
    return fresh, gaps


def _notifications(session: Session, page: str, size: int) -> tuple[list[_Entry], str]:
    # priority=false: else a setting of the account hides everyone it does not follow.
    params: dict[str, str | int | Iterable[str]] = {"limit": size, "priority": "false", "reasons": _REASONS}
    if page:
        params["cursor"] = page
    found, told = session.ask_for_items("app.bsky.notification.listNotifications", params, "notifications")
    entries = []
    for each, raw in told:
        uri, reason = client.word(each, "uri"), client.word(each, "reason")
        at = client.moment(client.word(each, "indexedAt"))
        if uri and at:
            entries.append(_Entry(uri, at, each if reason in _REASONS and items.is_post(uri) else {}, raw, reason))
    return entries, client.word(found, "cursor")


def _feed(session: Session, page: str, size: int) -> tuple[list[_Entry], str]:
    params: dict[str, str | int | Iterable[str]] = {
        "actor": session.did,
        "filter": "posts_with_replies",
        "includePins": "false",
        "limit": size,
    }
    if page:
        params["cursor"] = page
    found, told = session.ask_for_items("app.bsky.feed.getAuthorFeed", params, "feed")
    entries = []
    for each, raw in told:
        view, reason = client.part(each, "post"), client.part(each, "reason")
        uri = client.word(view, "uri")
        at = client.moment(client.word(reason or view, "indexedAt"))
        if uri and at:
            ours = items.is_post(uri) and items.did_of(uri) == session.did and not reason
            own = client.raw_parts(raw)["post"][1] if ours else b""
            entries.append(_Entry(uri if ours else f"repost {uri}", at, view if ours else {}, own))
    return entries, client.word(found, "cursor")


def _hydrated(session: Session, entries: Sequence[_Entry], not_before: datetime | None) -> list[Item]:
    """
    Return the items of notifications, with counts; one that is gone already as the notification told it.

    The later of what the list and the post say is when it was there to read, and never before `not_before`.

    Law: TF-2, FL-6
    """
    posts = [each for each in entries if each.view]
    views = _posts(session, [each.uri for each in posts])
    found = []
    for each in posts:
        view, raw = views.get(each.uri, (each.view, each.raw))
        item = items.item_of_view(view, session.did, each.reason, max(each.at, not_before or each.at), raw=raw)
        if item:
            found.append(item)
    return found


def _posts(session: Session, uris: Sequence[str]) -> dict[str, tuple[Json, bytes]]:
    """Return the views of posts that the network has, each with its exact bytes."""
    found: dict[str, tuple[Json, bytes]] = {}
    wanted = list(dict.fromkeys(uris))
    for at in range(0, len(wanted), _POSTS_A_CALL):
        asked = {"uris": wanted[at : at + _POSTS_A_CALL]}
        _answer, told = session.ask_for_items("app.bsky.feed.getPosts", asked, "posts")
        found |= {client.word(view, "uri"): (view, raw) for view, raw in told}
    return {uri: found[uri] for uri in wanted if uri in found}


def _walk(session: Session, start: str, views: dict[str, Json], blocked: list[str]) -> Json:
    """Take every post from `start` down into `views`; return the view of `start`, {} when it is not there."""
    asked: set[str] = set()
    waiting = [start]
    while waiting and len(asked) < _MOST_BRANCHES:
        uri = waiting.pop()
        asked.add(uri)
        params = {"uri": uri, "depth": _THREAD_DEPTH, "parentHeight": 0}
        reply = session.call("GET", "app.bsky.feed.getPostThread", params=params)
        if is_missing(reply):
            continue
        nodes = [client.part(session.demand(reply).document(), "thread")]
        while nodes:
            node = nodes.pop()
            view = client.part(node, "post")
            here = client.word(view, "uri")
            if view and here:
                views[here] = view
                below = client.parts(node, "replies")
                nodes += below
                if not below and client.count(view, "replyCount") and here not in asked:
                    waiting.append(here)
            elif node.get("blocked") is True and items.is_post(client.word(node, "uri")):
                blocked.append(client.word(node, "uri"))
    return views.get(start, {})


def _stranger(uri: str) -> Author:
    did = items.did_of(uri)
    return Author(did, did, "", items.profile_url(did))


def _mark(uri: str) -> str:
    return hashlib.sha256(uri.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_SIGNS]


def _remembered(uris: Iterable[str], before: str) -> str:
    marks = [_mark(uri) for uri in uris]
    marks += [before[at : at + _MARK_SIGNS] for at in range(0, len(before), _MARK_SIGNS)]
    return "".join(list(dict.fromkeys(marks))[:_KNOWN])

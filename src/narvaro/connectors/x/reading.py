"""
Reading our own posts and what mentions us, page by page down to what an earlier run has given (P10).

The platform gives the newest 3200 of our own and the newest 800 mentions, never what lies behind them: that is a gap
and is said. Answers that do not name us do not come; a thread that is read again finds those of the last seven days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from narvaro.base import clock
from narvaro.connectors.client import Json, moment, part, parts, word
from narvaro.connectors.cursor import Cursor
from narvaro.connectors.granted import Line
from narvaro.connectors.port import Item, Misconfigured, Page, Thread
from narvaro.connectors.x.posts import FIELDS, Beside, item_of, lasting_id

BETWEEN = timedelta(minutes=5)  # the smallest plan lets a timeline be asked for five times in a quarter of an hour
PAGE = 100
MOST = {"own": 3200, "mentions": 800}
STREAMS = ("own", "mentions")
MOST_SEARCHED = 5  # pages of one thread
_PATHS = {"own": "tweets", "mentions": "mentions"}
_LOST = {
    "own": "X lämnar bara ut kontots 3 200 senaste inlägg. Äldre har inte kunnat läsas.",
    "mentions": "X lämnar bara ut de 800 senaste omnämnandena. Äldre har inte kunnat läsas.",
}


@dataclass
class Progress(Cursor):
    """One run through both streams: how far earlier runs have read each (`done`), and where this one is."""

    done: dict[str, str] = field(default_factory=dict)  # stream → the newest id that was given
    top: dict[str, str] = field(default_factory=dict)  # the newest id of this run
    left: list[str] = field(default_factory=list)
    following: str = ""
    given: int = 0
    begun: str = ""
    completed: str = ""


def read_page(line: Line, our_id: str, handle: str, cursor: str) -> Page:
    """Read one page. See `Connector.read`."""
    at = Progress.opened(cursor)
    done = moment(at.completed)
    if not at.left and done is not None and clock.now() - done < BETWEEN:
        return Page((), cursor, complete_to=done)
    if not at.left or at.left[0] not in STREAMS:
        at.left, at.begun, at.following, at.given, at.top = list(STREAMS), clock.now().isoformat(), "", 0, {}
    stream = at.left[0]
    query: dict[str, str | int] = {**FIELDS, "max_results": PAGE}
    if stream == "own":
        query["exclude"] = "retweets"
    if at.done.get(stream):
        query["since_id"] = at.done[stream]
    if at.following:
        query["pagination_token"] = at.following
    answer = line.read(f"/2/users/{safe_id(our_id)}/{_PATHS[stream]}", query)
    posts = parts(answer, "data")
    ids = [word(post, "id") for post in posts if word(post, "id").isdecimal()]
    if ids:
        at.top[stream] = max([*ids, at.top.get(stream, "0")], key=int)
    at.given += len(posts)
    items = _items(answer, our_id, handle)
    at.following = word(part(answer, "meta"), "next_token") if posts else ""
    reason, lost_from = "", done
    if not at.following or at.given >= MOST[stream]:
        reason = _LOST[stream] if at.given >= MOST[stream] else ""
        _advance(at, stream)
    begun = moment(at.begun)
    is_over = not at.left
    if is_over:
        at.completed = at.begun
    return Page(
        tuple(items), at.closed(), has_more=not is_over, complete_to=begun if is_over or reason else None,
        gap_reason=reason, gap_from=lost_from if reason else None,
    )  # fmt: skip


def read_thread(line: Line, our_id: str, handle: str, remote_id: str, known: Sequence[str]) -> Thread:
    """Read a thread again: what is known by its ids, and what a search of the last seven days finds."""
    items, gone = looked_up(line, our_id, handle, [remote_id, *known])
    query: dict[str, str | int] = {**FIELDS, "max_results": PAGE, "query": f"conversation_id:{safe_id(remote_id)}"}
    for _page in range(MOST_SEARCHED):
        reply = line.get("/2/tweets/search/recent", query)
        if reply.status in {400, 403, 404}:  # not part of every app's plan
            break
        error = line.refusal(reply)
        if error is not None:
            raise error
        answer = reply.document()
        items += _items(answer, our_id, handle)
        query["next_token"] = word(part(answer, "meta"), "next_token")
        if not query["next_token"]:
            break
    once = {item.remote_id: item for item in items}
    return Thread(tuple(once.values()), tuple(gone))


def looked_up(line: Line, our_id: str, handle: str, ids: Sequence[str]) -> tuple[list[Item], list[str]]:
    """Return the posts with these ids, and those that the platform says are gone; others it does not show us."""
    items: list[Item] = []
    gone: list[str] = []
    wanted = [each for each in dict.fromkeys(ids) if each.isascii() and each.isdecimal()]
    for start in range(0, len(wanted), PAGE):
        answer = line.read("/2/tweets", {**FIELDS, "ids": ",".join(wanted[start : start + PAGE])})
        items += _items(answer, our_id, handle)
        for error in parts(answer, "errors"):
            if word(error, "type").endswith("/resource-not-found") and word(error, "resource_id") in wanted:
                gone.append(word(error, "resource_id"))
    return items, gone


def own_since(line: Line, our_id: str, since: datetime) -> tuple[list[Json], Beside]:
    """Return what our account has posted since a moment, newest first; one page, far more than anybody posts then."""
    query: dict[str, str | int] = {**FIELDS, "max_results": PAGE, "start_time": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
    answer = line.read(f"/2/users/{safe_id(our_id)}/tweets", query)
    return parts(answer, "data"), Beside(answer)


def safe_id(remote_id: str) -> str:
    """Return an id that can stand in a path; anything else is refused."""
    if not (remote_id.isascii() and remote_id.isdecimal() and len(remote_id) < 25):
        raise Misconfigured("Plattformens beteckning på inlägget går inte att använda.")
    return remote_id


def _items(answer: Json, our_id: str, handle: str) -> list[Item]:
    beside = Beside(answer)
    found: dict[str, tuple[int, Item]] = {}
    for post in parts(answer, "data"):
        item = item_of(post, beside, our_id, our_handle=handle)
        version = int(word(post, "id")) if word(post, "id").isdecimal() else 0
        if item is not None and version >= found.get(lasting_id(post), (0, item))[0]:
            found[lasting_id(post)] = version, item
    return [item for _version, item in found.values()]


def _advance(at: Progress, stream: str) -> None:
    if at.top.get(stream):
        at.done[stream] = at.top[stream]
    at.left, at.following, at.given = at.left[1:], "", 0

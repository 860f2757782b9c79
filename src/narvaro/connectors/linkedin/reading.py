"""
Reading our posts and what is written beneath them (P10).

The platform tells of nothing new, so posts are listed down to a known one and the comments of the newest are read
again every time; older posts are found when their thread is read again by itself. Between two runs ten minutes pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

from narvaro.base import clock
from narvaro.connectors.client import Json, Params, Reply, moment, part, parts
from narvaro.connectors.cursor import Cursor
from narvaro.connectors.granted import Line
from narvaro.connectors.linkedin.items import comment_of, post_of
from narvaro.connectors.port import Item, Misconfigured, Page, Thread

BETWEEN = timedelta(minutes=10)
PAGE = 100
NEWEST = 20  # posts whose comments are read again each time
MOST_POSTS = 1000
MOST_COMMENT_PAGES = 20
FINDER = {"x-restli-method": "FINDER"}
TOO_MANY = "Sidan har fler inlägg än Närvaro läser på en gång. De äldsta har inte lästs."
NO_NAMES = (
    "LinkedIn lämnar inte ut vad den som kommenterar heter, bara ett id, och inte heller vad andra skriver om er på "
    "sina egna sidor."
)
_URN = re.compile(
    r"urn:li:[A-Za-z]+:[\w-]{1,100}|urn:li:comment:\(urn:li:[A-Za-z]+:[\w-]{1,100},[\w-]{1,100}\)", re.ASCII
)


@dataclass
class Progress(Cursor):
    """One run: the list of posts first, then the comments of each that is to be walked."""

    known: list[str] = field(default_factory=list)  # our newest posts, newest first
    fresh: list[str] = field(default_factory=list)
    walk: list[str] = field(default_factory=list)
    start: int = 0
    is_listing: bool = False
    begun: str = ""
    completed: str = ""


def read_page(line: Line, our_urn: str, handle: str, cursor: str) -> Page:
    """Read one page. See `Connector.read`."""
    at = Progress.opened(cursor)
    done = moment(at.completed)
    if not at.begun:
        if done is not None and clock.now() - done < BETWEEN:
            return Page((), at.closed(), complete_to=done)
        at.begun, at.is_listing, at.start, at.fresh, at.walk = clock.now().isoformat(), True, 0, [], []
    reason = ""
    if at.is_listing:
        items, reason = _list(line, our_urn, handle, at)
    else:
        items = _comments(line, our_urn, at.walk.pop(0))
    is_over = not at.is_listing and not at.walk
    begun, is_first = moment(at.begun), not at.completed
    if is_over:
        at.completed, at.begun = at.begun, ""
        reason = reason or (NO_NAMES if is_first else "")
    return Page(
        tuple(items), at.closed(), has_more=not is_over, complete_to=begun if is_over or reason else None,
        gap_reason=reason, gap_from=done if reason else None,
    )  # fmt: skip


def read_thread(line: Line, our_urn: str, handle: str, remote_id: str, known: Sequence[str]) -> Thread:
    """Read a post and all beneath it again; what of the known is not there any more is gone."""
    reply = line.get(f"/rest/posts/{in_path(remote_id)}")
    if reply.status == 404:
        return Thread((), (remote_id, *known))
    post = post_of(good(line, reply), our_urn, handle)
    items = {item.remote_id: item for item in ([post] if post else []) + _comments(line, our_urn, remote_id)}
    return Thread(tuple(items.values()), tuple(each for each in known if each not in items and each != remote_id))


def posts_of(line: Line, our_urn: str, start: int, count: int) -> list[Json]:
    """Return some of our posts, the newest first."""
    query = {"q": "author", "author": our_urn, "start": str(start), "count": str(count), "sortBy": "CREATED"}
    return parts(good(line, line.call("GET", "/rest/posts", params=query, headers=FINDER)), "elements")


def beneath(line: Line, our_urn: str, urn: str, root: str) -> list[Item]:
    """Return the comments that stand right beneath a post or a comment."""
    items: list[Item] = []
    for page in range(MOST_COMMENT_PAGES):
        query: Params = {"start": str(page * PAGE), "count": str(PAGE)}
        reply = line.get(f"/rest/socialActions/{in_path(urn)}/comments", query)
        if reply.status == 404:
            break
        rows = parts(good(line, reply), "elements")
        items += [item for each in rows if (item := comment_of(each, our_urn, root)) is not None]
        if len(rows) < PAGE:
            break
    return items


def good(line: Line, reply: Reply) -> Json:
    """Return what an answer holds; raise the port's errors for everything but a success."""
    error = line.refusal(reply)
    if reply.status == 426:
        raise Misconfigured("LinkedIn har slutat med den version av gränssnittet som Närvaro talar. Uppdatera Närvaro.")
    if error is not None:
        raise error
    return reply.document()


def in_path(urn: str) -> str:
    """Return an id as it stands in a path. Anything that is no id of the platform's is refused."""
    if not _URN.fullmatch(urn):
        raise Misconfigured("Plattformens beteckning på inlägget går inte att använda.")
    return quote(urn, safe="")


def _list(line: Line, our_urn: str, handle: str, at: Progress) -> tuple[list[Item], str]:
    rows = posts_of(line, our_urn, at.start, PAGE)
    items = [item for each in rows if (item := post_of(each, our_urn, handle)) is not None]
    ids = [item.remote_id for item in items if _URN.fullmatch(item.remote_id)]
    at.fresh += [each for each in ids if each not in at.fresh]
    at.start += len(rows)
    is_end = len(rows) < PAGE or bool(set(ids) & set(at.known))
    reason = TOO_MANY if not is_end and at.start >= MOST_POSTS else ""
    if is_end or reason:
        is_first = not at.completed
        newest = list(dict.fromkeys([*at.fresh, *at.known]))
        at.walk = at.fresh if is_first else newest[:NEWEST]
        at.known, at.fresh, at.is_listing = newest[:NEWEST], [], False
    return items, reason


def _comments(line: Line, our_urn: str, root: str) -> list[Item]:
    items: list[Item] = []
    for row in _rows(line, root):
        item = comment_of(row, our_urn, root)
        if item is None:
            continue
        items.append(item)
        below = part(row, "commentsSummary").get("aggregatedTotalComments")
        if isinstance(below, int) and below > 0:
            items += beneath(line, our_urn, item.remote_id, root)
    return items


def _rows(line: Line, root: str) -> list[Json]:
    rows: list[Json] = []
    for page in range(MOST_COMMENT_PAGES):
        query: Params = {"start": str(page * PAGE), "count": str(PAGE)}
        reply = line.get(f"/rest/socialActions/{in_path(root)}/comments", query)
        if reply.status == 404:  # a post that was removed meanwhile
            break
        found = parts(good(line, reply), "elements")
        rows += found
        if len(found) < PAGE:
            break
    return rows


def id_of(item_urn: str) -> tuple[str, str]:
    """Return what a comment stands beneath and its number there, out of its id."""
    match = re.fullmatch(r"urn:li:comment:\((urn:li:[A-Za-z]+:[\w-]+),([\w-]+)\)", item_urn)
    if match is None:
        raise Misconfigured("Plattformens beteckning på kommentaren går inte att använda.")
    return match[1], match[2]


def is_comment(urn: str) -> bool:
    """Whether an id is that of a comment."""
    return urn.startswith("urn:li:comment:")

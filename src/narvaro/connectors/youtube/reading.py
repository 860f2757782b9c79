"""
Reading what is written beneath the films, page by page down to what an earlier run has given (P10).

The platform sorts by when a thread was begun, so an answer in an old one lifts nothing: the newest threads are compared
with how they stood, and older ones are found when they are read again by themselves. Every call takes of the day's
quota, which is counted in the cursor; when reading has taken its share it waits for the next day, so that answers and
measures can still go out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from narvaro.base import clock
from narvaro.connectors.client import Json, moment, part, parts, word
from narvaro.connectors.cursor import Cursor
from narvaro.connectors.granted import Line
from narvaro.connectors.port import Item, Misconfigured, Page, Thread, Transient
from narvaro.connectors.youtube.items import comment_of, film_of, mark_of
from narvaro.connectors.youtube.session import (
    GONE,
    READING_UNITS,
    meaning,
    quota_day,
    quota_ends_at,
    reason_of,
)

THREADS, COMMENTS, UPLOADS = "/youtube/v3/commentThreads", "/youtube/v3/comments", "/youtube/v3/playlistItems"
PAGE = 100
REMEMBERED = 300  # of the newest of a stream
MOST_PAGES = 200  # of a stream in one run; a channel with more is left there, and that is a gap
MOST_REPLY_PAGES = 10
SELDOM = 5  # what is held back, and films, are read every fifth time: quota
STREAMS = ("published", "heldForReview", "likelySpam", "films")

NO_POSTS = (
    "YouTubes gränssnitt lämnar inte ut community-inlägg och inte heller det som skrivs under dem. Bevaka dem i "
    "YouTube Studio och lägg in för hand."
)
TOO_MANY = "Kanalen har fler kommentarer än Närvaro läser på en gång. De äldsta har inte lästs."

_ID = re.compile(r"[\w.-]{1,200}", re.ASCII)


@dataclass
class Progress(Cursor):
    """One run through the streams. `seen` is stream → id → mark of the newest that earlier runs gave."""

    left: list[str] = field(default_factory=list)
    following: str = ""
    pages: int = 0
    begun: str = ""
    completed: str = ""
    turn: int = 0
    day: str = ""
    units: int = 0
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    fresh: dict[str, str] = field(default_factory=dict)

    def spend(self) -> None:
        """Count a unit. Raises Transient when reading has had its share of the day."""
        today = quota_day()
        if self.day != today:
            self.day, self.units = today, 0
        if self.units >= READING_UNITS:
            wait = (quota_ends_at() - clock.now()).total_seconds()
            raise Transient(
                "Läsningen har tagit sin del av dagens kvot hos YouTube. Den fortsätter i morgon.",
                retry_after_seconds=wait,
            )
        self.units += 1


def read_page(line: Line, our_id: str, cursor: str) -> Page:
    """Read one page. See `Connector.read`."""
    at = Progress.opened(cursor)
    if not at.left or at.left[0] not in STREAMS:
        at.left = list(STREAMS if at.turn % SELDOM == 0 else STREAMS[:1])
        at.begun, at.following, at.pages, at.fresh = clock.now().isoformat(), "", 0, {}
    stream, is_first, lost_from = at.left[0], not at.completed, moment(at.completed)
    at.spend()
    answer = _answer(line, UPLOADS if stream == "films" else THREADS, _query(stream, our_id, at.following))
    known = at.seen.get(stream, {})
    rows = parts(answer, "items")
    changed = [row for row in rows if known.get(word(row, "id")) != mark_of(row)]
    items = [item for row in changed for item in _of(line, row, our_id, at)]
    for row in rows:
        if len(at.fresh) < REMEMBERED:
            at.fresh.setdefault(word(row, "id"), mark_of(row))
    at.pages += 1
    at.following = word(answer, "nextPageToken") if changed and rows else ""
    reasons = []
    if at.following and at.pages >= MOST_PAGES:
        at.following = ""
        reasons.append(TOO_MANY)
    if not at.following:
        older = {key: mark for key, mark in known.items() if key not in at.fresh}
        at.seen[stream] = dict(list({**at.fresh, **older}.items())[:REMEMBERED])
        at.left, at.pages, at.fresh = at.left[1:], 0, {}
    is_over = not at.left
    if is_over:
        at.completed, at.turn = at.begun, at.turn + 1
        reasons += [NO_POSTS] if is_first else []
    told = bool(reasons)
    return Page(
        tuple(items), at.closed(), has_more=not is_over, complete_to=moment(at.begun) if is_over or told else None,
        gap_reason=" ".join(reasons), gap_from=lost_from if told else None,
    )  # fmt: skip


def read_thread(line: Line, our_id: str, remote_id: str, known: Sequence[str]) -> Thread:
    """Read what stands beneath a film again, and find which of the known comments are gone."""
    items: dict[str, Item] = {}
    at = Progress()
    query = {"part": "snippet,replies", "videoId": remote_id, "order": "time", "textFormat": "plainText",
             "maxResults": str(PAGE)}  # fmt: skip
    for _page in range(MOST_REPLY_PAGES):
        reply = line.get(THREADS, query)
        if reason_of(reply) in {"commentsDisabled", *GONE}:
            break
        error = meaning(reply)
        if error is not None:
            raise error
        answer = reply.document()
        for row in parts(answer, "items"):
            items.update({item.remote_id: item for item in _of(line, row, our_id, at)})
        query["pageToken"] = word(answer, "nextPageToken")
        if not query["pageToken"]:
            break
    wanted = [each for each in dict.fromkeys(known) if each not in items and each != remote_id]
    there = {item.remote_id: item for item in comments_by_id(line, our_id, wanted)}
    gone = tuple(each for each in wanted if each not in there)
    return Thread(tuple({**items, **there}.values()), gone)


def comments_by_id(line: Line, our_id: str, ids: Sequence[str]) -> list[Item]:
    """Return the comments with these ids that are there, held back or not."""
    found = []
    for start in range(0, len(ids), 50):
        query = {"part": "snippet", "id": ",".join(map(safe_id, ids[start : start + 50])), "textFormat": "plainText",
                 "maxResults": "100"}  # fmt: skip
        found += parts(_answer(line, COMMENTS, query), "items")
    return [item for each in found if (item := comment_of(each, our_id)) is not None]


def replies_to(line: Line, our_id: str, top: str, video_id: str, at: Progress | None = None) -> list[Item]:
    """Return the answers beneath a comment, oldest or newest first as the platform likes; at most a thousand."""
    items: list[Item] = []
    query = {"part": "snippet", "parentId": safe_id(top), "textFormat": "plainText", "maxResults": "100"}
    for _page in range(MOST_REPLY_PAGES):
        if at is not None:
            at.spend()
        answer = _answer(line, COMMENTS, query)
        items += [
            item for each in parts(answer, "items") if (item := comment_of(each, our_id, video_id=video_id)) is not None
        ]
        query["pageToken"] = word(answer, "nextPageToken")
        if not query["pageToken"]:
            break
    return items


def safe_id(remote_id: str) -> str:
    """Return an id that can stand in a path; anything else is refused."""
    if not _ID.fullmatch(remote_id):
        raise Misconfigured("Plattformens beteckning på kommentaren går inte att använda.")
    return remote_id


def _query(stream: str, our_id: str, following: str) -> dict[str, str]:
    query = {"maxResults": str(PAGE), **({"pageToken": following} if following else {})}
    if stream == "films":
        return {**query, "maxResults": "50", "part": "snippet,contentDetails", "playlistId": f"UU{our_id[2:]}"}
    return {
        **query, "part": "snippet,replies", "allThreadsRelatedToChannelId": our_id, "order": "time",
        "textFormat": "plainText", "moderationStatus": stream,
    }  # fmt: skip


def _of(line: Line, row: Json, our_id: str, at: Progress) -> list[Item]:
    snippet = part(row, "snippet")
    if not part(snippet, "topLevelComment"):
        film = film_of(row, our_id)
        return [film] if film else []
    video_id = word(snippet, "videoId")
    top = comment_of(part(snippet, "topLevelComment"), our_id, video_id=video_id)
    if top is None:
        return []
    enclosed = parts(part(row, "replies"), "comments")
    total = snippet.get("totalReplyCount")
    if isinstance(total, int) and total > len(enclosed):
        return [top, *replies_to(line, our_id, top.remote_id, video_id, at)]
    below = [item for each in enclosed if (item := comment_of(each, our_id, video_id=video_id)) is not None]
    return [top, *below]


def _answer(line: Line, path: str, query: dict[str, str]) -> Json:
    reply = line.get(path, query)
    error = meaning(reply)
    if error is not None:
        raise error
    return reply.document()

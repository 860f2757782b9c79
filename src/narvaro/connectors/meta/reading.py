"""
Reading an account on a Graph API: what is new, stream by stream, and what is said beneath what has changed.

A stream is walked newest first by the platform's own cursors until something known comes up (P10). A post whose
number of comments or time of change is another than last time has its comments read. Comments on posts further back
are found when their threads are read again. The cursor stands at a whole step, and is stored with the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from narvaro.base import clock
from narvaro.connectors.client import Json, Reply, moment, part, raw_items, word
from narvaro.connectors.cursor import Cursor
from narvaro.connectors.meta.graph import FROM_EXPORT, Graph, is_missing, safe_id
from narvaro.connectors.port import Item, Misconfigured, Page, PlatformError, ReconnectNeeded, Thread, Transient

PAGE_SIZE = 50
ENOUGH_ITEMS = 100
ENOUGH_CALLS = 15
MOST_PAGES = 2000  # of one stream
MOST_COMMENT_PAGES = 400  # of one thread
MARKS_KEPT = 200
MISSING_CHECKED = 60
NEWEST_AGAIN = 5

ENDLESS = "{name} slutade aldrig lämna nya sidor. Läsningen avbröts."
NOT_SHOWN = "{name} lämnar inte ut {what} till myndighetens app."

Maker = Callable[[Json, bytes], "list[Item]"]


@dataclass(frozen=True)
class Stream:
    """
    One list of the account's, newest first.

    `mark` changes when something beneath an entry has; `beneath` says whether there is anything there to read.
    `may_lack` is what it holds, in words, where an app may not be allowed to read it; then it is passed over.
    """

    name: str
    path: str
    query: Mapping[str, str]
    items: Maker
    mark: Callable[[Json], str] = lambda _entry: "-"
    beneath: Callable[[Json], bool] = lambda _entry: False
    may_lack: str = ""
    newest_again: int = 0  # of those beneath which something may be new without any sign of it


@dataclass(frozen=True)
class Plan:
    """What is read on one platform."""

    streams: tuple[Stream, ...]
    comments_at: str  # the edge beneath a post
    comments: Mapping[str, str]
    comment_items: Callable[[Json, bytes, str], list[Item]]  # (entry, its bytes, the post's id)
    lacks: str = ""  # what the platform never gives, told once


@dataclass
class _Progress(Cursor):
    """How far the reading has come; the opaque cursor holds this and nothing else."""

    begun: str = ""
    done: str = ""
    at: int = 0  # which stream
    after: str = ""
    pages: int = 0
    queue: list[str] = field(default_factory=list)  # posts whose comments are to be read
    beneath: str = ""
    beneath_pages: int = 0
    marks: dict[str, dict[str, str]] = field(default_factory=dict)
    fresh: dict[str, dict[str, str]] = field(default_factory=dict)
    lacked: list[str] = field(default_factory=list)
    wait_until: str = ""


class Reading:
    """One call of `read`: as many small steps as fit."""

    def __init__(self, graph: Graph, plan: Plan, *, most_pages: int = MOST_PAGES) -> None:
        self._graph, self._plan, self._most_pages = graph, plan, most_pages
        self._items: dict[str, Item] = {}
        self._calls = 0
        self._gap = ""

    def page(self, cursor: str) -> Page:
        """Return the next page of what is new. See `Connector.read`."""
        progress = _Progress.opened(cursor)
        self._wait_if_asked(progress)
        if not progress.begun:
            progress.begun, progress.at = clock.now().isoformat(), 0
        stored = progress.closed()
        try:
            while progress.at < len(self._plan.streams) and not self._is_enough():
                self._step(progress)
                stored = progress.closed()
        except PlatformError as error:
            if not self._items or isinstance(error, ReconnectNeeded):
                raise
            return Page(tuple(self._items.values()), stored, has_more=True)
        if self._gap:
            until = moment(progress.begun)
            return Page(tuple(self._items.values()), stored, True, until, self._gap, moment(progress.done))
        if progress.at < len(self._plan.streams):
            if self._graph.rest_seconds:
                wait = clock.now() + timedelta(seconds=self._graph.rest_seconds)
                progress.wait_until = wait.isoformat()
            return Page(tuple(self._items.values()), progress.closed(), has_more=True)
        return self._last(progress)

    def _last(self, progress: _Progress) -> Page:
        is_first, complete_to = not progress.done, moment(progress.begun)
        lacked = [NOT_SHOWN.format(name=self._graph.site.name, what=what) for what in progress.lacked]
        told = " ".join([self._plan.lacks, *lacked]).strip() if is_first else ""
        after = _Progress(done=progress.begun, marks=_newest(progress.marks, progress.fresh))
        return Page(tuple(self._items.values()), after.closed(), False, complete_to, told, None)

    def _is_enough(self) -> bool:
        is_full = len(self._items) >= ENOUGH_ITEMS or self._calls >= ENOUGH_CALLS
        return is_full or bool(self._gap) or (self._graph.rest_seconds > 0 and self._calls > 0)

    def _wait_if_asked(self, progress: _Progress) -> None:
        until = moment(progress.wait_until)
        if until is None:
            return
        left = (until - clock.now()).total_seconds()
        if left > 0:
            name = self._graph.site.name
            raise Transient(f"Nästan alla anrop som {name} tillåter är förbrukade.", retry_after_seconds=left)
        progress.wait_until = ""

    def _step(self, progress: _Progress) -> None:
        self._calls += 1
        if progress.queue:
            self._read_beneath(progress)
        else:
            self._read_stream(progress, self._plan.streams[progress.at])

    def _read_stream(self, progress: _Progress, stream: Stream) -> None:
        query = {**stream.query, "limit": str(PAGE_SIZE), **({"after": progress.after} if progress.after else {})}
        try:
            reply = self._graph.read(stream.path, query)
        except Misconfigured:
            if not stream.may_lack:
                raise
            progress.lacked.append(stream.may_lack)
            self._next_stream(progress)
            return
        known, fresh = progress.marks.get(stream.name, {}), progress.fresh.setdefault(stream.name, {})
        is_reached, is_new = False, False
        for place, (entry, raw) in enumerate(entries(reply)):
            remote_id, mark = word(entry, "id"), stream.mark(entry)
            if place < stream.newest_again and not progress.after and stream.beneath(entry) and remote_id in known:
                progress.queue.append(remote_id)
            is_reached = is_reached or remote_id in known
            is_new = is_new or remote_id not in fresh
            if known.get(remote_id) == mark or fresh.get(remote_id) == mark:
                fresh[remote_id] = mark
                continue
            fresh[remote_id] = mark
            for item in stream.items(entry, raw):
                self._items[item.remote_id] = item
            if stream.beneath(entry) and remote_id not in progress.queue:
                progress.queue.append(remote_id)
        after = after_of(reply)
        progress.pages += 1
        if progress.pages >= self._most_pages or (after and after == progress.after) or (after and not is_new):
            self._gap = ENDLESS.format(name=self._graph.site.name)
        if not after or is_reached or self._gap:
            self._next_stream(progress)
        else:
            progress.after = after

    def _next_stream(self, progress: _Progress) -> None:
        # What is queued is read first: it belongs to this stream's pages, which are whole.
        progress.at, progress.after, progress.pages = progress.at + 1, "", 0
        if progress.at >= len(self._plan.streams) and progress.queue:
            progress.at = len(self._plan.streams) - 1
            progress.pages = -1

    def _read_beneath(self, progress: _Progress) -> None:
        post = progress.queue[0]
        after = ""
        reply = self._graph.get(
            f"{safe_id(post)}/{self._plan.comments_at}", _paged(self._plan.comments, progress.beneath)
        )
        if not is_missing(reply):
            self._graph.demand(reply)
            for entry, raw in entries(reply):
                for item in self._plan.comment_items(entry, raw, post):
                    self._items[item.remote_id] = item
            after = after_of(reply)
        progress.beneath_pages += 1
        if after and after != progress.beneath and progress.beneath_pages < MOST_COMMENT_PAGES:
            progress.beneath = after
            return
        progress.queue.pop(0)
        progress.beneath, progress.beneath_pages = "", 0
        if progress.pages == -1 and not progress.queue:
            progress.at = len(self._plan.streams)


def _newest(known: Mapping[str, dict[str, str]], fresh: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return the marks of the newest of each stream, as they were last seen."""
    kept = {}
    for name in {**known, **fresh}:
        seen = fresh.get(name, {})
        older = {each: mark for each, mark in known.get(name, {}).items() if each not in seen}
        kept[name] = dict(list({**seen, **older}.items())[:MARKS_KEPT])
    return kept


def read_thread(
    graph: Graph, plan: Plan, root: str, known: tuple[str, ...], *, post_query: Mapping[str, str], post_items: Maker
) -> Thread:
    """Read a post and everything beneath it again. See `Connector.read_thread`."""
    if root.startswith(FROM_EXPORT):
        return Thread(())  # the platform knows nothing by that name, which says nothing of what is there
    first = graph.read_if_there(safe_id(root), post_query)
    if first is None:
        return Thread((), gone=tuple(dict.fromkeys((root, *known))))
    items = {item.remote_id: item for item in post_items(first.document(), first.body)}
    after, is_whole = "", False
    for _page in range(MOST_COMMENT_PAGES):
        reply = graph.read(f"{safe_id(root)}/{plan.comments_at}", _paged(plan.comments, after))
        for entry, raw in entries(reply):
            items |= {item.remote_id: item for item in plan.comment_items(entry, raw, root)}
        following = after_of(reply)
        is_whole = not following
        if is_whole or following == after:
            break
        after = following
    unseen = [each for each in known if each not in items and each != root and not each.startswith(FROM_EXPORT)]
    unseen = unseen[:MISSING_CHECKED] if is_whole else []
    gone = [each for each in unseen if graph.read_if_there(safe_id(each), {"fields": "id"}) is None]
    return Thread(tuple(items.values()), gone=tuple(gone))


def entries(reply: Reply) -> list[tuple[Json, bytes]]:
    """Return the entries of a list with their exact bytes."""
    found = reply.parts().get("data")
    return raw_items(found[1]) if found is not None else []


def after_of(reply: Reply) -> str:
    """Return the cursor of the next page, "" at the end. Only the cursor is taken, never an address."""
    paging = part(reply.document(), "paging")
    after = word(part(paging, "cursors"), "after")
    return after[:2000] if paging.get("next") else ""


def own_since(
    graph: Graph, path: str, query: Mapping[str, str], since: datetime, made: Maker
) -> tuple[list[Item], bool]:
    """
    Return what `made` makes of entries newer than `since`, and whether the list was followed back that far.

    Only reads; at most ten pages.
    """
    found: list[Item] = []
    after = ""
    for _page in range(10):
        reply = graph.read(path, _paged({**query, "limit": "50"}, after))
        made_here = [item for entry, raw in entries(reply) for item in made(entry, raw)]
        found += [item for item in made_here if item.published_at >= since]
        after = after_of(reply)
        if not after or any(item.published_at < since for item in made_here):
            return found, True
    return found, False


def _paged(query: Mapping[str, str], after: str) -> dict[str, str]:
    return {"limit": "100", **query, **({"after": after} if after else {})}

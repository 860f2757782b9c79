"""
Reading an account: what is new, in streams, from the newest down to what is known.

Ids are opaque and may not be ordered, servers may ignore every parameter, repeat pages or never end. So
each stream is walked by the server's own links (else by max_id), newest first, until something known
comes up, a page is empty, or a page repeats. `since_id` is only a hint that saves the server work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from narvaro.base import clock
from narvaro.connectors.client import (
    Json,
    Reply,
    TooMuch,
    count,
    moment,
    part,
    parts,
    raw_items,
    raw_parts,
    serialised,
    word,
)
from narvaro.connectors.mastodon.progress import OVERLAP, Progress
from narvaro.connectors.mastodon.session import Session, is_safe_id, next_page, safe_id, status_path
from narvaro.connectors.mastodon.statuses import Us, fingerprint, item_of, unwrapped
from narvaro.connectors.port import (
    Account,
    Item,
    Misconfigured,
    Page,
    PlatformError,
    ReconnectNeeded,
    Thread,
    Transient,
)

MENTIONS, QUOTES, REQUESTS, OWN, CONVERSATIONS, WALK, THREADS = (
    "mentions",
    "quotes",
    "requests",
    "own",
    "conversations",
    "walk",
    "threads",
)
# Our own first: then the thread of most answers is known without asking.
STREAMS = [OWN, WALK, MENTIONS, QUOTES, REQUESTS, CONVERSATIONS, THREADS]

PAGE_SIZE = 40
FULL_PAGE = 20  # what servers give when they give a whole page
ENOUGH_ITEMS = 40
ENOUGH_CALLS = 15
PAGES_PER_STREAM = 2500
NEWEST_THREADS = 6
THREADS_BY_TURN = 4
MISSING_CHECKED = 60
MOST_REQUESTS = 20
QUOTES_SINCE = 7  # Mastodon 4.5, by the number it gives its API
ASKED_AGAIN = 100  # runs between questions whether the server has quotes: it may have been renewed

REPEATED = "Servern {host} lämnar bara ut de senaste inläggen. Äldre kunde inte läsas."
TOO_LARGE = "Servern {host} lämnade ett orimligt stort svar. Det som ligger bortom det kunde inte läsas."
DROPPED = (
    "Kontots inställningar för aviseringar kastar bort omnämnanden från vissa konton, så att de aldrig når Närvaro. "
    "Välj att ta emot eller filtrera i stället, i kontots inställningar på plattformen."
)
ENDLESS = "Servern {host} slutade aldrig lämna nya sidor. Läsningen avbröts."


@dataclass
class _Harvest:
    """What one call has gathered. The same status may turn up in several streams."""

    items: dict[str, Item] = field(default_factory=dict)
    calls: int = 0
    gap_reason: str = ""
    gap_from: datetime | None = None
    gap_until: datetime | None = None

    def add(self, item: Item | None) -> None:
        if item is None:
            return
        before = self.items.get(item.remote_id)
        if before is None or (item.root_remote_id and not before.root_remote_id):
            self.items[item.remote_id] = item

    @property
    def is_enough(self) -> bool:
        return len(self.items) >= ENOUGH_ITEMS or self.calls >= ENOUGH_CALLS


@dataclass(frozen=True)
class _Entry:
    """One element of a stream: the id it is known by, the status it holds if any, and its id for paging."""

    entry_id: str
    status: Json
    raw: bytes
    is_boost: bool = False
    paging_id: str = ""
    quotes_us: bool = False
    told_at: datetime | None = None  # when our server told of it


class Reading:
    """One call of `read`: as many small steps as fit, the cursor always at a whole step."""

    def __init__(self, session: Session, account: Account, pages_per_stream: int = PAGES_PER_STREAM) -> None:
        self._session = session
        self._us = session.us
        self._own_path = f"/api/v1/accounts/{safe_id(account.remote_id)}/statuses"
        self._pages_per_stream = pages_per_stream
        self._harvest = _Harvest()
        self._root_of_parent: dict[str, tuple[str, bool]] = {}

    def page(self, cursor: str) -> Page:
        progress = Progress.opened(cursor)
        if not progress.steps:
            progress.begin(list(STREAMS), clock.now())
        for root in progress.roots:
            self._us.meet(root)
        stored = progress.closed()
        try:
            while progress.steps and not self._harvest.is_enough and not self._harvest.gap_reason:
                self._step(progress)
                stored = progress.closed()
        except PlatformError as error:
            # What is read is given, and the error comes again, alone, at the next call. A dead key is told at
            # once: what some servers give without one is not all, and is given again with the next key.
            if not self._harvest.items or isinstance(error, ReconnectNeeded):
                raise
            return self._page_of(stored, has_more=True, complete_to=None)
        done = not progress.steps
        return self._page_of(stored, has_more=not done, complete_to=progress.completed_at if done else None)

    def _page_of(self, cursor: str, *, has_more: bool, complete_to: datetime | None) -> Page:
        found = self._harvest
        return Page(
            items=tuple(found.items.values()),
            next_cursor=cursor,
            has_more=has_more,
            complete_to=complete_to or found.gap_until,
            gap_reason=found.gap_reason,
            gap_from=found.gap_from,
        )

    def _step(self, progress: Progress) -> None:
        step = progress.steps[0]
        if step == MENTIONS:
            wanted = {"types[]": "mention", "include_filtered": "true"}
            self._stream(progress, MENTIONS, "/api/v1/notifications", wanted)
        elif step == QUOTES:
            self._quotes(progress)
        elif step == OWN and len(progress.walk) >= ENOUGH_CALLS:
            self._walk_one(progress)  # in between, so that the cursor stays small
        elif step == OWN:
            self._stream(progress, OWN, self._own_path, {"exclude_reblogs": "true"})
        elif step == CONVERSATIONS:
            self._stream(progress, CONVERSATIONS, "/api/v1/conversations", {}, may_lack=True)
        elif step == REQUESTS:
            self._requests(progress)
        elif step == WALK:
            self._walk(progress)
        elif step == THREADS:
            self._threads(progress)
        else:
            progress.advance()

    # streams

    def _stream(
        self, progress: Progress, stream: str, path: str, wanted: dict[str, str], *, may_lack: bool = False
    ) -> None:
        try:
            reply = self._asked(progress, stream, path, wanted, may_lack=may_lack)
        except TooMuch:
            self._note_gap(progress, TOO_LARGE, progress.begun_at)
            progress.advance()
            return
        if reply is None:
            progress.advance()
            return
        entries = _entries(stream, reply, self._us)
        ids = [entry.entry_id for entry in entries]
        repeats = bool(ids) and (ids == progress.last or set(ids) <= set(progress.fresh.get(stream, {})))
        reached = False
        for entry in entries if not repeats else ():
            reached = self._given(progress, stream, entry) or reached
        following = next_page(reply)
        if following is None:
            following = {"max_id": entries[-1].paging_id or ids[-1]} if entries else {}
        progress.pages += 1
        oldest = min((at for entry in entries if (at := moment(word(entry.status, "created_at")))), default=None)
        self._go_on(progress, stream, ids, following, reached=reached, repeats=repeats, oldest=oldest)

    def _asked(
        self, progress: Progress, stream: str, path: str, wanted: dict[str, str], *, may_lack: bool
    ) -> Reply | None:
        query = {**progress.following, **wanted, "limit": str(PAGE_SIZE)}
        known = list(progress.seen.get(stream, {}))
        hint = known[OVERLAP - 1] if len(known) >= OVERLAP and stream != CONVERSATIONS else ""
        if hint and not progress.following:
            reply = self._get(path, {**query, "since_id": hint}, may_lack=may_lack)
            # The hint asks for some we know again. If none of them comes, the server does not order ids
            # as we think, and what it left out may be new.
            if reply is None or {entry.entry_id for entry in _entries(stream, reply, self._us)} & set(known):
                return reply
        return self._get(path, query, may_lack=may_lack)

    def _get(self, path: str, query: dict[str, str], *, may_lack: bool) -> Reply | None:
        self._harvest.calls += 1
        ask = self._session.read_if_there if may_lack else self._session.read
        try:
            return ask(path, query)
        except TooMuch:
            # One at a time, so that what weighs too much costs its neighbours nothing.
            self._harvest.calls += 1
            return ask(path, {**query, "limit": "1"})

    def _given(self, progress: Progress, stream: str, entry: _Entry) -> bool:
        """Take in one entry; return whether it was known already."""
        mark = fingerprint(entry.status) if entry.status else "-"
        known = progress.seen.get(stream, {}).get(entry.entry_id)
        if not entry.is_boost:
            progress.note(stream, entry.entry_id, mark)
        if entry.status and known != mark:
            self._take(progress, stream, entry)
        return known is not None and not entry.is_boost

    def _go_on(
        self,
        progress: Progress,
        stream: str,
        ids: list[str],
        following: dict[str, str],
        *,
        reached: bool,
        repeats: bool,
        oldest: datetime | None,
    ) -> None:
        moves = bool(following) and following != progress.following
        at_end = reached or not ids or not following
        if not at_end and not repeats and moves and progress.pages < self._pages_per_stream:
            progress.following, progress.last = following, ids
            return
        # A short page given once more is all there is, from a server that does not page.
        if not at_end and not (repeats and len(ids) < FULL_PAGE):
            self._note_gap(progress, REPEATED if repeats or not moves else ENDLESS, oldest)
        elif at_end and not reached and _is_cut(progress, stream):
            self._note_gap(progress, REPEATED, oldest)
        progress.advance()

    def _note_gap(self, progress: Progress, reason: str, until: datetime | None) -> None:
        """Say that what lies between the last whole run and the oldest that was given now may be lacking."""
        begun = progress.begun_at
        self._harvest.gap_reason = reason.format(host=self._session.api.host)
        self._harvest.gap_from = progress.completed_at
        self._harvest.gap_until = min(until, begun) if until and begun else begun

    def _take(self, progress: Progress, stream: str, entry: _Entry) -> None:
        shown = unwrapped(entry.status, entry.raw, self._us)
        if shown is None:
            return
        status, raw = shown
        root, ours = self._thread_of(progress, status)
        item = item_of(
            status,
            raw,
            self._us,
            root=root,
            in_our_thread=ours,
            quotes_us=entry.quotes_us,
            not_before=entry.told_at,
        )
        self._harvest.add(item)
        if item is None or stream != OWN:
            return
        if not item.parent_remote_id or (root and not ours):
            progress.add_root(item.remote_id, item.published_at)
            if progress.is_first and count(status, "replies_count") > 0:
                progress.walk.append(item.remote_id)

    def _thread_of(self, progress: Progress, status: Json) -> tuple[str, bool]:
        """Return the first status of the thread ("" when the server does not tell) and whether it is ours."""
        parent = self._us.known_id(word(status, "in_reply_to_id"))
        if not parent:
            return self._us.lasting_id(status), self._us.wrote(status)
        if parent in progress.roots:
            return parent, True
        if parent not in self._root_of_parent:
            self._root_of_parent[parent] = self._asked_root(status, parent)
        return self._root_of_parent[parent]

    def _asked_root(self, status: Json, parent: str) -> tuple[str, bool]:
        answers_us = word(status, "in_reply_to_account_id") == self._us.remote_id
        try:
            self._harvest.calls += 1
            reply = self._session.read_if_there(status_path(word(status, "id"), "/context"))
            above = parts(reply.document(), "ancestors") if reply else []
        except Misconfigured:
            above = []
        if not above:
            return "", answers_us
        for each in reversed(above):  # met before the status refers to them; the first is left last
            root = self._us.lasting_id(each)
        return root, self._us.wrote(above[0])

    def _quotes(self, progress: Progress) -> None:
        """
        Who quotes us: notifications of a kind of their own since Mastodon 4.5.

        Asked for apart, and only where the server says that it has them. One that does not know the kind may refuse
        the whole question or give nothing at all, and a mention must not be lost for a quote.
        """
        if not progress.following and (not progress.quotes or progress.turn % ASKED_AGAIN == 0):
            progress.quotes = self._has_quotes()
        if progress.quotes == "yes":
            wanted = {"types[]": "quote", "include_filtered": "true"}
            self._stream(progress, QUOTES, "/api/v1/notifications", wanted, may_lack=True)
        else:
            progress.advance()

    def _has_quotes(self) -> str:
        self._harvest.calls += 1
        try:
            reply = self._session.read_if_there("/api/v2/instance")
            versions = part(reply.document(), "api_versions") if reply else {}
        except (Misconfigured, Transient, TooMuch):
            return ""  # asked again next time; what else there is to read does not wait for it
        return "yes" if count(versions, "mastodon") >= QUOTES_SINCE else "no"

    # what the streams lack

    def _requests(self, progress: Progress) -> None:
        """Mastodon 4.3 and later may keep strangers' mentions apart, as requests, outside the notifications."""
        reply = self._get("/api/v1/notifications/requests", {"limit": str(PAGE_SIZE)}, may_lack=True)
        known = progress.seen.get(REQUESTS, {})
        for request, _raw in (reply.items() if reply else [])[:MOST_REQUESTS]:
            who = word(part(request, "account"), "id")
            mark = f"{word(request, 'notifications_count')}/{word(part(request, 'last_status'), 'id')}"
            if not who:
                continue
            if known.get(word(request, "id")) != mark:
                wanted = {"types[]": "mention", "include_filtered": "true", "account_id": who, "limit": str(PAGE_SIZE)}
                answer = self._get("/api/v1/notifications", wanted, may_lack=True)
                for entry in _entries(MENTIONS, answer, self._us) if answer else ():
                    # Servers that ignore account_id give all; what is known is left to the main stream.
                    if entry.status and entry.entry_id not in progress.fresh.get(MENTIONS, {}):
                        self._take(progress, REQUESTS, entry)
                last = part(request, "last_status")
                if last:
                    self._take(progress, REQUESTS, _Entry("", last, serialised(last)))
            progress.note(REQUESTS, word(request, "id"), mark)
        progress.advance()

    def _walk(self, progress: Progress) -> None:
        """At the first reading: the answers under every own post that has any."""
        if progress.walk:
            self._walk_one(progress)
        else:
            progress.advance()

    def _walk_one(self, progress: Progress) -> None:
        self._thread(progress, progress.walk[0])
        progress.walk = progress.walk[1:]

    def _threads(self, progress: Progress) -> None:
        """Walk our newest threads, and some of the others by turns: answers need not mention us."""
        if not progress.following:
            newest_first = progress.newest_roots()
            older = newest_first[NEWEST_THREADS:]
            start = progress.turn * THREADS_BY_TURN % len(older) if older else 0
            chosen = newest_first[:NEWEST_THREADS] + (older[start:] + older[:start])[:THREADS_BY_TURN]
            progress.following = {"left": " ".join(chosen)}
        left = progress.following["left"].split()
        if not left:
            progress.advance()
            return
        self._thread(progress, left[0])
        progress.following = {"left": " ".join(left[1:])}

    def _thread(self, progress: Progress, remote_id: str) -> None:
        self._harvest.calls += 1
        reply = self._session.read_if_there(status_path(remote_id, "/context"))
        if reply is None:
            progress.roots.pop(remote_id, None)
            return
        above, below = context_of(reply)
        mark = _mark_of(status for status, _raw in below)
        if progress.root_mark(remote_id) == mark:
            return
        for status, _raw in [*above, *below]:
            self._us.lasting_id(status)  # met before others refer to it
        root = self._us.lasting_id(above[0][0]) if above else remote_id
        ours = self._us.wrote(above[0][0]) if above else True
        for status, raw in below:
            self._harvest.add(item_of(status, raw, self._us, root=root, in_our_thread=ours))
        progress.mark_root(remote_id, mark)


def what_is_dropped(session: Session) -> str:
    """Return a sentence when the account's settings throw away mentions unread (Mastodon 4.3 and later), else ""."""
    try:
        reply = session.read_if_there("/api/v2/notifications/policy")
        policy = reply.document() if reply else {}
    except PlatformError:
        return ""  # a server without such settings drops nothing by them
    return DROPPED if any(word(policy, name) == "drop" for name in policy if name.startswith("for_")) else ""


def _is_cut(progress: Progress, stream: str) -> bool:
    """
    Whether a stream that ended before anything known came is one that the server has cut short.

    snac lists the 64 newest of all it has told of. One or two new without the known ones may be all there is:
    notifications can be dismissed, and posts removed. Conversations move when somebody writes in them.
    """
    is_full = len(progress.fresh.get(stream, {})) >= FULL_PAGE
    return stream != CONVERSATIONS and is_full and bool(progress.seen.get(stream))


def read_thread(session: Session, remote_id: str, known: Iterable[str]) -> Thread:
    """
    Read a thread again from its first status.

    Of the known ids that are no longer in it, at most `MISSING_CHECKED` are asked for one by one; a status is
    gone only when the server says so twice, knows us, and is not seen to show it to others. What an archive knows
    by an address of another server is not this one's to tell of.
    """
    asked = [each for each in dict.fromkeys([remote_id, *known]) if is_safe_id(each)] or [safe_id(remote_id)]
    items: dict[str, Item] = {}
    start = _status(session, remote_id) if remote_id in asked else None
    if start is not None:
        reply = session.read(status_path(remote_id, "/context"))
        above, below = context_of(reply)
        first = above[0][0] if above else start[0]
        root, ours = session.us.lasting_id(first), session.us.wrote(first)
        for status, _raw in [*above, start, *below]:
            session.us.lasting_id(status)  # met before others refer to it
        for status, raw in [*above, start, *below]:
            item = item_of(status, raw, session.us, root=root, in_our_thread=ours)
            if item is not None:
                items[item.remote_id] = item
    gone: list[str] = []
    root = next(iter(items.values())).root_remote_id if items else ""
    missing = [each for each in asked if session.us.known_id(each) not in items]
    for each in missing[:MISSING_CHECKED]:
        found = _status(session, each)
        if found is None:
            if session.gone(each) and not session.seen_by_others(each):
                gone.append(each)
            continue
        item = item_of(*found, session.us)
        if item is not None:
            items[item.remote_id] = replace(item, root_remote_id=item.root_remote_id or root)
    return Thread(items=tuple(items.values()), gone=tuple(gone))


def own_since(
    session: Session, remote_id: str, since: datetime, *, most_pages: int = 10
) -> tuple[list[tuple[Json, bytes]], bool]:
    """
    Return the account's own statuses written at or after `since`, newest first, and whether that is surely all.

    Raises: as `Session.read`.
    """
    found: dict[str, tuple[Json, bytes]] = {}
    path, query = f"/api/v1/accounts/{safe_id(remote_id)}/statuses", {"limit": str(PAGE_SIZE)}
    last: list[str] = []
    for _page in range(most_pages):
        reply = session.read(path, query)
        entries = _entries(OWN, reply, session.us)
        ids = [entry.entry_id for entry in entries]
        if not ids or ids == last:
            return list(found.values()), not ids or len(ids) < FULL_PAGE
        last, older = ids, False
        for entry in entries:
            if entry.is_boost or not session.us.wrote(entry.status):
                continue
            # The server's own clock, not ours: an item's time is never later than now.
            written_at = moment(word(entry.status, "created_at"))
            if written_at is not None and written_at >= since:
                found[entry.entry_id] = entry.status, entry.raw
            older = older or (written_at is not None and written_at < since - timedelta(minutes=1))
        following = next_page(reply)
        if older or following == {}:
            return list(found.values()), True
        query = {"limit": str(PAGE_SIZE), **(following or {"max_id": entries[-1].paging_id})}
    return list(found.values()), False


def own_beneath(session: Session, remote_id: str, since: datetime) -> tuple[list[tuple[Json, bytes]], bool]:
    """
    Return what the account wrote at or after `since` beneath a status, and whether that is surely all.

    A long thread may be cut short, and a status that is gone has nothing beneath it to see.

    Raises: as `Session.read`.
    """
    reply = session.read_if_there(status_path(remote_id, "/context"))
    if reply is None:
        return [], False
    _above, below = context_of(reply)
    own = [(status, raw) for status, raw in below if session.us.wrote(status)]
    found = [(status, raw) for status, raw in own if (at := moment(word(status, "created_at"))) and at >= since]
    return found, len(below) < FULL_PAGE


def context_of(reply: Reply) -> tuple[list[tuple[Json, bytes]], list[tuple[Json, bytes]]]:
    """Return what stands above and below a status, each with its exact bytes."""
    members = reply.parts()
    above, below = (members.get(name, ([], b"[]")) for name in ("ancestors", "descendants"))
    return (
        raw_items(above[1]) if isinstance(above[0], list) else [],
        raw_items(below[1]) if isinstance(below[0], list) else [],
    )


def _status(session: Session, remote_id: str) -> tuple[Json, bytes] | None:
    reply = session.api.get(status_path(remote_id))
    if reply.status in {404, 410}:
        return None
    error = session.refusal(reply)
    if error is not None:
        raise error
    return reply.document(), reply.body


def _entries(stream: str, reply: Reply, us: Us) -> list[_Entry]:
    entries = []
    for element, raw in reply.items():
        entry_id = word(element, "id")
        if stream in (MENTIONS, QUOTES):
            kind = word(element, "type")  # servers that ignore `types` send the rest too
            wanted = _within(element, raw, "status") if kind in ("mention", "quote") else _Entry(entry_id, {}, b"")
            told_at = moment(word(element, "created_at"))
            entries.append(replace(wanted, quotes_us=kind == "quote", told_at=told_at))
        elif stream == CONVERSATIONS:
            entry = _within(element, raw, "last_status")
            key = f"{entry_id}/{word(entry.status, 'id')}"  # known again until somebody writes
            entries.append(replace(entry, entry_id=key, paging_id=entry_id))
        else:
            is_boost = isinstance(element.get("reblog"), dict)
            entries.append(_Entry(us.lasting_id(element), element, raw, is_boost=is_boost, paging_id=entry_id))
    return entries


def _within(element: Json, raw: bytes, name: str) -> _Entry:
    status = part(element, name)
    return _Entry(word(element, "id"), status, raw_parts(raw)[name][1] if status else b"")


def _mark_of(statuses: Iterable[Json]) -> str:
    marks = " ".join(f"{word(status, 'id')}:{fingerprint(status)}" for status in statuses)
    return hashlib.blake2b(marks.encode("utf-8", "replace"), digest_size=8).hexdigest()

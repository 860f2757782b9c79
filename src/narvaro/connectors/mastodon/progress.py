"""How far reading has come: the opaque cursor of the port, opened up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from narvaro.connectors.client import moment
from narvaro.connectors.cursor import Cursor

REMEMBERED = 60  # how many of the newest of a stream are known again next time
OVERLAP = 10  # how many of those are asked for again: ids may become visible out of order
ROOTS = 40  # how many of our newest threads are walked by turns


@dataclass
class Progress(Cursor):
    """
    One run through all streams, from the newest down to what an earlier run has given.

    `seen` is what finished runs gave (stream → id → fingerprint, newest first), `fresh` what this run has
    given so far. A run that is broken off goes on where it was; `seen` changes only when it is finished.
    """

    VERSION = 1

    steps: list[str] = field(default_factory=list)
    begun: str = ""
    completed: str = ""
    following: dict[str, str] = field(default_factory=dict)  # query of the next page in the first step
    pages: int = 0
    last: list[str] = field(default_factory=list)
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    fresh: dict[str, dict[str, str]] = field(default_factory=dict)
    walk: list[str] = field(default_factory=list)
    roots: dict[str, str] = field(default_factory=dict)  # our thread → its time, fingerprint of what stood in it
    turn: int = 0
    quotes: str = ""  # whether the server tells who quotes us: "yes", "no", "" when it has not been asked

    @property
    def is_first(self) -> bool:
        return not self.completed

    @property
    def completed_at(self) -> datetime | None:
        return moment(self.completed) if self.completed else None

    @property
    def begun_at(self) -> datetime | None:
        return moment(self.begun) if self.begun else None

    def begin(self, steps: list[str], at: datetime) -> None:
        self.steps, self.begun, self.following, self.pages, self.last = steps, at.isoformat(), {}, 0, []
        self.fresh = {}

    def advance(self) -> None:
        """Leave the first step for the next."""
        self.steps, self.following, self.pages, self.last = self.steps[1:], {}, 0, []
        if not self.steps:
            self._finish()

    def note(self, stream: str, remote_id: str, mark: str) -> None:
        """Remember one of the newest of a stream in this run."""
        fresh = self.fresh.setdefault(stream, {})
        if len(fresh) < REMEMBERED or remote_id in fresh:
            fresh[remote_id] = mark

    def add_root(self, remote_id: str, at: datetime) -> None:
        self.roots.setdefault(remote_id, f"{at.isoformat()} ")
        if len(self.roots) > 2 * ROOTS:
            self.newest_roots()

    def newest_roots(self) -> list[str]:
        """Return our threads, newest first, and forget the oldest."""
        newest = sorted(self.roots.items(), key=lambda root: root[1].partition(" ")[0], reverse=True)[:ROOTS]
        self.roots = dict(newest)
        return list(self.roots)

    def root_mark(self, remote_id: str) -> str:
        return self.roots.get(remote_id, "").partition(" ")[2]

    def mark_root(self, remote_id: str, mark: str) -> None:
        if remote_id in self.roots:
            self.roots[remote_id] = f"{self.roots[remote_id].partition(' ')[0]} {mark}"

    def _finish(self) -> None:
        for stream, fresh in self.fresh.items():
            older = {key: mark for key, mark in self.seen.get(stream, {}).items() if key not in fresh}
            self.seen[stream] = dict(list({**fresh, **older}.items())[:REMEMBERED])
        self.fresh = {}
        self.completed = self.begun
        self.turn += 1

"""What is measured, one thing after another, on the same growing records of one installation."""

from __future__ import annotations

import hashlib
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client

from bench import peer
from bench.texts import comments
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Page
from narvaro.core import ledger
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Role
from narvaro.inbox import actions as inbox
from narvaro.records import actions as records
from narvaro.records import tasks
from narvaro.records.testing import a_page, an_item
from narvaro.records.verify import verify

PAGE = 100  # a page of Bluesky; Mastodon gives 40
TRIAGE_EVERY = 5  # pages: the inbox follows the feed, as its sweep does
SLICE = 2000  # items of ours, then the same rows barely, then ours again
BLOB_BYTES = 4 << 20


class Bench:
    """One installation and what is measured in it, one thing after another on the same growing records."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self.tell = tell
        self.authority = an_authority()
        self.unit = a_unit(self.authority)
        self.lead = an_actor(self.authority, role=Role.COMMUNICATIONS_LEAD)
        self.channel = a_channel(self.authority, unit=self.unit, in_operation_from=_long_ago())
        self.kept = 0
        peer.make_tables()

    # --- Capture ----------------------------------------------------------------------------------------------------

    def capture(self, *, early: int, items: int) -> None:
        """Capture end to end beside bare inserts, early on and at the end; between the two only capture."""
        window = max(3, min(10, early // SLICE // 2))
        self._grow(max(0, early - window * SLICE))
        first = self._beside_bare(window)
        self._grow(items - window * SLICE)
        last = self._beside_bare(window)
        ours, bare = _rate(last.ours, SLICE), _rate(last.bare, SLICE)
        self.tell({"name": "capture", "ours": ours, "peer": bare, "at": self.kept})
        self.tell({"name": "capture_rate", "ours": min(ours, _rate(first.ours, SLICE)), "at": self.kept})
        # The machine's own ups and downs are taken out by what the bare inserts cost at the same times.
        drift = statistics.median(last.bare) / statistics.median(first.bare)
        growth = statistics.median(last.ours) / statistics.median(first.ours)
        self.tell({"name": "flat", "ours": growth, "peer": drift, "from": early, "at": self.kept})
        for step in last.steps:
            per_item = statistics.median(last.steps[step]) / SLICE * 1e6
            self.tell({"name": f"step:{step}", "ours": per_item})

    def _beside_bare(self, rounds: int) -> _Times:
        times = _Times([], [], {"capture": [], "sequence": [], "triage": []})
        for number in range(rounds):
            before = peer.last_ids()
            pages = self._next_pages(SLICE)
            begun = time.perf_counter()
            self._end_to_end(pages, times.steps)
            times.ours.append(time.perf_counter() - begun)
            written = peer.written_since(before)
            begun = time.perf_counter()
            peer.insert(written, pages=len(pages))
            times.bare.append(time.perf_counter() - begun)
            _say(f"capture {self.kept}: {number + 1}/{rounds}")
        return times

    def _grow(self, until: int) -> None:
        while self.kept < until:
            self._end_to_end(self._next_pages(min(SLICE, until - self.kept)))
            if self.kept % 50_000 < SLICE:
                _say(f"{self.kept} kept")

    def _next_pages(self, count: int) -> list[Any]:
        found = comments(count, start=self.kept)
        self.kept += count
        return [Page(items=tuple(found[n : n + PAGE]), next_cursor="c") for n in range(0, count, PAGE)]

    def _end_to_end(
        self,
        pages: Sequence[Any],
        steps: dict[str, list[float]] | None = None,
        *,
        place: tuple[Any, Any] | None = None,
    ) -> None:
        """A page in, until versions, ledger, screening and triage are committed."""
        authority, channel = place or (self.authority, self.channel)
        spent = {"capture": 0.0, "sequence": 0.0, "triage": 0.0}
        for number, page in enumerate(pages, 1):
            with _added_to(spent, "capture"):
                records.capture(channel=channel, page=page)
            with _added_to(spent, "sequence"):
                ledger.sequence(authority)
            if number % TRIAGE_EVERY == 0 or number == len(pages):
                with _added_to(spent, "triage"):
                    while inbox.triage(authority=authority):
                        pass
        for name, seconds in spent.items():
            if steps is not None:
                steps[name].append(seconds)

    # --- Independence of the number notified ------------------------------------------------------------------------

    def notified(self) -> None:
        """The same where one person and where 25 are told, turn by turn, in two authorities of their own."""
        places = [self._a_place(people=1), self._a_place(people=25)]
        times: list[list[float]] = [[], []]
        for _ in range(5):
            for place, taken in zip(places, times, strict=True):
                pages = self._next_pages(SLICE)
                begun = time.perf_counter()
                self._end_to_end(pages, place=place)
                taken.append(time.perf_counter() - begun)
        self.tell({"name": "notified", "ours": _rate(times[1], SLICE), "peer": _rate(times[0], SLICE), "people": 25})

    def _a_place(self, *, people: int) -> tuple[Any, Any]:
        authority = an_authority(f"Storköping {people}")
        unit = a_unit(authority)
        for number in range(people - 1):
            an_actor(authority, role=(Role.DEPUTY, Role.UNIT_MANAGER, Role.REPRESENTATIVE)[number % 3], unit=unit)
        return authority, a_channel(authority, unit=unit, in_operation_from=_long_ago())

    # --- Finding ----------------------------------------------------------------------------------------------------

    def index(self) -> None:
        """Index all that is kept for search."""
        begun = time.perf_counter()
        tasks.index_for_search.call()
        seconds = time.perf_counter() - begun
        self.tell({"name": "index", "ours": self.kept / seconds})

    def pages(self, *, asked: int) -> None:
        """Ask for pages as a signed-in person does; time in the server, and queries, for each kind of page."""
        client = Client(HTTP_HOST="localhost", headers={"cookie": self._cookie()})
        for name, addresses in _addresses(client, asked).items():
            times, queries = [], []
            for address in addresses:
                counted = _Counted()
                with connection.execute_wrapper(counted):
                    begun = time.perf_counter()
                    answer = client.get(address)
                    times.append(time.perf_counter() - begun)
                assert answer.status_code == 200, f"{address}: {answer.status_code}"
                queries.append(counted.count)
            p95 = sorted(times)[min(len(times) - 1, int(0.95 * len(times)))] * 1000
            self.tell({"name": f"page:{name}", "ours": p95, "queries": max(queries), "asked": len(times)})

    def session(self) -> str:
        """Return the key of a signed-in session of the communications lead."""
        return self._cookie()

    def _cookie(self) -> str:
        return cookie_of(person_of(self.lead))

    # --- Proving ----------------------------------------------------------------------------------------------------

    def verify_items(self) -> None:
        """Recompute everything that was kept."""
        verdict = verify(Actor.system(self.authority, "bench"))
        assert verdict.holds, verdict.fault
        self.tell({"name": "verify_items", "ours": verdict.versions / verdict.seconds, "at": verdict.versions})

    def verify_blobs(self, count: int) -> None:
        """Verify large payloads, and let hashlib do nothing but hash the same bytes, turn by turn."""
        authority = an_authority("Lillköping")
        channel = a_channel(authority)
        contents = [os.urandom(BLOB_BYTES) for _ in range(count)]
        for content in contents:
            records.capture(channel=channel, page=a_page(an_item("Film", raw=content)))
        ledger.sequence(authority)
        ours, bare = [], []
        for _ in range(3):
            begun = time.perf_counter()
            for content in contents:
                hashlib.sha256(content).hexdigest()
            bare.append(time.perf_counter() - begun)
            verdict = verify(Actor.system(authority, "bench"))
            assert verdict.holds, verdict.fault
            ours.append(verdict.seconds)
        size = count * BLOB_BYTES / 1e6
        self.tell({
            "name": "verify_blobs", "ours": size / statistics.median(ours), "peer": size / statistics.median(bare),
        })  # fmt: skip


def cookie_of(person: Any) -> str:
    """Return the cookie of a browser in which somebody is signed in."""
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


class _Times:
    def __init__(self, ours: list[float], bare: list[float], steps: dict[str, list[float]]) -> None:
        self.ours, self.bare, self.steps = ours, bare, steps


class _Counted:
    """Counts the queries of one page."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def _addresses(client: Any, asked: int) -> dict[str, list[str]]:
    """Kinds of pages with addresses of each: first pages, pages far down, and questions common and rare."""
    lists = ("mina", "enhet", "utan", "sena", "alla", "klara")
    found = {f"inbox {name}": [f"/inkorg/?lista={name}"] * asked for name in lists}
    for name in ("alla", "mina"):
        found[f"inbox {name}, paged"] = list(_following(client, f"/inkorg/?lista={name}", asked))
    questions = {
        "a common word": ["snöröjningen", "simhallen", "biblioteket", "tack"],
        "two words": ["snöröjningen rondellen", "isbanan gångtunneln", "cykelbanan barn"],
        "a rare word": ["kommunhuset", "handlingarna"],
        "nothing found": ["sjöjungfru", "flygplats tomat"],
    }
    for name, words in questions.items():
        found[f"search {name}"] = [f"/handlingar/sok/?q={w.replace(' ', '+')}" for w in words * (asked // len(words))]
    found["search by author"] = [f"/handlingar/sok/?author=boende{n * 37}" for n in range(asked)]
    found["search by date"] = [
        f"/handlingar/sok/?q=trafiken&since=2026-01-{5 + n % 3:02d}&until=2026-01-{6 + n % 3:02d}" for n in range(asked)
    ]
    found["search, paged"] = list(_following(client, "/handlingar/sok/?q=barn", asked))
    return found


def _following(client: Any, address: str, count: int) -> Iterator[str]:
    """Yield an address and those that its links to the next page lead to."""
    for _ in range(count):
        yield address
        text = client.get(address).content.decode()
        links = [unescape(link) for link in re.findall(r'href="([^"]*(?:efter|before)=[^"]*)"', text)]
        if not links:
            return
        address = urljoin(address, links[-1])


@contextmanager
def _added_to(spent: dict[str, float], name: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    spent[name] += time.perf_counter() - begun


def _rate(times: Sequence[float], items: int) -> float:
    return items / statistics.median(times)


def _long_ago() -> Any:
    return datetime(2020, 1, 1, tzinfo=UTC)


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()

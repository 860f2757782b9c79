"""Both real servers, a hostile one, and builders of accounts."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from narvaro.connectors.mastodon import Mastodon
from narvaro.connectors.port import Account, Item, Page
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.person import Person
from narvaro.testing.servers.snac import Snac

T = TypeVar("T")

DELIVERED_SECONDS = 60.0  # snac takes some ten seconds to hand a post from one of its users to another


@dataclass
class Keys:
    """A keeper that keeps in memory."""

    kept: dict[str, str] = field(default_factory=dict)

    def secrets(self) -> Mapping[str, str]:
        return dict(self.kept)

    def renew(
        self, stale: Mapping[str, str], renewal: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        return dict(self.kept)


def an_account(person: Person, *, token: str | None = None) -> Account:
    keys = Keys({"access_token": person.token if token is None else token})
    return Account(person.base_url, person.handle, person.remote_id, keys, allow_private_hosts=True)


def a_picture(shade: int = 120) -> bytes:
    """A real PNG of 8 × 8 points."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = b"".join(b"\0" + bytes([shade, 90, 60]) * 8 for _row in range(8))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def read_all(account: Account, cursor: str = "", *, connector: Mastodon | None = None) -> tuple[list[Item], Page]:
    """Read until there is no more; return every item and the last page. Bounded."""
    connector = connector or Mastodon()
    items: list[Item] = []
    for _page in range(200):
        page = connector.read(account, cursor)
        items += page.items
        cursor = page.next_cursor
        if not page.has_more:
            return items, page
    pytest.fail("Reading never came to an end.")


def until(found: Callable[[], T | None], what: str) -> T:
    """Ask until there is an answer, for at most `DELIVERED_SECONDS`."""
    end = time.monotonic() + DELIVERED_SECONDS
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    pytest.fail(f"Never came: {what}")


@pytest.fixture(scope="module")
def snac() -> Iterator[Snac]:
    with Snac() as server:
        yield server


@pytest.fixture(scope="module")
def mock() -> Iterator[MastodonMock]:
    with MastodonMock() as server:
        yield server


@pytest.fixture(scope="module", params=["snac", "mock"])
def server(request: pytest.FixtureRequest) -> Snac | MastodonMock:
    found: Snac | MastodonMock = request.getfixturevalue(request.param)
    return found

"""Pages tried by themselves, and the real platforms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from narvaro.testing.servers.fixtures import bluesky_network
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.snac import Snac

__all__ = ["bluesky_network"]


@pytest.fixture(autouse=True)
def own_addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = "narvaro.channels.tests.addresses"


@pytest.fixture(scope="session")
def snac() -> Iterator[Snac]:
    with Snac() as server:
        yield server


@pytest.fixture(scope="session")
def mock() -> Iterator[MastodonMock]:
    with MastodonMock() as server:
        yield server

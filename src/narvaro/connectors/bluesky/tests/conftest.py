"""The real network, and an authority's account on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from narvaro.connectors.bluesky.tests.accounts import Scripted
from narvaro.testing.servers.fixtures import bluesky_network

__all__ = ["bluesky_network"]


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted() as server:
        yield server

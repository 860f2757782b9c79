"""
Servers as pytest fixtures, one of each for the whole run.

Load them with `pytest_plugins = ["narvaro.testing.servers.fixtures"]` in the topmost conftest, or by name in a
conftest further down.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from narvaro.testing.servers.bluesky import BlueskyNetwork


@pytest.fixture(scope="session")
def bluesky_network() -> Iterator[BlueskyNetwork]:
    """Give a whole Bluesky network on loopback; up in about 6 seconds."""
    with BlueskyNetwork() as network:
        yield network

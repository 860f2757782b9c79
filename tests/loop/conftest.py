"""Real servers, started once for the folder."""

from collections.abc import Iterator

import pytest

from narvaro.testing.servers.bluesky import BlueskyNetwork


@pytest.fixture(scope="session")
def bluesky_network() -> Iterator[BlueskyNetwork]:
    """Give a whole Bluesky network that counts what each account writes as the public one does."""
    with BlueskyNetwork(rate_limits=True) as network:
        yield network

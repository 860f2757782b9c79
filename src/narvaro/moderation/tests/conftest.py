"""Real servers, started once for the folder."""

from narvaro.testing.servers.fixtures import bluesky_network

__all__ = ["bluesky_network"]

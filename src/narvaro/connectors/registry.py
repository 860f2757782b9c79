"""Which platforms there are. The next one is a folder and a line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from narvaro.base.ids import uuid7
from narvaro.connectors.port import Connector, Misconfigured

_PLATFORMS = {
    "bluesky": "narvaro.connectors.bluesky:Bluesky",
    "mastodon": "narvaro.connectors.mastodon:Mastodon",
    "facebook": "narvaro.connectors.facebook:Facebook",
    "instagram": "narvaro.connectors.instagram:Instagram",
    "threads": "narvaro.connectors.threads:Threads",
    "x": "narvaro.connectors.x:X",
    "youtube": "narvaro.connectors.youtube:YouTube",
    "linkedin": "narvaro.connectors.linkedin:LinkedIn",
    "flickr": "narvaro.connectors.flickr:Flickr",
    "feed": "narvaro.connectors.own:Feed",
    "newsletter": "narvaro.connectors.own:Newsletter",
}
_SEARCHED = ("bluesky", "mastodon")


def platforms() -> tuple[str, ...]:
    """Return the names of the platforms that a channel can be connected to."""
    return tuple(_PLATFORMS)


def searched() -> tuple[str, ...]:
    """Return the platforms that let an account look for what others say and call themselves."""
    return _SEARCHED


def connector(platform: str) -> Connector:
    """Return the connector of a platform. Raises Misconfigured when there is none (a manual channel)."""
    path = _PLATFORMS.get(platform)
    if path is None:
        raise Misconfigured(f"Plattformen {platform} har ingen anslutning. Kanalen sköts för hand.")
    module, name = path.split(":")
    made: Callable[[], Connector] = getattr(import_module(module), name)
    return made()


def new_key(platform: str) -> str:
    """Return a key for one publication, in the form the platform lets us choose (a record key on Bluesky)."""
    if platform == "bluesky":
        return str(import_module("narvaro.connectors.bluesky").new_key())
    return uuid7().hex

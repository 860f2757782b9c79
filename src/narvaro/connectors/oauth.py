"""
The way in to a platform where the authority has an app of its own: id and secret, a page where somebody lets it in.

The next platform is a class with two methods and a line here; the pages, the keeping of secrets, the state that binds
the answer to the browser and the choice between accounts are the same for all (`channels/views/connecting.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol

from narvaro.connectors.port import Misconfigured

_WAYS: dict[str, str] = {
    "facebook": "narvaro.connectors.meta.login:FacebookLogin",
    "instagram": "narvaro.connectors.meta.login:InstagramLogin",
    "threads": "narvaro.connectors.meta.login:ThreadsLogin",
    "x": "narvaro.connectors.x:XLogin",
    "youtube": "narvaro.connectors.youtube:YouTubeLogin",
    "linkedin": "narvaro.connectors.linkedin:LinkedInLogin",
    "flickr": "narvaro.connectors.flickr:FlickrLogin",
}


@dataclass(frozen=True, slots=True)
class App:
    """
    Närvaro as a platform knows it. `client_secret` is kept as any secret.

    `redirect_uri` is the one address that the platform may lead back to, exactly as it was entered there. `service`
    is another server than the platform's own, for tests on the own machine; "" otherwise.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str = ""
    service: str = ""
    allow_private_hosts: bool = False
    wants_messages: bool = False  # ask for the rights to read and answer private messages too (P25)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to lead the person, and what has to be remembered until they are back (a verifier, a token's secret)."""

    url: str
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """
    One account that Närvaro was let in to, with the secrets that its keeper is to store.

    What the connector needs to renew a token (the app's id and secret too) is among the secrets, since a connector
    knows nothing but its account. `base_url` and `options` become the channel's.
    """

    remote_id: str
    handle: str
    name: str
    secrets: Mapping[str, str] = field(repr=False)
    base_url: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


class WayIn(Protocol):
    """How one platform lets an app in. Every call may raise Transient, ReconnectNeeded or Misconfigured."""

    console_url: str  # where the authority makes its app
    console_name: str  # what that place is called there

    def begin(self, app: App, state: str) -> Begun:
        """Return where the person lets Närvaro in; `state` comes home with them, unchanged."""
        ...

    def finish(self, app: App, kept: Mapping[str, str], answer: Mapping[str, str]) -> tuple[Choice, ...]:
        """
        Return the accounts that were let in, out of the query that came home (`answer`); () when there are none.

        Called once for each `begin`. Raises ReconnectNeeded when the code is too old or not for us.
        """
        ...


def ways() -> tuple[str, ...]:
    """Return the platforms that are connected with an app of the authority's own."""
    return tuple(_WAYS)


def way_in(platform: str) -> WayIn:
    """Return the way in to a platform. Raises Misconfigured when it has another or none."""
    path = _WAYS.get(platform)
    if path is None:
        raise Misconfigured(f"Plattformen {platform} ansluts inte med en egen app.")
    module, name = path.split(":")
    made: Callable[[], WayIn] = getattr(import_module(module), name)
    return made()


def packed(choices: Sequence[Choice]) -> str:
    """Return accounts with their secrets as text, to be sealed until somebody has chosen between them."""
    return json.dumps([
        [each.remote_id, each.handle, each.name, dict(each.secrets), each.base_url, dict(each.options)]
        for each in choices
    ])  # fmt: skip


def unpacked(text: str) -> tuple[Choice, ...]:
    """Take `packed` back."""
    return tuple(Choice(*each) for each in json.loads(text))

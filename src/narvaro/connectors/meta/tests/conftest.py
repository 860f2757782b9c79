"""One server for Facebook, Instagram and Threads, and what each of the three calls the same things."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from narvaro.connectors.facebook import Facebook
from narvaro.connectors.instagram import Instagram
from narvaro.connectors.port import Account, Outgoing, Picture
from narvaro.connectors.threads import Threads
from narvaro.testing.servers.graph import JPEG, SECRET, GraphServer, Owner


class Keys:
    """A keeper that holds an account's secrets in memory, and counts renewals."""

    def __init__(self, held: Mapping[str, str]) -> None:
        self.held, self.renewals = dict(held), 0

    def secrets(self) -> Mapping[str, str]:
        return self.held

    def renew(
        self, stale: Mapping[str, str], renewal: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        self.renewals += 1
        self.held |= {key: value for key, value in renewal(stale).items() if value}
        return self.held


@dataclass
class Site:
    """One of the three platforms, with an account on it."""

    platform: str
    connector: Any
    server: GraphServer
    owner: Owner
    account: Account

    def post(self, text: str = "Öppet hus på lördag.", *, pictures: int | None = None, **values: Any) -> Outgoing:
        """Return something to publish; Instagram takes no post without a picture."""
        count = 1 if self.platform == "instagram" and "parent_remote_id" not in values else 0
        count = count if pictures is None else pictures
        one = Picture(JPEG + b"bild", "image/jpeg", "Fyra barn på en gunga.", f"{self.server.base_url}/fil/1.jpg")
        shown = tuple(replace(one, alt=f"{one.alt} Nummer {place}.") for place in range(count))
        return Outgoing("nyckel", text, pictures=shown, **values)

    def calls(self, method: str, ending: str) -> int:
        return sum(call.method == method and call.path.endswith(ending) for call in self.server.calls)

    @property
    def effect(self) -> str:
        """How the path of the one call ends that people see."""
        return {"facebook": "/feed", "instagram": "/media_publish", "threads": "/threads_publish"}[self.platform]


@pytest.fixture(scope="module")
def running() -> Iterator[GraphServer]:
    with GraphServer() as server:
        yield server


@pytest.fixture
def server(running: GraphServer) -> GraphServer:
    running.forget()
    return running


def a_site(server: GraphServer, platform: str, **values: Any) -> Site:
    make = {"facebook": server.page, "instagram": server.instagram, "threads": server.threads}[platform]
    owner = make("Storköpings kommun", **values) if platform == "facebook" else make("storkoping", **values)
    connector = Facebook() if platform == "facebook" else Instagram(wait_seconds=0) if platform == "instagram" else (
        Threads(wait_seconds=0))  # fmt: skip
    keys = Keys({"access_token": owner.token, "client_secret": SECRET})
    account = Account("", owner.handle, owner.remote_id, keys, True, {"graph": server.base_url})
    return Site(platform, connector, server, owner, account)


@pytest.fixture(params=["facebook", "instagram", "threads"])
def site(request: pytest.FixtureRequest, server: GraphServer) -> Site:
    return a_site(server, request.param)

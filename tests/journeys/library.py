"""One small authority with a connected channel, shared by journeys that need no more; and the line to its server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.person import Person, call
from narvaro.testing.servers.scripted import Call, Said, Scripted
from tests.journeys.colleague import added, town
from tests.journeys.product import Product

LEAD, COLLEAGUE = "kommunikation@lillkoping.example", "bibliotek@lillkoping.example"
MANAGER = "chef@lillkoping.example"
_OF_THE_HOP = {"content-length", "connection", "transfer-encoding", "host"}


class Line:
    """Carries calls to a platform. `cut` is "" while it holds, else "before" or "after" a post has come through."""

    def __init__(self, platform: MastodonMock) -> None:
        self.platform = platform
        self.cut = ""
        self.posts = 0

    def __call__(self, sent: Call) -> Said:
        is_post = sent.method == "POST" and sent.path == "/api/v1/statuses"
        if is_post:
            self.posts += 1
            if self.cut == "before":
                return Said(hang_up=True)
        url = self.platform.base_url + sent.path + (f"?{urlencode(sent.query)}" if sent.query else "")
        headers = {name: value for name, value in sent.headers.items() if name not in _OF_THE_HOP}
        content = (headers.pop("content-type", ""), sent.body) if sent.body else None
        status, answered, body = call(sent.method, url, raw=content, headers=headers)
        if is_post and self.cut == "after":
            return Said(hang_up=True)
        return Said(status, body, {name: value for name, value in answered.items() if name not in _OF_THE_HOP})


@dataclass
class Library:
    """The running product, its one channel, and somebody who writes there."""

    product: Product
    line: Line
    office: Person
    resident: Person

    @property
    def url(self) -> str:
        return self.product.url

    def ask(self, words: str, *, answers: str = "") -> str:
        """Let the resident write to the authority; returns the post's id."""
        return self.resident.post(f"@{self.office.name} {words}", answers=answers)

    def said(self, words: str) -> int:
        """Return how often these words stand in what the authority has posted, as the platform tells."""
        found = [re.sub(r"<[^>]+>", "", status["content"]) for status in self.office.statuses()]
        return sum(words in text for text in found)


@contextmanager
def a_library(folder: Path) -> Iterator[Library]:
    """Start the platform, the line and the product, with a lead, a colleague and their manager."""
    with ExitStack() as stack:
        platform = stack.enter_context(MastodonMock())
        line = Line(platform)
        server = stack.enter_context(Scripted(line))
        product = stack.enter_context(Product(folder / "data"))
        office = platform.person("biblioteket")
        product.commands(
            *town(folder, lead=LEAD, server=server.base_url, token=office.token),
            added(folder, COLLEAGUE, "Biblioteket ersättare", "deputy", "Biblioteket"),
            added(folder, MANAGER, "Biblioteket enhetschef", "unit_manager", "Biblioteket"),
        )
        yield Library(product, line, office, platform.person("invanare"))
        print(product.log())  # noqa: T201 - pytest shows it with a failure only

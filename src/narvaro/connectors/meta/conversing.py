"""Facebook pages and Instagram accounts have private messages too; Threads has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, TypeVar

from narvaro.connectors import private
from narvaro.connectors.meta import conversations, messaging
from narvaro.connectors.meta.connecting import Connected
from narvaro.connectors.meta.conversations import Desk
from narvaro.connectors.meta.graph import Graph
from narvaro.connectors.port import (
    Account,
    CapabilityStatus,
    Item,
    NotThere,
    Outgoing,
    Page,
    PlatformError,
    Published,
    Refused,
    Thread,
    Unknown,
)

Found = TypeVar("Found")


class Conversing(Connected):
    """See `Connected`. What is private goes to the conversations, whatever else is asked (TF-4)."""

    desk: ClassVar[Desk]

    def read(self, account: Account, cursor: str) -> Page:
        """See `Connector.read`; messages where the authority has chosen that they are read (P25)."""

        def public(at: str) -> Page:
            return super(Conversing, self).read(account, at)

        def messages(at: str) -> Page:
            return self._on_line(account, lambda graph: conversations.read(graph, self.desk, at))

        wanted = messages if private.is_wanted(account) else None
        return private.read_both(cursor, self.site.name, public, wanted)

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        """See `Connector.read_thread`."""
        if not private.is_message(remote_id):
            return super().read_thread(account, remote_id, known)
        if not private.is_wanted(account):
            return Thread(())
        return self._on_line(
            account, lambda graph: conversations.read_thread(graph, self.desk, remote_id, tuple(known))
        )  # fmt: skip

    def read_one(self, account: Account, remote_id: str) -> Item | None:
        """See `Rereading.read_one`."""
        if not private.is_message(remote_id):
            return super().read_one(account, remote_id)
        return self._on_line(account, lambda graph: conversations.read_one(graph, self.desk, remote_id))

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        """See `Connector.publish`."""
        if not private.is_private(post):
            return super().publish(account, post)
        try:
            graph = Graph(account, self.site)
        except PlatformError as error:
            return Refused(f"Inget är skickat. {error}", error)
        with graph:
            return messaging.answer(graph, self.desk, post)

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        """See `Connector.settle`."""
        if not private.is_private(post):
            return super().settle(account, post, attempted_at)
        try:
            graph = Graph(account, self.site)
        except PlatformError as error:
            return Unknown(f"Det gick inte att läsa konversationen för att se om svaret finns. {error}")
        with graph:
            return messaging.settle(graph, self.desk, post, attempted_at)

    def _able_to_read_private(self, graph: Graph) -> CapabilityStatus:
        """Return whether messages can be read, for the daily probe."""
        return private.status(graph.account, lambda: conversations.why_not(graph, self.desk))

    def _on_line(self, account: Account, asked: Callable[[Graph], Found]) -> Found:
        with Graph(account, self.site) as graph:
            return asked(graph)

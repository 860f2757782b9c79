"""What Facebook, Instagram and Threads do alike: open a line, read, publish once, settle, hide and remove."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from narvaro.base import clock
from narvaro.connectors.meta import publishing, reading
from narvaro.connectors.meta.graph import Graph, Site
from narvaro.connectors.meta.publishing import Effect
from narvaro.connectors.port import (
    Account,
    Author,
    FoundAccount,
    FoundPost,
    Item,
    Kind,
    Limits,
    Misconfigured,
    NotThere,
    Outgoing,
    Page,
    PlatformError,
    Published,
    Refused,
    Thread,
    Unknown,
)
from narvaro.connectors.web import fetch_file


class Connected(ABC):
    """
    A connector to one of Meta's platforms. It keeps nothing between calls, and may be shared by threads.

    Args:
        wait_seconds: Between two looks at something that the platform works on.
    """

    site: ClassVar[Site]
    bounds: ClassVar[Limits]
    post_fields: ClassVar[str]  # what is asked for of a post
    no_search: ClassVar[str]
    no_blocking: ClassVar[str] = ""

    def __init__(self, *, wait_seconds: float = publishing.CONTAINER_WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds

    # --- what each platform says of itself ---

    @abstractmethod
    def _plan(self, graph: Graph) -> reading.Plan:
        """Return what is read, and how."""

    @abstractmethod
    def _posts(self, graph: Graph) -> reading.Maker:
        """Return what makes items of posts."""

    @abstractmethod
    def _one(self, graph: Graph, remote_id: str) -> Item | None:
        """Read one post as it stands now; None when it is gone."""

    @abstractmethod
    def _prepared(self, graph: Graph, post: Outgoing) -> Effect:
        """Do everything that nobody sees, and return the one call that is seen."""

    @abstractmethod
    def _own_since(self, graph: Graph, post: Outgoing, since: datetime) -> tuple[list[Item], bool]:
        """Read what is ours where an attempt would stand, and whether that is all of it."""

    @abstractmethod
    def _hide(self, graph: Graph, remote_id: str, *, wanted: bool) -> None:
        """Hide another's answer, or show it again."""

    @abstractmethod
    def _remove(self, graph: Graph, remote_id: str) -> None:
        """Remove what the account may remove. Twice is once."""

    def _reread(self, graph: Graph, post: Outgoing, remote_id: str) -> Item | None:
        """Read back what was just published."""
        return self._one(graph, remote_id)

    # --- the port ---

    def read(self, account: Account, cursor: str) -> Page:
        """See `Connector.read`."""
        with Graph(account, self.site) as graph:
            return reading.Reading(graph, self._plan(graph)).page(cursor)

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        """See `Connector.read_thread`."""
        with Graph(account, self.site) as graph:
            return reading.read_thread(
                graph, self._plan(graph), remote_id, tuple(known), post_query={"fields": self.post_fields},
                post_items=self._posts(graph),
            )  # fmt: skip

    def read_one(self, account: Account, remote_id: str) -> Item | None:
        """See `Rereading.read_one`."""
        with Graph(account, self.site) as graph:
            return self._one(graph, remote_id)

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        """See `Connector.publish`."""
        return self._once(account, post, lambda graph: self._prepared(graph, post), "Inget är publicerat.")

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        """See `Connector.settle`."""
        try:
            graph = Graph(account, self.site)
        except PlatformError as error:
            return Unknown(f"Det gick inte att läsa kontot för att se om inlägget finns. {error}")
        with graph:
            return publishing.settled(post, attempted_at, lambda since: self._own_since(graph, post, since))

    def limits(self, account: Account) -> Limits:
        """Return the platform's limits, which are the same for every account."""
        return self.bounds

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        """See `Connector.fetch_media`."""
        return fetch_file(url, max_bytes, allow_private_hosts=account.allow_private_hosts)

    def hide(self, account: Account, remote_id: str) -> None:
        """See `Connector.hide`."""
        with Graph(account, self.site) as graph:
            self._hide(graph, remote_id, wanted=True)

    def show(self, account: Account, remote_id: str) -> None:
        """See `Connector.show`."""
        with Graph(account, self.site) as graph:
            self._hide(graph, remote_id, wanted=False)

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        """Remove what is ours, and another's answer to us."""
        self.remove(account, remote_id)

    def remove(self, account: Account, remote_id: str) -> None:
        """See `Connector.remove`."""
        with Graph(account, self.site) as graph:
            self._remove(graph, remote_id)

    def block(self, account: Account, author_remote_id: str) -> None:
        """Say what a person does instead."""
        raise Misconfigured(self.no_blocking)

    def unblock(self, account: Account, author_remote_id: str) -> None:
        """Say what a person does instead."""
        raise Misconfigured(self.no_blocking)

    def is_blocked(self, account: Account, author_remote_id: str) -> bool:
        """Say what a person does instead."""
        raise Misconfigured(self.no_blocking)

    def search_accounts(self, account: Account, words: str, *, most: int = 25) -> tuple[FoundAccount, ...]:
        """Say what a person does instead."""
        raise Misconfigured(self.no_search)

    def search_posts(self, account: Account, words: str, *, most: int = 40) -> tuple[FoundPost, ...]:
        """Say what a person does instead."""
        raise Misconfigured(self.no_search)

    def _once(
        self, account: Account, post: Outgoing, prepare: Callable[[Graph], Effect], nothing: str
    ) -> Published | Refused | Unknown:
        try:
            graph = Graph(account, self.site)
        except PlatformError as error:
            return Refused(f"{nothing} {error}", error)
        with graph:
            return publishing.once(
                graph,
                lambda: prepare(graph),
                lambda remote_id, raw: self._as_published(graph, post, remote_id, raw),
            )

    def _as_published(self, graph: Graph, post: Outgoing, remote_id: str, raw: bytes) -> Item:
        """Read what is there now; what was sent stands for it when it cannot be read just now."""
        try:
            item = self._reread(graph, post, remote_id)
        except PlatformError:
            item = None  # it is out; the next reading gives it as it stands
        kind = Kind.COMMENT if post.parent_remote_id else Kind.POST
        item = item or Item(remote_id, kind, Author(graph.me, graph.account.handle), post.text, clock.now(), raw)
        return publishing.as_asked(item, post)

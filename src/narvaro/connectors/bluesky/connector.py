"""The port, spoken to the AT Protocol network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from narvaro.connectors import client
from narvaro.connectors.afterwards import Deed, Done, Target
from narvaro.connectors.bluesky import deeds, media, moderating, reading, searching, writing
from narvaro.connectors.bluesky.items import profile_url
from narvaro.connectors.bluesky.keys import new_key
from narvaro.connectors.bluesky.session import Session
from narvaro.connectors.port import (
    Account,
    Capability,
    CapabilityStatus,
    FoundAccount,
    FoundPost,
    Item,
    Limits,
    NotThere,
    Outgoing,
    Page,
    PlatformError,
    Profile,
    Published,
    Refused,
    Thread,
    Transient,
    Unknown,
)


class Bluesky:
    """
    The connector for Bluesky and other services of the AT Protocol.

    `account.options` may name other servers than the public ones: "pds" (data server), "appview" (DID of the
    view that the data server is to ask), "plc" (directory of accounts), "cdn" (copies of pictures).
    """

    def new_key(self) -> str:
        """Return a record key for one `Outgoing`, to be stored before it is published."""
        return new_key()

    def profile(self, account: Account) -> Profile:
        with Session(account) as session:
            found = session.ask("app.bsky.actor.getProfile", {"actor": account.remote_id or account.handle})
        return Profile(
            remote_id=client.word(found, "did"),
            handle=client.word(found, "handle"),
            display_name=client.word(found, "displayName"),
            about=client.word(found, "description"),
            url=profile_url(client.word(found, "did")),
            raw=client.serialised(found),
            beside=client.word(found, "website"),
            pinned_id=client.word(client.part(found, "pinnedPost"), "uri"),
        )

    def read(self, account: Account, cursor: str) -> Page:
        with Session(account) as session:
            return reading.read(session, cursor)

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        with Session(account) as session:
            return reading.read_thread(session, remote_id, known)

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        with Session(account) as session:
            return writing.publish(session, post)

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        with Session(account) as session:
            return writing.settle(session, post, attempted_at)

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """
        Try reading notifications, and a write that is bound to fail on a condition (P8).

        Writing is one right on this network: publishing, pictures, hiding, removing and blocking stand and
        fall together. Private messages are another service and are not read. A right that works may have a
        note all the same: a setting or a kind of key that a person should change.

        Raises:
            Transient: Nothing can be said now.
        """
        with Session(account) as session:
            reads = _tried(
                lambda: session.ask("app.bsky.notification.listNotifications", {"limit": 1, "priority": "false"})
            )
            reads_note = reads or reading.what_is_filtered(session)
            writes = _tried(lambda: writing.may_write(session))
            if not writes and session.scope == "com.atproto.access":
                writes_note = (
                    "Kanalen är ansluten med kontots eget lösenord. Byt till ett applösenord, "
                    "som kan återkallas utan att kontot påverkas."
                )
            else:
                writes_note = writes
        changing = (
            Capability.PUBLISH,
            Capability.PUBLISH_IMAGE,
            Capability.HIDE,
            Capability.REMOVE_OWN,
            Capability.BLOCK,
        )
        return (
            CapabilityStatus(Capability.READ, not reads, reads_note),
            *(CapabilityStatus(each, not writes, writes_note) for each in changing),
            CapabilityStatus(Capability.READ_PRIVATE, False, "Närvaro läser inte direktmeddelanden på Bluesky."),
        )

    def limits(self, account: Account) -> Limits:
        """Return the network's limits, which are the same on every server."""
        return writing.LIMITS

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        with Session(account) as session:
            return media.fetch(session, url, max_bytes)

    def hide(self, account: Account, remote_id: str) -> None:
        with Session(account) as session:
            moderating.hide(session, remote_id)

    def show(self, account: Account, remote_id: str) -> None:
        with Session(account) as session:
            moderating.show(session, remote_id)

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        with Session(account) as session:
            return moderating.is_hidden(session, remote_id)

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        with Session(account) as session:
            moderating.take_down(session, remote_id, is_own=is_own, reason=reason)

    def remove(self, account: Account, remote_id: str) -> None:
        with Session(account) as session:
            writing.remove(session, remote_id)

    def block(self, account: Account, author_remote_id: str) -> None:
        with Session(account) as session:
            moderating.block(session, author_remote_id)

    def unblock(self, account: Account, author_remote_id: str) -> None:
        with Session(account) as session:
            moderating.unblock(session, author_remote_id)

    def is_blocked(self, account: Account, author_remote_id: str) -> bool:
        with Session(account) as session:
            return moderating.is_blocked(session, author_remote_id)

    def search_accounts(self, account: Account, words: str, *, most: int = 25) -> tuple[FoundAccount, ...]:
        with Session(account) as session:
            return searching.accounts(session, words, most)

    def search_posts(self, account: Account, words: str, *, most: int = 40) -> tuple[FoundPost, ...]:
        with Session(account) as session:
            return searching.posts(session, words, most)

    def read_one(self, account: Account, remote_id: str) -> Item | None:
        with Session(account) as session:
            return deeds.read_one(session, remote_id)

    def find(self, account: Account, address: str) -> Target | None:
        with Session(account) as session:
            return deeds.find(session, address)

    def act(self, account: Account, deed: Deed, target: Target, key: str) -> Done | Refused | Unknown:
        with Session(account) as session:
            return deeds.act(session, deed, target, key)

    def take_back(self, account: Account, deed: Deed, target: Target, key: str) -> Done | Refused | Unknown:
        with Session(account) as session:
            return deeds.take_back(session, deed, key)

    def stands(self, account: Account, deed: Deed, target: Target, key: str) -> bool:
        with Session(account) as session:
            return deeds.stands(session, deed, key)


def _tried(call: Callable[[], object]) -> str:
    """Return why a call does not work, "" when it does."""
    try:
        call()
    except Transient:
        raise
    except PlatformError as error:
        return str(error)
    return ""

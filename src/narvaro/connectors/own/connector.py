"""
Our own outlets behind the port, so that they are planned, approved, delivered and kept as every other channel.

Nobody is called. That a post is out is the stored outcome of its publication: the open page and the feed show what
is delivered, and a newsletter is sent to its readers because of it (`outlets`). An attempt that was cut off has
therefore had no effect, and settling it lets it out: the post appears once, however often that is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from narvaro.base import clock, http
from narvaro.connectors.client import Api, serialised
from narvaro.connectors.port import (
    Account,
    Author,
    Capability,
    CapabilityStatus,
    FoundAccount,
    FoundPost,
    Item,
    Kind,
    Limits,
    MediaKind,
    Medium,
    Misconfigured,
    NotThere,
    Outgoing,
    Page,
    Profile,
    Published,
    Refused,
    Thread,
    Unknown,
)

BY_HAND = "Ta bort inlägget på kanalens sida i Närvaro, under Eget flöde och nyhetsbrev."
NO_REPLIES = "Här svarar ingen, så det finns inget att dölja."
NO_SEARCH = "I ett eget flöde finns inget att söka i."
_ABLE = (Capability.READ, Capability.PUBLISH, Capability.PUBLISH_IMAGE)


class Own:
    """The connector. It keeps nothing between calls, and may be shared by threads."""

    limits_told = Limits(max_length=20_000, max_pictures=10, max_picture_bytes=8_000_000, max_alt_length=1500)

    def profile(self, account: Account) -> Profile:
        about = account.options.get("about", "")
        raw = serialised({"handle": account.handle, "url": account.base_url})
        return Profile(account.handle, account.handle, "", about, account.base_url, raw)

    def read(self, account: Account, cursor: str) -> Page:
        """Give nothing: what is out was kept when it was delivered, and nobody else writes there."""
        return Page((), cursor, complete_to=clock.now())

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        return Thread(())

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        if not post.text.strip():
            return Refused("Inlägget är tomt. Skriv något först.")
        if post.parent_remote_id:
            return Refused("I ett eget flöde finns inget att svara på.")
        return Published(_item(account, post, clock.now()))

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        if not post.text.strip() or post.parent_remote_id:
            return NotThere(certain=True)
        return Published(_item(account, post, attempted_at))

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        return tuple(CapabilityStatus(each, works=True) for each in _ABLE)

    def limits(self, account: Account) -> Limits:
        return self.limits_told

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        """Fetch a picture back from our own open page, as anybody sees it (P24)."""
        place = urlsplit(url)
        home = urlsplit(account.base_url)
        if (place.scheme, place.netloc, place.path) != (home.scheme, home.netloc, home.path):
            raise Misconfigured("Bilden finns inte på er egen sida.")
        guard = http.Guard(allow_private=account.allow_private_hosts)
        with Api(f"{place.scheme}://{place.netloc}", guard, {"accept": "image/*"}, max_bytes=max_bytes) as api:
            reply = api.read(f"{place.path}?{place.query}")
        return reply.body, reply.media_type or "application/octet-stream"

    def hide(self, account: Account, remote_id: str) -> None:
        raise Misconfigured(NO_REPLIES)

    def show(self, account: Account, remote_id: str) -> None:
        """Nothing is hidden there, so there is nothing to take back."""

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        return False

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        raise Misconfigured(BY_HAND)

    def remove(self, account: Account, remote_id: str) -> None:
        raise Misconfigured(BY_HAND)

    def block(self, account: Account, author_remote_id: str) -> None:
        raise Misconfigured(NO_REPLIES)

    def unblock(self, account: Account, author_remote_id: str) -> None:
        """Nobody is blocked there, so there is nothing to take back."""

    def is_blocked(self, account: Account, author_remote_id: str) -> bool:
        return False

    def search_accounts(self, account: Account, words: str, *, most: int = 25) -> tuple[FoundAccount, ...]:
        raise Misconfigured(NO_SEARCH)

    def search_posts(self, account: Account, words: str, *, most: int = 40) -> tuple[FoundPost, ...]:
        raise Misconfigured(NO_SEARCH)


class Feed(Own):
    """A page of what the authority has published, open to anybody, and the same as RSS."""


class Newsletter(Own):
    """The same by e-mail to those who have asked for it. Pictures stand on the open page, with their descriptions."""


def _item(account: Account, post: Outgoing, at: datetime) -> Item:
    address = f"{account.base_url}?inlagg={post.key}" if account.base_url else ""
    raw = serialised({
        "id": post.key, "text": post.text, "language": post.language, "published": at.isoformat(), "url": address,
        "pictures": [{"type": each.media_type, "alt": each.alt} for each in post.pictures],
    })  # fmt: skip
    return Item(
        remote_id=post.key,
        kind=Kind.POST,
        author=Author(account.remote_id or account.handle, account.handle, url=account.base_url),
        text=post.text,
        published_at=at,
        raw=raw,
        is_own=True,
        root_remote_id=post.key,
        url=address,
        language=post.language,
        media=tuple(
            Medium(f"{address}&bild={place}", MediaKind.IMAGE, each.media_type, each.alt)
            for place, each in enumerate(post.pictures)
        ) if address else (),
    )  # fmt: skip

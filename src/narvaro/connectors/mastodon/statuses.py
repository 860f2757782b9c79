"""From a status, as any server with the Mastodon API gives it, to an item of the port."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from narvaro.base import clock
from narvaro.base.text import plain_text
from narvaro.connectors.client import (
    Json,
    count,
    language,
    moment,
    opaque_id,
    part,
    parts,
    serialised,
    storable,
    word,
)
from narvaro.connectors.port import MOST_AUTHOR_ID, Account, Author, Item, Kind, MediaKind, Medium, Visibility
from narvaro.connectors.web import web_address

_MEDIA_KINDS = {
    "image": MediaKind.IMAGE,
    "gifv": MediaKind.VIDEO,
    "video": MediaKind.VIDEO,
    "audio": MediaKind.AUDIO,
}


_DATED_ID = re.compile(r"\d{10}[0-9a-f]{32}")  # snac: the second of the last change, then MD5 of the address


@dataclass(frozen=True, slots=True)
class Us:
    """
    Our account as a server knows it: its id there, and the domain that local names lack.

    `met` holds the lasting form of ids that a server changes, by the part that stays (see `lasting_id`).
    """

    remote_id: str
    domain: str
    met: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, account: Account) -> Us:
        domain = account.handle.lstrip("@").partition("@")[2] or urlsplit(account.base_url).netloc
        return cls(account.remote_id, domain)

    def wrote(self, status: Json) -> bool:
        return bool(self.remote_id) and word(part(status, "account"), "id") == self.remote_id

    def lasting_id(self, status: Json) -> str:
        """
        Return the id of a status in a form that an edit does not change.

        snac puts the second of the last change before the part that stays, and looks up by the latter
        alone. The second of publication in its place gives the id the status was born with.
        """
        remote_id = opaque_id(word(status, "id"))
        born = moment(word(status, "created_at"))
        if not _has_dated_id(status) or born is None or not 0 <= born.timestamp() < 10**10:
            return remote_id
        return self.meet(f"{int(born.timestamp()):010d}{remote_id[10:]}")

    def meet(self, remote_id: str) -> str:
        """Remember an id in its lasting form."""
        if _DATED_ID.fullmatch(remote_id):
            self.met[remote_id[10:]] = remote_id
        return remote_id

    def known_id(self, remote_id: str) -> str:
        """Return the lasting form of an id that only refers to a status, where we have met it."""
        if _DATED_ID.fullmatch(remote_id):
            return self.met.get(remote_id[10:], remote_id)
        return opaque_id(remote_id)


def is_same_id(one: str, other: str) -> bool:
    """Whether two ids are of one status, also on servers that change them."""
    if one == other:
        return True
    return bool(_DATED_ID.fullmatch(one) and _DATED_ID.fullmatch(other)) and one[10:] == other[10:]


def item_of(
    status: Json,
    raw: bytes,
    us: Us,
    *,
    root: str = "",
    in_our_thread: bool = False,
    quotes_us: bool = False,
    not_before: datetime | None = None,
) -> Item | None:
    """
    Return the item of a status, or None when it is no status (no id or no author).

    Args:
        root: The id of the status that starts the thread, where it is known.
        in_our_thread: Whether that status is ours.
        quotes_us: Whether the server told of it as a quote; the status itself may not show what it quotes.
        not_before: When our server told of it: it was not there for us to read before, whatever its author's server
            says. A status may come late, or be dated back.

    Law: TF-2, FL-6
    """
    remote_id, account = us.lasting_id(status), part(status, "account")
    if not remote_id or not word(account, "id"):
        return None
    parent = us.known_id(word(status, "in_reply_to_id"))
    is_own = us.wrote(status)
    visibility = visibility_of(status, us)
    now = clock.now()
    said_at = moment(word(status, "created_at")) or now
    return Item(
        remote_id=remote_id,
        kind=_kind_of(status, us, visibility, in_our_thread=in_our_thread, quotes_us=quotes_us),
        author=author_of(account, us),
        text=text_of(status),
        published_at=min(max(said_at, not_before or said_at), now),  # nobody writes in the future
        raw=raw,
        is_own=is_own,
        parent_remote_id=parent,
        root_remote_id=root if parent else remote_id,
        visibility=visibility,
        edited_at=moment(word(status, "edited_at")),
        url=web_address(word(status, "url")) or web_address(word(status, "uri")),
        language=_language_of(status),
        media=tuple(medium for each in parts(status, "media_attachments") if (medium := _medium_of(each))),
        counts={
            "likes": count(status, "favourites_count"),
            "reposts": count(status, "reblogs_count"),
            "replies": count(status, "replies_count"),
        },
    )


def _has_dated_id(status: Json) -> bool:
    remote_id = word(status, "id")
    if not _DATED_ID.fullmatch(remote_id):
        return False
    return remote_id[10:] == hashlib.md5(word(status, "uri").encode(), usedforsecurity=False).hexdigest()


def _language_of(status: Json) -> str:
    """Return the language a status is said to be in; "" from a server that calls everything English (snac)."""
    return "" if _has_dated_id(status) else language(word(status, "language"))


def author_of(account: Json, us: Us) -> Author:
    handle = word(account, "acct") or word(account, "username")
    if handle and "@" not in handle:
        handle = f"{handle}@{us.domain}"
    return Author(
        remote_id=opaque_id(word(account, "id"), MOST_AUTHOR_ID),
        handle=handle,
        display_name=word(account, "display_name"),
        url=web_address(word(account, "url")),
    )


def text_of(status: Json) -> str:
    """Return what the author wrote as plain text: content warning first, then the text, then choices of a poll."""
    warning = plain_text(word(status, "spoiler_text"))
    body = plain_text(word(status, "content"))
    choices = "\n".join(f"– {word(option, 'title')}" for option in parts(part(status, "poll"), "options"))
    return storable("\n\n".join(piece for piece in (warning, body, choices) if piece))


def visibility_of(status: Json, us: Us) -> Visibility:
    """
    Return who can see a status; the narrower when a server does not tell.

    "private" is followers only on Mastodon, and a message to those named on servers that do not tell the
    two apart (snac). Only an own post that names nobody and answers nobody is surely the former.

    Law: BBS-1, TF-4
    """
    said = word(status, "visibility")
    if said in {"public", "local"}:
        return Visibility.PUBLIC
    if said == "unlisted":
        return Visibility.UNLISTED
    if said in {"private", "mutuals_only", "list"}:
        to_all_followers = not parts(status, "mentions") and not word(status, "in_reply_to_id")
        return Visibility.FOLLOWERS if us.wrote(status) and to_all_followers else Visibility.PRIVATE
    return Visibility.PRIVATE if said else Visibility.PUBLIC


def unwrapped(status: Json, raw: bytes, us: Us) -> tuple[Json, bytes] | None:
    """Return the status itself; a boost gives what it shows if that is ours, else None."""
    shown = status.get("reblog")
    if not isinstance(shown, dict):
        return status, raw
    return (shown, serialised(shown)) if us.wrote(shown) else None


def fingerprint(status: Mapping[str, Any]) -> str:
    """Return a short mark that changes when the author changes the status, and not when others like it."""
    marks = [str(status.get(key)) for key in ("content", "spoiler_text", "edited_at", "visibility")]
    marks += [f"{word(each, 'id')} {word(each, 'description')}" for each in parts(status, "media_attachments")]
    return hashlib.blake2b("\0".join(marks).encode("utf-8", "replace"), digest_size=6).hexdigest()


def _kind_of(status: Json, us: Us, visibility: Visibility, *, in_our_thread: bool, quotes_us: bool) -> Kind:
    if visibility is Visibility.PRIVATE:
        return Kind.MESSAGE
    quote = part(status, "quote")
    shown = part(quote, "quoted_status") or quote  # Akkoma and its kin give the quoted status itself
    if us.wrote(status):
        return Kind.COMMENT if word(status, "in_reply_to_id") else Kind.POST
    if word(status, "in_reply_to_id") and (in_our_thread or word(status, "in_reply_to_account_id") == us.remote_id):
        return Kind.COMMENT
    return Kind.QUOTE if quotes_us or us.wrote(shown) else Kind.MENTION


def _medium_of(attachment: Json) -> Medium | None:
    url = web_address(word(attachment, "url")) or web_address(word(attachment, "remote_url"))
    if not url:
        return None
    return Medium(
        url=url,
        kind=_MEDIA_KINDS.get(word(attachment, "type"), MediaKind.OTHER),
        media_type=mimetypes.guess_type(url.partition("?")[0])[0] or "",
        alt=word(attachment, "description"),
        remote_id=word(attachment, "id"),
    )

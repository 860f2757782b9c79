"""
From the network's views and records to the items of the port.

A post cannot be edited on Bluesky, but its author can take a new display name at any time. The name is given
as it is when the item is read; it is no part of what was written, so a new name alone makes no new version
of a record. An author is known by the DID, which never changes.

Times: the network shows the earlier of what the author's app claims and when it was seen. A claim in the
future therefore counts as the moment it was seen; a claim in the past cannot be told from the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from narvaro.base import clock
from narvaro.connectors import client
from narvaro.connectors.client import Json
from narvaro.connectors.port import MOST_AUTHOR_ID, MOST_ID, Author, Item, Kind, MediaKind, Medium

POST = "app.bsky.feed.post"
_IMAGES = "app.bsky.embed.images"
_VIDEO = "app.bsky.embed.video"
_RECORD = "app.bsky.embed.record"
_WITH_MEDIA = "app.bsky.embed.recordWithMedia"
_COUNTS = {"likes": "likeCount", "reposts": "repostCount", "replies": "replyCount", "quotes": "quoteCount"}


def did_of(uri: str) -> str:
    """Return whose repository an at:// address leads to, "" when it leads to none."""
    parts = uri.split("/")
    return parts[2] if len(parts) >= 5 and parts[0] == "at:" and parts[2].startswith("did:") else ""


def rkey_of(uri: str) -> str:
    """Return the record key of an at:// address, "" when it has none."""
    parts = uri.split("/")
    return parts[4] if len(parts) >= 5 else ""


def is_post(uri: str) -> bool:
    """Return whether an at:// address can be that of a post."""
    is_short = len(uri) <= MOST_ID and len(did_of(uri)) <= MOST_AUTHOR_ID  # no real one is anywhere near
    return is_short and bool(did_of(uri) and rkey_of(uri)) and uri.split("/")[3] == POST


def author(profile: Json) -> Author:
    """Return the author of a profile view."""
    did = client.word(profile, "did")
    handle = client.word(profile, "handle")
    return Author(did, handle, client.word(profile, "displayName"), profile_url(did))


def profile_url(did: str) -> str:
    """Return where people see the account."""
    return f"https://bsky.app/profile/{did}" if did else ""


def item_of_view(
    view: Json, me: str, reason: str = "", not_before: datetime | None = None, *, raw: bytes = b""
) -> Item | None:
    """
    Return the item of a post view or a notification; None when it is not a post that can be told.

    Its time is the network's: the author's own (`createdAt`) stands in the bytes, as a claim. Even the network's is
    the author's where it is the earlier of the two, as an AppView sorts; so what else is known bounds it.

    Args:
        me: The DID of our account.
        reason: Why the network told us ("reply", "mention", "quote"), where the record alone does not show it.
        not_before: It was not yet there at this moment, whatever its author's app says.
        raw: The view's exact bytes, where they could be cut out of the answer.

    Law: TF-2, FL-6
    """
    uri = client.word(view, "uri")
    who = author(client.part(view, "author"))
    if not is_post(uri) or did_of(uri) != who.remote_id:
        return None
    counts = {ours: client.count(view, theirs) for ours, theirs in _COUNTS.items() if theirs in view}
    attested = [at for at in (client.moment(client.word(view, "indexedAt")), not_before) if at]
    shown_at = max(attested, default=None)
    record = client.part(view, "record")
    raw = raw or client.serialised(view)
    return item_of_record(uri, record, who, me=me, raw=raw, shown_at=shown_at, reason=reason, counts=counts)


def item_of_record(
    uri: str,
    record: Json,
    who: Author,
    *,
    me: str,
    raw: bytes,
    shown_at: datetime | None = None,
    reason: str = "",
    counts: dict[str, int] | None = None,
) -> Item:
    """Return the item of a post's record. `raw` is the bytes to keep."""
    reply = client.part(record, "reply")
    parent = client.word(client.part(reply, "parent"), "uri")
    root = client.word(client.part(reply, "root"), "uri") or parent
    languages = record.get("langs")
    said = languages[0] if isinstance(languages, list) and languages else ""
    now = clock.now()
    claimed = client.moment(client.word(record, "createdAt")) or now
    return Item(
        remote_id=uri,
        kind=_kind(record, (parent, root), who.remote_id, me, reason),
        author=who,
        text=client.word(record, "text"),
        published_at=min(shown_at or claimed, now),
        raw=raw,
        is_own=who.remote_id == me,
        parent_remote_id=parent,
        root_remote_id=root or uri,
        url=f"{profile_url(did_of(uri))}/post/{rkey_of(uri)}",
        language=client.language(said) if isinstance(said, str) else "",
        media=tuple(media_of(record, did_of(uri))),
        counts=counts or {},
    )


def media_of(record: Json, did: str) -> Iterator[Medium]:
    """
    Yield the pictures and films of a record, as the author uploaded them.

    The address names the file itself (author and content hash), not one of the copies that servers show, so
    that it is the same wherever the record was read. `fetch_media` knows where to get it.
    """
    embed = client.part(record, "embed")
    if client.word(embed, "$type") == _WITH_MEDIA:
        embed = client.part(embed, "media")
    kind = client.word(embed, "$type")
    if kind == _IMAGES:
        for image in client.parts(embed, "images"):
            yield from _medium(client.part(image, "image"), did, MediaKind.IMAGE, client.word(image, "alt"))
    elif kind == _VIDEO:
        yield from _medium(client.part(embed, "video"), did, MediaKind.VIDEO, client.word(embed, "alt"))


def _medium(blob: Json, did: str, kind: MediaKind, alt: str) -> Iterator[Medium]:
    cid = client.word(client.part(blob, "ref"), "$link") or client.word(blob, "cid")  # the latter before 2023
    if cid:
        yield Medium(blob_url(did, cid), kind, client.word(blob, "mimeType"), alt, cid)


def blob_url(did: str, cid: str) -> str:
    """Return the address by which we know a file of an account."""
    return f"at://{did}/blob/{cid}"


def blob_of(url: str) -> tuple[str, str]:
    """Return (DID, content hash) of such an address, ("", "") for any other."""
    parts = url.split("/")
    if len(parts) == 5 and parts[0] == "at:" and parts[2].startswith("did:") and parts[3] == "blob":
        return parts[2], parts[4]
    return "", ""


def _kind(record: Json, answered: tuple[str, str], writer: str, me: str, reason: str) -> Kind:
    parent, root = answered
    if writer == me:
        return Kind.COMMENT if parent else Kind.POST
    if parent and (me in (did_of(parent), did_of(root)) or reason == "reply"):
        return Kind.COMMENT
    if did_of(_quoted(record)) == me or reason == "quote":
        return Kind.QUOTE
    if me in _mentioned(record) or reason == "mention":
        return Kind.MENTION
    return Kind.COMMENT if parent else Kind.POST


def _quoted(record: Json) -> str:
    embed = client.part(record, "embed")
    if client.word(embed, "$type") == _WITH_MEDIA:
        embed = client.part(embed, "record")
    return client.word(client.part(embed, "record"), "uri") if client.word(embed, "$type") == _RECORD else ""


def _mentioned(record: Json) -> set[Any]:
    features = (each for facet in client.parts(record, "facets") for each in client.parts(facet, "features"))
    return {client.word(each, "did") for each in features}

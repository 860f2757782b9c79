"""Posts and comments of LinkedIn as items of the port."""

from __future__ import annotations

from datetime import UTC, datetime

from narvaro.base import clock
from narvaro.connectors.client import Json, opaque_id, part, parts, serialised, storable, word
from narvaro.connectors.linkedin.text import unescaped
from narvaro.connectors.port import MOST_AUTHOR_ID, Author, Item, Kind, MediaKind, Medium

SITE = "https://www.linkedin.com"


def post_of(post: Json, our_urn: str, handle: str) -> Item | None:
    """Return one of our posts as an item; None for one without an id."""
    urn = word(post, "id")
    if not urn.startswith("urn:li:"):
        return None
    at = moment_of(post.get("publishedAt")) or moment_of(post.get("createdAt")) or clock.now()
    edited = part(post, "lifecycleStateInfo").get("isEditedByAuthor") is True
    return Item(
        remote_id=urn,
        kind=Kind.POST,
        author=Author(our_urn, handle, url=f"{SITE}/company/{handle}"),
        text=storable(unescaped(word(post, "commentary"))),
        published_at=min(at, clock.now()),
        raw=serialised(post),
        is_own=True,
        root_remote_id=urn,
        edited_at=moment_of(post.get("lastModifiedAt")) if edited else None,
        url=f"{SITE}/feed/update/{urn}/",
        media=tuple(_media(part(post, "content"))),
    )


def comment_of(comment: Json, our_urn: str, root: str) -> Item | None:
    """
    Return a comment as an item; None for one without an id.

    Who wrote it is an id: names are not given to those who look after a page. Law: TF-2, FL-6
    """
    urn = word(comment, "commentUrn") or word(comment, "$URN")
    if not urn.startswith("urn:li:comment:"):
        return None
    actor = opaque_id(word(comment, "actor"), MOST_AUTHOR_ID)
    now = clock.now()
    created = min(moment_of(part(comment, "created").get("time")) or now, now)
    changed = moment_of(part(comment, "lastModified").get("time"))
    return Item(
        remote_id=urn,
        kind=Kind.COMMENT,
        author=Author(actor, actor.rpartition(":")[2]),
        text=word(part(comment, "message"), "text"),
        published_at=created,
        raw=serialised(comment),
        is_own=actor == our_urn,
        parent_remote_id=word(comment, "parentComment") or root,
        root_remote_id=root,
        edited_at=changed if changed is not None and changed > created else None,
        url=f"{SITE}/feed/update/{root}/?commentUrn={urn}",
    )


def moment_of(value: object) -> datetime | None:
    """Return a moment out of milliseconds since 1970, or None."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**14:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)


def _media(content: Json) -> list[Medium]:
    """Return what is said of a post's pictures; where they lie is asked for by their id when they are fetched."""
    single = part(content, "media")
    found = [single] if single else parts(part(content, "multiImage"), "images")
    return [
        Medium(f"linkedin:{word(each, 'id')}", MediaKind.IMAGE, alt=word(each, "altText"), remote_id=word(each, "id"))
        for each in found
        if word(each, "id").startswith("urn:li:image:")
    ]

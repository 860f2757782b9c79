"""What Instagram's posts and comments say."""

from __future__ import annotations

import json

from narvaro.base import clock
from narvaro.connectors.client import Json, count, opaque_id, part, parts, raw_items, raw_parts, storable, word
from narvaro.connectors.meta.graph import time_of
from narvaro.connectors.port import MOST_AUTHOR_ID, Author, Item, Kind, MediaKind, Medium
from narvaro.connectors.web import web_address

_FILE = "id,media_type,media_url,thumbnail_url,alt_text"
MEDIA_FIELDS = (
    f"{_FILE},caption,permalink,timestamp,username,media_product_type,comments_count,like_count,children{{{_FILE}}}"
)
_ONE = "id,text,timestamp,username,from{id,username},hidden,like_count,parent_id"
COMMENT_FIELDS = f"{_ONE},replies.limit(50){{{_ONE}}}"
ONE_COMMENT_FIELDS = f"{_ONE},media{{id}}"


def media_item(media: Json, raw: bytes, me: str, handle: str) -> Item | None:
    """Return a post of ours."""
    remote_id, at = opaque_id(word(media, "id")), time_of(word(media, "timestamp"))
    if not remote_id or at is None:
        return None
    files = parts(part(media, "children"), "data") or [media]
    name = word(media, "username") or handle
    return Item(
        remote_id=remote_id,
        kind=Kind.POST,
        author=Author(me, name, "", f"https://www.instagram.com/{name}/" if name else ""),
        text=storable(word(media, "caption")),
        published_at=min(at, clock.now()),
        raw=raw,
        is_own=True,
        root_remote_id=remote_id,
        url=web_address(word(media, "permalink")),
        media=tuple(medium for each in files if (medium := _medium(each)) is not None),
        counts={"replies": count(media, "comments_count"), "likes": count(media, "like_count")},
    )


def comment_items(comment: Json, raw: bytes, root: str, me: str) -> list[Item]:
    """Return a comment beneath a post of ours and the answers to it, each with its own bytes alone."""
    alone, answers = _taken_apart(raw)
    found = [comment_item(comment, alone, root, me)]
    found += [comment_item(each, bytes_, root, me, parent=word(comment, "id")) for each, bytes_ in answers]
    return [item for item in found if item is not None]


def comment_item(comment: Json, raw: bytes, root: str, me: str, *, parent: str = "") -> Item | None:
    """Return a comment as an item; None for one without an id or a time."""
    remote_id, at = opaque_id(word(comment, "id")), time_of(word(comment, "timestamp"))
    if not remote_id or at is None:
        return None
    who = part(comment, "from")
    name = word(who, "username") or word(comment, "username")
    author_id = opaque_id(word(who, "id"), MOST_AUTHOR_ID)
    return Item(
        remote_id=remote_id,
        kind=Kind.COMMENT,
        author=Author(author_id, name, "", f"https://www.instagram.com/{name}/" if name else ""),
        text=storable(word(comment, "text")),
        published_at=min(at, clock.now()),
        raw=raw,
        is_own=bool(me) and author_id == me,
        parent_remote_id=word(comment, "parent_id") or parent or root,
        root_remote_id=root,
        counts={"likes": count(comment, "like_count")},
    )


def mark_of(media: Json) -> str:
    """Return what changes when something beneath a post has."""
    return f"{count(media, 'comments_count')}"


def _taken_apart(raw: bytes) -> tuple[bytes, list[tuple[Json, bytes]]]:
    """Return a comment's bytes without the answers that stood inside it, and each answer with its own."""
    members = raw_parts(raw)
    if "replies" not in members:
        return raw, []
    inside = raw_parts(members["replies"][1]).get("data")
    kept = [json.dumps(name).encode() + b":" + value for name, (_v, value) in members.items() if name != "replies"]
    return b"{" + b",".join(kept) + b"}", raw_items(inside[1]) if inside else []


def _medium(media: Json) -> Medium | None:
    url = web_address(word(media, "media_url")) or web_address(word(media, "thumbnail_url"))
    if not url:
        return None  # what holds others' music is not handed out
    kind = MediaKind.VIDEO if word(media, "media_type") in {"VIDEO", "REELS"} else MediaKind.IMAGE
    return Medium(url=url, kind=kind, alt=word(media, "alt_text"), remote_id=word(media, "id"))

"""What Facebook's posts and comments say."""

from __future__ import annotations

from narvaro.base import clock
from narvaro.connectors.client import Json, count, opaque_id, part, parts, storable, word
from narvaro.connectors.meta.graph import time_of
from narvaro.connectors.port import MOST_AUTHOR_ID, Author, Item, Kind, MediaKind, Medium
from narvaro.connectors.web import web_address

_MEDIA = "media_type,type,url,title,description,media{image{src},source},target{id}"
POST_FIELDS = (
    "id,message,story,created_time,updated_time,permalink_url,from{id,name},status_type,"
    f"attachments{{{_MEDIA},subattachments{{{_MEDIA}}}}},comments.limit(0).summary(true),reactions.limit(0).summary(true),"
    "shares"
)
TAGGED_FIELDS = "id,message,created_time,updated_time,permalink_url,from{id,name}"
COMMENT_FIELDS = (
    "id,message,created_time,from{id,name},parent{id},permalink_url,is_hidden,like_count,comment_count,"
    f"attachment{{{_MEDIA}}}"
)


def post_item(post: Json, raw: bytes, me: str) -> Item | None:
    """
    Return a post; None for what nobody wrote (a changed picture of the page, say).

    One by somebody else, on the page's wall or elsewhere, names us.
    """
    remote_id, at = opaque_id(word(post, "id")), time_of(word(post, "created_time"))
    media = _media_of(post)
    text = word(post, "message")
    if not remote_id or at is None or not (text or media or _link(post)):
        return None
    who = author_of(post)
    is_own = bool(me) and who.remote_id == me  # our own are always named; a visitor may not be
    link = _link(post)
    return Item(
        remote_id=remote_id,
        kind=Kind.POST if is_own else Kind.MENTION,
        author=who,
        text=storable(text if not link or link in text else f"{text}\n\n{link}".strip()),
        published_at=min(at, clock.now()),
        raw=raw,
        is_own=is_own,
        root_remote_id=remote_id,
        url=web_address(word(post, "permalink_url")),
        media=media,
        counts={
            "replies": count(part(part(post, "comments"), "summary"), "total_count"),
            "likes": count(part(part(post, "reactions"), "summary"), "total_count"),
            "reposts": count(part(post, "shares"), "count"),
        },
    )


def comment_item(comment: Json, raw: bytes, root: str, me: str) -> Item | None:
    """Return a comment beneath a post of ours."""
    remote_id, at = opaque_id(word(comment, "id")), time_of(word(comment, "created_time"))
    if not remote_id or at is None:
        return None
    who = author_of(comment)
    attached = part(comment, "attachment")
    return Item(
        remote_id=remote_id,
        kind=Kind.COMMENT,
        author=who,
        text=storable(word(comment, "message")),
        published_at=min(at, clock.now()),
        raw=raw,
        is_own=bool(me) and who.remote_id == me,
        parent_remote_id=word(part(comment, "parent"), "id") or root,
        root_remote_id=root,
        url=web_address(word(comment, "permalink_url")),
        media=tuple(medium for medium in [_medium(attached)] if medium is not None),
        counts={"likes": count(comment, "like_count"), "replies": count(comment, "comment_count")},
    )


def mark_of(post: Json) -> str:
    """Return what changes when something beneath a post, or the post itself, has."""
    total = count(part(part(post, "comments"), "summary"), "total_count")
    return f"{total}/{word(post, 'updated_time')}"


def has_comments(post: Json) -> bool:
    """Whether anybody has written beneath a post."""
    return count(part(part(post, "comments"), "summary"), "total_count") > 0


def author_of(entry: Json) -> Author:
    """Return who wrote; Facebook leaves it out for people whose names an app may not see."""
    who = part(entry, "from")
    remote_id = opaque_id(word(who, "id"), MOST_AUTHOR_ID)
    return Author(remote_id, "", word(who, "name"), f"https://www.facebook.com/{remote_id}" if remote_id else "")


def _link(post: Json) -> str:
    for attached in parts(part(post, "attachments"), "data"):
        if word(attached, "type") in {"share", "video_share_youtube"} or word(attached, "media_type") == "link":
            return web_address(word(attached, "url"))
    return ""


def _media_of(post: Json) -> tuple[Medium, ...]:
    found = []
    for attached in parts(part(post, "attachments"), "data"):
        under = parts(part(attached, "subattachments"), "data")
        found += [medium for each in under or [attached] if (medium := _medium(each)) is not None]
    return tuple(found)


def _medium(attached: Json) -> Medium | None:
    kind = word(attached, "media_type") or word(attached, "type")
    media = part(attached, "media")
    film, picture = web_address(word(media, "source")), web_address(word(part(media, "image"), "src"))
    if kind in {"link", "share"} or not (film or picture):
        return None
    is_film = bool(film) and "video" in kind
    return Medium(
        url=film if is_film else picture,
        kind=MediaKind.VIDEO if is_film else MediaKind.IMAGE,
        alt=word(attached, "description") if not is_film else "",
        remote_id=word(part(attached, "target"), "id"),
    )

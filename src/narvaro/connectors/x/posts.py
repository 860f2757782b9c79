"""Posts of X as items of the port."""

from __future__ import annotations

from typing import Any

from narvaro.base import clock
from narvaro.connectors.client import Json, count, language, moment, part, parts, serialised, storable, word
from narvaro.connectors.port import Author, Item, Kind, MediaKind, Medium
from narvaro.connectors.x.text import text_of

FIELDS = {
    "tweet.fields": (
        "id,text,note_tweet,created_at,author_id,conversation_id,in_reply_to_user_id,referenced_tweets,attachments,"
        "entities,lang,public_metrics,edit_history_tweet_ids"
    ),
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "id,name,username",
    "media.fields": "media_key,type,url,preview_image_url,alt_text,variants",
}
_KINDS = {"photo": MediaKind.IMAGE, "video": MediaKind.VIDEO, "animated_gif": MediaKind.VIDEO}


class Beside:
    """What an answer says besides its posts: who wrote them, and their media."""

    def __init__(self, answer: Json) -> None:
        includes = part(answer, "includes")
        self.users = {word(each, "id"): each for each in parts(includes, "users")}
        self.media = {word(each, "media_key"): each for each in parts(includes, "media")}


def item_of(post: Json, beside: Beside, our_id: str, *, our_handle: str = "") -> Item | None:
    """
    Return a post as an item; None for one without an id or an author.

    The id is that of the first version, which a change does not touch. Law: TF-2, FL-6
    """
    newest, author_id = word(post, "id"), word(post, "author_id")
    if not newest or not author_id:
        return None
    remote_id = lasting_id(post)
    user = beside.users.get(author_id, {})
    is_own = author_id == our_id
    handle = word(user, "username") or (our_handle if is_own else "")
    parent = _referred(post, "replied_to")
    now = clock.now()
    at = min(moment(word(post, "created_at")) or now, now)
    media = [beside.media[key] for key in _media_keys(post) if key in beside.media]
    root = word(post, "conversation_id") or remote_id
    return Item(
        remote_id=remote_id,
        kind=_kind(post, is_own=is_own, our_id=our_id),
        author=Author(author_id, handle, word(user, "name"), f"https://x.com/{handle}" if handle else ""),
        text=storable(text_of(post)),
        published_at=at,
        raw=serialised({"post": post, "user": user, "media": media}),
        is_own=is_own,
        parent_remote_id=parent,
        root_remote_id=remote_id if root == newest else root,
        edited_at=at if newest != remote_id else None,
        url=f"https://x.com/{handle or 'i'}/status/{newest}",
        language=language(word(post, "lang")),
        media=tuple(found for each in media if (found := _medium(each)) is not None),
        counts=_counts(part(post, "public_metrics")),
    )


def lasting_id(post: Json) -> str:
    """Return the id of the first version of a post."""
    versions = post.get("edit_history_tweet_ids")
    first = versions[0] if isinstance(versions, list) and versions else ""
    return first if isinstance(first, str) and first.isascii() and first.isdecimal() else word(post, "id")


def _kind(post: Json, *, is_own: bool, our_id: str) -> Kind:
    if _referred(post, "replied_to"):
        is_to_us = is_own or word(post, "in_reply_to_user_id") == our_id
        return Kind.COMMENT if is_to_us else Kind.MENTION
    return Kind.POST if is_own else Kind.MENTION


def _referred(post: Json, how: str) -> str:
    return next((word(each, "id") for each in parts(post, "referenced_tweets") if word(each, "type") == how), "")


def _media_keys(post: Json) -> list[str]:
    keys: Any = part(post, "attachments").get("media_keys")
    return [each for each in keys if isinstance(each, str)] if isinstance(keys, list) else []


def _medium(each: Json) -> Medium | None:
    films = [word(one, "url") for one in parts(each, "variants") if word(one, "content_type") == "video/mp4"]
    url = word(each, "url") or next(iter(films), "") or word(each, "preview_image_url")
    if not url.startswith(("https://", "http://")):
        return None
    kind = _KINDS.get(word(each, "type"), MediaKind.OTHER)
    return Medium(url, kind, alt=word(each, "alt_text"), remote_id=word(each, "media_key"))


def _counts(metrics: Json) -> dict[str, int]:
    return {
        "likes": count(metrics, "like_count"), "reposts": count(metrics, "retweet_count"),
        "replies": count(metrics, "reply_count"),
    }  # fmt: skip

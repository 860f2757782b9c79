"""What posts and answers on Threads say."""

from __future__ import annotations

import re

from narvaro.base import clock
from narvaro.connectors.client import Json, opaque_id, part, parts, storable, word
from narvaro.connectors.meta.graph import time_of
from narvaro.connectors.port import MOST_AUTHOR_ID, Author, Item, Kind, MediaKind, Medium
from narvaro.connectors.web import web_address

_FILE = "id,media_type,media_url,thumbnail_url,alt_text"
FIELDS = (
    f"{_FILE},text,permalink,timestamp,username,owner,children{{{_FILE}}},is_quote_post,has_replies,root_post,"
    "replied_to,is_reply,is_reply_owned_by_me,link_attachment_url"
)
REPLY_FIELDS = f"{FIELDS},hide_status"
UNSEEN = frozenset({"HIDDEN", "BLOCKED"})


def item_of(post: Json, raw: bytes, me: str, handle: str, *, root: str = "", names_us: bool = False) -> Item | None:
    """Return a post or an answer; None for what nobody wrote (a repost)."""
    remote_id, at = opaque_id(word(post, "id")), time_of(word(post, "timestamp"))
    if not remote_id or at is None or word(post, "media_type") == "REPOST_FACADE":
        return None
    name = word(post, "username")
    owner = word(part(post, "owner"), "id")
    is_own = owner == me or post.get("is_reply_owned_by_me") is True or (bool(name) and name == handle.lstrip("@"))
    who = opaque_id(me if is_own else owner or name, MOST_AUTHOR_ID)
    parent = word(part(post, "replied_to"), "id")
    first = word(part(post, "root_post"), "id") or root
    files = parts(part(post, "children"), "data") or [post]
    text, link = word(post, "text"), web_address(word(post, "link_attachment_url"))
    return Item(
        remote_id=remote_id,
        kind=Kind.MENTION if names_us else Kind.COMMENT if parent or first not in {"", remote_id} else Kind.POST,
        author=Author(who, name, "", f"https://www.threads.com/@{name}" if name else ""),
        text=storable(text if not link or link in text else f"{text}\n\n{link}".strip()),
        published_at=min(at, clock.now()),
        raw=raw,
        is_own=is_own,
        parent_remote_id=parent or (first if first not in {"", remote_id} else ""),
        root_remote_id=first or ("" if parent else remote_id),
        url=web_address(word(post, "permalink")),
        media=tuple(medium for each in files if (medium := _medium(each)) is not None),
    )


def length_of(text: str) -> int:
    """Return how long Threads counts a text to be: an emoji as the bytes it is written with, all else one."""
    return sum(len(sign.encode()) if _EMOJI.match(sign) else 1 for sign in text)


_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")


def _medium(post: Json) -> Medium | None:
    url = web_address(word(post, "media_url"))
    if not url:
        return None
    kind = {"VIDEO": MediaKind.VIDEO, "AUDIO": MediaKind.AUDIO}.get(word(post, "media_type"), MediaKind.IMAGE)
    return Medium(url=url, kind=kind, alt=word(post, "alt_text"), remote_id=word(post, "id"))

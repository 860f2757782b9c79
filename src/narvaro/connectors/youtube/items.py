"""Comments and films of YouTube as items of the port."""

from __future__ import annotations

from narvaro.base import clock
from narvaro.connectors.client import Json, count, moment, opaque_id, part, serialised, word
from narvaro.connectors.port import MOST_AUTHOR_ID, Author, Item, Kind, MediaKind, Medium, Visibility

UNSEEN = {"heldForReview", "likelySpam", "rejected"}


def comment_of(comment: Json, our_id: str, *, video_id: str = "") -> Item | None:
    """
    Return a comment as an item; None for one without an id.

    The film is what a comment answers; an answer to a comment answers that. What is held for review has come in to us
    all the same. Law: TF-4, FL-6
    """
    remote_id, snippet = word(comment, "id"), part(comment, "snippet")
    if not remote_id or not snippet:
        return None
    author_id = opaque_id(word(part(snippet, "authorChannelId"), "value"), MOST_AUTHOR_ID)
    film = word(snippet, "videoId") or video_id
    parent = word(snippet, "parentId") or film
    now = clock.now()
    published = min(moment(word(snippet, "publishedAt")) or now, now)
    updated = moment(word(snippet, "updatedAt"))
    name = word(snippet, "authorDisplayName")
    return Item(
        remote_id=remote_id,
        kind=Kind.COMMENT,
        author=Author(author_id or name, name, name, _web(word(snippet, "authorChannelUrl"))),
        text=word(snippet, "textOriginal") or word(snippet, "textDisplay"),
        published_at=published,
        raw=serialised(comment),
        is_own=author_id == our_id,
        parent_remote_id=parent,
        root_remote_id=film or parent or remote_id,
        visibility=Visibility.PUBLIC,
        edited_at=updated if updated is not None and updated > published else None,
        url=f"https://www.youtube.com/watch?v={film}&lc={remote_id}" if film else "",
        counts={"likes": count(snippet, "likeCount")},
    )


def film_of(row: Json, our_id: str) -> Item | None:
    """Return one of the channel's films, as the list of its uploads tells of it."""
    snippet = part(row, "snippet")
    film = word(part(snippet, "resourceId"), "videoId")
    if not film:
        return None
    now = clock.now()
    at = moment(word(part(row, "contentDetails"), "videoPublishedAt")) or moment(word(snippet, "publishedAt")) or now
    picture = _web(word(part(part(snippet, "thumbnails"), "high"), "url"))
    name = word(snippet, "channelTitle")
    return Item(
        remote_id=film,
        kind=Kind.POST,
        author=Author(our_id, name, name, f"https://www.youtube.com/channel/{our_id}"),
        text="\n\n".join(each for each in (word(snippet, "title"), word(snippet, "description")) if each),
        published_at=min(at, now),
        raw=serialised(row),
        is_own=True,
        root_remote_id=film,
        url=f"https://www.youtube.com/watch?v={film}",
        media=(Medium(picture, MediaKind.IMAGE),) if picture else (),
    )


def mark_of(row: Json) -> str:
    """Return a short mark of a thread that changes when it is edited, answered or moderated."""
    snippet = part(row, "snippet")
    top = part(part(snippet, "topLevelComment"), "snippet")
    marks = (word(top, "updatedAt"), word(snippet, "totalReplyCount"), word(top, "moderationStatus"))
    return " ".join(marks) if top else word(snippet, "title")[:40]


def _web(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""

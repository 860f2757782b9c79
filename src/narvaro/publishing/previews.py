"""A message as each platform will show it: the account, the words with what becomes links, pictures, poll and parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narvaro.channels import rules as channel_rules
from narvaro.channels.types import Platform
from narvaro.connectors.bluesky import facets
from narvaro.publishing import queries
from narvaro.publishing.queries.films import tracks_of
from narvaro.publishing.types import Extras

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.media.models import Film, FilmCaptions

MOST_PICTURES = 4

_LINK = re.compile(r"(?<![\w@])https?://[^\s<>\"]+", re.IGNORECASE)
_TAG = re.compile(r"(?<![\w#/&])#(?=\w*[^\W\d])\w+")
_MENTION = re.compile(r"(?<![\w@./])@\w[\w.-]*")
_FEDERATED = re.compile(r"(?<![\w@./])@\w[\w.-]*\w(?:@[\w-]+(?:\.[\w-]+)+)?")
_AFTER_LINK = re.compile(r"[.,;:!?…”’'\")]+$")
_ALL = {"link": _LINK, "mention": _MENTION, "tag": _TAG}
_MARKED = {
    Platform.MASTODON.value: {"link": _LINK, "mention": _FEDERATED, "tag": _TAG},
    "instagram": {"mention": _MENTION, "tag": _TAG},  # a link in the text leads nowhere there
    "facebook": {"link": _LINK, "tag": _TAG}, "linkedin": {"link": _LINK, "tag": _TAG},
    "x": _ALL, "threads": _ALL,
}  # fmt: skip
_USUAL = {"link": _LINK}


@dataclass(frozen=True, slots=True)
class Bit:
    """A stretch of a text, and what it becomes there: "link", "mention", "tag" or ""."""

    text: str
    becomes: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture: where it is read from, "" while it is only chosen, and what it shows in words."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a message in a channel."""

    bits: tuple[Bit, ...]
    pictures: tuple[Shown, ...] = ()
    poll: dict[str, Any] | None = None
    card: dict[str, Any] | None = None
    film: Film | None = None
    tracks: tuple[tuple[FilmCaptions, str], ...] = ()  # with what their language is called


@dataclass(frozen=True, slots=True)
class Preview:
    """A message in one channel, as it will be seen there."""

    channel: Channel
    platform_name: str
    is_by_hand: bool
    warning: str
    posts: tuple[Post, ...]


def previews(rooms: Sequence[queries.Room], extras: Extras, pictures: Sequence[Shown]) -> list[Preview]:
    """
    Return how a message is seen in each channel. Empty where nothing is written.

    Args:
        pictures: In their places; they go with the first post.
    """
    tracks = tuple(tracks_of(extras.film))
    return [_preview(room, extras, tuple(pictures[:MOST_PICTURES]), tracks) for room in rooms if room.text]


def bits(platform: str, text: str) -> tuple[Bit, ...]:
    """Return a text in stretches, with what the platform makes links, mentions and hashtags of. Nothing is left out."""
    found: list[Bit] = []
    at = 0
    for start, end, kind in _marks(platform, text):
        if start < at:
            continue
        if start > at:
            found.append(Bit(text[at:start]))
        found.append(Bit(text[start:end], kind))
        at = end
    return (*found, Bit(text[at:])) if text[at:] else tuple(found)


def _preview(
    room: queries.Room, extras: Extras, pictures: tuple[Shown, ...], tracks: tuple[tuple[FilmCaptions, str], ...]
) -> Preview:  # fmt: skip
    channel = room.channel
    own = queries.extras_for(channel, extras)
    posts, card = [], own["card"]
    for place, post in enumerate(room.posts or (room.text,)):
        with_first = pictures if not place else ()
        its_card = card if card and card["url"] in post else None
        posts.append(
            Post(
                bits(channel.platform, post), with_first, None if place else own["poll"],
                None if with_first else its_card, None if place else own["film"], () if place else tracks,
            )
        )  # fmt: skip
        card = None if its_card else card
    name = channel_rules.platform_name(channel.platform)
    return Preview(channel, name, queries.is_by_hand(channel, extras.film), own["warning"], tuple(posts))


def _marks(platform: str, text: str) -> list[tuple[int, int, str]]:
    if platform == Platform.BLUESKY:
        return list(_of_bluesky(text))
    found = []
    for kind, pattern in _MARKED.get(platform, _USUAL).items():
        for match in pattern.finditer(text):
            end = match.end() - (len(after[0]) if (after := _AFTER_LINK.search(match[0])) and kind == "link" else 0)
            found.append((match.start(), end, kind))
    return sorted(found)


def _of_bluesky(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the facets that will be sent; every name is taken for somebody's, for nobody is asked here."""
    as_sent = text.encode("utf-8", "surrogatepass")
    for facet in facets(text, lambda _handle: "did:plc:somebody"):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        before = len(as_sent[:start].decode("utf-8", "surrogatepass"))
        inside = len(as_sent[start:end].decode("utf-8", "surrogatepass"))
        yield before, before + inside, facet["features"][0]["$type"].rpartition("#")[2]

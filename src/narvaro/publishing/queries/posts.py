"""What becomes of a text in a channel: the posts it goes out as, and what cannot go out there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from narvaro.channels import queries as channels
from narvaro.channels import rules as channel_rules
from narvaro.channels.types import Platform
from narvaro.connectors.bluesky import graphemes
from narvaro.connectors.port import Card, Limits, Poll, Visibility
from narvaro.connectors.port import Picture as PortPicture
from narvaro.core.types import Actor, Invalid
from narvaro.media import queries as media
from narvaro.publishing import threads
from narvaro.publishing.models import Publication
from narvaro.publishing.queries.films import film_fault
from narvaro.publishing.types import Extras

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.media.models import Film

POLLED = (Platform.MASTODON, Platform.X)
MOST_OPTION_ON_X = 25

__all__ = [
    "card_of", "extras_for", "folds", "has_more_by_hand", "is_by_hand", "limits_beside", "parent_of", "parts_by_hand",
    "poll_of", "posts_of", "refuse_extras", "rest_of", "shows_cards", "thread_of", "visibility_in",
]  # fmt: skip


def has_more_by_hand(publication: Publication) -> bool:
    """Whether whoever publishes by hand has more to do than to paste the text and its pictures."""
    is_plain = publication.language == "sv" and publication.visibility in ("", Visibility.PUBLIC)
    return bool(publication.warning or publication.poll) or not is_plain


def is_by_hand(channel: Channel, film: Film | None = None) -> bool:
    """
    Whether people publish a post in a channel themselves, and register what they did.

    Some platforms take no posts from others but answers, and some of them films.
    """
    limits = channels.limits_of(channel)
    is_taken = limits.takes_posts or (film is not None and limits.max_film_bytes > 0)
    return channel_rules.is_by_hand(channel.platform, channel.remote_id) or not is_taken


def folds(channel: Channel) -> bool:
    """Whether the platform folds a text under what warns about it; else the warning is its first line."""
    return bool(channel.platform == Platform.MASTODON)


def shows_cards(channel: Channel) -> bool:
    """Whether we say what the card of a link holds there; elsewhere the platform makes its own, or none."""
    return bool(channel.platform == Platform.BLUESKY)


def posts_of(channel: Channel, text: str, extras: Extras) -> list[str]:
    """
    Return the posts that a text goes out as in a channel, in order, exactly as they will read; a single one mostly.

    Raises:
        Invalid: Too many, or a link alone is longer than a post.
    """
    said = text.strip()
    if extras.warning and not folds(channel):
        said = _("Varning: %(warning)s") % {"warning": extras.warning} + f"\n\n{said}"
    limits = limits_beside(channel, extras)
    return threads.parts_of(said, limits, may_split=extras.may_split, is_numbered=extras.is_numbered)


def limits_beside(channel: Channel, extras: Extras) -> Limits:
    """Return what one post may be beside the warning, which counts where the platform folds."""
    limits = channels.limits_of(channel)
    if not extras.warning or not folds(channel) or limits.max_length is None:
        return limits
    return replace(limits, max_length=max(limits.max_length - graphemes(extras.warning), 1))


def refuse_extras(channel: Channel, extras: Extras, picture_count: int) -> None:
    """Refuse what the platform has not, before anybody believes that it went out so. Raises Invalid."""
    if extras.film is not None and picture_count:
        raise Invalid(_("Välj bilder eller en film, inte båda."), field="film")
    if is_by_hand(channel, extras.film):
        return
    if fault := film_fault(channel, extras.film):
        raise Invalid(fault, field="film")
    if extras.poll and extras.film is not None:
        raise Invalid(_("Ett inlägg kan inte ha både en film och en omröstning där."), field="poll_options")
    if extras.poll and channel.platform not in POLLED:
        raise Invalid(_("Kanalen har inga omröstningar."), field="poll_options")
    if extras.poll and channel.platform == Platform.X:
        _refuse_poll_on_x(extras.poll)
    if extras.poll and picture_count:
        raise Invalid(_("Ett inlägg kan inte ha både bilder och en omröstning där."), field="poll_options")
    if extras.visibility == Visibility.FOLLOWERS and channel.platform != Platform.MASTODON:
        raise Invalid(_("Där syns ett inlägg för alla, inte bara för följare."), field="visibility")


def _refuse_poll_on_x(poll: Mapping[str, Any]) -> None:
    if poll["is_multiple"]:
        raise Invalid(_("På X väljer den som röstar ett av svaren, inte flera."), field="poll_multiple")
    if any(len(str(each)) > MOST_OPTION_ON_X for each in poll["options"]):
        raise Invalid(_("På X får ett svar i en omröstning ha högst 25 tecken."), field="poll_options")


def extras_for(channel: Channel, extras: Extras) -> dict[str, Any]:
    """Return what a publication holds of it, as far as the platform has it."""
    by_hand = is_by_hand(channel, extras.film)
    return {
        "warning": extras.warning if folds(channel) else "", "language": extras.language,
        "poll": extras.poll if by_hand or channel.platform in POLLED else None,
        "card": extras.card if shows_cards(channel) and extras.film is None else None, "film": extras.film,
    }  # fmt: skip


def visibility_in(channel: Channel, extras: Extras) -> str:
    """Return whom a post is shown to in a channel."""
    has_circles = channel.platform == Platform.MASTODON or is_by_hand(channel, extras.film)
    return extras.visibility if has_circles else Visibility.PUBLIC.value


def poll_of(publication: Publication) -> Poll | None:
    """Return the poll of a publication as the connector takes it."""
    poll = publication.poll
    return Poll(tuple(poll["options"]), poll["hours"], poll["is_multiple"]) if poll else None


def card_of(publication: Publication) -> Card | None:
    """Return the link card of a publication as the connector takes it, with its picture's bytes."""
    card = publication.card
    if not card:
        return None
    picture = None
    if card.get("picture"):
        found = media.picture_for(Actor.system(publication.channel.authority, "publish"), card["picture"])
        picture = PortPicture(content=media.bytes_of(found), media_type=found.media_type, alt="")
    return Card(card["url"], card["title"], card["description"], picture)


def parent_of(publication: Publication) -> tuple[str, str]:
    """Return what a publication hangs on where it is published: what it answers or follows, and the thread's first."""
    if publication.answers is not None:
        return publication.answers.remote_id, publication.answers.thread_key
    if publication.follows is None:
        return "", ""
    first = publication.follows
    rows = Publication.objects.everywhere("publish a thread")
    while first.follows_id is not None:
        first = rows.get(pk=first.follows_id)
    return publication.follows.remote_id, first.remote_id


def rest_of(publication: Publication) -> list[Publication]:
    """Return the parts of a thread that wait for this one, in order."""
    found: list[Publication] = []
    rows = Publication.objects.everywhere("follow a thread").filter(authority_id=publication.authority_id)
    after = list(rows.filter(follows=publication))
    while after and len(found) < threads.MOST_PARTS:
        found.append(after[0])
        after = list(rows.filter(follows=after[0]))
    return found


def thread_of(publication: Publication) -> list[Publication]:
    """Return every part of the thread that a publication is part of, in order; the newest try of each."""
    first = publication
    rows = Publication.objects.everywhere("follow a thread").filter(authority_id=publication.authority_id)
    while first.follows_id is not None:
        first = rows.get(pk=first.follows_id)
    return [first, *rest_of(first)]


def parts_by_hand(publication: Publication) -> Sequence[str]:
    """Return the posts that a person publishes by hand, in order."""
    return publication.text.split(threads.BY_HAND)

"""Every read of publications."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from narvaro.channels import queries as channels
from narvaro.channels.types import NOT_BEGUN as NOT_IN_USE
from narvaro.channels.types import Platform
from narvaro.connectors.port import Picture as PortPicture
from narvaro.connectors.port import Visibility
from narvaro.core.gathering import Part
from narvaro.core.types import ANSWERS, Actor, NotFound, Role
from narvaro.media import queries as media
from narvaro.publishing import rules
from narvaro.publishing.models import Message, MessagePicture, Publication, PublicationPicture, Together
from narvaro.publishing.types import NEEDS_PERSON, Approver, State
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.media.models import Picture


_FETCHING = (Platform.INSTAGRAM, Platform.THREADS)
"""Platforms that take no picture, but the address of one."""

approvers: list[Callable[[Actor, Channel], Approver | None]] = []
"""What floors above know of who approves what goes out in a channel now; None where nobody does."""


holders: list[Callable[[], list[tuple[int, int | None]]]] = []
"""What floors above hold of what was planned: an authority, and a channel of it or None for all of them."""


def approver_of(actor: Actor, channel: Channel) -> Approver | None:
    """Return who approves what people send in a channel now, or None."""
    return next((found for each in approvers if (found := each(actor, channel)) is not None), None)


def channels_to_post_in(actor: Actor) -> list[Channel]:
    """Return the channels in use where the actor may post, by name; also those where people publish by hand."""
    return [
        channel
        for channel in channels.channels(actor)
        if channel.state not in NOT_IN_USE
        and rules.may_post(actor, channel.responsible_id, channel.deputy_id, channel.unit_id)
    ]


def awaiting(actor: Actor, *, limit: int = 500) -> list[Publication]:
    """Return what waits for somebody to approve it, oldest first, as far as the actor may read it."""
    related = ("channel", "written_by", "answers", "together")
    rows = _readable(actor).filter(state=State.AWAITING).select_related(*related)
    return list(rows.order_by("id")[:limit])


def together_for(actor: Actor, uid: UUID | str) -> Together:
    """Return one text that answered many. Raises NotFound."""
    found: Together | None = Together.objects.of(actor).filter(uid=uid).select_related("written_by").first()
    if found is None:
        raise NotFound
    return found


def parts_of(actor: Actor, together: Together) -> list[Publication]:
    """Return the publications of one text that answered many, in order; each new try follows what it tries again."""
    rows = _readable(actor).filter(together=together).select_related("channel", "answers")
    return list(rows.order_by("id"))


def publication_for(actor: Actor, uid: UUID | str) -> Publication:
    """
    Return one publication of the actor's authority.

    Raises:
        NotFound: Missing, another authority's, or the answer to a private message that is not the actor's to read.
    """
    rows = _readable(actor).select_related("channel", "answers", "written_by", "film")
    found: Publication | None = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def answers_to(actor: Actor, item_ids: Iterable[int]) -> dict[int, list[Publication]]:
    """Return the publications that answer each item, oldest first, by item key; cancelled ones are left out."""
    rows = Publication.objects.of(actor).filter(answers_id__in=list(item_ids)).exclude(state=State.CANCELLED)
    found: dict[int, list[Publication]] = {}
    for row in rows.select_related("written_by").order_by("id"):
        found.setdefault(row.answers_id or 0, []).append(row)
    return found


def tries_after(publication_ids: Iterable[int]) -> dict[int, Publication]:
    """Return the latest new try of each publication that has one, by the key of the first; for sweeps."""
    rows = Publication.objects.everywhere("follow new tries").filter(retry_of_id__in=list(publication_ids))
    return {row.retry_of_id or 0: row for row in rows.exclude(state=State.CANCELLED).order_by("id")}


def answers_part(actor: Actor, item_ids: Iterable[int]) -> Part:
    """Return what to gather, together with other things, to know what `answers_to` tells; for `answers_from`."""
    rows = Publication.objects.of(actor).filter(answers_id__in=list(item_ids)).exclude(state=State.CANCELLED)
    return Part(rows, names=("written_by__name",), without=("similar",))


def answers_from(found: Iterable[Publication]) -> dict[int, list[Publication]]:
    """Return gathered publications by the key of what they answer, oldest first."""
    listed: dict[int, list[Publication]] = {}
    for row in found:
        listed.setdefault(row.answers_id or 0, []).append(row)
    return listed


def for_a_person(actor: Actor) -> list[Publication]:
    """Return publications that a person must decide about, oldest first."""
    rows = _readable(actor).filter(state__in=NEEDS_PERSON, settled_at=None)
    return list(rows.select_related("channel", "written_by").order_by("id"))


PAGE = 30


def latest(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> list[Publication]:
    """Return what has been sent, newest first, older than id `before` when given."""
    rows = _readable(actor).select_related("channel", "written_by", "answers").order_by("-id")
    return list((rows.filter(pk__lt=before) if before else rows)[:limit])


def pictures_shown(publication: Publication) -> list[PublicationPicture]:
    """Return the pictures of a publication with their descriptions, in their places."""
    rows = PublicationPicture.objects.everywhere("show").filter(publication=publication)
    return list(rows.select_related("picture").order_by("place"))


def picture_going_out(actor: Actor, uid: UUID | str) -> Picture:
    """
    Return a picture of a message or of something sent that the actor may read, or of a message's link card.

    Raises:
        NotFound: No such picture, or it goes out with nothing that they may read.
    """
    found = media.picture_for(actor, uid)
    reads_messages = actor.has_anywhere(*ANSWERS, Role.AUDITOR, Role.REGISTRAR, Role.ARCHIVIST)
    with_message = MessagePicture.objects.of(actor).filter(picture=found)
    with_card = Message.objects.of(actor).filter(card__picture=str(found.uid))
    if reads_messages and (with_message.exists() or with_card.exists()):
        return found
    sent = PublicationPicture.objects.of(actor).filter(picture=found)
    if _readable(actor).filter(pk__in=sent.values("publication_id")).exists():
        return found
    raise NotFound


def picture_rows(publication: Publication) -> list[PublicationPicture]:
    """Return which pictures a publication has, in their places."""
    rows = PublicationPicture.objects.everywhere("publish").filter(publication=publication).select_related("picture")
    return sorted(rows, key=lambda row: row.place)


def pictures_of(publication: Publication, rows: Iterable[PublicationPicture] | None = None) -> tuple[PortPicture, ...]:
    """
    Return the pictures of a publication as the connector takes them, in their places.

    Args:
        rows: Which they are, where that was read already.
    """
    is_fetched = publication.channel.platform in _FETCHING
    return tuple(
        PortPicture(
            media.bytes_of(row.picture), row.picture.media_type, row.picture.alt,
            media.lent_address(row.picture) if is_fetched else "",
        )
        for row in (picture_rows(publication) if rows is None else rows)
    )  # fmt: skip


def delivered_by(authority_id: int, channel_id: int, remote_ids: Iterable[str]) -> dict[str, Publication]:
    """Return our deliveries among the named posts, by remote id; for those who follow the records' feed."""
    rows = Publication.objects.everywhere("follow the feed").filter(
        authority_id=authority_id, channel_id=channel_id, remote_id__in=list(remote_ids), state=State.DELIVERED
    )
    return {row.remote_id: row for row in rows}


def _readable(actor: Actor) -> QuerySet[Publication]:
    """Return what the actor may read: an answer to a private message as the message itself. Law: TF-4, BBS-1"""
    rows: QuerySet[Publication] = Publication.objects.of(actor)
    if actor.is_system:
        return rows
    is_open = Q(answers=None) | ~Q(answers__visibility=Visibility.PRIVATE)
    is_theirs = Q(channel_id__in=records.private_channels(actor).values("pk")) | Q(written_by_id=actor.person_id or 0)
    return rows.filter(is_open | is_theirs)

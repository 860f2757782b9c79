"""Every read of when channels usually post, and of the next time that is free."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from narvaro.base.clock import STOCKHOLM, now
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotFound
from narvaro.publishing import slots
from narvaro.publishing.models import Message, MessageChannel, PostingTimes
from narvaro.publishing.queries.publications import channels_to_post_in
from narvaro.publishing.types import MessageState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

MOST_PLANNED = 20_000


def usual_times(actor: Actor, channel_ids: Iterable[int]) -> dict[int, frozenset[slots.Usual]]:
    """Return when channels usually post, by the channel's key; those that have said nothing are left out."""
    rows = PostingTimes.objects.of(actor).filter(channel__in=list(channel_ids))
    return {row.channel_id: found for row in rows if (found := times_in(row))}


def times_in(row: PostingTimes) -> frozenset[slots.Usual]:
    """Return the times that a row holds."""
    return frozenset((int(weekday), time.fromisoformat(clock)) for weekday, clock in row.times)


def channel_with_times(actor: Actor, uid: UUID | str) -> Channel:
    """Return a channel in which the actor posts, so that they say when. Raises NotFound."""
    found = next((each for each in channels_to_post_in(actor) if str(each.uid) == str(uid)), None)
    if found is None:
        raise NotFound
    return found


def next_time(actor: Actor, channels: Iterable[Channel], *, message: Message | None = None) -> datetime | None:
    """
    Return the next time that is free in all of several channels, at least a quarter of an hour away; None for none.

    Drafts that have a time count as planned. What the message holds itself does not.

    Law: none
    """
    keys, since = [each.pk for each in channels], now() + slots.AHEAD
    first = since.astimezone(STOCKHOLM).date()
    span = (first - timedelta(days=1), first + timedelta(days=slots.HORIZON_DAYS + 1))
    rows = MessageChannel.objects.of(actor).filter(channel__in=keys, message__shows_on__range=span)
    rows = rows.exclude(message__state=MessageState.THROWN)
    rows = rows.exclude(message=message) if message is not None else rows
    taken = rows.order_by("message__shows_at").values_list("message__shows_at", flat=True).distinct()[:MOST_PLANNED]
    working = core.calendar_for(core.authority_of(actor))
    return slots.next_free(since, [at for at in taken if at], usual_times(actor, keys), working)

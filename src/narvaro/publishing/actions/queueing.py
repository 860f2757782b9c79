"""Every write of when channels usually post, and putting a message in their queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, now
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid
from narvaro.publishing import queries, slots
from narvaro.publishing.models import Message, PostingTimes
from narvaro.publishing.queries.slots import channel_with_times, next_time

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


@transaction.atomic
def set_posting_times(*, actor: Actor, uid: UUID | str, times: Sequence[slots.Usual]) -> PostingTimes:
    """
    Say when a channel usually posts: weekdays and times of day. None of them: when the authority is open.

    Raises:
        NotFound: There is no such channel in which the actor posts.
        Invalid: There are more than forty.

    Law: none; when to post is a choice.
    """
    channel = channel_with_times(actor, uid)
    if len(times) > slots.MOST_TIMES:
        raise Invalid(_("Skriv högst 40 tider."))
    (row,) = _held(actor, [channel])
    row.times = [[weekday, f"{clock:%H:%M}"] for weekday, clock in sorted(set(times))]
    row.changed_by_id, row.changed_at = actor.person_id, now()
    row.save()
    audit.note(actor, "publishing.set_posting_times", channel=channel.uid, count=len(row.times))
    return row


@transaction.atomic
def time_in_queue(
    *, actor: Actor, channels: Iterable[Channel], purpose: str, message: Message | None = None,
    checked_on: date | None = None,
) -> tuple[date, time]:  # fmt: skip
    """
    Return the next free time of some channels, so that nobody else is given it before the caller's transaction ends.

    Args:
        message: What is put there, where it has a time already.
        checked_on: The day for which it was asked what is asked before an election.

    Raises:
        Invalid: No channel, nothing is free within three months, or the day lies before an election and nobody agreed.

    Law: SEC-3
    """
    chosen = list(channels)
    if not chosen:
        raise Invalid(_("Välj minst en kanal."), field="channels")
    _held(actor, chosen)
    at = next_time(actor, chosen, message=message)
    if at is None:
        raise Invalid(_("Inget är ledigt de närmaste tre månaderna. Välj en tid själv."), field="day")
    day, clock = wall_of(at)
    if day != checked_on and (said := queries.asks_before_election(actor, day, purpose)):
        raise Invalid(said, field="day")
    return day, clock


def wall_of(at: datetime) -> tuple[date, time]:
    """Return the day and what a clock on the wall here shows at a moment."""
    local = at.astimezone(STOCKHOLM)
    return local.date(), local.time().replace(tzinfo=None)


def _held(actor: Actor, channels: Iterable[Channel]) -> list[PostingTimes]:
    """Return the rows of some channels, made where there is none, and hold them until the transaction ends."""
    keys = sorted({each.pk for each in channels})
    rows = PostingTimes.objects.of(actor)
    rows.bulk_create(
        [PostingTimes(authority_id=actor.authority_id, channel_id=key) for key in keys], ignore_conflicts=True
    )
    return list(rows.select_for_update(of=("self",)).filter(channel__in=keys).order_by("channel_id"))

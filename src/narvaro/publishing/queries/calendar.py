"""Every read for the calendar: when something is planned or has gone out, and what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from narvaro.channels import queries as channels
from narvaro.core.types import Actor
from narvaro.publishing.models import MessageChannel
from narvaro.publishing.queries.messages import channels_of_all, readable
from narvaro.publishing.types import MessageState


@dataclass(frozen=True, slots=True)
class Entry:
    """Something on the calendar: when, what it says, where, and how it stands."""

    at: datetime
    text: str
    url: str
    channels: tuple[str, ...]
    state: str
    label: str


def calendar_channels(actor: Actor) -> list[tuple[str, str]]:
    """Return the channels that a calendar can show alone: uid and name."""
    return [(str(each.uid), each.name) for each in channels.channels(actor)]


def planned_at(actor: Actor, since: datetime, until: datetime, channel_uid: str = "") -> list[tuple[datetime, int]]:
    """
    Return when something is planned or has gone out, from `since` to before `until`, with each message's key; in order.

    Drafts with a time count too: a calendar without them would show gaps that are none.

    Args:
        channel_uid: Only in this channel.
    """
    timed = Q(planned_at__gte=since, planned_at__lt=until)
    at_once = Q(planned_at=None, sent_at__gte=since, sent_at__lt=until)
    rows = readable(actor).exclude(state=MessageState.THROWN).filter(timed | at_once)
    if channel_uid:
        there = MessageChannel.objects.of(actor).filter(channel__uid=channel_uid)
        rows = rows.filter(pk__in=there.values("message_id"))
    found = rows.values_list("planned_at", "sent_at", "pk")
    return sorted((at, key) for planned, sent, key in found if (at := planned or sent) is not None)


def entries(actor: Actor, keys: Iterable[int]) -> dict[int, Entry]:
    """Return what stands on the calendar about messages, by their keys."""
    found = list(readable(actor).filter(pk__in=list(keys)))
    parts = channels_of_all(actor, found)
    return {
        each.pk: Entry(
            at=each.planned_at or each.sent_at or each.changed_at, text=each.text or _first(parts.get(each.pk, ())),
            url=f"/publicerat/utkast/{each.uid}/", channels=tuple(p.channel.name for p in parts.get(each.pk, ())),
            state=each.state, label=str(MessageState(each.state).label),
        )
        for each in found
    }  # fmt: skip


def _first(parts: Sequence[MessageChannel]) -> str:
    return next((part.text for part in parts if part.text), "")

"""Every read of the channel register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Model, Q, QuerySet

from narvaro.base.clock import now
from narvaro.channels import rules
from narvaro.channels.custody import StoredKeeper
from narvaro.channels.models import Channel, ChannelCard, ChannelReading, OAuthRequest, PlatformAssessment, WatchShift
from narvaro.channels.queries.gate import Papers, papers_parts
from narvaro.channels.types import NOT_BEGUN, OWN, ChannelState, Connection
from narvaro.connectors.port import Account, Limits
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor, NotFound, Role

Row = TypeVar("Row", bound=Model)

IDENTITY = ("platform", "handle", "remote_id", "base_url", "state")
"""The fields that say which account a channel is, and whether it is in use."""


def channels(actor: Actor, *, include_closed: bool = False) -> list[Channel]:
    """Return the authority's channels that people outside have met, by name, with unit, responsible and deputy."""
    return [channel for channel in registered(actor, include_closed=include_closed) if channel.state not in NOT_BEGUN]


def registered(actor: Actor, *, include_closed: bool = False) -> list[Channel]:
    """Return all that stands in the authority's register, also what is only proposed or decided, by name."""
    rows = Channel.objects.of(actor).select_related("unit", "responsible", "deputy").order_by("name", "id")
    return list(rows if include_closed else rows.exclude(state=ChannelState.CLOSED))


def overseen(actor: Actor) -> list[Channel]:
    """
    Return the channels where others can be read by what is written there, so that somebody has to look them over.

    Where nobody can write, or the platform has the duty, the channel's card says so. In a feed or a newsletter of our
    own nobody can.

    Law: BBS-3 (and 4 a §, which the authority judges: the usual is that the duty is ours)
    """
    spared = ChannelCard.objects.of(actor).filter(bbs_applies=False).values("channel_id")
    rows = Channel.objects.of(actor).exclude(state__in=(*NOT_BEGUN, ChannelState.CLOSED)).exclude(pk__in=spared)
    rows = rows.exclude(platform__in=OWN)
    return list(rows.select_related("unit", "responsible", "deputy").order_by("name", "id"))


def rows(actor: Actor) -> QuerySet[Channel]:
    """Return all of the authority's channels, closed ones too, to narrow further: not read yet."""
    return Channel.objects.of(actor)


def identity_of(channel: Channel) -> dict[str, str]:
    """Return which account a channel is and whether it is in use, as the log tells it. Law: ARK-1"""
    return {name: str(getattr(channel, name)) for name in IDENTITY}


def channel_for(actor: Actor, uid: UUID | str) -> Channel:
    """Return one channel of the actor's authority. Raises NotFound."""
    return _one(Channel.objects.of(actor).select_related("unit", "responsible", "deputy").filter(uid=uid))


def channel_by_id(actor: Actor, channel_id: int) -> Channel:
    """Return one channel of the actor's authority by its key. Raises NotFound."""
    return _one(Channel.objects.of(actor).select_related("unit", "responsible", "deputy").filter(pk=channel_id))


def answered_by(actor: Actor, *, unit_ids: Iterable[int], is_everywhere: bool) -> QuerySet[Channel]:
    """
    Return the channels that the actor answers for, closed ones too, to narrow another query with: not read yet.

    Those where the actor is responsible or deputy, those of the units, or all of them.
    """
    rows = Channel.objects.of(actor)
    if is_everywhere:
        return rows
    return rows.filter(
        Q(responsible_id=actor.person_id or 0) | Q(deputy_id=actor.person_id or 0) | Q(unit_id__in=sorted(unit_ids))
    )


def channels_by_id(actor: Actor, ids: Iterable[int]) -> dict[int, Channel]:
    """Return the named channels of the actor's authority, by key; those of others are absent."""
    rows = Channel.objects.of(actor).select_related("unit", "responsible", "deputy").filter(pk__in=set(ids))
    return {channel.pk: channel for channel in rows}


def card_of(actor: Actor, channel: Channel) -> ChannelCard:
    """Return a channel's card; a blank one, not kept yet, where nobody has filled it in."""
    found = ChannelCard.objects.of(actor).filter(channel=channel).first()
    return found or ChannelCard(authority_id=channel.authority_id, channel=channel)


def reading_of(actor: Actor, channel: Channel) -> ChannelReading:
    """Return how far a channel has been read. Raises NotFound."""
    return _one(ChannelReading.objects.of(actor).filter(channel=channel))


def readings(actor: Actor) -> dict[int, ChannelReading]:
    """Return the reading of each of the authority's channels, by channel key."""
    return {row.channel_id: row for row in ChannelReading.objects.of(actor)}


def unhealthy(actor: Actor) -> list[ChannelReading]:
    """Return the readings of channels that a person must do something about (P6)."""
    rows = ChannelReading.objects.of(actor).filter(connection__in=[Connection.RECONNECT, Connection.MISCONFIGURED])
    return list(rows.exclude(channel__state=ChannelState.CLOSED).select_related("channel"))


def unhealthy_part(actor: Actor) -> Part:
    """Return what to gather, together with other things, to know what `unhealthy` tells."""
    rows = ChannelReading.objects.of(actor).filter(connection__in=[Connection.RECONNECT, Connection.MISCONFIGURED])
    return Part(
        rows.exclude(channel__state=ChannelState.CLOSED), names=("channel__name", "channel__uid"), without=("cursor",)
    )


def account_of(channel: Channel) -> Account:
    """Return the channel's account, ready for its connector."""
    return Account(
        base_url=channel.base_url,
        handle=channel.handle,
        remote_id=channel.remote_id,
        keeper=StoredKeeper(channel.pk, channel.uid),
        allow_private_hosts=settings.OPTIONS.allow_private_hosts,
        options=channel.options,
    )


def limits_of(channel: Channel) -> Limits:
    """Return what one post on a channel may be, without asking the platform: as it told last, else its usual."""
    return rules.limits_from(channel.platform, channel.limits or {})


def channel_to_read(channel_id: int) -> Channel:
    """Return a channel with its authority, for a sweep that has claimed its reading."""
    return Channel.objects.everywhere("read channels").select_related("authority").get(pk=channel_id)


def connected_ids() -> list[int]:
    """Return the channels of all authorities that can be read now, for sweeps."""
    rows = ChannelReading.objects.everywhere("read channels").exclude(channel__state=ChannelState.CLOSED)
    found = rows.filter(connection__in=[Connection.CONNECTED, Connection.TRANSIENT])
    return list(found.values_list("channel_id", flat=True))


def holders(actor: Actor, found: Iterable[Channel], *, at: datetime | None = None) -> dict[int, int | None]:
    """
    Return in whose hands each channel's comments lie at `at` (default now), by channel key.

    None where watch, responsible and deputy are all away or have left. A few queries however many channels.
    """
    moment = at or now()
    found = list(found)
    groups = {c.watch_group for c in found if c.watch_group}
    shifts = list(
        WatchShift.objects.of(actor)
        .filter(watch_group__in=groups, from_at__lte=moment, until_at__gt=moment, is_duty=False)
        .order_by("from_at")
        .values_list("watch_group", "person_id")
    )
    people = {p for c in found for p in (c.responsible_id, c.deputy_id)} | {p for _, p in shifts}
    absent = core.not_here(actor, people, at=moment)
    return {
        c.pk: rules.holder(
            on_watch=[p for group, p in shifts if group == c.watch_group],
            responsible_id=c.responsible_id,
            deputy_id=c.deputy_id,
            absent=absent,
        )
        for c in found
    }


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page of one channel tells besides what the channel says itself."""

    reading: ChannelReading
    papers: Papers
    said: PlatformAssessment | None  # of its platform, by the authority
    holder_id: int | None  # in whose hands what comes in lies now; None where all are away or have left
    holder_name: str
    left: frozenset[int]  # those of its people who have left the authority
    history: tuple[Any, ...]  # oldest first


def overview(actor: Actor, channel: Channel) -> Overview:
    """
    Return what a channel's page tells besides the channel, in three statements whatever there is to tell.

    Raises:
        NotFound: How far it is read is not known: it is no channel of the actor's.
    """
    moment = now()
    watched = WatchShift.objects.of(actor).filter(
        watch_group=channel.watch_group, from_at__lte=moment, until_at__gt=moment, is_duty=False
    )
    found = gathered({
        "reading": Part(ChannelReading.objects.of(actor).filter(channel=channel), without=("cursor",)),
        "shifts": Part(watched if channel.watch_group else watched.none(), names=("person__name",)),
        "history": audit.history_part(actor, channel),
        "said": Part(PlatformAssessment.objects.of(actor).filter(platform=channel.platform)),
        **papers_parts(actor, [channel]),
    })  # fmt: skip
    if not found["reading"]:
        raise NotFound
    on_watch = [shift.person for shift in sorted(found["shifts"], key=lambda shift: shift.from_at)]
    people = {person.pk: person.name for person in (*on_watch, channel.responsible, channel.deputy) if person}
    left = core.gone(actor, people)
    holder_id = rules.holder(
        on_watch=[person.pk for person in on_watch], responsible_id=channel.responsible_id,
        deputy_id=channel.deputy_id, absent=core.absent_now(actor, people, at=moment) | left,
    )  # fmt: skip
    name = people[holder_id] if holder_id is not None else ""
    return Overview(
        found["reading"][0],
        Papers.of(found),
        next(iter(found["said"]), None),
        holder_id,
        name,
        left,
        tuple(found["history"]),
    )


def people_who_left(actor: Actor, found: Iterable[Channel]) -> frozenset[int]:
    """Return which of the channels' responsible people and deputies have left the authority, by key."""
    return core.gone(actor, {p for c in found for p in (c.responsible_id, c.deputy_id)})


def menders(actor: Actor, unit_id: int) -> list[str]:
    """Return who may mend what a unit's channels lack, by name: its managers, else the communications leads."""
    found = core.people_with(actor, Role.UNIT_MANAGER, unit_id=unit_id)
    return [person.name for person in found or core.people_with(actor, Role.COMMUNICATIONS_LEAD)]


def duty_contacts(actor: Actor, *, at: datetime | None = None) -> list[int]:
    """Return who has duty for what cannot wait at `at` (default now), in the order they are called."""
    moment = at or now()
    rows = WatchShift.objects.of(actor).filter(is_duty=True, from_at__lte=moment, until_at__gt=moment)
    return list(rows.order_by("from_at", "id").values_list("person_id", flat=True))


def shifts(actor: Actor) -> list[WatchShift]:
    """Return present and coming shifts, soonest first."""
    return list(
        WatchShift.objects.of(actor).filter(until_at__gt=now()).select_related("person").order_by("from_at", "id")
    )


def shifts_between(actor: Actor, since: datetime, until: datetime) -> list[WatchShift]:
    """Return the shifts that touch the half-open span [since, until), by beginning."""
    rows = WatchShift.objects.of(actor).filter(from_at__lt=until, until_at__gt=since).select_related("person")
    return list(rows.order_by("from_at", "id"))


def watch_groups(actor: Actor) -> list[str]:
    """Return the names of the groups of channels that are watched together, in order; [] when there are none."""
    rows = Channel.objects.of(actor).exclude(state=ChannelState.CLOSED).exclude(watch_group="")
    return sorted(set(rows.values_list("watch_group", flat=True)))


def oauth_request(state: str) -> OAuthRequest:
    """Return a connection that is being made, unused and under 15 minutes old. Raises NotFound."""
    found: OAuthRequest | None = (
        OAuthRequest.objects.everywhere("finish connecting").select_related("channel").filter(state=state).first()
    )
    if found is None or found.used_at is not None or (now() - found.started_at).total_seconds() > 900:
        raise NotFound
    return found


def _one(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound
    return found

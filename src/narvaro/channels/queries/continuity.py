"""What stands when somebody leaves, is away or moves: who hands over what, and what hangs on one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from narvaro.base.clock import now
from narvaro.channels.models import (
    AccountAccess,
    Channel,
    ChannelCard,
    ChannelSecret,
    MonthlyLetter,
    SecurityIncident,
    Vacancy,
    WatchShift,
)
from narvaro.channels.rules import continuity, may_register
from narvaro.channels.types import NOT_BEGUN, ChannelState
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor, NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.core.models import Person, Unit

_CONNECTED = "channels.connect_channel"


@dataclass(frozen=True, slots=True)
class HandOver:
    """What one person hands over: places in channels, what waits by name, keys, access to accounts and shifts."""

    person: Person
    channels: tuple[Channel, ...]
    others: Mapping[int, Person | None]  # who answers for each channel besides, and is here
    waits: tuple[Any, ...]
    consents: tuple[Channel, ...]  # connected by this person: the key may end with their account on the platform
    accesses: tuple[AccountAccess, ...]
    shifts: tuple[WatchShift, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.channels or self.waits or self.consents or self.accesses or self.shifts)


def hand_over(actor: Actor, person: Person, people: Iterable[Person]) -> HandOver:
    """
    Return what a person hands over, three statements whatever there is.

    Args:
        people: Those who hold a role in the authority now.

    Raises:
        NotPermitted: Neither oneself, nor somebody who says who answers for channels.

    Law: SEC-2, FL-2
    """
    if not (actor.is_person(person) or may_register(actor)):
        raise NotPermitted
    with_keys = ChannelSecret.objects.of(actor).values("channel_id")
    names = ("unit__name", "responsible__name", "deputy__name")
    in_use = _in_use(actor)
    read = gathered({
        "channels": Part(in_use.filter(Q(responsible=person) | Q(deputy=person)), names=names),
        "keyed": Part(in_use.filter(pk__in=with_keys)),
        "accesses": Part(
            AccountAccess.objects.of(actor)
            .filter(person=person, ended_at=None)
            .exclude(channel__state=ChannelState.CLOSED),
            names=("channel__name", "channel__uid"),
        ),
        "shifts": Part(WatchShift.objects.of(actor).filter(person=person, until_at__gt=now())),
        "given": audit.verb_part(actor, _CONNECTED, Channel._meta.label_lower, with_keys),
    })  # fmt: skip
    channels = sorted(read["channels"], key=lambda channel: (channel.name, channel.pk))
    named = {pk for c in channels for pk in (c.responsible_id, c.deputy_id)} - {person.pk, None}
    there = {each.pk: each for each in people if each.pk in named}
    here = there.keys() - (core.absent_now(actor, there) if there else frozenset())
    given = {entry.subject_id: entry.person_id for entry in read["given"]}  # by key, so the latest stands
    return HandOver(
        person=person,
        channels=tuple(channels),
        others={
            c.pk: next((there[pk] for pk in (c.responsible_id, c.deputy_id) if pk in here), None) for c in channels
        },
        waits=tuple(waiting.of_person(actor, person.pk)),
        consents=tuple(c for c in read["keyed"] if given.get(c.pk) == person.pk),
        accesses=tuple(read["accesses"]),
        shifts=tuple(sorted(read["shifts"], key=lambda shift: shift.from_at)),
    )


def empty_places(actor: Actor) -> list[continuity.Empty]:
    """Return every place in channels in use that stands empty now, and why. A few statements."""
    channels = list(_in_use(actor).exclude(state__in=NOT_BEGUN).order_by("pk"))
    moment = now()
    away: dict[int, datetime] = {}
    for absence in core.absences(actor):
        if absence.from_at <= moment:
            away[absence.person_id] = min(absence.from_at, away.get(absence.person_id, absence.from_at))
    units: dict[int, set[int | None]] = {}
    for held in core.assignments_of(actor):
        units.setdefault(held.person_id, set()).add(held.unit_id)
    gone = core.gone(actor, {p for c in channels for p in (c.responsible_id, c.deputy_id)}) if channels else frozenset()
    return [
        empty
        for channel in channels
        for empty in continuity.empty_places(
            channel_id=channel.pk, unit_id=channel.unit_id, responsible_id=channel.responsible_id,
            deputy_id=channel.deputy_id, gone=gone, away_since=away, units_of=units, at=moment,
        )
    ]  # fmt: skip


def vacancies(actor: Actor, found: Iterable[Channel] | None = None) -> list[Vacancy]:
    """Return the places that are known to stand empty, of the channels or (None) of all, oldest first."""
    rows = Vacancy.objects.of(actor).filter(filled_at=None)
    if found is not None:
        rows = rows.filter(channel__in=list(found))
    return list(rows.select_related("channel__unit", "person").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Stand:
    """One channel, and what it would stand without if one of its people left tomorrow."""

    channel: Channel
    exposure: continuity.Exposure


@dataclass(slots=True)
class UnitStands:
    """A unit's channels as they would stand if somebody left tomorrow."""

    unit: Unit
    stands: list[Stand] = field(default_factory=list)

    @property
    def bare(self) -> list[Stand]:
        return [stand for stand in self.stands if not stand.exposure.is_fine]


@dataclass(frozen=True, slots=True)
class Around:
    """What is known about some channels' people and safety, by channel key."""

    exposures: Mapping[int, continuity.Exposure]
    gone: frozenset[int]  # those of their people who have left
    incidents: Mapping[int, SecurityIncident]  # open ones
    declines_letter: bool  # the actor wants none each month


def around(actor: Actor, found: Iterable[Channel]) -> Around:
    """
    Return what each channel would stand without if one of its people left tomorrow, and what goes on. Two statements.

    It tells of channels and of how many, never of what anybody does.

    Law: SEC-2, RF-4
    """
    found = list(found)
    read = gathered({
        "accesses": Part(AccountAccess.objects.of(actor).filter(channel__in=found, ended_at=None)),
        "cards": Part(ChannelCard.objects.of(actor).filter(channel__in=found)),
        "incidents": Part(SecurityIncident.objects.of(actor).filter(channel__in=found, closed_at=None)),
        "declined": Part(MonthlyLetter.objects.of(actor).filter(person_id=actor.person_id or 0)),
    })  # fmt: skip
    people = {p for c in found for p in (c.responsible_id, c.deputy_id)} | {row.person_id for row in read["accesses"]}
    gone = core.gone(actor, people) if found else frozenset()
    told = {card.channel_id: card.administrators or 0 for card in read["cards"]}
    listed: dict[int, list[AccountAccess]] = {}
    for row in read["accesses"]:
        listed.setdefault(row.channel_id, []).append(row)
    stands = {}
    for channel in found:
        there = [row for row in listed.get(channel.pk, []) if row.person_id not in gone]
        stands[channel.pk] = continuity.exposure(
            answering=(channel.responsible_id, channel.deputy_id), gone=gone,
            reaching=sum(row.reaches_password for row in there),
            steering=sum(row.steers for row in there) if channel.pk in listed else told.get(channel.pk, 0),
        )  # fmt: skip
    troubled = {incident.channel_id: incident for incident in read["incidents"]}
    return Around(stands, gone, troubled, declines_letter=bool(read["declined"]))


def if_somebody_left(actor: Actor, unit_ids: frozenset[int] | None = None) -> list[UnitStands]:
    """
    Return how the channels in use would stand if one of their people left tomorrow, unit by unit.

    Args:
        unit_ids: Only these units; None is all.
    """
    rows = _in_use(actor).exclude(state__in=NOT_BEGUN).select_related("unit").order_by("unit__name", "name", "pk")
    channels = list(rows if unit_ids is None else rows.filter(unit_id__in=unit_ids))
    stands = around(actor, channels).exposures
    units: dict[int, UnitStands] = {}
    for channel in channels:
        units.setdefault(channel.unit_id, UnitStands(channel.unit)).stands.append(Stand(channel, stands[channel.pk]))
    return list(units.values())


def units_led(actor: Actor) -> frozenset[int] | None:
    """Return the units that the actor leads, with all that stand under them; None is the whole authority."""
    if actor.is_system or actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD, Role.AUDITOR):
        return None
    led = actor.units_as(Role.UNIT_MANAGER)
    return continuity.units_under(led, {unit.pk: unit.parent_id for unit in core.units(actor)}) if led else frozenset()


def channels_looked_after(actor: Actor) -> list[Channel]:
    """Return the channels in use of the units that the actor leads, and those where the actor is named; by unit."""
    units = units_led(actor)
    rows = _in_use(actor).select_related("unit", "responsible", "deputy").order_by("unit__name", "name", "pk")
    if units is not None:
        rows = rows.filter(
            Q(unit_id__in=units) | Q(responsible_id=actor.person_id or 0) | Q(deputy_id=actor.person_id or 0)
        )
    return list(rows)


def receivers_of_monthly_letter(actor: Actor) -> list[Person]:
    """Return who gets the letter each month: those who lead a unit, but for those who have declined it."""
    declined = set(MonthlyLetter.objects.of(actor).values_list("person_id", flat=True))
    return [person for person in core.people_with(actor, Role.UNIT_MANAGER) if person.pk not in declined]


def _in_use(actor: Actor) -> Any:
    return Channel.objects.of(actor).exclude(state=ChannelState.CLOSED)

"""What is asked of channels and what of it is missing: the register's own papers, and what higher floors wrote down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from narvaro.base.clock import STOCKHOLM, today
from narvaro.channels import rules
from narvaro.channels.models import (
    Channel,
    ChannelAssignment,
    ChannelCard,
    ChannelStep,
    ChannelTrial,
    Condition,
    Gate,
)
from narvaro.channels.types import ChannelState, Duty
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor

if TYPE_CHECKING:
    from narvaro.core.models import Person

_OF_CARD = frozenset({"people", "mailbox", "administrators", "access", "two_step"})


@dataclass(frozen=True, slots=True)
class Papers:
    """What is known about some channels' papers, read in one statement."""

    cards: Mapping[int, ChannelCard]
    conditions: tuple[Condition, ...]
    assigned: frozenset[tuple[int, int]]  # (channel, person)
    chosen: Mapping[str, str]

    @classmethod
    def of(cls, read: Mapping[str, list[Any]]) -> Papers:
        """Return the papers out of what was gathered by `papers_parts`."""
        return cls(
            {card.channel_id: card for card in read["card"]},
            tuple(read["conditions"]),
            frozenset((row.channel_id, row.person_id) for row in read["assigned"]),
            read["gate"][0].levels if read["gate"] else {},
        )


def papers_parts(actor: Actor, found: Iterable[Channel]) -> dict[str, Part]:
    """Return what to gather, together with other things, to know what channels lack."""
    found = list(found)
    people = {person for channel in found for person in (channel.responsible_id, channel.deputy_id)}
    about = Q(channel=None, person=None) | Q(channel__in=found) | Q(person_id__in=people)
    return {
        "card": Part(ChannelCard.objects.of(actor).filter(channel__in=found)),
        "conditions": Part(Condition.objects.of(actor).filter(about)),
        "assigned": Part(ChannelAssignment.objects.of(actor).filter(channel__in=found, ended_at=None)),
        "gate": Part(Gate.objects.of(actor)),
    }


def lacks(
    actor: Actor, found: Iterable[Channel], *, papers: Papers | None = None, left: frozenset[int] | None = None
) -> dict[int, list[rules.Lack]]:
    """
    Return what each channel still lacks, what stops new posts first, by channel key; a closed channel lacks nothing.

    Args:
        papers: The channels' papers, where they are read already.
        left: Who of their people have left, where that is known already.
    """
    kept = [channel for channel in found if channel.state != ChannelState.CLOSED]
    if papers is None:
        papers = Papers.of(gathered(papers_parts(actor, kept)))
    if left is None:
        left = core.gone(actor, {p for c in kept for p in (c.responsible_id, c.deputy_id)})
    return {channel.pk: _lacks_of(channel, papers, left, today()) for channel in kept}


@dataclass(frozen=True, slots=True)
class InUse:
    """
    A channel in use, since when it is, and the day from which it is one to try where that is written down.

    `kept_until` is the day until which somebody who tried it said that it is kept.
    """

    channel: Channel
    since: datetime
    quiet_on: date | None
    kept_until: date | None = None


def channels_in_use(actor: Actor) -> list[InUse]:
    """Return the channels that are in use now, by key; one that has rested is in use since it was woken."""
    active = Channel.objects.of(actor).filter(state=ChannelState.ACTIVE)
    read = gathered({
        "channels": Part(active),
        "steps": Part(ChannelStep.objects.of(actor).filter(channel__in=active, state=ChannelState.ACTIVE)),
        "quiet": Part(Condition.objects.of(actor).filter(channel__in=active, key=rules.QUIET)),
        "kept": Part(ChannelTrial.objects.of(actor).filter(channel__in=active, until_on__gt=today())),
    })  # fmt: skip
    begun: dict[int, datetime] = {}
    for step in read["steps"]:
        begun[step.channel_id] = max(step.at, begun.get(step.channel_id, step.at))
    days = {row.channel_id: row.valid_until for row in read["quiet"]}
    kept: dict[int, date] = {}
    for trial in read["kept"]:
        kept[trial.channel_id] = max(trial.until_on, kept.get(trial.channel_id, trial.until_on))
    return [
        InUse(each, max(each.opened_at, begun.get(each.pk, each.opened_at)), days.get(each.pk), kept.get(each.pk))
        for each in sorted(read["channels"], key=lambda each: each.pk)
    ]


def stops(actor: Actor, channel: Channel) -> list[rules.Lack]:
    """Return what stops new posts of ours in a channel now; [] when nothing does. Legal duties are never stopped."""
    return [lack for lack in lacks(actor, [channel]).get(channel.pk, []) if lack.stops]


def gate_of(actor: Actor) -> Gate:
    """Return what the authority asks of its channels; a row that is not kept yet where it has chosen nothing."""
    return Gate.objects.of(actor).first() or Gate(authority_id=actor.authority_id)


def assignments(actor: Actor, channel: Channel) -> list[ChannelAssignment]:
    """Return who has had the assignment to answer for a channel, newest first, ended ones too."""
    rows = ChannelAssignment.objects.of(actor).filter(channel=channel).select_related("person", "given_by")
    return list(rows.order_by("-given_at", "-pk"))


def steps_of(actor: Actor, channel: Channel) -> list[ChannelStep]:
    """Return the steps of a channel's life, oldest first. Law: SM-02"""
    return list(ChannelStep.objects.of(actor).filter(channel=channel).select_related("by").order_by("pk"))


def responsible_now(actor: Actor) -> list[ChannelAssignment]:
    """Return who has the assignment to be responsible for each channel that is not closed, by channel."""
    rows = ChannelAssignment.objects.of(actor).filter(ended_at=None, duty=Duty.RESPONSIBLE)
    rows = rows.exclude(channel__state=ChannelState.CLOSED).select_related("channel", "person")
    return list(rows.order_by("channel_id"))


def people_with_assignment(actor: Actor) -> list[Person]:
    """Return who has the assignment to answer for a channel that is not closed, by name, each once."""
    rows = ChannelAssignment.objects.of(actor).filter(ended_at=None).exclude(channel__state=ChannelState.CLOSED)
    named = set(rows.values_list("person_id", flat=True))
    return [person for person in core.people(actor) if person.pk in named]


def _lacks_of(channel: Channel, papers: Papers, left: frozenset[int], on: date) -> list[rules.Lack]:
    card = papers.cards.get(channel.pk) or ChannelCard()
    people = [person for person in (channel.responsible_id, channel.deputy_id) if person is not None]
    first = channel.papers_by or channel.opened_at.astimezone(STOCKHOLM).date()
    known = set(_OF_CARD)
    if card.decision_ref:
        known.add("decision")
    if card.next_review_on is not None:
        known.add("review")
    conditions = [c for c in papers.conditions if c.channel_id in (None, channel.pk)]
    written = rules.written_lacks(
        conditions,
        people=people, known=frozenset(known), chosen=papers.chosen, due=first, on=on,
    )  # fmt: skip
    computed = rules.lacks_of(
        card, purpose=channel.purpose, has_deputy=channel.deputy_id is not None,
        has_left=bool({channel.responsible_id, channel.deputy_id} & left),
        has_assignments=all((channel.pk, person) in papers.assigned for person in people), first=first, on=on,
    )  # fmt: skip
    quiet = rules.quiet_lacks(conditions, state=channel.state, on=on)
    return rules.judged([*written, *computed, *quiet], state=channel.state, chosen=papers.chosen, on=on)

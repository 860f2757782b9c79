"""The guideline: which version holds, what it decides, who has read it, and when it is looked over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet

from narvaro.base.clock import today
from narvaro.channels import queries as channels
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor, NotFound
from narvaro.policy import guidelines, outgoing, parameters
from narvaro.policy.models import Acknowledgement, DutiesSeen, Guideline, GuidelineStep, Minutes, Reviewer
from narvaro.policy.types import GuidelineState, Section, StepKind

if TYPE_CHECKING:
    from narvaro.core.models import Person

ADDRESS = "/policy/"
"""Where the guideline in force stands for those who work here."""

_HOLDS = (GuidelineState.IN_FORCE.value, GuidelineState.SUPERSEDED.value, GuidelineState.ADOPTED.value)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the reading of the version in force goes: whom it waits for, and how many have done it."""

    waits: tuple[Acknowledgement, ...]
    done: int
    asked: int


@dataclass(frozen=True, slots=True)
class Shown:
    """The version in force with its steps, the draft, the one that waits for its day, and what the actor is asked."""

    in_force: Guideline | None
    draft: Guideline | None
    coming: Guideline | None
    steps: tuple[GuidelineStep, ...]
    asked: Acknowledgement | None


def guideline_in_force(actor: Actor) -> Guideline | None:
    """Return the version that holds now; None where the authority has adopted none."""
    found: Guideline | None = Guideline.objects.of(actor).filter(state=GuidelineState.IN_FORCE).first()
    return found


def shown_guideline(actor: Actor) -> Shown:
    """Return everything that the page of the guideline in force shows, in one statement. Law: SM-03"""
    alive = Q(state=GuidelineState.IN_FORCE) | Q(state=GuidelineState.DRAFT) | Q(state=GuidelineState.ADOPTED)
    of = {"guideline__state": GuidelineState.IN_FORCE}
    read = gathered({
        "guidelines": Part(Guideline.objects.of(actor).filter(alive)),
        "steps": Part(GuidelineStep.objects.of(actor).filter(**of), names=("by__name",)),
        "asked": Part(Acknowledgement.objects.of(actor).filter(**of, person_id=actor.person_id or 0)),
    })  # fmt: skip
    by_state = {row.state: row for row in read["guidelines"]}
    return Shown(
        by_state.get(GuidelineState.IN_FORCE), by_state.get(GuidelineState.DRAFT), by_state.get(GuidelineState.ADOPTED),
        tuple(read["steps"]), next(iter(read["asked"]), None),
    )  # fmt: skip


def decided(actor: Actor) -> Mapping[str, Any]:
    """Return what the guideline in force decides, by parameter; {} where none is in force. Law: SM-03"""
    found = guideline_in_force(actor)
    return found.values if found else {}


def outgoing_levels(actor: Actor) -> dict[str, str]:
    """Return how strictly what goes out is read where the guideline in force says so, by area of the rules."""
    rows = Guideline.objects.of(actor).filter(state=GuidelineState.IN_FORCE)
    return outgoing.levels(rows.values_list("values", flat=True).first() or {})


def in_force_part(actor: Actor) -> Part:
    """Return what to gather, together with other things, to know what the guideline in force decides."""
    return Part(Guideline.objects.of(actor).filter(state=GuidelineState.IN_FORCE), without=("sections", "retention"))


def guideline_for(actor: Actor, uid: UUID | str) -> Guideline:
    """Return one version. Raises NotFound."""
    found: Guideline | None = Guideline.objects.of(actor).filter(uid=uid).select_related("started_by").first()
    if found is None:
        raise NotFound
    return found


def draft(actor: Actor) -> Guideline | None:
    """Return the draft that is written on; None without one."""
    found: Guideline | None = Guideline.objects.of(actor).filter(state=GuidelineState.DRAFT).first()
    return found


def coming(actor: Actor) -> Guideline | None:
    """Return the version that is adopted and waits for its day; None without one."""
    found: Guideline | None = Guideline.objects.of(actor).filter(state=GuidelineState.ADOPTED).first()
    return found


def guidelines_of(actor: Actor) -> list[Guideline]:
    """Return every version, newest first, those laid aside too. Law: SM-03"""
    return list(Guideline.objects.of(actor).order_by("-number")[:200])


def before(actor: Actor, guideline: Guideline) -> Guideline | None:
    """Return the version that held before this one, or holds while it is a draft; None for the first."""
    rows = Guideline.objects.of(actor).filter(number__lt=guideline.number, state__in=_HOLDS)
    found: Guideline | None = rows.order_by("-number").first()
    return found


def steps_of(actor: Actor, guideline: Guideline) -> list[GuidelineStep]:
    """Return the steps of one version's life, oldest first."""
    return list(GuidelineStep.objects.of(actor).filter(guideline=guideline).select_related("by").order_by("pk"))


def adoption_of(actor: Actor, guideline: Guideline) -> GuidelineStep | None:
    """Return the step in which a version was adopted: body, day, paragraph and diary number."""
    rows = GuidelineStep.objects.of(actor).filter(guideline=guideline, kind=StepKind.ADOPTED)
    found: GuidelineStep | None = rows.order_by("-pk").first()
    return found


def sections_of(guideline: Guideline) -> list[Section]:
    """Return the sections as they are written, fill-ins unfilled, in their order."""
    return guidelines.sections(guideline.sections)


def filled_sections(guideline: Guideline) -> list[Section]:
    """Return the sections as they read, with the values that the version decides."""
    return guidelines.filled(guidelines.sections(guideline.sections), guideline.values)


def value_rows(guideline: Guideline) -> list[tuple[parameters.Parameter, str]]:
    """Return what a version decides, each with how it reads, in the order of the catalogue."""
    return [
        (each, parameters.labelled(key, guideline.values[key]))
        for key, each in parameters.PARAMETERS.items()
        if key in guideline.values
    ]


def minutes(actor: Actor) -> list[Minutes]:
    """Return the minutes that stand in place of a guideline, newest first."""
    return list(Minutes.objects.of(actor).select_related("by").order_by("-held_on", "-pk")[:200])


def has_minutes(actor: Actor) -> bool:
    """Whether there are minutes to lean on where there is no guideline."""
    return bool(Minutes.objects.of(actor).exists())


# --- Who looks it over --------------------------------------------------------------------------------------------


def figures_named(actor: Actor) -> list[tuple[str, Any]] | None:
    """Return the figures that the guideline in force says are measured, as key and label; None where none is."""
    guideline = guideline_in_force(actor)
    if guideline is None:
        return None
    named = guideline.values.get("metrics", ())
    return [(key, label) for key, label, _words in parameters.PARAMETERS["metrics"].choices if key in named]


def duties_of(actor: Actor) -> list[DutiesSeen]:
    """Return what the actor is asked to have seen as responsible for channels, by channel; seen ones too."""
    rows = DutiesSeen.objects.of(actor).filter(assignment__person_id=actor.person_id or 0, assignment__ended_at=None)
    return list(rows.select_related("assignment__channel").order_by("assignment__channel__name", "pk"))


def reviewers(actor: Actor) -> list[Reviewer]:
    """Return the officials who are reminded to look the guideline over, by name."""
    rows = Reviewer.objects.of(actor).filter(ended_at=None).select_related("person")
    return list(rows.order_by("person__name", "pk"))


def review_due(actor: Actor, guideline: Guideline) -> date | None:
    """
    Return the day when the version in force is to be looked over; None when it decides no interval.

    Counted from the latest day it was adopted or looked over. Law: SM-03
    """
    months = guideline.values.get("policy_review_months")
    kinds = (StepKind.ADOPTED.value, StepKind.REVIEWED.value)
    rows = GuidelineStep.objects.of(actor).filter(guideline=guideline, kind__in=kinds, decided_on__isnull=False)
    latest = rows.order_by("-decided_on").values_list("decided_on", flat=True).first()
    return guidelines.months_later(latest, months) if latest and months else None


# --- Who has read it ----------------------------------------------------------------------------------------------


def people_to_ask(actor: Actor) -> list[Person]:
    """Return those with an assignment to answer for a channel: they read the guideline. By name."""
    return channels.people_with_assignment(actor)


def asked(actor: Actor, guideline: Guideline, person_id: int | None) -> Acknowledgement | None:
    """Return what one person is asked, or has said, of one version; None when nobody has asked."""
    if person_id is None:
        return None
    rows = Acknowledgement.objects.of(actor).filter(guideline=guideline, person_id=person_id)
    found: Acknowledgement | None = rows.select_related("person").first()
    return found


def reading_of_guideline(actor: Actor, guideline: Guideline) -> Reading:
    """Return how the reading of a version goes among those who have an assignment now."""
    now_assigned = {person.pk for person in people_to_ask(actor)}
    rows = [row for row in _asked_of(actor, guideline) if row.person_id in now_assigned]
    waits = tuple(row for row in rows if row.at is None)
    return Reading(waits, len(rows) - len(waits), len(rows))


def overdue(actor: Actor, guideline: Guideline) -> list[Acknowledgement]:
    """Return those whose day to have read a version has passed."""
    return [row for row in reading_of_guideline(actor, guideline).waits if row.due_on < today()]


def _asked_of(actor: Actor, guideline: Guideline) -> QuerySet[Acknowledgement]:
    rows = Acknowledgement.objects.of(actor).filter(guideline=guideline).select_related("person")
    return rows.order_by("due_on", "person__name", "pk")

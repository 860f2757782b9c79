"""Every read of plans; each starts from the actor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform

from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor, NotFound, Role
from narvaro.decisions import queries as decisions
from narvaro.plans import rules
from narvaro.plans.models import Plan, PlanComment, PlanVersion, Recusal, Tick
from narvaro.plans.types import PLAN_KIND, PlanState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority, Person
    from narvaro.decisions.models import Decision

_WITH = ("channel__unit", "channel__responsible", "channel__deputy", "proposed_by")


@dataclass(frozen=True, slots=True)
class Written:
    """A plan with the versions it has had, newest first, and everything decided and advised about it."""

    plan: Plan
    versions: tuple[PlanVersion, ...]
    decisions: tuple[Decision, ...]
    recused: frozenset[int]
    comments: tuple[PlanComment, ...]  # in the margin and not settled, oldest first

    @property
    def latest(self) -> PlanVersion:
        """The version that was written last."""
        return self.versions[0]

    @property
    def in_force(self) -> PlanVersion | None:
        """The version that holds; None before any is approved."""
        return self.numbered(self.plan.in_force) if self.plan.in_force else None

    def numbered(self, number: int) -> PlanVersion:
        """Return one version. Raises NotFound."""
        found = next((each for each in self.versions if each.number == number), None)
        if found is None:
            raise NotFound
        return found


def plans(actor: Actor) -> list[Plan]:
    """Return the authority's plans by the names of their channels, closed ones last."""
    rows = list(Plan.objects.of(actor).select_related("channel__unit", "channel__responsible"))
    closed = (PlanState.CLOSED,)
    return sorted(rows, key=lambda row: (row.state in closed, row.channel.name.casefold(), row.pk))


def rhythms(actor: Actor) -> dict[int, int]:
    """Return how many times a week the plans in force say that their channels speak, by channel; others have none."""
    rows = PlanVersion.objects.of(actor).filter(number=F("plan__in_force"), answers__has_key="rhythm")
    found = rows.annotate(rhythm=KeyTextTransform("rhythm", "answers")).values_list("plan__channel_id", "rhythm")
    return {channel: int(rhythm) for channel, rhythm in found if str(rhythm).isdigit()}


def channels_without_plan(actor: Actor) -> list[Channel]:
    """Return the channels, not closed ones, that have no plan, by name."""
    planned = Plan.objects.of(actor).values("channel_id")
    rows = channels.rows(actor).exclude(state=ChannelState.CLOSED).exclude(pk__in=planned)
    return list(rows.select_related("unit").order_by("name", "id"))


def plan_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Plan:
    """Return one plan with its channel; held until the transaction ends when `lock`. Raises NotFound."""
    rows = Plan.objects.of(actor).select_related(*_WITH)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def plan_of(actor: Actor, channel: Channel) -> Plan | None:
    """Return the plan of a channel, or None."""
    return Plan.objects.of(actor).filter(channel=channel).select_related(*_WITH).first()


def written(actor: Actor, plan: Plan) -> Written:
    """
    Return what a plan's page tells: versions, decisions, remarks, and who has left the decision to others.

    One statement, however much there is to tell.
    """
    found = gathered({
        "versions": Part(PlanVersion.objects.of(actor).filter(plan=plan), names=("written_by__name",)),
        "decisions": decisions.about_part(actor, PLAN_KIND, plan.uid),
        "recused": Part(Recusal.objects.of(actor).filter(plan=plan)),
        "comments": Part(PlanComment.objects.of(actor).filter(plan=plan, settled_at=None), names=("by__name",)),
    })  # fmt: skip
    versions = sorted(found["versions"], key=lambda version: -version.number)
    for version in versions:
        version.plan = plan  # what a decision is bound to begins with the plan
    return Written(
        plan, tuple(versions), tuple(reversed(found["decisions"])),
        frozenset(row.person_id for row in found["recused"]), tuple(found["comments"]),
    )  # fmt: skip


def version_of(actor: Actor, plan: Plan, number: int) -> PlanVersion:
    """Return one version of a plan. Raises NotFound."""
    found = PlanVersion.objects.of(actor).filter(plan=plan, number=number).first()
    if found is None:
        raise NotFound
    found.plan = plan
    return found


def goals_part(actor: Actor, channel_ids: Iterable[int]) -> Part:
    """Return what to gather to know the goals of some channels: the versions in force of their plans."""
    plans_there = Plan.objects.of(actor).filter(channel_id__in=list(channel_ids), in_force__isnull=False)
    return Part(PlanVersion.objects.of(actor).filter(plan__in=plans_there, number=F("plan__in_force")))


def goals_from(versions: Iterable[PlanVersion]) -> list[str]:
    """
    Return the goals of plans, as they are written there, each once; [] mostly.

    The goals with figures come first, and last what should be better in a year.
    """
    found = [version.answers for version in versions]
    written = [goal for answers in found for goal in answers.get("goals") or ()]
    written += [answers.get("aim") or "" for answers in found]
    return list(dict.fromkeys(" ".join(str(each).split()) for each in written if str(each).strip()))


def decision_in_force(actor: Actor, plan: Plan) -> Decision | None:
    """
    Return the decision that the plan in force rests on: bound to exactly what stands in that version now, or None.

    Law: SM-02
    """
    if plan.in_force is None:
        return None
    content = version_of(actor, plan, plan.in_force).content
    return decisions.decision_on(actor, PLAN_KIND, plan.uid, content)


def recused(actor: Actor, plan: Plan) -> frozenset[int]:
    """Return who has left the decision about a plan to others, by key. Law: FL-8"""
    return frozenset(Recusal.objects.of(actor).filter(plan=plan).values_list("person_id", flat=True))


def comment_for(actor: Actor, uid: UUID | str) -> PlanComment:
    """Return one remark in the margin of a plan. Raises NotFound."""
    found = PlanComment.objects.of(actor).filter(uid=uid).select_related("plan").first()
    if found is None:
        raise NotFound
    return found


def ticks(actor: Actor, plan: Plan, routine: str) -> dict[str, Tick]:
    """Return the steps of a checklist that are done, by key, with who did them."""
    rows = Tick.objects.of(actor).filter(plan=plan, routine=routine).select_related("by")
    return {row.step: row for row in rows}


def deciders(actor: Actor, plan: Plan, left_out: frozenset[int] | None = None) -> list[Person]:
    """
    Return who may decide about a plan, nearest first: the unit's managers, else those who lead communications.

    Args:
        left_out: Who has an interest in the matter, where that is known already.

    Law: KL-4, FL-8
    """
    left_out = recused(actor, plan) if left_out is None else left_out
    near = core.people_with(actor, Role.UNIT_MANAGER, unit_id=plan.channel.unit_id)
    if found := [person for person in near if person.pk not in left_out]:
        return found
    return [person for person in core.people_with(actor, Role.COMMUNICATIONS_LEAD) if person.pk not in left_out]


def due_for_review(authority: Authority, on: date) -> list[Plan]:
    """Return the plans in force whose yearly review is due within thirty days, or late, in authorities' sweeps."""
    rows = Plan.objects.everywhere("remind of reviews").filter(
        authority=authority, in_force__isnull=False, next_review_on__lte=on + rules.REMIND_BEFORE
    )
    rows = rows.exclude(state=PlanState.CLOSED).exclude(channel__state=ChannelState.CLOSED)
    return list(rows.select_related(*_WITH).order_by("pk"))

"""The one decision about a plan and its channel, who leaves it to others, and the yearly review."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.base.clock import today
from narvaro.channels import actions as register
from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState
from narvaro.core import audit
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.decisions import actions as decisions
from narvaro.decisions.types import Outcome
from narvaro.plans import queries, rules
from narvaro.plans.actions import telling
from narvaro.plans.models import Plan, Recusal
from narvaro.plans.types import PLAN_KIND, REVIEW_KIND, PlanState

if TYPE_CHECKING:
    from narvaro.core.models import Authority

_STATES = {
    Outcome.APPROVED: PlanState.DECIDED, Outcome.REJECTED: PlanState.REJECTED, Outcome.SENT_BACK: PlanState.SENT_BACK,
}  # fmt: skip
_VERBS = {
    Outcome.APPROVED: "plans.approve_plan", Outcome.REJECTED: "plans.reject_plan",
    Outcome.SENT_BACK: "plans.send_back_plan",
}  # fmt: skip


@transaction.atomic
def decide_plan(
    *, actor: Actor, uid: UUID | str, outcome: str, seen_hash: str, reference: str = "", why: str = ""
) -> Plan:
    """
    Decide about a plan: the one decision of whoever leads the unit, which covers the channel too.

    Approved, the channel is decided with it, the version is in force, and the review is due a year on. Rejected or
    sent back, what was in force before still is. Who decides need not propose: a draft of one's own is decided at once.

    Args:
        seen_hash: The hash of the version that was read (`decisions.rules.content_hash` of its content).
        reference: The diary number.
        why: Needed for anything but an approval.

    Raises:
        NotFound
        NotPermitted: The actor does not lead the unit, or has left the decision to others.
        Stale: The plan has been changed since it was read, or it is decided already.
        Invalid: No reasons; or communications' approval is asked for and missing.

    Law: SM-02, KL-4, FL-8, FL-9
    """
    plan = _held(actor, uid)
    if outcome not in _STATES:
        raise Invalid(_("Välj vad du beslutar."), field="outcome")
    version = queries.version_of(actor, plan, plan.latest)
    is_own_draft = plan.state == PlanState.DRAFT and actor.is_person(version.written_by_id)
    if plan.state != PlanState.PROPOSED and not is_own_draft:
        raise Stale(_("Planen väntar inte på beslut. Läs den som den är nu."))
    decided = Outcome(outcome)
    missing = rules.missing(version.answers)
    if decided == Outcome.APPROVED and missing:
        raise Invalid(_("Svara på frågan, en mening räcker."), field=missing[0])
    decisions.decide(
        actor=actor, subject_kind=PLAN_KIND, subject_uid=plan.uid, content=version.content, seen_hash=seen_hash,
        outcome=decided, role=_role(actor, plan), reference=reference, why=why,
    )  # fmt: skip
    plan.state = _STATES[decided]
    if decided == Outcome.APPROVED:
        plan.in_force = version.number
        _decide_channel(actor, plan, reference, why)
        _looked_over(actor, plan)
    _store(plan)
    audit.note(actor, _VERBS[decided], plan, why=why, number=version.number, reference=reference)
    telling.tell_decided(actor, plan, decided)
    return plan


@transaction.atomic
def recuse(*, actor: Actor, uid: UUID | str, why: str) -> Plan:
    """
    Leave the decision about a plan to others, since the actor has an interest in the matter; it cannot be taken back.

    Raises:
        NotFound
        NotPermitted: The actor does not decide about the plan.
        Invalid: No reason.

    Law: FL-8
    """
    plan = _held(actor, uid)
    if not why.strip():
        raise Invalid(_("Skriv kort vad saken gäller."), field="why")
    Recusal.objects.create(
        authority_id=actor.authority_id, plan=plan, person_id=rules.who(actor), why=why.strip()[:500]
    )
    _store(plan)
    audit.note(actor, "plans.recuse", plan, why=why)
    if plan.state == PlanState.PROPOSED:
        telling.ask_for_decision(actor, plan)
    return plan


@transaction.atomic
def review_plan(*, actor: Actor, uid: UUID | str, seen_hash: str, seen_version: int | None) -> Plan:
    """
    Say that the plan in force still holds as it is: the yearly review, in one press.

    Raises:
        NotFound
        NotPermitted: As `decide_plan`.
        Stale: Somebody has reviewed or changed it since it was read.
        Invalid: No plan is in force.

    Law: OD-4
    """
    plan = _held(actor, uid)
    refuse_stale(seen_version, plan.version)
    if plan.in_force is None or plan.next_review_on is None:
        raise Invalid(_("Ingen plan gäller ännu, så det finns inget att se över."))
    version = queries.version_of(actor, plan, plan.in_force)
    decisions.decide(
        actor=actor, subject_kind=PLAN_KIND, subject_uid=plan.uid, content=version.content, seen_hash=seen_hash,
        outcome=Outcome.APPROVED, role=_role(actor, plan), occasion=f"review {plan.next_review_on.isoformat()}",
    )  # fmt: skip
    _looked_over(actor, plan)
    _store(plan)
    audit.note(actor, "plans.review_plan", plan, number=version.number)
    return plan


@transaction.atomic
def remind_of_reviews(*, authority: Authority) -> int:
    """Tell, once a review, of the plans that are due to be looked over within thirty days; returns how many are."""
    actor = Actor.system(authority, "remind of reviews")
    due = queries.due_for_review(authority, today())
    for plan in due:
        telling.tell_of_review(actor, plan)
    return len(due)


def _decide_channel(actor: Actor, plan: Plan, reference: str, why: str) -> None:
    channel = channels.channel_by_id(actor, plan.channel_id)
    undecided = channel.state == ChannelState.PROPOSED or any(
        lack.key == "decision" for lack in channels.lacks(actor, [channel])[channel.pk]
    )
    if undecided and channel.state != ChannelState.CLOSING:
        register.take_decision(actor=actor, channel=channel, reference=reference, why=why)
    register.set_condition(actor=actor, key="plan", met=True, channel=channel, link=telling.link_of(plan))


def _looked_over(actor: Actor, plan: Plan) -> None:
    """Let the next review be a year on, in the plan and in the register."""
    plan.next_review_on = rules.a_year_after(today())
    register.set_condition(
        actor=actor, key="review", met=True, channel=plan.channel, valid_until=plan.next_review_on,
        says=telling.kept_words(gettext_lazy("Se över planen. Stämmer den räcker ett klick.")),
        link=telling.link_of(plan),
    )  # fmt: skip
    telling.settle(actor, plan, REVIEW_KIND)


def _role(actor: Actor, plan: Plan) -> str:
    is_manager = actor.has(Role.UNIT_MANAGER, unit_id=plan.channel.unit_id)
    return Role.UNIT_MANAGER.value if is_manager else Role.COMMUNICATIONS_LEAD.value


def _held(actor: Actor, uid: UUID | str) -> Plan:
    plan = queries.plan_for(actor, uid, lock=True)
    if not rules.may_decide(actor, plan.channel, queries.recused(actor, plan)):
        raise NotPermitted
    if not rules.is_open(plan.state, plan.channel):
        raise Stale(_("Planen är avslutad och kan inte ändras."))
    return plan


def _store(plan: Plan) -> None:
    plan.version += 1
    plan.save()

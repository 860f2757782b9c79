"""The two checklists, and how a channel is closed with what was learnt."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.channels import actions as register
from narvaro.channels.types import ChannelState
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Stale
from narvaro.plans import queries, rules
from narvaro.plans.actions import telling
from narvaro.plans.models import Plan, Tick
from narvaro.plans.types import ADVICE_KIND, PLAN_KIND, REVIEW_KIND, PlanState, Routine

MOST_LESSONS = 4000


@transaction.atomic
def tick_step(*, actor: Actor, uid: UUID | str, routine: str, step: str, done: bool = True) -> Plan:
    """
    Tick a step of a checklist, or take the tick back. Ticked again, it stands as it was first ticked.

    Raises:
        NotFound: No such plan, list or step.
        NotPermitted: The actor does not write in the plan.
        Stale: The plan is closed; or the list is about closing, which has not begun.

    Law: SM-02, SM-26
    """
    plan = _held(actor, uid)
    if routine not in rules.ROUTINES or step not in {each.key for each in rules.ROUTINES[Routine(routine)]}:
        raise NotFound
    if routine == Routine.CLOSE and plan.channel.state != ChannelState.CLOSING:
        raise Stale(_("Kanalen är inte under avslut."))
    rows = Tick.objects.of(actor).filter(plan=plan, routine=routine, step=step)
    there = rows.exists()
    if done and not there:
        Tick.objects.create(
            authority_id=actor.authority_id, plan=plan, routine=routine, step=step, by_id=rules.who(actor)
        )
    elif there and not done:
        rows.delete()
    if there != done:
        audit.note(actor, "plans.tick_step", plan, routine=routine, step=step, done=done)
    return plan


@transaction.atomic
def begin_closing(*, actor: Actor, uid: UUID | str, why: str, reference: str = "") -> Plan:
    """
    Begin to close the channel of a plan: what is left to do stands in the checklist, and it goes on when it is done.

    Raises:
        NotFound
        NotPermitted: The actor does not lead the unit, nor communications.
        Invalid: No reason, or the channel is not in use.

    Law: SM-26
    """
    plan = _held(actor, uid)
    register.begin_closing(actor=actor, channel=plan.channel, why=why, reference=reference)
    _store(plan)
    audit.note(actor, "plans.begin_closing", plan, why=why, reference=reference)
    return plan


@transaction.atomic
def finish_closing(*, actor: Actor, uid: UUID | str, lessons: str) -> Plan:
    """
    Close the channel for good, with what was learnt. Everything kept stays.

    Raises:
        NotFound
        NotPermitted: The actor may not close channels.
        Invalid: A step is left to do, or nothing is said of what was learnt.
        Stale: Closing has not begun, or is done already.

    Law: SM-26, SM-02
    """
    plan = _held(actor, uid)
    if plan.channel.state != ChannelState.CLOSING:
        raise Stale(_("Kanalen är inte under avslut."))
    left = [step for step in rules.ROUTINES[Routine.CLOSE] if step.key not in queries.ticks(actor, plan, Routine.CLOSE)]
    if left:
        raise Invalid(_("Det här återstår: %(step)s.") % {"step": left[0].label})
    words = lessons.strip()
    if not words or len(words) > MOST_LESSONS:
        raise Invalid(_("Skriv vad ni har lärt er, så att nästa som vill starta slipper börja om."), field="lessons")
    register.close_channel(
        actor=actor, channel=plan.channel, why=telling.kept_words(gettext_lazy("Avslutad enligt checklistan."))
    )
    plan.lessons, plan.state = words, PlanState.CLOSED
    _store(plan)
    telling.settle(actor, plan, PLAN_KIND, ADVICE_KIND, REVIEW_KIND)
    audit.note(actor, "plans.finish_closing", plan)
    return plan


def _held(actor: Actor, uid: UUID | str) -> Plan:
    plan = queries.plan_for(actor, uid, lock=True)
    if not rules.may_write(actor, plan.channel, plan.proposed_by_id):
        raise NotPermitted
    if not rules.is_open(plan.state, plan.channel):
        raise Stale(_("Planen är avslutad och kan inte ändras."))
    return plan


def _store(plan: Plan) -> None:
    plan.version += 1
    plan.save()

"""A plan is started, written in new versions, commented in the margin and advised upon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.base.clock import now
from narvaro.channels import actions as register
from narvaro.channels.types import ChannelState
from narvaro.core import audit
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.decisions import actions as decisions
from narvaro.decisions.types import Outcome
from narvaro.plans import queries, rules
from narvaro.plans.actions import telling
from narvaro.plans.models import Plan, PlanComment, PlanVersion
from narvaro.plans.types import PLAN_KIND, PlanState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person, Unit
    from narvaro.decisions.models import Decision

_PURPOSE = 300  # characters of a channel's purpose


@transaction.atomic
def propose(
    *, actor: Actor, platform: str, name: str, unit: Unit, responsible: Person, deputy: Person | None,
    answers: Mapping[str, Any], handle: str = "", base_url: str = "", url: str = "", send: bool = True,
) -> Plan:  # fmt: skip
    """
    Propose a channel and its plan at once; they are decided about at once, too.

    Args:
        answers: What the plan says, by the keys of `rules.PARTS`.
        send: Put it before whoever decides; else it is a draft.

    Raises:
        NotPermitted: The actor only audits.
        Invalid: As `channels.actions.propose_channel` and `write_plan`.

    Law: SM-02
    """
    if not rules.may_start(actor):
        raise NotPermitted
    aim = " ".join(str(answers.get("aim", "")).split())
    channel = register.propose_channel(
        actor=actor, platform=platform, name=name, unit=unit, responsible=responsible, deputy=deputy,
        purpose=aim if len(aim) <= _PURPOSE else f"{aim[: _PURPOSE - 1]}…", handle=handle, base_url=base_url, url=url,
    )  # fmt: skip
    return _begun(actor, channel, answers, send)


@transaction.atomic
def write_plan(*, actor: Actor, channel: Channel, answers: Mapping[str, Any], send: bool = True) -> Plan:
    """
    Write the plan of a channel that is in the register already.

    Raises:
        NotPermitted: The actor neither answers for the channel nor decides about it.
        Invalid: It has a plan, is closed, or an answer cannot be kept; to be decided about, a question lacks its own.

    Law: SM-02
    """
    if not rules.may_write(actor, channel, None):
        raise NotPermitted
    if channel.state == ChannelState.CLOSED:
        raise Invalid(_("Kanalen är avslutad."))
    return _begun(actor, channel, answers, send)


@transaction.atomic
def change_plan(
    *, actor: Actor, uid: UUID | str, answers: Mapping[str, Any], send: bool = True, seen_version: int | None = None
) -> Plan:
    """
    Write a new version of a plan. The version in force holds until the new one is approved.

    Sent unchanged, no version is made.

    Raises:
        NotFound, NotPermitted
        Stale: Somebody else has written or decided in between.
        Invalid: As `write_plan`; or it was sent back and nothing is changed.

    Law: SM-02
    """
    plan = _held(actor, uid, seen_version)
    latest = queries.version_of(actor, plan, plan.latest)
    kept = rules.cleaned(answers)
    is_same = kept == latest.answers
    if is_same and send and plan.state in (PlanState.SENT_BACK, PlanState.REJECTED):
        raise Invalid(_("Ändra något i planen innan den lämnas för beslut igen."))
    if is_same and (plan.state in (PlanState.DECIDED, PlanState.PROPOSED) or not send):
        return plan
    if send:
        _refuse_unanswered(kept)
    if not is_same:
        _add_version(actor, plan, kept)
    if plan.state == PlanState.PROPOSED and not send:
        telling.settle(actor, plan, PLAN_KIND)
    plan.state = PlanState.PROPOSED if send else PlanState.DRAFT
    _store(plan)
    if not is_same:
        audit.note(actor, "plans.change_plan", plan, number=plan.latest)
    if send:
        _sent(actor, plan)
    return plan


@transaction.atomic
def comment_plan(*, actor: Actor, uid: UUID | str, part: str, text: str) -> PlanComment:
    """
    Say something in the margin of one field of a plan, to the others who write it.

    Raises:
        NotFound, NotPermitted
        Invalid: No words, too many, or no such field.

    Law: TF-6 (notes among colleagues)
    """
    plan = _held(actor, uid, None)
    words = text.strip()
    if part not in rules.PARTS or not words or len(words) > 1000:
        raise Invalid(_("Skriv en kommentar på högst 1000 tecken."), field="text")
    comment = PlanComment.objects.create(
        authority_id=actor.authority_id, plan=plan, number=plan.latest, part=part, text=words, by_id=rules.who(actor)
    )
    audit.note(actor, "plans.comment_plan", plan, part=part)
    return comment


@transaction.atomic
def settle_comment(*, actor: Actor, uid: UUID | str) -> Plan:
    """Take a remark out of the margin: it is dealt with. Raises NotFound, NotPermitted."""
    comment = queries.comment_for(actor, uid)
    plan = _held(actor, comment.plan.uid, None)
    PlanComment.objects.of(actor).filter(pk=comment.pk, settled_at=None).update(settled_at=now())
    audit.note(actor, "plans.settle_comment", plan, part=comment.part)
    return plan


@transaction.atomic
def ask_advice(*, actor: Actor, uid: UUID | str) -> Plan:
    """
    Ask the communications department for advice about a plan. Nothing waits for it: who decides may decide at once.

    Asked again before there is an answer, nothing more happens.

    Raises:
        NotFound, NotPermitted

    Law: none; seed 003, in discussion with those who answer for information.
    """
    plan = _held(actor, uid, None)
    if plan.advice_asked_at is None:
        plan.advice_asked_at = now()
        _store(plan)
        telling.ask_for_advice(actor, plan)
        audit.note(actor, "plans.ask_advice", plan)
    return plan


@transaction.atomic
def give_advice(*, actor: Actor, uid: UUID | str, text: str, seen_hash: str) -> Decision:
    """
    Give the communications department's advice about a plan, asked for or not; it is kept with the exact text it is on.

    Raises:
        NotFound
        NotPermitted: The actor does not lead communications.
        Invalid: No advice.
        Stale: The plan has been changed since it was looked at.

    Law: SM-02
    """
    plan = _held(actor, uid, None, is_advice=True)
    advice = decisions.decide(
        actor=actor, subject_kind=PLAN_KIND, subject_uid=plan.uid,
        content=queries.version_of(actor, plan, plan.latest).content, seen_hash=seen_hash, outcome=Outcome.ADVICE,
        role=Role.COMMUNICATIONS_LEAD, why=text,
    )  # fmt: skip
    plan.advice_asked_at = None
    _store(plan)
    audit.note(actor, "plans.give_advice", plan, number=plan.latest)
    telling.tell_advised(actor, plan)
    return advice


def _begun(actor: Actor, channel: Channel, answers: Mapping[str, Any], send: bool) -> Plan:
    kept = rules.cleaned(answers)
    if send:
        _refuse_unanswered(kept)
    try:
        with transaction.atomic():
            plan = Plan.objects.create(
                authority_id=actor.authority_id, channel=channel, proposed_by_id=rules.who(actor),
                state=PlanState.PROPOSED if send else PlanState.DRAFT,
            )  # fmt: skip
    except IntegrityError:
        raise Stale(_("Kanalen har redan en plan. Läs den innan du skriver.")) from None
    _add_version(actor, plan, kept)
    _store(plan)
    audit.note(actor, "plans.write_plan", plan, channel=channel.uid)
    if send:
        _sent(actor, plan)
    else:
        _tell_register(actor, plan, gettext_lazy("Planen är ett utkast."))
    return plan


def _sent(actor: Actor, plan: Plan) -> None:
    audit.note(actor, "plans.propose_plan", plan, number=plan.latest)
    telling.ask_for_decision(actor, plan)
    _tell_register(actor, plan, gettext_lazy("Planen är skriven men inte beslutad."))


def _tell_register(actor: Actor, plan: Plan, says: Any) -> None:
    """Let the channel say how its plan stands, and lead there; a version in force goes on to hold."""
    if plan.in_force is None:
        register.set_condition(
            actor=actor, key="plan", met=False, channel=plan.channel, link=telling.link_of(plan),
            says=telling.kept_words(says),
        )  # fmt: skip


def _held(actor: Actor, uid: UUID | str, seen_version: int | None, *, is_advice: bool = False) -> Plan:
    """Return a plan that the actor may write in, held; refuses a closed one."""
    plan = queries.plan_for(actor, uid, lock=True)
    may = rules.may_advise(actor) if is_advice else rules.may_write(actor, plan.channel, plan.proposed_by_id)
    if not may:
        raise NotPermitted
    refuse_stale(seen_version, plan.version)
    if not rules.is_open(plan.state, plan.channel):
        raise Stale(_("Planen är avslutad och kan inte ändras."))
    return plan


def _refuse_unanswered(kept: Mapping[str, Any]) -> None:
    missing = rules.missing(kept)
    if missing:
        raise Invalid(_("Svara på frågan, en mening räcker."), field=missing[0])


def _add_version(actor: Actor, plan: Plan, kept: dict[str, Any]) -> PlanVersion:
    plan.latest += 1
    version: PlanVersion = PlanVersion.objects.create(
        authority_id=actor.authority_id, plan=plan, number=plan.latest, answers=kept, written_by_id=rules.who(actor)
    )
    return version


def _store(plan: Plan) -> None:
    plan.version += 1
    plan.save()

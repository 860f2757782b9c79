"""A plan from the first word to what was learnt: written, advised upon, decided once, reviewed and closed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from narvaro.base import clock
from narvaro.channels import actions as register
from narvaro.channels import queries as channels
from narvaro.channels.testing import a_channel
from narvaro.channels.types import ChannelState
from narvaro.core import audit, waiting
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.decisions.models import Decision
from narvaro.decisions.types import Outcome
from narvaro.plans import actions, queries, rules
from narvaro.plans.models import PlanVersion
from narvaro.plans.testing import a_plan, answers, exact
from narvaro.plans.types import PlanState, Routine

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def manager(authority, unit) -> Actor:
    return an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def employee(authority) -> Actor:
    return an_actor(authority, role=Role.EMPLOYEE)


@pytest.fixture
def plan(authority, employee, unit, manager):
    return a_plan(authority, actor=employee, unit=unit)


def approved(actor, plan, **values):
    return actions.decide_plan(
        actor=actor, uid=plan.uid, outcome=Outcome.APPROVED, seen_hash=exact(actor, plan), **values
    )


def waits_for(actor) -> list[str]:
    return [row.title for row in waiting.for_actor(actor).filter(place="plans").order_by("pk")]


def letters_to(actor) -> list[str]:
    rows = Letter.objects.of(actor).filter(to_person_id=actor.person_id, kind__startswith="plans.")
    return list(rows.order_by("pk").values_list("kind", flat=True))


def lacking(actor, plan) -> set[str]:
    channel = channels.channel_by_id(actor, plan.channel_id)
    return {lack.key for lack in channels.lacks(actor, [channel])[channel.pk]}


# --- Proposed and decided ---------------------------------------------------------------------------------------------


def test_an_employee_proposes_channel_and_plan_at_once_and_the_manager_is_asked(plan, manager, employee):
    assert plan.channel.state == ChannelState.PROPOSED
    assert plan.channel.purpose == "Svar på aim."
    assert plan.state == PlanState.PROPOSED
    assert waits_for(manager) == ["Besluta om planen för Bibliotekets kanal"]
    assert letters_to(manager) == ["plans.decide"]
    assert {"decision", "plan"} <= lacking(employee, plan)


def test_sm_02_one_decision_covers_plan_and_channel_and_is_bound_to_what_was_read(plan, manager, employee):
    done = approved(manager, plan, reference="KS 2026/17")

    assert (done.state, done.in_force) == (PlanState.DECIDED, 1)
    assert channels.channel_by_id(manager, plan.channel_id).state == ChannelState.DECIDED
    assert not {"decision", "plan", "review"} & lacking(manager, plan)
    decision = queries.decision_in_force(manager, done)
    assert (decision.by_id, decision.role, decision.reference) == (manager.person_id, "unit_manager", "KS 2026/17")
    assert Decision.objects.of(manager).count() == 1
    assert waits_for(manager) == []
    assert letters_to(employee) == ["plans.approved"]


def test_what_was_written_after_it_was_read_is_not_decided(plan, manager, employee):
    read = exact(manager, plan)
    actions.change_plan(actor=employee, uid=plan.uid, answers=answers(message="Något annat."))

    with pytest.raises(Stale):
        actions.decide_plan(actor=manager, uid=plan.uid, outcome=Outcome.APPROVED, seen_hash=read)
    assert Decision.objects.of(manager).count() == 0
    assert channels.channel_by_id(manager, plan.channel_id).state == ChannelState.PROPOSED


def test_a_decision_that_is_sent_again_gives_no_second_one(plan, manager):
    read = exact(manager, plan)
    approved(manager, plan)

    for outcome in (Outcome.APPROVED, Outcome.REJECTED):
        with pytest.raises(Stale):
            actions.decide_plan(actor=manager, uid=plan.uid, outcome=outcome, seen_hash=read, why="Nej.")
    assert Decision.objects.of(manager).count() == 1


def test_only_who_leads_the_unit_or_communications_decides(plan, authority, employee, lead):
    other = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority, "Simhallen"))
    for actor in (employee, other, an_actor(authority, role=Role.ADMINISTRATOR)):
        with pytest.raises(NotPermitted):
            approved(actor, plan)
    with pytest.raises(NotFound):
        actions.decide_plan(
            actor=an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD), uid=plan.uid,
            outcome=Outcome.APPROVED, seen_hash="",
        )  # fmt: skip

    assert approved(lead, plan).state == PlanState.DECIDED


def test_fl_8_whoever_has_an_interest_leaves_the_decision_to_others(plan, manager, lead):
    actions.recuse(actor=manager, uid=plan.uid, why="Min bror driver byrån.")

    assert waits_for(manager) == []
    assert waits_for(lead) == ["Besluta om planen för Bibliotekets kanal"]
    with pytest.raises(NotPermitted):
        approved(manager, plan)
    assert approved(lead, plan).state == PlanState.DECIDED


def test_a_plan_is_sent_back_with_reasons_and_decided_when_it_is_changed(plan, manager, employee):
    with pytest.raises(Invalid):
        actions.decide_plan(
            actor=manager, uid=plan.uid, outcome=Outcome.SENT_BACK, seen_hash=exact(manager, plan), why=" "
        )
    actions.decide_plan(
        actor=manager, uid=plan.uid, outcome=Outcome.SENT_BACK, seen_hash=exact(manager, plan), why="Vem har tid?"
    )
    assert waits_for(employee) == ["Skriv om planen för Bibliotekets kanal"]
    with pytest.raises(Invalid):
        actions.change_plan(actor=employee, uid=plan.uid, answers=answers())
    changed = actions.change_plan(actor=employee, uid=plan.uid, answers=answers(staffing="Två personer."))

    assert approved(manager, changed).in_force == 2
    assert channels.channel_by_id(manager, plan.channel_id).state == ChannelState.DECIDED


def test_a_rejected_plan_leaves_the_channel_undecided(plan, manager, employee):
    actions.decide_plan(
        actor=manager, uid=plan.uid, outcome=Outcome.REJECTED, seen_hash=exact(manager, plan), why="Webben räcker."
    )

    assert channels.channel_by_id(manager, plan.channel_id).state == ChannelState.PROPOSED
    assert "plan" in lacking(manager, plan)
    assert letters_to(employee) == ["plans.rejected"]


def test_approval_by_communications_is_waited_for_where_the_authority_wants_it(plan, manager, lead):
    register.change_gate(actor=lead, levels={"approval": "stop"}, days_for_live=90, days_for_policy=30)
    with pytest.raises(Invalid):
        approved(manager, plan)
    assert Decision.objects.of(manager).count() == 0

    register.approve_channel(actor=lead, channel=plan.channel)

    assert approved(manager, plan).state == PlanState.DECIDED


# --- Written, advised upon ------------------------------------------------------------------------------------------


def test_a_new_version_holds_when_it_is_decided_and_the_old_one_until_then(plan, manager, employee):
    approved(manager, plan)
    changed = actions.change_plan(actor=employee, uid=plan.uid, answers=answers(message="Nytt."))

    assert (changed.latest, changed.in_force, changed.state) == (2, 1, PlanState.PROPOSED)
    assert "plan" not in lacking(manager, plan)
    assert queries.decision_in_force(manager, changed) is not None
    done = approved(manager, changed)
    assert done.in_force == 2
    assert Decision.objects.of(manager).count() == 2


def test_a_version_is_kept_as_it_was_and_an_unchanged_one_is_none(plan, employee):
    actions.change_plan(actor=employee, uid=plan.uid, answers=answers())
    actions.change_plan(actor=employee, uid=plan.uid, answers=answers(aim="Annat."))

    written = queries.written(employee, queries.plan_for(employee, plan.uid))
    assert [each.number for each in written.versions] == [2, 1]
    assert written.numbered(1).answers["aim"] == "Svar på aim."
    assert PlanVersion.is_written_once


def test_a_stale_page_changes_nothing(plan, employee, manager):
    with pytest.raises(Stale):
        actions.change_plan(actor=employee, uid=plan.uid, answers=answers(aim="Annat."), seen_version=plan.version - 1)
    assert queries.plan_for(employee, plan.uid).latest == 1


def test_a_draft_may_lack_anything_but_is_not_put_before_anybody(authority, unit, manager, employee):
    plan = a_plan(authority, actor=employee, unit=unit, answers={"aim": "Fler kommer."}, send=False)

    assert plan.state == PlanState.DRAFT
    assert waits_for(manager) == []
    with pytest.raises(Invalid) as refused:
        actions.change_plan(actor=employee, uid=plan.uid, answers={"aim": "Fler kommer."})
    assert refused.value.field == "message"
    with pytest.raises(Stale):
        approved(manager, plan)


def test_advice_is_asked_for_and_kept_and_nothing_waits_for_it(plan, manager, lead, employee):
    actions.ask_advice(actor=employee, uid=plan.uid)
    actions.ask_advice(actor=employee, uid=plan.uid)
    assert waits_for(lead) == ["Råd om planen för Bibliotekets kanal"]
    assert letters_to(lead).count("plans.advice") == 1

    approved(manager, plan)
    actions.give_advice(actor=lead, uid=plan.uid, text="Svara snabbare.", seen_hash=exact(lead, plan))

    assert waits_for(lead) == []
    assert "plans.advised" in letters_to(employee)
    found = queries.written(lead, queries.plan_for(lead, plan.uid)).decisions
    assert [(each.outcome, each.why) for each in found] == [("advice", "Svara snabbare."), ("approved", "")]
    with pytest.raises(NotPermitted):
        actions.give_advice(actor=manager, uid=plan.uid, text="Nej.", seen_hash=exact(lead, plan))


def test_comments_stand_in_the_margin_until_they_are_settled_and_no_stranger_writes(plan, manager, employee, authority):
    comment = actions.comment_plan(actor=manager, uid=plan.uid, part="aim", text="Hur många?")
    stranger = an_actor(authority, role=Role.EMPLOYEE)

    assert [each.text for each in queries.written(employee, plan).comments] == ["Hur många?"]
    with pytest.raises(NotPermitted):
        actions.comment_plan(actor=stranger, uid=plan.uid, part="aim", text="Jag med.")
    with pytest.raises(NotPermitted):
        actions.change_plan(actor=stranger, uid=plan.uid, answers=answers(aim="Mitt."))
    actions.settle_comment(actor=employee, uid=comment.uid)
    assert queries.written(employee, plan).comments == ()


def test_a_channel_that_exists_gets_one_plan_and_its_decision_with_it(authority, unit, manager):
    channel = a_channel(authority, unit=unit)
    assert "decision" in {lack.key for lack in channels.lacks(manager, [channel])[channel.pk]}

    plan = actions.write_plan(actor=manager, channel=channel, answers=answers(), send=False)
    with pytest.raises(Stale):
        actions.write_plan(actor=manager, channel=channel, answers=answers())
    approved(manager, plan)

    assert not {"decision", "plan"} & lacking(manager, plan)
    assert channels.channel_by_id(manager, channel.pk).state == ChannelState.ACTIVE


# --- Reviewed, closed -----------------------------------------------------------------------------------------------


def test_the_yearly_review_is_told_of_and_is_one_press(plan, manager, employee, authority):
    with clock.frozen(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        approved(manager, plan)
    with clock.frozen(datetime(2027, 10, 21, 12, tzinfo=UTC)):
        assert actions.remind_of_reviews(authority=authority) == 0
    with clock.frozen(datetime(2027, 10, 23, 12, tzinfo=UTC)):
        assert actions.remind_of_reviews(authority=authority) == 1
        assert actions.remind_of_reviews(authority=authority) == 1
        assert waits_for(manager) == ["Se över planen för Bibliotekets kanal"]
        assert letters_to(manager).count("plans.review") == letters_to(employee).count("plans.review") == 1
        found = queries.plan_for(manager, plan.uid)
        seen = {"seen_hash": exact(manager, found), "seen_version": found.version}
        actions.review_plan(actor=manager, uid=plan.uid, **seen)
        with pytest.raises(Stale):
            actions.review_plan(actor=manager, uid=plan.uid, **seen)
        assert waits_for(manager) == []
    with clock.frozen(datetime(2028, 10, 22, 12, tzinfo=UTC)):
        assert "review" not in lacking(manager, plan)
    with clock.frozen(datetime(2028, 10, 24, 12, tzinfo=UTC)):
        assert "review" in lacking(manager, plan)
    assert Decision.objects.of(manager).count() == 2


def in_use(manager, plan):
    approved(manager, plan)
    channels.rows(manager).filter(pk=plan.channel_id).update(state=ChannelState.ACTIVE)


def test_sm_26_closing_goes_step_by_step_and_ends_with_what_was_learnt(plan, manager, employee):
    in_use(manager, plan)
    with pytest.raises(Stale):
        actions.tick_step(actor=employee, uid=plan.uid, routine="close", step="announce")
    with pytest.raises(NotPermitted):
        actions.begin_closing(actor=employee, uid=plan.uid, why="Ingen tid.")
    actions.begin_closing(actor=manager, uid=plan.uid, why="Ingen läser.", reference="KS 2027/3")

    steps = [step.key for step in rules.ROUTINES[Routine.CLOSE]]
    for step in steps[:-1]:
        actions.tick_step(actor=employee, uid=plan.uid, routine="close", step=step)
    with pytest.raises(Invalid):
        actions.finish_closing(actor=manager, uid=plan.uid, lessons="Börja mindre.")
    actions.tick_step(actor=manager, uid=plan.uid, routine="close", step=steps[-1])
    with pytest.raises(Invalid):
        actions.finish_closing(actor=manager, uid=plan.uid, lessons=" ")
    done = actions.finish_closing(actor=manager, uid=plan.uid, lessons="Börja mindre.")

    assert (done.state, done.lessons) == (PlanState.CLOSED, "Börja mindre.")
    assert channels.channel_by_id(manager, plan.channel_id).state == ChannelState.CLOSED
    with pytest.raises(Stale):
        actions.finish_closing(actor=manager, uid=plan.uid, lessons="En gång till.")
    verbs = [entry.verb for entry in audit.history(manager, plan)]
    assert verbs.count("plans.finish_closing") == 1


def test_a_checklist_is_left_and_gone_on_with_by_another(plan, employee, manager):
    actions.tick_step(actor=employee, uid=plan.uid, routine="start", step="terms")
    actions.tick_step(actor=manager, uid=plan.uid, routine="start", step="terms")
    actions.tick_step(actor=manager, uid=plan.uid, routine="start", step="cases")
    actions.tick_step(actor=manager, uid=plan.uid, routine="start", step="cases", done=False)

    found = queries.ticks(manager, plan, Routine.START)
    assert {key: tick.by_id for key, tick in found.items()} == {"terms": employee.person_id}
    with pytest.raises(NotFound):
        actions.tick_step(actor=manager, uid=plan.uid, routine="start", step="announce")


def test_nobody_else_who_works_here_is_left_out(authority, unit, manager):
    auditor = an_actor(authority, role=Role.AUDITOR)
    with pytest.raises(NotPermitted):
        a_plan(authority, actor=auditor, unit=unit)

    own = a_plan(authority, actor=manager, unit=unit, send=False, responsible=person_of(manager))

    assert approved(manager, own).state == PlanState.DECIDED
    assert letters_to(manager) == []

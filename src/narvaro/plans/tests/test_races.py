"""Several who decide about the same plan at the same moment."""

from __future__ import annotations

from collections import Counter

import pytest

from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Role, Stale
from narvaro.decisions.models import Decision
from narvaro.decisions.types import Outcome
from narvaro.plans import actions, queries
from narvaro.plans.testing import a_plan, answers, exact
from narvaro.records.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_several_who_decide_and_one_who_changes_at_once_give_one_decision_about_what_was_read():
    authority = an_authority()
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority))
    lead, employee = (an_actor(authority, role=role) for role in (Role.COMMUNICATIONS_LEAD, Role.EMPLOYEE))
    plan = a_plan(authority, actor=employee)
    read = exact(manager, plan)
    turns = iter([(manager, Outcome.APPROVED), (lead, Outcome.REJECTED), (manager, Outcome.APPROVED), (employee, "")])

    def act() -> None:
        actor, outcome = next(turns)
        if not outcome:
            actions.change_plan(actor=actor, uid=plan.uid, answers=answers(aim="Annat."), seen_version=plan.version)
            return
        actions.decide_plan(actor=actor, uid=plan.uid, outcome=outcome, seen_hash=read, why="Så blir det.")

    raised = at_once(4, act)

    # Either one decided what was read, or the change was first and nobody decided about what is no longer there.
    found = queries.plan_for(manager, plan.uid)
    decided = list(Decision.objects.of(manager))
    assert Counter(map(type, raised)) == {Stale: 3}
    assert len(decided) == (1 if found.latest == 1 else 0)
    is_approved = bool(decided) and decided[0].outcome == Outcome.APPROVED
    state = channels.channel_by_id(manager, plan.channel_id).state
    assert state == (ChannelState.DECIDED if is_approved else ChannelState.PROPOSED)
    assert found.in_force == (1 if is_approved else None)

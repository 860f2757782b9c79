"""A channel that has nothing for longer than its plan says, or the guideline, is hinted of beside the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from narvaro.base import clock
from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import signed_in
from narvaro.channels.types import ChannelState
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.plans import actions as plans
from narvaro.plans import queries as planned
from narvaro.plans.testing import a_plan, answers, exact
from narvaro.publishing import actions
from narvaro.publishing.planning import Gap, gaps

MONDAY = date(2026, 10, 5)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("a_week", "days", "gap"),
    [
        (1, [7], None),  # two weeks without are let be where one post a week is meant
        (1, [], (0, 28)), (2, [0, 7, 14, 21], None), (2, [0, 10, 27], (11, 16)), (7, [0, 6, 13, 20, 27], None),
        (7, [5, 13, 20, 27], (6, 7)), (0, [], None),
    ],
)  # fmt: skip
def test_a_stretch_is_too_long_when_it_is_a_week_and_twice_what_lies_between_two_posts(a_week, days, gap):
    last = MONDAY + timedelta(days=27)
    placed = {1: [MONDAY + timedelta(days=each) for each in days]}
    if a_week == 1 and days:
        last = MONDAY + timedelta(days=20)

    found = gaps(placed, MONDAY, last, {1: a_week})

    assert found == ([] if gap is None else [Gap(1, MONDAY + timedelta(days=gap[0]), gap[1], a_week)])


@pytest.mark.django_db
def test_the_plan_in_force_says_how_often_and_the_guideline_where_it_says_nothing():
    authority = an_authority()
    unit = a_unit(authority)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    plan = a_plan(authority, unit=unit, answers=answers(rhythm="3"))
    assert planned.rhythms(lead) == {}  # not before it is decided
    plans.decide_plan(
        actor=manager, uid=plan.uid, outcome="approved", seen_hash=exact(lead, plan), reference="KS 2026/17"
    )
    Channel.objects.of(lead).filter(pk=plan.channel_id).update(state=ChannelState.ACTIVE)
    other = a_channel(authority, responsible=person_of(lead))
    with clock.frozen(datetime(2026, 10, 5, 6, 0, tzinfo=UTC)):
        for day in range(7):
            message = actions.save_message(
                actor=lead, text="Öppet.", channels={other: ""}, day=MONDAY + timedelta(days=day), clock=time(12)
            )
            actions.send_message(actor=lead, uid=message.uid)
        page = signed_in(lead).get("/publicerat/kalender/tank-pa/?vy=vecka&dag=2026-10-05").content.decode()

    assert planned.rhythms(lead) == {plan.channel_id: 3}
    assert "har inget planerat på 7 dagar från 5 oktober; planen säger 3 i veckan." in page
    assert "riktlinjen räknar med" not in page

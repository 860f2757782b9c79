"""Several who let out, approve and change the same message at the same moment."""

from __future__ import annotations

from collections import Counter
from datetime import time, timedelta

import pytest

from narvaro.base.clock import today
from narvaro.channels.testing import a_channel
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role, Stale
from narvaro.decisions.models import Decision
from narvaro.decisions.rules import content_hash
from narvaro.publishing import actions, queries
from narvaro.publishing.models import Publication
from narvaro.publishing.types import MessageState, State
from narvaro.records.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def a_message(authority):
    unit = a_unit(authority)
    writer, deputy = (an_actor(authority, role=role, unit=unit) for role in (Role.REPRESENTATIVE, Role.DEPUTY))
    channel = a_channel(authority, unit=unit, responsible=person_of(writer), deputy=person_of(deputy))
    return writer, channel, actions.save_message(actor=writer, text="Öppet på lördag.", channels={channel: ""})


def test_pressed_four_times_at_once_a_message_goes_out_once():
    writer, _channel, message = a_message(an_authority())

    raised = at_once(4, lambda: actions.send_message(actor=writer, uid=message.uid))

    assert Counter(map(type, raised)) == {Stale: 3}
    assert Publication.objects.of(writer).count() == 1


def test_p18_approved_twice_and_changed_at_once_nothing_goes_out_that_nobody_read():
    authority = an_authority()
    first, second = (an_actor(authority, role=Role.COMMUNICATIONS_LEAD) for _ in range(2))
    actions.change_four_eyes(actor=first, everywhere=True)
    writer, channel, message = a_message(authority)
    actions.send_message(actor=writer, uid=message.uid)
    read = content_hash(queries.content_of(first, queries.message_for(first, message.uid)))
    turns = iter([first, second, writer])

    def act() -> None:
        actor = next(turns)
        if actor is writer:
            actions.save_message(actor=writer, uid=message.uid, text="Stängt på lördag.", channels={channel: ""})
        else:
            actions.approve_message(actor=actor, uid=message.uid, seen_hash=read)

    at_once(3, act)

    found = queries.message_for(first, message.uid)
    waits = Publication.objects.of(first).filter(state=State.QUEUED)
    assert (found.state, found.text) == (MessageState.DRAFT, "Stängt på lördag.")
    assert not waits.exists()
    assert Decision.objects.of(first).count() <= 1


def test_of_several_who_move_a_message_at_once_one_wins_and_the_others_are_told():
    writer, channel, draft = a_message(an_authority())
    days = [today() + timedelta(days=ahead) for ahead in (40, 41, 42, 43)]
    actions.save_message(
        actor=writer, uid=draft.uid, text="Öppet.", channels={channel: ""}, day=days[0], clock=time(9, 0)
    )  # fmt: skip
    seen = actions.send_message(actor=writer, uid=draft.uid).version
    turns = iter(days[1:])

    raised = at_once(3, lambda: actions.reschedule_message(
        actor=writer, uid=draft.uid, day=next(turns), clock=time(9, 0), seen_version=seen
    ))  # fmt: skip

    assert Counter(map(type, raised)) == {Stale: 2}
    found = queries.message_for(writer, draft.uid)
    waits = Publication.objects.of(writer).filter(state=State.QUEUED).values_list("not_before", flat=True)
    assert found.planned_day in days[1:]
    assert list(waits) == [found.planned_at]

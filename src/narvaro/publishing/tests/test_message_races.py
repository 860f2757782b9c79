"""Several who let out, approve and change the same message at the same moment."""

from __future__ import annotations

from collections import Counter

import pytest

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

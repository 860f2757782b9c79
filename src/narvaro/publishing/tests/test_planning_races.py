"""Several who put a post in the queue, and several workers who put a text forward again, at the same moment."""

from __future__ import annotations

import pytest
from django.db import transaction

from narvaro.base.clock import now, today
from narvaro.channels.testing import a_channel
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.publishing import actions, repeating
from narvaro.publishing.actions.queueing import time_in_queue
from narvaro.publishing.actions.repeating import set_repeat
from narvaro.publishing.models import Message, Repeat
from narvaro.publishing.types import Purpose
from narvaro.records.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_who_put_a_post_in_the_queue_at_once_get_four_times():
    authority = an_authority()
    writer = an_actor(authority, role=Role.REPRESENTATIVE)
    channel = a_channel(authority, responsible=person_of(writer))

    def act() -> None:
        with transaction.atomic():
            day, clock = time_in_queue(
                actor=writer, channels=[channel], purpose=Purpose.CRISIS, checked_on=today()
            )  # fmt: skip
            actions.save_message(actor=writer, text="Öppet.", channels={channel: ""}, day=day, clock=clock)

    raised = at_once(4, act)

    assert raised == []
    assert len(set(Message.objects.of(writer).values_list("planned_at", flat=True))) == 4


def test_p04_several_workers_at_once_make_one_draft():
    writer = an_actor(an_authority(), role=Role.REPRESENTATIVE)
    saved = actions.save_text(actor=writer, name="Snön", text="Skotta.")
    set_repeat(actor=writer, uid=saved.uid, from_on=today(), every_weeks=4)
    Repeat.objects.of(writer).update(try_at=now())  # its morning has come

    raised = at_once(3, repeating.propose_due)

    assert raised == []
    assert Message.objects.of(writer).count() == 1

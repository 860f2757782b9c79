"""Several sweeps, and a person who presses, at the same time."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from narvaro.channels.models import ChannelReading
from narvaro.channels.testing import a_channel
from narvaro.core.models import AuditEntry
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.moderation import actions
from narvaro.moderation.models import Look, Round
from narvaro.moderation.tests.test_oversight import at, now, written
from narvaro.records.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_p05_sweeps_and_a_person_at_once_make_and_end_each_round_once():
    with now(23, 6):
        authority = an_authority()
        lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
        channels = [a_channel(authority) for _number in range(3)]
        actions.oversee(authority=authority)
    items = [written(channel, 23, 9) for channel in channels]
    ChannelReading.objects.everywhere("test").update(complete_to=at(24, 16))
    turn = itertools.count()

    def act() -> None:
        if next(turn) % 4 == 3:
            actions.say_looked_over(actor=lead)
        else:
            actions.oversee(authority=authority)

    with now(24, 16):
        raised = at_once(8, act)
        actions.oversee(authority=authority)

    rounds = list(Round.objects.everywhere("test").filter(is_extra=False))
    assert raised == []
    assert Counter((row.channel_id, row.due_at) for row in rounds) == Counter(
        {(one.pk, at(day, *time)): 1 for one in channels for day in (23, 24) for time in ((10, 15), (14, 45))}
    )
    assert all(row.end for row in rounds)
    assert Look.objects.everywhere("test").count() == len(items)
    told = [uid for row in AuditEntry.objects.of(lead) for uid in row.facts.get("done", ())]
    told += [
        uid for row in AuditEntry.objects.of(lead).filter(verb="moderation.look_over") for uid in row.facts["rounds"]
    ]
    assert sorted(told) == sorted(str(uid) for uid in Round.objects.of(lead).values_list("uid", flat=True))

"""What is urgent reaches somebody at any hour, and goes on until somebody accepts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from narvaro.base.clock import frozen, now
from narvaro.channels.actions import add_shift
from narvaro.channels.testing import a_channel
from narvaro.core.actions import mark_absent
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.inbox import actions
from narvaro.inbox.testing import a_comment, reread

pytestmark = pytest.mark.django_db


def test_a_call_for_help_reaches_the_duty_contact_at_midnight():
    authority = an_authority()
    admin, duty = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    midnight = datetime(2026, 10, 14, 22, 30, tzinfo=UTC)
    with frozen(midnight):
        add_shift(
            actor=admin, watch_group="", person=person_of(duty), from_at=midnight - timedelta(hours=1),
            until_at=midnight + timedelta(hours=9), is_duty=True,
        )  # fmt: skip
        incoming = a_comment(authority, "Jag orkar inte leva längre, jag vill dö")

    (letter,) = Letter.objects.everywhere("test").filter(authority=authority, kind="inbox.urgent")
    assert letter.to_person_id == duty.person_id
    assert letter.not_before == midnight
    assert "vill dö" not in letter.body
    assert incoming.person_id == duty.person_id


def test_an_alarm_goes_on_to_the_next_contact_until_somebody_accepts():
    authority = an_authority()
    admin = an_actor(authority, role=Role.ADMINISTRATOR)
    first, second = an_actor(authority), an_actor(authority)
    for n, person in enumerate((first, second)):
        add_shift(
            actor=admin, watch_group="", person=person_of(person), from_at=now() - timedelta(hours=2 - n),
            until_at=now() + timedelta(hours=9), is_duty=True,
        )  # fmt: skip
    incoming = a_comment(authority, "Jag vill dö, jag ska ta livet av mig")
    begun = now()

    assert actions.tell_next_contacts() == 0
    with frozen(begun + timedelta(minutes=11)):
        assert actions.tell_next_contacts() == 1
    assert reread(incoming).person_id == second.person_id
    with frozen(begun + timedelta(minutes=12)):
        actions.accept_urgent(actor=second, uid=incoming.uid)
    with frozen(begun + timedelta(hours=5)):
        assert actions.tell_next_contacts() == 0

    told = Letter.objects.everywhere("test").filter(authority=authority, kind="inbox.urgent").order_by("pk")
    assert [letter.to_person_id for letter in told] == [first.person_id, second.person_id]


def test_a_threat_to_staff_reaches_the_manager_too():
    authority = an_authority()
    unit = a_unit(authority)
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)

    a_comment(authority, "Jag ska slå ihjäl handläggaren", channel=a_channel(authority, unit=unit))

    kinds = Letter.objects.everywhere("test").filter(authority=authority, to_person_id=manager.person_id)
    assert "inbox.threat" in set(kinds.values_list("kind", flat=True))


def test_a_threat_to_staff_reaches_whoever_is_above_too_while_the_manager_is_away():
    authority = an_authority()
    unit = a_unit(authority)
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    mark_absent(actor=lead, person=person_of(manager), from_at=now(), until_at=now() + timedelta(days=2))

    a_comment(authority, "Jag ska slå ihjäl handläggaren", channel=a_channel(authority, unit=unit))

    told = Letter.objects.everywhere("test").filter(authority=authority, kind="inbox.threat")
    assert set(told.values_list("to_person_id", flat=True)) == {manager.person_id, lead.person_id}

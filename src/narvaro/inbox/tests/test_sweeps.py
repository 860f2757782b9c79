"""What the clock does, and what it never does at midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from narvaro.base.clock import frozen
from narvaro.channels.testing import a_channel
from narvaro.core import waiting
from narvaro.core.actions import end_absence, end_person, mark_absent
from narvaro.core.models import Letter, Waiting
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.inbox import actions, tasks
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment, reread, uids
from narvaro.inbox.types import List

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
TUESDAY = datetime(2026, 10, 13, 8, 0, tzinfo=UTC)  # 10.00 in Sweden; open 8-17
MORNING_AFTER = datetime(2026, 10, 14, 6, 0, tzinfo=UTC)


def sweep(authority):
    actions.pass_half_time(authority=authority)
    actions.remind_due_soon(authority=authority)
    actions.tell_late(authority=authority)
    actions.escalate_late(authority=authority)


def kinds(authority):
    rows = Letter.objects.everywhere("test").filter(authority=authority).order_by("pk")
    return [(row.kind, row.to_person_id) for row in rows]


@pytest.fixture
def house():
    authority = an_authority()
    unit = a_unit(authority)
    people = {
        "anna": an_actor(authority, unit=unit),
        "bo": an_actor(authority, role=Role.DEPUTY, unit=unit),
        "boss": an_actor(authority, role=Role.UNIT_MANAGER, unit=unit),
        "lead": an_actor(authority, role=Role.COMMUNICATIONS_LEAD),
    }
    channel = a_channel(
        authority, unit=unit, responsible=person_of(people["anna"]), deputy=person_of(people["bo"]),
        in_operation_from=LONG_AGO,
    )  # fmt: skip
    return authority, channel, people


def test_nothing_waits_for_somebody_who_has_left(house):
    """What is open is somebody else's at once, and new comments never reach who has left. Law: FL-2, FL-3."""
    authority, channel, people = house
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    with frozen(TUESDAY):
        held = a_comment(authority, channel=channel)

        end_person(actor=administrator, person_uid=person_of(people["anna"]).uid)
        assert waiting.counts(people["lead"]) == {"inbox": 1}
        assert actions.hand_over_absent(authority=authority) == 1
        assert actions.hand_over_absent(authority=authority) == 0
        new = a_comment(authority, channel=channel)

        assert {reread(held).person_id, reread(new).person_id} == {people["bo"].person_id}
        assert waiting.counts(people["lead"]) == {}
        assert waiting.counts(people["bo"]) == {"inbox": 2}

        end_person(actor=administrator, person_uid=person_of(people["bo"]).uid)
        actions.hand_over_absent(authority=authority)

    assert {reread(held).person_id, reread(new).person_id} == {None}
    assert reread(held).with_communications
    assert waiting.counts(people["lead"]) == {"inbox": 2}


def test_the_work_of_somebody_who_falls_ill_goes_to_the_deputy(house):
    authority, channel, people = house
    with frozen(TUESDAY):
        incoming = a_comment(authority, channel=channel)
        mark_absent(
            actor=people["boss"],
            person=person_of(people["anna"]),
            from_at=TUESDAY,
            until_at=TUESDAY + timedelta(days=3),
        )

        assert actions.hand_over_absent(authority=authority) == 1
        assert actions.hand_over_absent(authority=authority) == 0

    assert reread(incoming).person_id == people["bo"].person_id
    assert waiting.counts(people["anna"]) == {}
    assert waiting.counts(people["bo"]) == {"inbox": 1}


def test_work_stays_with_the_deputy_when_the_responsible_comes_back(house):
    authority, channel, people = house
    with frozen(TUESDAY):
        incoming = a_comment(authority, channel=channel)
        away = mark_absent(
            actor=people["boss"],
            person=person_of(people["anna"]),
            from_at=TUESDAY,
            until_at=TUESDAY + timedelta(days=3),
        )
        actions.hand_over_absent(authority=authority)
        end_absence(actor=people["anna"], absence_id=away.pk)
        actions.hand_over_absent(authority=authority)

        later = a_comment(authority, channel=channel)

    assert reread(incoming).person_id == people["bo"].person_id
    assert later.person_id == people["anna"].person_id


def test_work_in_another_unit_goes_to_somebody_there_or_to_communications(house):
    authority, channel, people = house
    street = a_unit(authority, "Gatukontoret")
    first, second = (an_actor(authority, unit=street) for _ in range(2))
    with frozen(TUESDAY):
        incoming = a_comment(authority, channel=channel)
        actions.pass_on(actor=people["anna"], uid=incoming.uid, unit_uid=street.uid)
        actions.take(actor=first, uid=incoming.uid)
        until = TUESDAY + timedelta(days=3)
        mark_absent(actor=first, person=person_of(first), from_at=TUESDAY, until_at=until)
        actions.hand_over_absent(authority=authority)
        with_second = reread(incoming)
        mark_absent(actor=second, person=person_of(second), from_at=TUESDAY, until_at=until)
        actions.hand_over_absent(authority=authority)

    assert with_second.person_id == second.person_id
    assert (reread(incoming).person_id, reread(incoming).with_communications) == (None, True)
    assert waiting.counts(people["lead"]) == {"inbox": 1}


def test_what_nobody_takes_by_half_its_time_goes_to_the_communications_department(house):
    authority, channel, people = house
    with frozen(TUESDAY):
        taken, untaken = a_comment(authority, channel=channel), a_comment(authority, channel=channel)
        actions.take(actor=people["anna"], uid=taken.uid)
    with frozen(taken.half_at - timedelta(minutes=1)):
        assert actions.pass_half_time(authority=authority) == 0
    with frozen(taken.half_at + timedelta(minutes=1)):
        assert actions.pass_half_time(authority=authority) == 1
        assert actions.pass_half_time(authority=authority) == 0

    assert reread(taken).person_id == people["anna"].person_id
    assert reread(untaken).with_communications
    assert uids(people["lead"], List.UNASSIGNED) == [str(untaken.uid)]
    assert kinds(authority) == [("inbox.half_time", people["lead"].person_id)]


def test_p21_reminders_and_late_letters_wait_for_office_hours(house):
    authority, channel, people = house
    with frozen(TUESDAY.replace(hour=21)):  # 23.00: due at 23.00 on Wednesday
        incoming = a_comment(authority, channel=channel)
        actions.take(actor=people["anna"], uid=incoming.uid)
    with frozen(incoming.due_at - timedelta(hours=3)):  # 20.00
        sweep(authority)
    with frozen(incoming.due_at + timedelta(hours=1)):  # midnight
        sweep(authority)
    with frozen(incoming.due_at + timedelta(hours=5)):  # 04.00
        sweep(authority)
        sweep(authority)

    rows = Letter.objects.everywhere("test").filter(authority=authority).order_by("pk")
    assert [(r.kind, r.to_person_id) for r in rows] == [
        ("inbox.due_soon", people["anna"].person_id),
        ("inbox.late", people["anna"].person_id),
        ("inbox.late_manager", people["boss"].person_id),
    ]
    assert {r.not_before for r in rows} == {datetime(2026, 10, 15, 6, 0, tzinfo=UTC)}
    assert all("!" not in r.subject + r.body and "simhallen" not in r.body for r in rows)


def test_p12_a_reminder_is_written_once_however_often_the_sweep_runs(house):
    authority, channel, people = house
    with frozen(TUESDAY):
        incoming = a_comment(authority, channel=channel)
        actions.take(actor=people["anna"], uid=incoming.uid)
    for minutes in range(0, 60, 5):
        with frozen(incoming.due_at - timedelta(hours=2) + timedelta(minutes=minutes)):
            sweep(authority)

    assert kinds(authority) == [("inbox.due_soon", people["anna"].person_id)]


def test_several_late_items_are_one_letter(house):
    authority, channel, people = house
    with frozen(TUESDAY):
        items = [a_comment(authority, channel=channel) for _ in range(3)]
        for incoming in items:
            actions.take(actor=people["anna"], uid=incoming.uid)
    with frozen(items[0].due_at + timedelta(hours=1)):
        actions.tell_late(authority=authority)

    (letter,) = Letter.objects.everywhere("test").filter(authority=authority, kind="inbox.late")
    assert all(str(incoming.uid) in letter.body for incoming in items)


def test_what_is_late_while_the_manager_is_away_reaches_whoever_is_above(house):
    authority, channel, people = house
    with frozen(TUESDAY):
        incoming = a_comment(authority, channel=channel)
        actions.take(actor=people["anna"], uid=incoming.uid)
        mark_absent(
            actor=people["lead"], person=person_of(people["boss"]), from_at=TUESDAY,
            until_at=TUESDAY + timedelta(days=7),
        )  # fmt: skip
    with frozen(incoming.due_at + timedelta(hours=5)):
        actions.escalate_late(authority=authority)

    assert kinds(authority) == [("inbox.late_manager", people["lead"].person_id)]


def test_what_is_answered_gets_no_reminder(house):
    authority, channel, people = house
    with frozen(TUESDAY):
        incoming = a_comment(authority, channel=channel)
        actions.mark_answered_by_other(actor=people["anna"], uid=incoming.uid)
    with frozen(incoming.due_at + timedelta(days=3)):
        sweep(authority)

    assert kinds(authority) == []


def test_every_sweep_with_nothing_to_do_does_nothing():
    authority = an_authority()

    for task in (
        tasks.follow_feed, tasks.settle_answers, tasks.hand_over_absent, tasks.wake_snoozed, tasks.remind,
        tasks.urgent_next_contact, tasks.unstaffed_notice, tasks.weed_notes,
    ):  # fmt: skip
        task.call()

    ours = {"authority": authority}
    written = [model.objects.everywhere("test").filter(**ours).count() for model in (Incoming, Letter, Waiting)]
    assert written == [0, 0, 0]

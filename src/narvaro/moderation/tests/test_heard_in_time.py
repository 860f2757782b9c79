"""What anybody sends in is told of in time: at once where it hurts somebody, and when nobody has answered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from narvaro.base import clock
from narvaro.base.clock import STOCKHOLM
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import audit, waiting
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Role
from narvaro.moderation import actions, tasks
from narvaro.moderation.types import ComplaintState, ReportKind, ReportState
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db
SATURDAY_NIGHT = datetime(2026, 11, 21, 23, 30, tzinfo=STOCKHOLM)
WORDS = "Jag vet var han bor och vad han heter."


@pytest.fixture
def worker(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority))


@pytest.fixture
def channel(authority, worker):
    return a_channel(authority, unit=a_unit(authority), responsible=person_of(worker))


def told(actor: Actor, kind: str) -> dict[int, Letter]:
    """Return the letters of a kind, by whom they are to; somebody who is told twice fails the test."""
    rows = list(Letter.objects.of(actor).filter(kind=kind))
    found = {row.to_person_id: row for row in rows}
    assert len(found) == len(rows)
    return found


def reported(authority, kind, channel=None):
    return actions.keep_report(
        actor=Actor.visitor(authority), kind=kind, text=WORDS, url="https://elsewhere.example/1",
        channel_uid=channel.uid if channel else None,
    ).row  # fmt: skip


@pytest.mark.parametrize("kind", [ReportKind.THREAT, ReportKind.CHILD, ReportKind.HATE, ReportKind.PRIVATE])
def test_bbs_4_a_report_of_what_hurts_is_told_at_once_on_a_saturday_night(authority, lead, worker, channel, kind):
    with clock.frozen(SATURDAY_NIGHT):
        report = reported(authority, kind, channel)
        letters = told(lead, "moderation.report")

    assert letters.keys() == {lead.person_id, worker.person_id}
    for letter in letters.values():
        assert letter.not_before == SATURDAY_NIGHT
        assert str(report.uid) in letter.body
        assert "bor" not in letter.body + letter.subject


def test_it_is_told_from_the_open_page_too_and_of_no_channel_to_those_who_lead(authority, lead):
    other = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)
    anybody, path = Client(), f"/{authority.slug}/anmal/"

    sent = filled(anybody.get(path), kind="threat", url="https://elsewhere.example/1", text=WORDS)
    taken = anybody.post(path, sent)

    assert taken.status_code == 200
    assert told(lead, "moderation.report").keys() == {lead.person_id}
    assert told(other, "moderation.report") == {}


def test_however_many_reports_come_in_an_hour_each_person_gets_one_letter(authority, lead, channel):
    with clock.frozen(SATURDAY_NIGHT):
        for _number in range(5):
            reported(authority, ReportKind.THREAT, channel)
        first = told(lead, "moderation.report")
    with clock.frozen(SATURDAY_NIGHT + timedelta(hours=1)):
        reported(authority, ReportKind.THREAT, channel)
        again = Letter.objects.of(lead).filter(kind="moderation.report")

    assert len(first) == 2
    assert again.count() == 4


def test_what_hurts_nobody_waits_among_the_work(authority, lead, channel):
    for kind in (ReportKind.WRONG, ReportKind.RULES, ReportKind.OTHER, ReportKind.COPYRIGHT):
        reported(authority, kind, channel)

    assert told(lead, "moderation.report") == {}


def test_bbs_4_a_report_that_nobody_answers_in_time_is_told_of_once(authority, lead, worker, channel):
    with clock.frozen(SATURDAY_NIGHT):
        answered, waits = (reported(authority, ReportKind.WRONG, channel) for _number in range(2))
        actions.answer_report(actor=lead, uid=answered.uid, outcome=ReportState.LEFT, answer="Det stämmer.")
    with clock.frozen(waits.due_at - timedelta(minutes=1)):
        tasks.tell_unanswered.call()
        before = told(lead, "moderation.unanswered")
    with clock.frozen(waits.due_at + timedelta(minutes=5)):
        tasks.tell_unanswered.call()
        tasks.tell_unanswered.call()
        after = told(lead, "moderation.unanswered")

    assert before == {}
    assert after.keys() == {lead.person_id, worker.person_id}
    assert all(str(waits.uid) in letter.body and letter.not_before > waits.due_at for letter in after.values())


def test_bbs_5_a_late_report_of_what_hurts_waits_for_no_office_hours(authority, lead):
    with clock.frozen(SATURDAY_NIGHT):
        report = reported(authority, ReportKind.THREAT)
    late = report.due_at + timedelta(minutes=5)
    with clock.frozen(late):
        tasks.tell_unanswered.call()

    assert told(lead, "moderation.unanswered")[lead.person_id].not_before == late


def test_fl_8_a_late_complaint_is_told_to_those_who_may_decide_it_and_not_to_whoever_decided(authority, lead, channel):
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=channel.unit)
    elsewhere = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority, "Gatukontoret"))
    complaint = a_complaint_about(lead, authority, channel)

    with clock.frozen(complaint.due_at + timedelta(minutes=5)):
        tasks.tell_unanswered.call()
        letters = told(lead, "moderation.unanswered")
        actions.decide_complaint(actor=manager, uid=complaint.uid, outcome=ComplaintState.UPHELD, reasons="Ett hot.")

    assert letters.keys() == {manager.person_id}
    assert elsewhere.person_id not in letters
    assert audit.history(lead, complaint)


def a_complaint_about(actor: Actor, authority, channel):
    decided = actions.decide_measure(
        actor=actor, item=a_kept(authority, "Jag ska slå dig", channel=channel), kind="hide", ground="BBS-5a",
        reasons="Ett hot.", waive_notice_why="Det är ett automatiskt konto.",
    )  # fmt: skip
    return actions.keep_complaint(actor=Actor.visitor(authority), code=decided.code, text="Nej.").row


def test_fl_8_where_nobody_manages_the_unit_a_complaint_about_one_lead_waits_for_another(authority, lead, channel):
    other = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)

    complaint = a_complaint_about(lead, authority, channel)

    assert [wait.subject_id for wait in waiting.today(other)] == [complaint.pk]
    assert "Avgör klagomålet" in page_of(complaint, other)


def test_fl_8_where_nobody_else_leads_a_complaint_about_the_lead_waits_for_another_units_manager(
    authority, lead, channel
):
    elsewhere = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority, "Gatukontoret"))

    complaint = a_complaint_about(lead, authority, channel)

    assert [wait.subject_id for wait in waiting.today(elsewhere)] == [complaint.pk]
    assert "Avgör klagomålet" in page_of(complaint, elsewhere)
    assert "En annan chef" in page_of(complaint, lead)


def test_fl_8_where_nobody_else_may_decide_a_complaint_the_page_and_the_letter_say_so(authority, lead, channel):
    complaint = a_complaint_about(lead, authority, channel)
    with clock.frozen(complaint.due_at + timedelta(minutes=5)):
        tasks.tell_unanswered.call()
        letters = told(lead, "moderation.unanswered")

    page = page_of(complaint, lead)

    assert [wait.subject_id for wait in waiting.today(lead)] == [complaint.pk]
    assert "Ingen annan kan avgöra klagomålet här." in page
    assert "Avgör klagomålet" not in page
    assert letters.keys() == {lead.person_id}


def page_of(complaint, actor: Actor) -> str:
    return signed_in(actor).get(f"/moderering/klagomal/{complaint.uid}/").content.decode()

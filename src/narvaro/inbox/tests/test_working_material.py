"""Notes, escalations and experts' replies: working material until somebody keeps it (TF-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from narvaro.base.clock import frozen, now
from narvaro.channels.testing import a_channel
from narvaro.core import letters, waiting
from narvaro.core.actions import mark_absent
from narvaro.core.models import Letter
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.models import ExpertQuestion, Message, Note
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.types import Decision, LinkUsed, Outcome
from narvaro.moderation import actions as moderation
from narvaro.records import queries as kept
from narvaro.records.models import Version
from narvaro.records.verify import verify

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def channel(authority):
    return a_channel(authority, in_operation_from=LONG_AGO)


@pytest.fixture
def anna(authority, channel):
    return an_actor(authority, person=channel.responsible)


def letters_to(actor, kind):
    return list(Letter.objects.everywhere("test").filter(to_person_id=actor.person_id, kind=kind))


def test_tf_6_a_note_is_no_record(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)

    actions.add_note(actor=anna, uid=incoming.uid, text="Ringde sjukhuset om detta.")

    assert not Version.objects.everywhere("test").filter(text__contains="sjukhuset").exists()
    assert verify(an_actor(authority, role=Role.ARCHIVIST)).fault == ""


def test_tf_6_made_a_file_note_it_is_a_record_in_the_thread(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    note = actions.add_note(actor=anna, uid=incoming.uid, text="Ringde och svarade.")

    actions.make_file_note(actor=anna, note_uid=note.uid)
    actions.make_file_note(actor=anna, note_uid=note.uid)

    thread = kept.thread_of(anna, incoming.item)
    assert [i.origin for i in thread] == ["received", "file_note"]
    assert [s.text for s in kept.shown(anna, thread)][1] == "Ringde och svarade."


def test_working_material_is_weeded_thirty_days_after_the_work(authority, channel, anna):
    boss = an_actor(authority, role=Role.UNIT_MANAGER, unit=channel.unit)
    done, going_on = a_comment(authority, channel=channel), a_comment(authority, channel=channel)
    for incoming in (done, going_on):
        actions.add_note(actor=anna, uid=incoming.uid, text="Internt.")
        escalation = actions.escalate(actor=anna, uid=incoming.uid, text="Hur gör vi?")
        actions.ask_expert(actor=anna, uid=incoming.uid, to_address="a@storkoping.example", question="Vet du?")
        if incoming is done:
            actions.decide(actor=boss, escalation_uid=escalation.uid, decision=Decision.LEAVE)

    with frozen(now() + timedelta(days=29)):
        assert actions.weed_notes(authority=authority) == 0
    with frozen(now() + timedelta(days=31)):
        assert actions.weed_notes(authority=authority) == 3

    for model in (Note, ExpertQuestion):
        assert [row.incoming_id for row in model.objects.everywhere("test")] == [going_on.pk]
    assert Message.objects.everywhere("test").count() == 1
    assert "inbox.add_note" in {e.verb for e in queries.thread_page(anna, done.uid).history}


def test_sm_22_in_a_crisis_nothing_is_weeded_until_thirty_days_after_its_end(authority, channel, anna, lead):
    elsewhere = a_channel(authority)
    for place in (channel, elsewhere):
        incoming = a_comment(authority, channel=place)
        actions.add_note(actor=anna, uid=incoming.uid, text="Internt.")
        actions.mark_no_answer_needed(actor=anna, uid=incoming.uid)
    crisis = moderation.start_crisis(actor=lead, why="Vattenläcka.", channel_uid=channel.uid)

    with frozen(now() + timedelta(days=31)):
        elsewhere_only = actions.weed_notes(authority=authority)
        moderation.end_crisis(actor=lead, uid=crisis.uid, why="Läckan är lagad.")
    with frozen(now() + timedelta(days=60)):
        soon_after = actions.weed_notes(authority=authority)
    with frozen(now() + timedelta(days=62)):
        long_after = actions.weed_notes(authority=authority)

    assert (elsewhere_only, soon_after, long_after) == (1, 0, 1)


def test_criticism_goes_to_the_nearest_manager_who_discusses_and_decides(authority, channel, anna):
    boss = an_actor(authority, role=Role.UNIT_MANAGER, unit=channel.unit)
    incoming = a_comment(authority, "Er enhet är inkompetent, ni borde skämmas", channel=channel)

    escalation = actions.escalate(actor=anna, uid=incoming.uid, text="Ska vi svara på det här?")
    actions.escalate(actor=anna, uid=incoming.uid, text="De skrev igen.")
    actions.discuss(actor=boss, escalation_uid=escalation.uid, text="Ja, sakligt och kort.")
    before = waiting.counts(boss)
    actions.decide(actor=boss, escalation_uid=escalation.uid, decision=Decision.ANSWER)

    page = queries.thread_page(anna, incoming.uid)
    assert [m.text for m in page.messages] == ["Ska vi svara på det här?", "De skrev igen.", "Ja, sakligt och kort."]
    assert page.escalation.decision == Decision.ANSWER
    assert before["escalation"] == 1
    assert "escalation" not in waiting.counts(boss)
    assert len(letters_to(boss, "inbox.escalated")) == 1
    assert len(letters_to(anna, "inbox.decided")) == 1
    with pytest.raises(NotPermitted):
        actions.decide(actor=boss, escalation_uid=escalation.uid, decision=Decision.LEAVE)


def test_a_managers_own_question_and_one_while_the_manager_is_away_go_above(authority, channel, anna):
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=channel.unit)
    own, other = a_comment(authority, channel=channel), a_comment(authority, channel=channel)
    with pytest.raises(Invalid):
        actions.escalate(actor=manager, uid=own.uid, text="Vad säger ledningen?")
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)

    asked = actions.escalate(actor=manager, uid=own.uid, text="Vad säger ledningen?")
    mark_absent(actor=lead, person=person_of(manager), from_at=now(), until_at=now() + timedelta(days=2))
    meanwhile = actions.escalate(actor=anna, uid=other.uid, text="Hur gör vi?")

    assert asked.manager_id == lead.person_id
    assert meanwhile.manager_id == lead.person_id


def test_a_decision_to_leave_it_closes_the_item(authority, channel, anna):
    boss = an_actor(authority, role=Role.UNIT_MANAGER, unit=channel.unit)
    incoming = a_comment(authority, channel=channel)
    escalation = actions.escalate(actor=anna, uid=incoming.uid, text="Ska vi svara?")

    with pytest.raises(NotPermitted):
        actions.decide(actor=anna, escalation_uid=escalation.uid, decision=Decision.LEAVE)
    actions.decide(actor=boss, escalation_uid=escalation.uid, decision=Decision.LEAVE)

    assert reread(incoming).outcome == Outcome.LEFT
    assert waiting.counts(anna) == {}


def test_an_expert_without_an_account_answers_once_through_the_letter(authority, channel, anna, mailoutbox):
    incoming = a_comment(authority, channel=channel)

    asked = actions.ask_expert(actor=anna, uid=incoming.uid, to_address="dykare@bad.example", question="När öppnar ni?")
    while letters.send_due():
        pass
    (letter,) = [m for m in mailoutbox if m.to == ["dykare@bad.example"]]
    token = letter.body.split("/fraga/")[1].split("/")[0]
    shown = queries.shown_to_expert(queries.expert_question(token))
    actions.reply_as_expert(token=token, text="Klockan sju alla dagar.")

    assert shown.text == "När öppnar simhallen?"
    (basis,) = queries.thread_page(anna, incoming.uid).notes
    assert (basis.text, basis.is_basis, basis.by_name) == ("Klockan sju alla dagar.", True, "dykare@bad.example")
    assert len(letters_to(anna, "inbox.replied")) == 1
    with pytest.raises(LinkUsed):
        actions.reply_as_expert(token=token, text="Igen.")
    assert token not in asked.token_hash
    assert not Letter.objects.everywhere("test").filter(body__contains=token).exists()


def test_an_experts_link_grows_too_old(authority, channel, anna, mailoutbox):
    incoming = a_comment(authority, channel=channel)
    actions.ask_expert(actor=anna, uid=incoming.uid, to_address="dykare@bad.example", question="När öppnar ni?")
    while letters.send_due():
        pass
    token = mailoutbox[-1].body.split("/fraga/")[1].split("/")[0]

    with frozen(now() + timedelta(days=15)), pytest.raises(LinkUsed):
        queries.expert_question(token)
    with pytest.raises(LinkUsed):
        queries.expert_question("")

"""What steps with an item promise: one effect, a way back, and who did it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from narvaro.base.clock import frozen, now
from narvaro.channels.testing import a_channel
from narvaro.core import letters, waiting
from narvaro.core.actions import mark_absent
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.inbox import actions, queries
from narvaro.inbox.models import ExpertQuestion, Message, Note
from narvaro.inbox.testing import a_comment, reread, uids
from narvaro.inbox.types import Decision, Doing, LinkUsed, List, Outcome, State
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


def test_an_item_given_to_a_colleague_waits_for_them_and_they_get_a_letter(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    bo = an_actor(authority)

    actions.assign(actor=anna, uid=incoming.uid, person_uid=person_of(bo).uid, seen_version=incoming.version)

    assert waiting.counts(anna) == {}
    assert waiting.counts(bo) == {"inbox": 1}
    (letter,) = letters_to(bo, "inbox.assigned")
    assert str(incoming.uid) in letter.body
    assert "simhallen" not in letter.body
    assert "!" not in letter.body + letter.subject


def test_an_item_is_given_only_to_those_who_answer(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    auditor = an_actor(authority, role=Role.AUDITOR)

    with pytest.raises(Invalid):
        actions.assign(actor=anna, uid=incoming.uid, person_uid=person_of(auditor).uid)
    with pytest.raises(NotFound):
        actions.assign(actor=anna, uid=incoming.uid, person_uid=person_of(an_actor(an_authority())).uid)


def test_a_stale_form_changes_nothing(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    actions.take(actor=anna, uid=incoming.uid)

    with pytest.raises(Stale):
        actions.mark_no_answer_needed(actor=anna, uid=incoming.uid, seen_version=incoming.version)

    assert reread(incoming).state == State.OPEN


def test_fl_2_what_is_passed_on_waits_for_those_who_answer_in_the_other_unit(authority, channel, anna):
    street = a_unit(authority, "Gatukontoret")
    workers = [an_actor(authority, unit=street) for _ in range(2)]
    incoming = a_comment(authority, "Hål i vägen, när lagas det?", channel=channel)

    actions.pass_on(actor=anna, uid=incoming.uid, unit_uid=street.uid)

    moved = reread(incoming)
    assert (moved.unit_id, moved.person_id, moved.due_at) == (street.pk, None, incoming.due_at)
    for worker in workers:
        assert waiting.counts(worker) == {"inbox": 1}
        assert uids(worker, List.UNIT) == [str(incoming.uid)]
        assert len(letters_to(worker, "inbox.passed")) == 1


def test_what_belongs_to_another_authority_is_done_here_and_says_where_it_went(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)

    actions.pass_to_other_authority(actor=anna, uid=incoming.uid, authority="Trafikverket")

    assert reread(incoming).outcome == Outcome.TO_OTHER_AUTHORITY
    assert queries.thread_page(anna, incoming.uid).history[0].facts == {"authority": "Trafikverket"}


def test_notes_and_reminders_stop_nobody_who_is_writing_an_answer(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    bo = an_actor(authority)
    actions.add_note(actor=bo, uid=incoming.uid, text="Ringer i dag.")
    with frozen(incoming.due_at + timedelta(minutes=5)):
        assert actions.tell_late(authority=authority) == 1

    actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.", seen_version=incoming.version)

    assert reread(incoming).state == State.ANSWERING


@pytest.mark.parametrize("name", ["mark_no_answer_needed", "mark_answered_by_other"])
def test_one_key_closes_and_one_key_undoes(authority, channel, anna, name):
    incoming = a_comment(authority, channel=channel)

    getattr(actions, name)(actor=anna, uid=incoming.uid)
    closed = reread(incoming)
    actions.undo(actor=anna, uid=incoming.uid)

    again = reread(incoming)
    assert (closed.state, closed.outcome) == (State.DONE, name.removeprefix("mark_"))
    assert (again.state, again.outcome, again.done_at) == (State.OPEN, "", None)
    assert (again.due_at, again.person_id) == (incoming.due_at, incoming.person_id)
    assert waiting.counts(anna) == {"inbox": 1}


def test_only_ones_own_latest_step_is_undone_and_only_once(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    bo = an_actor(authority)
    actions.mark_no_answer_needed(actor=anna, uid=incoming.uid)

    with pytest.raises(Stale):
        actions.undo(actor=bo, uid=incoming.uid)
    actions.undo(actor=anna, uid=incoming.uid)
    with pytest.raises(Stale):
        actions.undo(actor=anna, uid=incoming.uid)


def test_several_at_once_and_undone_at_once(authority, channel, anna):
    items = [a_comment(authority, channel=channel) for _ in range(4)]
    actions.mark_answered_by_other(actor=anna, uid=items[0].uid)
    stranger = a_comment(an_authority("Lillköping"))

    closed = actions.close_many(actor=anna, uids=[i.uid for i in (*items, stranger)], outcome=Outcome.NO_ANSWER_NEEDED)
    undone = actions.undo_many(actor=anna, uids=[row.uid for row in closed])

    assert {row.pk for row in closed} == {row.pk for row in undone} == {i.pk for i in items[1:]}
    assert reread(items[0]).outcome == Outcome.ANSWERED_BY_OTHER
    assert reread(stranger).state == State.OPEN
    assert waiting.counts(anna) == {"inbox": 3}


def test_what_is_opened_again_gets_a_new_deadline(authority, channel, anna):
    with frozen(datetime(2026, 10, 13, 12, tzinfo=UTC)):
        incoming = a_comment(authority, channel=channel)
        actions.mark_no_answer_needed(actor=anna, uid=incoming.uid)
    with frozen(datetime(2026, 10, 20, 12, tzinfo=UTC)):
        actions.reopen(actor=anna, uid=incoming.uid)

    assert reread(incoming).due_at == datetime(2026, 10, 21, 12, tzinfo=UTC)


def test_what_screening_missed_can_be_said_to_need_an_answer(authority, channel, anna):
    incoming = a_comment(authority, "Tack för i dag", channel=channel)

    actions.mark_needs_answer(actor=anna, uid=incoming.uid)

    assert reread(incoming).due_at is not None
    assert waiting.counts(anna) == {"inbox": 1}


def test_a_snoozed_item_rests_while_its_clock_goes_on(authority, channel, anna):
    tuesday = datetime(2026, 10, 13, 8, tzinfo=UTC)
    with frozen(tuesday):
        incoming = a_comment(authority, channel=channel)
        actions.snooze(actor=anna, uid=incoming.uid, until=tuesday + timedelta(days=3))

        assert uids(anna, List.MINE) == []
        assert uids(anna, List.SNOOZED) == [str(incoming.uid)]
        assert reread(incoming).due_at == incoming.due_at
        with pytest.raises(Invalid):
            actions.snooze(actor=anna, uid=incoming.uid, until=tuesday - timedelta(minutes=1))
    with frozen(tuesday + timedelta(days=2)):
        assert uids(anna, List.LATE) == [str(incoming.uid)]
        assert actions.wake_snoozed(authority=authority) == 0
    with frozen(tuesday + timedelta(days=3, minutes=1)):
        assert actions.wake_snoozed(authority=authority) == 1
        assert uids(anna, List.MINE) == [str(incoming.uid)]


# --- Working material ------------------------------------------------------------------------------------------------


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


# --- Registrar -------------------------------------------------------------------------------------------------------


def test_the_whole_thread_goes_to_the_registrar_with_a_suggested_file_note(authority, channel, anna):
    registrar = an_actor(authority, role=Role.REGISTRAR)
    with frozen(datetime(2026, 10, 16, 12, tzinfo=UTC)):  # a Friday
        incoming = a_comment(authority, "Ni har brutit mot lagen på Storgatan", channel=channel)
        actions.to_registrar(actor=anna, uid=incoming.uid)

        (entry,) = kept.registry_queue(registrar)

    assert entry.due_at == datetime(2026, 10, 19, 15, tzinfo=UTC)
    assert channel.name in entry.suggested_note
    assert "Storgatan" not in entry.suggested_note
    assert entry.counterparty == "En medborgare"
    assert reread(incoming).state == State.OPEN
    assert queries.thread_page(anna, incoming.uid).registry_entry == entry


def test_osl_4_what_may_be_secret_stays_with_the_registrar_when_the_item_is_closed(authority, channel, anna):
    registrar = an_actor(authority, role=Role.REGISTRAR)
    incoming = a_comment(authority, "Mitt personnummer är 19811228-9874", channel=channel)

    actions.mark_no_answer_needed(actor=anna, uid=incoming.uid)

    assert [e.item_id for e in kept.registry_queue(registrar)] == [incoming.item_id]
    assert waiting.counts(registrar) == {"registry": 1}


# --- Presence, saved answers -----------------------------------------------------------------------------------------


def test_two_people_on_one_item_see_each_other_until_they_go(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    bo = an_actor(authority)

    assert actions.be_present(actor=anna, uid=incoming.uid) == []
    (beside,) = actions.be_present(actor=bo, uid=incoming.uid, doing=Doing.WRITES)
    token = queries.thread_page(anna, incoming.uid).token

    assert beside.person.pk == anna.person_id
    assert queries.thread_page(anna, incoming.uid).presence[0].doing == Doing.WRITES
    with frozen(now() + timedelta(minutes=1)):
        assert queries.presence(anna, incoming) == []
        assert queries.thread_page(anna, incoming.uid).token != token
    actions.leave(actor=bo, uid=incoming.uid)
    assert queries.presence(anna, incoming) == []


def test_saved_answers_are_kept_changed_and_taken_away(authority, channel, anna):
    saved = actions.save_answer(actor=anna, title="Öppettider", text="Vi öppnar klockan sju.")
    actions.change_saved_answer(actor=anna, uid=saved.uid, title="Tider", text="Åtta.", seen_version=1)

    assert [(a.title, a.text) for a in queries.saved_answers(anna)] == [("Tider", "Åtta.")]
    with pytest.raises(Stale):
        actions.change_saved_answer(actor=anna, uid=saved.uid, title="X", text="Y", seen_version=1)
    with pytest.raises(NotFound):
        queries.saved_answer_for(an_actor(an_authority()), saved.uid)
    actions.remove_saved_answer(actor=anna, uid=saved.uid)
    assert queries.saved_answers(anna) == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EMPLOYEE, Role.ARCHIVIST])
def test_who_does_not_answer_residents_changes_nothing(authority, channel, role):
    incoming = a_comment(authority, channel=channel)
    reader = an_actor(authority, role=role)
    person = person_of(reader)
    until = now() + timedelta(days=1)

    for step in (
        lambda: actions.take(actor=reader, uid=incoming.uid),
        lambda: actions.assign(actor=reader, uid=incoming.uid, person_uid=person.uid),
        lambda: actions.pass_on(actor=reader, uid=incoming.uid, unit_uid=channel.unit.uid),
        lambda: actions.snooze(actor=reader, uid=incoming.uid, until=until),
        lambda: actions.mark_no_answer_needed(actor=reader, uid=incoming.uid),
        lambda: actions.close_many(actor=reader, uids=[incoming.uid], outcome=Outcome.NO_ANSWER_NEEDED),
        lambda: actions.reopen(actor=reader, uid=incoming.uid),
        lambda: actions.add_note(actor=reader, uid=incoming.uid, text="x"),
        lambda: actions.escalate(actor=reader, uid=incoming.uid, text="x"),
        lambda: actions.to_registrar(actor=reader, uid=incoming.uid),
        lambda: actions.ask_expert(actor=reader, uid=incoming.uid, to_address="a@b.example", question="x"),
        lambda: actions.acknowledge(actor=reader, uid=incoming.uid),
        lambda: actions.accept_urgent(actor=reader, uid=incoming.uid),
        lambda: actions.save_answer(actor=reader, title="x", text="y"),
    ):
        with pytest.raises(NotPermitted):
            step()

    assert reread(incoming).version == incoming.version

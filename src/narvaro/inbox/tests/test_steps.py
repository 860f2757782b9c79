"""What steps with an item promise: one effect, a way back, and who did it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from narvaro.base.clock import frozen, now
from narvaro.channels.testing import a_channel
from narvaro.core import waiting
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.inbox import actions, queries
from narvaro.inbox.testing import a_comment, reread, uids
from narvaro.inbox.types import Doing, List, Outcome, State
from narvaro.records import queries as kept

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

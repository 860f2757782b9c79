"""What edits, removals and our own answers change in the inbox: once, and nothing we owe is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Kind
from narvaro.core import ledger, waiting
from narvaro.core.models import Waiting
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.inbox import actions
from narvaro.inbox.models import Finding, Incoming
from narvaro.inbox.testing import a_comment, reread, take_in
from narvaro.inbox.types import Outcome, State
from narvaro.records import actions as records
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def rows(authority):
    return Incoming.objects.everywhere("test").filter(authority=authority)


def test_p12_an_edit_is_read_again_and_keeps_what_was_told():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    incoming = a_comment(authority, channel=channel, remote_id="1")
    Incoming.objects.everywhere("test").filter(pk=incoming.pk).update(reminded_at=now())

    records.capture(channel=channel, page=a_page(an_item("När öppnar simhallen? Ring 070-174 06 35", remote_id="1")))
    take_in(authority)

    edited = reread(incoming)
    assert edited.screened_version == 2
    assert edited.reminded_at is not None
    assert edited.due_at == incoming.due_at
    found = Finding.objects.everywhere("test").filter(incoming=incoming, version_number=2)
    assert "GDPR-1" in {finding.ground for finding in found}


def test_an_edit_that_begins_to_ask_opens_what_was_closed():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    incoming = a_comment(authority, "Tack för i dag", channel=channel, remote_id="1")
    worker = an_actor(authority, person=channel.responsible)
    actions.mark_no_answer_needed(actor=worker, uid=incoming.uid)

    records.capture(channel=channel, page=a_page(an_item("När öppnar ni i morgon?", remote_id="1")))
    take_in(authority)

    again = reread(incoming)
    assert (again.state, again.needs_answer) == (State.OPEN, True)
    assert again.due_at is not None


def test_an_edit_of_what_is_answered_and_still_asks_the_same_stays_answered():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    incoming = a_comment(authority, channel=channel, remote_id="1")
    worker = an_actor(authority, person=channel.responsible)
    actions.mark_answered_by_other(actor=worker, uid=incoming.uid)

    records.capture(channel=channel, page=a_page(an_item("När öppnar simhallen??", remote_id="1")))
    take_in(authority)

    assert reread(incoming).state == State.DONE


@pytest.mark.parametrize(
    ("text", "state"),
    [("När öppnar simhallen?", State.DONE), ("Jag begär ut allmänna handlingar om skolan", State.OPEN)],
)
def test_what_its_author_took_away_closes_unless_we_owe_an_answer(text, state):
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    incoming = a_comment(authority, text, channel=channel, remote_id="1")

    records.capture_gone(channel=channel, remote_ids=["1"])
    take_in(authority)

    gone = reread(incoming)
    assert gone.state == state
    assert gone.gone_at is not None


def test_an_answer_in_the_platforms_own_app_closes_the_item_whoever_wrote_it():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    incoming = a_comment(authority, channel=channel, remote_id="1")
    lead = an_actor(authority, person=channel.responsible)

    reply = an_item("Klockan sju.", remote_id="2", parent_remote_id="1", is_own=True)
    records.capture(channel=channel, page=a_page(reply))
    take_in(authority)

    closed = reread(incoming)
    assert (closed.state, closed.outcome) == (State.DONE, Outcome.ANSWERED_IN_APP)
    assert closed.answered_at == reply.published_at
    assert waiting.counts(lead) == {}


def test_an_answer_that_was_kept_before_its_question_closes_it_all_the_same():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    records.capture(
        channel=channel,
        page=a_page(an_item("Klockan sju.", remote_id="2", parent_remote_id="1", root_remote_id="1", is_own=True)),
    )
    take_in(authority)

    incoming = a_comment(authority, channel=channel, remote_id="1", at=now() - timedelta(minutes=5))

    assert (incoming.state, incoming.outcome) == (State.DONE, Outcome.ANSWERED_IN_APP)


def test_question_edit_and_answer_in_one_batch_end_as_one_closed_item():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    for item in (
        an_item("Nar öppnar ni?", remote_id="1"),
        an_item("När öppnar ni?", remote_id="1"),
        an_item("Klockan sju.", remote_id="2", parent_remote_id="1", is_own=True),
    ):
        records.capture(channel=channel, page=a_page(item))
    take_in(authority)

    (incoming,) = rows(authority)
    assert (incoming.state, incoming.screened_version) == (State.DONE, 2)


def test_our_own_post_and_file_notes_are_no_ones_work():
    authority = an_authority()
    channel = a_channel(authority)
    incoming = a_comment(authority, channel=channel)
    worker = an_actor(authority, person=channel.responsible)
    records.capture(channel=channel, page=a_page(an_item("Nyhet", kind=Kind.POST, is_own=True)))
    records.keep_file_note(actor=worker, item=incoming.item, text="Ringde upp.")
    take_in(authority)

    assert rows(authority).count() == 1


def test_fl_2_a_question_that_comes_in_together_with_our_answer_waits_for_nobody():
    authority = an_authority()
    channel = a_channel(authority)
    question = an_item("När öppnar simhallen?", remote_id="fraga", kind=Kind.COMMENT)
    answer = an_item("Klockan åtta.", remote_id="svar", parent_remote_id="fraga", is_own=True)

    records.capture(channel=channel, page=a_page(question, answer))
    ledger.sequence(authority)
    actions.triage(authority=authority)

    actor = an_actor(authority, role=Role.AUDITOR)
    assert Waiting.objects.of(actor).count() == 0

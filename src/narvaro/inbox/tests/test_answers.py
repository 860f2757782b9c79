"""What answers promise: signed, once, followed to the platform, and never lost from view."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from narvaro.base.clock import frozen, now
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Connection, Platform
from narvaro.connectors.port import Author, Kind, Published, Refused, Unknown, Visibility
from narvaro.core import audit, waiting
from narvaro.core.forms import perform
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Replayed, Role, Stale
from narvaro.inbox import actions, queries, rules
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment, reread, take_in
from narvaro.inbox.types import Outcome, ReferTo, State
from narvaro.publishing import actions as publishing
from narvaro.publishing.models import Publication
from narvaro.publishing.types import State as Sending
from narvaro.records import actions as records
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def channel(authority):
    return a_channel(authority, in_operation_from=LONG_AGO)


@pytest.fixture
def anna(authority, channel):
    person = channel.responsible
    person.signature = "Anna"
    person.save()
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority, "Kansliet"), person=person)


def send(outcome_of):
    """Let the machine make every attempt that is due, with this outcome."""
    with frozen(now() + timedelta(minutes=1)):
        attempts = 0
        while (attempt := publishing.claim_attempt()) is not None and attempts < 50:
            attempts += 1
            publishing.store_outcome(attempt, outcome_of(attempt.publication))
        return attempts


def delivered(publication):
    item = an_item(
        publication.text, remote_id=f"own-{publication.pk}", kind=Kind.COMMENT, is_own=True,
        author=Author("account", publication.channel.handle), parent_remote_id=publication.answers.remote_id,
        url=f"https://social.example/{publication.pk}", visibility=Visibility(publication.visibility),
    )  # fmt: skip
    return Published(item)


def test_fl_2_an_answer_is_done_when_the_platform_has_it(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)

    actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.", seen_version=incoming.version)
    on_its_way = reread(incoming)
    send(delivered)
    actions.settle_answers()

    done = reread(incoming)
    assert on_its_way.state == State.ANSWERING
    assert (done.state, done.outcome, done.done_by_id) == (State.DONE, Outcome.ANSWERED, anna.person_id)
    assert waiting.counts(anna) == {}


def test_fl_2_the_feed_closes_it_too_when_the_sweep_never_came(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")

    send(delivered)
    take_in(authority)

    done = reread(incoming)
    assert (done.state, done.outcome) == (State.DONE, Outcome.ANSWERED)
    assert actions.settle_answers() == 0


def test_the_signature_is_added_by_itself_once(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)

    publication = actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju. /Anna, Biblioteket")

    assert publication.text == "Klockan sju. /Anna, Biblioteket"


@pytest.mark.parametrize("text", ["När öppnar ni?", "Jag ska döda dig, handläggare. När öppnar ni?"])
def test_fl_9_names_are_withheld_under_threat_and_by_wish(authority, channel, anna, text):
    incoming = a_comment(authority, text, channel=channel)
    if not incoming.withhold_names:
        person = person_of(anna)
        person.withhold_name = True
        person.save()

    publication = actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")

    assert publication.text == "Klockan sju. /Kommunikationsavdelningen"


def test_tf_4_an_answer_inherits_the_visibility_of_its_question(authority, channel, anna):
    incoming = a_comment(authority, channel=channel, visibility=Visibility.PRIVATE, kind=Kind.MESSAGE)

    assert actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.").visibility == Visibility.PRIVATE


@pytest.mark.parametrize("outcome", [Refused("Plattformen sa nej."), Unknown("Inget svar kom.")])
def test_what_was_refused_or_is_unclear_is_open_again_with_its_author(authority, channel, anna, outcome):
    incoming = a_comment(authority, channel=channel)
    actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")

    send(lambda _: outcome)
    actions.settle_answers()

    again = reread(incoming)
    assert (again.state, again.person_id) == (State.OPEN, anna.person_id)
    assert waiting.counts(anna) == {"inbox": 1, "publications": 1}
    assert actions.settle_answers() == 0


def test_p2_while_it_is_unclear_whether_an_answer_went_out_no_second_one_is_sent(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")
    send(lambda _: Unknown("Inget svar kom."))
    actions.settle_answers()

    with pytest.raises(NotPermitted):
        actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")


def test_p2_an_unclear_answer_that_a_person_has_let_be_stands_in_nobodys_way(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    unclear = actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")
    send(lambda _: Unknown("Inget svar kom."))
    actions.settle_answers()
    publishing.let_be(actor=anna, publication=unclear)

    second = actions.answer(actor=anna, uid=incoming.uid, text="Klockan åtta.")

    assert reread(incoming).publication_id == second.pk


def test_an_unclear_answer_that_turns_out_to_be_out_closes_its_item(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    publication = actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")
    send(lambda _: Unknown("Inget svar kom."))
    actions.settle_answers()

    publication = Publication.objects.everywhere("test").select_related("answers", "channel").get(pk=publication.pk)
    publishing.store_settling(publication, delivered(publication))
    actions.settle_answers()

    assert reread(incoming).outcome == Outcome.ANSWERED


def test_p23_a_new_try_is_followed_to_its_own_end(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    actions.refer(actor=anna, uid=incoming.uid, to=ReferTo.PHONE, target="0123-456 78")
    send(lambda _: Refused("Plattformen sa nej."))
    actions.settle_answers()
    first = Publication.objects.everywhere("test").get(answers=incoming.item)

    publishing.try_again(actor=anna, publication=first)
    actions.settle_answers()
    trying = reread(incoming)
    send(delivered)
    actions.settle_answers()

    assert trying.state == State.ANSWERING
    assert reread(incoming).outcome == Outcome.REFERRED


def test_an_answer_can_be_taken_back_before_it_is_sent(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    publication = actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")

    actions.undo_answer(actor=anna, publication_uid=publication.uid)

    again = reread(incoming)
    assert (again.state, again.publication_id) == (State.OPEN, None)
    assert send(delivered) == 0


def test_an_answer_that_is_out_is_not_taken_back(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    publication = actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")
    send(delivered)

    with pytest.raises(Stale):
        actions.undo_answer(actor=anna, publication_uid=publication.uid)


def test_a_doubled_click_publishes_once(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    intent = uuid4()

    def answer():
        return actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.", seen_version=incoming.version)

    perform(anna, intent, answer)
    with pytest.raises(Replayed):
        perform(anna, intent, answer)

    assert Publication.objects.everywhere("test").filter(answers=incoming.item).count() == 1


def test_two_people_answering_at_once_give_one_answer_and_one_clear_message(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    other = an_actor(authority, unit=channel.unit)
    actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.", seen_version=incoming.version)

    with pytest.raises(Stale):
        actions.answer(actor=other, uid=incoming.uid, text="Klockan åtta.", seen_version=incoming.version)
    with pytest.raises(NotPermitted):
        actions.answer(actor=other, uid=incoming.uid, text="Klockan åtta.")


def test_who_only_reads_answers_nothing(authority, channel):
    incoming = a_comment(authority, channel=channel)
    auditor = an_actor(authority, role=Role.AUDITOR)

    with pytest.raises(NotPermitted):
        actions.answer(actor=auditor, uid=incoming.uid, text="Hej")
    assert reread(incoming).version == incoming.version


def test_fl_2_an_acknowledgement_keeps_the_clock(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)

    actions.acknowledge(actor=anna, uid=incoming.uid)
    send(delivered)
    take_in(authority)
    actions.settle_answers()

    seen = reread(incoming)
    assert (seen.state, seen.due_at) == (State.OPEN, incoming.due_at)
    assert seen.acknowledged_at is not None
    with pytest.raises(NotPermitted):
        actions.acknowledge(actor=anna, uid=incoming.uid)


def test_an_acknowledgement_that_the_channel_shows_first_does_not_close_its_question(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    publication = actions.acknowledge(actor=anna, uid=incoming.uid)
    send(lambda _: Unknown("Inget svar kom."))

    seen = an_item(f"@medborgare {publication.text}", parent_remote_id=incoming.item.remote_id, is_own=True)
    records.capture(channel=channel, page=a_page(seen))
    take_in(authority)

    assert reread(incoming).state == State.OPEN


def test_fl_5_an_individual_case_is_shown_out_of_the_thread(authority, channel, anna):
    incoming = a_comment(authority, "Varför fick jag avslag på mitt bygglov?", channel=channel)

    publication = actions.refer(actor=anna, uid=incoming.uid, to=ReferTo.PHONE, target="0123-456 78")
    send(delivered)
    actions.settle_answers()

    assert "0123-456 78" in publication.text
    assert "där alla kan läsa" in publication.text
    assert reread(incoming).outcome == Outcome.REFERRED


def test_a_referral_without_a_target_is_refused_at_its_field(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)

    with pytest.raises(Invalid) as refused:
        actions.refer(actor=anna, uid=incoming.uid, to=ReferTo.PHONE, target=" ")

    assert refused.value.field == "target"


def test_a_channel_that_is_not_connected_says_what_to_do(authority):
    manual = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)
    anna = an_actor(authority, person=manual.responsible)
    incoming = actions.bring_in(actor=anna, channel_uid=manual.uid, text="När öppnar ni?")

    with pytest.raises(NotPermitted, match="registrera länken"):
        actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")
    assert reread(incoming).state == State.OPEN


def test_the_history_holds_who_did_what_and_none_of_the_words(authority, channel, anna):
    incoming = a_comment(authority, "Hål i vägen på Storgatan, när lagas det?", channel=channel)
    actions.answer(actor=anna, uid=incoming.uid, text="På torsdag.")

    entries = audit.history(anna, incoming)

    assert [entry.verb for entry in entries] == ["inbox.answer"]
    assert "Storgatan" not in str([entry.facts for entry in entries])
    assert "torsdag" not in str([entry.facts for entry in entries])


def test_another_organisations_publication_is_not_undone(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    publication = actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")
    stranger = an_actor(an_authority("Lillköping"))

    with pytest.raises(NotFound):
        actions.undo_answer(actor=stranger, publication_uid=publication.uid)
    assert Incoming.objects.everywhere("test").get(pk=incoming.pk).state == State.ANSWERING


def test_the_signature_shown_is_the_one_that_is_sent(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)

    shown = queries.thread_page(anna, incoming.uid).signature

    assert rules.signed("Hej", shown) == actions.answer(actor=anna, uid=incoming.uid, text="Hej").text


def test_a_cancelled_publication_opens_its_item_again(authority, channel, anna):
    incoming = a_comment(authority, channel=channel)
    publication = actions.answer(actor=anna, uid=incoming.uid, text="Klockan sju.")
    publishing.undo(actor=anna, publication=publication)

    actions.settle_answers()

    again = reread(incoming)
    assert (again.state, again.publication_id) == (State.OPEN, None)
    assert Publication.objects.everywhere("test").get(pk=publication.pk).state == Sending.CANCELLED

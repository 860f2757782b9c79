"""Messages: one text in many channels, at its time, read first where that is asked, and out exactly once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import DatabaseError, transaction

from narvaro.base import clock
from narvaro.base.clock import now
from narvaro.channels import actions as channels
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import audit, waiting
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.decisions.rules import content_hash
from narvaro.publishing import actions, queries, rules
from narvaro.publishing.models import Message, MessageVersion, Publication
from narvaro.publishing.types import MessageState, Purpose, State

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
TEXT = "Biblioteket är öppet på lördag."


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def writer(authority, unit):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)


@pytest.fixture
def both(authority, unit, writer):
    """Two channels of one unit, live since before there was a gate."""
    deputy = person_of(an_actor(authority, role=Role.DEPUTY, unit=unit))
    values = {"unit": unit, "responsible": person_of(writer), "deputy": deputy}
    made = [a_channel(authority, **values) for _ in range(2)]
    for channel, name in zip(made, ("Anslagstavlan", "Berättaren"), strict=True):
        channel.name = name
        channel.save(update_fields=["name"])
    return made


def saved(actor: Actor, where, **values) -> Message:
    values = {"text": TEXT, "channels": dict.fromkeys(where, ""), **values}
    return actions.save_message(actor=actor, **values)


def seen(actor: Actor, message: Message) -> str:
    return content_hash(queries.content_of(actor, queries.message_for(actor, message.uid)))


def due() -> list[str]:
    found = []
    while (attempt := actions.claim_attempt()) is not None:
        found.append(attempt.publication.text)
    return found


# --- One message, many channels -------------------------------------------------------------------------------------


def test_a_message_goes_out_once_in_each_channel_with_the_words_of_that_channel(writer, both):
    first, second = both
    message = saved(writer, [], channels={first: "", second: "Öppet lördag!"})

    sent = actions.send_message(actor=writer, uid=message.uid)
    with pytest.raises(Stale):
        actions.send_message(actor=writer, uid=message.uid)

    assert sent.state == MessageState.PLANNED
    assert sorted(Publication.objects.of(writer).values_list("channel__name", "text", "state")) == [
        ("Anslagstavlan", TEXT, State.QUEUED), ("Berättaren", "Öppet lördag!", State.QUEUED),
    ]  # fmt: skip


def test_one_channel_that_cannot_take_it_stops_all_and_is_named(writer, both):
    message = saved(writer, [], channels={both[0]: "", both[1]: "ö" * 19_000})

    with pytest.raises(Invalid, match="Berättaren: Texten är"):
        actions.send_message(actor=writer, uid=message.uid)

    assert not Publication.objects.of(writer).exists()


def test_a_draft_is_kept_in_every_wording_and_a_stale_form_changes_nothing(writer, both):
    message = saved(writer, both[:1])
    seen_version = message.version
    saved(writer, both, uid=message.uid, seen_version=seen_version, text="Öppet också på söndag.")

    with pytest.raises(Stale):
        saved(writer, both, uid=message.uid, seen_version=seen_version, text="Något annat.")

    kept = MessageVersion.objects.of(writer).filter(message=message).order_by("number")
    assert [row.content["text"] for row in kept] == [TEXT, "Öppet också på söndag."]
    with pytest.raises(DatabaseError), transaction.atomic():
        MessageVersion.objects.of(writer).update(content={})


def test_only_those_who_post_in_the_channel_write_in_it(authority, both, writer):
    stranger = an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority, name="Badet"))
    message = saved(writer, both)

    with pytest.raises(NotPermitted):
        saved(stranger, both[:1])
    with pytest.raises(NotPermitted):
        actions.throw_message(actor=stranger, uid=message.uid)
    with pytest.raises(NotFound):
        queries.message_for(an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD), message.uid)
    with pytest.raises(NotFound):
        queries.message_for(an_actor(authority, role=Role.EMPLOYEE), message.uid)


def test_what_is_thrown_away_never_goes_out_and_can_be_brought_back(writer, both):
    message = saved(writer, both)
    actions.send_message(actor=writer, uid=message.uid)

    actions.throw_message(actor=writer, uid=message.uid)

    assert set(Publication.objects.of(writer).values_list("state", flat=True)) == {State.CANCELLED}
    assert actions.bring_back_message(actor=writer, uid=message.uid).state == MessageState.DRAFT
    copy = actions.duplicate_message(actor=writer, uid=message.uid)
    assert (copy.text, copy.pk != message.pk, len(queries.channels_of(writer, copy))) == (TEXT, True, 2)


# --- Time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "wall", "moment"),
    [
        (date(2026, 10, 24), time(9, 0), datetime(2026, 10, 24, 7, 0, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of two
        (date(2026, 10, 25), time(9, 0), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
        (date(2027, 3, 28), time(3, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
    ],
)
@pytest.mark.one_database
def test_a_planned_time_is_what_the_clock_on_the_wall_shows(day, wall, moment):
    assert rules.moment_of(day, wall) == moment


@pytest.mark.one_database
def test_a_time_that_the_clocks_are_put_past_is_refused():
    with pytest.raises(Invalid, match="finns inte"):
        rules.moment_of(date(2027, 3, 28), time(2, 30))


def test_what_is_planned_across_the_change_of_the_clocks_goes_out_then_and_not_before(writer, both):
    with clock.frozen(MORNING):
        message = saved(writer, both[:1], day=date(2026, 10, 26), clock=time(8, 0))
        actions.send_message(actor=writer, uid=message.uid)

    at = datetime(2026, 10, 26, 7, 0, tzinfo=UTC)
    with clock.frozen(at - timedelta(seconds=1)):
        assert due() == []
    with clock.frozen(at + timedelta(seconds=1)):
        assert due() == [TEXT]
        assert due() == []


def test_what_could_not_go_out_in_time_is_not_sent_and_its_author_decides(writer, both):
    with clock.frozen(MORNING):
        message = saved(writer, both[:1], day=date(2026, 10, 2), clock=time(8, 0), patience_hours=2)
        actions.send_message(actor=writer, uid=message.uid)

    with clock.frozen(datetime(2026, 10, 2, 8, 1, tzinfo=UTC)):
        assert due() == []
        assert actions.refuse_late() == 1
        assert actions.refuse_late() == 0
        (row,) = queries.for_a_person(writer)
        waits = waiting.counts(writer)
        again = actions.try_again(actor=writer, publication=row)

    assert (row.state, waits) == (State.REFUSED, {"publications": 1})
    page = signed_in(writer).get(f"/publicerat/utkast/{message.uid}/").content.decode()
    assert f"/publicerat/{again.uid}/" in page


def test_a_channel_put_to_rest_says_nothing_that_was_planned_and_the_author_is_told(writer, both, lead):
    with clock.frozen(MORNING):
        message = saved(writer, both[:1], day=date(2026, 10, 2), clock=time(8, 0))
        actions.send_message(actor=writer, uid=message.uid)
        channels.rest_channel(actor=lead, channel=both[0], why="Sommar.")

    with clock.frozen(datetime(2026, 10, 2, 6, 1, tzinfo=UTC)):
        assert due() == []
        assert actions.refuse_late() == 1
        (row,) = queries.for_a_person(writer)

    assert "inte längre i drift" in row.reason


def test_a_time_that_has_passed_or_is_half_is_refused(writer, both):
    with clock.frozen(MORNING):
        message = saved(writer, both, day=date(2026, 9, 30), clock=time(8, 0))
        with pytest.raises(Invalid, match="passerat"):
            actions.send_message(actor=writer, uid=message.uid)
        with pytest.raises(Invalid, match="både dag och klockslag"):
            saved(writer, both, day=date(2026, 12, 1))


def test_sm_22_a_crisis_holds_what_is_planned_and_lets_it_out_when_it_ends(writer, both, monkeypatch):
    first, second = both
    with clock.frozen(MORNING):
        for channel in both:
            message = saved(writer, [channel], text=channel.name, day=date(2026, 10, 2), clock=time(8, 0))
            actions.send_message(actor=writer, uid=message.uid)
    monkeypatch.setattr(queries.publications, "holders", [lambda: [(first.authority_id, first.pk)]])
    monkeypatch.setattr(queries, "holders", queries.publications.holders)

    with clock.frozen(datetime(2026, 10, 2, 7, 0, tzinfo=UTC)):
        assert due() == [second.name]
        monkeypatch.setattr(queries, "holders", [])
        assert due() == [first.name]


# --- Four eyes ------------------------------------------------------------------------------------------------------


@pytest.fixture
def awaited(writer, both, lead) -> Message:
    actions.change_four_eyes(actor=lead, everywhere=False, channels=both[:1])
    return actions.send_message(actor=writer, uid=saved(writer, both).uid)


def test_kl_4_without_a_word_from_the_authority_whoever_answers_for_the_channel_publishes_alone(writer, both):
    assert actions.send_message(actor=writer, uid=saved(writer, both).uid).state == MessageState.PLANNED


def test_kl_4_where_four_eyes_are_asked_nothing_goes_out_until_somebody_else_has_read(awaited, writer, lead):
    assert (awaited.state, Publication.objects.of(lead).count()) == (MessageState.AWAITING, 0)
    assert waiting.counts(lead) == {"publications": 1}
    with pytest.raises(NotPermitted):
        actions.approve_message(actor=writer, uid=awaited.uid, seen_hash=seen(writer, awaited))

    actions.approve_message(actor=lead, uid=awaited.uid, seen_hash=seen(lead, awaited))
    with pytest.raises(Stale):
        actions.approve_message(actor=lead, uid=awaited.uid, seen_hash=seen(lead, awaited))

    sent = Publication.objects.of(lead)
    assert [(row.state, row.written_by_id) for row in sent] == [(State.QUEUED, writer.person_id)] * 2
    assert waiting.counts(lead) == {}


def test_kl_4_nobody_approves_what_they_have_written_or_changed(awaited, lead, both):
    changed = saved(lead, both, uid=awaited.uid, text="Ändrat.")
    actions.send_message(actor=lead, uid=changed.uid)

    with pytest.raises(NotPermitted):
        actions.approve_message(actor=lead, uid=awaited.uid, seen_hash=seen(lead, awaited))


def test_kl_4_whoever_leads_one_unit_does_not_let_out_what_goes_in_anothers_channel(
    authority, writer, unit, lead, both
):
    elsewhere = a_channel(authority, unit=a_unit(authority, name="Badet"), responsible=person_of(writer))
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    actions.change_four_eyes(actor=lead, everywhere=True)
    ours, shared = (
        actions.send_message(actor=writer, uid=saved(writer, where).uid) for where in (both, [*both, elsewhere])
    )

    with pytest.raises(NotPermitted):
        actions.approve_message(actor=manager, uid=shared.uid, seen_hash=seen(manager, shared))

    assert actions.approve_message(actor=manager, uid=ours.uid, seen_hash=seen(manager, ours)).state == (
        MessageState.PLANNED
    )


def test_what_was_taken_back_in_one_channel_can_be_changed_and_what_went_out_cannot(writer, both):
    message = actions.send_message(actor=writer, uid=saved(writer, both).uid)
    first, _second = queries.sent_of(queries.channels_of(writer, message))
    actions.undo(actor=writer, publication=first)
    changed = saved(writer, both, uid=message.uid, text="Ändrat.")
    assert changed.state == MessageState.DRAFT

    actions.send_message(actor=writer, uid=message.uid)
    with clock.frozen(now() + timedelta(minutes=1)):
        assert due() == ["Ändrat.", "Ändrat."]
    with pytest.raises(Stale):
        saved(writer, both, uid=message.uid, text="För sent.")


def test_p18_any_change_makes_the_approval_void_also_when_it_is_planned(writer, both, lead):
    actions.change_four_eyes(actor=lead, everywhere=True)
    with clock.frozen(MORNING):
        planned = {"day": date(2026, 10, 20), "clock": time(8, 0)}
        message = actions.send_message(actor=writer, uid=saved(writer, both, **planned).uid)
        old = seen(lead, message)
        saved(writer, both, uid=message.uid, day=date(2026, 10, 20), clock=time(8, 5))
        actions.send_message(actor=writer, uid=message.uid)
        with pytest.raises(Stale):
            actions.approve_message(actor=lead, uid=message.uid, seen_hash=old)
        actions.approve_message(actor=lead, uid=message.uid, seen_hash=seen(lead, message))

        changed = saved(writer, both, uid=message.uid, text="Något annat.", **planned)

    assert changed.state == MessageState.DRAFT
    assert set(Publication.objects.of(lead).values_list("state", flat=True)) == {State.CANCELLED}
    assert "publishing.void_approval" in [entry.verb for entry in audit.history(lead, message)]


def test_sent_back_it_is_a_draft_again_its_author_knows_why_and_it_can_be_approved_later(awaited, writer, lead):
    with pytest.raises(Invalid):
        actions.return_message(actor=lead, uid=awaited.uid, seen_hash=seen(lead, awaited), why=" ")

    actions.return_message(actor=lead, uid=awaited.uid, seen_hash=seen(lead, awaited), why="Länka till sidan.")

    assert waiting.counts(writer) == {"publications": 1}
    assert queries.message_for(writer, awaited.uid).state == MessageState.DRAFT
    actions.send_message(actor=writer, uid=awaited.uid)
    actions.approve_message(actor=lead, uid=awaited.uid, seen_hash=seen(lead, awaited))
    assert Publication.objects.of(lead).count() == 2


def test_advice_is_asked_for_from_a_draft_given_and_never_waited_for(writer, both, lead):
    message = saved(writer, both)
    desk, office = signed_in(writer), signed_in(lead)
    page = f"/publicerat/utkast/{message.uid}/"

    desk.post(f"{page}kommentera/", filled(desk.get(page), "note_form", text="Är tonen rätt?", do="ask"))
    asked = waiting.counts(lead), waiting.counts(writer)
    office.post(f"{page}kommentera/", filled(office.get(page), "note_form", text="Skriv kortare."))
    told = waiting.counts(lead), waiting.counts(writer)
    actions.send_message(actor=writer, uid=message.uid)

    assert (asked, told) == (({"publications": 1}, {}), ({}, {"publications": 1}))
    assert "Skriv kortare." in desk.get(page).content.decode()
    assert waiting.counts(writer) == {}


@pytest.mark.parametrize("purpose", [Purpose.CORRECTION, Purpose.CRISIS])
def test_corrections_and_what_people_need_to_know_now_wait_for_nobody(writer, both, lead, purpose):
    actions.change_four_eyes(actor=lead, everywhere=True)

    sent = actions.send_message(actor=writer, uid=saved(writer, both, purpose=purpose).uid)

    assert sent.state == MessageState.PLANNED


# --- Pages ----------------------------------------------------------------------------------------------------------


def test_from_draft_to_sent_back_to_approved_on_the_pages(writer, both, lead):
    actions.change_four_eyes(actor=lead, everywhere=True)
    desk, office = signed_in(writer), signed_in(lead)
    new = "/publicerat/nytt/"
    chosen = [str(each.uid) for each in both]

    drafted = desk.post(new, filled(desk.get(new), text=TEXT, channels=chosen, do="save"))
    address = drafted["Location"]
    change = f"{address}andra/"
    desk.post(change, filled(desk.get(change), channels=chosen, text=TEXT + " Välkomna!"))
    office.post(f"{address}tillbaka/", filled(office.get(address), "back_form", why="Skriv när vi stänger."))
    page = desk.get(address).content.decode()
    desk.post(change, filled(desk.get(change), channels=chosen, text=TEXT + " Vi stänger klockan 15."))
    approved = office.post(f"{address}godkann/", filled(office.get(address), "approve_form"))

    assert "Skriv när vi stänger." in page
    assert approved.status_code == 302
    assert {row.text for row in Publication.objects.of(lead)} == {TEXT + " Vi stänger klockan 15."}
    assert desk.get("/publicerat/utkast/?lista=planerat&q=stänger").content.decode().count("rows__title") == 1


def test_the_text_is_counted_as_each_platform_counts_while_it_is_written(writer, both):
    desk = signed_in(writer)
    form = filled(desk.get("/publicerat/nytt/"), text="Hej 👩‍👩‍👧", channels=[str(both[0].uid)])

    page = desk.post("/publicerat/nytt/granska/", form).content.decode()

    assert "Anslagstavlan</bdi>: 495 tecken kvar" in page
    assert Message.objects.of(writer).count() == 0


def test_only_those_who_lead_communications_choose_where_somebody_else_reads(writer, lead, both):
    assert signed_in(writer).get("/publicerat/fyra-ogon/").status_code == 403
    office = signed_in(lead)

    office.post("/publicerat/fyra-ogon/", filled(office.get("/publicerat/fyra-ogon/"), channels=[str(both[1].uid)]))

    assert queries.four_eyes(lead) == (False, {both[1].pk})


def test_the_pages_of_messages_ask_little_however_much_there_is(writer, both, django_assert_max_num_queries):
    for _ in range(5):
        saved(writer, both)
    message = saved(writer, both)
    desk = signed_in(writer)

    for page in ("/publicerat/utkast/", "/publicerat/kalender/", f"/publicerat/utkast/{message.uid}/"):
        with django_assert_max_num_queries(12):
            assert desk.get(page).status_code == 200

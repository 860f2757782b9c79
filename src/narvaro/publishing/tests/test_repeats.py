"""Texts that come again: a draft when it is due, one for each day, and an end when what they rest on is gone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.connectors.port import Misconfigured, Transient
from narvaro.core import waiting
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.media import actions as media
from narvaro.media import queries as pictures
from narvaro.media.testing import ALT, an_asset
from narvaro.media.types import Basis
from narvaro.publishing import actions, queries, repeating
from narvaro.publishing.actions.repeating import claim_repeat, end_repeat, propose_again, set_repeat
from narvaro.publishing.models import Message, RepeatDraft
from narvaro.publishing.queries.repeats import repeat_of
from narvaro.publishing.queries.website import page_of
from narvaro.publishing.rules.repeats import days_in, next_after
from narvaro.publishing.types import MessageState

MORNING = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
PAGE = "https://www.storkoping.example/sno"
TEXT = "Nu ansvarar du för snön framför din fastighet."


@pytest.fixture
def authority(db):
    made = an_authority()
    made.website = "https://storkoping.example/"
    made.save(update_fields=["website"])
    return made


@pytest.fixture
def writer(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE)


@pytest.fixture
def saved(writer):
    return actions.save_text(actor=writer, name="Snön", text=TEXT)


@pytest.fixture
def website(monkeypatch):
    """What the website answers, in order; nothing: that the page is there."""
    given: list[Exception] = []

    def fetch(_address, **_kwargs):
        if given:
            raise given.pop(0)

    monkeypatch.setattr(repeating.web, "fetch", fetch)
    return given


def again(writer, saved, **values):
    with clock.frozen(MORNING):
        usual = {"from_on": date(2026, 10, 1), "every_weeks": 4}
        return set_repeat(actor=writer, uid=saved.uid, **(usual | values))


def on(day: date) -> int:
    """Let the sweep run in the morning of a day; returns how much it did."""
    with clock.frozen(datetime(day.year, day.month, day.day, 8, 0, tzinfo=UTC)):
        return repeating.propose_due()


def told(actor) -> list[str]:
    return [row.title for row in waiting.for_actor(actor).order_by("id")]


@pytest.mark.one_database
def test_the_days_are_reckoned_from_the_first_and_by_the_year():
    first, last = date(2026, 10, 1), date(2027, 11, 1)
    by_weeks = {"from_on": first, "until_on": date(2026, 11, 20), "every_weeks": 4, "days": []}
    by_year = {"from_on": first, "until_on": last, "every_weeks": None, "days": days_in("15/10, 29/2")}

    assert next_after(date(2026, 9, 1), **by_weeks) == first
    assert next_after(first, **by_weeks) == date(2026, 10, 29)
    assert next_after(date(2026, 10, 29), **by_weeks) is None
    assert next_after(first, **by_year) == date(2026, 10, 15)
    assert next_after(date(2026, 10, 15), **by_year) == date(2027, 2, 28)
    assert next_after(date(2027, 10, 15), **by_year) is None
    assert days_in("32/1") is None
    assert days_in("hösten") is None


def test_a_text_is_put_before_whoever_said_so_as_a_draft_and_never_goes_out_by_itself(authority, writer, saved):
    channel = a_channel(authority, responsible=person_of(writer))
    again(writer, saved, channels=[channel])

    assert [on(date(2026, 10, 1)), on(date(2026, 10, 28)), on(date(2026, 10, 29))] == [1, 0, 1]

    rows = Message.objects.of(writer).order_by("id")
    assert {(row.text, row.state, row.written_by_id) for row in rows} == {
        (TEXT, MessageState.DRAFT, writer.person_id)
    }  # fmt: skip
    assert [part.channel for part in queries.channels_of(writer, rows[0])] == [channel]
    assert told(writer) == ["Dags igen: Snön", "Dags igen: Snön"]
    assert repeat_of(writer, saved).next_on == date(2026, 11, 26)


def test_weeks_in_which_nothing_ran_become_one_draft(writer, saved):
    again(writer, saved, every_weeks=1)

    on(date(2026, 11, 4))
    on(date(2026, 11, 4))

    assert list(RepeatDraft.objects.of(writer).values_list("due_on", flat=True)) == [date(2026, 10, 29)]
    assert repeat_of(writer, saved).next_on == date(2026, 11, 5)


def test_p04_a_worker_that_dies_or_a_second_one_makes_no_second_draft(writer, saved):
    repeat = again(writer, saved)
    with clock.frozen(MORNING):
        held = claim_repeat()
        assert claim_repeat() is None  # in somebody's hand
        propose_again(held)
        propose_again(held)
    with clock.frozen(MORNING + timedelta(minutes=11)):
        assert repeating.propose_due() == 0
    draft = RepeatDraft.objects.of(writer).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        RepeatDraft.objects.create(
            authority_id=writer.authority_id, repeat=repeat, due_on=draft.due_on, message=draft.message
        )

    other = actions.save_text(actor=writer, name="Halkan", text="Sanda.")
    again(writer, other)
    with clock.frozen(MORNING):
        assert claim_repeat() is not None  # and there the worker dies
    with clock.frozen(MORNING + timedelta(minutes=11)):
        assert repeating.propose_due() == 1


def test_a_text_whose_page_is_gone_comes_no_more_and_says_so_until_it_is_mended(writer, saved, website):
    again(writer, saved, page=PAGE)
    website.append(Misconfigured("Sidan finns inte (404)."))

    on(date(2026, 10, 1))

    stopped = repeat_of(writer, saved)
    assert (stopped.next_on, stopped.stopped_why) == (None, f"Sidan på webbplatsen finns inte: {PAGE}")
    assert not Message.objects.of(writer).exists()
    assert told(writer) == ["Kommer inte tillbaka: Snön"]
    assert "Sidan på webbplatsen finns inte" in signed_in(writer).get(f"/publicerat/texter/{saved.uid}/upprepa/").text
    again(writer, saved, page=PAGE)
    assert told(writer) == []
    on(date(2026, 10, 1))
    assert page_of(writer, Message.objects.of(writer).get()).url == PAGE


def test_a_page_that_is_only_slow_is_looked_at_three_times(writer, saved, website):
    again(writer, saved, page=PAGE)
    website += [Transient("Webbplatsen svarar inte.")] * 3

    for hour in range(2):
        with clock.frozen(MORNING + timedelta(hours=hour, minutes=1)):
            repeating.propose_due()
    assert repeat_of(writer, saved).stopped_at is None
    with clock.frozen(MORNING + timedelta(hours=3)):
        repeating.propose_due()

    assert repeat_of(writer, saved).stopped_at is not None


def test_url_5_a_text_whose_pictures_licence_has_ended_comes_no_more(authority, writer, saved):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    asset = an_asset(lead)
    again(writer, saved, picture=pictures.pictures_of(lead, asset)[0])
    on(date(2026, 10, 1))
    said = {"alt": ALT, "basis": Basis.NOBODY, "people": 0, "children": 0, "title": "Simhallen"}
    media.change_asset(actor=lead, uid=asset.uid, licence_until=date(2026, 10, 20), **said)

    on(date(2026, 10, 29))

    assert len(queries.message_pictures(writer, Message.objects.of(writer).get())) == 1
    assert "Bilden ”Simhallen” kan inte gå ut." in repeat_of(writer, saved).stopped_why


def test_a_text_that_is_ended_or_taken_out_of_the_list_comes_no_more(writer, saved):
    again(writer, saved)
    end_repeat(actor=writer, uid=saved.uid)
    assert on(date(2026, 10, 1)) == 0
    again(writer, saved)
    actions.put_away_text(actor=writer, uid=saved.uid)

    on(date(2026, 10, 1))

    assert not Message.objects.of(writer).exists()
    assert told(writer) == []


def test_what_never_comes_and_a_page_of_others_are_refused_and_a_reader_says_nothing(authority, writer, saved):
    with pytest.raises(Invalid, match="Texten kommer aldrig tillbaka"):
        again(writer, saved, from_on=date(2026, 1, 1), until_on=date(2026, 9, 1))
    with pytest.raises(Invalid, match="er egen webbplats"):
        again(writer, saved, page="https://annan.example/")
    with pytest.raises(NotPermitted):
        again(an_actor(authority, role=Role.AUDITOR), saved)


def test_the_page_says_when_it_comes_and_ends_it(writer, saved):
    browser, address = signed_in(writer), f"/publicerat/texter/{saved.uid}/upprepa/"
    with clock.frozen(MORNING):
        odd = browser.post(address, filled(browser.get(address), how="days", days="nästa vinter"))
        said = filled(browser.get(address), how="days", days="15/10, 1/12", every_weeks="", picture="")
        right = browser.post(address, said, follow=True)
        listed = browser.get("/publicerat/texter/").text
        ended = browser.post(address, filled(browser.get(address), form="end_form", do="end"), follow=True)

    assert "Skriv dag och månad" in odd.text
    assert "Läggs fram nästa gång torsdag 15 oktober 2026." in right.text
    assert "läggs fram igen 15 oktober 2026" in listed
    assert "Texten läggs inte fram mer." in ended.text
    assert repeat_of(writer, saved).next_on is None

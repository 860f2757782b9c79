"""The next good time: what is usual in the channels, open and free; and a queue in which nobody gets another's time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from narvaro.base import clock
from narvaro.base.workingtime import WorkingCalendar
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core.queries import authority_of
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import NotFound, Role
from narvaro.publishing import actions, slots
from narvaro.publishing.actions.queueing import set_posting_times, time_in_queue
from narvaro.publishing.models import Message
from narvaro.publishing.types import MessageState

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday, nine o'clock here
NINE, TWO = time(9), time(14)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """Return a moment of Swedish winter time."""
    return datetime(2026, month, day, hour - 1, minute, tzinfo=UTC)


# --- Which time -----------------------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("usual", "taken", "expected"),
    [
        ({}, [], at(23, 10)),  # nothing said: a whole hour when the authority is open
        ({}, [at(23, 10, 20), at(23, 11)], at(23, 12)),
        ({1: {(0, TWO), (1, NINE)}}, [], at(23, 14)),
        ({1: {(0, TWO), (1, NINE)}}, [at(23, 14, 29)], at(24, 9)),  # half an hour is not near
        ({1: {(0, TWO), (1, NINE)}}, [at(23, 14, 30)], at(23, 14)),
        ({1: {(0, TWO), (2, NINE)}, 2: {(2, NINE)}}, [], at(25, 9)),  # what the channels share comes first
        ({1: {(0, TWO)}, 2: {(2, NINE)}}, [], at(23, 14)),  # they share none
        ({1: {(5, NINE)}}, [], at(28, 9)),  # a Saturday, when that is what the channel says
    ],
)
def test_the_next_time_is_usual_free_and_shared_where_it_can_be(usual, taken, expected):
    times = {key: frozenset(those) for key, those in usual.items()}

    assert slots.next_free(at(23, 9, 15), taken, times, WorkingCalendar()) == expected


@pytest.mark.one_database
def test_no_time_is_proposed_on_a_holiday_or_a_closed_day_or_in_an_hour_that_is_skipped():
    working = WorkingCalendar(closed_days=frozenset({date(2026, 12, 23)}))
    before_christmas = at(23, 8, month=12)

    assert slots.next_free(before_christmas, [], {}, working) == at(28, 8, month=12)
    fridays = {1: frozenset({(4, NINE)})}  # Christmas Day and New Year's Day are Fridays
    assert slots.next_free(before_christmas, [], fridays, working) == datetime(2027, 1, 8, 8, tzinfo=UTC)
    night = {1: frozenset({(6, time(2, 30))})}
    spring = datetime(2027, 3, 27, 8, tzinfo=UTC)
    assert slots.next_free(spring, [], night, working) == datetime(2027, 4, 4, 0, 30, tzinfo=UTC)
    assert slots.next_free(spring, [], {1: frozenset({(4, NINE)})}, WorkingCalendar(holidays=False)) is not None


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("text", "read"),
    [("9", NINE), ("09:00", NINE), ("kl. 9.00", NINE), ("14.00", TWO), ("24:00", None), ("9:75", None), ("nio", None)],
)
def test_times_of_day_are_read_as_people_write_them(text, read):
    assert slots.clock_of(text) == read


# --- The queue ------------------------------------------------------------------------------------------------------


@pytest.fixture
def writer(db):
    return an_actor(an_authority(), role=Role.REPRESENTATIVE)


@pytest.fixture
def channel(writer):
    return a_channel(authority_of(writer), responsible=person_of(writer))


def test_what_is_put_in_the_queue_takes_one_usual_time_after_another(writer, channel):
    with clock.frozen(MORNING):
        set_posting_times(actor=writer, uid=channel.uid, times=[(0, TWO), (1, NINE)])
        browser = signed_in(writer)
        for text in ("Badet öppnar.", "Badet stänger."):
            page = browser.get("/publicerat/nytt/")
            answer = browser.post(
                "/publicerat/nytt/", filled(page, channels=[str(channel.uid)], text=text, do="queue"), follow=True
            )

    assert "planerat till 24 november 2026 kl. 09.00" in answer.content.decode()
    rows = Message.objects.of(writer).order_by("planned_at")
    assert [(row.text, row.planned_at, row.state) for row in rows] == [
        ("Badet öppnar.", at(23, 14), MessageState.PLANNED), ("Badet stänger.", at(24, 9), MessageState.PLANNED),
    ]  # fmt: skip


def test_the_next_time_is_filled_in_and_nothing_else_is_judged_or_kept(writer, channel):
    with clock.frozen(MORNING):
        browser = signed_in(writer)
        page = browser.get("/publicerat/nytt/")
        asked = filled(page, channels=[str(channel.uid)], text="", do="next")
        whole = browser.post("/publicerat/nytt/", asked)
        part = browser.post("/publicerat/nytt/tid/", asked)
        nowhere = browser.post("/publicerat/nytt/tid/", {**asked, "channels": []})

    for answer in (whole, part):
        said = answer.content.decode()
        assert answer.status_code == 200
        assert 'value="2026-11-23"' in said
        assert 'value="10:00"' in said
        assert "Nästa lediga tid: måndag 23 november 2026 kl. 10.00." in said
        assert "Skriv ett inlägg." not in said
    assert "Välj minst en kanal" in nowhere.content.decode()
    assert not Message.objects.of(writer).exists()


def test_sec_3_a_queue_that_leads_into_the_time_before_an_election_asks_first(writer, channel):
    with clock.frozen(datetime(2026, 8, 3, 8, 0, tzinfo=UTC)):
        browser = signed_in(writer)
        page = browser.get("/publicerat/nytt/")
        asked = filled(page, channels=[str(channel.uid)], text="Badet öppnar.", do="queue")
        refused = browser.post("/publicerat/nytt/", asked)
        agreed = browser.post("/publicerat/nytt/", {**asked, "agreed": "on"})

    assert (refused.status_code, agreed.status_code) == (422, 302)
    assert Message.objects.of(writer).get().planned_at is not None


def test_only_those_who_post_in_a_channel_say_when_it_posts(writer, channel):
    other = an_actor(authority_of(writer), role=Role.REPRESENTATIVE, unit=a_unit(authority_of(writer), name="Badet"))
    browser = signed_in(writer)
    address = f"/publicerat/tider/{channel.uid}/"

    with pytest.raises(NotFound):
        set_posting_times(actor=other, uid=channel.uid, times=[(0, NINE)])
    odd = browser.post(address, filled(browser.get(address), day_0="9, halv tre"))
    right = browser.post(address, filled(browser.get(address), day_0="9, 14.00"))

    assert "halv är inget klockslag" in odd.content.decode()
    assert right.status_code == 302
    assert "Måndag 09:00, 14:00" in browser.get("/publicerat/tider/").content.decode()


def test_a_draft_with_a_time_keeps_its_own_place_when_it_is_put_in_the_queue(writer, channel):
    with clock.frozen(MORNING):
        draft = actions.save_message(
            actor=writer, text="Badet öppnar.", channels={channel: ""}, day=date(2026, 11, 23), clock=time(10)
        )
        own = time_in_queue(actor=writer, channels=[channel], purpose="post", message=draft)
        others = time_in_queue(actor=writer, channels=[channel], purpose="post")

    assert own == (date(2026, 11, 23), time(10))
    assert others == (date(2026, 11, 23), time(11))

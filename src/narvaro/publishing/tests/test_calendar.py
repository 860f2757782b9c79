"""The calendar: what is planned and has gone out, in every channel or one."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import signed_in
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Role
from narvaro.publishing import actions
from narvaro.publishing.models import Message

pytestmark = pytest.mark.django_db

TEXT = "Biblioteket är öppet på lördag."


@pytest.fixture
def authority():
    return an_authority()


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


def test_the_calendar_shows_what_is_planned_in_local_time_and_each_day_leads_to_a_new_post(writer, both):
    desk = signed_in(writer)
    day = clock.today() + timedelta(days=40)
    saved(writer, both, day=day, clock=time(7, 30))

    page = desk.get(f"/publicerat/kalender/?manad={day:%Y-%m}").content.decode()
    new = desk.get(f"/publicerat/nytt/?dag={day}").content.decode()

    assert "07.30</time> Biblioteket är öppet" in page
    assert f'href="/publicerat/nytt/?dag={day}"' in page
    assert f'value="{day}"' in new


def test_a_day_that_holds_much_shows_the_first_says_how_many_more_and_leads_to_all(writer, both):
    desk = signed_in(writer)
    on = clock.today() + timedelta(days=40)
    for number in range(10):
        saved(writer, both[:1], text=f"Nummer {number}.", day=on, clock=time(8, number))
    saved(writer, both[1:], text="I den andra.", day=on, clock=time(7, 0))
    month = f"/publicerat/kalender/?manad={on:%Y-%m}"

    everything = desk.get(month).content.decode()
    alone = desk.get(f"{month}&kanal={both[1].uid}").content.decode()
    whole = desk.get(f"/publicerat/kalender/{on}/").content.decode()

    assert "Nummer 6." in everything
    assert "Nummer 7." not in everything
    assert "3 till" in everything
    assert ("I den andra." in alone, "Nummer" in alone) == (True, False)
    assert all(f"Nummer {number}." in whole for number in range(10))
    assert desk.get("/publicerat/kalender/0001-01-01/").status_code == 200


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-13", "nonsens", ""])
@pytest.mark.one_database
def test_a_month_that_nobody_plans_for_shows_this_one(writer, month):
    page = signed_in(writer).get(f"/publicerat/kalender/?manad={month}")

    assert (page.status_code, page.context["is_this_month"]) == (200, True)

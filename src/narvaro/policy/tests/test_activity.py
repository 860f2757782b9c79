"""A channel that has been silent for as long as the guideline lets pass is one to try, until it speaks or rests."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from narvaro.base import clock
from narvaro.base.ids import uuid7
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.actions import continuity, trying
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Profile
from narvaro.core import waiting
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.policy import queries, tasks
from narvaro.policy.tests.test_guideline import adopted
from narvaro.records import queries as records
from narvaro.records.actions import capture_profile
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db

BEGUN = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def manager(authority, unit) -> Actor:
    return an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def channel(authority, unit):
    with clock.frozen(BEGUN):
        return a_channel(authority, unit=unit, papers_by=date(2026, 12, 1))


def silence(authority, **values: object) -> Actor:
    """Return who leads communications, with a guideline in force that lets three months pass."""
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    with clock.frozen(BEGUN):
        adopted(lead, **{"inactive_months": 3, **values})
    return lead


def quiet(actor: Actor, channel) -> list:
    found = channels.channel_by_id(actor, channel.pk)
    return [lack for lack in channels.lacks(actor, [found])[channel.pk] if lack.key == "quiet"]


def waits(actor: Actor) -> list[str]:
    return [each.title for each in waiting.for_actor(actor) if each.place == "quiet"]


def sent(browser: Client, address: str, **values: str) -> HttpResponse:
    return browser.post(address, {"intent": uuid7(), **values})


def test_sm_02_a_silent_channel_is_put_before_its_manager_once_and_the_day_it_began_counts(authority, manager, channel):
    lead = silence(authority, min_activity=2)

    with clock.frozen(datetime(2026, 4, 9, 9, 0, tzinfo=UTC)):
        tasks.hold_to_guideline.func()
        before = (quiet(lead, channel), waits(manager))
    with clock.frozen(LATER):
        tasks.hold_to_guideline.func()
        tasks.hold_to_guideline.func()
        [lack] = quiet(lead, channel)
        with translation.override("en"):
            [in_english] = quiet(lead, channel)
        [title] = waits(manager)
        state = {each.key: each.state for each in queries.audit_answers(lead)}["in_use"]
        continuity.write_monthly_letters(authority=authority)
        letter = Letter.objects.of(lead).get(kind="channels.monthly").body

    assert before == ([], [])
    assert lack.due == date(2026, 4, 10)
    assert not lack.stops
    assert "sedan 10 januari 2026" in lack.text
    assert "minst 2 inlägg i veckan" in lack.text
    assert "10 January 2026" in in_english.text
    assert "posts a week" in in_english.text
    assert channel.name in title
    assert state == "partly"
    assert lack.text in letter
    assert person_of(manager).name not in lack.text + title  # RF-4: of the channel, never of anybody's work


def test_sm_02_a_post_or_an_answer_settles_it_and_what_residents_write_does_not(authority, manager, channel):
    lead = silence(authority)
    with clock.frozen(LATER):
        tasks.hold_to_guideline.func()
        a_kept(authority, channel=channel)
        tasks.hold_to_guideline.func()
        still = (len(quiet(lead, channel)), len(waits(manager)))
        a_kept(authority, "Vi öppnar klockan åtta.", channel=channel, is_own=True)
        tasks.hold_to_guideline.func()
        after = (quiet(lead, channel), waits(manager))

    assert still == (1, 1)
    assert after == ([], [])


def test_sm_26_resting_or_closing_settles_it_at_once_and_waking_begins_anew(authority, manager, channel):
    lead = silence(authority)
    with clock.frozen(LATER):
        tasks.hold_to_guideline.func()
        channel_actions.rest_channel(actor=manager, channel=channel, why="Sommar.")
        resting = (quiet(lead, channel), waits(manager))
        channel_actions.wake_channel(actor=manager, channel=channel)
        tasks.hold_to_guideline.func()
        awake = (quiet(lead, channel), waits(manager))

    assert resting == awake == ([], [])


def test_sm_02_who_answers_for_it_has_tried_it_and_keeps_it_with_a_reason_until_a_day(authority, manager, channel):
    lead = silence(authority)
    with clock.frozen(BEGUN), pytest.raises(Invalid):  # nobody keeps beforehand what nobody asks about
        trying.keep_channel(actor=manager, channel=channel, why="Valår.", until=date(2026, 9, 1))
    with clock.frozen(LATER):
        tasks.hold_to_guideline.func()
        browser = Client()
        browser.force_login(person_of(manager))
        address = reverse("channels:keep", args=[channel.uid])
        offered = browser.get(reverse("channels:channel", args=[channel.uid])).content.decode()
        too_far = sent(browser, address, why="Valår.", until="2028-05-01").status_code
        kept = sent(browser, address, why="Används bara vid val.", until="2026-09-01").status_code
        after = (quiet(lead, channel), waits(manager))
        history = browser.get(reverse("channels:channel", args=[channel.uid])).content.decode()
        adopted(lead, inactive_months=1)
        still_kept = quiet(lead, channel)
    with clock.frozen(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        tasks.hold_to_guideline.func()
        again = (len(quiet(lead, channel)), len(waits(manager)))
    stranger = an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority, "Parken"))

    assert address in offered
    assert (too_far, kept) == (422, 302)
    assert after == ([], [])
    assert "Används bara vid val." in history
    assert address not in history
    assert still_kept == []
    assert again == (1, 1)
    with clock.frozen(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)), pytest.raises(NotPermitted):
        trying.keep_channel(actor=stranger, channel=channel, why="x", until=date(2026, 10, 1))


def test_what_an_account_says_of_itself_is_no_post(authority, channel):
    with clock.frozen(LATER):
        capture_profile(
            channel=channel, profile=Profile("account-1", "kanal@social.example", "Kanal", "Om oss", "", b"{}")
        )

    assert records.newest_own_at([channel]) == {}


def test_a_new_guideline_moves_the_day_of_every_channel(authority, channel):
    lead = silence(authority)
    with clock.frozen(LATER):
        tasks.hold_to_guideline.func()
        first = len(quiet(lead, channel))
        adopted(lead, inactive_months=4)
        second = quiet(lead, channel)

    assert first == 1
    assert second == []


@pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'sqlite'", reason="SQLite's way of telling")
def test_our_newest_own_items_are_found_by_their_own_index(channel):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        records.newest_own_at([channel])

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked[0]["sql"])
        steps = [row[-1] for row in cursor.fetchall()]

    assert len(asked) == 1
    assert any("item_own_in_thread" in step for step in steps), steps

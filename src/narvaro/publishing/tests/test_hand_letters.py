"""Letters about what is published by hand: one when it is time, one when the link is missing, never twice."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from narvaro.base import clock
from narvaro.base.clock import STOCKHOLM
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.core import actions as core
from narvaro.core import letters, waiting
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Role
from narvaro.publishing import actions
from narvaro.publishing.actions import hand_letters
from narvaro.publishing.actions.hand_letters import tell_of_hand_posts
from narvaro.publishing.models import HandTold, Publication

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 10, 1, 8, tzinfo=STOCKHOLM)
FRIDAY_NINE = datetime(2026, 10, 2, 9, tzinfo=STOCKHOLM)
MONDAY_NINE = datetime(2026, 10, 5, 9, tzinfo=STOCKHOLM)
SECRET = "Biblioteket är öppet på lördag."


@pytest.fixture
def writer(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority))


@pytest.fixture
def deputy(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE)


@pytest.fixture
def board(authority, writer, deputy):
    return a_channel(
        authority, platform=Platform.MANUAL, responsible=person_of(writer),
        deputy=person_of(deputy),
    )  # fmt: skip


def sent(writer, board, **when):
    with clock.frozen(THURSDAY):
        message = actions.save_message(actor=writer, text=SECRET, channels={board: ""}, **when)
        actions.send_message(actor=writer, uid=message.uid)
    return Publication.objects.of(writer).get()


def written(writer):
    return list(Letter.objects.of(writer).filter(kind__startswith="publishing.by_hand").order_by("pk"))


PLANNED = {"day": date(2026, 10, 2), "clock": time(9, 0)}


def test_one_letter_when_it_is_time_and_one_when_the_link_is_missing_a_working_day_later(writer, board):
    row = sent(writer, board, **PLANNED)
    told = []
    for at in (-1, 0, 1, 60 * 24 * 3 - 5, 60 * 24 * 3 + 1, 60 * 24 * 9):  # minutes; the weekend is no working day
        with clock.frozen(FRIDAY_NINE + timedelta(minutes=at)):
            told.append(tell_of_hand_posts())

    first, late = written(writer)
    assert told == [0, 1, 0, 0, 1, 0]
    assert (first.kind, late.kind) == ("publishing.by_hand", "publishing.by_hand_late")
    assert {first.to_person_id, late.to_person_id} == {writer.person_id}
    assert all(f"/publicerat/{row.uid}/" in each.body and SECRET not in each.body for each in (first, late))
    assert board.name in first.subject


def test_whoever_registers_the_link_in_time_or_publishes_at_once_is_not_written_to(writer, board):
    row = sent(writer, board)
    with clock.frozen(THURSDAY + timedelta(minutes=1)):
        assert tell_of_hand_posts() == 1  # noted, with nothing to tell whoever stands before the page
        actions.register_by_hand(actor=writer, publication=row, link="https://plats.example/7")
    with clock.frozen(MONDAY_NINE):
        assert tell_of_hand_posts() == 0

    assert written(writer) == []


def test_whoever_is_away_gets_no_letter_and_it_waits_for_whoever_has_the_channel_now(writer, deputy, board):
    sent(writer, board, **PLANNED)
    with clock.frozen(THURSDAY):
        core.mark_absent(actor=writer, person=person_of(writer), from_at=THURSDAY, until_at=MONDAY_NINE)

    with clock.frozen(FRIDAY_NINE):
        tell_of_hand_posts()

    assert [each.to_person_id for each in written(writer)] == [deputy.person_id]
    assert len(waiting.of_person(deputy, deputy.person_id)) == 1


def test_killed_while_telling_nothing_is_told_and_it_is_told_once_when_it_is_back(writer, board, monkeypatch):
    sent(writer, board, **PLANNED)
    real = letters.write

    def killed(*_args):
        raise KeyboardInterrupt

    with clock.frozen(FRIDAY_NINE):
        monkeypatch.setattr(hand_letters.letters, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            tell_of_hand_posts()
        assert not HandTold.objects.of(writer).exists()
        monkeypatch.setattr(hand_letters.letters, "write", real)

        assert (tell_of_hand_posts(), tell_of_hand_posts()) == (1, 0)

    assert len(written(writer)) == 1

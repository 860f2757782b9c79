"""When rounds are due: pure reckoning on calendars, clocks and crises."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from narvaro.base.clock import STOCKHOLM
from narvaro.base.workingtime import WorkingCalendar
from narvaro.moderation.rounds import LOOK_BACK, MOST_ROUNDS, USUAL, Rhythm, Span, due_rounds, removal_due

CALENDAR = WorkingCalendar(hours=((time(8), time(17)),) * 5 + (None, None))


def at(day: int, hour: int = 0, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM)


def times(rhythm: Rhythm, since: datetime, until: datetime, *crises: Span) -> list[str]:
    found = due_rounds(rhythm, CALENDAR, crises, since, until)
    return [f"{each.at.astimezone(STOCKHOLM):%d %H:%M}" for each in found]


def test_bbs_3_two_rounds_each_working_day_is_what_holds_where_nobody_chose():
    assert times(USUAL, at(20), at(24)) == ["20 10:15", "20 14:45", "23 10:15", "23 14:45"]  # Friday and Monday


def test_bbs_3_days_off_have_one_round_where_it_is_wanted():
    assert times(Rhythm(on_days_off=True), at(20), at(23)) == ["20 10:15", "20 14:45", "21 12:15", "22 12:15"]


def test_bbs_3_a_holiday_is_a_day_off():
    assert times(USUAL, at(24, month=12), at(28, month=12)) == []


def test_bbs_3_a_crisis_has_more_rounds_on_every_day_and_only_while_it_lasts():
    saturday = Span(at(21, 12), at(21, 19))

    assert times(USUAL, at(20), at(22), saturday) == ["20 10:15", "20 14:45", "21 12:30", "21 16:15"]


def test_bbs_3_a_crisis_takes_the_place_of_the_usual_rounds():
    monday = Span(at(23, 12))

    found = due_rounds(USUAL, CALENDAR, [monday], at(23), at(24))

    assert [(f"{each.at.astimezone(STOCKHOLM):%H:%M}", each.in_crisis) for each in found] == [
        ("10:15", False), ("12:30", True), ("16:15", True), ("20:00", True),
    ]  # fmt: skip
    assert found[0].late_at - found[0].at > found[1].late_at - found[1].at


def test_a_span_is_open_at_its_beginning_and_closed_at_its_end_so_that_no_round_is_due_twice():
    first = due_rounds(USUAL, CALENDAR, [], at(23), at(23, 10, 15))
    second = due_rounds(USUAL, CALENDAR, [], at(23, 10, 15), at(24))

    assert [each.at for each in first + second] == [each.at for each in due_rounds(USUAL, CALENDAR, [], at(23), at(24))]
    assert len(first) == len(second) == 1


@pytest.mark.parametrize("count", range(1, MOST_ROUNDS + 1))
def test_every_choice_gives_that_many_rounds_within_the_hours(count: int):
    found = due_rounds(Rhythm(rounds_a_day=count), CALENDAR, [], at(23), at(24))

    assert len({each.at for each in found}) == count
    assert all(at(23, 8) <= each.at < at(23, 17) for each in found)


def test_a_short_day_has_fewer_rounds_and_never_two_at_once():
    short = WorkingCalendar(hours=((time(10), time(10, 30)),) * 5 + (None, None))

    found = due_rounds(Rhythm(rounds_a_day=6), short, [], at(23), at(24))

    assert [each.at for each in found] == [at(23, 10), at(23, 10, 15)]


@pytest.mark.parametrize(("year", "month", "day"), [(2026, 3, 29), (2026, 10, 25)])
def test_p22_rounds_keep_the_clock_on_the_wall_when_summer_time_begins_and_ends(year: int, month: int, day: int):
    rhythm, sunday = Rhythm(on_days_off=True), date(year, month, day)
    since = datetime.combine(sunday - timedelta(days=1), time(23), STOCKHOLM)

    found = due_rounds(rhythm, CALENDAR, [], since, since + timedelta(days=1))

    assert [f"{each.at.astimezone(STOCKHOLM):%H:%M}" for each in found] == ["12:15"]
    assert all(each.at.tzinfo == UTC for each in found)


def test_a_month_of_standstill_is_reckoned_at_once():
    assert len(due_rounds(USUAL, CALENDAR, [], at(30) - LOOK_BACK, at(30))) == 2 * 21


def test_bbs_5_removal_counts_nights_and_weekends():
    assert removal_due(at(20, 16), USUAL) == at(21, 16)

"""Deadlines fall where people in Sweden would expect them to."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narvaro.base.clock import STOCKHOLM
from narvaro.base.workingtime import (
    WEEK,
    Due,
    WorkingCalendar,
    easter_sunday,
    half_time,
    reply_due,
    swedish_eves,
    swedish_holidays,
)

OFFICE = WorkingCalendar()
# 2026-11-17 is a Tuesday.


def at(text: str) -> datetime:
    """Return the moment when the clock on a Swedish wall shows this."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def due(text: str, hours: int = 24, calendar: WorkingCalendar = OFFICE) -> str:
    found = reply_due(at(text), hours=hours, calendar=calendar).at
    assert found.tzinfo is UTC
    return found.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1961, 4, 2), (1981, 4, 19), (2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2024, 3, 31), (2025, 4, 20),
     (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2049, 4, 18), (2076, 4, 19)],
)  # fmt: skip
def test_easter_falls_where_the_almanac_says(year: int, month: int, day: int):
    assert easter_sunday(year) == date(year, month, day)


def test_holidays_of_2026_have_their_days_and_names():
    assert {str(day): name for day, name in swedish_holidays(2026).items()} == {
        "2026-01-01": "Nyårsdagen",
        "2026-01-06": "Trettondedag jul",
        "2026-04-03": "Långfredagen",
        "2026-04-05": "Påskdagen",
        "2026-04-06": "Annandag påsk",
        "2026-05-01": "Första maj",
        "2026-05-14": "Kristi himmelsfärdsdag",
        "2026-05-24": "Pingstdagen",
        "2026-06-06": "Sveriges nationaldag",
        "2026-06-19": "Midsommarafton",
        "2026-06-20": "Midsommardagen",
        "2026-10-31": "Alla helgons dag",
        "2026-12-24": "Julafton",
        "2026-12-25": "Juldagen",
        "2026-12-26": "Annandag jul",
        "2026-12-31": "Nyårsafton",
    }


def test_two_holidays_on_one_day_are_both_named():
    assert swedish_holidays(2008)[date(2008, 5, 1)] == "Första maj, Kristi himmelsfärdsdag"


def test_whit_monday_gave_way_to_the_national_day():
    assert date(2004, 6, 6) not in swedish_holidays(2004)
    assert swedish_holidays(2004)[date(2004, 5, 31)] == "Annandag pingst"
    assert date(2005, 5, 16) not in swedish_holidays(2005)


def test_eves_are_working_days_that_may_close_early():
    assert {str(day): name for day, name in swedish_eves(2026).items()} == {
        "2026-01-05": "Trettondagsafton",
        "2026-04-02": "Skärtorsdagen",
        "2026-04-30": "Valborgsmässoafton",
        "2026-10-30": "Allhelgonaafton",
    }


@given(st.integers(1900, 2200))
def test_movable_holidays_keep_their_weekdays_in_every_year(year: int):
    named = {name: day for day, names in swedish_holidays(year).items() for name in names.split(", ")}

    assert named["Påskdagen"].weekday() == 6
    assert date(year, 3, 22) <= named["Påskdagen"] <= date(year, 4, 25)
    assert named["Kristi himmelsfärdsdag"].weekday() == 3
    assert date(year, 6, 19) <= named["Midsommarafton"] <= date(year, 6, 25)
    assert named["Midsommarafton"].weekday() == 4
    assert date(year, 10, 31) <= named["Alla helgons dag"] <= date(year, 11, 6)
    assert named["Alla helgons dag"].weekday() == 5


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-17 14:10", "2026-11-18 14:10"),  # the ordinary day
        ("2026-11-20 16:00", "2026-11-23 16:00"),  # Friday
        ("2026-11-21 00:00", "2026-11-23 16:30"),  # Saturday, any hour
        ("2026-11-21 11:30", "2026-11-23 16:30"),
        ("2026-11-21 23:59", "2026-11-23 16:30"),
        ("2026-11-22 20:00", "2026-11-23 16:30"),  # Sunday
        ("2026-11-17 22:40", "2026-11-18 22:40"),  # a working day outside hours keeps its time
        ("2026-11-17 05:15", "2026-11-18 05:15"),
        ("2026-11-20 23:30", "2026-11-23 23:30"),
        ("2026-04-02 20:00", "2026-04-07 20:00"),  # the evening before Good Friday
        ("2026-04-03 09:00", "2026-04-07 16:30"),  # Good Friday
        ("2026-04-06 09:00", "2026-04-07 16:30"),  # Easter Monday
        ("2026-05-13 15:00", "2026-05-15 15:00"),  # over Ascension Day
        ("2026-05-14 15:00", "2026-05-15 16:30"),
        ("2026-06-18 10:00", "2026-06-22 10:00"),  # over midsummer
        ("2026-06-19 10:00", "2026-06-22 16:30"),  # Midsummer Eve
        ("2026-12-23 12:00", "2026-12-28 12:00"),  # over Christmas
        ("2026-12-24 12:00", "2026-12-28 16:30"),
        ("2026-12-30 09:00", "2027-01-04 09:00"),  # over New Year, and a weekend
        ("2027-01-05 13:00", "2027-01-07 13:00"),  # over Epiphany
        ("2026-03-27 09:00", "2026-03-30 09:00"),  # summer time begins on the Sunday between
        ("2026-10-23 09:00", "2026-10-26 09:00"),  # and ends
        ("2026-10-25 02:30", "2026-10-26 16:30"),
    ],
)
def test_p21_p22_an_answer_is_due_at_the_same_time_the_next_working_day(received: str, expected: str):
    assert due(received) == expected


@pytest.mark.parametrize(
    ("received", "hours", "expected"),
    [
        ("2026-11-17 14:10", 48, "2026-11-19 14:10"),
        ("2026-11-19 14:10", 48, "2026-11-23 14:10"),
        ("2026-11-21 10:00", 48, "2026-11-24 16:30"),
        ("2026-11-20 15:00", 72, "2026-11-25 15:00"),
        ("2026-11-17 09:00", 4, "2026-11-17 13:00"),
        ("2026-11-20 22:00", 4, "2026-11-23 02:00"),
        ("2026-11-17 14:00", 36, "2026-11-19 02:00"),
        ("2026-11-21 10:00", 4, "2026-11-23 12:00"),
        ("2026-11-21 10:00", 20, "2026-11-23 16:30"),
        ("2026-11-21 10:00", 28, "2026-11-24 12:00"),
    ],
)
def test_other_reply_times_skip_days_off_alike(received: str, hours: int, expected: str):
    assert due(received, hours) == expected


def test_the_rule_stands_with_its_version():
    assert reply_due(at("2026-11-17 14:10"), calendar=OFFICE) == Due(at("2026-11-18 14:10"), "svarstid-1:24h")
    assert reply_due(at("2026-11-17 14:10"), hours=48, calendar=OFFICE).rule == "svarstid-1:48h"


def test_p22_a_day_of_23_hours_still_ends_at_the_same_time_on_the_clock():
    every_day = WorkingCalendar(hours=((time(0), time(23, 59)),) * 7)

    found = reply_due(at("2026-03-28 14:00"), calendar=every_day)

    assert found.at == at("2026-03-29 14:00")
    assert found.at - at("2026-03-28 14:00") == timedelta(hours=23)


def test_p22_a_time_that_the_clock_skips_is_taken_an_hour_later():
    every_day = WorkingCalendar(hours=((time(0), time(23, 59)),) * 7)

    assert due("2026-03-28 02:30", calendar=every_day) == "2026-03-29 03:30"


def test_the_authoritys_own_closed_days_are_skipped():
    calendar = WorkingCalendar(closed_days=frozenset({date(2026, 11, 18)}))

    assert due("2026-11-17 14:10", calendar=calendar) == "2026-11-19 14:10"
    assert due("2026-11-18 14:10", calendar=calendar) == "2026-11-19 16:30"


def test_a_day_that_closes_early_is_due_at_its_own_closing():
    calendar = WorkingCalendar(
        early_closings=frozenset({(date(2026, 11, 23), time(12)), (date(2026, 11, 24), time(7))})
    )

    assert due("2026-11-21 10:00", calendar=calendar) == "2026-11-23 12:00"
    assert not calendar.is_working_day(date(2026, 11, 24))


def test_an_authority_may_work_on_a_holiday():
    calendar = WorkingCalendar(open_days=frozenset({date(2026, 12, 31)}))

    assert due("2026-12-30 09:00", calendar=calendar) == "2026-12-31 09:00"
    assert not calendar.is_working_day(date(2026, 12, 25))


def test_hours_that_never_come_are_refused():
    with pytest.raises(ValueError, match="minst en av dem öppen"):
        WorkingCalendar(hours=(None,) * 7)
    with pytest.raises(ValueError, match="stänga innan"):
        WorkingCalendar(hours=((time(16), time(8)), *WEEK[1:]))
    with pytest.raises(ValueError, match="minst en timme"):
        reply_due(at("2026-11-17 14:10"), hours=0, calendar=OFFICE)
    with pytest.raises(ValueError, match="aware"):
        reply_due(datetime(2026, 11, 17), calendar=OFFICE)  # noqa: DTZ001
    always_closed = WorkingCalendar(closed_days=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(2000)))
    with pytest.raises(ValueError, match="inom två år"):
        reply_due(at("2026-11-17 14:10"), calendar=always_closed)


def test_open_hours_are_half_open():
    assert not OFFICE.is_open(at("2026-11-17 07:59"))
    assert OFFICE.is_open(at("2026-11-17 08:00"))
    assert OFFICE.is_open(at("2026-11-17 16:29"))
    assert not OFFICE.is_open(at("2026-11-17 16:30"))
    assert not OFFICE.is_open(at("2026-11-21 10:00"))
    assert not OFFICE.is_open(at("2026-12-24 10:00"))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-17 10:00", "2026-11-17 10:00"),
        ("2026-11-17 06:00", "2026-11-17 08:00"),
        ("2026-11-17 16:30", "2026-11-18 08:00"),
        ("2026-11-20 17:00", "2026-11-23 08:00"),
        ("2026-12-23 17:00", "2026-12-28 08:00"),
    ],
)
def test_next_opening_is_now_while_open(moment: str, expected: str):
    assert OFFICE.next_opening(at(moment)) == at(expected)


def test_end_of_next_working_day_is_its_closing():
    assert OFFICE.end_of_next_working_day(at("2026-11-17 07:00")) == at("2026-11-18 16:30")
    assert OFFICE.end_of_next_working_day(at("2026-11-20 07:00")) == at("2026-11-23 16:30")


def test_working_seconds_leave_out_nights_weekends_and_holidays():
    assert OFFICE.working_seconds_between(at("2026-11-17 15:30"), at("2026-11-18 09:00")) == 2 * 3600
    assert OFFICE.working_seconds_between(at("2026-11-20 16:00"), at("2026-11-23 08:30")) == 3600
    assert OFFICE.working_seconds_between(at("2026-12-23 16:30"), at("2026-12-28 08:00")) == 0
    with pytest.raises(ValueError, match="framåt"):
        OFFICE.working_seconds_between(at("2026-11-18 09:00"), at("2026-11-17 09:00"))


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-17 10:00", "2026-11-17 14:15"),  # 8.5 working hours until the next day at ten
        ("2026-11-17 14:10", "2026-11-18 09:55"),
        ("2026-11-21 11:00", "2026-11-23 12:15"),  # Saturday: counted from Monday's opening
        ("2026-11-17 20:00", "2026-11-18 12:15"),
        ("2026-11-20 16:00", "2026-11-23 11:45"),
    ],
)
def test_half_time_counts_working_time_only(received: str, expected: str):
    answer_due = reply_due(at(received), calendar=OFFICE).at

    assert half_time(at(received), answer_due, OFFICE) == at(expected)


def test_half_time_without_working_time_is_the_due_time():
    assert half_time(at("2026-11-20 18:00"), at("2026-11-20 23:00"), OFFICE) == at("2026-11-20 23:00")


BEGIN, END = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2040-01-01")
MOMENTS = st.datetimes(BEGIN, END, timezones=st.just(UTC))
HOURS = st.integers(1, 200)


def wall(moment: datetime) -> datetime:
    return moment.astimezone(STOCKHOLM).replace(tzinfo=None)


@given(MOMENTS, HOURS)
def test_an_answer_is_due_on_a_working_day_after_it_was_asked_for(received: datetime, hours: int):
    found = reply_due(received, hours=hours, calendar=OFFICE).at

    assert found > received
    assert OFFICE.is_working_day(wall(found).date())


@given(MOMENTS, MOMENTS, HOURS)
def test_what_came_later_is_never_due_on_an_earlier_day(one: datetime, other: datetime, hours: int):
    first, second = sorted((one, other), key=wall)

    due_first = wall(reply_due(first, hours=hours, calendar=OFFICE).at)
    due_second = wall(reply_due(second, hours=hours, calendar=OFFICE).at)

    assert due_first.date() <= due_second.date()
    if OFFICE.is_working_day(wall(first).date()) == OFFICE.is_working_day(wall(second).date()):
        assert due_first <= due_second


@given(MOMENTS, HOURS, HOURS)
def test_more_time_is_never_due_earlier(received: datetime, one: int, other: int):
    short, long = sorted((one, other))

    assert reply_due(received, hours=short, calendar=OFFICE).at <= reply_due(received, hours=long, calendar=OFFICE).at


@given(MOMENTS, st.integers(1, 8))
def test_whole_days_keep_the_time_on_the_clock(received: datetime, days: int):
    found = reply_due(received, hours=24 * days, calendar=OFFICE).at

    if OFFICE.is_working_day(wall(received).date()):
        assert wall(found).time() == wall(received).time()
    else:
        assert found == OFFICE.closing_on(wall(found).date())


@given(MOMENTS, HOURS)
def test_half_time_lies_between_and_halves_the_working_time(received: datetime, hours: int):
    answer_due = reply_due(received, hours=hours, calendar=OFFICE).at

    half = half_time(received, answer_due, OFFICE)

    assert received <= half <= answer_due
    if OFFICE.working_seconds_between(received, answer_due):
        before = OFFICE.working_seconds_between(received, half)
        assert before == pytest.approx(OFFICE.working_seconds_between(half, answer_due), abs=1e-4)


@given(MOMENTS, st.integers(0, 400_000))
def test_working_seconds_added_are_working_seconds_counted(start: datetime, seconds: int):
    end = OFFICE.after_working_seconds(start, seconds)

    assert OFFICE.working_seconds_between(start, end) == pytest.approx(seconds)

"""Calendars of others: what happens when, also across the change of clocks, and what a hostile one costs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from narvaro.formats import calendars
from narvaro.formats.recurrence import Budget, CannotRecur, days, rule_of
from narvaro.testing.effort import within

pytestmark = pytest.mark.one_database
HERE = ZoneInfo("Europe/Stockholm")


def an_event(*lines: str, uid: str = "a", title: str = "Möte") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *lines, "END:VEVENT"])


def a_calendar(*events: str, head: str = "") -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", *([head] if head else []), *events, "END:VCALENDAR", ""]).encode()


def happening(body: bytes, since: date, until: date):
    return calendars.happening(body, since=since, until=until, zone=HERE)


@pytest.mark.parametrize(
    ("rule", "first", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=10;COUNT=3", date(2026, 1, 30), ["0130", "0209", "0219"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260211", date(2026, 1, 28), ["0128", "0202", "0204", "0209", "0211"]),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TU;COUNT=3", date(2026, 1, 27), ["0127", "0208", "0210"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 1, 30), ["0130", "0227", "0327"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", date(2026, 1, 30), ["0130", "0227", "0331"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 1, 31), ["0131", "0228", "0331"]),
        ("FREQ=MONTHLY", date(2026, 1, 31), ["0131", "0331"]),  # a month without a 31st has none
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=2TU", date(2020, 3, 10), ["0310"]),
        ("FREQ=YEARLY;BYDAY=10MO", date(2020, 3, 9), ["0309"]),
        ("FREQ=YEARLY", date(2024, 2, 29), []),
        ("FREQ=DAILY;BYMONTH=3;BYMONTHDAY=1,2", date(2024, 1, 1), ["0301", "0302"]),
    ],
)
def test_what_recurs_is_told_by_the_rules_of_rfc_5545(rule, first, expected):
    found = days(rule_of(rule), first, since=date(2026, 1, 1), until=date(2026, 4, 1), ends=_until(rule))

    assert [each.strftime("%m%d") for each in found] == expected


def _until(rule: str):
    return datetime.fromisoformat("2026-02-11T23:59") if "UNTIL" in rule else None


@given(
    freq=some.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), interval=some.integers(1, 13),
    first=some.dates(date(1990, 1, 1), date(2026, 1, 1)), ahead=some.integers(0, 900),
)  # fmt: skip
@settings(max_examples=60)
def test_what_is_skipped_to_be_quick_changes_nothing(freq, interval, first, ahead):
    rule = rule_of(f"FREQ={freq};INTERVAL={interval}")
    since = first + timedelta(days=ahead)
    until = since + timedelta(days=800)

    whole = days(rule, first, since=first, until=until)

    assert days(rule, first, since=since, until=until) == [each for each in whole if each >= since]


@pytest.mark.parametrize(
    "rule", ["", "FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=1,2", "FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;BYDAY=1MO",
             "FREQ=DAILY;BYDAY=XX", "FREQ=MONTHLY;BYMONTHDAY=99", "FREQ=YEARLY;BYWEEKNO=1"],
)  # fmt: skip
def test_a_rule_that_days_do_not_tell_is_one_sentence(rule):
    with pytest.raises(CannotRecur, match="Upprepningen"):
        rule_of(rule)


def test_p22_nine_o_clock_is_nine_o_clock_before_and_after_the_clocks_change():
    body = a_calendar(an_event(
        "DTSTART;TZID=W. Europe Standard Time:20261023T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY",
        "EXDATE;TZID=Europe/Stockholm:20261024T090000",
    ), an_event("DTSTART:20261026T080000Z", uid="b", title="I UTC"))  # fmt: skip

    found = happening(body, date(2026, 10, 23), date(2026, 10, 27))

    assert [(each.title, each.begins_at.strftime("%d %H.%M")) for each in found] == [
        ("Möte", "23 09.00"), ("Möte", "25 09.00"), ("I UTC", "26 09.00"), ("Möte", "26 09.00"),
    ]  # fmt: skip


def test_one_time_that_was_moved_or_cancelled_is_told_as_it_now_is():
    body = a_calendar(
        an_event("DTSTART;TZID=Europe/Stockholm:20261102T090000", "RRULE:FREQ=WEEKLY", "DURATION:PT30M"),
        an_event("RECURRENCE-ID;TZID=Europe/Stockholm:20261109T090000", "DTSTART:20261110T120000Z"),
        an_event("RECURRENCE-ID;TZID=Europe/Stockholm:20261116T090000", "DTSTART:20261116T080000Z", "STATUS:CANCELLED"),
        an_event("DTSTART;VALUE=DATE:20261115", "DTEND;VALUE=DATE:20261118", "CLASS:CONFIDENTIAL", uid="c", title="R"),
    )  # fmt: skip

    found = happening(body, date(2026, 11, 9), date(2026, 11, 17))

    told = [(e.begins_at.strftime("%d %H.%M"), e.title, e.is_cancelled, e.is_private, e.is_all_day) for e in found]
    assert told == [
        ("10 13.00", "Möte", False, False, False), ("15 00.00", "R", False, True, True),
        ("16 09.00", "Möte", True, False, False),
    ]  # fmt: skip


def test_what_is_changed_for_this_time_and_all_later_ones_is_told_so_and_a_single_one_apart_from_that():
    body = a_calendar(
        an_event("DTSTART;TZID=Europe/Stockholm:20261005T090000", "RRULE:FREQ=WEEKLY", "DURATION:PT30M"),
        an_event("RECURRENCE-ID;TZID=Europe/Stockholm;RANGE=THISANDFUTURE:20261019T090000",
                 "DTSTART;TZID=Europe/Stockholm:20261020T130000", "DURATION:PT1H", title="Flyttat"),
        an_event("RECURRENCE-ID;TZID=Europe/Stockholm:20261026T090000",
                 "DTSTART;TZID=Europe/Stockholm:20261026T100000", title="Bara den gången"),
        an_event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261109T080000Z", "STATUS:CANCELLED",
                 "DTSTART;TZID=Europe/Stockholm:20261110T130000"),
    )  # fmt: skip

    found = happening(body, date(2026, 10, 12), date(2026, 11, 19))

    assert [(e.begins_at.strftime("%m%d %H.%M"), e.title, e.is_cancelled) for e in found] == [
        ("1012 09.00", "Möte", False), ("1020 13.00", "Flyttat", False), ("1026 10.00", "Bara den gången", False),
        ("1103 13.00", "Flyttat", False), ("1110 13.00", "Möte", True), ("1117 13.00", "Möte", True),
    ]  # fmt: skip
    assert found[1].ends_at - found[1].begins_at == timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=HOURLY;INTERVAL=12", ["24 09", "24 21", "25 08", "25 20"]),  # the clocks go back: still twelve hours
        ("FREQ=HOURLY;INTERVAL=6;COUNT=7", ["24 03", "24 09", "24 15", "24 21", "25 02"]),
        ("FREQ=HOURLY;INTERVAL=8;BYDAY=SU", ["25 00", "25 07", "25 15", "25 23"]),
        ("FREQ=MINUTELY;INTERVAL=720;UNTIL=20261024T190000Z", ["24 09", "24 21"]),
    ],
)
def test_p22_what_recurs_by_the_hour_is_hours_apart_also_when_the_clocks_change(rule, expected):
    body = a_calendar(an_event("DTSTART;TZID=Europe/Stockholm:20261023T150000", "DURATION:PT10M", f"RRULE:{rule}"))
    if "COUNT" not in rule:
        body = body.replace(b"20261023T150000", b"20261023T210000" if "=8;" not in rule else b"20261023T160000")

    found = happening(body, date(2026, 10, 24), date(2026, 10, 26))

    assert [each.begins_at.strftime("%d %H") for each in found] == expected


def test_what_recurs_each_quarter_for_years_costs_no_more_than_the_days_that_are_asked_for():
    a_minute = an_event("DTSTART:19000101T000000Z", "RRULE:FREQ=MINUTELY", "DURATION:PT1M", uid="d", title="Minut")
    quarter = an_event("DTSTART:19000101T000000Z", "RRULE:FREQ=MINUTELY;INTERVAL=15", "DURATION:PT1M")
    counted = an_event("DTSTART:19000101T000000Z", "RRULE:FREQ=MINUTELY;COUNT=99999999", uid="b", title="Räknat")
    strange = an_event("DTSTART:20261001T000000Z", "RRULE:FREQ=HOURLY;BYSETPOS=1", uid="c", title="Udda")

    found = happening(a_calendar(a_minute, quarter, counted, strange), date(2026, 10, 24), date(2026, 10, 25))

    assert {each.title for each in found if each.problem} == {"Minut", "Räknat", "Udda"}
    assert sum(not each.problem for each in found) == 24 * 4


def test_gdpr_1_descriptions_and_alarms_are_never_read_out():
    body = a_calendar(an_event(
        "DTSTART:20261102T090000Z", "DESCRIPTION:Om Kim\\, som är sjuk", "ATTENDEE;CN=Kim Exempel:mailto:kim@x.example",
        "BEGIN:VALARM", "SUMMARY:Hemligt", "END:VALARM", "LOCATION:Rådhuset\\, rum 1", "CATEGORIES:Öppet,Skola",
    ))  # fmt: skip

    (found,) = happening(body, date(2026, 11, 2), date(2026, 11, 3))

    assert (found.title, found.place, found.categories) == ("Möte", "Rådhuset, rum 1", ("Öppet", "Skola"))
    assert not any(word in repr(found) for word in ("Kim", "sjuk", "Hemligt"))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"\xff\xfe\x00", a_calendar(*[an_event("DTSTART:20260101T000000Z")] * 5_001),
        b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 30, b"BEGIN:VCALENDAR\n" + b"\n" * 400_000,
    ],
    ids=["nothing", "a page", "noise", "too many", "nested", "too long"],
)  # fmt: skip
def test_what_is_no_calendar_is_one_sentence(body):
    with pytest.raises(calendars.NotACalendar):
        happening(body, date(2026, 1, 1), date(2026, 1, 2))


def test_a_hundred_thousand_recurrences_cost_no_more_than_the_day_that_is_asked_for():
    dates = ",".join(f"2026{month:02d}{day:02d}T090000Z" for month in range(1, 13) for day in range(1, 29)) + ","
    body = a_calendar(
        an_event("DTSTART:19000101T090000Z", "RRULE:FREQ=DAILY;COUNT=100000", uid="counted"),
        an_event("DTSTART:19000101T090000Z", "RRULE:FREQ=DAILY", uid="endless", title="Evigt"),
        *[an_event("DTSTART:19500101T090000Z", "RRULE:FREQ=DAILY;COUNT=99999", uid=f"{n}") for n in range(1_000)],
        an_event("DTSTART:20260101T090000Z", f"RDATE:{dates * 300}", uid="listed", title="Listat"),
        an_event("DTSTART;TZID=Mars/Olympus:20260505T090000", uid="far", title="Långt bort"),
        an_event("DTSTART:99991231T235959Z", "RRULE:FREQ=YEARLY", uid="last"),
    )
    with within(4):
        found = happening(body, date(2026, 5, 5), date(2026, 5, 6))

    problems = {each.title: each.problem for each in reversed(found) if each.problem}
    assert {each.title for each in found if not each.problem} == {"Evigt", "Listat"}
    assert "för många gånger" in problems["Möte"]
    assert problems["Långt bort"] == "Tidszonen är okänd."
    with pytest.raises(CannotRecur):
        days(rule_of("FREQ=DAILY;COUNT=99999"), date(1900, 1, 1), since=date(2026, 1, 1), until=date(2026, 1, 2),
             budget=Budget(10))  # fmt: skip

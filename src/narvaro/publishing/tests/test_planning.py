"""The calendar's decisions on plain values, and what a calendar program reads: nothing here asks a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from narvaro.base.elections import general_election, general_elections
from narvaro.publishing import ics, planning
from narvaro.publishing.planning import Standing
from narvaro.publishing.types import MessageState, State

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "sent", "is_held", "stands"),
    [
        (MessageState.DRAFT, [], False, Standing.DRAFT),
        (MessageState.AWAITING, [], True, Standing.AWAITING),
        (MessageState.PLANNED, [State.QUEUED, State.QUEUED], False, Standing.PLANNED),
        (MessageState.PLANNED, [State.QUEUED], True, Standing.HELD),
        (MessageState.PLANNED, [State.QUEUED, State.DELIVERED], True, Standing.PARTLY),
        (MessageState.PLANNED, [State.DELIVERED, State.CANCELLED], False, Standing.OUT),
        (MessageState.PLANNED, [State.DELIVERED, State.UNKNOWN], False, Standing.TROUBLE),
        (MessageState.PLANNED, [State.ATTEMPTING, State.QUEUED], True, Standing.GOING),
        (MessageState.PLANNED, [State.BY_HAND], False, Standing.BY_HAND),
        (MessageState.PLANNED, [State.CANCELLED, State.NOT_DONE], False, Standing.TAKEN_BACK),
    ],
)
def test_an_entry_says_how_all_its_channels_stand(state, sent, is_held, stands):
    assert planning.standing_of(state, sent, is_held=is_held) == stands


def test_two_posts_in_one_channel_lie_close_and_two_in_different_channels_do_not():
    half = timedelta(minutes=30)
    planned = [(1, NOON, 10), (2, NOON, 10), (1, NOON + half - timedelta(seconds=1), 11), (1, NOON + 2 * half, 12)]

    (found,) = planning.collisions(reversed(planned))

    assert (found.channel, found.first, found.second) == (1, 10, 11)
    assert found.at == NOON + half - timedelta(seconds=1)


def test_the_ordinary_elections_follow_from_the_law_and_extra_care_begins_so_many_days_before():
    years = {year: general_election(year) for year in (2022, 2025, 2026, 2030, 2034)}
    (election,) = planning.elections([(date(2026, 9, 13), "de allmänna valen")], 90)

    assert years == {
        2022: date(2022, 9, 11), 2025: None, 2026: date(2026, 9, 13), 2030: date(2030, 9, 8), 2034: date(2034, 9, 10),
    }  # fmt: skip
    assert general_elections(date(2026, 9, 14), date(2031, 1, 1)) == [date(2030, 9, 8)]
    around = [date(2026, 6, 14), date(2026, 6, 15), date(2026, 9, 13), date(2026, 9, 14)]
    assert [election.covers(day) for day in around] == [False, True, True, False]
    assert planning.elections([(date(2026, 9, 13), "val")], 0) == []


# --- What a calendar program reads ------------------------------------------------------------------------------------


def read(content: bytes) -> list[dict[str, str]]:
    """Read a calendar as strictly as RFC 5545 says it is written; returns its events."""
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    lines = content[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no letter is broken between two lines
    whole = content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    assert (whole[0], whole[1], whole[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    events, current = [], None
    for line in whole[1:-1]:
        name, colon, value = line.partition(":")
        assert colon
        if line == "BEGIN:VEVENT":
            assert current is None
            current = {}
        elif line == "END:VEVENT":
            assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= current.keys()
            events.append(current)
            current = None
        elif current is not None:
            assert name not in current, name
            current[name] = value
    assert current is None
    return events


def text_of(value: str) -> str:
    """Return what a value of the type TEXT says."""
    said, letters = "", iter(value)
    for letter in letters:
        assert letter not in ";,", value
        said += {"n": "\n", "N": "\n"}.get(escaped := next(letters), escaped) if letter == "\\" else letter
    return said


@pytest.mark.parametrize(
    "title",
    [
        "Inlägg i Anslagstavlan", "å" * 200, "👩‍👩‍👧" * 40, "a;b,c\\d\\n", "rad ett\nrad två", "a" * 74 + "åäö",
        "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:insmuglat", "noll\x00och\x07klocka", "",
    ],
)  # fmt: skip
def test_a_calendar_is_written_as_the_standard_says_whatever_a_channel_is_called(title):
    event = ics.Event(
        uid="1@narvaro", at=NOON, changed=NOON, sequence=3, title=title, words="Planerat",
        url="https://narvaro.example/1/", is_settled=True,
    )  # fmt: skip

    (found,) = read(ics.written("Kanalernas kalender", [event]))

    kept = "".join(each for each in title.replace("\r\n", "\n") if each == "\n" or ord(each) >= 32)
    assert text_of(found["SUMMARY"]) == kept
    assert (found["DTSTART"], found["STATUS"], found["SEQUENCE"]) == ("20261130T120000Z", "CONFIRMED", "3")

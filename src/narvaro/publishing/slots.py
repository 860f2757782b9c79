"""Decisions about the next good time on plain values: when channels usually post, and what lies close already."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from narvaro.base import workingtime
from narvaro.base.clock import STOCKHOLM
from narvaro.base.workingtime import WorkingCalendar
from narvaro.core.types import Invalid
from narvaro.publishing import rules
from narvaro.publishing.planning import CLOSE

AHEAD = timedelta(minutes=15)  # so that whoever plans it has time to read it once more
HORIZON_DAYS = 92
MOST_TIMES = 40

Usual = tuple[int, time]
"""A weekday, Monday as 0, and what a clock on the wall shows."""

_CLOCK = re.compile(r"(?:kl\.?\s*|klockan\s+)?([0-9]{1,2})(?:[:.]([0-9]{2}))?(?::[0-9]{2})?", re.IGNORECASE)


def next_free(
    since: datetime, taken: Iterable[datetime], usual: Mapping[int, frozenset[Usual]], working: WorkingCalendar
) -> datetime | None:
    """
    Return the next time that suits all of several channels and lies close to nothing in any of them.

    Times that the channels share come first: where they share none, any of theirs will do. Without times of its own a
    channel takes whole hours when the authority is open. On a day that is closed or a holiday nothing is proposed.

    Args:
        since: The earliest, aware.
        taken: When something goes out in any of the channels already, aware.
        usual: The usual times of each channel that has some, by its key.

    Returns:
        A moment in UTC within three months, or None.

    Law: none; when to post is a choice.
    """
    own = [times for times in usual.values() if times]
    wanted = (frozenset.intersection(*own) or frozenset.union(*own)) if own else None
    busy = sorted(taken)
    first = since.astimezone(STOCKHOLM).date()
    for ahead in range(HORIZON_DAYS + 1):
        for at in _times_on(first + timedelta(days=ahead), wanted, working):
            if at >= since and not _is_near(at, busy):
                return at
    return None


def clock_of(text: str) -> time | None:
    """Return what people write as a time of day: 9, 9.30, 09:30, kl 9; None when it is none."""
    found = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _times_on(on: date, wanted: frozenset[Usual] | None, working: WorkingCalendar) -> Iterator[datetime]:
    if _is_closed(on, working):
        return
    whole_hours = (time(hour) for hour in range(24))
    clocks = whole_hours if wanted is None else sorted(clock for weekday, clock in wanted if weekday == on.weekday())
    for clock in clocks:
        try:
            at = rules.moment_of(on, clock)
        except Invalid:  # the clocks are put forward past it
            continue
        if wanted is not None or working.is_open(at):
            yield at


def _is_closed(on: date, working: WorkingCalendar) -> bool:
    """Whether a day is closed although its weekday is not, or is a holiday."""
    is_holiday = working.holidays and on not in working.open_days and on in workingtime.swedish_holidays(on.year)
    return is_holiday or on in working.closed_days


def _is_near(at: datetime, busy: list[datetime]) -> bool:
    place = bisect_left(busy, at - CLOSE)
    while place < len(busy) and busy[place] < at + CLOSE:
        if abs(busy[place] - at) < CLOSE:
            return True
        place += 1
    return False

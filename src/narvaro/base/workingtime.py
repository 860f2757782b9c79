"""
When the authority is open, and when an answer is due.

Swedish holidays are computed, never fetched. Days are the authority's own: hours for each weekday, closed
days of its own, days with early closing. Wall time is kept across the change to and from summer time, so
"the same time tomorrow" is the same time on the clock (P21, P22).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from narvaro.base.clock import STOCKHOLM

REPLY_RULE: Final = "svarstid-1"
"""Name and version of the reply rule; a change of meaning is a new number, and old deadlines keep the old."""

_LONGEST_CLOSURE_DAYS: Final = 800
_DAY: Final = timedelta(days=1)

Hours = tuple[time, time]
OFFICE_HOURS: Final[Hours] = (time(8), time(16, 30))
WEEK: Final[tuple[Hours | None, ...]] = (OFFICE_HOURS,) * 5 + (None, None)


# --- Holidays -------------------------------------------------------------------------------------------


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (the anonymous algorithm of 1876). Law: none."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon = (19 * golden + century - leap_centuries - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    leaps, rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - moon - rest) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def _holidays(year: int) -> tuple[tuple[date, str], ...]:
    easter = easter_sunday(year)
    midsummer = _weekday_from(date(year, 6, 20), weekday=5)
    days = [
        (date(year, 1, 1), "Nyårsdagen"),
        (date(year, 1, 6), "Trettondedag jul"),
        (easter - 2 * _DAY, "Långfredagen"),
        (easter, "Påskdagen"),
        (easter + _DAY, "Annandag påsk"),
        (date(year, 5, 1), "Första maj"),
        (easter + 39 * _DAY, "Kristi himmelsfärdsdag"),
        (easter + 49 * _DAY, "Pingstdagen"),
        # National Day took the place of Whit Monday as a holiday in 2005.
        (date(year, 6, 6), "Sveriges nationaldag") if year >= 2005 else (easter + 50 * _DAY, "Annandag pingst"),
        (midsummer - _DAY, "Midsommarafton"),
        (midsummer, "Midsommardagen"),
        (_weekday_from(date(year, 10, 31), weekday=5), "Alla helgons dag"),
        (date(year, 12, 24), "Julafton"),
        (date(year, 12, 25), "Juldagen"),
        (date(year, 12, 26), "Annandag jul"),
        (date(year, 12, 31), "Nyårsafton"),
    ]
    named: dict[date, str] = {}
    for day, name in sorted(days, key=lambda each: each[0]):
        named[day] = f"{named[day]}, {name}" if day in named else name
    return tuple(named.items())


def swedish_holidays(year: int) -> dict[date, str]:
    """
    Return the days of a year on which Swedish authorities are closed, with their Swedish names.

    All public holidays, and Midsommarafton, Julafton and Nyårsafton, which in practice are kept like them.

    Returns:
        Days in order; two names with a comma between when two holidays fall on one day.

    Law: none; the days are those of lag (1989:253) om allmänna helgdagar.
    """
    return dict(_holidays(year))


def swedish_eves(year: int) -> dict[date, str]:
    """
    Return the working days on which many authorities close early, with their Swedish names.

    Suggestions only: the authority decides its own early closings. Eves on weekends are left out.

    Law: none.
    """
    easter = easter_sunday(year)
    days = {
        date(year, 1, 5): "Trettondagsafton",
        easter - 3 * _DAY: "Skärtorsdagen",
        date(year, 4, 30): "Valborgsmässoafton",
        _weekday_from(date(year, 10, 31), weekday=5) - _DAY: "Allhelgonaafton",
    }
    return {day: days[day] for day in sorted(days) if day.weekday() < 5}


def _weekday_from(first: date, *, weekday: int) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7)


# --- The authority's calendar ---------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkingCalendar:
    """
    The hours of an authority: which days it works, and from when to when by the clock on the wall.

    Args:
        hours: Seven entries from Monday, each (start, end) in local time, or None for a day off.
        closed_days: Days of the authority's own on which it is closed.
        open_days: Holidays on which it works its weekday hours after all.
        early_closings: (day, closing time) for days that end early.
        holidays: Whether Swedish holidays are days off.
        tz: The zone of the wall clock.

    Raises:
        ValueError: No day has hours, or a day ends before it begins.

    Law: FL-3; opening hours are the authority's own to set.
    """

    hours: tuple[Hours | None, ...] = WEEK
    closed_days: frozenset[date] = field(default_factory=frozenset)
    open_days: frozenset[date] = field(default_factory=frozenset)
    early_closings: frozenset[tuple[date, time]] = field(default_factory=frozenset)
    holidays: bool = True
    tz: ZoneInfo = STOCKHOLM

    def __post_init__(self) -> None:
        """Refuse hours that no answer could ever be counted in."""
        if len(self.hours) != 7 or not any(self.hours):
            raise ValueError("Ange öppettider för veckans sju dagar, minst en av dem öppen.")
        if any(span is not None and span[0] >= span[1] for span in self.hours):
            raise ValueError("En dag kan inte stänga innan den öppnar.")

    def is_working_day(self, day: date) -> bool:
        """Tell whether the authority works on this day."""
        return self._span(day) is not None

    def opening_on(self, day: date) -> datetime | None:
        """Return when the authority opens on this day, aware in UTC; None on a day off."""
        span = self._span(day)
        return self._at(day, span[0]) if span else None

    def closing_on(self, day: date) -> datetime | None:
        """Return when the authority closes on this day, aware in UTC; None on a day off."""
        span = self._span(day)
        return self._at(day, span[1]) if span else None

    def is_open(self, at: datetime) -> bool:
        """Tell whether the authority is open at this moment (aware); closing time itself is closed."""
        opening, closing = self._open_times(self.local(at).date())
        return opening <= at < closing

    def next_opening(self, at: datetime) -> datetime:
        """
        Return the first moment not before `at` (aware) when the authority is open, in UTC.

        While it is open that is `at` itself.

        Raises:
            ValueError: The calendar is closed for more than two years on end.
        """
        day = self.local(at).date()
        opening, closing = self._open_times(day)
        if at < closing:
            return max(at.astimezone(UTC), opening)
        return self._open_times(self.next_working_day(day))[0]

    def next_working_day(self, day: date) -> date:
        """Return the first working day after `day`. Raises ValueError after two years of closed days."""
        for ahead in range(1, _LONGEST_CLOSURE_DAYS):
            if self.is_working_day(found := day + timedelta(days=ahead)):
                return found
        raise ValueError("Kalendern har ingen arbetsdag inom två år. Se över de stängda dagarna.")

    def end_of_next_working_day(self, at: datetime) -> datetime:
        """Return closing time, in UTC, of the first working day after the local day of `at` (aware)."""
        return self._open_times(self.next_working_day(self.local(at).date()))[1]

    def working_seconds_between(self, start: datetime, end: datetime) -> float:
        """
        Return how many seconds the authority is open in [start, end), both aware.

        Raises:
            ValueError: `end` is before `start`, or either is naive.
        """
        _require_aware(start, end)
        if end < start:
            raise ValueError("Arbetstid räknas framåt: slutet ligger före början.")
        return sum((until - since).total_seconds() for since, until in self._open_spans(start, end))

    def after_working_seconds(self, start: datetime, seconds: float) -> datetime:
        """
        Return the moment, in UTC, when the authority has been open for `seconds` (>= 0) since `start` (aware).

        Raises:
            ValueError: `seconds` is negative, or the calendar is closed for more than two years on end.
        """
        if seconds < 0:
            raise ValueError("Arbetstid räknas framåt.")
        at, left = self.next_opening(start), timedelta(seconds=seconds)
        while True:
            day = self.local(at).date()
            closing = self._open_times(day)[1]
            if left <= closing - at:
                return at + left
            left -= closing - at
            at = self._open_times(self.next_working_day(day))[0]

    def local(self, at: datetime) -> datetime:
        """Return the moment as the clock on the authority's wall shows it. Raises ValueError when naive."""
        _require_aware(at)
        return at.astimezone(self.tz)

    def moment(self, wall: datetime) -> datetime:
        """
        Return the moment, in UTC, when the authority's wall clock shows the naive `wall`.

        An hour that comes twice is taken the first time; one that is skipped is taken an hour later.
        """
        return wall.replace(tzinfo=self.tz, fold=0).astimezone(UTC)

    @cached_property
    def _early(self) -> dict[date, time]:
        return dict(self.early_closings)

    def _span(self, day: date) -> Hours | None:
        span = self.hours[day.weekday()]
        if span is None or day in self.closed_days:
            return None
        if self.holidays and day not in self.open_days and day in _holiday_dates(day.year):
            return None
        early = self._early.get(day)
        if early is None or early >= span[1]:
            return span
        return (span[0], early) if early > span[0] else None

    def _at(self, day: date, clock_time: time) -> datetime:
        return self.moment(datetime.combine(day, clock_time))

    @cached_property
    def _times(self) -> dict[date, tuple[datetime, datetime]]:
        return {}  # days that were reckoned already; thousands of deadlines a batch fall on the same few

    def _open_times(self, day: date) -> tuple[datetime, datetime]:
        """Return opening and closing in UTC; on a day off the same moment, midnight that begins the day."""
        found = self._times.get(day)
        if found is None:
            found = self._times[day] = self._reckoned(day)
        return found

    def _reckoned(self, day: date) -> tuple[datetime, datetime]:
        span = self._span(day)
        if span is None:
            midnight = self._at(day, time())
            return midnight, midnight
        return self._at(day, span[0]), self._at(day, span[1])

    def _open_spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        day, last = self.local(start).date(), self.local(end).date()
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        while day <= last:
            opening, closing = self._open_times(day)
            since, until = max(opening, start), min(closing, end)
            if since < until:
                yield since, until
            day += _DAY


@lru_cache(maxsize=256)
def _holiday_dates(year: int) -> frozenset[date]:
    return frozenset(day for day, _ in _holidays(year))


# --- Reply times ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """When an answer is due (aware, UTC), and the rule in the version that made it so."""

    at: datetime
    rule: str


def reply_due(received_at: datetime, *, hours: int = 24, calendar: WorkingCalendar) -> Due:
    """
    Return when an answer is due: so many hours by the clock, where days off do not count.

    Received on a working day, at whatever hour: the clock runs on, but only over working days. Twenty-four
    hours is thus the same time the next working day (Tuesday 14.10 gives Wednesday 14.10, Friday 16.00 gives
    Monday 16.00).
    Received on a day off: one working day for each begun 24 hours, until closing; a last part of a day
    counts from opening, no further than closing (Saturday gives Monday at closing).

    Args:
        received_at: When it reached the authority; aware.
        hours: The authority's goal, at least 1.

    Returns:
        The moment, always on a working day and after `received_at`, and the rule, as "svarstid-1:24h".

    Raises:
        ValueError: `hours` is below 1, the moment is naive, or the calendar is closed for years.

    Law: FL-2
    """
    if hours < 1:
        raise ValueError("Svarstiden är minst en timme.")
    wall = calendar.local(received_at).replace(tzinfo=None, fold=0)
    count = _from_working_day if calendar.is_working_day(wall.date()) else _from_day_off
    return Due(count(wall, hours, calendar), f"{REPLY_RULE}:{hours}h")


def _from_working_day(wall: datetime, hours: int, calendar: WorkingCalendar) -> datetime:
    reached = datetime.combine(wall.date(), wall.time()) + timedelta(hours=hours % 24)
    days = hours // 24 + (reached.date() - wall.date()).days
    day = wall.date()
    for _ in range(days):
        day = calendar.next_working_day(day)
    return calendar.moment(datetime.combine(day, reached.time()))


def _from_day_off(wall: datetime, hours: int, calendar: WorkingCalendar) -> datetime:
    days, rest = divmod(hours, 24)
    day = wall.date()
    for _ in range(days + (1 if rest else 0)):
        day = calendar.next_working_day(day)
    opening, closing = calendar.opening_on(day), calendar.closing_on(day)
    assert opening is not None
    assert closing is not None
    return min(opening + timedelta(hours=rest), closing) if rest else closing


def half_time(received_at: datetime, due_at: datetime, calendar: WorkingCalendar) -> datetime:
    """
    Return the moment, in UTC, when half of the working time until the answer is due has passed.

    What comes in while the authority is closed is counted from the next opening. When it never opens
    before the answer is due, the answer's own time is returned.

    Raises:
        ValueError: Due before received, or either is naive.

    Law: FL-2
    """
    working = calendar.working_seconds_between(received_at, due_at)
    if not working:
        return due_at.astimezone(UTC)
    return calendar.after_working_seconds(received_at, working / 2)


def _require_aware(*moments: datetime) -> None:
    if any(moment.tzinfo is None for moment in moments):
        raise ValueError("Working time is counted between aware moments, never naive ones.")

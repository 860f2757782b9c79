"""
Which days something recurs, as calendars say it (RFC 5545, RRULE), within a span of days and never beyond a bound.

Whoever reads a stranger's calendar asks about a few days; a rule that recurs for ever, or a hundred thousand times,
costs no more than those days and what must be counted before them.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

MOST_STEPS: Final = 20_000
"""How many periods of one rule are looked through: more than fifty years of days."""

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY: Final = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_KNOWN: Final = frozenset({
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST",
})  # fmt: skip
_MOST_LISTED: Final = 400
WITHIN_A_DAY: Final = ("HOURLY", "MINUTELY")
"""What `subdaily.times` tells; `days` tells the rest."""


class CannotRecur(ValueError):
    """The rule is none, is of a sort that days do not tell, or takes too long to follow. Speaks Swedish."""


@dataclass(slots=True)
class Budget:
    """How many steps of counting may still be taken, together, for all rules of a calendar."""

    left: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of recurrence, taken apart."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    weekdays: tuple[tuple[int, int], ...] = ()  # which one in the period (0: each), and the weekday from Monday 0
    monthdays: tuple[int, ...] = ()
    months: frozenset[int] = field(default_factory=frozenset)
    places: tuple[int, ...] = ()
    week_begins: int = 0


def rule_of(text: str) -> Rule:
    """Take a rule apart. Raises CannotRecur."""
    parts = dict(part.partition("=")[::2] for part in text.upper().strip().strip(";").split(";"))
    if set(parts) - _KNOWN or parts.get("FREQ") not in (*WITHIN_A_DAY, "DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise CannotRecur("Upprepningen är av ett slag som inte går att läsa.")
    try:
        days = [_BYDAY.fullmatch(each.strip()) for each in _listed(parts.get("BYDAY", ""))]
        rule = Rule(
            freq=parts["FREQ"], interval=int(parts.get("INTERVAL", "1")),
            count=int(parts["COUNT"][:9]) if "COUNT" in parts else None, until=parts.get("UNTIL", ""),
            weekdays=tuple((int(each[1] or 0), _DAYS.index(each[2])) for each in days if each is not None),
            monthdays=_numbers(parts.get("BYMONTHDAY", ""), 31),
            months=frozenset(_numbers(parts.get("BYMONTH", ""), 12)),
            places=_numbers(parts.get("BYSETPOS", ""), 366), week_begins=_DAYS.index(parts.get("WKST", "MO")),
        )  # fmt: skip
    except ValueError:
        raise CannotRecur("Upprepningen går inte att läsa.") from None
    if rule.freq in WITHIN_A_DAY and rule.places:
        raise CannotRecur("Upprepningen är av ett slag som inte går att läsa.")
    if None in days or not 1 <= rule.interval <= 10_000 or (rule.count is not None and rule.count < 1):
        raise CannotRecur("Upprepningen går inte att läsa.")
    if any(ordinal for ordinal, _day in rule.weekdays) and rule.freq in (*WITHIN_A_DAY, "DAILY", "WEEKLY"):
        raise CannotRecur("Upprepningen går inte att läsa.")
    return rule


def days(
    rule: Rule, first: date, *, since: date, until: date, at: time = time.min, ends: datetime | None = None,
    budget: Budget | None = None,
) -> list[date]:  # fmt: skip
    """
    Return the days of a rule that begins on `first`, from `since` to before `until`, in order.

    Args:
        at: The time of day, as a clock on the wall shows it, for `ends`.
        ends: The last moment that counts, on the same clock (naive); None when the rule has no end of its own.

    Raises:
        CannotRecur: Too many periods lie between.
    """
    budget = budget or Budget(MOST_STEPS)
    found: list[date] = []
    counted = 0
    for day in _each(rule, first, since, until, budget):
        if day < first:
            continue
        if day >= until or (ends is not None and datetime.combine(day, at) > ends):
            break
        counted += 1
        if day >= since:
            found.append(day)
        if rule.count is not None and counted >= rule.count:
            break
    return found


def _each(rule: Rule, first: date, since: date, until: date, budget: Budget) -> Iterator[date]:
    """Yield candidates in order; from near `since` on where nothing must be counted before."""
    number = 0 if rule.count is not None else _skipped(rule, first, since)
    for _step in range(MOST_STEPS):
        budget.left -= rule.count is not None  # without a count only the days that are asked for are walked
        if budget.left < 0:
            break
        try:
            begins, candidates = _period(rule, first, number)
        except (OverflowError, ValueError):
            return  # beyond the last year there is
        if begins >= until:
            return
        yield from _placed(rule, candidates)
        number += 1
    raise CannotRecur("Upprepas för många gånger för att kunna räknas.")


def _skipped(rule: Rule, first: date, since: date) -> int:
    if since <= first:
        return 0
    days_between = (since - first).days
    months_between = (since.year - first.year) * 12 + since.month - first.month
    periods = {
        "DAILY": days_between, "WEEKLY": days_between // 7, "MONTHLY": months_between,
        "YEARLY": since.year - first.year,
    }[rule.freq]  # fmt: skip
    return max(periods // rule.interval - 1, 0)


def _period(rule: Rule, first: date, number: int) -> tuple[date, list[date]]:
    """Return when a period begins and its candidates, in order."""
    step = number * rule.interval
    if rule.freq == "DAILY":
        day = first + timedelta(days=step)
        return day, [day] if fits(rule, day) else []
    if rule.freq == "WEEKLY":
        monday = first - timedelta(days=(first.weekday() - rule.week_begins) % 7) + timedelta(weeks=step)
        wanted = {day for _ordinal, day in rule.weekdays} or {first.weekday()}
        week = [monday + timedelta(days=each) for each in range(7)]
        return monday, [day for day in week if day.weekday() in wanted and _is_month(rule, day)]
    if rule.freq == "MONTHLY":
        year, month = divmod(first.year * 12 + first.month - 1 + step, 12)
        begins = date(year, month + 1, 1)
        return begins, _in_month(rule, begins, first) if _is_month(rule, begins) else []
    begins = date(first.year + step, 1, 1)
    return begins, _in_year(rule, begins, first)


def _in_month(rule: Rule, begins: date, first: date) -> list[date]:
    last = calendar.monthrange(begins.year, begins.month)[1]
    every = [begins.replace(day=number) for number in range(1, last + 1)]
    if rule.monthdays:
        every = [day for day in every if day.day in rule.monthdays or day.day - last - 1 in rule.monthdays]
    elif not rule.weekdays:
        return [day for day in every if day.day == first.day]
    return [day for day in every if _is_weekday(rule, day, begins, last)] if rule.weekdays else every


def _in_year(rule: Rule, begins: date, first: date) -> list[date]:
    months = sorted(rule.months) if rule.months else range(1, 13)
    if not (rule.months or rule.monthdays or rule.weekdays):
        months = [first.month]
    if rule.weekdays and not rule.months and not rule.monthdays:
        length = 366 if calendar.isleap(begins.year) else 365
        every = [begins + timedelta(days=each) for each in range(length)]
        return [day for day in every if _is_weekday(rule, day, begins, length)]
    return [day for month in months for day in _in_month(rule, begins.replace(month=month), first)]


def _is_weekday(rule: Rule, day: date, begins: date, length: int) -> bool:
    at = (day - begins).days
    which, from_end = at // 7 + 1, -((length - 1 - at) // 7 + 1)
    return any(day.weekday() == weekday and ordinal in (0, which, from_end) for ordinal, weekday in rule.weekdays)


def fits(rule: Rule, day: date) -> bool:
    """Whether a day is one of those that a rule is limited to."""
    last = calendar.monthrange(day.year, day.month)[1]
    is_monthday = not rule.monthdays or day.day in rule.monthdays or day.day - last - 1 in rule.monthdays
    is_weekday = not rule.weekdays or day.weekday() in {each for _ordinal, each in rule.weekdays}
    return is_monthday and is_weekday and _is_month(rule, day)


def _is_month(rule: Rule, day: date) -> bool:
    return not rule.months or day.month in rule.months


def _placed(rule: Rule, candidates: list[date]) -> list[date]:
    if not rule.places:
        return candidates
    chosen = {place - 1 if place > 0 else len(candidates) + place for place in rule.places}
    return [day for at, day in enumerate(candidates) if at in chosen]


def _listed(text: str) -> list[str]:
    found = [each for each in text.split(",") if each]
    if len(found) > _MOST_LISTED:
        raise ValueError
    return found


def _numbers(text: str, most: int) -> tuple[int, ...]:
    found = tuple(int(each) for each in _listed(text))
    if any(not 1 <= abs(each) <= most for each in found):
        raise ValueError
    return found

"""
When something recurs by the hour or the minute (RFC 5545), within a span and never beyond a bound.

What recurs so is reckoned on the world's clock: an hour after an hour is an hour, also when the clocks change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from narvaro.formats.recurrence import Budget, CannotRecur, Rule, fits

MOST_TIMES: Final = 800
"""How many times of one rule are told: a month of hours. What recurs each minute is nobody's meeting."""
STEPS: Final = {"HOURLY": timedelta(hours=1), "MINUTELY": timedelta(minutes=1)}


def times(
    rule: Rule, first: datetime, *, zone: ZoneInfo, since: datetime, until: datetime, ends: datetime | None,
    budget: Budget,
) -> list[datetime]:  # fmt: skip
    """
    Return the moments of a rule that begins at `first`, from `since` to before `until`, in order, aware, in `zone`.

    Args:
        ends: The last moment that counts; None when the rule has no end of its own.

    Raises:
        CannotRecur: Too many lie between, or within the span.
    """
    step = STEPS[rule.freq] * rule.interval
    start = first.astimezone(UTC)
    number = 0
    if rule.count is None and since > start:  # without a count nothing must be counted before
        number = (since - start) // step
    found: list[datetime] = []
    counted = 0
    while True:
        budget.left -= 1
        if budget.left < 0:
            raise CannotRecur("Upprepas för många gånger för att kunna räknas.")
        at = start + number * step
        if at >= until or (ends is not None and at > ends):
            return found
        number += 1
        local = at.astimezone(zone)
        if not fits(rule, local.date()):
            continue
        counted += 1
        if at >= since:
            found.append(local)
            if len(found) > MOST_TIMES:
                raise CannotRecur("Upprepas för många gånger för att kunna läsas.")
        if rule.count is not None and counted >= rule.count:
            return found

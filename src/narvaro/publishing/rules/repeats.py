"""Decisions about texts that come again and pages of the website, on plain values."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from itertools import count

from django.utils.translation import gettext as _

from narvaro.links import rules as links

DUE_CLOCK = time(6)
"""When on its day a text is put before somebody, as a clock on the wall here shows it."""

MOST_WEEKS = 104
MOST_DAYS = 24
_DAY = re.compile(r"([0-9]{1,2})\s*[/.]\s*([0-9]{1,2})\.?")


def next_after(
    after: date, *, from_on: date, until_on: date | None, every_weeks: int | None, days: Sequence[Sequence[int]]
) -> date | None:
    """
    Return the first day after `after` on which a text comes again; None when it comes no more.

    Args:
        every_weeks: Counted from `from_on`, which is such a day itself; None for days of the year.
        days: Month and day of each; the 29th of February is the 28th in most years.
    """
    least = max(after + timedelta(days=1), from_on)
    found = _by_weeks(from_on, every_weeks, least) if every_weeks else next(_by_year(days, least), None)
    return found if found is not None and (until_on is None or found <= until_on) else None


def days_in(text: str) -> list[list[int]] | None:
    """Return the days of the year that people write as 15/10, 1/3: month and day of each; None when one is none."""
    found = []
    for words in re.split(r"[,;\n]+", text):
        if not words.strip():
            continue
        read = _DAY.fullmatch(words.strip())
        day, month = (int(read[1]), int(read[2])) if read else (0, 0)
        if not (1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1]):
            return None
        found.append([month, day])
    return sorted(found)


def days_as_written(days: Sequence[Sequence[int]]) -> str:
    """Return days of the year as people write them."""
    return ", ".join(f"{day}/{month}" for month, day in days)


def why_not_page(url: str, *, base_url: str, website: str) -> str:
    """Return why an address cannot be the page of the website that something belongs to; "" when it can."""
    if why := links.why_not_target(url, base_url):
        return why
    if website and links.is_foreign(url, website):
        return _("Skriv en sida på er egen webbplats, %(website)s.") % {"website": website}
    return ""


def _by_weeks(from_on: date, every_weeks: int, least: date) -> date:
    span = timedelta(weeks=every_weeks)
    return from_on + -(-(least - from_on) // span) * span


def _by_year(days: Sequence[Sequence[int]], least: date) -> Iterator[date]:
    for year in count(least.year) if days else ():
        found = sorted(date(year, month, min(day, monthrange(year, month)[1])) for month, day in days)
        yield from (each for each in found if each >= least)

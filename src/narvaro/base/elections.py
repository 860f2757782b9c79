"""When Sweden votes: the ordinary elections that follow from the law. Others (to the EU, anew, advisory) are said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

_FIRST: Final = 2014  # since then in September; every fourth year
_SUNDAY: Final = 6


def general_election(year: int) -> date | None:
    """
    Return the day of the elections to the Riksdag, regions and municipalities in a year; None when there are none.

    The second Sunday of September, every fourth year.

    Law: none; the day follows from 1 kap. 3 § vallagen (2005:837).
    """
    if year < _FIRST or (year - _FIRST) % 4:
        return None
    first = date(year, 9, 1)
    return first + timedelta(days=(_SUNDAY - first.weekday()) % 7 + 7)


def general_elections(first: date, last: date) -> list[date]:
    """Return the days of ordinary elections from `first` to `last`, both included, in order; [] for none."""
    found = (general_election(year) for year in range(first.year, last.year + 1))
    return [day for day in found if day is not None and first <= day <= last]

"""How moments are written for people, in the language of the page or letter: "15.30", and "15:30" in English.

Everything shown is Swedish local time. A terminal and a file say ISO 8601 instead, in UTC and with the zone named.
"""

from __future__ import annotations

from datetime import datetime, time

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from narvaro.base import clock


def local(at: datetime) -> datetime:
    """
    Return a moment in Swedish time.

    Raises:
        ValueError: The moment is naive.
    """
    if at.tzinfo is None:
        raise ValueError("A time on a page is aware, never naive.")
    return at.astimezone(clock.STOCKHOLM)


def clock_time(at: datetime | time) -> str:
    """Return the time of day of a moment, or of opening hours, as a clock shows it: "15.30"."""
    shown = local(at) if isinstance(at, datetime) else at
    return _hour_and_minute(shown.hour, shown.minute)


def hours(begin: datetime, end: datetime) -> str:
    """Return a span within one day: "08.00–16.00"; one that lasts to midnight ends at 24.00."""
    first, last = local(begin), local(end)
    until = clock_time(last) if last.date() == first.date() else _hour_and_minute(24, 0)
    return f"{clock_time(first)}–{until}"


def full_time(at: datetime) -> str:
    """Return a moment with day, month, year and time: "24 november 2026 kl. 15.30"."""
    return _("%(date)s kl. %(time)s") % {"date": date_format(local(at), "j F Y"), "time": clock_time(at)}


def near_time(at: datetime) -> str:
    """Return the time alone for a moment of today, else the whole moment."""
    return clock_time(at) if local(at).date() == clock.today() else full_time(at)


def _hour_and_minute(hour: int, minute: int) -> str:
    return _("%(hour)02d.%(minute)02d") % {"hour": hour, "minute": minute}

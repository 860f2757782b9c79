"""The only place that knows what time it is. All domain time comes from here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

_offset = timedelta()
_frozen: datetime | None = None


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _frozen if _frozen is not None else datetime.now(UTC) + _offset


def today() -> date:
    """Return today's date as people in Sweden see it."""
    return now().astimezone(STOCKHOLM).date()


def shift(offset: timedelta) -> None:
    """Move the clock of this process; child processes of tests use it, nothing else does."""
    global _offset
    _offset = offset


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock still at `at` (aware), for tests."""
    global _frozen
    if at.tzinfo is None:
        raise ValueError("The clock is held at an aware moment, never a naive one.")
    before, _frozen = _frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before

"""How far a channel is read, and when to try again."""

from __future__ import annotations

from datetime import datetime, timedelta

from narvaro.channels.types import Connection

_BACKOFF_SECONDS = (30, 60, 120, 300, 600, 1800)
_LATE = timedelta(minutes=15)


def is_behind(connection: str, complete_to: datetime | None, moment: datetime) -> bool:
    """Whether a connected channel has not been read to the end for a quarter of an hour."""
    if connection not in (Connection.CONNECTED, Connection.TRANSIENT):
        return False
    return complete_to is None or moment - complete_to > _LATE


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after a number of temporary faults in a row."""
    return timedelta(seconds=_BACKOFF_SECONDS[min(max(failures, 1), len(_BACKOFF_SECONDS)) - 1])

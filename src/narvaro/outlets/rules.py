"""Decisions about our own outlets on plain values."""

from __future__ import annotations

from datetime import datetime, timedelta

CONFIRMED_WITHIN = timedelta(days=7)
ASKED_AGAIN_AFTER = timedelta(minutes=15)
MOST_ASKED_AN_HOUR = 200
MOST_TRIES = 8
MOST_TITLE = 120


def title_of(text: str) -> str:
    """Return the first line of a post, cut at a word where it is long: its title in a feed, its subject in a letter."""
    line = next((" ".join(each.split()) for each in text.splitlines() if each.strip()), "")
    if len(line) <= MOST_TITLE:
        return line
    cut = line[: MOST_TITLE - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def address_of(typed: str) -> str:
    """Return an address as it is kept: the part after @ in small letters, since only that is the same however typed."""
    name, _at, host = typed.strip().rpartition("@")
    return f"{name}@{host.casefold()}"


def must_ask(confirmed_at: datetime | None, asked_at: datetime | None, moment: datetime) -> bool:
    """Whether somebody who asks for a letter gets a link to confirm with: not twice in a row, not when they have it."""
    if confirmed_at is not None:
        return False
    return asked_at is None or moment - asked_at >= ASKED_AGAIN_AFTER


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after a number of times that the mail server could not take a letter."""
    return timedelta(minutes=min(2 ** max(tries, 0), 240))

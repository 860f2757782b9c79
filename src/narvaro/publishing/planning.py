"""Decisions about the calendar on plain values: how an entry stands, what lies close, what is missing, elections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from narvaro.publishing.types import NEEDS_PERSON, MessageState, State

CLOSE = timedelta(minutes=30)  # posts in one channel nearer each other than this take the readers from each other
_WEEK = timedelta(days=7)


class Standing(StrEnum):
    """How something on the calendar stands, all its channels taken together."""

    DRAFT = "draft"
    AWAITING = "awaiting"
    PLANNED = "planned"
    HELD = "held"
    GOING = "going"
    BY_HAND = "by_hand"
    OUT = "out"
    PARTLY = "partly"
    TROUBLE = "trouble"
    TAKEN_BACK = "taken_back"


MOVABLE = (Standing.DRAFT, Standing.AWAITING, Standing.PLANNED, Standing.HELD, Standing.BY_HAND)
"""What has not begun, so that it can be moved."""


def standing_of(state: str, sent: Sequence[str], *, is_held: bool = False) -> Standing:
    """
    Return how a message stands.

    Args:
        state: Of the message.
        sent: The state of each of its publications, the latest try of each; [] when it is not let out.
        is_held: Whether a crisis holds it.
    """
    if state != MessageState.PLANNED:
        return Standing.AWAITING if state == MessageState.AWAITING else Standing.DRAFT
    left = [each for each in sent if each not in (State.CANCELLED, State.NOT_DONE)]
    if sent and not left:
        return Standing.TAKEN_BACK
    if any(each in NEEDS_PERSON for each in left):
        return Standing.TROUBLE
    if left and all(each == State.DELIVERED for each in left):
        return Standing.OUT
    if State.ATTEMPTING in left:
        return Standing.GOING
    if State.DELIVERED in left:
        return Standing.PARTLY
    if left and all(each == State.BY_HAND for each in left):
        return Standing.BY_HAND
    return Standing.HELD if is_held else Standing.PLANNED


@dataclass(frozen=True, slots=True)
class Close:
    """Two posts in one channel that lie close: the channel's key, and the key of each message."""

    channel: int
    at: datetime
    first: int
    second: int


def collisions(planned: Iterable[tuple[int, datetime, int]]) -> list[Close]:
    """
    Return posts in one channel that lie closer than half an hour, by time.

    Args:
        planned: Channel, moment and message of each, in any order.
    """
    return close_together((channel, at.timestamp(), message) for channel, at, message in planned)


def close_together(planned: Iterable[tuple[int, float, int]]) -> list[Close]:
    """Return what `collisions` does, where each moment is in seconds since 1970: for many thousands of them."""
    by_channel: dict[int, list[tuple[float, int]]] = {}
    for channel, at, message in planned:
        by_channel.setdefault(channel, []).append((at, message))
    most = CLOSE.total_seconds()
    found = [
        (at, channel, first, second)
        for channel, listed in by_channel.items()
        for (before, first), (at, second) in pairwise(sorted(listed))
        if at - before < most
    ]
    return [
        Close(channel, datetime.fromtimestamp(at, UTC), first, second) for at, channel, first, second in sorted(found)
    ]


def silent(counts: Mapping[int, int], channels: Iterable[int], expected: int) -> list[int]:
    """Return the channels that have fewer posts in a week than a guideline expects; [] where it expects none."""
    return [each for each in channels if counts.get(each, 0) < expected]


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of days in which a channel has nothing: which, from when, how many days, and how often it speaks."""

    channel: int
    since: date
    days: int
    a_week: int


def gaps(placed: Mapping[int, Iterable[date]], first: date, last: date, expected: Mapping[int, int]) -> list[Gap]:
    """
    Return each channel's longest stretch without anything from `first` to `last`, where it is too long; longest first.

    Args:
        placed: The days on which each channel has something.
        expected: How many posts a week each channel is to have; one without, or with none, has no gap.

    Returns:
        A stretch is too long when it is a week or more and twice as long as lies between two posts.
    """
    found = []
    for channel, a_week in expected.items():
        if a_week <= 0:
            continue
        days_with = sorted({each for each in placed.get(channel, ()) if first <= each <= last})
        edges = [first - timedelta(days=1), *days_with, last + timedelta(days=1)]
        days, since = max(((after - before).days - 1, before) for before, after in pairwise(edges))
        if days >= max(_WEEK.days, -(-2 * _WEEK.days // a_week)):
            found.append(Gap(channel, since + timedelta(days=1), days, a_week))
    return sorted(found, key=lambda each: (-each.days, each.channel))


def weeks(first: date, last: date) -> list[tuple[date, date]]:
    """Return the whole weeks that touch a span, Monday to Sunday, in order."""
    monday = first - timedelta(days=first.weekday())
    found = []
    while monday <= last:
        found.append((monday, monday + _WEEK - timedelta(days=1)))
        monday += _WEEK
    return found


@dataclass(frozen=True, slots=True)
class Election:
    """A day of voting, and from which day extra care is taken."""

    on: date
    name: str
    since: date

    def covers(self, day: date) -> bool:
        """Whether a day lies in the time of extra care; the day of voting itself too."""
        return self.since <= day <= self.on


def elections(days: Iterable[tuple[date, str]], before: int) -> list[Election]:
    """Return days of voting with so many days of extra care before each; [] where the guideline wants none."""
    return [Election(on, name, on - timedelta(days=before)) for on, name in sorted(days)] if before > 0 else []

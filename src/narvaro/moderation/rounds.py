"""Decisions about rounds of oversight on plain values: when they are due, when they are missed, who leads a crisis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from narvaro.base.workingtime import OFFICE_HOURS, Hours, WorkingCalendar
from narvaro.core.types import Actor, Role

MOST_ROUNDS = 12
MOST_REMOVAL_HOURS = 168
CRISIS_HOURS: Hours = (time(7), time(22))  # every day, while it lasts
QUARTER = 15  # minutes; rounds are due when a clock strikes
TOLERANCE = timedelta(hours=1)  # so much after it was due a round is missed, and so much before it may be made
TOLERANCE_IN_CRISIS = timedelta(minutes=30)
STILL_NEW = timedelta(days=14)  # so long what nobody has noted as come counts as new when somebody opens it
LOOK_BACK = timedelta(days=31)  # rounds of a longer standstill are not made one by one


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a channel is looked over, and within how many hours what we know of must be gone (BBS-3, BBS-5)."""

    rounds_a_day: int = 2
    rounds_in_crisis: int = 4
    on_days_off: bool = False  # one round on each
    removal_hours: int = 24


USUAL = Rhythm()
"""What holds where nobody has chosen anything: two rounds each working day, a day to remove."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time of crisis: [from_at, until_at), and on when that is None."""

    from_at: datetime
    until_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True, slots=True)
class Due:
    """A round: when it is due, from when it is missed, and whether a crisis asks for it."""

    at: datetime
    late_at: datetime
    in_crisis: bool = False


def due_rounds(
    rhythm: Rhythm, calendar: WorkingCalendar, crises: Iterable[Span], since: datetime, until: datetime
) -> list[Due]:
    """
    Return the rounds that are due in (since, until], oldest first.

    A working day's rounds are spread evenly over its hours: two of them stand a quarter and three quarters in. In a
    crisis they come more often, from early to late, on every day.

    Args:
        crises: When the channel was or is in crisis.
        since, until: Aware; at most a few weeks apart.

    Law: BBS-3
    """
    spans = list(crises)
    found: list[Due] = []
    day, last = calendar.local(since).date(), calendar.local(until).date()
    while day <= last:
        is_off = not calendar.is_working_day(day)
        for at in _spread(day, calendar, _hours_of(day, calendar, rhythm), 1 if is_off else rhythm.rounds_a_day):
            if not _is_crisis(spans, at):
                found.append(Due(at, at + TOLERANCE))
        if spans:
            for at in _spread(day, calendar, CRISIS_HOURS, rhythm.rounds_in_crisis):
                if _is_crisis(spans, at):
                    found.append(Due(at, at + TOLERANCE_IN_CRISIS, in_crisis=True))
        day += timedelta(days=1)
    return sorted((due for due in found if since < due.at <= until), key=lambda due: due.at)


def decided(rhythm: Rhythm, values: Mapping[str, Any]) -> Rhythm:
    """Return the rhythm that a guideline decides; what it does not say is as in `rhythm`. Law: BBS-3, BBS-5"""
    return Rhythm(
        values.get("oversight_rounds_per_day", rhythm.rounds_a_day),
        values.get("oversight_rounds_in_crisis", rhythm.rounds_in_crisis),
        values.get("oversight_on_days_off", rhythm.on_days_off),
        values.get("removal_hours", rhythm.removal_hours),
    )


def at_least(rhythm: Rhythm, floor: Rhythm) -> Rhythm:
    """Return the rhythm, raised to `floor` where it asks for less."""
    return Rhythm(
        max(rhythm.rounds_a_day, floor.rounds_a_day),
        max(rhythm.rounds_in_crisis, floor.rounds_in_crisis),
        rhythm.on_days_off or floor.on_days_off,
        min(rhythm.removal_hours, floor.removal_hours),
    )


def may_lead(actor: Actor) -> bool:
    """Whether the actor says how often channels are looked over, and when there is a crisis."""
    return actor.has_anywhere(Role.UNIT_MANAGER, Role.COMMUNICATIONS_LEAD)


def may_approve(actor: Actor, approver_id: int | None) -> bool:
    """Whether the actor approves what goes out in a crisis: whoever is named, and those who lead communications."""
    return actor.is_person(approver_id) or actor.has_anywhere(Role.COMMUNICATIONS_LEAD)


def removal_due(knowledge_at: datetime, rhythm: Rhythm) -> datetime:
    """
    Return until when what we know of may stand: by the clock, nights and weekends too.

    Law: BBS-4, BBS-5
    """
    return knowledge_at + timedelta(hours=rhythm.removal_hours)


def _is_crisis(spans: Sequence[Span], at: datetime) -> bool:
    return any(span.holds(at) for span in spans)


def _hours_of(day: date, calendar: WorkingCalendar, rhythm: Rhythm) -> Hours | None:
    opening, closing = calendar.opening_on(day), calendar.closing_on(day)
    if opening is None or closing is None:
        return OFFICE_HOURS if rhythm.on_days_off else None
    return calendar.local(opening).time(), calendar.local(closing).time()


def _spread(day: date, calendar: WorkingCalendar, hours: Hours | None, count: int) -> list[datetime]:
    """Return `count` moments in the middle of equal parts of the day, on whole quarters; fewer where they meet."""
    if hours is None:
        return []
    start, end = (each.hour * 60 + each.minute for each in hours)
    minutes = {int(start + (end - start) * (2 * n + 1) / (2 * count)) // QUARTER * QUARTER for n in range(count)}
    return [calendar.moment(datetime.combine(day, time(*divmod(at, 60)))) for at in sorted(minutes)]

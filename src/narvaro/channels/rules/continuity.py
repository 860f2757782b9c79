"""What a channel would stand without if one of its people left tomorrow: decisions on plain values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

LONG_AWAY = timedelta(days=14)
"""Whoever has been away for so long is told of to the manager; what comes in goes to the deputy from the first hour."""

FEWEST_ADMINISTRATORS = 2


class Bare(StrEnum):
    """How much hangs on one person."""

    FINE = "fine"
    IF_ONE_LEAVES = "if_one_leaves"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a channel would lack if one person left: somebody who answers, the password, a second administrator."""

    answers: Bare
    password: Bare
    administrator: Bare

    @property
    def is_fine(self) -> bool:
        return {self.answers, self.password, self.administrator} == {Bare.FINE}

    @property
    def is_bare_now(self) -> bool:
        return Bare.NOW in (self.answers, self.password, self.administrator)


def exposure(*, answering: Collection[int | None], gone: Collection[int], reaching: int, steering: int) -> Exposure:
    """
    Return what a channel would stand without if one of its people left tomorrow. It counts places, never work.

    Args:
        answering: The responsible and the deputy.
        gone: Those who have left.
        reaching: How many reach the password.
        steering: How many can steer the account.

    Law: SEC-2
    """
    there = {person for person in answering if person is not None and person not in gone}
    return Exposure(
        answers=_bare(len(there), fewest=1),
        password=_bare(reaching, fewest=1),
        administrator=_bare(steering, fewest=FEWEST_ADMINISTRATORS),
    )


def _bare(count: int, *, fewest: int) -> Bare:
    if count < fewest:
        return Bare.NOW
    return Bare.IF_ONE_LEAVES if count == fewest else Bare.FINE


def exposed(exposure: Exposure) -> str:
    """Return in words what a channel stands without, or would if one of its people left."""
    told = {
        (Bare.NOW, "answers"): _("ingen svarar nu"),
        (Bare.IF_ONE_LEAVES, "answers"): _("ingen skulle svara"),
        (Bare.NOW, "password"): _("ingen når lösenordet enligt listan"),
        (Bare.IF_ONE_LEAVES, "password"): _("ingen skulle nå lösenordet"),
        (Bare.NOW, "administrator"): _("ingen andra administratör enligt listan"),
        (Bare.IF_ONE_LEAVES, "administrator"): _("ingen andra administratör skulle finnas kvar"),
    }
    names = ("answers", "password", "administrator")
    return ", ".join(told[key] for name in names if (key := (getattr(exposure, name), name)) in told)


class Why(StrEnum):
    """Why a place in a channel stands empty."""

    LEFT = "left"
    AWAY = "away"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Empty:
    """A place in a channel that somebody does not fill: whose, why, and whether anybody else answers there."""

    channel_id: int
    person_id: int
    why: Why
    is_orphaned: bool


def empty_places(
    *, channel_id: int, unit_id: int, responsible_id: int, deputy_id: int | None, gone: Collection[int],
    away_since: dict[int, datetime], units_of: dict[int, set[int | None]], at: datetime,
) -> list[Empty]:  # fmt: skip
    """
    Return which places of a channel stand empty at `at`: somebody has left, moved, or has been away for long.

    Who is away for less is told of only where nobody else is there.

    Args:
        away_since: Since when those who are away now have been so.
        units_of: In which units each person holds a role; None is the whole authority. Who holds none has no row.

    Law: SEC-2, FL-2
    """
    people = [person for person in dict.fromkeys((responsible_id, deputy_id)) if person is not None]
    reasons: dict[int, Why] = {}
    for person in people:
        if person in gone:
            reasons[person] = Why.LEFT
        elif person in units_of and not units_of[person] & {None, unit_id}:
            reasons[person] = Why.MOVED
        elif person in away_since:
            reasons[person] = Why.AWAY
    is_orphaned = len(reasons) == len(people)
    return [
        Empty(channel_id, person, why, is_orphaned)
        for person, why in reasons.items()
        if why is not Why.AWAY or is_orphaned or at - away_since[person] >= LONG_AWAY
    ]


def units_under(roots: Iterable[int], parents: dict[int, int | None]) -> frozenset[int]:
    """Return the units and all that stand under them, however deep; a circle ends."""
    found = set(roots)
    while True:
        more = {unit for unit, parent in parents.items() if parent in found} - found
        if not more:
            return frozenset(found)
        found |= more

"""Decisions of training on plain values."""

from __future__ import annotations

import calendar
import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import blake2b
from typing import Final
from uuid import UUID

from narvaro.core.types import Actor, Role
from narvaro.training.types import Course

LEADS: Final = frozenset({Role.UNIT_MANAGER, Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR})
"""Roles that hold days, form groups and see who lacks a certificate."""
EVERYBODY: Final = Role.EMPLOYEE
"""The role of a course that is for everybody, whatever else they are."""
VALID_MONTHS: Final = 24
REMIND_DAYS: Final = 30
FEWEST_SHOWN: Final = 3
"""So many votes at least before any are shown: with fewer, whoever looked up first could be seen."""
MOST_ANSWERS: Final = 6

_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is read as another
_CODE_LENGTH: Final = 6


def may_lead(actor: Actor) -> bool:
    """Whether the actor holds days, writes own cases and forms groups."""
    return actor.has_anywhere(*LEADS)


def may_ask(actor: Actor) -> bool:
    """Whether the actor decides who shall have taken which course."""
    return actor.has(Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR)


def sees_all_units(actor: Actor) -> bool:
    """Whether the actor sees who lacks a certificate in every unit; a manager sees the units they lead."""
    return actor.has(Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR)


def a_code() -> str:
    """Return a short code by chance, for a room to type."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))


def as_code(typed: str) -> str:
    """Return what was typed as a code is written; "" when it cannot be one."""
    plain = "".join(each for each in typed.upper() if each.isalnum())
    return plain if len(plain) == _CODE_LENGTH and set(plain) <= set(_LETTERS) else ""


def ballot_digest(poll_uid: UUID, secret: str) -> str:
    """Return what tells a browser again in one poll alone, from the chance number that lies in it."""
    return blake2b(secret.encode(), key=poll_uid.bytes, digest_size=32).hexdigest()


def wrong_answers(course: Course, answers: Sequence[int]) -> tuple[int, ...]:
    """Return the numbers of the questions whose answer is not right; a question without an answer is wrong."""
    given = [*answers, *([-1] * len(course.questions))]
    return tuple(n for n, question in enumerate(course.questions) if given[n] != question.right)


def is_passed(course: Course, wrong: Sequence[int]) -> bool:
    """Whether enough is right."""
    return len(course.questions) - len(wrong) >= course.pass_mark


def months_later(day: date, months: int) -> date:
    """Return the day so many months later; the last of the month where the day does not exist there."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_asked_of(held: Iterable[str], roles: Iterable[str]) -> bool:
    """Whether somebody with these roles is among those a course is asked of."""
    have, wanted = set(held), set(roles)
    return bool(have) and (EVERYBODY.value in wanted or bool(have & wanted))


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())

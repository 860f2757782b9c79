"""Who may do what with a plan, what is missing in it, and what differs between two versions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Any, Protocol

from django.utils.translation import gettext as _

from narvaro.channels import rules as register
from narvaro.channels.types import NOT_BEGUN, ChannelState
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.plans.rules.parts import MANY, PARTS, QUESTIONS
from narvaro.plans.types import PlanState

MOST_LETTERS = 2000
MOST_GOALS = 10
REMIND_BEFORE = timedelta(days=30)
_ENOUGH_DATA_RISKS = 2
_PIECE = re.compile(r"\s+|\w+|[^\w\s]")


class ChannelOfPlan(Protocol):
    """What is read of a channel."""

    unit_id: int
    responsible_id: int
    deputy_id: int | None
    state: str


def who(actor: Actor) -> int:
    """Return the key of the person who acts. Raises NotPermitted: a machine writes no plan and decides about none."""
    if actor.person_id is None:
        raise NotPermitted
    return actor.person_id


def may_start(actor: Actor) -> bool:
    """Whether the actor may propose a channel with its plan: everybody who works here."""
    return register.may_propose(actor)


def may_write(actor: Actor, channel: ChannelOfPlan, proposed_by_id: int | None) -> bool:
    """Whether the actor may write in a channel's plan: who proposed it, who answers for it, and who decides."""
    people = {proposed_by_id, channel.responsible_id, channel.deputy_id}
    named = actor.person_id is not None and actor.person_id in people
    return named or register.may_decide(actor, channel.unit_id)


def may_decide(actor: Actor, channel: ChannelOfPlan, recused: Collection[int]) -> bool:
    """Whether the actor decides about a channel's plan: its unit's manager, or communications. Law: KL-4, FL-8"""
    return actor.person_id not in recused and register.may_decide(actor, channel.unit_id)


def may_advise(actor: Actor) -> bool:
    """Whether the actor gives the communications department's advice."""
    return actor.has(Role.COMMUNICATIONS_LEAD)


def is_open(state: str, channel: ChannelOfPlan) -> bool:
    """Whether anything in the plan may change: not when it, or its channel, is closed."""
    return state != PlanState.CLOSED and channel.state != ChannelState.CLOSED


def may_close(channel: ChannelOfPlan) -> bool:
    """Whether a channel has begun, so that there is something to close."""
    return channel.state not in (*NOT_BEGUN, ChannelState.CLOSED)


def missing(answers: Mapping[str, Any]) -> list[str]:
    """Return the questions that must be answered before anybody decides, by key."""
    return [part.key for part in QUESTIONS.parts if not answers.get(part.key)]


def cleaned(answers: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return a plan's answers as they are kept: known fields only, blanks left out, lists where lists belong.

    Raises:
        Invalid: A text is too long, an answer is none of the options, or a goal has no figure in it.
    """
    kept: dict[str, Any] = {}
    for key, part in PARTS.items():
        value = answers.get(key)
        if part.kind == "lines":
            value = _goals(value, key)
        elif part.kind in ("choices", "choice"):
            known = dict(part.options)
            chosen = [value] if isinstance(value, str) else list(value or [])
            if any(each not in known for each in chosen if each):
                raise Invalid(_("Det svaret finns inte att välja."), field=key)
            value = [each for each in known if each and each in chosen]
            value = (value[0] if value else "") if part.kind == "choice" else value
        else:
            value = str(value or "").replace("\r\n", "\n").replace("\x00", "").strip()
            if len(value) > MOST_LETTERS:
                raise Invalid(_("Texten är för lång. Korta den."), field=key)
        if value:
            kept[key] = value
    return kept


def _goals(value: Any, key: str) -> list[str]:
    lines = value.splitlines() if isinstance(value, str) else list(value or [])
    goals = [" ".join(str(line).replace("\x00", "").split()) for line in lines]
    goals = [goal for goal in goals if goal]
    if len(goals) > MOST_GOALS or any(len(goal) > 300 for goal in goals):
        raise Invalid(_("Högst tio mål, ett på varje rad."), field=key)
    if any(not any(letter.isdigit() for letter in goal) for goal in goals):
        raise Invalid(_("Skriv en siffra i varje mål, så att det går att se om det är nått."), field=key)
    return goals


def is_assessment_needed(answers: Mapping[str, Any]) -> bool:
    """Whether so much is ticked about personal data that their consequences are usually assessed before the start."""
    return len(answers.get("data_risks", ())) >= _ENOUGH_DATA_RISKS


def a_year_after(day: date) -> date:
    """Return the same day the year after; the 28th for a leap day."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def is_review_near(next_review_on: date | None, on: date) -> bool:
    """Whether the yearly review is due within thirty days, or late."""
    return next_review_on is not None and next_review_on - REMIND_BEFORE <= on


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a text that is compared: `kind` is "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs between two versions: its pieces as they were and as they are."""

    key: str
    label: Any
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs between two versions, field by field in reading order, word by word; [] for nothing."""
    found = []
    for key, part in PARTS.items():
        old, new = words_of(before, key), words_of(after, key)
        if old != new:
            found.append(Difference(key, part.label, *_compared(old, new)))
    return found


def words_of(answers: Mapping[str, Any], key: str) -> str:
    """Return an answer as words, in the language of the page; "" for none."""
    part, value = PARTS[key], answers.get(key, "")
    if part.kind in ("choices", "choice"):
        chosen = [value] if part.kind == "choice" else value
        return "\n".join(str(words) for each, words in part.options if each and each in chosen)
    return "\n".join(value) if part.kind in MANY else str(value)


def _compared(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    left, right = _PIECE.findall(old), _PIECE.findall(new)
    before, after = [], []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        gone, come = "".join(left[a:b]), "".join(right[c:d])
        if tag == "equal":
            before.append(Piece("same", gone))
            after.append(Piece("same", come))
            continue
        if gone:
            before.append(Piece("gone", gone))
        if come:
            after.append(Piece("new", come))
    return tuple(before), tuple(after)

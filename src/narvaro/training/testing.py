"""Builders for tests: a day with a poll, a certificate. For tests only."""

from __future__ import annotations

from typing import Any

from narvaro.base.clock import now, today
from narvaro.core.testing import person_of
from narvaro.core.types import Actor
from narvaro.training import actions, library
from narvaro.training.models import Meeting, Poll

SHIPPED = "eldsjalen"


def a_day(actor: Actor, *, cases: tuple[str, ...] = (SHIPPED,)) -> Meeting:
    """Return a manager's day that the actor has called."""
    return actions.call_day(actor=actor, title="Temadag", starts_at=now(), cases=cases)


def a_poll(actor: Actor) -> Poll:
    """Return an open poll at a new day."""
    return actions.open_poll(actor=actor, meeting=a_day(actor), case=SHIPPED)


def right_answers(code: str) -> list[int]:
    """Return the answers that pass a course."""
    return [question.right for question in library.courses()[code].questions]


def one_of_each(actor: Actor) -> list[Any]:
    """Return a row of each kind that an address names, made by the actor."""
    poll = a_poll(actor)
    case = actions.add_case(actor=actor, title="Vår hemlighet", text="Vår hemlighet", law=["FL-2"])
    group = actions.form_group(actor=actor, name="Vår hemlighet")
    done = actions.agree(
        actor=actor, uid=poll.meeting.uid, what="Vår hemlighet", person=person_of(actor), due_on=today()
    )
    passed = actions.pass_course(actor=actor, code="alla", answers=right_answers("alla"))
    return [poll.meeting, case, group, done, passed]

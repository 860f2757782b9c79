"""Builders for tests: a case, a search, something found elsewhere. For tests only."""

from __future__ import annotations

import itertools

from narvaro.core.models import Authority
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Role
from narvaro.watch import actions
from narvaro.watch.models import Case, Elsewhere, Search

_numbers = itertools.count(1)


def a_case(authority: Authority, **values: str) -> Case:
    """Return an account that a colleague has put before those who decide."""
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    given = {"account": f"https://social.example/@falsk{next(_numbers)}", "shown_name": "Storköpings kommun", **values}
    return actions.open_case(actor=lead, **given)


def a_search(authority: Authority, words: str = "simhallen", **values: object) -> Search:
    """Return a matter that is listened for."""
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    return actions.add_search(actor=lead, words=words, **values)  # type: ignore[arg-type]


def an_elsewhere(authority: Authority, text: str = "Badet är stängt för alltid") -> Elsewhere:
    """Return something that somebody has found on another page."""
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    return actions.bring_elsewhere(
        actor=lead, sort="error", text=text, link=f"https://bladet.example/{next(_numbers)}",
        unit_uid=a_unit(authority).uid,
    )  # fmt: skip

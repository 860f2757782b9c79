"""Builders for tests: a house rule in force, the draft of a guideline. For tests only."""

from __future__ import annotations

import itertools

from narvaro.core.models import Authority
from narvaro.core.types import Actor
from narvaro.policy import actions
from narvaro.policy.models import Guideline, HouseRule
from narvaro.policy.types import Measure

_numbers = itertools.count(1)


def a_rule(authority: Authority, *, first: Measure = Measure.HIDE, **values: object) -> HouseRule:
    """Return a house rule of an authority."""
    code = values.pop("code", f"rule_{next(_numbers)}")
    return HouseRule.objects.create(
        authority=authority, code=code, title="Påhopp på person", text="Angrip inte personen.", first=first, **values
    )


def a_draft(actor: Actor) -> Guideline:
    """Return the draft of a guideline, begun from the text that ships."""
    return actions.begin_guideline(actor=actor)

"""Builders for tests: what a plan says, and a plan that somebody wants decided."""

from __future__ import annotations

from typing import Any

from narvaro.core import queries as core
from narvaro.core.models import Authority, Unit
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Actor, Role
from narvaro.decisions.rules import content_hash
from narvaro.plans import actions, queries, rules
from narvaro.plans.models import Plan


def answers(**more: Any) -> dict[str, Any]:
    """Return what a plan says that may be decided about."""
    return {part.key: f"Svar på {part.key}." for part in rules.QUESTIONS.parts} | more


def a_plan(authority: Authority, *, actor: Actor | None = None, unit: Unit | None = None, **values: Any) -> Plan:
    """Return the plan of a proposed channel, waiting for a decision."""
    unit = unit or a_unit(authority)
    actor = actor or an_actor(authority, role=Role.EMPLOYEE)
    values = {
        "platform": "mastodon", "name": "Bibliotekets kanal", "unit": unit, "responsible": person_of(actor),
        "deputy": person_of(an_actor(authority, role=Role.EMPLOYEE)), "answers": answers(), **values,
    }  # fmt: skip
    return actions.propose(actor=actor, **values)


def exact(actor: Actor, plan: Plan, number: int | None = None) -> str:
    """Return the hash of what a version says, as a page would carry it."""
    return content_hash(queries.version_of(actor, plan, number or plan.latest).content)


def one_of_each(actor: Actor, unit: Unit) -> list[Any]:
    """Return a row of each kind that an address names, made by the actor."""
    plan = a_plan(core.authority_of(actor), actor=actor, unit=unit, name="Vår hemlighet")
    return [plan, actions.comment_plan(actor=actor, uid=plan.uid, part="aim", text="Vår hemlighet"), plan.channel]

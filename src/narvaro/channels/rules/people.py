"""Who may change a channel, and in whose hands its comments lie now."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from narvaro.core.types import Actor, Role

REGISTERS = frozenset({Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER})
"""Roles that may add channels, a unit manager in the own unit."""


def may_register(actor: Actor, unit_id: int | None = None) -> bool:
    """
    Whether the actor may add channels and say who answers for them.

    A unit manager may in the own unit; without `unit_id` the question is whether they may in any.
    """
    if actor.is_system or actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD):
        return True
    if unit_id is None:
        return actor.has_anywhere(*REGISTERS)
    return actor.has(*REGISTERS, unit_id=unit_id)


def may_propose(actor: Actor) -> bool:
    """Whether the actor may propose a channel: everybody who works here, but who only audits."""
    return actor.is_system or any(held.role != Role.AUDITOR for held in actor.roles)


def may_decide(actor: Actor, unit_id: int) -> bool:
    """Whether the actor decides that a unit has a channel: who leads the unit, or communications. Law: KL-4"""
    return actor.is_system or actor.has(Role.UNIT_MANAGER, Role.COMMUNICATIONS_LEAD, unit_id=unit_id)


def may_open(actor: Actor, responsible_id: int, deputy_id: int | None, unit_id: int) -> bool:
    """Whether the actor may begin to use a decided channel, let it rest and wake it: who answers for it or leads."""
    return may_decide(actor, unit_id) or may_connect(actor, responsible_id, deputy_id, unit_id)


def may_connect(actor: Actor, responsible_id: int, deputy_id: int | None, unit_id: int | None = None) -> bool:
    """Whether the actor may connect the channel to its platform: those who register it, and those who answer for it."""
    return may_register(actor, unit_id) or (
        actor.person_id is not None and actor.person_id in (responsible_id, deputy_id)
    )


def may_keep_app(actor: Actor) -> bool:
    """Whether the actor may enter the authority's own app with a platform, by which all its channels there connect."""
    return actor.is_system or actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)


def holder(
    *, on_watch: Sequence[int], responsible_id: int, deputy_id: int | None, absent: Collection[int]
) -> int | None:
    """
    Return who has what comes in now: whoever is on watch, else the responsible, else the deputy.

    None when all are away: then the communications department has it.
    """
    for person_id in (*on_watch, responsible_id, deputy_id):
        if person_id is not None and person_id not in absent:
            return person_id
    return None

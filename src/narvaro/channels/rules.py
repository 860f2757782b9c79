"""Decisions about channels on plain values: who may change one, and in whose hands its comments lie now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from narvaro.core.types import Actor, Role

_BACKOFF_SECONDS = (30, 60, 120, 300, 600, 1800)


def may_register(actor: Actor) -> bool:
    """Whether the actor may add channels and say who answers for them."""
    return actor.is_system or actor.has_anywhere(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER)


def may_connect(actor: Actor, responsible_id: int, deputy_id: int | None) -> bool:
    """Whether the actor may connect the channel to its platform: those who register it, and those who answer for it."""
    return may_register(actor) or actor.person_id in (responsible_id, deputy_id)


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


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after a number of temporary faults in a row."""
    return timedelta(seconds=_BACKOFF_SECONDS[min(max(failures, 1), len(_BACKOFF_SECONDS)) - 1])

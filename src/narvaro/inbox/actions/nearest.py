"""Which manager is asked or told: the nearest one who is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narvaro.core import queries as core
from narvaro.core.types import Actor

if TYPE_CHECKING:
    from narvaro.core.models import Person, Unit


def manager_here(actor: Actor, unit: Unit | None) -> Person | None:
    """
    Return the manager nearest to a unit, or whoever is above while that one is away.

    Nobody is put before themselves. Where all are away it is the nearest all the same; None when there is nobody.

    Law: none; seed 003, "kontakta närmaste chef".
    """
    near = core.nearest_manager(actor, unit.pk if unit else None)
    above = core.nearest_manager(actor, unit.parent_id if unit else None)
    others = [one for one in (near, above) if one is not None and not actor.is_person(one.pk)]
    away = core.not_here(actor, [one.pk for one in others])
    return next((one for one in others if one.pk not in away), others[0] if others else None)

"""What an authority asks of its channels."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from narvaro.channels import queries, rules
from narvaro.channels.models import Gate
from narvaro.channels.types import Level
from narvaro.core import audit
from narvaro.core import rules as house
from narvaro.core.types import Actor, NotPermitted, Stale


@transaction.atomic
def change_gate(
    *, actor: Actor, levels: Mapping[str, str], days_for_live: int, days_for_policy: int,
    seen_version: int | None = None,
) -> Gate:  # fmt: skip
    """
    Choose how strict to be about each thing that is asked of a channel, and how long there is to mend it.

    Args:
        levels: A `Level` by requirement; those as usual are left out of what is kept.

    Raises:
        NotPermitted, Stale
    """
    if not (actor.is_system or house.may_change_setup(actor)):
        raise NotPermitted
    gate = queries.gate_of(actor)
    house.refuse_stale(seen_version, gate.version)
    gate.levels = {
        key: Level(levels[key]).value
        for key, requirement in rules.REQUIREMENTS.items()
        if key in levels and levels[key] != requirement.level
    }
    gate.days_for_live, gate.days_for_policy = days_for_live, days_for_policy
    if gate.pk is not None:
        gate.version += 1
    try:
        with transaction.atomic():
            gate.save()
    except IntegrityError:  # another chose for the first time in between
        raise Stale from None
    audit.note(actor, "channels.change_gate", gate, levels=gate.levels)
    return gate

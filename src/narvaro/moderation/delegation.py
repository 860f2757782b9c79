"""
The list of decisions by delegation: what the board is told was decided for it in a month, and nothing of residents.

Law: KL-4, TF-1
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from narvaro.base.clock import STOCKHOLM
from narvaro.core.types import Actor, NotPermitted
from narvaro.moderation import rules
from narvaro.moderation.models import Block, Measure
from narvaro.moderation.types import Standing
from narvaro.policy.rules import CRIMES
from narvaro.policy.types import Measure as Kind

MOST = 2000  # of one month


@dataclass(frozen=True, slots=True)
class Delegated:
    """One decision as the board reads it."""

    measure: Measure
    title: str  # of the ground
    until_at: datetime | None  # of a block


def delegated(actor: Actor, month: date) -> list[Delegated]:
    """
    Return what was decided by delegation in a month, in the order it was decided; those taken back too.

    Args:
        month: Any day of it, by the local calendar.

    Raises:
        NotPermitted: The actor does not read what comes in.

    Law: KL-4
    """
    if not rules.may_read(actor):
        raise NotPermitted
    first = month.replace(day=1)
    rows = Measure.objects.of(actor).filter(
        standing=Standing.DELEGATED, decided_at__gte=_midnight(first), decided_at__lt=_midnight(following(first))
    )
    found = list(rows.select_related("channel", "decided_by", "house_rule").order_by("decided_at", "pk")[:MOST])
    blocks = Block.objects.of(actor).filter(measure__in=[one.pk for one in found if one.kind == Kind.BLOCK])
    until = dict(blocks.values_list("measure_id", "until_at"))
    titles = {ground.code: str(ground.title) for ground in CRIMES}
    return [
        Delegated(
            one, one.house_rule.title if one.house_rule else titles.get(one.ground, one.ground), until.get(one.pk)
        )
        for one in found
    ]


def first_month(actor: Actor) -> date | None:
    """Return the first month in which something was decided by delegation; None when nothing was."""
    rows = Measure.objects.of(actor).filter(standing=Standing.DELEGATED).order_by("decided_at")
    at = rows.values_list("decided_at", flat=True).first()
    return at.astimezone(STOCKHOLM).date().replace(day=1) if at is not None else None


def following(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def before(month: date) -> date:
    """Return the first day of the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, STOCKHOLM)

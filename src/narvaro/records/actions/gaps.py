"""The gap ledger: spans from which something may be lacking, said openly."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db import transaction

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor, NotFound, NotPermitted
from narvaro.records import queries, rules
from narvaro.records.actions.noting import machine
from narvaro.records.models import Gap


@transaction.atomic
def note_gap(*, channel: Any, why: str, from_at: datetime | None, until_at: datetime | None) -> None:
    """
    Write that the channel may lack something from a span, and why. The same gap is noted once, in the log too.

    Law: ARK-1, OSL-2 (it shall be plain what has come in)
    """
    once = blake2b(f"{why}|{from_at}|{until_at if from_at is None else ''}".encode(), digest_size=16).hexdigest()
    gap, is_new = (
        Gap.objects.everywhere("note gap")
        .select_related("channel")
        .get_or_create(
            authority_id=channel.authority_id, channel_id=channel.pk, once_key=once,
            defaults={"from_at": from_at, "until_at": until_at, "why": why[:500]},
        )
    )  # fmt: skip
    if is_new:
        told = queries.said_of_gap(gap)
        audit.note(machine(channel.authority_id, "capture"), "records.note_gap", gap, why=gap.why, **told)


@transaction.atomic
def backfill_gap(*, actor: Actor, gap_id: int) -> None:
    """
    Write that what was lacking has been brought in by other means.

    Raises:
        NotFound, NotPermitted
    """
    if not rules.may_verify(actor):
        raise NotPermitted
    changed = Gap.objects.of(actor).filter(pk=gap_id, backfilled_at=None).update(backfilled_at=now())
    if not changed:
        raise NotFound
    audit.note(actor, "records.backfill_gap", Gap.objects.of(actor).get(pk=gap_id))

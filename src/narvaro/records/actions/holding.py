"""Holding records: what a report to the police or another matter rests on stays until somebody says that it is over."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.records import queries, rules
from narvaro.records.models import HeldItem, Hold, Item
from narvaro.records.types import HoldKind


@transaction.atomic
def hold_items(
    *, actor: Actor, items: Sequence[Item], why: str, kind: str = HoldKind.POLICE, covers_content: bool = True
) -> Hold:
    """
    Hold records: they are neither disposed of nor expunged until the hold ends.

    Args:
        covers_content: False keeps only that the records were; their content may be expunged (BBS-10).

    Raises:
        NotPermitted: The actor may not hold.
        Invalid: No reason was given, or there is nothing to hold.

    Law: TF-12, SM-11a, SM-11b
    """
    if not rules.may_hold(actor):
        raise NotPermitted
    if not why.strip() or not items:
        raise Invalid(_("Skriv varför handlingarna ska hållas kvar."), field="why")
    hold: Hold = Hold.objects.create(
        authority_id=actor.authority_id, kind=kind, why=why.strip()[:500], covers_content=covers_content,
        placed_by_id=actor.person_id,
    )  # fmt: skip
    HeldItem.objects.bulk_create(
        [HeldItem(authority_id=actor.authority_id, hold=hold, item=item) for item in items], batch_size=500
    )
    audit.note(actor, "records.hold_items", hold, why=why, items=len(items), kind=str(kind))
    return hold


@transaction.atomic
def end_hold(*, actor: Actor, uid: object, why: str) -> Hold:
    """
    End a hold; what the plan for disposal says of the records is then in force again.

    Raises:
        NotFound
        NotPermitted: The actor may not end holds.
        Invalid: No reason was given.
        Stale: It is ended already.

    Law: TF-12
    """
    hold = queries.hold_for(actor, str(uid))
    if not rules.may_end_hold(actor):
        raise NotPermitted
    if not why.strip():
        raise Invalid(_("Skriv varför handlingarna inte längre behöver hållas kvar."), field="why")
    ended = Hold.objects.of(actor).filter(pk=hold.pk, ended_at=None).update(
        ended_at=now(), ended_by_id=actor.person_id, ended_why=why.strip()[:500]
    )  # fmt: skip
    if not ended:
        raise Stale(_("Handlingarna hålls inte längre kvar."))
    audit.note(actor, "records.end_hold", hold, why=why)
    return queries.hold_for(actor, str(uid))

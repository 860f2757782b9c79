"""From the thread to a decision: what moderation decides, and what then becomes of the item."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor
from narvaro.inbox.actions.step import done_values, locked, refuse_others, refuse_underway, store, tell_who_waits, touch
from narvaro.inbox.types import Outcome
from narvaro.moderation import actions as moderation
from narvaro.moderation import queries as decisions
from narvaro.moderation.actions import Decided
from narvaro.moderation.rules import BLOCK_DAYS
from narvaro.policy import queries as policy
from narvaro.policy.types import Measure as Kind

if TYPE_CHECKING:
    from narvaro.inbox.models import Incoming


@transaction.atomic
def moderate(
    *,
    actor: Actor,
    uid: UUID | str,
    kind: str,
    ground: str,
    reasons: str,
    why_stricter: str = "",
    notice: str = "",
    waive_notice_why: str = "",
    block_days: int | None = None,
    is_made: bool = False,
    is_done: bool = True,
    seen_version: int | None = None,
) -> Decided:
    """
    Decide about an item or its author, and close the item unless the resident still waits for something.

    Args:
        notice: What the author is told; "" takes the text of the ground, or of blocking, unless `waive_notice_why` or
            the guideline says why not.
        is_made: It was made in the platform's own app already, and is noted afterwards: then "" tells nothing.

    Raises:
        NotFound, NotPermitted, Stale
        NotNow: An answer is on its way.
        CannotYet, Invalid: As `moderation.actions.decide_measure`.

    Law: BBS-5, BBS-8, FL-1, FL-9
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_underway(incoming)
    if is_made:
        decided = moderation.record_measure(
            actor=actor, item=incoming.item, kind=kind, ground=ground, reasons=reasons, notice=notice,
            waive_notice_why=waive_notice_why, block_days=block_days or BLOCK_DAYS,
        )  # fmt: skip
        return _taken_care_of(actor, incoming, decided, is_done=is_done)
    if not notice.strip() and not waive_notice_why.strip():
        chosen = policy.ground_for(actor, ground, incoming.channel_id)
        waive_notice_why = decisions.untold_by_guideline(actor, incoming.channel, Kind(kind), chosen)
        if not waive_notice_why:
            notice = (
                policy.filled_block_notice(actor, chosen, reasons, now() + timedelta(days=block_days or BLOCK_DAYS))
                if kind == Kind.BLOCK
                else policy.filled_notice(actor, chosen, reasons)
            )
    decided = moderation.decide_measure(
        actor=actor, item=incoming.item, kind=kind, ground=ground, reasons=reasons, why_stricter=why_stricter,
        notice=notice, waive_notice_why=waive_notice_why, block_days=block_days or BLOCK_DAYS,
    )  # fmt: skip
    return _taken_care_of(actor, incoming, decided, is_done=is_done)


def _taken_care_of(actor: Actor, incoming: Incoming, decided: Decided, *, is_done: bool) -> Decided:
    """Close the item unless the resident still waits for something; tell who waits, and note it."""
    if is_done and incoming.done_at is None:
        store(actor, incoming, **done_values(actor, Outcome.MODERATED))
    else:
        touch(actor, incoming)
    tell_who_waits(actor, [incoming])
    audit.note(actor, "inbox.moderate", incoming, measure=decided.measure.uid)
    return decided

"""Taking back: a measure that was wrong, and blocks that have run their time or are lifted before it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.moderation import queries, rules
from narvaro.moderation.models import Block, MachineHiding, Measure
from narvaro.moderation.queries import BLOCK_KIND, HIDING_KIND, PLACE
from narvaro.moderation.types import MeasureState
from narvaro.policy.types import Measure as Kind

MOST_AT_ONCE = 200


@transaction.atomic
def undo_measure(*, actor: Actor, uid: UUID | str, why: str, seen_version: int | None = None) -> Measure:
    """
    Take a measure back: the platform is told where it can be. What was removed by others stays removed.

    Raises:
        NotFound
        NotPermitted: The actor does not moderate.
        Invalid: No reason was given.
        Stale: Somebody changed it in between, or it is taken back already.

    Law: FL-1, RF-5
    """
    measure = queries.measure_for(actor, uid, lock=True)
    if not rules.may_moderate(actor):
        raise NotPermitted
    refuse_stale(seen_version, measure.version)
    if measure.state in (MeasureState.UNDOING, MeasureState.UNDONE):
        raise Stale(_("Åtgärden är redan hävd."))
    if not why.strip():
        raise Invalid(_("Skriv varför åtgärden hävs."), field="why")
    take_back(actor, measure, why.strip())
    if measure.kind == Kind.BLOCK:
        Block.objects.of(actor).filter(measure=measure, lifted_at=None).update(
            lifted_at=now(), lifted_why=why.strip()[:300]
        )
    return queries.measure_for(actor, measure.uid)


@transaction.atomic
def lift_block(*, actor: Actor, uid: UUID | str, why: str) -> Block:
    """
    Lift a block before its time.

    Raises:
        NotFound, NotPermitted
        Invalid: No reason was given.
        Stale: It is lifted already.

    Law: RF-5
    """
    block = queries.block_for(actor, uid)
    if block.lifted_at is not None:
        raise Stale(_("Blockeringen är redan hävd."))
    undo_measure(actor=actor, uid=block.measure.uid, why=why)
    waiting.settle(actor, PLACE, BLOCK_KIND, [block.pk])
    audit.note(actor, "moderation.lift_block", block, why=why)
    return queries.block_for(actor, uid)


@transaction.atomic
def review_block(*, actor: Actor, uid: UUID | str, why: str) -> Block:
    """
    Look at a block anew and let it stand; it is never made longer by that.

    Raises:
        NotFound, NotPermitted, Invalid
        Stale: It is lifted already.

    Law: RF-5
    """
    block = queries.block_for(actor, uid)
    if not rules.may_moderate(actor):
        raise NotPermitted
    if block.lifted_at is not None:
        raise Stale(_("Blockeringen är redan hävd."))
    if not why.strip():
        raise Invalid(_("Skriv varför blockeringen ska stå kvar."), field="why")
    Block.objects.of(actor).filter(pk=block.pk).update(
        reviewed_at=now(), review_at=min(now() + rules.REVIEW_AFTER, block.until_at)
    )
    waiting.settle(actor, PLACE, BLOCK_KIND, [block.pk])
    audit.note(actor, "moderation.review_block", block, why=why)
    return queries.block_for(actor, uid)


def end_blocks() -> int:
    """Lift what has run its time, and ask for those that are due to be looked at; returns how many were lifted."""
    lifted = 0
    rows = Block.objects.everywhere("end blocks").filter(lifted_at=None)
    for block in rows.filter(until_at__lte=now()).select_related("measure", "authority")[:MOST_AT_ONCE]:
        actor = Actor.system(block.authority, "end blocks")
        with transaction.atomic():
            if rows.filter(pk=block.pk).update(lifted_at=now(), lifted_why=_("Tiden har gått ut.")):
                take_back(actor, block.measure, _("Tiden har gått ut."))
                waiting.settle(actor, PLACE, BLOCK_KIND, [block.pk])
                audit.note(actor, "moderation.lift_block", block)
                lifted += 1
    due = rows.filter(review_at__lte=now(), until_at__gt=now() + timedelta(hours=1))
    for block in due.select_related("authority", "channel")[:MOST_AT_ONCE]:
        _ask_to_review(block)
    return lifted


def take_back(actor: Actor, measure: Measure, why: str) -> None:
    """
    Tell the platform where there is something to tell; else it is undone at once. Part of the caller's transaction.

    A machine's decision that was never looked at is looked at by that.
    """
    # One that was attempted may be out, whatever became of the answer; taking back what is not there is no harm.
    is_tried = measure.state == MeasureState.DECIDED and measure.attempts > 0
    is_out = is_tried or measure.state in (MeasureState.CARRIED_OUT, MeasureState.CONFIRMED)
    has_more = is_out and measure.kind in rules.ON_PLATFORM
    # The lease is left as it stands: whoever holds it may be about to tell the platform, and that comes first.
    Measure.objects.of(actor).filter(pk=measure.pk).update(
        state=MeasureState.UNDOING if has_more else MeasureState.UNDONE, undone_why=why, undone_by_id=actor.person_id,
        undone_at=None if has_more else now(), next_at=now(), attempts=0, fence=F("fence") + 1, trouble="",
        version=F("version") + 1, by_hand=False, reading="", read_at=None,
    )  # fmt: skip
    waiting.settle(actor, PLACE, queries.KIND, [measure.pk])
    unseen = MachineHiding.objects.of(actor).filter(measure=measure, reviewed_at=None)
    hidings = list(unseen.values_list("pk", flat=True))
    if hidings:
        unseen.update(reviewed_at=now(), reviewed_by_id=actor.person_id, stands=False, why=why[:300])
        waiting.settle(actor, PLACE, HIDING_KIND, hidings)
    audit.note(actor, "moderation.undo_measure", measure, why=why)


def _ask_to_review(block: Block) -> None:
    actor = Actor.system(block.authority, "end blocks")
    with transaction.atomic():
        waiting.put(
            actor,
            [
                waiting.Wait(
                    place=PLACE, subject_kind=BLOCK_KIND, subject_id=block.pk, title=_("Ompröva en blockering"),
                    link="/moderering/blockeringar/", due_at=block.review_at, role=Role.COMMUNICATIONS_LEAD.value,
                )
            ],
        )  # fmt: skip
        Block.objects.of(actor).filter(pk=block.pk).update(review_at=now() + rules.REVIEW_AFTER)

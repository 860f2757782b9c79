"""One key: no answer needed, answered by somebody else, open again, and the same for several at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid
from narvaro.inbox import queries
from narvaro.inbox.actions.moving import MOST_AT_ONCE, open_rows
from narvaro.inbox.actions.step import (
    CLEARED,
    OPENED,
    clock_values,
    done_values,
    locked,
    placed_for,
    refuse_done,
    refuse_others,
    refuse_underway,
    store,
    tell_who_waits,
)
from narvaro.inbox.models import Incoming
from narvaro.inbox.types import CLOSED_BY_HAND, Outcome


@transaction.atomic
def mark_no_answer_needed(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """
    Say that an item needs no answer: it is done. It can be undone, and opened again.

    Raises:
        NotFound: No such item for this actor.
        NotPermitted: The actor does not answer residents.
        NotNow: The item is done, or an answer is on its way.
        Stale: Somebody changed it in between.

    Law: FL-2
    """
    return _close_one(actor, uid, Outcome.NO_ANSWER_NEEDED, seen_version)


@transaction.atomic
def mark_answered_by_other(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """
    Say that somebody else has answered, a neighbour or a colleague elsewhere: it is done.

    Raises:
        NotFound, NotPermitted, NotNow, Stale: As `mark_no_answer_needed`.

    Law: FL-2
    """
    return _close_one(actor, uid, Outcome.ANSWERED_BY_OTHER, seen_version)


@transaction.atomic
def close_many(*, actor: Actor, uids: Iterable[UUID | str], outcome: str) -> list[Incoming]:
    """
    Mark several items at once, at most 200; those that are done or out of view are left. Returns what was closed.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: The outcome is not one that a key sets.

    Law: FL-2
    """
    refuse_others(actor)
    if outcome not in CLOSED_BY_HAND:
        raise Invalid(_("Välj inget svar behövs eller besvarad av annan."), field="outcome")
    rows = open_rows(actor, uids)
    _close(actor, rows, Outcome(outcome))
    return rows


@transaction.atomic
def reopen(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """
    Open something that is done. It needs an answer now, with a new deadline, and lies with whom it lay.

    Raises:
        NotFound, Stale
        NotPermitted: The actor does not answer residents.

    Law: FL-2
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    if incoming.done_at is not None:
        _open(actor, incoming)
        tell_who_waits(actor, [incoming], always=True)
        audit.note(actor, "inbox.reopen", incoming)
    return incoming


@transaction.atomic
def reopen_many(*, actor: Actor, uids: Iterable[UUID | str]) -> list[Incoming]:
    """Open several that are done. Raises NotPermitted."""
    refuse_others(actor)
    found = queries.incomings_for(actor, list(uids)[:MOST_AT_ONCE], lock=True)
    rows = [row for row in found if row.done_at is not None]
    for row in rows:
        _open(actor, row)
        audit.note(actor, "inbox.reopen", row)
    tell_who_waits(actor, rows, always=True)
    return rows


@transaction.atomic
def mark_needs_answer(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """
    Say that an item needs an answer where screening did not see it; the clock starts when it was received.

    Raises:
        NotFound, NotPermitted, NotNow, Stale: As `mark_no_answer_needed`.

    Law: FL-2
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    if not incoming.needs_answer:
        values = clock_values(actor, incoming, start=incoming.received_at)
        store(actor, incoming, undoable=True, **values)
        tell_who_waits(actor, [incoming])
        audit.note(actor, "inbox.mark_needs_answer", incoming)
    return incoming


def _close_one(actor: Actor, uid: UUID | str, outcome: Outcome, seen_version: int | None) -> Incoming:
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    refuse_underway(incoming)
    _close(actor, [incoming], outcome)
    return incoming


def _close(actor: Actor, rows: Sequence[Incoming], outcome: Outcome) -> None:
    for row in rows:
        store(actor, row, undoable=True, **done_values(actor, outcome))
        audit.note(actor, f"inbox.mark_{outcome.value}", row)
    tell_who_waits(actor, rows)


def _open(actor: Actor, row: Incoming) -> None:
    values = clock_values(actor, row, start=now())
    if row.person_id is None and row.unit_id == row.channel.unit_id:
        placed = placed_for(actor, row.channel)
        values |= {"person_id": placed.person_id, "with_communications": placed.with_communications}
    store(actor, row, **OPENED, **CLEARED, **values, publication=None)

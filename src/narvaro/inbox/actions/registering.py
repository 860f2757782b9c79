"""To the registrar: the whole thread, with a suggested file note."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotPermitted
from narvaro.inbox import queries, rules
from narvaro.inbox.actions.step import done_values, locked, refuse_done, refuse_underway, store, tell_who_waits, touch
from narvaro.inbox.types import Outcome
from narvaro.records import actions as records
from narvaro.records import queries as kept

if TYPE_CHECKING:
    from narvaro.records.models import RegistryEntry


@transaction.atomic
def to_registrar(
    *,
    actor: Actor,
    uid: UUID | str,
    suggested_note: str = "",
    why: str = "",
    is_done: bool = False,
    seen_version: int | None = None,
) -> RegistryEntry:
    """
    Put an item's whole thread before the registrar, due the next working day.

    The resident may still wait for an answer, so the item stays open unless `is_done` says otherwise.

    Args:
        suggested_note: The file note as the person left it; "" takes the suggested one.

    Raises:
        NotFound: No such item for this actor.
        NotPermitted: The actor neither answers residents nor registers.
        Stale: Somebody changed the item in between.

    Law: OSL-1, OSL-6, FL-6
    """
    incoming = locked(actor, uid, seen_version)
    if not rules.may_note(actor):
        raise NotPermitted
    calendar = core.calendar_for(core.authority_of(actor))
    note = suggested_note.strip() or queries.suggested_file_note(actor, incoming)
    author = kept.shown(actor, [incoming.item])[0].author
    entry = records.queue_for_registrar(
        actor=actor, item=incoming.item, suggested_note=note, why=why.strip(), counterparty=author,
        due_at=calendar.end_of_next_working_day(now()), whole_thread=True,
    )  # fmt: skip
    if is_done:
        refuse_done([incoming])
        refuse_underway(incoming)
        store(actor, incoming, **done_values(actor, Outcome.TO_REGISTRAR))
    else:
        touch(actor, incoming)
    tell_who_waits(actor, [incoming])
    audit.note(actor, "inbox.to_registrar", incoming, entry=entry.uid)
    return entry

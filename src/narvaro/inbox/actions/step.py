"""What every step in the inbox shares: fetch under lock, store with a new version, and say for whom it waits now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import queries as core
from narvaro.core import waiting
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, NotPermitted, Role
from narvaro.inbox import queries, rules
from narvaro.inbox.models import Alarm, Incoming
from narvaro.inbox.queries import KIND, PLACE
from narvaro.inbox.types import NotNow, Placed, State
from narvaro.moderation import actions as moderation
from narvaro.records import bulk

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

_UNDOABLE = (
    "state", "outcome", "person_id", "unit_id", "with_communications", "needs_answer", "due_at", "due_rule", "half_at",
    "queue_at", "snoozed_until", "done_at", "done_by_id", "taken_at",
)  # fmt: skip
_MOMENTS = ("due_at", "half_at", "queue_at", "snoozed_until", "done_at", "taken_at")

CLEARED: dict[str, Any] = {
    "half_told_at": None,
    "reminded_at": None,
    "late_told_at": None,
    "manager_told_at": None,
}
"""Flags of what has been told; they begin anew when an item is opened again (P12)."""

OPENED: dict[str, Any] = {
    "state": State.OPEN.value,
    "outcome": "",
    "done_at": None,
    "done_by_id": None,
    "snoozed_until": None,
}


def locked(actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """
    Return an item to change, locked.

    Raises:
        NotFound, NotPermitted: As `queries.incoming_for`.
        Stale: It has changed since the person saw it.
    """
    incoming = queries.incoming_for(actor, uid, lock=True)
    refuse_stale(seen_version, incoming.version)
    return incoming


def refuse_others(actor: Actor) -> None:
    """Refuse whoever does not answer residents. Raises NotPermitted."""
    if not rules.may_work(actor):
        raise NotPermitted


def store(actor: Actor, incoming: Incoming, *, undoable: bool = False, **values: Any) -> Incoming:
    """
    Change an item in the caller's transaction: new version, and the time somebody first took it in hand.

    With `undoable`, what it was is remembered, so that the same person can take the step back.
    """
    before = None
    if undoable:
        before = {name: _plain(getattr(incoming, name)) for name in _UNDOABLE}
        before |= {"by": actor.person_id, "version": incoming.version + 1}
    if not actor.is_system and incoming.taken_at is None:
        moderation.note_seen(actor, [incoming.item])  # whoever acts has looked (BBS-3)
        values.setdefault("taken_at", now())
    values |= {"before": before, "changed_at": now(), "version": incoming.version + 1}
    Incoming.objects.of(actor).filter(pk=incoming.pk).update(**values)
    for name, value in values.items():
        setattr(incoming, name, value)
    if incoming.done_at is not None:
        Alarm.objects.of(actor).filter(incoming=incoming, closed_at=None).update(closed_at=now())
    return incoming


def touch(actor: Actor, incoming: Incoming, **flags: Any) -> Incoming:
    """
    Note that something happened beside an item, or that it was told of: no new version, so that nobody who
    writes an answer meanwhile is stopped, and the latest step can still be taken back.
    """
    flags |= {"changed_at": now()}
    if not actor.is_system and incoming.taken_at is None:
        moderation.note_seen(actor, [incoming.item])
        flags["taken_at"] = now()
    Incoming.objects.of(actor).filter(pk=incoming.pk).update(**flags)
    for name, value in flags.items():
        setattr(incoming, name, value)
    return incoming


def former(incoming: Incoming) -> dict[str, Any]:
    """Return the values that undoing the latest step gives back."""
    before = dict(incoming.before or {})
    return {
        name: datetime.fromisoformat(before[name]) if name in _MOMENTS and before[name] else before[name]
        for name in _UNDOABLE
    }


def tell_who_waits(actor: Actor, rows: Iterable[Incoming], *, always: bool = False) -> None:
    """
    Renew what waits for whom after items changed; a constant number of statements however many.

    What needs no answer waits for nobody, unless somebody gave it away on purpose (`always`).
    """
    rows = list(rows)
    waits = [row for row in rows if row.state == State.OPEN and (always or row.needs_answer or row.urgency)]
    waiting.put(actor, [_wait(row) for row in waits]) if waits else None
    open_ids = {row.pk for row in waits}
    settled = [row.pk for row in rows if row.pk not in open_ids]
    if settled:
        waiting.settle(actor, PLACE, KIND, settled)


def tell_of_new(actor: Actor, rows: Iterable[Incoming]) -> None:
    """Add what waits because of items that were taken in just now: nothing can stand there for them yet."""
    waits = [_wait(row) for row in rows if row.state == State.OPEN and (row.needs_answer or row.urgency)]
    added = [waiting.values(actor, wait, moment=bulk.moment) for wait in waits]
    bulk.insert(waiting.TABLE, waiting.COLUMNS, added)


def placed_for(actor: Actor, channel: Channel, *, at: datetime | None = None) -> Placed:
    """Return with whom a channel's items lie now; with the communications department when all are away."""
    person_id = channels.holders(actor, [channel], at=at).get(channel.pk)
    return Placed(person_id, channel.unit_id, person_id is None)


def clock_values(actor: Actor, incoming: Incoming, *, start: datetime, needs_answer: bool = True) -> dict[str, Any]:
    """Return the columns of a deadline counted from `start` by the authority's own hours (P21)."""
    authority = core.authority_of(actor)
    clock = rules.clock_for(
        start,
        needs_answer=needs_answer,
        hours=rules.promised_hours(
            incoming.channel.answer_hours, authority.answer_hours, is_decided="answer_hours" in authority.decided_in
        ),
        calendar=core.calendar_for(authority),
    )
    return {
        "needs_answer": needs_answer,
        "due_at": clock.due_at,
        "due_rule": clock.due_rule,
        "half_at": clock.half_at,
        "queue_at": clock.queue_at,
    }


def done_values(actor: Actor, outcome: str) -> dict[str, Any]:
    """Return the columns of an item that is done."""
    return {
        "state": State.DONE.value, "outcome": str(outcome), "done_at": now(), "done_by_id": actor.person_id,
        "snoozed_until": None,
    }  # fmt: skip


def refuse_done(rows: Sequence[Incoming]) -> None:
    """Refuse what is done already. Raises NotNow."""
    if any(row.done_at is not None for row in rows):
        raise NotNow(_("Den är redan klar. Öppna den igen om något ska göras."))


def refuse_underway(incoming: Incoming) -> None:
    """
    Refuse a step with an item whose answer is on its way: it would be another's, or done, before it is answered.

    Raises:
        NotNow
    """
    if incoming.state == State.ANSWERING:
        raise NotNow(
            _("Ett svar är redan på väg. Vänta tills det är publicerat, eller ångra det i tråden och försök igen.")
        )


def _wait(row: Incoming) -> waiting.Wait:
    role = (
        Role.COMMUNICATIONS_LEAD.value if row.person_id is None and (row.with_communications or not row.unit_id) else ""
    )
    return waiting.Wait(
        place=PLACE, subject_kind=KIND, subject_id=row.pk, title=queries.title_of(row), link=rules.link_to(row.uid),
        due_at=row.received_at if row.urgency else row.due_at, person_id=row.person_id,
        unit_id=None if row.person_id or role else row.unit_id, role=role,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value

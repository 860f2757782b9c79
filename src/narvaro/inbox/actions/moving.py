"""Whose an item is, and when it comes back: taking, assigning, passing on, snoozing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.inbox import queries
from narvaro.inbox.actions import letters
from narvaro.inbox.actions.step import (
    OPENED,
    done_values,
    former,
    locked,
    refuse_done,
    refuse_others,
    refuse_underway,
    store,
    tell_who_waits,
)
from narvaro.inbox.models import Incoming
from narvaro.inbox.rules import link_to
from narvaro.inbox.types import Outcome, State

if TYPE_CHECKING:
    from narvaro.core.models import Person, Unit

MOST_AT_ONCE = 200


@transaction.atomic
def assign(*, actor: Actor, uid: UUID | str, person_uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """
    Give an item to a colleague who answers residents, or take it oneself. They get a letter.

    Raises:
        NotFound: No such item or colleague.
        NotPermitted: The actor does not answer residents.
        NotNow: The item is done, or an answer is on its way.
        Stale: Somebody changed it in between.
        Invalid: The colleague does not answer residents.

    Law: FL-2
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    refuse_underway(incoming)
    _give(actor, [incoming], _who_answers(actor, person_uid))
    return incoming


@transaction.atomic
def take(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """Take an item oneself. Raises NotFound, NotPermitted, NotNow, Stale: as `assign`."""
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    refuse_underway(incoming)
    if actor.person_id is None:
        raise NotPermitted
    _give(actor, [incoming], core.person_by_id(actor.person_id))
    return incoming


@transaction.atomic
def assign_many(*, actor: Actor, uids: Iterable[UUID | str], person_uid: UUID | str) -> list[Incoming]:
    """
    Give several items to one colleague; those that are done or gone from view are left. One letter.

    Raises:
        NotPermitted, Invalid: As `assign`.

    Law: FL-2
    """
    refuse_others(actor)
    person = _who_answers(actor, person_uid)
    rows = [row for row in open_rows(actor, uids) if row.person_id != person.pk]
    _give(actor, rows, person)
    return rows


@transaction.atomic
def pass_on(
    *, actor: Actor, uid: UUID | str, unit_uid: UUID | str, why: str = "", seen_version: int | None = None
) -> Incoming:
    """
    Pass an item on to another unit of the authority; it waits for those who answer there.

    The clock goes on: a resident has asked the authority, not the unit.

    Raises:
        NotFound: No such item or unit.
        NotPermitted: The actor does not answer residents.
        NotNow: The item is done, or an answer is on its way.
        Stale: Somebody changed it in between.

    Law: FL-2 (handed to the right unit)
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    refuse_underway(incoming)
    _pass(actor, incoming, core.unit_for(actor, unit_uid), why)
    return incoming


@transaction.atomic
def pass_on_many(*, actor: Actor, uids: Iterable[UUID | str], unit_uid: UUID | str) -> list[Incoming]:
    """Pass several items on to another unit. Raises NotFound, NotPermitted: as `pass_on`."""
    refuse_others(actor)
    unit = core.unit_for(actor, unit_uid)
    rows = [row for row in open_rows(actor, uids) if row.unit_id != unit.pk]
    for row in rows:
        _pass(actor, row, unit, "")
    return rows


@transaction.atomic
def pass_to_other_authority(
    *, actor: Actor, uid: UUID | str, authority: str, why: str = "", seen_version: int | None = None
) -> Incoming:
    """
    Write that an item belongs to another authority: it is done here, and it stands where it went.

    The records here stay here; sending them is the registrar's work.

    Raises:
        NotFound, NotPermitted, NotNow, Stale: As `pass_on`.
        Invalid: No authority is named.

    Law: FL-2, ARK-2
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    refuse_underway(incoming)
    if not authority.strip():
        raise Invalid(_("Skriv vilken myndighet det gäller."), field="authority")
    store(actor, incoming, undoable=True, **done_values(actor, Outcome.TO_OTHER_AUTHORITY))
    tell_who_waits(actor, [incoming])
    audit.note(actor, "inbox.pass_to_other_authority", incoming, why=why, authority=authority.strip())
    return incoming


@transaction.atomic
def snooze(*, actor: Actor, uid: UUID | str, until: datetime, seen_version: int | None = None) -> Incoming:
    """
    Let an item rest until a moment; its clock goes on, and it shows as late when it is.

    Raises:
        NotFound, NotPermitted, NotNow, Stale: As `pass_on`.
        Invalid: The moment has passed.

    Law: none; FL-2's clock does not rest.
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    _rest(actor, [incoming], until)
    return incoming


@transaction.atomic
def snooze_many(*, actor: Actor, uids: Iterable[UUID | str], until: datetime) -> list[Incoming]:
    """Let several items rest. Raises NotPermitted, Invalid: as `snooze`."""
    refuse_others(actor)
    rows = open_rows(actor, uids)
    _rest(actor, rows, until)
    return rows


@transaction.atomic
def wake(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """Take up an item that rests. Raises NotFound, NotPermitted, Stale: as `pass_on`."""
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    if incoming.state == State.SNOOZED:
        store(actor, incoming, **OPENED)
        tell_who_waits(actor, [incoming], always=True)
        audit.note(actor, "inbox.wake", incoming)
    return incoming


@transaction.atomic
def undo(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Incoming:
    """
    Take back one's own latest step with an item, while nobody has done anything after it.

    Raises:
        NotFound: No such item for this actor.
        Stale: Somebody has done something after it, or there is nothing to take back.
    """
    incoming = locked(actor, uid, seen_version)
    undo_locked(actor, incoming)
    return incoming


@transaction.atomic
def undo_many(*, actor: Actor, uids: Iterable[UUID | str]) -> list[Incoming]:
    """Take back one's own latest step with several items; those that somebody has touched since are left."""
    rows = [
        row
        for row in queries.incomings_for(actor, list(uids)[:MOST_AT_ONCE], lock=True)
        if queries.may_undo(actor, row)
    ]
    for row in rows:
        undo_locked(actor, row)
    return rows


def undo_locked(actor: Actor, incoming: Incoming) -> None:
    """Take back the latest step with a locked item. Raises NotPermitted, Stale."""
    refuse_others(actor)
    if not queries.may_undo(actor, incoming):
        raise Stale(_("Det går inte längre att ångra: något har hänt efteråt."))
    store(actor, incoming, **former(incoming))
    tell_who_waits(actor, [incoming], always=incoming.person_id is not None)
    audit.note(actor, "inbox.undo", incoming)


def open_rows(actor: Actor, uids: Iterable[UUID | str]) -> list[Incoming]:
    """Return the named items that the actor may read and that are not done, locked; at most 200 at once."""
    rows = queries.incomings_for(actor, list(uids)[:MOST_AT_ONCE], lock=True)
    return [row for row in rows if row.done_at is None and row.state != State.ANSWERING]


def _who_answers(actor: Actor, person_uid: UUID | str) -> Person:
    person = core.person_for(actor, person_uid)
    if person.pk not in {p.pk for p in queries.colleagues(actor)}:
        raise Invalid(_("Den personen svarar inte invånare. Administratören kan ge en roll."), field="person")
    return person


def _give(actor: Actor, rows: Sequence[Incoming], person: Person) -> None:
    for row in rows:
        values = dict(OPENED) if row.state == State.SNOOZED else {}
        store(actor, row, undoable=True, **values, person_id=person.pk, with_communications=False)
        audit.note(actor, "inbox.assign", row, person=person.pk)
    tell_who_waits(actor, rows, always=True)
    if rows and not actor.is_person(person.pk):
        letters.write_to(
            actor, person, lambda: _given_words(actor, rows), kind="inbox.assigned",
            once_key=letters.once("inbox.assigned", person, rows), about=rows[0],
        )  # fmt: skip


def _pass(actor: Actor, incoming: Incoming, unit: Unit, why: str) -> None:
    values = dict(OPENED) if incoming.state == State.SNOOZED else {}
    answering = queries.colleagues_in(actor, unit.pk)
    away = core.not_here(actor, [p.pk for p in answering])
    here = [p for p in answering if p.pk not in away]
    only = here[0].pk if len(here) == 1 else None
    store(
        actor, incoming, undoable=True, **values, unit_id=unit.pk, person_id=only, with_communications=not here,
        taken_at=None, half_told_at=None,
    )  # fmt: skip
    incoming.unit = unit
    tell_who_waits(actor, [incoming], always=True)
    audit.note(actor, "inbox.pass_on", incoming, why=why, unit=unit.pk)
    for person in here:
        letters.write_to(
            actor, person, lambda: _passed_words(actor, incoming, unit), kind="inbox.passed",
            once_key=f"inbox.passed:{incoming.pk}:{incoming.version}:{person.pk}", about=incoming,
        )  # fmt: skip


def _rest(actor: Actor, rows: Sequence[Incoming], until: datetime) -> None:
    refuse_done(rows)
    if until <= now():
        raise Invalid(_("Välj en tid som inte har varit."), field="until")
    for row in rows:
        refuse_underway(row)
        store(actor, row, undoable=True, state=State.SNOOZED.value, snoozed_until=until)
        audit.note(actor, "inbox.snooze", row, until=until)
    tell_who_waits(actor, rows)


def _given_words(actor: Actor, rows: Sequence[Incoming]) -> tuple[str, str]:
    links = "\n".join(letters.address_of(link_to(row.uid)) for row in rows)
    return (
        _("Du har fått %(what)s") % {"what": queries.title_of(rows[0])},
        _("%(who)s har gett dig det här att ta hand om:\n\n%(links)s")
        % {"who": actor.name or "Närvaro", "links": links},
    )


def _passed_words(actor: Actor, incoming: Incoming, unit: Unit) -> tuple[str, str]:
    return (
        _("Till %(unit)s: %(what)s") % {"unit": unit.name, "what": queries.title_of(incoming)},
        _("%(who)s har lämnat det här till er enhet. Den som öppnar det först kan ta det.\n\n%(link)s")
        % {"who": actor.name or "Närvaro", "link": letters.address_of(link_to(incoming.uid))},
    )

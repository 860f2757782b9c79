"""Bringing in somebody's register: kept, understood as a person chooses, then brought in whole or not at all."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, now, today
from narvaro.base.ids import uuid7
from narvaro.channels import queries, rules
from narvaro.channels.actions.register import change_channel, describe_channel, ensure_roles
from narvaro.channels.models import (
    Channel,
    ChannelAssignment,
    ChannelCard,
    ChannelReading,
    ChannelStep,
    Condition,
    RegisterFile,
)
from narvaro.channels.queries.bringing import Judged, Understanding
from narvaro.channels.rules.bringing import Fate
from narvaro.channels.types import ChannelState, Connection, Duty
from narvaro.core import actions as core_actions
from narvaro.core import audit, letters
from narvaro.core import queries as core
from narvaro.core import rules as house
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.formats import tables

if TYPE_CHECKING:
    from narvaro.core.models import Unit

_KEPT_UNDONE = timedelta(days=1)
_BATCH = 500


@transaction.atomic
def keep_register(*, actor: Actor, name: str, content: bytes) -> RegisterFile:
    """
    Keep somebody's register to be looked through; nothing of it is in ours yet.

    What others of the authority left unfinished for a day is thrown away.

    Raises:
        NotPermitted: The actor may not register channels.
        Invalid: The file cannot be read; says why, and on which row.
    """
    if not rules.may_register(actor):
        raise NotPermitted
    read_register(content)
    RegisterFile.objects.of(actor).filter(done_at=None, at__lt=now() - _KEPT_UNDONE).delete()
    file: RegisterFile = RegisterFile.objects.create(
        authority_id=actor.authority_id, name=" ".join(name.split())[:200] or "-", by_id=actor.person_id,
        content=gzip.compress(content),
    )  # fmt: skip
    return file


@transaction.atomic
def understand_register(
    *, actor: Actor, uid: UUID, columns: Mapping[str, str], unit_uid: UUID | None, responsible_uid: UUID | None,
    makes_units: bool, changes: bool, seen_version: int | None = None,
) -> RegisterFile:  # fmt: skip
    """
    Choose how a register is understood: what its columns tell, and what holds for rows that do not say.

    Raises:
        NotFound, NotPermitted, Stale
        Invalid: It is brought in already.
    """
    file = _held(actor, uid)
    house.refuse_stale(seen_version, file.version)
    file.columns = dict(columns)
    file.unit = core.unit_for(actor, unit_uid) if unit_uid else None
    file.responsible = core.person_for(actor, responsible_uid) if responsible_uid else None
    file.makes_units, file.changes = makes_units, changes
    file.version += 1
    file.save()
    return file


@transaction.atomic
def bring_in_register(*, actor: Actor, uid: UUID, seen_version: int | None = None) -> list[Judged]:
    """
    Bring in a register that was looked through: new accounts, and what it says otherwise of those that are here.

    Rows that cannot be are left out, and told. What the file held is thrown away; what became of each row stays.

    Raises:
        NotFound, NotPermitted, Stale
        Invalid: It is brought in already, or somebody else changed the register at the same moment.
    """
    file = _held(actor, uid)
    house.refuse_stale(seen_version, file.version)
    found = bring_in_rows(
        actor=actor, table=queries.table_in(file), understanding=queries.understanding_of(file), name=file.name
    )
    file.done_at, file.content = now(), b""
    file.fates = [[each.number, each.fate.value, each.name, each.why] for each in found]
    file.save()
    return found


@transaction.atomic
def bring_in_rows(
    *, actor: Actor, table: tables.Table, understanding: Understanding, name: str
) -> list[Judged]:  # fmt: skip
    """
    Bring in the rows of a register, judged as they are now. The same rows brought in again change nothing.

    Accounts that are new here are in use already, so what they lack only reminds at first, as for any other.

    Raises:
        NotPermitted: The actor may not register channels.
        Invalid: Somebody else changed the register at the same moment; nothing is changed.

    Law: SEC-2, OSL-5
    """
    if not rules.may_register(actor):
        raise NotPermitted
    judged = queries.judged_rows(actor, table, understanding)
    units = _units(actor, judged)
    new = [each for each in judged if each.fate == Fate.NEW]
    try:
        with transaction.atomic():
            _enter(actor, new, units)
            for each in judged:
                if each.fate == Fate.CHANGED:
                    _change(actor, each, units)
    except IntegrityError:
        raise Invalid(_("Någon annan ändrade registret just nu. Inget är inläst. Försök igen.")) from None
    counts: dict[str, Any] = {fate.value: sum(1 for each in judged if each.fate == fate) for fate in Fate}
    audit.note(actor, "channels.bring_in_register", file=name[:200], **counts)
    if new:
        _tell_communications(actor, len(new), name)
    return judged


def read_register(content: bytes) -> tables.Table:
    """Return the table in a file. Raises Invalid with a sentence for whoever chose the file."""
    try:
        return tables.read(content)
    except tables.Unreadable as problem:
        raise Invalid(rules.unreadable(problem), field="file") from None


def _tell_communications(actor: Actor, count: int, name: str) -> None:
    """Communications know of every channel; one letter tells of all that came in together. Law: none; seed 003"""
    if actor.is_system or actor.has(Role.COMMUNICATIONS_LEAD):
        return
    body = _("%(name)s har läst in %(count)s kanaler i registret, ur filen %(file)s.\n\nKanalerna: %(url)s")
    url = settings.OPTIONS.base_url + reverse("channels:channels")
    letters.write(actor, [
        letters.Note(
            "register_brought_in", f"register-brought-in-{uuid7()}", _("Kanaler har lästs in i registret"),
            body % {"name": actor.name, "count": count, "file": name, "url": url}, to_person_id=person.pk,
        )
        for person in core.people_with(actor, Role.COMMUNICATIONS_LEAD)
    ])  # fmt: skip


def _held(actor: Actor, uid: UUID) -> RegisterFile:
    if not rules.may_register(actor):
        raise NotPermitted
    pk = queries.register_file(actor, uid).pk
    rows = RegisterFile.objects.of(actor).select_for_update(of=("self",)).select_related("unit", "responsible")
    file: RegisterFile = rows.get(pk=pk)
    if file.done_at is not None:
        raise Invalid(_("Filen är redan inläst."))
    return file


def _units(actor: Actor, judged: Sequence[Judged]) -> dict[str, Unit]:
    """Make the units that are new, and return them by the names that rows call them."""
    made: dict[str, Unit] = {}
    by_name: dict[str, Unit] = {}
    for each in judged:
        if each.new_unit and each.new_unit not in made:
            same = " ".join(each.new_unit.casefold().split())
            if same not in by_name:
                by_name[same] = core_actions.add_unit(actor=actor, name=each.new_unit)
            made[each.new_unit] = by_name[same]
    return made


def _enter(actor: Actor, new: Sequence[Judged], units: Mapping[str, Unit]) -> None:
    """Put new accounts in the register with all that `add_channel` gives one, in a few statements."""
    papers_by = today() + timedelta(days=queries.gate_of(actor).days_for_live)
    owner = {"authority_id": actor.authority_id}
    channels = Channel.objects.bulk_create(
        [_channel(each, units, papers_by=papers_by, **owner) for each in new], batch_size=_BATCH
    )
    ChannelReading.objects.bulk_create(
        [ChannelReading(channel=each, connection=_connection(each), **owner) for each in channels], batch_size=_BATCH
    )
    ChannelCard.objects.bulk_create(
        [
            ChannelCard(channel=channel, **row.card, **owner)
            for channel, row in zip(channels, new, strict=True)
            if row.card
        ],
        batch_size=_BATCH,
    )
    ChannelStep.objects.bulk_create(
        [
            ChannelStep(channel=each, state=each.state, by_id=actor.person_id, at=each.closed_at or now(), **owner)
            for each in channels
        ],
        batch_size=_BATCH,
    )
    live = [each for each in channels if each.state != ChannelState.CLOSED]
    ChannelAssignment.objects.bulk_create(
        [
            ChannelAssignment(channel=each, person_id=person, duty=duty, given_by_id=actor.person_id, **owner)
            for each in live
            for duty, person in ((Duty.RESPONSIBLE, each.responsible_id), (Duty.DEPUTY, each.deputy_id))
            if person is not None
        ],
        batch_size=_BATCH,
    )
    Condition.objects.bulk_create(
        [Condition(channel=each, key="notified", is_met=True, **owner) for each in live], batch_size=_BATCH
    )
    for one in {(each.unit_id, each.responsible_id, each.deputy_id): each for each in live}.values():
        ensure_roles(one)
    audit.note_each(actor, "channels.add_channel", [(each, queries.identity_of(each)) for each in channels])


def _channel(row: Judged, units: Mapping[str, Unit], **values: Any) -> Channel:
    assert row.wanted is not None
    wanted = row.wanted
    closed_at = datetime.combine(wanted.closed_on, time(12), STOCKHOLM) if wanted.closed_on else None
    return Channel(
        platform=wanted.platform, name=row.name, handle=wanted.handle, handle_key=rules.handle_key(wanted.handle),
        url=wanted.url, base_url=wanted.base_url, purpose=wanted.purpose, unit=row.unit or units[row.new_unit],
        responsible=row.responsible, deputy=row.deputy, closed_at=closed_at,
        state=ChannelState.CLOSED if closed_at else ChannelState.ACTIVE, **values,
    )  # fmt: skip


def _connection(channel: Channel) -> Connection:
    is_read_never = channel.state != ChannelState.CLOSED and rules.is_by_hand(channel.platform, channel.remote_id)
    return Connection.MANUAL if is_read_never else Connection.NOT_CONNECTED


def _change(actor: Actor, row: Judged, units: Mapping[str, Unit]) -> None:
    assert row.channel is not None
    values = {**row.values, **({"unit": units[row.new_unit]} if row.new_unit else {})}
    if values:
        change_channel(actor=actor, channel=row.channel, **values)
    if row.card:
        describe_channel(actor=actor, channel=row.channel, **row.card)

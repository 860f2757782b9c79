"""Which channels there are, and who answers for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from narvaro.base import platforms
from narvaro.base.clock import now, today
from narvaro.channels import queries, rules
from narvaro.channels.models import (
    Channel,
    ChannelAssignment,
    ChannelCard,
    ChannelReading,
    ChannelSecret,
    ChannelStep,
    Condition,
)
from narvaro.channels.types import ChannelState, Connection, Duty
from narvaro.core import actions as core_actions
from narvaro.core import audit, letters, waiting
from narvaro.core import queries as core
from narvaro.core import rules as house
from narvaro.core.types import Actor, Invalid, NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.core.models import Person, Unit


@transaction.atomic
def add_channel(
    *,
    actor: Actor,
    platform: str,
    name: str,
    handle: str,
    unit: Unit,
    responsible: Person,
    deputy: Person | None = None,
    base_url: str = "",
    url: str = "",
    purpose: str = "",
    in_operation_from: datetime | None = None,
    options: Mapping[str, str] | None = None,
    watch_group: str = "",
) -> Channel:
    """
    Enter an official account in the register, with who answers for it.

    Raises:
        NotPermitted: The actor may not register channels.
        Invalid: The account is registered already, or responsible and deputy are the same person.

    Law: SEC-2, OSL-5 (seed 003: named person and substitute)
    """
    if not rules.may_register(actor, unit.pk):
        raise NotPermitted
    channel = enter(
        actor, platform=platform, name=name, handle=needed(handle, "handle"), unit=unit, responsible=responsible,
        deputy=deputy, base_url=base_url, url=url, purpose=purpose, in_operation_from=in_operation_from or now(),
        options=dict(options or {}), watch_group=watch_group.strip(), state=ChannelState.ACTIVE,
        papers_by=today() + timedelta(days=queries.gate_of(actor).days_for_live),
    )  # fmt: skip
    note_step(actor, channel, ChannelState.ACTIVE)
    audit.note(actor, "channels.add_channel", channel, **queries.identity_of(channel))
    return channel


@transaction.atomic
def change_channel(*, actor: Actor, channel: Channel, seen_version: int | None = None, **values: Any) -> Channel:
    """
    Change a channel's name, unit, people, purpose, answering goal or watch group.

    Raises:
        NotPermitted, Stale
        Invalid: Responsible and deputy are the same person.
    """
    row: Channel = Channel.objects.of(actor).select_for_update().get(pk=channel.pk)
    if not (rules.may_register(actor, row.unit_id) and rules.may_register(actor, values.get("unit", row.unit).pk)):
        raise NotPermitted
    house.refuse_stale(seen_version, row.version)
    changed = {key: value for key, value in values.items() if getattr(row, key) != value}
    for key, value in changed.items():
        setattr(row, key, value)
    _two_people(row.responsible, row.deputy)
    _of_this_authority(actor, row.unit, *(changed[key] for key in ("responsible", "deputy") if key in changed))
    row.version += 1
    row.save()
    ensure_roles(row)
    give_assignments(row, given_by_id=actor.person_id)
    audit.note(actor, "channels.change_channel", row, fields=sorted(changed), **queries.identity_of(row))
    return row


@transaction.atomic
def describe_channel(*, actor: Actor, channel: Channel, seen_version: int | None = None, **values: Any) -> ChannelCard:
    """
    Fill in the channel's card: what the register tells anybody, and what it tells those who work here.

    Raises:
        NotPermitted: The actor may not register channels.
        Stale
        Invalid: An account cannot have begun, been looked over or been verified in the future.

    Law: BBS-2, SEC-2, OSL-5
    """
    row: Channel = Channel.objects.of(actor).select_for_update().get(pk=channel.pk)
    if not rules.may_register(actor, row.unit_id):
        raise NotPermitted
    house.refuse_stale(seen_version, row.version)
    for name in ("opened_on", "administrators_reviewed_on", "two_step_verified_on"):
        if values.get(name) is not None and values[name] > today():
            raise Invalid(_("Dagen har inte varit än."), field=name)
    card: ChannelCard = queries.card_of(actor, row)
    changed = sorted(name for name, value in values.items() if getattr(card, name) != value)
    for name in changed:
        setattr(card, name, values[name])
    card.save()
    Channel.objects.of(actor).filter(pk=row.pk).update(version=F("version") + 1)
    audit.note(actor, "channels.describe_channel", row, fields=changed)
    return card


@transaction.atomic
def close_channel(*, actor: Actor, channel: Channel, why: str) -> None:
    """
    Close a channel: it is read no more, its keys are thrown away, everything kept stays (P14).

    Raises:
        NotPermitted: The actor may not register channels.
        Invalid: No reason was given.
    """
    if not rules.may_register(actor, channel.unit_id):
        raise NotPermitted
    if not why.strip():
        raise Invalid(_("Skriv varför kanalen avslutas."), field="why")
    Channel.objects.of(actor).filter(pk=channel.pk).update(
        state=ChannelState.CLOSED, closed_at=now(), version=F("version") + 1
    )
    note_step(actor, channel, ChannelState.CLOSED, why=why)
    ChannelAssignment.objects.of(actor).filter(channel=channel, ended_at=None).update(ended_at=now())
    ChannelSecret.objects.of(actor).filter(channel=channel).delete()
    ChannelReading.objects.of(actor).filter(channel=channel).update(connection=Connection.NOT_CONNECTED)
    identity = queries.identity_of(queries.channel_by_id(actor, channel.pk))
    audit.note(actor, "channels.close_channel", channel, why=why, **identity)


def enter(
    actor: Actor, *, platform: str, name: str, unit: Unit, responsible: Person, deputy: Person | None, handle: str,
    base_url: str = "", **values: Any,
) -> Channel:  # fmt: skip
    """
    Put a channel in the register with its reading, roles and assignments, and tell the communications department.

    Raises:
        Invalid: The account is registered already, or responsible and deputy are the same person.
    """
    _two_people(responsible, deputy)
    _of_this_authority(actor, unit, responsible, deputy)
    try:
        with transaction.atomic():
            channel = Channel(**{
                "authority_id": actor.authority_id, "platform": _known(platform), "name": needed(name, "name"),
                "handle": " ".join(handle.split()).lstrip("@"), "unit": unit, "responsible": responsible,
                "deputy": deputy, "base_url": base_url.rstrip("/"), **values,
            })  # fmt: skip
            channel.save(force_insert=True)
    except IntegrityError:
        raise Invalid(_("Kontot finns redan i registret."), field="handle") from None
    how = Connection.MANUAL if rules.is_by_hand(platform) else Connection.NOT_CONNECTED
    ChannelReading.objects.create(authority_id=actor.authority_id, channel=channel, connection=how)
    if channel.state == ChannelState.ACTIVE:
        ensure_roles(channel)
        give_assignments(channel, given_by_id=actor.person_id)
    _tell_communications(actor, channel)
    return channel


def note_step(actor: Actor, channel: Channel, state: ChannelState, *, reference: str = "", why: str = "") -> None:
    """Write down one step of a channel's life; one that was quiet is not asked about any longer."""
    ChannelStep.objects.create(
        authority_id=channel.authority_id, channel=channel, state=state, by_id=actor.person_id,
        reference=reference[:120], why=why[:500],
    )  # fmt: skip
    waiting.settle(actor, rules.QUIET, rules.QUIET_KIND, [channel.pk])


def give_assignments(channel: Channel, *, given_by_id: int | None) -> None:
    """Let those who answer for a channel have the assignment to, and nobody else. Law: SEC-2"""
    rows = ChannelAssignment.objects.everywhere("give assignments").filter(channel=channel, ended_at=None)
    held = {row.duty: row.person_id for row in rows}
    for duty, person_id in ((Duty.RESPONSIBLE, channel.responsible_id), (Duty.DEPUTY, channel.deputy_id)):
        if held.get(duty.value) == person_id:
            continue
        rows.filter(duty=duty).update(ended_at=now())
        if person_id is not None:
            ChannelAssignment.objects.create(
                authority_id=channel.authority_id, channel=channel, person_id=person_id, duty=duty,
                given_by_id=given_by_id,
            )  # fmt: skip


def _tell_communications(actor: Actor, channel: Channel) -> None:
    """Communications know of every channel from its first moment; a letter is written unless they entered it."""
    Condition.objects.create(authority_id=channel.authority_id, channel=channel, key="notified", is_met=True)
    if actor.is_system or actor.has(Role.COMMUNICATIONS_LEAD):
        return
    body = _("%(name)s har fört in %(channel)s i registret.\n\nKanalen: %(url)s")
    url = settings.OPTIONS.base_url + reverse("channels:channel", args=[channel.uid])
    letters.write(actor, [
        letters.Note(
            "channel_entered", f"channel-entered-{channel.uid}-{person.pk}", _("En kanal till i registret"),
            body % {"name": actor.name, "channel": channel.name, "url": url}, to_person_id=person.pk,
            subject_kind="channels.channel", subject_id=channel.pk,
        )
        for person in core.people_with(actor, Role.COMMUNICATIONS_LEAD)
    ])  # fmt: skip


def ensure_roles(channel: Channel) -> None:
    """Who answers for a channel holds the role for its unit, without anybody having to think of it."""
    registrar = Actor.system(channel.authority, "channel people")
    held = ((channel.responsible, Role.REPRESENTATIVE), (channel.deputy, Role.DEPUTY))
    for person, role in held:
        if person is not None:
            core_actions.give_role(actor=registrar, person=person, role=role, unit_uid=channel.unit.uid)


def _of_this_authority(actor: Actor, unit: Unit, *people: Person | None) -> None:
    """Refuse what belongs to another authority. Raises NotFound."""
    core.unit_for(actor, unit.uid)
    for person in filter(None, people):
        core.person_for(actor, person.uid)


def _two_people(responsible: Person, deputy: Person | None) -> None:
    if deputy is not None and deputy.pk == responsible.pk:
        raise Invalid(_("Ansvarig och ersättare ska vara två olika personer."), field="deputy")


def _known(platform: str) -> str:
    if platform not in platforms.catalogue():
        raise Invalid(_("Plattformen finns inte i listan. Välj Annan plats, för hand."), field="platform")
    return platform


def needed(value: str, field: str) -> str:
    """Return a text without needless space. Raises Invalid when nothing is left."""
    text = " ".join(value.split())
    if not text:
        raise Invalid(_("Fyll i det här fältet."), field=field)
    return text

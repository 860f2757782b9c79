"""The life of a channel: proposed, decided, in use, at rest, closing; each step with who, when and which decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries, rules
from narvaro.channels.actions.register import ensure_roles, enter, give_assignments, needed, note_step
from narvaro.channels.models import Channel, Condition
from narvaro.channels.rules import Value
from narvaro.channels.types import DECIDABLE, IN_USE, ChannelState
from narvaro.core import audit
from narvaro.core import rules as house
from narvaro.core.types import Actor, Invalid, NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.core.models import Person, Unit

_BEFORE = {
    ChannelState.DECIDED: (ChannelState.PROPOSED,),
    ChannelState.ACTIVE: (ChannelState.DECIDED, ChannelState.DORMANT),
    ChannelState.DORMANT: (ChannelState.ACTIVE,),
    ChannelState.CLOSING: IN_USE,
}
"""From which states each state is reached; closing for good is `close_channel`."""


@transaction.atomic
def propose_channel(
    *, actor: Actor, platform: str, name: str, unit: Unit, responsible: Person, deputy: Person | None = None,
    purpose: str = "", handle: str = "", base_url: str = "", url: str = "",
) -> Channel:  # fmt: skip
    """
    Propose a channel that does not exist yet; who leads the unit decides.

    Args:
        handle: The account's name on the platform, where it is known already.

    Raises:
        NotPermitted: The actor only audits.
        Invalid: The account is registered already, or responsible and deputy are the same person.

    Law: SM-02
    """
    if not rules.may_propose(actor):
        raise NotPermitted
    channel = enter(
        actor, platform=platform, name=name, unit=unit, responsible=responsible, deputy=deputy, purpose=purpose,
        handle=handle, base_url=base_url, url=url, state=ChannelState.PROPOSED,
    )  # fmt: skip
    note_step(actor, channel, ChannelState.PROPOSED)
    audit.note(actor, "channels.propose_channel", channel, **queries.identity_of(channel))
    return channel


@transaction.atomic
def approve_channel(*, actor: Actor, channel: Channel, why: str = "") -> None:
    """
    Say, as the communications department, that a channel may be started; asked for only where the authority wants it.

    Raises:
        NotPermitted: The actor does not lead communications.
    """
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    set_condition(actor=actor, key="approval", met=True, channel=channel)
    audit.note(actor, "channels.approve_channel", channel, why=why)


@transaction.atomic
def take_decision(
    *, actor: Actor, channel: Channel, reference: str = "", why: str = "", seen_version: int | None = None
) -> Channel:
    """
    Decide that a proposed channel shall be: the one decision of whoever leads the unit, which gives the assignment too.

    A channel in use whose decision is missing is decided about without changing its state.

    Args:
        reference: The decision's number in the registry, "" where it stands in Närvaro only.

    Raises:
        NotPermitted: The actor does not lead the unit.
        Stale
        Invalid: It is decided already, or closed; communications' approval is asked for and missing.

    Law: SM-02, SEC-2 (two people with an assignment)
    """
    row = _held(actor, channel)
    if not rules.may_decide(actor, row.unit_id):
        raise NotPermitted
    house.refuse_stale(seen_version, row.version)
    if row.state not in DECIDABLE or any(
        c.is_met for c in Condition.objects.of(actor).filter(channel=row, key="decision")
    ):
        raise Invalid(_("Kanalen är redan beslutad."))
    if any(lack.key == "approval" and lack.stops for lack in queries.lacks(actor, [row])[row.pk]):
        raise Invalid(_("Kommunikationsavdelningen ska godkänna kanalen innan beslutet fattas."))
    if row.state == ChannelState.PROPOSED:
        _become(actor, row, ChannelState.DECIDED, reference=reference, why=why)
    set_condition(actor=actor, key="decision", met=True, channel=row)
    ensure_roles(row)
    give_assignments(row, given_by_id=actor.person_id)
    audit.note(
        actor, "channels.take_decision", row, why=why, reference=reference, **queries.identity_of(row)
    )  # fmt: skip
    return row


@transaction.atomic
def open_channel(
    *, actor: Actor, channel: Channel, handle: str = "", base_url: str = "", url: str = "",
    seen_version: int | None = None,
) -> Channel:  # fmt: skip
    """
    Begin to use a decided channel.

    Args:
        handle: The account, where it was not known when the channel was proposed; with its server and page.

    Raises:
        NotPermitted, Stale
        Invalid: It is not decided, the account is not known, or something still stops it: says what and who mends it.
    """
    row = _held(actor, channel)
    if not rules.may_open(actor, row.responsible_id, row.deputy_id, row.unit_id):
        raise NotPermitted
    house.refuse_stale(seen_version, row.version)
    if row.state != ChannelState.DECIDED:
        raise Invalid(_("Kanalen är inte beslutad, eller redan i drift."))
    if handle:
        row.handle, row.base_url, row.url = handle.lstrip("@"), base_url.rstrip("/"), url or row.url
    needed(row.handle, "account")
    stopped = [lack for lack in queries.lacks(actor, [row])[row.pk] if lack.stops]
    if stopped:
        raise Invalid(_("Innan kanalen tas i drift: %(lacks)s") % {"lacks": " ".join(lack.text for lack in stopped)})
    row.in_operation_from = row.opened_at = now()
    _become(actor, row, ChannelState.ACTIVE)
    audit.note(actor, "channels.open_channel", row, **queries.identity_of(row))
    return row


@transaction.atomic
def rest_channel(*, actor: Actor, channel: Channel, why: str) -> Channel:
    """
    Let a channel rest: nothing new of ours goes out, what comes in is still read, watched and answered.

    Raises:
        NotPermitted
        Invalid: It is not in use, or no reason was given.
    """
    return _led(actor, channel, ChannelState.DORMANT, "channels.rest_channel", why=needed(why, "why"))


@transaction.atomic
def wake_channel(*, actor: Actor, channel: Channel) -> Channel:
    """Use a resting channel again. Raises NotPermitted, and Invalid when it does not rest."""
    if _held(actor, channel).state != ChannelState.DORMANT:
        raise Invalid(_("Kanalen vilar inte."))
    return _led(actor, channel, ChannelState.ACTIVE, "channels.wake_channel")


@transaction.atomic
def begin_closing(*, actor: Actor, channel: Channel, why: str, reference: str = "") -> Channel:
    """
    Begin to close a channel: what is left to do about it is done before it is closed for good.

    Raises:
        NotPermitted
        Invalid: It is not in use, or no reason was given.

    Law: SM-26
    """
    why = needed(why, "why")
    if not rules.may_decide(actor, channel.unit_id):
        raise NotPermitted
    return _led(actor, channel, ChannelState.CLOSING, "channels.begin_closing", why=why, reference=reference)


@transaction.atomic
def set_condition(
    *, actor: Actor, key: str, met: bool, channel: Channel | None = None, person: Person | None = None,
    mender: str = "", says: str = "", values: Mapping[str, Value] | None = None, link: str = "",
    valid_until: date | None = None,
) -> None:  # fmt: skip
    """
    Write down whether something that is asked of channels is there: for one, for one person, or for all of them.

    Args:
        person: Counts in every channel where the person is responsible or deputy.
        mender: A role that can mend it; "" is who leads the channel's unit.
        says: What is missing, in Swedish and marked for translation; "" is the requirement's own sentence.
        values: What stands in the places of `says`: a text as it is, a list of our own words, a day,
            or a text for each language.
        link: Where it is mended; "" is the requirement's own page.
        valid_until: From this day it is not met any longer.
    """
    if key not in rules.REQUIREMENTS and key != rules.QUIET:
        raise ValueError(key)
    about: dict[str, Any] = {"channel_id": channel.pk if channel else None, "person_id": person.pk if person else None}
    told: dict[str, Any] = {
        "is_met": met, "mender": mender, "says": says, "values": rules.kept_values(values or {}), "link": link[:300],
        "valid_until": valid_until, "changed_at": now(),
    }  # fmt: skip
    rows = Condition.objects.of(actor).filter(key=key, **about)
    if rows.update(**told):
        return
    try:
        with transaction.atomic():
            Condition(**{"authority_id": actor.authority_id, "key": key, **about, **told}).save(force_insert=True)
    except IntegrityError:  # another wrote it in between
        rows.update(**told)


def _led(
    actor: Actor, channel: Channel, state: ChannelState, verb: str, *, why: str = "", reference: str = ""
) -> Channel:
    row = _held(actor, channel)
    if not rules.may_open(actor, row.responsible_id, row.deputy_id, row.unit_id):
        raise NotPermitted
    if row.state not in _BEFORE[state]:
        raise Invalid(_("Kanalen är inte i drift."))
    _become(actor, row, state, reference=reference, why=why)
    audit.note(actor, verb, row, why=why, **queries.identity_of(row))
    return row


def _held(actor: Actor, channel: Channel) -> Channel:
    """Return the channel as it is now, held until the transaction ends."""
    rows = Channel.objects.of(actor).select_for_update(of=("self",)).select_related("unit", "responsible", "deputy")
    row: Channel = rows.get(pk=channel.pk)
    return row


def _become(actor: Actor, row: Channel, state: ChannelState, *, reference: str = "", why: str = "") -> None:
    row.state = state
    row.version += 1
    row.save()
    note_step(actor, row, state, reference=reference, why=why)

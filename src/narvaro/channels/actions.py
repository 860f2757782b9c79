"""Every write of the channel register."""

from __future__ import annotations

import json
import secrets as chance
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries, rules
from narvaro.channels.custody import sealed
from narvaro.channels.models import Channel, ChannelReading, ChannelSecret, OAuthRequest, WatchShift
from narvaro.channels.types import ChannelState, Connection, NotConnected, Platform, Reading
from narvaro.connectors.port import Limits, PlatformError, ReconnectNeeded, Transient
from narvaro.connectors.registry import connector
from narvaro.core import actions as core_actions
from narvaro.core import audit, keys
from narvaro.core import queries as core
from narvaro.core import rules as house
from narvaro.core.jobs import real_now
from narvaro.core.types import Actor, Invalid, NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.connectors.port import Account, Profile
    from narvaro.core.models import Person, Unit

READ_LEASE = timedelta(minutes=3)
MISCONFIGURED_TRIED_EVERY = timedelta(hours=1)


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
    _two_people(responsible, deputy)
    _of_this_authority(actor, unit, responsible, deputy)
    try:
        with transaction.atomic():
            channel: Channel = Channel.objects.create(
                authority_id=actor.authority_id, platform=Platform(platform), name=_needed(name, "name"),
                handle=_needed(handle, "handle").lstrip("@"), base_url=base_url.rstrip("/"), url=url, purpose=purpose,
                unit=unit, responsible=responsible, deputy=deputy, in_operation_from=in_operation_from or now(),
                options=dict(options or {}), watch_group=watch_group.strip(),
            )  # fmt: skip
    except IntegrityError:
        raise Invalid(_("Kontot finns redan i registret."), field="handle") from None
    how = Connection.MANUAL if platform == Platform.MANUAL else Connection.NOT_CONNECTED
    ChannelReading.objects.create(authority_id=actor.authority_id, channel=channel, connection=how)
    _ensure_roles(channel)
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
    _ensure_roles(row)
    audit.note(actor, "channels.change_channel", row, fields=sorted(changed), **queries.identity_of(row))
    return row


def connect_channel(
    *,
    actor: Actor,
    channel: Channel,
    secrets: Mapping[str, str],
    base_url: str = "",
    options: Mapping[str, str] | None = None,
) -> Channel:
    """
    Connect a channel with its platform's secrets, after trying them by reading the account's own profile.

    What was read before stays, and reading goes on where it stopped (P14). What the key may do is tried at
    once (P8). The platform is asked before the transaction, never within.

    Args:
        base_url: Where the account lives, when it was found out while connecting.
        options: The platform's particular choices to add to those the channel has.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
        NotConnected: The platform refused, or the key belongs to another account (P8); nothing is changed.
    """
    if not rules.may_connect(actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted
    if channel.state == ChannelState.CLOSED:
        raise Invalid(_("Kanalen är avslutad. Lägg till kontot som en ny kanal."))
    trial = _Trial(dict(secrets))
    account = _with_keeper(queries.account_of(channel), trial)
    account = replace(
        account, base_url=base_url.rstrip("/") or account.base_url, options={**account.options, **(options or {})}
    )
    profile = _own_profile(channel, account)
    account = replace(account, remote_id=profile.remote_id)
    able, changes = _tried(channel.platform, account), _found_out(channel, account, profile)
    try:
        with transaction.atomic():
            Channel.objects.of(actor).filter(pk=channel.pk).update(**changes)
            store_secrets(actor=actor, channel=channel, secrets=trial.held)
            ChannelReading.objects.of(actor).filter(channel=channel).update(
                connection=Connection.CONNECTED, failures=0, last_error="", next_at=now(),
                **({"capabilities": able, "probed_at": now()} if able else {}),
            )  # fmt: skip
            identity = queries.identity_of(queries.channel_by_id(actor, channel.pk))
            audit.note(actor, "channels.connect_channel", channel, **identity)
    except IntegrityError:
        raise NotConnected(
            _("Kontot %(handle)s finns redan i registret som en annan kanal.") % {"handle": profile.handle},
            Connection.MISCONFIGURED,
        ) from None
    return queries.channel_by_id(actor, channel.pk)


@transaction.atomic
def read_soon(*, actor: Actor, channel: Channel) -> bool:
    """
    Let a channel be read at once instead of at its next turn; False when it cannot be read before it is connected.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
    """
    if not rules.may_connect(actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted
    rows = ChannelReading.objects.of(actor).filter(
        channel=channel, connection__in=[Connection.CONNECTED, Connection.TRANSIENT]
    )
    is_soon = rows.update(next_at=now()) == 1
    if is_soon:
        audit.note(actor, "channels.read_soon", channel)
    return is_soon


@transaction.atomic
def store_secrets(*, actor: Actor, channel: Channel, secrets: Mapping[str, str]) -> None:
    """Seal and store a channel's secrets; an empty value never replaces a stored one (P7)."""
    row = ChannelSecret.objects.of(actor).select_for_update().filter(channel=channel).first()
    context = f"channel:{channel.uid}"
    before = json.loads(keys.unseal(bytes(row.sealed), context)) if row else {}
    merged = {**before, **{key: value for key, value in secrets.items() if value}}
    if not merged:
        raise Invalid(_("Det finns inga nycklar att spara."))
    ChannelSecret.objects.of(actor).update_or_create(
        channel=channel,
        defaults={
            "authority_id": actor.authority_id, "sealed": sealed(merged, context), "changed_at": now(),
            "revision": row.revision + 1 if row else 1,
        },
    )  # fmt: skip


@transaction.atomic
def start_oauth(*, actor: Actor, channel: Channel, secrets: Mapping[str, str]) -> str:
    """
    Keep what is needed to finish a connection begun in the browser; returns the `state` to send along.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
    """
    if actor.person_id is None or not rules.may_connect(
        actor, channel.responsible_id, channel.deputy_id, channel.unit_id
    ):
        raise NotPermitted
    state = chance.token_urlsafe(32)
    OAuthRequest.objects.create(
        authority_id=actor.authority_id, channel=channel, state=state, started_by_id=actor.person_id,
        sealed=keys.seal(json.dumps(dict(secrets)).encode(), f"oauth:{state}"),
    )  # fmt: skip
    return state


@transaction.atomic
def finish_oauth(*, actor: Actor, state: str) -> tuple[Channel, dict[str, str]]:
    """
    Use up a begun connection, once; returns its channel and what was kept.

    Raises:
        NotFound: It is unknown, used or too old.
        NotPermitted: Somebody else began it.
    """
    row = queries.oauth_request(state)
    if not actor.is_person(row.started_by_id) or row.authority_id != actor.authority_id:
        raise NotPermitted
    used = OAuthRequest.objects.of(actor).filter(pk=row.pk, used_at=None).update(used_at=now())
    if not used:
        raise NotPermitted
    kept: dict[str, str] = json.loads(keys.unseal(bytes(row.sealed), f"oauth:{state}"))
    return row.channel, kept


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
    ChannelSecret.objects.of(actor).filter(channel=channel).delete()
    ChannelReading.objects.of(actor).filter(channel=channel).update(connection=Connection.NOT_CONNECTED)
    identity = queries.identity_of(queries.channel_by_id(actor, channel.pk))
    audit.note(actor, "channels.close_channel", channel, why=why, **identity)


@transaction.atomic
def add_shift(
    *, actor: Actor, watch_group: str, person: Person, from_at: datetime, until_at: datetime, is_duty: bool = False
) -> WatchShift:
    """
    Put somebody on watch for a group of channels, or on duty for what cannot wait.

    Raises:
        NotPermitted: The actor may not register channels.
        Invalid: The end is not after the beginning.
    """
    if not rules.may_register(actor):
        raise NotPermitted
    if until_at <= from_at:
        raise Invalid(_("Passet ska sluta efter att det börjar."), field="until_at")
    core.person_for(actor, person.uid)
    shift: WatchShift = WatchShift.objects.create(
        authority_id=actor.authority_id, watch_group=watch_group.strip(), person=person, from_at=from_at,
        until_at=until_at, is_duty=is_duty,
    )  # fmt: skip
    audit.note(actor, "channels.add_shift", shift, person=person.pk)
    return shift


@transaction.atomic
def remove_shift(*, actor: Actor, shift_id: int) -> None:
    """Take back a watch. Raises NotPermitted."""
    if not rules.may_register(actor):
        raise NotPermitted
    shift = WatchShift.objects.of(actor).filter(pk=shift_id).first()
    if shift is not None:
        audit.note(actor, "channels.remove_shift", shift, person=shift.person_id)
        shift.delete()


# --- Reading ------------------------------------------------------------------------------------------------------


def claim_reading(*, channel_id: int | None = None) -> Reading | None:
    """
    Take the next channel that is due to be read, under a lease; or the named one, due or not.

    None when there is nothing to read, or when somebody reads the named channel now.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=real_now())
    tried = [Connection.CONNECTED, Connection.TRANSIENT, Connection.MISCONFIGURED]
    ready = Q(connection__in=tried) & ~Q(channel__state=ChannelState.CLOSED)
    with transaction.atomic():
        rows = ChannelReading.objects.everywhere("read channels").filter(free & ready)
        rows = rows.filter(channel_id=channel_id) if channel_id is not None else rows.filter(next_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row = rows.order_by("next_at", "id").first()
        if row is None:
            return None
        ChannelReading.objects.everywhere("read channels").filter(pk=row.pk).update(
            lease_until=real_now() + READ_LEASE, fence=F("fence") + 1
        )
        return Reading(row.channel_id, row.authority_id, row.fence + 1, row.cursor)


def hold_reading(reading: Reading) -> bool:
    """Lock the reading row and tell whether it is still ours; part of the transaction that keeps a page."""
    rows = ChannelReading.objects.everywhere("read channels").select_for_update()
    return rows.filter(channel_id=reading.channel_id, fence=reading.fence).exists()


def hold_channel(channel_id: int) -> None:
    """
    Wait for whoever keeps a page of the channel now; part of the transaction that keeps something without a reading.

    Two that keep the same item at once would both find it new, and one of them would fail (PostgreSQL; P11).
    """
    rows = ChannelReading.objects.everywhere("read channels").select_for_update()
    rows.filter(channel_id=channel_id).values_list("pk").first()


def advance_reading(reading: Reading, *, cursor: str, complete_to: datetime | None) -> bool:
    """Move the watermark, in the transaction that keeps the page; False when the reading is no longer ours."""
    values: dict[str, Any] = {
        "cursor": cursor, "last_read_at": now(), "lease_until": real_now() + READ_LEASE,
        "connection": Connection.CONNECTED, "failures": 0, "last_error": "",
    }  # fmt: skip
    if complete_to is not None:
        values["complete_to"] = complete_to
    return _held(reading).update(**values) == 1


def end_reading(reading: Reading, *, error: PlatformError | None = None) -> None:
    """
    Let go of a reading, and say when to read again: soon, later after a fault, or not before a person acts (P6).

    A channel that seems to be set up wrongly is shown as such to a person, and tried every hour all the same: a server
    that was moved or mended badly may answer so too, and then nobody needs to connect anything anew.
    """
    row = ChannelReading.objects.everywhere("read channels").get(channel_id=reading.channel_id)
    pause = timedelta(seconds=settings.OPTIONS.poll_seconds)
    values: dict[str, Any] = {"lease_until": None, "next_at": now() + pause}
    if error is not None:
        values |= {"last_error": str(error)[:500], "failures": row.failures + 1, "connection": _connection(error)}
        wait = rules.wait_after(row.failures + 1)
        if isinstance(error, Transient) and error.retry_after_seconds:
            wait = max(wait, timedelta(seconds=min(error.retry_after_seconds, 24 * 3600)))
        if values["connection"] == Connection.MISCONFIGURED:
            wait = MISCONFIGURED_TRIED_EVERY
        values["next_at"] = now() + wait
    _held(reading).update(**values)


@transaction.atomic
def store_probe(
    *, actor: Actor, channel: Channel, capabilities: list[dict[str, Any]], limits: Limits | None = None
) -> None:
    """Keep what the daily probe found each capability to be (P8), and what one post may be when that was told."""
    if limits is not None:
        Channel.objects.of(actor).filter(pk=channel.pk).update(limits=asdict(limits))
    ChannelReading.objects.of(actor).filter(channel=channel).update(capabilities=capabilities, probed_at=now())


def _held(reading: Reading) -> QuerySet[ChannelReading]:
    return ChannelReading.objects.everywhere("read channels").filter(channel_id=reading.channel_id, fence=reading.fence)


def _connection(error: PlatformError) -> Connection:
    if isinstance(error, Transient):
        return Connection.TRANSIENT
    return Connection.RECONNECT if isinstance(error, ReconnectNeeded) else Connection.MISCONFIGURED


class _Trial:
    """A keeper that holds secrets in memory only, while they are being tried."""

    def __init__(self, held: dict[str, str]) -> None:
        self.held = held

    def secrets(self) -> Mapping[str, str]:
        """Return what is being tried."""
        return self.held

    def renew(self, stale: Mapping[str, str], renewal: Any) -> Mapping[str, str]:
        """Renew what is being tried; nobody else holds it, so there is nothing to wait for."""
        self.held = {**self.held, **{key: value for key, value in renewal(stale).items() if value}}
        return self.held


def _with_keeper(account: Any, keeper: _Trial) -> Any:
    return replace(account, keeper=keeper)


def _ensure_roles(channel: Channel) -> None:
    """Who answers for a channel holds the role for its unit, without anybody having to think of it."""
    registrar = Actor.system(channel.authority, "channel people")
    held = ((channel.responsible, Role.REPRESENTATIVE), (channel.deputy, Role.DEPUTY))
    for person, role in held:
        if person is not None:
            core_actions.give_role(actor=registrar, person=person, role=role, unit_uid=channel.unit.uid)


def _own_profile(channel: Channel, account: Account) -> Profile:
    """Return what the platform says of the account. Raises NotConnected where it refuses, or it is another's (P8)."""
    try:
        profile = connector(channel.platform).profile(account)
    except PlatformError as error:
        raise NotConnected(str(error), _connection(error)) from None
    is_ours = (
        channel.remote_id == profile.remote_id
        if channel.remote_id
        else channel.handle == profile.remote_id or rules.is_same_account(channel.handle, profile.handle)
    )
    if not is_ours:
        raise NotConnected(
            _("Ni släppte in kontot %(found)s, men kanalen är %(wanted)s. Logga in på plattformen med rätt konto.")
            % {"found": profile.handle, "wanted": channel.handle},
            Connection.RECONNECT,
        )
    return profile


def _found_out(channel: Channel, account: Account, profile: Profile) -> dict[str, Any]:
    """Return what the register is to say of a channel, now that its account has been read."""
    allowed = _allowed(channel.platform, account)
    changes: dict[str, Any] = {
        "remote_id": profile.remote_id, "handle": profile.handle or channel.handle,
        "url": _page_of(profile.url) or channel.url, "base_url": account.base_url, "options": dict(account.options),
        **({"limits": allowed} if allowed else {}),
    }  # fmt: skip
    if channel.name == channel.handle and profile.display_name.strip():
        changes["name"] = " ".join(profile.display_name.split())[:120]
    return changes


def _tried(platform: str, account: Any) -> list[dict[str, Any]]:
    """What the key may do, [] when that cannot be told now; the daily probe asks again."""
    try:
        found = connector(platform).probe(account)
    except PlatformError:
        return []
    return [{"capability": c.capability.value, "works": c.works, "note": c.note} for c in found]


def _allowed(platform: str, account: Any) -> dict[str, Any]:
    """What one post may be, {} when that cannot be told now."""
    try:
        return asdict(connector(platform).limits(account))
    except PlatformError:
        return {}


def _page_of(url: str) -> str:
    """An address that a page may link to, as a platform gives it; "" when it is something else."""
    return url if url.startswith(("https://", "http://")) and len(url) <= 500 else ""


def _of_this_authority(actor: Actor, unit: Unit, *people: Person | None) -> None:
    """Refuse what belongs to another authority. Raises NotFound."""
    core.unit_for(actor, unit.uid)
    for person in filter(None, people):
        core.person_for(actor, person.uid)


def _two_people(responsible: Person, deputy: Person | None) -> None:
    if deputy is not None and deputy.pk == responsible.pk:
        raise Invalid(_("Ansvarig och ersättare ska vara två olika personer."), field="deputy")


def _needed(value: str, field: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise Invalid(_("Fyll i det här fältet."), field=field)
    return text

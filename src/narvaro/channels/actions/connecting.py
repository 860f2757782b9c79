"""Connecting channels: a platform's keys are tried before they are kept."""

from __future__ import annotations

import json
import secrets as chance
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries, rules
from narvaro.channels.actions.reading import connection_after
from narvaro.channels.custody import sealed
from narvaro.channels.models import Channel, ChannelReading, ChannelSecret, OAuthRequest
from narvaro.channels.types import ChannelState, Connection, NotConnected
from narvaro.connectors.port import PlatformError
from narvaro.connectors.registry import connector
from narvaro.core import audit, keys
from narvaro.core.types import Actor, Invalid, NotPermitted

if TYPE_CHECKING:
    from narvaro.connectors.port import Account, Profile


def connect_channel(
    *,
    actor: Actor,
    channel: Channel,
    secrets: Mapping[str, str],
    base_url: str = "",
    options: Mapping[str, str] | None = None,
    picked: str = "",
) -> Channel:
    """
    Connect a channel with its platform's secrets, after trying them by reading the account's own profile.

    What was read before stays, and reading goes on where it stopped (P14). What the key may do is tried at
    once (P8). The platform is asked before the transaction, never within.

    Args:
        base_url: Where the account lives, when it was found out while connecting.
        options: The platform's particular choices to add to those the channel has.
        picked: The platform's id of the account that somebody chose by its name, for a channel not connected before.

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
        account, base_url=base_url.rstrip("/") or account.base_url, options={**account.options, **(options or {})},
        remote_id=account.remote_id or picked,
    )  # fmt: skip
    profile = _own_profile(channel, account, picked)
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


def new_state() -> str:
    """Return a `state` that nobody can guess."""
    return chance.token_urlsafe(32)


@transaction.atomic
def start_oauth(*, actor: Actor, channel: Channel, secrets: Mapping[str, str], state: str = "") -> str:
    """
    Keep what is needed to finish a connection begun in the browser; returns the `state` to send along.

    Args:
        state: One of `new_state` that the platform has been told already; "" makes one.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
    """
    if actor.person_id is None or not rules.may_connect(
        actor, channel.responsible_id, channel.deputy_id, channel.unit_id
    ):
        raise NotPermitted
    state = state or new_state()
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


def _own_profile(channel: Channel, account: Account, picked: str) -> Profile:
    """Return what the platform says of the account. Raises NotConnected where it refuses, or it is another's (P8)."""
    try:
        profile = connector(channel.platform).profile(account)
    except PlatformError as error:
        raise NotConnected(str(error), connection_after(error)) from None
    is_ours = (
        channel.remote_id == profile.remote_id
        if channel.remote_id
        else profile.remote_id in (channel.handle, picked) or rules.is_same_account(channel.handle, profile.handle)
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
        "handle_key": rules.handle_key(profile.handle or channel.handle),
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

"""The keeper of a channel's secrets: sealed in the database, renewed under a lease and never replaced by nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from narvaro.base.clock import now
from narvaro.channels.models import ChannelSecret, PlatformApp
from narvaro.connectors.port import ReconnectNeeded, Transient
from narvaro.core import keys
from narvaro.core.jobs import real_now

_LEASE = timedelta(seconds=60)
_WAITS = 120  # half-seconds: longer than a lease, so that a killed renewer is outlived


class StoredKeeper:
    """
    Implements `connectors.port.Keeper` over the sealed row.

    The network is asked between two short transactions; the lease keeps a second renewal out meanwhile (P28).
    """

    def __init__(self, channel_id: int, channel_uid: UUID) -> None:
        self._channel_id = channel_id
        self._context = f"channel:{channel_uid}"

    def secrets(self) -> Mapping[str, str]:
        row = next(iter(self._rows().values_list("sealed", flat=True)), None)
        if row is None:
            raise ReconnectNeeded("Kanalen är inte ansluten. Anslut den på kanalens sida.")
        return self._opened(bytes(row))

    def renew(
        self, stale: Mapping[str, str], renewal: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        for _ in range(_WAITS):
            current = self.secrets()
            if dict(current) != dict(stale):
                return current
            if self._take_lease():
                return self._renewed(current, renewal)
            time.sleep(0.5)
        raise Transient("Någon annan förnyar kanalens nyckel just nu. Närvaro försöker igen om en stund.")

    def _renewed(
        self, current: Mapping[str, str], renewal: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        try:
            again = self.secrets()  # it may have been renewed between our look and our lease
            if dict(again) != dict(current):
                return again
            fresh = {**current, **{key: value for key, value in renewal(current).items() if value}}
            self._rows().update(sealed=sealed(fresh, self._context), revision=F("revision") + 1, changed_at=now())
            return fresh
        finally:
            self._rows().update(lease_until=None)

    def _take_lease(self) -> bool:
        free = Q(lease_until=None) | Q(lease_until__lt=real_now())
        with transaction.atomic():
            return self._rows().filter(free).update(lease_until=real_now() + _LEASE) == 1

    def _rows(self) -> QuerySet[ChannelSecret]:
        return ChannelSecret.objects.everywhere("keep secrets").filter(channel_id=self._channel_id)

    def _opened(self, box: bytes) -> Mapping[str, str]:
        found: dict[str, str] = json.loads(keys.unseal(box, self._context))
        return found


def sealed(secrets: Mapping[str, str], context: str) -> bytes:
    """Seal secrets for a channel's row."""
    return keys.seal(json.dumps(dict(secrets)).encode(), context)


def seal_again() -> int:
    """Seal every secret with the newest key; returns how many were changed. Part of `narvaro keys rotate`."""
    changed = 0
    for row in ChannelSecret.objects.everywhere("rotate keys").select_related("channel"):
        if keys.is_sealed_with_newest(bytes(row.sealed)):
            continue
        context = f"channel:{row.channel.uid}"
        fresh = keys.seal(keys.unseal(bytes(row.sealed), context), context)
        changed += (
            ChannelSecret.objects.everywhere("rotate keys")
            .filter(pk=row.pk, revision=row.revision)
            .update(sealed=fresh, revision=F("revision") + 1)
        )
    return changed + _seal_apps_again()


def app_context(authority_id: int, platform: str) -> str:
    """Return what the secret of an authority's app is bound to."""
    return f"app:{authority_id}:{platform}"


def _seal_apps_again() -> int:
    changed = 0
    for app in PlatformApp.objects.everywhere("rotate keys"):
        if keys.is_sealed_with_newest(bytes(app.sealed)):
            continue
        context = app_context(app.authority_id, app.platform)
        fresh = keys.seal(keys.unseal(bytes(app.sealed), context), context)
        rows = PlatformApp.objects.everywhere("rotate keys").filter(pk=app.pk, version=app.version)
        changed += rows.update(sealed=fresh)
    return changed

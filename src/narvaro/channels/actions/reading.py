"""How far channels are read: claimed under a lease, advanced with what is kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from narvaro.base.clock import now
from narvaro.channels import rules
from narvaro.channels.models import Channel, ChannelReading
from narvaro.channels.types import ChannelState, Connection, Reading
from narvaro.connectors.port import Limits, PlatformError, ReconnectNeeded, Transient
from narvaro.core.jobs import real_now
from narvaro.core.types import Actor

if TYPE_CHECKING:
    pass

READ_LEASE = timedelta(minutes=3)
MISCONFIGURED_TRIED_EVERY = timedelta(hours=1)


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
    list(rows.filter(channel_id=channel_id).values_list("pk"))  # to ask is to wait


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
        values |= {"last_error": str(error)[:500], "failures": row.failures + 1, "connection": connection_after(error)}
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


def connection_after(error: PlatformError) -> Connection:
    """Return how a connection stands after a fault of the platform's (P6)."""
    if isinstance(error, Transient):
        return Connection.TRANSIENT
    return Connection.RECONNECT if isinstance(error, ReconnectNeeded) else Connection.MISCONFIGURED


def _held(reading: Reading) -> QuerySet[ChannelReading]:
    return ChannelReading.objects.everywhere("read channels").filter(channel_id=reading.channel_id, fence=reading.fence)

"""Records' work in the background: reading channels, threads and media. Due rows are claimed in turn."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.db.models import F, Q

from narvaro import screening
from narvaro.base.clock import now
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channel_queries
from narvaro.channels.models import Channel, ChannelReading
from narvaro.channels.types import ChannelState, Connection, Reading
from narvaro.connectors.port import Page, PlatformError, Transient
from narvaro.connectors.registry import connector
from narvaro.core import ledger
from narvaro.core import queries as core
from narvaro.core.jobs import real_now, schedule, task
from narvaro.core.types import Actor, Stale
from narvaro.media import queries as media
from narvaro.media import store
from narvaro.records import actions, rules
from narvaro.records.models import File, Item, Version, WatchedThread
from narvaro.records.types import Captured, FileState

MAX_PAGES_A_TURN = 50
MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_FILE_ATTEMPTS = 6
_LEASE = timedelta(minutes=5)
log = logging.getLogger("narvaro.records")


@schedule(5)
@task
def read_due_channels() -> None:
    """Read every channel that is due."""
    while (reading := channel_actions.claim_reading()) is not None:
        read_channel(reading)


@schedule(20)
@task
def read_due_threads() -> None:
    """Read threads again for edits and deletions, and for answers that the new-items stream does not show."""
    while (thread := _claim_thread()) is not None:
        reread_thread(thread)


@schedule(10)
@task
def fetch_due_files() -> None:
    """Fetch media whose text has been screened."""
    while (file := _claim_file()) is not None:
        fetch_file(file)


@schedule(24 * 3600)
@task
def sweep_orphan_blobs() -> None:
    """Remove blobs whose commit never came."""
    for authority in core.all_authorities():
        store.sweep_orphans(authority.pk, partial(is_wanted, authority.pk))


def is_wanted(authority_id: int, digest: str) -> bool:
    """Whether a record or an uploaded picture points at a blob."""
    return (
        Version.objects.everywhere("sweep").filter(
            authority_id=authority_id, payload_digest=digest, payload_in_store=True
        ).exists()
        or File.objects.everywhere("sweep").filter(authority_id=authority_id, digest=digest).exists()
        or media.is_used(authority_id, digest)
    )  # fmt: skip


def read_channel(reading: Reading) -> Captured:
    """
    Read a channel page by page until it is complete, each page kept with its watermark in one transaction.

    A fault ends this turn and says when the next one comes; what was read before it is kept.
    """
    channel = Channel.objects.everywhere("read channels").select_related("authority").get(pk=reading.channel_id)
    account, platform = channel_queries.account_of(channel), connector(channel.platform)
    total, cursor = Captured(), reading.cursor
    error: PlatformError | None = None
    try:
        for _ in range(MAX_PAGES_A_TURN):
            page = platform.read(account, cursor)
            total = _sum(total, actions.capture(channel=channel, page=page, reading=reading))
            ledger.sequence(channel.authority)
            cursor = page.next_cursor
            if not page.has_more:
                break
    except PlatformError as problem:
        log.warning("Kanalen %s kunde inte läsas: %s", channel.uid, problem)
        error = problem
    except Stale:
        return total  # another worker has the channel now
    channel_actions.end_reading(reading, error=error)
    return total


def reread_thread(thread: WatchedThread) -> Captured:
    """Read a thread again and keep what changed; a fault only puts it off."""
    channel = Channel.objects.everywhere("read threads").select_related("authority").get(pk=thread.channel_id)
    known = list(
        Item.objects.everywhere("read threads")
        .filter(channel=channel, thread_key=thread.root_remote_id, gone_at=None)
        .exclude(remote_id__startswith="narvaro:")
        .values_list("remote_id", flat=True)
    )
    moment = now()
    rows = WatchedThread.objects.everywhere("read threads").filter(pk=thread.pk)
    try:
        found = connector(channel.platform).read_thread(
            channel_queries.account_of(channel), thread.root_remote_id, known
        )
    except PlatformError as problem:
        wait = _wait_after(thread.failures, problem)
        rows.update(lease_until=None, failures=F("failures") + 1, next_at=moment + wait)
        return Captured()
    total = actions.capture(channel=channel, page=Page(items=found.items, next_cursor=""))
    if found.gone:
        total = _sum(total, actions.capture_gone(channel=channel, remote_ids=found.gone))
    if total.kept:
        ledger.sequence(channel.authority)
    rows.update(lease_until=None, failures=0)
    fresh = rows.get()
    rows.update(next_at=rules.next_reread(fresh.last_activity_at, moment))
    return total


def _wait_after(failures: int, problem: PlatformError) -> timedelta:
    if isinstance(problem, Transient) and problem.retry_after_seconds:
        return timedelta(seconds=min(problem.retry_after_seconds, 24 * 3600))
    return timedelta(minutes=min(5 * 2**failures, 24 * 60))


def fetch_file(file: File) -> None:
    """
    Fetch one medium, after its text was screened; suspected abuse material is never fetched.

    Law: BBS-10
    """
    version = file.version
    rows = File.objects.everywhere("fetch media").filter(pk=file.pk, state=FileState.WAITING)
    findings = screening.screen(version.text, direction=screening.Direction.INCOMING)
    if version.item.sealed_at is not None or screening.suspects_child_abuse_material(findings):
        rows.update(state=FileState.WITHHELD, lease_until=None)
        return
    channel = version.item.channel
    try:
        content, media_type = connector(channel.platform).fetch_media(
            channel_queries.account_of(channel), file.url, MAX_FILE_BYTES
        )
    except PlatformError as problem:
        is_last = file.attempts >= MAX_FILE_ATTEMPTS
        rows.update(
            state=FileState.FAILED if is_last else FileState.WAITING, last_error=str(problem)[:300], lease_until=None,
            next_at=now() + timedelta(minutes=2**file.attempts),
        )  # fmt: skip
        return
    digest = store.keep(file.authority_id, content)
    kept = rows.update(
        state=FileState.KEPT, digest=digest, size_bytes=len(content), media_type=media_type[:100], lease_until=None,
        last_error="",
    )  # fmt: skip
    if not kept and not is_wanted(file.authority_id, digest):
        store.expunge(file.authority_id, digest)  # sealed while it was on its way


def _claim_thread() -> WatchedThread | None:
    free = Q(lease_until=None) | Q(lease_until__lt=real_now())
    ready = Q(channel__state=ChannelState.ACTIVE)
    with transaction.atomic():
        rows = WatchedThread.objects.everywhere("read threads").filter(
            free & ready, next_at__lte=now(), channel_id__in=_connected_channels()
        )
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        thread: WatchedThread | None = rows.order_by("next_at", "id").first()
        if thread is not None:
            WatchedThread.objects.everywhere("read threads").filter(pk=thread.pk).update(
                lease_until=real_now() + _LEASE
            )
    return thread


def _connected_channels() -> list[int]:
    rows = ChannelReading.objects.everywhere("read threads").filter(
        connection__in=[Connection.CONNECTED, Connection.TRANSIENT]
    )
    return list(rows.values_list("channel_id", flat=True))


def _claim_file() -> File | None:
    free = Q(lease_until=None) | Q(lease_until__lt=real_now())
    with transaction.atomic():
        rows = File.objects.everywhere("fetch media").filter(free, state=FileState.WAITING, next_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        file: File | None = rows.select_related("version__item__channel").order_by("next_at", "id").first()
        if file is not None:
            File.objects.everywhere("fetch media").filter(pk=file.pk).update(
                lease_until=real_now() + _LEASE, attempts=F("attempts") + 1
            )
    return file


def _sum(a: Captured, b: Captured) -> Captured:
    return Captured(a.new + b.new, a.changed + b.changed, a.gone + b.gone, a.unchanged + b.unchanged)


@schedule(24 * 3600)
@task
def probe_channels() -> None:
    """Try what each channel's key can do, once a day (P8)."""
    rows = Channel.objects.everywhere("probe").exclude(state=ChannelState.CLOSED).filter(pk__in=_connected_channels())
    for channel in rows.select_related("authority"):
        try:
            found = connector(channel.platform).probe(channel_queries.account_of(channel))
        except PlatformError as problem:
            log.warning("Kanalen %s kunde inte prövas: %s", channel.uid, problem)
            continue
        channel_actions.store_probe(
            actor=Actor.system(channel.authority, "probe"),
            channel=channel,
            capabilities=[{"capability": c.capability.value, "works": c.works, "note": c.note} for c in found],
        )

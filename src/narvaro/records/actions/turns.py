"""Taking turns: claiming threads to read again and media to fetch, and storing what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core.jobs import real_now
from narvaro.media import store
from narvaro.records import queries, rules
from narvaro.records.actions.files import note_kept
from narvaro.records.models import File, WatchedThread
from narvaro.records.types import FileState

Row = TypeVar("Row", bound=Model)

MAX_FILE_ATTEMPTS = 6
_LEASE = timedelta(minutes=5)


def claim_thread(*, but_not: Collection[int] = ()) -> WatchedThread | None:
    """
    Take the next thread that is due to be read again, under a lease; None when there is none.

    Args:
        but_not: Channels that have had their share this time.
    """
    with transaction.atomic():
        readable = set(channels.connected_ids()) - set(but_not)
        rows = _threads().filter(_free(), next_at__lte=now(), channel_id__in=readable)
        thread = _first_unlocked(rows)
        if thread is not None:
            _threads().filter(pk=thread.pk).update(lease_until=real_now() + _LEASE)
    return thread


def end_thread(thread: WatchedThread) -> None:
    """Let go of a thread that was read; it comes back the more seldom the older it is."""
    fresh = _threads().get(pk=thread.pk)
    again = rules.next_reread(fresh.last_activity_at, now())
    _threads().filter(pk=thread.pk).update(lease_until=None, failures=0, next_at=again)


def postpone_thread(thread: WatchedThread, wait: timedelta) -> None:
    """Let go of a thread that could not be read."""
    _threads().filter(pk=thread.pk).update(lease_until=None, failures=F("failures") + 1, next_at=now() + wait)


def rest_threads(*, channel_id: int, wait: timedelta) -> None:
    """Let no thread of a channel be read again for a while: its platform asked us to wait, or does not answer."""
    until = now() + wait
    _threads().filter(_free(), channel_id=channel_id, next_at__lt=until).update(next_at=until)


def claim_file() -> File | None:
    """Take the next medium that is due to be fetched, under a lease; None when there is none."""
    with transaction.atomic():
        rows = _files().filter(_free(), state=FileState.WAITING, next_at__lte=now())
        file = _first_unlocked(rows.select_related("version__item__channel"))
        if file is not None:
            _files().filter(pk=file.pk).update(lease_until=real_now() + _LEASE, attempts=F("attempts") + 1)
    return file


def withhold_file(file: File) -> None:
    """
    Decide that a medium is never fetched.

    Law: BBS-10
    """
    _waiting(file).update(state=FileState.WITHHELD, lease_until=None)


def keep_file(file: File, content: bytes, media_type: str) -> None:
    """
    Store a fetched medium: durable first, then the row. What was sealed meanwhile is thrown away again.

    Law: BBS-10
    """
    digest = store.keep(file.authority_id, content)
    with transaction.atomic():
        kept = _waiting(file).update(
            state=FileState.KEPT, digest=digest, size_bytes=len(content), media_type=media_type[:100],
            lease_until=None, last_error="",
        )  # fmt: skip
        if kept:
            note_kept(file.pk)
    if not kept and not queries.is_wanted(file.authority_id, digest):
        store.expunge(file.authority_id, digest)


def keep_brought_files(*, version_id: int, authority_id: int, contents: Sequence[tuple[bytes, str]]) -> None:
    """
    Store the media that a person brought in with a text, in their order; those stored already are left.

    Args:
        contents: Bytes and media type of each.

    Law: TF-1
    """
    rows = File.objects.everywhere("keep what was brought in").filter(
        version_id=version_id, authority_id=authority_id, url="", digest=""
    )
    for file, (content, media_type) in zip(rows.order_by("pk"), contents, strict=False):
        digest = store.keep(authority_id, content)
        with transaction.atomic():
            rows.filter(pk=file.pk).update(
                state=FileState.KEPT, digest=digest, size_bytes=len(content), media_type=media_type[:100], last_error=""
            )
            note_kept(file.pk)


def fail_file(file: File, error: str) -> None:
    """Put a medium off after a fault; after the last attempt it counts as one that could not be fetched."""
    is_last = file.attempts + 1 >= MAX_FILE_ATTEMPTS
    _waiting(file).update(
        state=FileState.FAILED if is_last else FileState.WAITING, last_error=error[:300], lease_until=None,
        next_at=now() + timedelta(minutes=2**file.attempts),
    )  # fmt: skip


def _free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=real_now())


def _first_unlocked(rows: QuerySet[Row]) -> Row | None:
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.order_by("next_at", "id").first()


def _threads() -> QuerySet[WatchedThread]:
    return WatchedThread.objects.everywhere("read threads")


def _files() -> QuerySet[File]:
    return File.objects.everywhere("fetch media")


def _waiting(file: File) -> QuerySet[File]:
    return _files().filter(pk=file.pk, state=FileState.WAITING)

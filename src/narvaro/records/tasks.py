"""Records' work in the background: reading channels, threads and media. Due rows are claimed in turn."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from narvaro import screening
from narvaro.base.clock import now
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.types import Reading
from narvaro.connectors.port import Account, Limits, Misconfigured, Page, PlatformError, Transient
from narvaro.connectors.registry import connector
from narvaro.core import ledger
from narvaro.core import queries as core
from narvaro.core.jobs import Lane, schedule, task
from narvaro.core.types import Actor, NotPermitted, Problem, Stale
from narvaro.media import store
from narvaro.records import actions, export, index, queries, rules, uploads
from narvaro.records.models import Export, File, Import, Verification, WatchedThread
from narvaro.records.types import Captured
from narvaro.records.verify import verify

MAX_PAGES_A_TURN = 50
THREADS_A_TURN = 3  # every 20 s, each two calls or more; Mastodon allows 300 in 5 min, with those for what is new
A_WHILE_SECONDS = 10.0
MAX_FILE_BYTES = 200 * 1024 * 1024
Row = TypeVar("Row")
_rereading, _fetching = Lock(), Lock()
log = logging.getLogger("narvaro.records")


@schedule(5, Lane.READING)
@task
def read_due_channels() -> None:
    """Read every channel that is due."""
    while (reading := channel_actions.claim_reading()) is not None:
        read_channel(reading)


@schedule(20, Lane.READING)
@task
def read_due_threads() -> None:
    """
    Read threads again for edits and deletions, and for answers that the new-items stream does not show.

    A few of each channel at a time, whoever has waited longest first: a platform's quota is for what is new.
    """
    read: Counter[int] = Counter()
    had_theirs: set[int] = set()
    for thread in _a_while(lambda: actions.claim_thread(but_not=had_theirs), _rereading):
        reread_thread(thread)
        read[thread.channel_id] += 1
        if read[thread.channel_id] >= THREADS_A_TURN:
            had_theirs.add(thread.channel_id)


@schedule(10, Lane.READING)
@task
def fetch_due_files() -> None:
    """Fetch media whose text has been screened; those of a long backlog a part at a time."""
    for file in _a_while(actions.claim_file, _fetching):
        fetch_file(file)


def _a_while(claim: Callable[[], Row | None], turn: Lock) -> Iterator[Row]:
    """
    Yield what is due until there is no more or a few seconds have passed; nothing while another thread is at it.

    What is new is read by the same threads. Thousands of pictures, or servers that answer slowly, must not hold all of
    them up until a comment has waited longer than a minute.
    """
    if not turn.acquire(blocking=False):
        return
    try:
        until = monotonic() + A_WHILE_SECONDS
        while monotonic() < until and (row := claim()) is not None:
            yield row
    finally:
        turn.release()


@schedule(24 * 3600)
@task
def sweep_orphan_blobs() -> None:
    """Remove blobs whose commit never came."""
    for authority in core.all_authorities():
        store.sweep_orphans(authority.pk, partial(queries.is_wanted, authority.pk))


def read_channel(reading: Reading) -> Captured:
    """
    Read a channel page by page until it is complete, each page kept with its watermark in one transaction.

    A fault ends this turn and says when the next one comes; what was read before it is kept.
    """
    channel = channels.channel_to_read(reading.channel_id)
    account, platform = channels.account_of(channel), connector(channel.platform)
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
    """Read a thread again and keep what changed; a fault only puts it off, and with it what would meet the same."""
    channel = channels.channel_to_read(thread.channel_id)
    known = queries.remote_ids_in_thread(channel, thread.root_remote_id)
    try:
        found = connector(channel.platform).read_thread(channels.account_of(channel), thread.root_remote_id, known)
    except PlatformError as problem:
        wait = _wait_after(thread.failures, problem)
        actions.postpone_thread(thread, wait)
        if not isinstance(problem, Misconfigured):
            actions.rest_threads(channel_id=thread.channel_id, wait=wait)
        return Captured()
    total = actions.capture(channel=channel, page=Page(items=found.items, next_cursor=""))
    actions.store_counts(channel=channel, items=found.items)
    if found.gone:
        total = _sum(total, actions.capture_gone(channel=channel, remote_ids=found.gone))
    if total.kept:
        ledger.sequence(channel.authority)
    actions.end_thread(thread)
    return total


def fetch_file(file: File) -> None:
    """
    Fetch one medium, after its text was screened; suspected abuse material is never fetched.

    Law: BBS-10
    """
    item = file.version.item
    findings = screening.screen(
        rules.words_around(file.version.text, file.version.media), direction=screening.Direction.INCOMING
    )
    is_told = any(is_never_fetched(item) for is_never_fetched in queries.never_fetched)
    if item.sealed_at is not None or is_told or screening.suspects_child_abuse_material(findings):
        actions.withhold_file(file)
        return
    try:
        content, media_type = connector(item.channel.platform).fetch_media(
            channels.account_of(item.channel), file.url, MAX_FILE_BYTES
        )
    except PlatformError as problem:
        actions.fail_file(file, str(problem))
        return
    actions.keep_file(file, content, media_type)


def _wait_after(failures: int, problem: PlatformError) -> timedelta:
    if isinstance(problem, Transient) and problem.retry_after_seconds:
        return timedelta(seconds=min(problem.retry_after_seconds, 24 * 3600))
    return timedelta(minutes=min(5 * 2**failures, 24 * 60))


def _sum(a: Captured, b: Captured) -> Captured:
    return Captured(a.new + b.new, a.changed + b.changed, a.gone + b.gone, a.unchanged + b.unchanged)


@schedule(24 * 3600)
@task
def probe_channels() -> None:
    """Try what each channel's key can do, once a day (P8), and keep how its account presents itself."""
    for channel_id in channels.connected_ids():
        channel = channels.channel_to_read(channel_id)
        account = channels.account_of(channel)
        try:
            found = connector(channel.platform).probe(account)
            profile = connector(channel.platform).profile(account)
        except PlatformError as problem:
            log.warning("Kanalen %s kunde inte prövas: %s", channel.uid, problem)
            continue
        actions.capture_profile(channel=channel, profile=profile)
        channel_actions.store_probe(
            actor=Actor.system(channel.authority, "probe"),
            channel=channel,
            capabilities=[{"capability": c.capability.value, "works": c.works, "note": c.note} for c in found],
            limits=_limits(channel.platform, account),
        )


def _limits(platform: str, account: Account) -> Limits | None:
    try:
        return connector(platform).limits(account)
    except PlatformError:
        return None  # what it told last still stands


@schedule(5, Lane.HOUSE)
@task
def index_for_search() -> None:
    """Index what was kept since last time, in every authority."""
    for authority in core.all_authorities():
        with suppress(index.Moved):  # another worker has it
            while index.follow(authority.pk).read:
                pass


@schedule(60)
@task
def erase_traces() -> None:
    """Clear the traces of what was expunged out of the search index and the database's log."""
    latest = queries.latest_erasure()
    if latest is not None and index.erase_traces():
        actions.end_erasures(before=latest)


@schedule(3, Lane.HOUSE)
@task
def start_asked_work() -> None:
    """Let a worker begin with exports, verifications and imports that somebody asked for; they take long."""
    if queries.has_waiting_import():
        take_in_archives.enqueue()
    if queries.has_waiting_export():
        make_exports.enqueue()
    if queries.has_waiting_verification():
        run_verifications.enqueue()


@task
def make_exports() -> None:
    """Make the exports that people asked for."""
    while (asked := actions.claim_export()) is not None:
        try:
            _make_export(asked)
        except Exception as problem:
            log.exception("Exporten %s blev inte klar", asked.uid)
            actions.fail(asked, _said(problem))


def _make_export(asked: Export) -> None:
    actor = core.actor_for(asked.asked_by, asked.authority_id) if asked.asked_by else None
    if actor is None or actor.authority_id != asked.authority_id or not rules.may_export(actor):
        raise NotPermitted
    selection = export.Selection(channel=asked.channel)
    actions.advance(asked, done=0, total=selection.count(actor))
    size = export.make_file(
        actor, selection, asked.form, export.path_of(asked.uid, asked.form),
        progress=lambda done: _keep_going(actions.advance(asked, done=done)),
    )  # fmt: skip
    actions.end_export(asked, size_bytes=size)


@task
def run_verifications() -> None:
    """Recompute what people asked to have verified."""
    while (asked := actions.claim_verification()) is not None:
        try:
            _verify(asked)
        except Exception as problem:
            log.exception("Kontrollen %s blev inte klar", asked.uid)
            actions.fail(asked, _said(problem))


def _verify(asked: Verification) -> None:
    actor = Actor.system(asked.authority, "verify")
    actions.advance(asked, done=0, total=ledger.size(actor))
    verdict = verify(actor, progress=lambda done: _keep_going(actions.advance(asked, done=done)))
    actions.end_verification(actor=actor, verification=asked, verdict=verdict)


@task
def take_in_archives() -> None:
    """Take in the archives that people uploaded."""
    while (asked := actions.claim_import()) is not None:
        try:
            is_over = actions.end_import(asked, _take_in(asked))
        except Stale:  # another worker has it now
            continue
        except Problem as problem:
            is_over = actions.refuse_import(asked, str(problem))
        except Exception as problem:
            log.exception("Inläsningen %s blev inte klar", asked.uid)
            actions.fail(asked, _said(problem))
            continue
        if is_over:
            uploads.remove(asked.uid)


def _take_in(asked: Import) -> dict[str, Any]:
    actor = core.actor_for(asked.asked_by, asked.authority_id) if asked.asked_by else None
    if actor is None or actor.authority_id != asked.authority_id:
        raise NotPermitted
    return actions.import_archive(
        actor=actor, channel=asked.channel, path=uploads.path_of(asked.uid),
        from_other_account=asked.from_other_account,
        progress=lambda done, total: _keep_going(actions.advance(asked, done=done, total=total)),
    )  # fmt: skip


@schedule(3600)
@task
def retire_exports() -> None:
    """Remove the files of exports that are a week old."""
    for old in queries.old_exports(now() - rules.KEEP_EXPORTS):
        export.remove_file(old.uid, old.form)
        actions.retire_export(old)


def _said(problem: Exception) -> str:
    return str(problem) if isinstance(problem, Problem) else _("Ett fel uppstod. Det prövas igen.")


def _keep_going(is_ours: bool) -> None:
    if not is_ours:
        raise Stale

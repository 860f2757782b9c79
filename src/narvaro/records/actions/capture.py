"""Keeping what was written: one transaction a page, and nothing twice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from narvaro.base import merkle
from narvaro.base.clock import now
from narvaro.base.ids import uuid7, uuid7s
from narvaro.channels import actions as channels
from narvaro.channels.types import Reading
from narvaro.connectors import links
from narvaro.connectors.port import Author, Kind, Medium, Page, Visibility
from narvaro.connectors.port import Item as Found
from narvaro.core import audit, ledger
from narvaro.core.types import Actor, Stale
from narvaro.media import store
from narvaro.records import bulk, rules
from narvaro.records.actions.gaps import note_gap
from narvaro.records.actions.noting import machine
from narvaro.records.actions.visibility import follow_platform
from narvaro.records.models import File, Item, Link, Version, WatchedThread
from narvaro.records.proof import leaf_content, moment_text
from narvaro.records.types import Captured, FileState, Origin, Registration, Source, VersionKind

INLINE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ChannelKey:
    """What capture needs to know of a channel."""

    pk: int
    uid: UUID
    authority_id: int


def capture(*, channel: Any, page: Page, reading: Reading | None = None, source: str = Source.POLL) -> Captured:
    """
    Keep a page in one transaction: versions with their bytes, leaves, files to fetch, and the watermark.

    An unchanged item writes nothing; a changed one is a new version; a deleted one gets a tombstone.
    Payloads of 64 KiB and more are durable in the blob store before the commit.

    Args:
        channel: The channel, or a `ChannelKey`.
        reading: The reading under which the page was read; None for imports and manual entries.

    Raises:
        Stale: The reading has passed to another worker; nothing of the page was kept.

    Law: TF-1, TF-2, ARK-10; P11, P12
    """
    key = ChannelKey(channel.pk, channel.uid, channel.authority_id)
    items = sorted(_once_each(page.items), key=lambda item: item.published_at)
    stored = {item.remote_id: _stored_payload(key, item.raw) for item in items}
    with transaction.atomic():
        if reading is None:
            channels.hold_channel(key.pk)
        elif not channels.hold_reading(reading):
            raise Stale
        plan = _plan(key, items)
        _write(key, plan, stored, source)
        if page.gap_reason:
            note_gap(channel=key, why=page.gap_reason, from_at=page.gap_from, until_at=page.complete_to)
        if reading is not None and not channels.advance_reading(
            reading, cursor=page.next_cursor, complete_to=None if page.has_more else page.complete_to
        ):
            raise Stale
    return Captured(
        new=len(plan.new),
        changed=sum(not item.deleted for _, item in plan.changed),
        gone=sum(item.deleted for _, item in plan.changed),
        unchanged=plan.unchanged,
    )


def capture_gone(*, channel: Any, remote_ids: Sequence[str]) -> Captured:
    """Write a tombstone for each item that the platform says is gone; those marked already are left (P13)."""
    tombs = tuple(
        Found(remote_id=remote_id, kind=Kind.COMMENT, author=Author("", ""), text="", published_at=now(), raw=b"",
              deleted=True)
        for remote_id in remote_ids
    )  # fmt: skip
    return capture(channel=channel, page=Page(items=tombs, next_cursor=""))


def capture_own(*, channel: Any, item: Found) -> int:
    """
    Keep what we just published, from the platform's own answer; returns the item's id.

    Law: TF-5 (drawn up when it is published)
    """
    capture(channel=channel, page=Page(items=(item,), next_cursor=""), source=Source.PUBLICATION)
    return bulk.known_items(channel.authority_id, channel.pk, [item.remote_id])[item.remote_id][0]


@transaction.atomic
def keep_file_note(*, actor: Actor, item: Item, text: str) -> Item:
    """
    Make a working note a record: a file note in the item's thread.

    Law: FL-6 (27 §), OSL-1 (seed 003: "i form av tjänsteanteckning")
    """
    kept = write_file_note(actor, item.channel, text, parent=item.remote_id, thread=item.thread_key)
    audit.note(actor, "records.keep_file_note", kept, thread=item.uid)
    return kept


def write_file_note(
    actor: Actor, channel: Any, text: str, *, parent: str = "", thread: str = "", url: str = "",
    media: tuple[Medium, ...] = (),
) -> Item:  # fmt: skip
    """Write a file note in the caller's transaction: in a thread, or by itself when none is given."""
    remote_id = f"narvaro:{uuid7()}"
    note = Found(
        remote_id=remote_id, kind=Kind.COMMENT, author=Author(f"person:{actor.person_id}", "", actor.name),
        text=text, published_at=now(), raw=text.encode(), is_own=True, parent_remote_id=parent,
        root_remote_id=thread or remote_id, visibility=Visibility.PRIVATE, url=url, media=media,
    )  # fmt: skip
    key = ChannelKey(channel.pk, channel.uid, channel.authority_id)
    plan = _Plan(new=[(note, note.root_remote_id)], changed=[], unchanged=0)
    _write(key, plan, {remote_id: _stored_payload(key, note.raw)}, Source.MANUAL, is_file_note=True)
    kept: Item = Item.objects.of(actor).select_related("channel").get(channel_id=channel.pk, remote_id=remote_id)
    return kept


@dataclass(slots=True)
class _Plan:
    """What a page leads to: new items with their thread key, and changed ones with what is kept of them."""

    new: list[tuple[Found, str]]
    changed: list[tuple[tuple[int, int, str, str, str], Found]]
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Payload:
    inline: bytes | None
    digest: str


def _once_each(items: Iterable[Found]) -> list[Found]:
    """A page that repeats an item says it last (endless or overlapping paging)."""
    return list({item.remote_id: item for item in items}.values())


def _stored_payload(key: ChannelKey, raw: bytes) -> _Payload:
    if len(raw) < INLINE_BYTES:
        return _Payload(raw, sha256(raw).hexdigest())
    return _Payload(None, store.keep(key.authority_id, raw))


def _plan(key: ChannelKey, items: Sequence[Found]) -> _Plan:
    wanted = {item.remote_id for item in items} | {item.parent_remote_id for item in items if item.parent_remote_id}
    known = bulk.known_items(key.authority_id, key.pk, sorted(wanted))
    threads = {remote_id: row[4] for remote_id, row in known.items()}
    plan = _Plan(new=[], changed=[], unchanged=0)
    for item in items:
        kept = known.get(item.remote_id)
        if kept is None:
            if item.deleted:
                continue  # gone before we ever saw it: there is nothing to bury
            thread = item.root_remote_id or threads.get(item.parent_remote_id) or item.parent_remote_id
            threads[item.remote_id] = thread or item.remote_id
            plan.new.append((item, threads[item.remote_id]))
        elif rules.is_changed(kept_kind=kept[3], kept_digest=kept[2], item=item):
            plan.changed.append((kept, item))
        else:
            plan.unchanged += 1
    return plan


def _write(
    key: ChannelKey, plan: _Plan, stored: Mapping[str, _Payload], source: str, *, is_file_note: bool = False
) -> None:
    count = len(plan.new) + len(plan.changed)
    if not count:
        return
    item_ids = bulk.reserve_ids(Item, len(plan.new))
    version_ids = bulk.reserve_ids(Version, count)
    uids, salts, moment = uuid7s(len(plan.new) + count), os.urandom(32 * count), now()
    writer = _Writer(key, source, moment, is_file_note)
    for n, (item, thread) in enumerate(plan.new):
        writer.add_item(item_ids[n], uids[n], item, thread, version_ids[n])
        writer.add_version(
            version_ids[n], uids[len(plan.new) + n], salts[32 * n : 32 * n + 32], item_ids[n], uids[n].hex, 1, item,
            writer.origin(item), stored[item.remote_id], thread,
        )  # fmt: skip
    if plan.changed:
        _write_changed(key, plan, stored, writer, version_ids[len(plan.new) :], uids, salts)
    writer.flush()
    follow_platform(key.authority_id, narrowed=writer.narrowed, wider=writer.wider)
    _adopt_orphans(key, plan.new, item_ids)
    _watch(key, plan, moment)


def _write_changed(
    key: ChannelKey, plan: _Plan, stored: Mapping[str, _Payload], writer: _Writer, version_ids: Sequence[int],
    uids: Sequence[UUID], salts: bytes,
) -> None:  # fmt: skip
    new = len(plan.new)
    rows = Item.objects.everywhere("capture").in_bulk([kept[0] for kept, _ in plan.changed])
    moves = []
    for n, (kept, found) in enumerate(plan.changed):
        row, number = rows[kept[0]], kept[1] + 1
        salt = salts[32 * (new + n) : 32 * (new + n) + 32]
        as_kept = _with_identity(found, row)
        writer.add_version(
            version_ids[n], uids[new + new + n], salt, row.pk, row.uid.hex, number, as_kept, row.origin,
            stored[found.remote_id], kept[4],
        )  # fmt: skip
        writer.see_audience(row, as_kept)
        moves.append((version_ids[n], number, bulk.moment(writer.moment if found.deleted else None), row.pk))
    bulk.update_items(moves)


def _with_identity(found: Found, row: Item) -> Found:
    """What identifies an item is as first kept; a platform that changes its mind about it changes nothing here."""
    changes: dict[str, Any] = {"kind": Kind(row.kind), "parent_remote_id": row.parent_remote_id}
    if found.deleted:
        changes |= {"published_at": row.published_at, "visibility": Visibility(row.visibility)}
    return Found(**{name: changes.get(name, getattr(found, name)) for name in Found.__slots__})


class _Writer:
    """Collects rows and writes each table in one statement."""

    def __init__(self, key: ChannelKey, source: str, moment: datetime, is_file_note: bool) -> None:
        self.key, self.source, self.moment, self.is_file_note = key, source, moment, is_file_note
        self._captured, self._captured_text = bulk.moment(moment), moment_text(moment)
        self._items: list[tuple[Any, ...]] = []
        self._versions: list[tuple[Any, ...]] = []
        self._leaves: list[tuple[Any, ...]] = []
        self._files: list[File] = []
        self._links: list[Link] = []
        self.narrowed: dict[int, Visibility] = {}
        self.wider: list[Item] = []

    def see_audience(self, row: Item, found: Found) -> None:
        """Note who may see an item by its new version, when that is others than by what is kept of it."""
        if rules.is_narrower(found.visibility, row.visibility):
            self.narrowed[row.pk] = found.visibility
        elif rules.is_narrower(row.visibility, found.visibility):
            self.wider.append(row)

    def origin(self, item: Found) -> str:
        if self.is_file_note:
            return Origin.FILE_NOTE.value
        return Origin.DRAWN_UP.value if item.is_own else Origin.RECEIVED.value

    def add_item(self, pk: int, uid: UUID, item: Found, thread: str, version_id: int) -> None:
        self._items.append((
            pk, self.key.authority_id, bulk.uid(uid), self.key.pk, item.remote_id, item.kind.value, self.origin(item),
            item.visibility.value, thread, item.parent_remote_id, bulk.moment(item.published_at), version_id, 1, None,
            json.dumps(dict(item.counts)), Registration.KEPT_IN_ORDER.value, False, None,
        ))  # fmt: skip

    def add_version(
        self, pk: int, uid: UUID, salt: bytes, item_id: int, item_uid: str, number: int, item: Found, origin: str,
        payload: _Payload, thread: str,
    ) -> None:  # fmt: skip
        kind = VersionKind.TOMBSTONE.value if item.deleted else VersionKind.CONTENT.value
        text, author, media = rules.storable(item.text), item.author, rules.media_json(item.media)
        name, handle = rules.storable(author.display_name)[:300], rules.storable(author.handle)[:300]
        url = rules.storable(item.url)[:1000]
        leaf = merkle.leaf_hash(
            leaf_content(salt, (
                self.key.uid.hex, item_uid, uid.hex, item.remote_id, item.kind.value, origin, item.visibility.value,
                item.parent_remote_id, number, kind, self.source, author.remote_id, handle, name, text, media,
                item.language, url, moment_text(item.published_at), moment_text(item.edited_at), self._captured_text,
                payload.digest, thread,
            ))
        )  # fmt: skip
        self._versions.append((
            pk, self.key.authority_id, bulk.uid(uid), item_id, number, kind, self.source, author.remote_id, handle,
            name, item.visibility.value, text, media, item.language, url, bulk.moment(item.published_at),
            bulk.moment(item.edited_at), self._captured, payload.inline, payload.digest, payload.inline is None,
            rules.content_digest(item), salt, leaf, None, thread,
        ))  # fmt: skip
        self._leaves.append((self.key.authority_id, ledger.VERSION, pk, leaf, None))
        link = links.key_unless_timed(url, item.published_at) if url else None
        if link is not None:
            self._links.append(Link(authority_id=self.key.authority_id, item_id=item_id, key=link))
        self._files.extend(
            File(
                authority_id=self.key.authority_id, version_id=pk, url=rules.storable(medium.url)[:2000],
                kind=medium.kind.value, media_type=medium.media_type[:100], alt=rules.storable(medium.alt),
                state=FileState.WAITING if medium.url else FileState.FAILED,
            )
            for medium in item.media
        )  # fmt: skip

    def flush(self) -> None:
        bulk.insert("records_item", bulk.ITEM_INSERT, self._items)
        bulk.insert("records_version", bulk.VERSION_INSERT, self._versions)
        bulk.insert("core_leaf", bulk.LEAF_INSERT, self._leaves)
        if self._files:
            File.objects.bulk_create(self._files)
        if self._links:
            Link.objects.bulk_create(self._links, ignore_conflicts=True)  # a later version at the same address


def _adopt_orphans(key: ChannelKey, new: Sequence[tuple[Found, str]], item_ids: Sequence[int]) -> None:
    """
    Answers that were kept before what they answer hang under it; move them to its thread now that it is here.

    The leaf of what is new says which thread that is, and the log that they moved: `verify` holds them to it.
    """
    moved = {item.remote_id: (pk, thread) for (item, thread), pk in zip(new, item_ids, strict=True)
             if thread != item.remote_id}  # fmt: skip
    if not moved:
        return
    rows = Item.objects.everywhere("capture").filter(channel_id=key.pk)
    for guessed in bulk.threads_among(key.pk, list(moved)):
        pk, thread = moved[guessed]
        rows.filter(thread_key=guessed).update(thread_key=thread)
        audit.note(machine(key.authority_id, "capture"), "records.join_thread", rows.get(pk=pk))


def _watch(key: ChannelKey, plan: _Plan, moment: datetime) -> None:
    """Threads in which something happened are read again soon, for edits and deletions."""
    threads = {thread for _, thread in plan.new} | {kept[4] for kept, _ in plan.changed}
    rows = [
        WatchedThread(
            authority_id=key.authority_id, channel_id=key.pk, root_remote_id=thread, last_activity_at=moment,
            next_at=moment + timedelta(minutes=2),
        )
        for thread in sorted(threads)
        if not thread.startswith("narvaro:")
    ]  # fmt: skip
    WatchedThread.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["authority", "channel", "root_remote_id"],
        update_fields=["last_activity_at", "next_at"],
    )

"""Every read of records. Sealed items show nothing; private ones only to those who answer for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db.models import BooleanField, Count, Exists, Max, Model, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.connectors import links
from narvaro.connectors.port import Visibility
from narvaro.core import ledger
from narvaro.core import rules as house
from narvaro.core.gathering import Part, gathered
from narvaro.core.jobs import real_now
from narvaro.core.types import ANSWERS, Actor, NotFound, NotKept, NotPermitted
from narvaro.media import queries as media
from narvaro.media import store
from narvaro.records import bulk, rules
from narvaro.records.evidence import evidence_of
from narvaro.records.models import (
    Erasure,
    Export,
    File,
    Gap,
    HeldItem,
    Hold,
    Import,
    Item,
    Link,
    Opening,
    RegistryEntry,
    Verification,
    Version,
)
from narvaro.records.proof import entry_mark, file_mark, moment_text
from narvaro.records.types import PROFILE, ExportScope, FileState, Kept, Origin, VersionKind, WorkState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

Row = TypeVar("Row", bound=Model)
_AT_ONCE = timedelta(minutes=10)  # most come so soon after the time in their id


never_fetched: list[Callable[[Item], bool]] = []
"""What floors above know of items whose media may never be taken: asked before each is fetched (BBS-10)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An item with its latest words, as a page shows it. Sealed: no text, no files."""

    item: Item
    version: Version
    files: tuple[File, ...]
    is_sealed: bool

    @property
    def text(self) -> str:
        """The words to show; a tombstone shows the last words there were."""
        return "" if self.is_sealed else self.version.text

    @property
    def author(self) -> str:
        """Who wrote it, by name or else by handle, as the platform told it; "" when sealed or never told."""
        return "" if self.is_sealed else self.version.author_name or self.version.author_handle


def item_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Item:
    """
    Return one kept item of the actor's authority.

    Raises:
        NotFound: Missing, another authority's, or private and not the actor's to read.
    """
    rows = Item.objects.of(actor).filter(uid=uid)
    item = _one((rows.select_for_update() if lock else rows).select_related("channel"))
    _refuse_unreadable(actor, item)
    return item


def item_by_id(actor: Actor, item_id: int) -> Item:
    """Return one kept item by its key. Raises NotFound."""
    item = _one(Item.objects.of(actor).filter(pk=item_id).select_related("channel"))
    _refuse_unreadable(actor, item)
    return item


def item_by_remote_id(actor: Actor, channel_id: int, remote_id: str) -> Item | None:
    """Return the item kept under a remote id in a channel, or None."""
    found: Item | None = Item.objects.of(actor).filter(channel_id=channel_id, remote_id=remote_id).first()
    return found


def items_by_remote_ids(actor: Actor, channel_ids: Iterable[int], remote_ids: Iterable[str]) -> list[Item]:
    """Return the items kept under some remote ids in some channels, in no order. One query however many."""
    rows = Item.objects.of(actor).filter(channel_id__in=list(channel_ids), remote_id__in=list(remote_ids))
    return list(rows.select_related("channel"))


def item_by_address(actor: Actor, url: str, *, ending: str = "", handle: str = "") -> Item | None:
    """
    Return the item that is or was shown at an address, however old it is; or None.

    Where the id in the address tells when it was written, it is looked for around that time; else by its key.

    Args:
        url: The address as people copied it; what follows a question mark or a # may be somebody's addition.
        ending: How the platform's own address ends, where people's names the author by `handle` instead.
    """
    plain = url.partition("#")[0].partition("?")[0].rstrip("/")
    whole = {url, url.partition("#")[0], plain, f"{plain}/"}
    is_there = Q(url__in=whole)
    if ending:
        is_there |= Q(url__endswith=ending, author_handle__iexact=handle)
    keys = [key for key in map(links.key_of, sorted(whole)) if key is not None]
    known = Link.objects.of(actor).filter(key__in=keys)
    places: list[QuerySet[Any]] = [known.values("item_id")] if keys else []
    written_at = links.written_at(plain)
    if written_at is not None:
        spans = [(written_at - near, written_at + near) for near in (_AT_ONCE, links.NEAR)]
        places += [Item.objects.of(actor).filter(published_at__range=span).values("pk") for span in spans]
    for place in places:
        found = Version.objects.of(actor).filter(is_there, item__in=place).values_list("item_id", flat=True)[:1]
        if found:
            return Item.objects.of(actor).select_related("channel").get(pk=found[0])
    return None


def is_open_there(item: str) -> Exists:
    """
    Return whether what is private here can be read by others on the platform since: a condition on rows.

    Args:
        item: How the rows name their item, such as "incoming__item".

    Law: BBS-1, TF-4
    """
    latest = Version.objects.everywhere("see who may read").filter(pk=OuterRef(f"{item}__latest_version_id"))
    return Exists(latest.filter(kind=VersionKind.CONTENT).exclude(visibility=Visibility.PRIVATE))


def known_when_opened(actor: Actor, item_ids: Iterable[int]) -> dict[int, tuple[datetime, list[Opening]]]:
    """
    Return, of items whose latest version says what the one before it said, when that version came and who had opened
    the item before that, the first of them first. Those that nobody had opened, or that say something else, are absent.

    Law: BBS-4
    """
    versions: dict[int, list[Version]] = {}
    rows = Version.objects.of(actor).filter(item_id__in=list(item_ids), kind=VersionKind.CONTENT)
    for row in rows.order_by("item_id", "-number").defer("payload"):
        versions.setdefault(row.item_id, []).append(row)
    same = {
        item_id: (said[0].captured_at, said[1].number)
        for item_id, said in versions.items()
        if len(said) > 1 and (said[0].text, said[0].media) == (said[1].text, said[1].media)
    }
    found: dict[int, tuple[datetime, list[Opening]]] = {}
    openings = Opening.objects.of(actor).filter(item_id__in=same).select_related("person").order_by("first_at", "pk")
    for opening in openings:
        came_at, number = same[opening.item_id]
        if opening.first_at <= came_at and opening.last_version >= number:
            found.setdefault(opening.item_id, (came_at, []))[1].append(opening)
    return found


def openings_part(actor: Actor, item_ids: Iterable[int]) -> Part:
    """Return what to gather, together with other things, to know which items the actor has opened just now."""
    rows = Opening.objects.of(actor).filter(person=actor.person_id or 0, item_id__in=list(item_ids))
    without = ("first_at", "last_at", "first_version", "times")
    return Part(rows.filter(last_at__gt=now() - rules.OCCASION), without=without)


def unnoted(items: Iterable[Item], openings: Iterable[Opening]) -> list[Item]:
    """Return which of others' items are to be noted as opened now; those opened just now are not noted again."""
    seen = {row.item_id: row.last_version for row in openings}
    return [
        item
        for item in items
        if item.origin == Origin.RECEIVED and item.sealed_at is None and seen.get(item.pk, 0) < item.versions
    ]


def openings_of(actor: Actor, item: Item) -> list[Opening]:
    """Return who has had an item before them, each with the first and the latest time; the first of them first."""
    rows = Opening.objects.of(actor).filter(item=item)
    return list(rows.select_related("person").order_by("first_at", "pk"))


def kept(actor: Actor, item: Item) -> Version:
    """
    Return the latest version of an item.

    Raises:
        NotKept: It has none, so nothing may be done to it yet.
    """
    found: Version | None = Version.objects.of(actor).filter(pk=item.latest_version_id).first()
    if found is None:
        raise NotKept
    return found


def is_proved(actor: Actor, version: Version) -> bool:
    """Whether a version's place in the signed ledger is shown to hold. Law: ARK-1, P13"""
    found = evidence_of(actor, version)
    return found.position is not None and found.holds


def versions_of(actor: Actor, item: Item) -> list[Version]:
    """Return every version of an item, oldest first; those of a sealed item without their words."""
    rows = list(Version.objects.of(actor).filter(item=item).order_by("number").defer("payload"))
    return [_without_words(v) for v in rows] if item.sealed_at else rows


def versions_with_files(actor: Actor, item: Item) -> tuple[list[Version], list[File]]:
    """
    Return every version of an item, oldest first, and the media of them all, as they stand.

    They must pass `outward` before anybody is given them.
    """
    versions = list(Version.objects.of(actor).filter(item=item).order_by("number").defer("payload"))
    for version in versions:
        version.item = item
    return versions, list(File.objects.of(actor).filter(version__in=[v.pk for v in versions]).order_by("pk"))


def shown(actor: Actor, items: Sequence[Item]) -> list[Shown]:
    """
    Return items with their latest words and files, in the order given. One query however many.

    A tombstone carries no words, so the words before it are shown with the mark that it is gone.
    """
    return shown_from(items, gathered(words_parts(actor, items)))


def words_parts(actor: Actor, items: Sequence[Item], *, with_files: bool = True) -> dict[str, Part]:
    """Return what to gather, together with other things, for `shown_from`."""
    latest = [item.latest_version_id for item in items]
    buried = [item.pk for item in items if item.gone_at is not None]
    wanted = Q(pk__in=latest)
    if buried:
        wanted |= Q(item_id__in=buried, kind="content")
    versions = Version.objects.of(actor).filter(wanted) if items else Version.objects.of(actor).none()
    parts = {"words": Part(versions, without=("media", "content_digest", "payload_digest"))}
    if with_files:
        files = File.objects.of(actor)
        parts["files"] = Part(files.filter(version__in=versions.values("pk")) if items else files.none())
    return parts


def shown_from(items: Sequence[Item], found: Mapping[str, Sequence[Any]]) -> list[Shown]:
    """Return items with their words and files out of what was gathered for them and perhaps for others."""
    versions: dict[int, Version] = {}
    for version in found["words"]:
        before = versions.get(version.item_id)
        is_newer = before is None or version.number > before.number
        if before is None or (is_newer and version.kind == "content") or before.kind != "content":
            versions[version.item_id] = version
    files: dict[int, list[File]] = {}
    for file in found.get("files", ()):
        files.setdefault(file.version_id, []).append(file)
    return [
        Shown(
            item=item, version=versions[item.pk], is_sealed=item.sealed_at is not None,
            files=() if item.sealed_at else tuple(files.get(versions[item.pk].pk, ())),
        )
        for item in items
        if item.pk in versions
    ]  # fmt: skip


def registry_part(actor: Actor, items: Iterable[Item]) -> Part:
    """Return what to gather to know the registry entries of items; the last one of an item counts."""
    return Part(RegistryEntry.objects.of(actor).filter(item__in=[i.pk for i in items]))


def thread_of(actor: Actor, item: Item, *, limit: int = 500) -> list[Item]:
    """Return the whole thread an item stands in, oldest first, private parts only for those who may read them."""
    rows = Item.objects.of(actor).filter(channel_id=item.channel_id, thread_key=item.thread_key)
    found = list(rows.select_related("channel").order_by("published_at", "id")[:limit])
    if any(i.visibility == Visibility.PRIVATE for i in found) and not _may_read_private(actor, item.channel):
        found = [i for i in found if i.visibility != Visibility.PRIVATE]
    return found


def items_by_id(actor: Actor, ids: Iterable[int]) -> dict[int, Item]:
    """Return the named items of the actor's authority, by key; private ones the actor may not read are absent."""
    readable = ~Q(visibility=Visibility.PRIVATE) | Q(channel__in=private_channels(actor))
    return {i.pk: i for i in Item.objects.of(actor).filter(readable, pk__in=list(ids)).select_related("channel")}


def private_channels(actor: Actor) -> QuerySet[Channel]:
    """Return the channels whose private messages the actor may read, to narrow a query with. Law: TF-4, BBS-1"""
    return channels.answered_by(actor, unit_ids=actor.units_as(*ANSWERS), is_everywhere=rules.reads_all_private(actor))


def readable_private_channels(actor: Actor) -> frozenset[int]:
    """Return the channels whose private messages the actor may read. Law: TF-4, BBS-1"""
    return frozenset(c.pk for c in channels.channels(actor, include_closed=True) if _may_read_private(actor, c))


def channels_for_reading(actor: Actor) -> dict[int, tuple[Channel, bool]]:
    """
    Return the authority's channels by key, closed ones too, each with whether the actor may read its private messages.

    Raises:
        NotPermitted: The actor may not read records at all.

    Law: TF-4, BBS-1
    """
    _refuse_readers(actor)
    return {c.pk: (c, _may_read_private(actor, c)) for c in channels.channels(actor, include_closed=True)}


def latest_erasure() -> int | None:
    """Return the key of the newest expunging whose traces are not cleared yet, of any authority; None for none."""
    rows = Erasure.objects.everywhere("erase traces").filter(erased_at=None).order_by("-pk")
    found: int | None = rows.values_list("pk", flat=True).first()
    return found


def feed(authority_id: int, since: int, *, limit: int = 500) -> tuple[list[Kept], int]:
    """
    Read newly kept versions from ledger position `since`, in order; for followers of the feed.

    Returns:
        The versions, and the position to go on from. The text of a sealed item is "".
    """
    entries, upto = ledger.feed(authority_id, since, limit=limit)
    rows = Version.objects.everywhere("follow the feed").filter(pk__in=[e.subject_id for e in entries])
    found = {row[0]: row for row in rows.values_list(*_KEPT)}
    return [_kept(entry.position, found[entry.subject_id]) for entry in entries], upto


def files_of(actor: Actor, version: Version) -> list[File]:
    """Return the media of a version."""
    return list(File.objects.of(actor).filter(version=version).order_by("pk"))


def mark_of(file: File) -> str:
    """Return the mark (`proof.file_mark`) of a kept file, with its version, as its row stands now."""
    fields = (file.digest, file.kind, file.media_type, file.alt, file.url)
    return file_mark(bytes(file.version.salt or b""), file.uid, fields)


def file_for(actor: Actor, uid: UUID | str) -> File:
    """
    Return a kept medium.

    Raises:
        NotFound: Missing, not fetched, sealed, or not the actor's to read.

    Law: BBS-10
    """
    file: File = _one(File.objects.of(actor).filter(uid=uid, state=FileState.KEPT).select_related("version__item"))
    item = item_by_id(actor, file.version.item_id)
    if item.sealed_at is not None:
        raise NotFound
    return file


def file_content(actor: Actor, uid: UUID | str) -> tuple[File, bytes]:
    """Return a kept medium with its bytes. Raises NotFound, as `file_for` does. Law: BBS-10"""
    file = file_for(actor, uid)
    return file, store.read(actor.authority_id, file.digest)


def payload_of(actor: Actor, version: Version) -> bytes:
    """Return the exact bytes that the platform gave. Raises NotFound when sealed or expunged."""
    item = item_by_id(actor, version.item_id)
    row: Version = _one(Version.objects.of(actor).filter(pk=version.pk))
    if item.sealed_at is not None or row.expunged_at is not None:
        raise NotFound
    if row.payload_in_store:
        return store.read(actor.authority_id, row.payload_digest)
    return bytes(row.payload or b"")


def exports(actor: Actor, *, limit: int = 20) -> list[Export]:
    """Return the authority's latest exports, newest first."""
    rows = Export.objects.of(actor).select_related("channel", "asked_by").order_by("-id")
    return list(rows[:limit])


def export_for(actor: Actor, uid: UUID | str) -> Export:
    """
    Return an export that the actor asked for; what somebody else may read is not the actor's to fetch.

    Raises:
        NotFound
    """
    return _one(Export.objects.of(actor).filter(uid=uid, asked_by_id=actor.person_id).select_related("channel"))


def latest_exports(actor: Actor) -> dict[int | None, datetime]:
    """
    Return when each channel was last taken out whole, by its key; under None, when everything was. One statement.

    Law: ARK-11
    """
    whole = [ExportScope.CHANNEL, ExportScope.EVERYTHING]
    rows = Export.objects.of(actor).filter(state=WorkState.DONE, scope__in=whole)
    return dict(rows.values_list("channel_id").annotate(at=Max("ended_at")).order_by())


def has_waiting_export() -> bool:
    """Whether an export waits for a worker, or its worker has gone silent."""
    return Export.objects.everywhere("look for work").filter(_awaits_work()).exists()


def has_waiting_verification() -> bool:
    """Whether a verification waits for a worker, or its worker has gone silent."""
    return Verification.objects.everywhere("look for work").filter(_awaits_work()).exists()


def has_waiting_import() -> bool:
    """Whether an import waits for a worker, or its worker has gone silent."""
    return Import.objects.everywhere("look for work").filter(_awaits_work()).exists()


def imports_of(actor: Actor, channel: Channel, *, limit: int = 10) -> list[Import]:
    """Return a channel's latest imports, newest first."""
    return list(Import.objects.of(actor).filter(channel=channel).select_related("asked_by").order_by("-id")[:limit])


def import_for(actor: Actor, uid: UUID | str) -> Import:
    """Return one import of the actor's authority. Raises NotFound."""
    return _one(Import.objects.of(actor).filter(uid=uid).select_related("channel", "asked_by"))


def _awaits_work() -> Q:
    free = Q(lease_until=None) | Q(lease_until__lt=real_now())
    return free & Q(state__in=[WorkState.WAITING, WorkState.RUNNING])


def old_exports(before: datetime) -> list[Export]:
    """Return the exports that ended before a moment and whose file stands, of every authority."""
    rows = Export.objects.everywhere("retire exports").filter(ended_at__lt=before, removed_at=None)
    return list(rows.order_by("id"))


def latest_verification(actor: Actor) -> Verification | None:
    """Return the authority's newest verification, finished or not; None when there never was one."""
    found: Verification | None = Verification.objects.of(actor).select_related("asked_by").order_by("-id").first()
    return found


def verifications(actor: Actor, *, limit: int = 10) -> list[Verification]:
    """Return the authority's latest finished verifications, newest first."""
    rows = Verification.objects.of(actor).filter(state="done").select_related("asked_by").order_by("-id")
    return list(rows[:limit])


def version_for(actor: Actor, item: Item, number: int) -> Version:
    """Return one version of an item by its number. Raises NotFound."""
    return _one(Version.objects.of(actor).filter(item=item, number=number).select_related("item"))


def latest_said(actor: Actor, item: Item) -> Version:
    """Return the latest version of an item that says something: not that it is gone. Raises NotFound."""
    rows = Version.objects.of(actor).filter(item=item, kind=VersionKind.CONTENT).defer("payload")
    return _one(rows.order_by("-number"))


def gaps(
    actor: Actor, channel: Channel | None = None, *, before: int | None = None, limit: int | None = None
) -> list[Gap]:
    """Return the gap ledger, newest first, of one channel or of all; at most `limit`, older than id `before`."""
    rows = Gap.objects.of(actor).select_related("channel").order_by("-id")
    rows = rows.filter(channel=channel) if channel else rows
    return list((rows.filter(pk__lt=before) if before else rows)[:limit])


def latest_gap_part(actor: Actor) -> Part:
    """Return what to gather, together with other things, to know whether there is any gap: the newest alone."""
    newest = Gap.objects.of(actor).order_by("-id").values("pk")[:1]
    return Part(Gap.objects.of(actor).filter(pk__in=newest))


def said_of_gap(gap: Gap) -> dict[str, str]:
    """Return what the log says of a gap beside its reason: its channel, and the span as text in UTC."""
    return {
        "channel": str(gap.channel.uid), "from_at": moment_text(gap.from_at), "until_at": moment_text(gap.until_at),
    }  # fmt: skip


def mark_of_entry(entry: RegistryEntry) -> str:
    """Return the mark (`proof.entry_mark`) of an entry in the registry as its row stands; "" before it had any."""
    if entry.salt is None:
        return ""
    return entry_mark(
        bytes(entry.salt),
        [
            str(entry.item.uid), entry.state, entry.whole_thread, entry.suggested_note, entry.why,
            entry.received_on.isoformat(), entry.registry_number, entry.counterparty, entry.counterparty_is_public,
            entry.summary, entry.summary_public, str(entry.entered_by_id or ""), moment_text(entry.entered_at),
        ],
    )  # fmt: skip


def registry_queue(actor: Actor) -> list[RegistryEntry]:
    """Return what waits for the registrar, soonest due first."""
    _refuse_readers(actor)
    rows = RegistryEntry.objects.of(actor).filter(state=RegistryEntry.State.QUEUED)
    return list(rows.select_related("item__channel", "queued_by").order_by("due_at", "id"))


def registry(actor: Actor, *, before: int | None = None, limit: int = 50) -> list[RegistryEntry]:
    """Return what has been entered, newest first, older than id `before` when given."""
    _refuse_readers(actor)
    rows = RegistryEntry.objects.of(actor).filter(state=RegistryEntry.State.ENTERED).select_related("item__channel")
    return list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[:limit])


def registry_entry_for(actor: Actor, uid: UUID | str) -> RegistryEntry:
    """Return one registry entry of the actor's authority. Raises NotFound."""
    _refuse_readers(actor)
    return _one(RegistryEntry.objects.of(actor).filter(uid=uid).select_related("item__channel", "queued_by"))


def registry_entries_of(actor: Actor, items: Iterable[Item]) -> dict[int, RegistryEntry]:
    """Return the latest registry entry of each item that has one, by item key."""
    rows = RegistryEntry.objects.of(actor).filter(item__in=[i.pk for i in items]).order_by("id")
    return {row.item_id: row for row in rows}


def thread_around(actor: Actor, item: Item, *, most: int) -> tuple[list[Item], int]:
    """
    Return what stands around an item in its thread, oldest first: what it answers all the way up, and what is nearest.

    Our own file notes are no part of what was written there, and are left out unless one is the item itself.

    Returns:
        At most `most` items, the item among them, and how many there are in the whole thread.
    """
    rows = Item.objects.of(actor).filter(channel_id=item.channel_id, thread_key=item.thread_key)
    rows = rows.exclude(~Q(pk=item.pk) & Q(origin="file_note"))
    order = list(rows.order_by("published_at", "id").values_list("pk", "remote_id", "parent_remote_id"))
    parents = {remote_id: (pk, parent) for pk, remote_id, parent in order}
    chosen, above = {item.pk}, item.parent_remote_id
    while above in parents and parents[above][0] not in chosen and len(chosen) < most:
        chosen.add(parents[above][0])
        above = parents[above][1]
    place = next((n for n, row in enumerate(order) if row[0] == item.pk), 0)
    for n in sorted(range(len(order)), key=lambda n: abs(n - place)):
        if len(chosen) >= most:
            break
        chosen.add(order[n][0])
    found = rows.filter(pk__in=chosen).select_related("channel").order_by("published_at", "id")
    return list(found), len(order)


def items_by_uid(actor: Actor, uids: Iterable[UUID | str]) -> list[Item]:
    """Return the named items of the actor's authority, oldest first; those missing are left out."""
    rows = Item.objects.of(actor).filter(uid__in=list(uids)).select_related("channel")
    return list(rows.order_by("published_at", "id"))


def registry_entries_about(actor: Actor, item: Item) -> list[RegistryEntry]:
    """Return every registry entry of an item, oldest first."""
    return list(RegistryEntry.objects.of(actor).filter(item=item).order_by("id"))


def hold_for(actor: Actor, uid: UUID | str) -> Hold:
    """Return one hold of the actor's authority. Raises NotFound."""
    return _one(Hold.objects.of(actor).filter(uid=uid).select_related("placed_by", "ended_by"))


def holds_of(actor: Actor, item: Item) -> list[Hold]:
    """Return the holds that a record is under now, oldest first; [] when there are none. Law: TF-12"""
    held = HeldItem.objects.of(actor).filter(item=item, hold__ended_at=None)
    return [row.hold for row in held.select_related("hold__placed_by").order_by("hold_id")]


def held_ids(actor: Actor, item_ids: Iterable[int]) -> set[int]:
    """Return which of some records are under a hold now: those must not be disposed of. Law: TF-12"""
    held = HeldItem.objects.of(actor).filter(item_id__in=list(item_ids), hold__ended_at=None)
    return set(held.values_list("item_id", flat=True))


def own_answers(actor: Actor, channel_ids: Iterable[int], thread_keys: Iterable[str]) -> list[Item]:
    """Return what we have written under something in the named threads, latest first; for followers of the feed."""
    keys = sorted(set(thread_keys))
    ids = [pk for channel_id in sorted(set(channel_ids)) for pk in bulk.own_in_threads(channel_id, keys)]
    return list(Item.objects.of(actor).filter(pk__in=ids).order_by("-published_at", "-id")) if ids else []


def beneath_parts(actor: Actor, threads: Iterable[tuple[int, str]]) -> dict[str, Part]:
    """
    Return what to gather to know of what we have written in some threads, and of what that answers.

    Args:
        threads: Of each, the key of its channel and its thread key.

    Returns:
        "own": our own items there, the first of each thread among them; "answered": what residents wrote that one of
        our own answers. Nothing private.
    """
    # Said in the text and not as a value: only so does SQLite know that the index of our own items serves it.
    is_own = RawSQL("origin = 'drawn_up'", (), output_field=BooleanField())
    there = _in_threads(actor, threads)
    own = there.filter(is_own)
    answered = there.filter(origin=Origin.RECEIVED, remote_id__in=own.values("parent_remote_id"))
    return {"own": Part(own), "answered": Part(answered)}


def count_beneath(actor: Actor, threads: Iterable[tuple[int, str]]) -> tuple[int, int]:
    """Return how many comments residents have written in some threads, and how many of those are gone there now."""
    rows = _in_threads(actor, threads).filter(origin=Origin.RECEIVED)
    counted = rows.aggregate(all=Count("pk"), gone=Count("gone_at"))
    return counted["all"], counted["gone"]


def _in_threads(actor: Actor, threads: Iterable[tuple[int, str]]) -> QuerySet[Item]:
    where = Q(pk=None)
    for channel_id, key in threads:
        where |= Q(channel_id=channel_id, thread_key=key)
    return Item.objects.of(actor).filter(where).exclude(visibility=Visibility.PRIVATE)


def latest_own(actor: Actor, channel: Channel, *, since: datetime, limit: int = 5) -> list[Item]:
    """Return our own latest items in a channel, to show before a new try (P2)."""
    rows = Item.objects.of(actor).filter(channel=channel, origin="drawn_up", published_at__gte=since)
    return list(rows.order_by("-published_at")[:limit])


def newest_own_at(found: Iterable[Channel]) -> dict[int, datetime]:
    """
    Return when we last wrote something in each of some channels, a post or an answer; one without any is absent.

    Looked up by the index of our own items, however much residents have written. How an account presents itself is
    kept as our own too, and is no post.

    Args:
        found: Channels that the caller may read.
    """
    # Said in the text and not as a value: only so does SQLite know that the index of our own items serves it.
    own = RawSQL("origin = 'drawn_up'", (), output_field=BooleanField())
    rows = Item.objects.everywhere("see when we last wrote").filter(own, channel__in=[each.pk for each in found])
    rows = rows.exclude(thread_key__startswith=PROFILE)
    return dict(rows.values_list("channel_id").annotate(newest=Max("published_at")))


def remote_ids_in_thread(channel: Channel, root_remote_id: str) -> list[str]:
    """Return the remote ids kept in a thread that are not known to be gone, for a sweep that reads it again."""
    rows = Item.objects.everywhere("read threads").filter(channel=channel, thread_key=root_remote_id, gone_at=None)
    return list(rows.exclude(remote_id__startswith="narvaro:").values_list("remote_id", flat=True))


def latest_texts(actor: Actor, *, limit: int, origins: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """
    Return the latest words that the actor may read, by origin, newest first, each with the key of its item. One query.

    Args:
        limit: How many of each origin.
        origins: "received" for the words of others, "drawn_up" for ours.

    Sealed and expunged ones are left out, and private ones but of the channels that the actor answers for (TF-4).
    """
    readable = ~Q(visibility=Visibility.PRIVATE) | Q(channel__in=private_channels(actor))
    said = Version.objects.of(actor).filter(expunged_at=None).exclude(text="")
    parts = []
    for origin in origins:
        items = Item.objects.of(actor).filter(readable, origin=origin, sealed_at=None)
        latest = items.order_by("-published_at", "-id")[:limit].values("latest_version_id")
        parts.append(said.filter(pk__in=latest).values_list("item__published_at", "item_id", "text", "item__origin"))
    found: dict[str, list[tuple[int, str]]] = {origin: [] for origin in origins}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    for _at, item_id, text, origin in sorted(rows, reverse=True):
        found[origin].append((item_id, text))
    return found


def is_wanted(authority_id: int, digest: str) -> bool:
    """Whether a record or an uploaded picture points at a blob, for the sweep of orphans."""
    versions = Version.objects.everywhere("sweep").filter(authority_id=authority_id, payload_in_store=True)
    files = File.objects.everywhere("sweep").filter(authority_id=authority_id, digest=digest)
    is_kept = files.exists() or versions.filter(payload_digest=digest).exists()
    return is_kept or media.is_used(authority_id, digest)


# Plain values and no models: those who follow the feed read as much as capture writes.
_KEPT = (
    "pk", "item_id", "item__uid", "item__remote_id", "item__channel_id", "number", "kind", "item__origin", "item__kind",
    "item__visibility", "item__thread_key", "item__parent_remote_id", "author_remote_id", "text", "item__published_at",
    "source", "item__sealed_at", "media", "visibility",
)  # fmt: skip


def _kept(position: int, row: tuple[Any, ...]) -> Kept:
    *head, text, published_at, source, sealed_at, media, shown_to = row
    alternative = () if sealed_at else tuple(rules.alternative_texts(media))
    return Kept(*(position, *head, "" if sealed_at else text, published_at, source, alternative, shown_to))


def _refuse_readers(actor: Actor) -> None:
    if not house.may_read_records(actor):
        raise NotPermitted


def _refuse_unreadable(actor: Actor, item: Item) -> None:
    _refuse_readers(actor)
    if item.visibility == Visibility.PRIVATE and not _may_read_private(actor, item.channel):
        raise NotFound


def _may_read_private(actor: Actor, channel: Channel) -> bool:
    return rules.may_read_private(
        actor, responsible_ids=(channel.responsible_id, channel.deputy_id), unit_id=channel.unit_id
    )


def _without_words(version: Version) -> Version:
    version.text = version.author_name = version.author_handle = version.media = version.url = ""
    return version


def _one(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound
    return found

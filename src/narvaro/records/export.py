"""
Copies of records to hand out or to archive: as JSON, and as pages that can be read without Närvaro.

The form is described in docs/export.md; its name changes when its meaning does. Everything that leaves
has passed `outward`. Names in the archive are made of ids, in plain ASCII (P16); what a file was called
stands beside it.

Law: TF-3, TF-8, ARK-8; P15, P16
"""

from __future__ import annotations

import json
import mimetypes
import os
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string

from narvaro.base.clock import now
from narvaro.core import queries as core
from narvaro.core.types import Actor
from narvaro.media import store
from narvaro.media.types import BlobMissing
from narvaro.records import index, queries
from narvaro.records.models import File, Item, RegistryEntry, Version
from narvaro.records.outward import Outward, outward
from narvaro.records.types import FileState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

FORMAT = "narvaro-export-1"
ENDINGS = {"json": "json", "html": "zip"}
_CHUNK = 200
_THREADS_A_TURN = 100
_ITEMS_A_PAGE = 500
_THREADS_A_PAGE = 1000
_STYLE = Path(__file__).parent / "export.css"

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to take out: the thread of an item, a channel, or everything when neither is given."""

    channel: Channel | None = None
    thread_of: Item | None = None

    def items(self, actor: Actor) -> QuerySet[Item]:
        """Return the rows; who may read them is decided when they leave."""
        rows = Item.objects.of(actor)
        if self.thread_of is not None:
            return rows.filter(channel_id=self.thread_of.channel_id, thread_key=self.thread_of.thread_key)
        return rows if self.channel is None else rows.filter(channel=self.channel)

    def count(self, actor: Actor) -> int:
        """Return how many items the selection holds, before who may read them is asked."""
        return self.items(actor).count()


def folder() -> Path:
    """Return where finished exports wait to be fetched."""
    return Path(settings.OPTIONS.data) / "exports"


# --- JSON -----------------------------------------------------------------------------------------------------------


def json_pieces(actor: Actor, selection: Selection, *, progress: Progress | None = None) -> Iterator[str]:
    """
    Yield the selection as one JSON document, piece by piece; a million records take no more memory than a page.

    Raises:
        NotPermitted: The actor may not read records.

    Law: TF-8, ARK-8
    """
    known = queries.channels_for_reading(actor)
    wanted = [c for c, _ in known.values() if _is_wanted(selection, c)]
    head = {
        "format": FORMAT,
        "authority": _authority_json(actor),
        "exported_at": _moment(now()),
        "channels": [_channel_json(channel) for channel in wanted],
        "gaps": [_gap_json(gap) for gap in queries.gaps(actor) if gap.channel_id in {c.pk for c in wanted}],
    }
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "items": ['
    left_out = 0
    first = True
    for groups, hidden, done in _groups(actor, selection.items(actor), with_payloads=True):
        left_out += hidden
        entries = queries.registry_entries_of(actor, [versions[0].item for versions in groups])
        at = _positions(actor, groups)
        for versions in groups:
            made = _item_json(versions, at, entries.get(versions[0].item.pk))
            yield ("\n" if first else ",\n") + json.dumps(made, ensure_ascii=False)
            first = False
        if progress:
            progress(done)
    yield f'\n ],\n "left_out": {left_out}\n}}\n'


def _is_wanted(selection: Selection, channel: Channel) -> bool:
    if selection.thread_of is not None:
        return channel.pk == selection.thread_of.channel_id
    return selection.channel is None or channel.pk == selection.channel.pk


def _groups(
    actor: Actor, rows: QuerySet[Item], *, with_payloads: bool
) -> Iterator[tuple[list[list[Outward]], int, int]]:
    """Yield items a chunk at a time: the versions of each that may leave, how many items may not, how many are done."""
    last, done = 0, 0
    while True:
        items = list(rows.filter(pk__gt=last).order_by("pk")[:_CHUNK])
        if not items:
            return
        groups = _outward_groups(actor, items, with_payloads=with_payloads)
        done += len(items)
        yield groups, len(items) - len(groups), done
        last = items[-1].pk


def _outward_groups(actor: Actor, items: Sequence[Item], *, with_payloads: bool) -> list[list[Outward]]:
    by_pk = {item.pk: item for item in items}
    rows = Version.objects.of(actor).filter(item_id__in=list(by_pk)).order_by("item_id", "number")
    versions = list(rows if with_payloads else rows.defer("payload"))
    for version in versions:
        version.item = by_pk[version.item_id]
    files = File.objects.of(actor).filter(version__in=[v.pk for v in versions]).order_by("pk")
    made = outward(actor, versions, files=files, with_payloads=with_payloads)
    grouped = {pk: list(group) for pk, group in groupby(made, key=lambda version: version.item.pk)}
    return [grouped[item.pk] for item in items if item.pk in grouped]


def _positions(actor: Actor, groups: Sequence[Sequence[Outward]]) -> dict[int, int]:
    keys = {index.key_of(v.published_at, v.version_id): v.version_id for versions in groups for v in versions}
    return index.known_positions(actor.authority_id, keys)


def _authority_json(actor: Actor) -> dict[str, Any]:
    authority = core.authority_of(actor)
    return {
        "uid": str(authority.uid),
        "name": authority.name,
        "organisation": authority.organisation.name,
        "organisation_number": authority.organisation_number,
    }


def _channel_json(channel: Channel) -> dict[str, Any]:
    return {
        "uid": str(channel.uid), "platform": channel.platform, "name": channel.name, "handle": channel.handle,
        "url": channel.url, "unit": channel.unit.name, "opened_at": _moment(channel.opened_at),
        "closed_at": _moment(channel.closed_at),
    }  # fmt: skip


def _gap_json(gap: Any) -> dict[str, Any]:
    return {
        "channel": str(gap.channel.uid), "from_at": _moment(gap.from_at), "until_at": _moment(gap.until_at),
        "why": gap.why, "noted_at": _moment(gap.noted_at), "backfilled_at": _moment(gap.backfilled_at),
    }  # fmt: skip


def _item_json(versions: Sequence[Outward], at: dict[int, int], entry: RegistryEntry | None) -> dict[str, Any]:
    item, channel = versions[0].item, versions[0].channel
    return {
        "uid": str(item.uid),
        "channel": str(channel.uid),
        "remote_id": item.remote_id,
        "thread": item.thread_key,
        "parent_remote_id": item.parent_remote_id,
        "kind": item.kind,
        "origin": item.origin,
        "visibility": item.visibility,
        "received_at": _moment(item.published_at),
        "gone_at": _moment(item.gone_at),
        "counts": item.counts,
        "registration": item.registration,
        "registry_number": entry.registry_number if entry else "",
        "secrecy_suspected": item.secrecy_suspected,
        "sealed_at": _moment(item.sealed_at),
        "versions": [_version_json(version, at.get(version.version_id)) for version in versions],
    }


def _version_json(version: Outward, position: int | None) -> dict[str, Any]:
    return {
        "uid": str(version.version_uid),
        "number": version.number,
        "kind": version.kind,
        "source": version.source,
        "visibility": version.visibility,
        "published_at": _moment(version.published_at),
        "edited_at": _moment(version.edited_at),
        "captured_at": _moment(version.captured_at),
        "expunged_at": _moment(version.expunged_at),
        "withheld": str(version.withheld),
        "author": {
            "remote_id": version.author_remote_id, "handle": version.author_handle, "name": version.author_name
        },
        "text": version.text,
        "media": version.media,
        "language": version.language,
        "url": version.url,
        "payload_sha256": version.payload_digest,
        "payload_base64": b64encode(version.payload or b"").decode(),
        "salt": version.salt.hex(),
        "leaf_hash": version.leaf_hash.hex(),
        "thread_when_kept": version.thread_key,
        "ledger_position": position,
        "files": [_file_json(file) for file in version.files],
    }  # fmt: skip


def _file_json(file: File) -> dict[str, Any]:
    return {
        "uid": str(file.uid), "kind": file.kind, "state": file.state, "media_type": file.media_type,
        "sha256": file.digest, "size_bytes": file.size_bytes, "alt": file.alt, "url": file.url,
        "original_name": original_name(file.url), "archive_name": archive_name(file) if _is_kept(file) else "",
    }  # fmt: skip


def _moment(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


# --- Names (P16) ----------------------------------------------------------------------------------------------------


def original_name(url: str) -> str:
    """Return what a medium was called where it came from, composed (NFC); "" when its address does not say."""
    return normalize("NFC", unquote(urlsplit(url).path.rsplit("/", 1)[-1]))


def archive_name(file: File) -> str:
    """Return a medium's name in an archive: its id and an ending that follows from its type, plain ASCII."""
    ending = mimetypes.guess_extension(file.media_type.split(";")[0].strip()) or ".bin"
    return f"media/{file.uid}{ending if ending.isascii() else '.bin'}"


def _is_kept(file: File) -> bool:
    return file.state == FileState.KEPT and bool(file.digest)


# --- Pages in a zip -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Listed:
    """A thread as the list of its channel shows it."""

    name: str
    title: str
    at: datetime
    count: int


def write_zip(to: IO[bytes], actor: Actor, selection: Selection, *, progress: Progress | None = None) -> None:
    """
    Write the selection as pages, with media and the JSON document, to a file that can be sought in.

    Raises:
        NotPermitted: The actor may not read records.

    Law: TF-8, ARK-8
    """
    known = queries.channels_for_reading(actor)
    wanted = [channel for channel, _ in known.values() if _is_wanted(selection, channel)]
    writer = _ZipWriter(actor, progress or (lambda _: None))
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(_STYLE, "style.css")
        for channel in wanted:
            writer.write_channel(archive, channel, selection)
        page = {"authority": core.authority_of(actor), "channels": writer.channels, "at": now(), "scope": selection}
        archive.writestr("index.html", render_to_string("records/export/index.html", page))
        with archive.open("records.json", "w", force_zip64=True) as file:
            # The same items once more: what is done stays so, and the worker keeps its turn.
            for piece in json_pieces(actor, selection, progress=lambda _: writer.progress(writer.done)):
                file.write(piece.encode())


class _ZipWriter:
    def __init__(self, actor: Actor, progress: Progress) -> None:
        self.actor = actor
        self.progress = progress
        self.done = 0
        self.channels: list[dict[str, Any]] = []

    def write_channel(self, archive: zipfile.ZipFile, channel: Channel, selection: Selection) -> None:
        listed: list[_Listed] = []
        for items in self._threads(channel, selection):
            groups = _outward_groups(self.actor, items, with_payloads=False)
            if groups:
                listed.append(self._write_thread(archive, channel, groups))
            self.done += len(items)
            self.progress(self.done)
        listed.sort(key=lambda thread: thread.at, reverse=True)
        names = []
        for start in range(0, max(len(listed), 1), _THREADS_A_PAGE):
            name = f"channels/{channel.uid}{f'-{start // _THREADS_A_PAGE + 1}' if start else ''}.html"
            names.append(name)
            page = {"channel": channel, "threads": listed[start : start + _THREADS_A_PAGE]}
            archive.writestr(name, render_to_string("records/export/channel.html", page))
        self.channels.append({"channel": channel, "names": names, "count": len(listed)})

    def _threads(self, channel: Channel, selection: Selection) -> Iterator[list[Item]]:
        rows = selection.items(self.actor).filter(channel=channel)
        last = ""
        while True:
            keys = list(
                rows.filter(thread_key__gt=last)
                .order_by("thread_key")
                .values_list("thread_key", flat=True)
                .distinct()[:_THREADS_A_TURN]
            )
            if not keys:
                return
            found = rows.filter(thread_key__in=keys).order_by("thread_key", "published_at", "id")
            for _, items in groupby(found.iterator(chunk_size=2000), key=lambda item: item.thread_key):
                yield list(items)
            last = keys[-1]

    def _write_thread(self, archive: zipfile.ZipFile, channel: Channel, groups: Sequence[Sequence[Outward]]) -> _Listed:
        root = groups[0][-1].item
        shown = [self._shown(archive, versions) for versions in groups]
        pages = range(0, len(shown), _ITEMS_A_PAGE)
        names = [f"threads/{root.uid}{f'-{n + 1}' if n else ''}.html" for n in range(len(pages))]
        title = next((words[:80] for each in shown if (words := " ".join(each["text"].split()))), "Utan text")
        for n, start in enumerate(pages):
            page = {
                "channel": channel, "title": title, "items": shown[start : start + _ITEMS_A_PAGE],
                "previous": names[n - 1] if n else "", "next": names[n + 1] if n + 1 < len(names) else "",
            }  # fmt: skip
            archive.writestr(names[n], render_to_string("records/export/thread.html", page))
        return _Listed(names[0], title, root.published_at, len(shown))

    def _shown(self, archive: zipfile.ZipFile, versions: Sequence[Outward]) -> dict[str, Any]:
        said = [version for version in versions if not version.is_tombstone]
        latest = said[-1] if said else versions[-1]
        files = [
            {"file": file, "name": self._write_file(archive, file), "original": original_name(file.url)}
            for version in said
            for file in version.files
        ]
        return {
            "item": latest.item, "latest": latest, "earlier": said[:-1], "text": latest.text, "files": files,
            "is_own": latest.item.origin != "received",
        }  # fmt: skip

    def _write_file(self, archive: zipfile.ZipFile, file: File) -> str:
        """Put a medium in the archive and return its name there; "" when there is nothing to put."""
        if not _is_kept(file):
            return ""
        try:
            pieces = store.open_blob(self.actor.authority_id, file.digest)
            first = next(pieces, b"")
        except BlobMissing:
            return ""
        entry = zipfile.ZipInfo(archive_name(file), date_time=now().timetuple()[:6])
        with archive.open(entry, "w", force_zip64=True) as target:
            target.write(first)
            for piece in pieces:
                target.write(piece)
        return entry.filename


# --- Files to fetch -------------------------------------------------------------------------------------------------


def path_of(uid: object, form: str) -> Path:
    """Return where the file of an export stands or will stand."""
    return folder() / f"{uid}.{ENDINGS[form]}"


def make_file(actor: Actor, selection: Selection, form: str, path: Path, *, progress: Progress | None = None) -> int:
    """
    Write the selection to a file, whole or not at all; returns its size in bytes.

    Args:
        progress: Told how many items are done, also when all are written and the file is not yet in place; what it
            raises stops the work.

    Raises:
        NotPermitted: The actor may not read records.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with fresh.open("w+b") as file:
            if form == "json":
                for piece in json_pieces(actor, selection, progress=progress):
                    file.write(piece.encode())
            else:
                write_zip(file, actor, selection, progress=progress)
            file.flush()
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
        if progress:
            progress(selection.count(actor))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return size


def remove_file(uid: object, form: str) -> None:
    """Remove the file of an export, if it stands."""
    path_of(uid, form).unlink(missing_ok=True)

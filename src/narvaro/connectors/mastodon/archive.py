"""
Import of the archive that Mastodon lets an account's owner download: ZIP or tar.gz.

An archive is a stranger's file. Nothing is unpacked to named places, everything read is counted against
what the file itself weighs, and one broken entry never takes its neighbours along.
"""

from __future__ import annotations

import gzip
import json
import mimetypes
import re
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urlsplit

from narvaro.base import clock
from narvaro.base.text import plain_text
from narvaro.connectors.client import Json, language, moment, opaque_id, parts, storable, word
from narvaro.connectors.port import MOST_AUTHOR_ID, Author, Item, Kind, MediaKind, Medium, Visibility
from narvaro.connectors.web import web_address

MAX_ENTRY_BYTES = 16_000_000  # one post with everything in it
MAX_ACTOR_BYTES = 4_000_000
MAX_UNPACKED_BYTES = 8_000_000_000
FREE_BYTES = 64_000_000  # unpacked without asking how small it was packed
MAX_RATIO = 200  # honest JSON packs to a tenth or so
MAX_DIRECTORY_BYTES = 256_000_000
MAX_HEADER_BYTES = 1_000_000
KEPT_OF_BAD_BYTES = 64_000
MOST_BAD_LISTED = 1000
CHUNK_BYTES = 262_144

PUBLIC = {"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"}

LACKS = (
    "Andras svar, omnämnanden och meddelanden ingår inte i Mastodons export.",
    "Av ändrade inlägg ingår bara den senaste lydelsen, inte de tidigare.",
    "Inlägg som är borttagna före exporten ingår inte.",
    "Antal gillanden, boostningar och svar ingår inte.",
)

_LOCAL_STATUS = re.compile(r"/(?:users/[^/]+/statuses|ap/users/[^/]+/statuses|@[^/]+)/(\d+)/?")
_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'["\\]')


class ArchiveError(Exception):
    """The archive cannot be imported. `str()` is a Swedish sentence to the person who chose the file."""


@dataclass(frozen=True, slots=True)
class BadEntry:
    """An entry that gave no item. `position` counts from 1 in the outbox; `raw` is its beginning."""

    position: int
    reason: str
    raw: bytes


@dataclass
class Report:
    """What came of an import; filled while items are taken out, whole when they are all taken."""

    entries: int = 0
    items: int = 0
    boosts: int = 0
    duplicates: int = 0
    bad_count: int = 0
    bad: list[BadEntry] = field(default_factory=list)  # at most MOST_BAD_LISTED
    is_truncated: bool = False
    missing_media: list[str] = field(default_factory=list)
    lacks: tuple[str, ...] = LACKS

    def add_bad(self, reason: str, raw: bytes) -> None:
        self.bad_count += 1
        if len(self.bad) < MOST_BAD_LISTED:
            self.bad.append(BadEntry(self.entries, reason, raw[:KEPT_OF_BAD_BYTES]))


class MastodonArchive:
    """
    An open archive; a context manager.

    with MastodonArchive(path) as archive:
        for item in archive.items(): ...
        archive.report

    Raises:
        ArchiveError: It is no such archive, is damaged, encrypted, or swells beyond reason.
    """

    names_items = True

    def __init__(self, path: Path) -> None:
        self.report = Report()
        self._stack = ExitStack()
        try:
            self._files = self._stack.enter_context(_opened(path))
            self.actor = _actor(self._files)
        except BaseException:
            self._stack.close()
            raise
        self.author = _author_of(self.actor)
        self._host = urlsplit(word(self.actor, "id")).netloc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def items(self) -> Iterator[Item]:
        """Yield the posts one by one, in the archive's order, each once; the report tells of the rest."""
        self.report = report = Report()
        seen: set[str] = set()
        with self._files.opened("outbox.json") as outbox:
            for entry in _elements(outbox):
                if entry is _CUT:
                    report.is_truncated = True
                    break
                report.entries += 1
                item = self._item(entry, report)
                if item is None:
                    continue
                if item.remote_id in seen:
                    report.duplicates += 1
                    continue
                seen.add(item.remote_id)
                report.items += 1
                report.missing_media += [each.url for each in item.media if not self._has(each)]
                yield item

    def medium(self, url: str, max_bytes: int) -> tuple[bytes, str]:
        """
        Return the bytes and the media type of a file in the archive.

        Raises:
            ArchiveError: It is not there, or larger than `max_bytes`.
        """
        name = _member_name(url)
        with self._files.opened(name) as file:
            content = file.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise ArchiveError(f"Filen {name} i arkivet är för stor.")
        return content, mimetypes.guess_type(name)[0] or "application/octet-stream"

    def _has(self, medium: Medium) -> bool:
        try:
            return bool(web_address(medium.url)) or _member_name(medium.url) in self._files.names
        except ArchiveError:
            return False

    def _item(self, entry: bytes | None, report: Report) -> Item | None:
        if entry is None:
            report.add_bad("Posten är orimligt stor.", b"")
            return None
        try:
            activity = json.loads(entry.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            report.add_bad("Posten är skadad och går inte att tolka.", entry)
            return None
        if not isinstance(activity, dict):
            report.add_bad("Posten är inget inlägg.", entry)
            return None
        if word(activity, "type") == "Announce":
            report.boosts += 1
            return None
        note = activity.get("object") if word(activity, "type") in {"Create", "Update"} else activity
        if not isinstance(note, dict) or word(note, "type") in {"Tombstone", "Delete"}:
            report.add_bad("Posten innehåller inget inlägg.", entry)
            return None
        return self._item_of(note, activity, entry, report)

    def _item_of(self, note: Json, activity: Json, entry: bytes, report: Report) -> Item | None:
        remote_id = self._remote_id(word(note, "id") or word(note, "url"))
        published_at = moment(word(note, "published")) or moment(word(activity, "published"))
        if not remote_id or published_at is None:
            what = "beteckning" if not remote_id else "tidpunkt"
            report.add_bad(f"Inlägget saknar {what}.", entry)
            return None
        parent = self._remote_id(word(note, "inReplyTo"))
        visibility = _visibility(note, activity)
        languages = note.get("contentMap")
        said = next(iter(languages), "") if isinstance(languages, dict) else ""
        return Item(
            remote_id=remote_id,
            kind=Kind.MESSAGE if visibility is Visibility.PRIVATE else Kind.COMMENT if parent else Kind.POST,
            author=self.author,
            text=_text(note),
            published_at=min(published_at, clock.now()),
            raw=entry,
            is_own=True,
            parent_remote_id=parent,
            root_remote_id="" if parent else remote_id,
            visibility=visibility,
            edited_at=moment(word(note, "updated")),
            url=web_address(word(note, "url")) or web_address(word(note, "id")),
            language=language(said),
            media=tuple(medium for each in parts(note, "attachment") if (medium := _medium(each))),
        )

    def _remote_id(self, address: str) -> str:
        """Return the id the account's own server uses, so that what is also read there is the same item."""
        place = urlsplit(address) if address.startswith("http") else None
        if place is not None and place.netloc == self._host:
            own = _LOCAL_STATUS.fullmatch(place.path)
            if own:
                return own[1]
        return opaque_id(address)


# --- what an entry says ---


def _text(note: Json) -> str:
    choices = "\n".join(f"– {word(each, 'name')}" for key in ("oneOf", "anyOf") for each in parts(note, key))
    pieces = (plain_text(word(note, "summary")), plain_text(word(note, "content")), choices)
    return storable("\n\n".join(piece for piece in pieces if piece))


def _visibility(note: Json, activity: Json) -> Visibility:
    to, cc = _addresses(note, activity, "to"), _addresses(note, activity, "cc")
    if to & PUBLIC:
        return Visibility.PUBLIC
    if cc & PUBLIC:
        return Visibility.UNLISTED
    if any(address.endswith("/followers") for address in to | cc):
        return Visibility.FOLLOWERS
    return Visibility.PRIVATE


def _addresses(note: Json, activity: Json, key: str) -> set[str]:
    value = note.get(key) or activity.get(key)
    values = value if isinstance(value, list) else [value]
    return {each for each in values if isinstance(each, str)}


def _medium(attachment: Json) -> Medium | None:
    url, media_type = word(attachment, "url"), word(attachment, "mediaType")
    if not url:
        return None
    kind = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}.get(
        media_type.partition("/")[0], MediaKind.OTHER
    )
    return Medium(url=url, kind=kind, media_type=media_type, alt=word(attachment, "name"))


def _author_of(actor: Json) -> Author:
    address = word(actor, "id")
    name, host = word(actor, "preferredUsername"), urlsplit(address).netloc
    return Author(
        remote_id=opaque_id(address, MOST_AUTHOR_ID),
        handle=f"{name}@{host}" if name and host else name,
        display_name=word(actor, "name"),
        url=web_address(word(actor, "url")),
    )


def _actor(files: _Files) -> Json:
    with files.opened("actor.json") as file:
        content = file.read(MAX_ACTOR_BYTES + 1)
    try:
        if len(content) > MAX_ACTOR_BYTES:
            raise ValueError
        actor = json.loads(content.decode("utf-8-sig", "surrogateescape"))
    except (ValueError, RecursionError):
        raise ArchiveError("Arkivets uppgifter om kontot (actor.json) går inte att tolka.") from None
    if not isinstance(actor, dict) or not web_address(word(actor, "id")):
        raise ArchiveError("Arkivets uppgifter om kontot (actor.json) saknar kontots adress.")
    return actor


# --- one entry at a time out of a file of any size ---

_CUT = b"\0cut"  # the file ended inside an entry


def _elements(file: IO[bytes]) -> Iterator[bytes | None]:
    """
    Yield the bytes of each element of `orderedItems` (or of a bare array), never holding more than one.

    Yields None for an element above `MAX_ENTRY_BYTES`, whose bytes are passed over, and `_CUT` last when the
    file ends before its brackets are closed.
    """
    scan = _Scan()
    try:
        while chunk := file.read(CHUNK_BYTES):
            yield from scan.fed(chunk)
            if scan.is_done:
                return
    except (EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, OSError):
        yield _CUT
        return
    if not scan.has_begun:
        raise ArchiveError("Arkivets inlägg (outbox.json) går inte att tolka. Är filen rätt och hel?")
    yield _CUT


class _Scan:
    """Where we are in a JSON text, by its brackets and strings alone: enough to cut, whatever is inside."""

    def __init__(self) -> None:
        self.has_begun = False
        self.is_done = False
        self._depth = 0
        self._array_depth = 0
        self._in_string = False
        self._is_escaped = False
        self._string = bytearray()  # the last string at depth 1: a key
        self._element: bytearray | None = None
        self._is_too_large = False

    def fed(self, chunk: bytes) -> Iterator[bytes | None]:
        at = 0
        while at < len(chunk) and not self.is_done:
            at, element, is_whole = self._in_text(chunk, at) if self._in_string else self._between(chunk, at)
            if is_whole:
                yield element

    def _keep(self, piece: bytes) -> None:
        if self._element is None or self._is_too_large:
            return
        self._element += piece
        if len(self._element) > MAX_ENTRY_BYTES:
            self._is_too_large = True
            self._element.clear()

    def _in_text(self, chunk: bytes, at: int) -> tuple[int, bytes | None, bool]:
        if self._is_escaped:
            self._is_escaped = False
            self._keep(chunk[at : at + 1])
            return at + 1, None, False
        mark = _INSIDE.search(chunk, at)
        end = mark.end() if mark else len(chunk)
        self._keep(chunk[at:end])
        if not self.has_begun and len(self._string) < 100:
            self._string += chunk[at : end - 1 if mark else end][:100]
        if mark:
            self._in_string = mark[0] != b'"'
            self._is_escaped = mark[0] == b"\\"
        return end, None, False

    def _between(self, chunk: bytes, at: int) -> tuple[int, bytes | None, bool]:
        mark = _OUTSIDE.search(chunk, at)
        if mark is None:
            self._keep(chunk[at:])
            return len(chunk), None, False
        sign = mark[0]
        if sign in b"{[":
            return self._opened(chunk, at, mark.start(), sign)
        self._keep(chunk[at : mark.end()])
        if sign == b'"':
            self._in_string = True
            self._string.clear()
            return mark.end(), None, False
        self._depth -= 1
        if self.has_begun and self._depth < self._array_depth:
            self.is_done = True
        if self._element is not None and self._depth == self._array_depth:
            element = None if self._is_too_large else bytes(self._element)
            self._element, self._is_too_large = None, False
            return mark.end(), element, True
        return mark.end(), None, False

    def _opened(self, chunk: bytes, at: int, start: int, sign: bytes) -> tuple[int, bytes | None, bool]:
        if self.has_begun and self._depth == self._array_depth and self._element is None:
            self._element = bytearray()
            at = start
        self._keep(chunk[at : start + 1])
        is_list = (self._depth == 1 and bytes(self._string) == b"orderedItems") or self._depth == 0
        self._depth += 1
        if not self.has_begun and sign == b"[" and is_list:
            self.has_begun, self._array_depth = True, self._depth
        return start + 1, None, False


# --- the two kinds of file ---


class _Files:
    """The files of an archive, by their names under its top folder."""

    names: frozenset[str]

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        raise NotImplementedError
        yield


class _Counted:
    """A readable that stops when more comes out than an honest archive of this weight could hold."""

    def __init__(self, inner: Any, packed_bytes: int) -> None:
        self._inner = inner
        self._most = min(MAX_UNPACKED_BYTES, max(FREE_BYTES, MAX_RATIO * packed_bytes))
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            raise ValueError("Read in bounded pieces.")
        piece: bytes = self._inner.read(size)
        self._read += len(piece)
        if self._read > self._most:
            raise ArchiveError("Arkivet sväller orimligt mycket när det packas upp. Det importeras inte.")
        return piece


class _Zip(_Files):
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._members = {
            _bare(each.filename): each
            for each in archive.infolist()
            if not each.is_dir() and not stat.S_ISLNK(each.external_attr >> 16)
        }
        self.names = frozenset(self._members)

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        member = self._members.get(name)
        if member is None:
            raise ArchiveError(f"Arkivet saknar filen {name}. Är det ett arkiv från Mastodon?")
        if member.flag_bits & 1:
            raise ArchiveError("Arkivet är krypterat. Packa upp det och packa om det utan lösenord.")
        try:
            file = self._archive.open(member)
        except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError):
            raise ArchiveError(f"Filen {name} i arkivet är skadad.") from None
        with file:
            yield _Counted(file, member.compress_size)  # type: ignore[misc]  # all that is used is read()


class _Header(tarfile.TarInfo):
    """A tar header that refuses to read a name or a comment of a gigabyte into memory."""

    def _proc_pax(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        self._check_size()
        return super()._proc_pax(tar)  # type: ignore[misc,no-any-return]

    def _proc_gnulong(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        self._check_size()
        return super()._proc_gnulong(tar)  # type: ignore[misc,no-any-return]

    def _check_size(self) -> None:
        if self.size > MAX_HEADER_BYTES:
            raise ArchiveError("Arkivet är skadat eller skadligt (orimligt filhuvud). Det importeras inte.")


class _Tar(_Files):
    """A tar.gz can only be read from the beginning; the two JSON files are copied aside at opening."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path = path
        self._aside: dict[str, IO[bytes]] = {}
        names = set()
        for name, file in self._walk():
            names.add(name)
            if name in {"actor.json", "outbox.json"} and name not in self._aside:
                copy: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  (the stack closes it)
                _copied(file, copy)
                self._aside[name] = copy
        self.names = frozenset(names)

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        if name in self._aside:
            self._aside[name].seek(0)
            yield self._aside[name]
            return
        for each, file in self._walk():
            if each == name:
                yield file
                return
        raise ArchiveError(f"Arkivet saknar filen {name}. Är det ett arkiv från Mastodon?")

    def _walk(self) -> Iterator[tuple[str, IO[bytes]]]:
        weight = self._path.stat().st_size
        try:
            with (
                gzip.open(self._path) as unpacked,
                # Counted below the tar, so that what is only passed over counts too.
                tarfile.open(fileobj=_Counted(unpacked, weight), mode="r|", tarinfo=_Header) as archive,  # type: ignore[call-overload]
            ):
                for member in archive:
                    file = archive.extractfile(member) if member.isreg() and not member.issparse() else None
                    if file is not None:
                        yield _bare(member.name), file
        except (tarfile.TarError, EOFError, zlib.error, OSError):
            # What came before the damage is used; a missing outbox is told as such.
            return


def _copied(source: IO[bytes], target: IO[bytes]) -> None:
    try:
        while piece := source.read(CHUNK_BYTES):
            target.write(piece)
    except (tarfile.TarError, EOFError, zlib.error, OSError):
        return  # cut off: the scan of what came tells so


@contextmanager
def _opened(path: Path) -> Iterator[_Files]:
    try:
        with path.open("rb") as file:
            beginning = file.read(4)
    except OSError:
        raise ArchiveError("Filen går inte att läsa.") from None
    if beginning[:2] == b"\x1f\x8b":
        with ExitStack() as stack:
            yield _Tar(path, stack)
    elif beginning in {b"PK\x03\x04", b"PK\x05\x06"}:
        check_directory(path)
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise ArchiveError("ZIP-filen är skadad eller avbruten. Ladda ner den igen.") from None
        with archive:
            yield _Zip(archive)
    else:
        raise ArchiveError("Filen är varken ZIP eller tar.gz. Välj arkivet så som det laddades ner från Mastodon.")


def check_directory(path: Path) -> None:
    """Refuse a table of contents that would fill the memory before anything is read."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise ArchiveError("ZIP-filen är skadad eller avbruten. Ladda ner den igen.")
    directory_bytes = struct.unpack_from("<I", tail, at + 12)[0]
    wide = tail.rfind(b"PK\x06\x06")
    if 0 <= wide <= len(tail) - 56:
        directory_bytes = struct.unpack_from("<Q", tail, wide + 40)[0]
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise ArchiveError("Arkivet innehåller orimligt många filer. Det importeras inte.")


def _bare(name: str) -> str:
    """Return a member's name without a leading "./" or "/": only ever compared, never a place on disk."""
    return storable(name).replace("\\", "/").removeprefix("./").lstrip("/")


def _member_name(url: str) -> str:
    name = _bare(urlsplit(url).path if web_address(url) else url)
    if ".." in name.split("/"):
        raise ArchiveError("Arkivet pekar på en fil utanför sig självt. Den läses inte.")
    return name


opened_files, elements, CUT = _opened, _elements, _CUT
"""How other platforms' archives are read with the same care: the files of one, and one entry at a time out of them."""

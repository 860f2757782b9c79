"""
The blob store: a folder of files named by what they contain, one subfolder an authority.

A file is on the disk, and its name too, before `keep` returns; the caller's commit comes after. A file
whose commit never came is an orphan, and is swept when it is old enough that nobody can be about to
point at it.

Law: ARK-1, ARK-15
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from narvaro.media.types import BlobMissing

ORPHAN_AGE_SECONDS = 24 * 3600.0
_PIECE = 1 << 18  # bytes read at a time to be hashed: they stay in the processor's cache


def keep(authority_id: int, content: bytes) -> str:
    """Store `content` durably; returns its SHA-256 as 64 hex characters. Keeping it again changes nothing."""
    digest = sha256(content).hexdigest()
    path = _path(authority_id, digest)
    if path.exists():
        os.utime(path)  # an orphan that is wanted again must not be swept under us
        return digest
    _make_folder(path.parent)
    fresh = path.with_name(f"{digest}.{os.getpid()}-{time.monotonic_ns()}.new")
    with fresh.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)
    return digest


def keep_file(authority_id: int, source: Path) -> str:
    """Store a file durably, piece by piece, as `keep` stores bytes; returns its digest. The file itself stays."""
    digest, size = _hashed(source)
    path = _path(authority_id, digest)
    if path.exists():
        os.utime(path)
        return digest
    _make_folder(path.parent)
    fresh = path.with_name(f"{digest}.{os.getpid()}-{time.monotonic_ns()}.new")
    with source.open("rb") as given, fresh.open("xb") as file:
        shutil.copyfileobj(given, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    if _hashed(fresh) != (digest, size):
        fresh.unlink()
        raise OSError("The file changed while it was stored.")
    fresh.replace(path)
    _sync_folder(path.parent)
    return digest


def opened(authority_id: int, digest: str) -> BinaryIO:
    """Return a stored file, open at its first byte; whoever asks closes it. Raises BlobMissing."""
    try:
        return _path(authority_id, digest).open("rb")
    except FileNotFoundError:
        raise BlobMissing from None


def read(authority_id: int, digest: str) -> bytes:
    """Return a stored file's bytes. Raises BlobMissing."""
    try:
        return _path(authority_id, digest).read_bytes()
    except FileNotFoundError:
        raise BlobMissing from None


def open_blob(authority_id: int, digest: str) -> Iterator[bytes]:
    """Yield a stored file in pieces of 1 MiB. Raises BlobMissing before the first piece."""
    try:
        file = _path(authority_id, digest).open("rb")
    except FileNotFoundError:
        raise BlobMissing from None
    with file:
        while piece := file.read(1 << 20):
            yield piece


def recomputed(authority_id: int, digest: str) -> tuple[str, int]:
    """
    Return the SHA-256 of what a stored file holds now, as 64 hex characters, and its size in bytes.

    Raises:
        BlobMissing: There is no such file.
    """
    try:
        return _hashed(_path(authority_id, digest))
    except FileNotFoundError:
        raise BlobMissing from None


def expunge(authority_id: int, digest: str) -> bool:
    """Remove a file at once and for good; False when it was not there. Only by a logged decision."""
    path = _path(authority_id, digest)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    _sync_folder(path.parent)
    return True


def digests(authority_id: int) -> Iterator[str]:
    """Yield the digest of each stored file of the authority."""
    for path in sorted((_folder() / str(authority_id)).glob("??/*")):
        if len(path.name) == 64:
            yield path.name


def sweep_orphans(authority_id: int, is_wanted: Callable[[str], bool]) -> int:
    """Remove files older than a day that nothing points at, and half-written ones; returns how many."""
    removed = 0
    too_young = time.time() - ORPHAN_AGE_SECONDS
    for path in (_folder() / str(authority_id)).glob("??/*"):
        if path.stat().st_mtime > too_young:
            continue
        if len(path.name) != 64 or not is_wanted(path.name):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _hashed(path: Path) -> tuple[str, int]:
    """Return the digest and the size of a file, read in pieces. Raises FileNotFoundError."""
    found, size = sha256(), 0
    piece = memoryview(bytearray(_PIECE))  # one for the whole file: fresh memory for each takes time
    with path.open("rb", buffering=0) as file:
        while read := file.readinto(piece):
            found.update(piece[:read])
            size += read
    return found.hexdigest(), size


def _path(authority_id: int, digest: str) -> Path:
    if len(digest) != 64 or not all(c in "0123456789abcdef" for c in digest):
        raise BlobMissing
    return _folder() / str(authority_id) / digest[:2] / digest


def _folder() -> Path:
    return Path(settings.OPTIONS.data) / "blobs"


def _make_folder(folder: Path) -> None:
    """Make a folder whose own name is on the disk too, with those above it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

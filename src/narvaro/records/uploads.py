"""Where uploaded archives wait to be taken in: files named by a random id, never by what a stranger called them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings


def path_of(uid: UUID) -> Path:
    """Return where an uploaded archive stands or will stand."""
    return Path(settings.OPTIONS.data) / "imports" / f"{UUID(str(uid))}.archive"


def put(uid: UUID, pieces: Iterable[bytes]) -> int:
    """Write an upload piece by piece; returns its size in bytes. Nothing is left when it breaks off."""
    path = path_of(uid)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = 0
    try:
        with path.open("xb") as file:
            for piece in pieces:
                size += file.write(piece)
    except BaseException:
        remove(uid)
        raise
    return size


def remove(uid: UUID) -> None:
    """Remove an upload; one that is gone already is let be."""
    path_of(uid).unlink(missing_ok=True)

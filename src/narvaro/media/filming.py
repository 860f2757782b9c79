"""What an uploaded film becomes before it is kept: scanned, taken apart by a process of its own, without metadata."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from narvaro.core.types import Invalid
from narvaro.media import scan

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

DEADLINE_SECONDS = 120.0
MOST_SECONDS = 4 * 3600.0
LEFT_OVER_SECONDS = 24 * 3600.0
AT_ONCE = threading.BoundedSemaphore(2)  # films are taken apart two at a time, whatever is uploaded
MOST_ANSWER = 4096


@dataclass(frozen=True, slots=True)
class CleanFilm:
    """A film as it is kept, in a folder that goes away: nothing in it tells where or with what it was taken."""

    path: Path
    cover: bytes
    thumb: bytes
    media_type: str
    seconds: float
    width: int
    height: int
    has_sound: bool
    digest: str = ""  # once its file is in the store


def most_bytes() -> int:
    """Return how large a film may be, as the setting says."""
    return int(settings.OPTIONS.film_megabytes) * 1_000_000


@contextmanager
def cleaned_film(upload: UploadedFile[bytes] | Path) -> Iterator[CleanFilm]:
    """
    Give a film without metadata and position, ready to be kept; its file goes away afterwards.

    What was filmed is copied as it is, never encoded again. The file is never held whole in memory.

    Raises:
        Invalid: Too large, malicious, or not a film that platforms and browsers play.

    Law: GDPR-10, SEC-1
    """
    size = upload.stat().st_size if isinstance(upload, Path) else upload.size or 0
    if size > most_bytes():
        most = {"most": settings.OPTIONS.film_megabytes}
        raise Invalid(_("Filmen är för stor. Den får vara högst %(most)d MB.") % most, field="film")
    with tempfile.TemporaryDirectory(prefix="film-", dir=_incoming()) as name:
        folder = Path(name)
        path = upload if isinstance(upload, Path) else _on_disk(upload, folder)
        scan.refuse_infected_file(path, field="film")
        with AT_ONCE:
            found = _taken_apart(path, folder)
        yield CleanFilm(
            path=folder / "film", cover=(folder / "cover").read_bytes(), thumb=(folder / "thumb").read_bytes(),
            media_type=found["media_type"], seconds=float(found["seconds"]), width=int(found["width"]),
            height=int(found["height"]), has_sound=bool(found["has_sound"]),
        )  # fmt: skip


def sweep_left_over() -> int:
    """Remove folders of films whose process died a day ago; returns how many."""
    too_young = time.time() - LEFT_OVER_SECONDS
    old = [each for each in _incoming().glob("film-*") if each.stat().st_mtime < too_young]
    for each in old:
        shutil.rmtree(each, ignore_errors=True)
    return len(old)


def _taken_apart(path: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", "-m", "narvaro.media.taking_apart", str(path), str(folder), str(most_bytes())]
    try:
        ended = subprocess.run(  # noqa: S603 - our own module, and two paths of ours
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"}, timeout=DEADLINE_SECONDS, check=False,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(ended.stdout[:MOST_ANSWER]) if not ended.returncode else {"unfit": "broke"}
    except subprocess.TimeoutExpired:
        found = {"unfit": "slow"}
    except ValueError:
        found = {"unfit": "broke"}
    if why := found.get("unfit"):
        raise Invalid(_said(why), field="film")
    if not 0 < found["seconds"] <= MOST_SECONDS:
        raise Invalid(_("Filmen är för lång. Den får vara högst fyra timmar."), field="film")
    return found


def _said(why: str) -> str:
    if why == "form":
        return _("Filmen ska vara MP4, MOV eller WebM.")
    if why == "codec":
        return _(
            "Filmen är inspelad på ett sätt som inte går att spela överallt. Exportera den som MP4 med H.264 och AAC."
        )
    if why == "size":
        return _("Filmens bild är för stor. Exportera den i högst 4K.")
    if why in ("no_video", "empty"):
        return _("Det finns ingen film i filen.")
    if why == "slow":
        return _("Filmen tog för lång tid att läsa. Exportera den på nytt som MP4 med H.264 och AAC.")
    return _("Filen går inte att läsa som en film.")


def _on_disk(upload: UploadedFile[bytes], folder: Path) -> Path:
    """Return where an upload lies; a small one is in memory until now."""
    kept = getattr(upload, "temporary_file_path", None)
    if kept is not None:
        return Path(kept())
    path = folder / "upload"
    with path.open("wb") as file:
        for piece in upload.chunks():
            file.write(piece)
    return path


def _incoming() -> Path:
    folder = Path(settings.OPTIONS.data) / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder

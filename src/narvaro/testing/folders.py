"""
Temporary folders of tests, servers and houses: all in one folder of this process, and that is removed when it ends.

A process that is killed outright removes nothing. Its folder is known by a lock that nobody holds any more, and whoever
begins next removes it.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import BinaryIO

PREFIX = "narvaro-tests-"
_OWNER = "owner"  # locked for as long as the process lives; the lock goes with it, however it ends
_held: list[BinaryIO] = []


def temporary(name: str) -> Path:
    """Return a new empty folder, whose name begins with `name`; gone at the latest when this process ends."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=_room()))


def remove_abandoned() -> int:
    """Remove what killed processes left; returns how many folders. What somebody may still use is left."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (folder / _OWNER).open("rb") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
        except OSError:
            continue  # in use, just being made, removed by another, or not ours
    return removed


@cache
def _room() -> Path:
    remove_abandoned()
    room = Path(tempfile.mkdtemp(prefix=PREFIX))
    room.chmod(0o711)  # servers that run as another user pass through
    owner = (room / _OWNER).open("wb")
    fcntl.flock(owner, fcntl.LOCK_EX)
    _held.append(owner)
    atexit.register(_remove, room, os.getpid())
    return room


def _remove(room: Path, owner_pid: int) -> None:
    if os.getpid() == owner_pid:  # a forked child owns nothing
        shutil.rmtree(room, ignore_errors=True)

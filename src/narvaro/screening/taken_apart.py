"""
What is worked out once from the rules and read again by every process, as Python does with its own bytecode.

It stands beside the bytecode, under a name that says what it was worked out from: anything else is worked out anew.
Where nothing may be written there it is worked out every time, as before.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")

FOLDER: Final = Path(__file__).parent / "__pycache__"


def once(name: str, of: Iterable[str], make: Callable[[], T], *, folder: Path = FOLDER) -> T:
    """
    Return what `make` gives, from last time where that was made of the same.

    Args:
        name: What it is called; only the latest of a name is kept.
        of: All that it is made of, the code that makes it too.
        make: Gives plain values: numbers, texts, tuples, lists, dictionaries and frozen sets of them.
    """
    said = sha256(f"{sys.version} {marshal.version}".encode())
    for each in of:
        said.update(f"{len(each)}:".encode())
        said.update(each.encode())
    path = folder / f"{name}.{said.hexdigest()[:32]}.marshal"
    with suppress(OSError, EOFError, ValueError, TypeError):
        found: T = marshal.loads(path.read_bytes())  # noqa: S302 - as much our own as the bytecode beside it
        return found
    made = make()
    if not sys.dont_write_bytecode:
        _keep(path, made, name)
    return made


def _keep(path: Path, made: Any, name: str) -> None:
    """Write it whole or not at all; the installation may be one that nobody writes in."""
    part = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        part.write_bytes(marshal.dumps(made))
        part.replace(path)
        for older in path.parent.glob(f"{name}.*.marshal"):
            if older != path:
                older.unlink(missing_ok=True)

"""
Whose turn it is: what is tried on one of the two databases this time, and on the other the next.

`NARVARO_TEST_TURN` is a number, in `make test` how many commits there are. Without it everything is tried everywhere
(`make test-both`). Why: docs/adr/0042.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

ALWAYS_BOTH = tuple(
    f"src/narvaro/{room}/tests/test_{name}.py"
    for room, names in {
        "core": ("audit", "gathering", "jobs", "wall"),
        "records": ("capture", "expunge", "plans", "races", "search", "verify"),
    }.items()
    for name in names
)
"""What is about statements that are written for each database by itself."""
CONNECTORS = "src/narvaro/connectors/"
WITHOUT_DATABASE = ("src/narvaro/base/", "src/narvaro/screening/", "src/narvaro/formats/", CONNECTORS)
"""What is tried once, whatever the database."""
POSTGRES_EVERY = 4
"""How often what both databases have to do is tried on PostgreSQL, where it takes more than twice as long."""
_DATABASES = {"sqlite": "sqlite", "postgres": "postgresql", "postgresql": "postgresql"}


def comes_round(name: str, *, later: int = 0) -> bool:
    """Whether it is the turn of something that takes long and is tried every eighth time; or was, so many times ago."""
    return not are_taken() or _is_its_turn(name, of=8, later=later)


def asks_servers_now(file: str) -> bool:
    """Whether it is the turn of a file of the connectors that asks real servers, whatever the database; every other."""
    return not are_taken() or _is_its_turn(file, of=2)


def are_taken() -> bool:
    """Whether things are tried by turns in this run."""
    return bool(os.environ.get("NARVARO_TEST_TURN"))


def is_tried(name: str, *, database: str, is_of_both: bool) -> bool:
    """
    Whether a test is tried in this run.

    Args:
        name: The test's, as pytest says it, without what it is tried with.
        database: What this run, or the test itself, stands on.
        is_of_both: Whether there is a run on the other database too.
    """
    if not are_taken() or not is_of_both or name.startswith((*ALWAYS_BOTH, *WITHOUT_DATABASE)):
        return True
    return _is_its_turn(name, of=POSTGRES_EVERY) == (database == "postgresql")


def _is_its_turn(name: str, *, of: int, later: int = 0) -> bool:
    """Whether it is the turn, one of so many, of what has this name; the same for all of a run."""
    return (zlib.crc32(name.encode()) + int(os.environ["NARVARO_TEST_TURN"]) - later) % of == 0


def database_of(item: pytest.Item, otherwise: str) -> tuple[str, bool]:
    """Return the database that a test stands on, and whether it chose it by itself."""
    call = getattr(item, "callspec", None)
    for value in call.params.values() if call else ():
        if isinstance(value, str) and value in _DATABASES:
            return _DATABASES[value], True
    return otherwise, False

"""
Empty tables, made once and copied: each process of a run needs a database of its own, and migrating takes its time.

What is kept of SQLite lies in `var/` and serves later runs too, until a migration or a dependency changes. PostgreSQL
keeps it in the server of the run. Django's own migrate comes after the copy: it finds nothing to do but to say that it
is done, and guards and walls are built as in any installation.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]
_KEPT = _ROOT / "var" / "tables"


def copy_what_was_made() -> None:
    """Let the databases that tests are given begin from tables that another process made."""
    from django.core.management.commands import migrate
    from django.db import connections

    plainly = migrate.Command.handle

    def from_a_copy(self: Any, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if options.get("app_label") or not _is_a_tests(connection) or connection.introspection.table_names():
            plainly(self, *args, **options)
            return
        kept = _InServer(connection) if connection.vendor == "postgresql" else _InFile(connection)
        with _alone():
            if not kept.is_there():
                plainly(self, *args, **options)
                kept.keep()
                return
            kept.fill()
        plainly(self, *args, **options)

    migrate.Command.handle = from_a_copy  # type: ignore[method-assign]


def begin_from_them(database: Path) -> None:
    """Let an installation on SQLite that is about to be started find its tables made, where a run has made any."""
    kept = _KEPT / f"{_key()}.sqlite3"
    if kept.exists() and not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, database)


def kept_in_server() -> str:
    """Return the name of the database that holds the tables in a run's PostgreSQL, once somebody has made them."""
    return f"tables_{_key()}"


def _is_a_tests(connection: Any) -> bool:
    """Only what Django makes for a test: an upgrade or a first start that is tried has to migrate."""
    return str(connection.settings_dict["NAME"]) == str(connection.creation._get_test_db_name())


class _InFile:
    """Tables of SQLite, kept in a file."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._file = _KEPT / f"{_key()}.sqlite3"

    def is_there(self) -> bool:
        return self._file.exists()

    def keep(self) -> None:
        for older in _KEPT.glob("*.sqlite3"):
            older.unlink()
        unfinished = self._file.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        target = sqlite3.connect(unfinished)
        self._connection.connection.backup(target)
        target.close()
        unfinished.rename(self._file)

    def fill(self) -> None:
        source = sqlite3.connect(self._file)
        source.backup(self._connection.connection)
        source.close()


class _InServer:
    """Tables of PostgreSQL, kept as a database of the same server."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._own = connection.settings_dict["NAME"]
        self._kept = kept_in_server()

    def is_there(self) -> bool:
        with self._connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self._kept])
            return cursor.fetchone() is not None

    def keep(self) -> None:
        self._copy(self._own, self._kept)

    def fill(self) -> None:
        self._copy(self._kept, self._own)

    def _copy(self, source: str, target: str) -> None:
        self._connection.close()  # a database is copied while nobody is in it
        quoted = self._connection.ops.quote_name
        with self._connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted(target)}")
            cursor.execute(f"CREATE DATABASE {quoted(target)} TEMPLATE {quoted(source)}")


@contextmanager
def _alone() -> Iterator[None]:
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key() -> str:
    """Whatever decides which tables there are: our migrations, and the applications that others wrote."""
    found = hashlib.sha256()
    for file in (*sorted((_ROOT / "src").glob("*/*/migrations/*.py")), _ROOT / "requirements.txt"):
        found.update(str(file.relative_to(_ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:16]

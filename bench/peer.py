"""The barest thing that could keep the same: the same rows inserted into tables without indexes or guards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

# What capture, sequencing and triage write for an item. Rows of batches (audit, tiles, heads) are left out:
# that makes the peer a little faster than it has to be.
TABLES = (
    "records_item", "records_version", "core_leaf", "records_watchedthread", "inbox_incoming", "inbox_finding",
    "core_waiting",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that ours wrote to one table, as the driver gave them back."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def make_tables() -> None:
    """Create an empty twin of each table: same columns, no index, no trigger, no key."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
            cursor.execute(f"CREATE TABLE bare_{table} AS SELECT * FROM {table} WHERE 1 = 0")


def last_ids() -> dict[str, int]:
    """Return the highest key of each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            found[table] = int(cursor.fetchone()[0])
    return found


def written_since(ids: dict[str, int]) -> list[Rows]:
    """Read back what was written after `ids` was taken."""
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} WHERE id > %s ORDER BY id", [ids[table]])
            columns = tuple(column[0] for column in cursor.description)
            found.append(Rows(table, columns, cursor.fetchall()))
    return found


def insert(written: list[Rows], *, pages: int) -> None:
    """Insert the same rows and bytes in as many transactions as there were pages, as durable as ours."""
    for number in range(pages):
        with transaction.atomic(), connection.cursor() as cursor:
            for part in written:
                rows = part.rows[number::pages]
                if rows:
                    _insert(cursor, f"bare_{part.table}", part.columns, rows)


def _insert(cursor: Any, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join(["%s"] * len(columns))
    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

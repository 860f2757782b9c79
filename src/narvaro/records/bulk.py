"""
The one adapter that writes and reads in bulk with SQL of its own.

Capture must keep thousands of items a second in one durable transaction; the ORM makes three to five
times the work of it. Only `capture` and `verify` go through here, and only these tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

_CHUNK = 200


def reserve_ids(model: type[Model], count: int) -> list[int]:
    """
    Return `count` primary keys that nobody else will get, in the caller's transaction.

    PostgreSQL hands them out of the table's sequence. On SQLite the caller already holds the only write
    lock (IMMEDIATE), so the next free numbers are ours; AUTOINCREMENT never gives an old one again.
    """
    if count == 0:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    first = (row[0] if row else 0) + 1
    return list(range(first, first + count))


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values are what the database driver takes; `columns` are column names."""
    if not rows:
        return
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, columns))
    if connection.vendor == "postgresql":
        _insert_arrays(table, columns, f"INSERT INTO {quote(table)} ({names})", rows)
        return
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", rows)  # noqa: S608


def _insert_arrays(table: str, columns: Sequence[str], head: str, rows: Sequence[Sequence[Any]]) -> None:
    """
    Insert with one short statement on PostgreSQL, each column an array sent as bytes.

    COPY would be as quick, but is refused where row-level security stands; a statement with a mark for each
    value costs the driver more than all the rest of capture.
    """
    from psycopg import Cursor  # noqa: PLC0415 - not installed where SQLite is used

    types = _column_types(table)
    arrays = ", ".join(f"%b::{types[column]}[]" for column in columns)
    connection.ensure_connection()
    statement = f"{head} SELECT * FROM unnest({arrays})"  # noqa: S608 - names and types of our own tables
    # Django's own cursors write the values into the text of the statement.
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


@cache
def _column_types(table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        return dict(cursor.fetchall())


def moment(value: datetime | None) -> Any:
    """Return an aware moment as the driver stores it."""
    if value is None or _is_postgresql():
        return value
    return str((value if value.tzinfo is UTC else value.astimezone(UTC)).replace(tzinfo=None))


def uid(value: Any) -> Any:
    """Return a UUID as the driver stores it."""
    return value if _is_postgresql() else value.hex


@cache
def _is_postgresql() -> bool:
    # Asked a dozen times an item; the connection itself stands behind two proxies.
    return connection.vendor == "postgresql"


def known_items(
    authority_id: int, channel_id: int, remote_ids: Sequence[str]
) -> dict[str, tuple[int, int, str, str, str]]:
    """
    Return what is kept already, by remote id: item id, number of versions, latest content digest, the kind
    of the latest version and the thread key.

    The authority is named because the unique key begins with it: without it the whole channel is gone through.
    """
    columns = "i.remote_id, i.id, i.versions, v.content_digest, v.kind, i.thread_key"
    item = "FROM records_item WHERE authority_id = %s AND channel_id = %s AND remote_id"
    version = "JOIN records_version v ON v.id = i.latest_version_id"
    each = f"SELECT {columns} FROM {_WANTED} (SELECT * {item} = wanted.value OFFSET 0) i {version}"  # noqa: S608 - names
    listed = f"SELECT {columns} FROM (SELECT * {item} IN ($)) i {version}"  # noqa: S608 - names
    return {row[0]: tuple(row[1:]) for row in _looked_up(each, listed, [authority_id, channel_id], remote_ids)}


def threads_among(channel_id: int, thread_keys: Sequence[str]) -> list[str]:
    """Return those of the thread keys that something in the channel is kept under."""
    item = "SELECT thread_key FROM records_item WHERE channel_id = %s AND thread_key"
    each = f"SELECT i.thread_key FROM {_WANTED} ({item} = wanted.value LIMIT 1) i"  # noqa: S608 - names
    listed = f"SELECT DISTINCT i.thread_key FROM ({item} IN ($)) i"  # noqa: S608 - names
    return [row[0] for row in _looked_up(each, listed, [channel_id], thread_keys)]


def own_in_threads(channel_id: int, thread_keys: Sequence[str]) -> list[int]:
    """Return the ids of what we have written under something in the named threads and not taken away."""
    # Said in the text and not as a value: only so does SQLite know that the index of our own items serves it.
    own = "origin = 'drawn_up' AND gone_at IS NULL AND parent_remote_id <> ''"
    item = f"SELECT id FROM records_item WHERE {own} AND channel_id = %s AND thread_key"  # noqa: S608 - our own names
    each = f"SELECT i.id FROM {_WANTED} ({item} = wanted.value OFFSET 0) i"  # noqa: S608 - names
    return [row[0] for row in _looked_up(each, f"{item} IN ($)", [channel_id], thread_keys)]


# PostgreSQL looks up each value by the index that serves it, whatever it believes of a table that grows: for a list of
# values it reads the whole channel until its statistics have caught up, and each page then costs more than the last.
_WANTED = "unnest(%s::text[]) AS wanted (value) CROSS JOIN LATERAL"


def _looked_up(each: str, listed: str, first: list[Any], values: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return what is found for many values: by `each` on PostgreSQL, by `listed` (values for $) on SQLite."""
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(values), _CHUNK):
            part = list(values[start : start + _CHUNK])
            if _is_postgresql():
                cursor.execute(each, [part, *first])
            else:
                cursor.execute(listed.replace("$", ", ".join(["%s"] * len(part))), [*first, *part])
            found += cursor.fetchall()
    return found


def update_items(rows: Iterable[tuple[int, int, Any, int]]) -> None:
    """Point items at a new latest version: (version id, number, gone_at, item id)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE records_item SET latest_version_id = %s, versions = %s, gone_at = %s WHERE id = %s", list(rows)
        )


def leaves_and_versions(authority_id: int, *, until: int, chunk: int = 500) -> Iterator[list[tuple[Any, ...]]]:
    """
    Yield the authority's versions in the order of their leaves, those before position `until`, a chunk at a time.

    Each row: position, leaf hash, then the columns `VERSION_COLUMNS`, whose last are the fields of `proof.leaf_content`
    in its order; moments without a zone, in UTC, as text on SQLite. A leaf whose version is gone has None in them all.
    """
    last = -1
    names = ", ".join(_plain(name) for name in VERSION_COLUMNS)
    # The leaves of the chunk first: PostgreSQL may else join every version there is before it takes the first of them.
    statement = (
        f"SELECT l.position, l.hash, {names} FROM "  # noqa: S608 - our own column names
        "(SELECT position, hash, subject_id FROM core_leaf WHERE authority_id = %s AND kind = 'version' "
        "AND position > %s AND position < %s ORDER BY position LIMIT %s) l "
        "LEFT JOIN records_version v ON v.id = l.subject_id LEFT JOIN records_item i ON i.id = v.item_id "
        "LEFT JOIN channels_channel c ON c.id = i.channel_id ORDER BY l.position"
    )
    while True:
        rows = _fetched(statement, [authority_id, last, until, chunk])
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def leaf_hashes(authority_id: int, *, since: int, limit: int) -> list[tuple[int, bytes]]:
    """Return the position and hash of the authority's leaves from position `since`, in order, at most `limit`."""
    statement = (
        "SELECT position, hash FROM core_leaf WHERE authority_id = %s AND position >= %s ORDER BY position LIMIT %s"
    )
    return [(position, bytes(hash_)) for position, hash_ in _fetched(statement, [authority_id, since, limit])]


def tiles(authority_id: int, level: int, *, first: int, count: int) -> dict[int, bytes]:
    """Return the stored tiles of a level from number `first`, by number; missing ones are absent."""
    statement = (
        "SELECT number, hashes FROM core_tile WHERE authority_id = %s AND level = %s AND number >= %s AND number < %s"
    )
    rows = _fetched(statement, [authority_id, level, first, first + count])
    return {number: bytes(hashes) for number, hashes in rows}


def _plain(column: str) -> str:
    """Return a column as an expression that the driver hands over with the least work."""
    if _is_postgresql():
        if column in _UIDS:
            return f"encode(uuid_send({column}), 'hex')"
        return f"{column} AT TIME ZONE 'UTC'" if column in _MOMENTS else column
    return f"{column} || ''" if column in _MOMENTS else column  # else Django's converters take the text apart


def _fetched(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """Return all rows of a question; from PostgreSQL as bytes, which takes half the time of text."""
    if not _is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
    from psycopg import Cursor  # noqa: PLC0415 - not installed where SQLite is used

    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as raw:
        return raw.execute(statement, values, binary=True).fetchall()


VERSION_COLUMNS = (
    "v.leaf_hash", "v.salt", "v.expunged_at", "v.payload_in_store", "v.payload",
    # From here on what the leaf commits to.
    "c.uid", "i.uid", "v.uid", "i.remote_id", "i.kind", "i.origin", "v.visibility", "i.parent_remote_id", "v.number",
    "v.kind", "v.source", "v.author_remote_id", "v.author_handle", "v.author_name", "v.text", "v.media", "v.language",
    "v.url", "v.published_at", "v.edited_at", "v.captured_at", "v.payload_digest", "v.thread_key",
)  # fmt: skip
_UIDS = ("c.uid", "i.uid", "v.uid")
_MOMENTS = ("v.expunged_at", "v.published_at", "v.edited_at", "v.captured_at")

ITEM_INSERT = (
    "id", "authority_id", "uid", "channel_id", "remote_id", "kind", "origin", "visibility", "thread_key",
    "parent_remote_id", "published_at", "latest_version_id", "versions", "gone_at", "counts", "registration",
    "secrecy_suspected", "sealed_at",
)  # fmt: skip

VERSION_INSERT = (
    "id", "authority_id", "uid", "item_id", "number", "kind", "source", "author_remote_id", "author_handle",
    "author_name", "visibility", "text", "media", "language", "url", "published_at", "edited_at", "captured_at",
    "payload",
    "payload_digest", "payload_in_store", "content_digest", "salt", "leaf_hash", "expunged_at", "thread_key",
)  # fmt: skip

LEAF_INSERT = ("authority_id", "kind", "subject_id", "hash", "position")

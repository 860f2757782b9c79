"""
The search index: which versions hold which words. It can be made again from the records at any time.

One adapter for both databases: an FTS5 table on SQLite, a table with a GIN index on PostgreSQL, and no
model, since neither is a table that Django knows. Both store the stems that `base.words` gives, so that
they answer alike, and beside them marks for what is not words (see `marks_of`).

A row's key is the second it was published, then the version: newest first is the order of keys, paging
by key and dates are ranges of keys, and the version can be read out of the key.

On PostgreSQL the planner is not asked which way to take. It would guess from how common each word is by
itself, and walk through a million records by time for two common words that never met. So the newest ten
thousand are looked through first, which answers common questions, and all others go by the GIN index.

Law: GDPR-6 (no mark tells of anything sensitive), GDPR-7 (identity numbers are never indexed)
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from narvaro.base.words import words
from narvaro.connectors.port import Visibility
from narvaro.core import ledger
from narvaro.records.models import Item, Version
from narvaro.records.rules import alternative_texts
from narvaro.records.types import VersionKind

log = logging.getLogger("narvaro.records")

CURSOR = "search"
BATCH = 2000
FIRST_KEY, LAST_KEY = 0, (1 << 63) - 1
_VERSION_BITS = 31
_LAST_VERSION = (1 << _VERSION_BITS) - 1
_LAST_SECOND = (1 << 32) - 1
_MOST_WORDS = 20_000  # different words of one version; what a hostile text of 10 MB has beyond is not searchable
_WALK = 10_000  # rows looked through before the GIN index is asked: 4 ms on a machine with much else to do
_MERGE_PAGES = 500
_MOST_MERGES = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of one version."""

    key: int
    authority_id: int
    position: int
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """All of `every`, one of each of `one_of`, none of `none_of`; tokens as `marks_of` and `base.words` give them."""

    every: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    none_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Keys [low, high); the newest first, or the oldest first."""

    low: int = FIRST_KEY
    high: int = LAST_KEY
    newest_first: bool = True
    limit: int = 51


@dataclass(slots=True)
class Followed:
    """How far a follower came: positions read, and versions indexed."""

    read: int = 0
    indexed: int = 0
    skipped: list[int] = field(default_factory=list)


class Moved(RuntimeError):
    """Another worker indexed the same part of the feed meanwhile; ours is rolled back."""


def key_of(published_at: datetime, version_id: int) -> int:
    """Return a version's key: seconds since 1970 in the upper bits, the version below."""
    seconds = min(max(int(published_at.timestamp()), 0), _LAST_SECOND)
    return seconds << _VERSION_BITS | version_id & _LAST_VERSION


def first_key_at(moment: datetime) -> int:
    """Return the lowest key that a version published at `moment` (aware) or later can have."""
    return min(max(int(moment.astimezone(UTC).timestamp()), 0), _LAST_SECOND) << _VERSION_BITS


def version_of(key: int) -> int:
    """Return the version that a key names."""
    return key & _LAST_VERSION


# --- Marks: what can be asked for besides words. `words` gives letters and digits only, so no text can forge one. ---


def authority_mark(authority_id: int) -> str:
    """Return the mark of everything that one authority keeps."""
    return f"_o{authority_id}"


def channel_mark(channel_id: int) -> str:
    """Return the mark of everything in a channel."""
    return f"_c{channel_id}"


def private_mark(channel_id: int) -> str:
    """Return the mark of a channel's private messages. Law: TF-4, BBS-1"""
    return f"_p{channel_id}"


def kind_mark(kind: str) -> str:
    """Return the mark of a kind of item."""
    return f"_k{kind}"


def origin_mark(origin: str) -> str:
    """Return the mark of what came in, was drawn up, or is a file note."""
    return f"_d{origin}"


def author_mark(stem: str) -> str:
    """Return the mark of an author's name or handle having a word."""
    return f"_a{stem}"


def marks_of(version: Version, item: Item) -> list[str]:
    """Return the marks of a version: authority, channel, kind, origin, privacy, and the words of its author."""
    marks = [
        authority_mark(item.authority_id), channel_mark(item.channel_id), kind_mark(item.kind),
        origin_mark(item.origin),
    ]  # fmt: skip
    if Visibility.PRIVATE in (version.visibility, item.visibility):
        marks.append(private_mark(item.channel_id))
    return marks + [author_mark(stem) for stem in words(f"{version.author_name} {version.author_handle}")]


def entry_of(version: Version, item: Item, position: int) -> Entry:
    """Return what to index of a version: its words, those of its pictures' texts and its author's, and its marks."""
    said = words(version.text)
    if version.media:
        said += words(" ".join(alternative_texts(version.media)))
    # Of the handle its first part: the name of a platform would be found in everything.
    said += words(f"{version.author_name} {re.split('[@.]', version.author_handle.lstrip('@'))[0]}")
    tokens = list(dict.fromkeys(said))[:_MOST_WORDS] + list(dict.fromkeys(marks_of(version, item)))
    return Entry(key_of(version.published_at, version.pk), item.authority_id, position, tuple(tokens))


# --- Following the feed ---------------------------------------------------------------------------------------------


def follow(authority_id: int, *, limit: int = BATCH) -> Followed:
    """
    Index the next part of the authority's feed; `read` is 0 when there is nothing more.

    The words are taken apart before the transaction. Sealed and expunged items are left out: whether
    they are is asked after the cursor is ours, and who seals waits for it.

    Raises:
        Moved: Another worker was first; nothing was written.

    Law: BBS-10, GDPR-7
    """
    since = ledger.cursor_position(authority_id, CURSOR)
    found, upto = ledger.feed(authority_id, since, limit=limit)
    if upto == since:
        return Followed()
    positions = {entry.subject_id: entry.position for entry in found}
    versions = _versions(list(positions))
    entries = {version.pk: entry_of(version, version.item, positions[version.pk]) for version in versions}
    with transaction.atomic():
        if not ledger.move_cursor(authority_id, CURSOR, since=since, to=upto):
            raise Moved
        hidden = _hidden(versions)
        write([entry for pk, entry in entries.items() if pk not in hidden])
    return Followed(read=upto - since, indexed=len(entries) - len(hidden), skipped=sorted(hidden))


def _versions(ids: Sequence[int]) -> list[Version]:
    rows = Version.objects.everywhere("search index").filter(pk__in=list(ids), kind=VersionKind.CONTENT)
    return list(
        rows.select_related("item").only(
            "text", "media", "author_name", "author_handle", "visibility", "published_at", "item__authority_id",
            "item__channel_id", "item__kind", "item__origin", "item__visibility",
        )
    )  # fmt: skip


def _hidden(versions: Sequence[Version]) -> set[int]:
    ids = [version.pk for version in versions]
    rows = Version.objects.everywhere("search index").filter(pk__in=ids)
    sealed = rows.filter(item__sealed_at__isnull=False).values_list("pk", flat=True)
    return {*sealed, *rows.filter(expunged_at__isnull=False).values_list("pk", flat=True)}


def hold(authority_id: int) -> None:
    """
    Wait in the caller's transaction until nobody is indexing the authority's feed, and keep others from it.

    What is sealed after this is either indexed already, and can be taken out, or will be seen as sealed.
    """
    for _ in range(100):
        at = ledger.cursor_position(authority_id, CURSOR)
        if ledger.move_cursor(authority_id, CURSOR, since=at, to=at):
            return
    raise Moved


# --- Writing --------------------------------------------------------------------------------------------------------


def write(entries: Iterable[Entry]) -> None:
    """Index entries in the caller's transaction; one that is there already is replaced."""
    rows = sorted({entry.key: entry for entry in entries}.values(), key=lambda entry: entry.key)
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO records_search (key, authority_id, position, tokens) "
                "SELECT k, a, p, array_to_tsvector(string_to_array(t, ' ')) "
                "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS fresh(k, a, p, t) "
                "ON CONFLICT (authority_id, key) DO UPDATE SET tokens = excluded.tokens, position = excluded.position",
                [
                    [e.key for e in rows], [e.authority_id for e in rows], [e.position for e in rows],
                    [" ".join(e.tokens) for e in rows],
                ],
            )  # fmt: skip
        else:
            # In the order of keys: FTS5 writes a segment each time a key is lower than the one before it.
            cursor.executemany(
                "INSERT OR REPLACE INTO records_search (rowid, tokens, position) VALUES (%s, %s, %s)",
                [(e.key, " ".join(e.tokens), e.position) for e in rows],
            )


def remove(authority_id: int, versions: Iterable[Version]) -> None:
    """Take versions out of the index in the caller's transaction; those that are not there are passed over."""
    keys = [key_of(version.published_at, version.pk) for version in versions]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM records_search WHERE authority_id = %s AND key = ANY(%s)", [authority_id, keys])
        else:
            cursor.execute("PRAGMA secure_delete = ON")  # what is taken out is overwritten, not only forgotten
            cursor.executemany("DELETE FROM records_search WHERE rowid = %s", [(key,) for key in keys])


def put_back(authority_id: int, versions: Sequence[Version]) -> None:
    """Index versions again that were taken out, in the caller's transaction."""
    at = positions(authority_id, [version.pk for version in versions])
    write(
        entry_of(version, version.item, at[version.pk])
        for version in versions
        if version.pk in at and version.kind == VersionKind.CONTENT and version.expunged_at is None
    )


def forget(authority_id: int) -> None:
    """Empty the index of an authority and start its feed from the beginning, in the caller's transaction."""
    hold(authority_id)
    at = ledger.cursor_position(authority_id, CURSOR)
    ledger.move_cursor(authority_id, CURSOR, since=at, to=0)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM records_search WHERE authority_id = %s", [authority_id])
        else:
            cursor.execute(
                "DELETE FROM records_search WHERE rowid IN "
                "(SELECT rowid FROM records_search WHERE records_search MATCH %s)",
                [f'"{authority_mark(authority_id)}"'],
            )


def erase_traces() -> bool:
    """
    Remove from the files what removed rows left behind; outside any transaction, in short steps.

    SQLite: the index is merged until no removed word is left in it, and the log is truncated. PostgreSQL: the tables
    that held the words are vacuumed, and the index, which never forgets a word by itself, is made again beside the old.

    Returns:
        False when somebody was reading and the log could not be truncated, or when only the database's owner
        may do it; do it again later.

    Law: TF-12, BBS-10
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_has_role(tableowner, 'USAGE') FROM pg_tables WHERE tablename = 'records_search'")
            if not cursor.fetchone()[0]:
                log.warning(
                    "Utplånade ord ska bort ur sökregistret; databasens ägare behöver köra narvaro doctor --repair."
                )
                return False
            cursor.execute("VACUUM records_search, records_version, records_file")
            cursor.execute("REINDEX INDEX CONCURRENTLY records_search_tokens")
            return True
        cursor.execute("PRAGMA secure_delete = ON")
        step = -_MERGE_PAGES
        for _ in range(_MOST_MERGES):
            before = _changes(cursor)
            cursor.execute("INSERT INTO records_search (records_search, rank) VALUES ('merge', %s)", [step])
            if _changes(cursor) - before < 2:
                break
            step = _MERGE_PAGES
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return not cursor.fetchone()[0]


def _changes(cursor: Any) -> int:
    cursor.execute("SELECT total_changes()")
    return int(cursor.fetchone()[0])


# --- Asking ---------------------------------------------------------------------------------------------------------


def find(authority_id: int, expression: Expression, span: Span) -> list[int]:
    """
    Return the keys of the versions that answer, in the order of the span; at most `span.limit`. One statement.
    """
    if connection.vendor == "postgresql":
        return _find_postgresql(authority_id, _tsquery(expression), span)
    return _find_sqlite(_match(expression), span)


def _find_sqlite(match: str, span: Span) -> list[int]:
    order = "DESC" if span.newest_first else "ASC"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid FROM records_search WHERE records_search MATCH %s AND rowid >= %s AND rowid < %s "  # noqa: S608
            f"ORDER BY rowid {order} LIMIT %s",
            [match, span.low, span.high, span.limit],
        )
        return [row[0] for row in cursor.fetchall()]


def _find_postgresql(authority_id: int, query: str, span: Span) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT narvaro_search(%s, %s::tsquery, %s, %s, %s, %s, %s)",
            [authority_id, query, span.low, span.high, span.limit, span.newest_first, _WALK],
        )
        return [row[0] for row in cursor.fetchall()]


def _match(expression: Expression) -> str:
    """Return the expression as FTS5 writes it."""
    quoted = [_quoted(token, '"') for token in expression.every]
    quoted += ["(" + " OR ".join(_quoted(t, '"') for t in group) + ")" for group in expression.one_of]
    wanted = " AND ".join(quoted)
    if not expression.none_of:
        return wanted
    return f"({wanted}) NOT ({' OR '.join(_quoted(t, chr(34)) for t in expression.none_of)})"


def _tsquery(expression: Expression) -> str:
    """Return the expression as PostgreSQL's tsquery."""
    quoted = [_quoted(token, "'") for token in expression.every]
    quoted += ["(" + " | ".join(_quoted(t, "'") for t in group) + ")" for group in expression.one_of]
    if expression.none_of:
        quoted.append("!(" + " | ".join(_quoted(t, "'") for t in expression.none_of) + ")")
    return " & ".join(quoted)


def _quoted(token: str, mark: str) -> str:
    return mark + token.replace("\\", "").replace(mark, mark * 2) + mark


def positions(authority_id: int, version_ids: Sequence[int]) -> dict[int, int]:
    """
    Return the ledger positions of versions, by version; those that have none yet are absent.

    Reads the leaves, which have no index by version: for a few versions at a time, by a person's wish.
    """
    if not version_ids:
        return {}
    marks = ", ".join(["%s"] * len(version_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_id, position FROM core_leaf WHERE authority_id = %s AND kind = 'version' "  # noqa: S608
            f"AND position IS NOT NULL AND subject_id IN ({marks})",
            [authority_id, *version_ids],
        )
        return dict(cursor.fetchall())


def known_positions(authority_id: int, keys: Mapping[int, int]) -> dict[int, int]:
    """
    Return the ledger positions of versions: from the index where they stand in it, else from the leaves.

    Args:
        keys: The version that each key (`key_of`) belongs to.

    Returns:
        The position of each version that has one.
    """
    if not keys:
        return {}
    marks = ", ".join(["%s"] * len(keys))
    column, scope = ("key", "authority_id = %s AND ") if connection.vendor == "postgresql" else ("rowid", "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column}, position FROM records_search WHERE {scope}{column} IN ({marks})",  # noqa: S608
            [*([authority_id] if scope else []), *keys],
        )
        found = {keys[key]: int(position) for key, position in cursor.fetchall()}
    return found | positions(authority_id, [pk for pk in keys.values() if pk not in found])

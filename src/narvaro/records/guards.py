"""
Triggers that keep append-only tables append-only, also against our own mistakes.

They are created again after every migrate, since SQLite drops them silently when a table is altered;
`doctor` and the start of the product check that they stand.

Law: ARK-1, TF-12
"""

from __future__ import annotations

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, connections

_NEVER = "Handlingar ändras och raderas inte."

_VERSION_FIXED = (
    "id", "authority_id", "uid", "item_id", "number", "kind", "source", "published_at",
    "captured_at", "leaf_hash", "thread_key",
)  # fmt: skip
_ITEM_FIXED = ("id", "authority_id", "uid", "channel_id", "remote_id", "kind", "origin", "parent_remote_id")
_GAP_FIXED = ("id", "authority_id", "channel_id", "from_at", "until_at", "why", "noted_at", "once_key")
_LEAF_FIXED = ("id", "authority_id", "kind", "subject_id", "hash")
_TABLES = ("records_version", "records_item", "core_leaf", "core_treehead", "core_auditentry", "records_gap")


def _differs(columns: tuple[str, ...], is_not: str) -> str:
    return " OR ".join(f"NEW.{c} {is_not} OLD.{c}" for c in columns)


def _refused_updates(is_not: str) -> dict[str, str]:
    """Per table, when an UPDATE is refused."""
    return {
        # A version changes only by being expunged: once, whole, with its salt.
        "records_version": (
            f"OLD.expunged_at IS NOT NULL OR NEW.expunged_at IS NULL OR NEW.text <> '' OR NEW.salt IS NOT NULL "
            f"OR NEW.payload IS NOT NULL OR {_differs(_VERSION_FIXED, is_not)}"
        ),
        "records_item": _differs(_ITEM_FIXED, is_not),
        "core_leaf": f"OLD.position IS NOT NULL OR {_differs(_LEAF_FIXED, is_not)}",
        "core_treehead": "1 = 1",
        "core_auditentry": "1 = 1",
        "records_gap": _differs(_GAP_FIXED, is_not),
        **dict.fromkeys(_written_once(), "1 = 1"),
    }


def _written_once() -> tuple[str, ...]:
    """Return the tables, of any floor, whose models say that a row is never changed once it is written."""
    return tuple(sorted(m._meta.db_table for m in apps.get_models() if getattr(m, "is_written_once", False)))


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create every trigger anew, as whoever owns the tables."""
    there = set(connections[using].introspection.table_names())
    tables = {*_TABLES, *_written_once()}
    # A migration of some capabilities only may leave tables to come; they are guarded with those.
    coming = tuple(f"keep_{table}_" for table in sorted(tables - there))
    for statement in _statements():
        if coming and any(name in statement for name in coming):
            continue
        with connections[using].cursor() as cursor:
            cursor.execute(statement)


def missing() -> list[str]:
    """Return the names of triggers that do not stand; [] when all do."""
    wanted = set(_names())
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return sorted(wanted - {row[0] for row in cursor.fetchall()})


def removal() -> list[str]:
    """Return the statements that take every trigger away; only a test that empties its database runs them."""
    on = " ON {}" if connection.vendor == "postgresql" else ""
    names = [name.rpartition("_")[0].removeprefix("keep_") for name in _names()]
    return [f"DROP TRIGGER IF EXISTS {name}{on.format(table)}" for name, table in zip(_names(), names, strict=True)]


def _names() -> list[str]:
    events = ["update", "delete", *(["truncate"] if connection.vendor == "postgresql" else [])]
    return [f"keep_{table}_{event}" for table in (*_TABLES, *_written_once()) for event in events]


def _statements() -> list[str]:
    return _postgresql() if connection.vendor == "postgresql" else _sqlite()


def _sqlite() -> list[str]:
    made = []
    for table, condition in _refused_updates("IS NOT").items():
        for event, when in (("update", condition), ("delete", "1 = 1")):
            name = f"keep_{table}_{event}"
            made.append(f"DROP TRIGGER IF EXISTS {name}")
            made.append(
                f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END"
            )
    return made


def _postgresql() -> list[str]:
    made = [
        "CREATE OR REPLACE FUNCTION narvaro_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_NEVER}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    ]
    for table, condition in _refused_updates("IS DISTINCT FROM").items():
        for event, level in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
            name = f"keep_{table}_{event}"
            when = f"WHEN ({condition}) " if event == "update" else ""
            made.append(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            made.append(
                f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} FOR EACH {level} {when}"
                "EXECUTE FUNCTION narvaro_refuse()"
            )
    return made

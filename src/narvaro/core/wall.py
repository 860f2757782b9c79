"""
The second lock between authorities, on PostgreSQL: row-level security on every owned table.

The first lock is the code (`tenancy`). This one holds when the code is wrong: a web request may see and
write rows of the authority its person acts in, whatever is asked for; an anonymous one sees none. Work in
the background, the command line and one-time links say their duty and see all.

On SQLite there is no such lock, and these functions do nothing.

Law: TF-7, ARK-2
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from narvaro.core.postgresql import ALL, SETTING

if TYPE_CHECKING:
    from narvaro.core.postgresql.base import DatabaseWrapper

_NONE = "0"  # no authority has this key
_POLICY = "narvaro_own_authority"  # a new shape gets a new name: `missing` then finds what stands in the old one
_FORMER_POLICIES = ("narvaro_own_rows",)


@contextmanager
def narrowed(authority_id: int | None) -> Iterator[None]:
    """Let the connection see one authority's rows only (none at all for None) until the block ends."""
    with _seeing(_NONE if authority_id is None else str(authority_id)):
        yield


@contextmanager
def widened(duty: str) -> Iterator[None]:
    """Let the connection see every authority's rows until the block ends, for a named duty."""
    if not duty:
        raise ValueError("En uppgift som ser alla myndigheters rader ska ha ett namn.")
    with _seeing(ALL):
        yield


def owned_tables() -> list[str]:
    """Return the name of each table whose rows belong to one authority."""
    return sorted(m._meta.db_table for m in apps.get_models() if getattr(m, "tenancy", "") == "Owned")


def build(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the policy on every owned table and let the application's role in; run by the owner after migrate."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    # A setting that was never made reads as NULL, one that was rolled back as ''.
    sees = f"(SELECT nullif(nullif(current_setting('{SETTING}', true), ''), '{ALL}')::bigint)"
    # As a SELECT the setting is read once a statement and not once a row. Of a coalesce the planner believes that it
    # leaves half of the rows; of an OR of comparisons one in a hundred, and it then sorted whole tables for a page.
    rule = f"coalesce(authority_id = {sees}, {sees} IS NULL)"
    with connection.cursor() as cursor:
        for table in owned_tables():
            with transaction.atomic(using=using):  # nobody meets a table without its policy, which would look empty
                cursor.execute(f"ALTER TABLE {quote(table)} ENABLE ROW LEVEL SECURITY")
                cursor.execute(f"ALTER TABLE {quote(table)} FORCE ROW LEVEL SECURITY")  # the owner's rows too
                for policy in (_POLICY, *_FORMER_POLICIES):
                    cursor.execute(f"DROP POLICY IF EXISTS {policy} ON {quote(table)}")
                cursor.execute(f"CREATE POLICY {_POLICY} ON {quote(table)} USING ({rule}) WITH CHECK ({rule})")
        role = application_role()
        cursor.execute("SELECT current_user")
        if role and role != cursor.fetchone()[0]:
            name = quote(role)
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
            # TRUNCATE is never granted: nothing is emptied behind the triggers.
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")


def missing() -> list[str]:
    """Return owned tables without the policy in its present shape, or that do not obey it; [] on SQLite."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
            "WHERE p.polname = %s AND c.relrowsecurity AND c.relforcerowsecurity",
            [_POLICY],
        )
        found = {row[0] for row in cursor.fetchall()}
    return [table for table in owned_tables() if table not in found]


def application_role() -> str:
    """Return the database role that the product itself connects as; "" on SQLite."""
    return unquote(urlsplit(settings.OPTIONS.database_url).username or "")


@contextmanager
def _seeing(value: str) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    session = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    before = session.sees
    session.see(value)
    try:
        yield
    finally:
        if session.needs_rollback:  # a broken transaction takes no more words; a new session is told anew
            session.close()
            session.sees = before
        else:
            session.see(before)

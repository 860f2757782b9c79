"""Lists cost the same however much there is: what the database itself says that it reads for a page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection

from narvaro.channels.testing import a_channel
from narvaro.core import ledger, wall
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Actor, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.types import List
from narvaro.records import actions as records
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db

MANY = 5000  # to read them all must cost more than to look up a page of them, wall and all
A_FEW_PAGES = 6 * queries.PAGE
_GROWING = ("inbox_incoming", "records_item", "records_version")


@pytest.fixture
def lead() -> Actor:
    """Return the lead of an authority with thousands of comments, as capture and triage leave them."""
    authority = an_authority()
    unit = a_unit(authority)
    actor = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    channel = a_channel(authority, unit=unit)
    for start in range(0, MANY, 500):
        page = a_page(*(an_item(f"När öppnar badhuset nummer {n}?") for n in range(start, start + 500)))
        records.capture(channel=channel, page=page)
    while ledger.sequence(authority):
        pass
    while actions.triage(authority=authority):
        pass
    return actor


def asked(actor: Actor, which: str, after: str = "") -> tuple[list[tuple[str, Any]], str]:
    """Return the statements of a page with their values, and the key of the next page."""
    found: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        page = queries.list_page(actor, which, after=after)
    return found, page.next_key


def two_pages(actor: Actor, which: str) -> list[tuple[str, Any]]:
    """Return the statements of a list's first two pages, with their values."""
    first, key = asked(actor, which)
    return first + (asked(actor, which, key)[0] if key else [])


def explained(how: str, sql: str, params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {sql}", params)
        return [row[-1] for row in cursor.fetchall()]


@pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'sqlite'", reason="SQLite's way of telling")
def test_no_list_reads_a_whole_table_on_sqlite(lead):
    whole = []
    for which in List.values:
        steps = [
            step for sql, params in two_pages(lead, which) for step in explained("EXPLAIN QUERY PLAN", sql, params)
        ]
        assert steps, which
        # A table under its own name is read for its rows; the keys of a page are read under another one, up to a limit.
        of_tables = [step for step in steps if re.match(rf"(SCAN|SEARCH) ({'|'.join(_GROWING)}) ", step)]
        whole += [(which, step) for step in of_tables if not re.search(r"\b(rowid|item_id)=\?", step)]

    assert whole == []


@pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'postgresql'", reason="PostgreSQL's own plans")
def test_no_list_reads_a_whole_table_on_postgresql_behind_the_wall(lead):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does a minute after the first rows
        cursor.execute("CREATE ROLE narvaro_app NOLOGIN NOSUPERUSER NOBYPASSRLS")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO narvaro_app")
        cursor.execute("SET ROLE narvaro_app")

    read = {}
    with wall.narrowed(lead.authority_id):
        for which in List.values:
            plans = [
                plan for sql, params in two_pages(lead, which)
                for plan in explained("EXPLAIN (ANALYZE, FORMAT JSON)", sql, params)
            ]  # fmt: skip
            read[which] = max(rows_read(plan) for plan in plans)

    assert {which: rows for which, rows in read.items() if rows > A_FEW_PAGES} == {}


def rows_read(plan: Any) -> int:
    """Return how many rows of tables that grow a statement's plan went through."""
    tree = json.loads(plan) if isinstance(plan, str) else plan
    return sum(_of_node(node["Plan"]) for node in tree)


def _of_node(node: dict[str, Any]) -> int:
    own = 0
    if node.get("Relation Name") in _GROWING:
        own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    return int(own) + sum(_of_node(below) for below in node.get("Plans", ()))

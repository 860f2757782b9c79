"""What a page of capture reads does not grow with what is kept, by the database's own account."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection

from narvaro.channels.testing import a_channel
from narvaro.core.testing import an_actor, an_authority
from narvaro.records import actions, queries
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db

KEPT, A_PAGE = 2000, 50
A_PAGE_READS = 4 * A_PAGE  # what is answered is looked up too


@pytest.fixture
def channel():
    """Return a channel with thousands of comments that no statistics have been gathered of yet."""
    channel = a_channel(an_authority())
    for start in range(0, KEPT, 500):
        actions.capture(channel=channel, page=a_page(*(an_item(f"Nummer {n}") for n in range(start, start + 500))))
    return channel


def read_while(act) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    return [(sql, params) for sql, params in found if sql.startswith("SELECT") and "records_item" in sql]


def explained(how: str, sql: str, params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {sql}", params)
        return [row[-1] for row in cursor.fetchall()]


def steps_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(step for part in plan.get("Plans", []) for step in steps_of(part))]


def answers(channel, first: int):
    return a_page(*(an_item(f"Svar {n}", parent_remote_id=f"remote-{first + n}") for n in range(A_PAGE)))


@pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'postgresql'", reason="PostgreSQL's own plans")
def test_a_page_is_kept_without_reading_the_whole_channel_on_postgresql(channel):
    asked = read_while(lambda: actions.capture(channel=channel, page=answers(channel, 100)))

    plans = [explained("EXPLAIN (ANALYZE, FORMAT JSON)", sql, params)[0] for sql, params in asked]
    read = [json.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"] for plan in plans]

    steps = [step for plan in read for step in steps_of(plan) if step.get("Relation Name") == "records_item"]
    assert steps
    assert [s for s in steps if s.get("Rows Removed by Filter", 0) * s["Actual Loops"] > A_PAGE_READS] == []


@pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'sqlite'", reason="SQLite's way of telling")
def test_a_page_is_kept_without_reading_the_whole_channel_on_sqlite(channel):
    asked = read_while(lambda: actions.capture(channel=channel, page=answers(channel, 100)))

    steps = [step for sql, params in asked for step in explained("EXPLAIN QUERY PLAN", sql, params)]
    of_items = [step for step in steps if "records_item" in step]

    assert of_items
    assert [step for step in of_items if not re.search(r"(remote_id|thread_key|rowid)=\?", step)] == []


@pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'sqlite'", reason="SQLite's way of telling")
def test_our_own_answers_in_a_long_thread_are_found_by_their_own_index(channel):
    actor = an_actor(channel.authority)
    asked = read_while(lambda: queries.own_answers(actor, [channel.pk], ["100", "101"]))

    steps = [step for sql, params in asked for step in explained("EXPLAIN QUERY PLAN", sql, params)]

    assert any("item_own_in_thread" in step for step in steps), steps

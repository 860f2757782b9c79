"""Noting who had what before them: one row a person and item, however often and however long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from narvaro.base.clock import now
from narvaro.core.types import Actor
from narvaro.records import bulk, rules
from narvaro.records.models import Item

_COLUMNS = (
    "authority_id", "item_id", "person_id", "first_at", "last_at", "first_version", "last_version", "times",
)  # fmt: skip
# Counted in the statement itself: two tabs of one person may be here at once.
_NOTE = """
INSERT INTO records_opening ({columns}) VALUES {rows}
ON CONFLICT (authority_id, item_id, person_id) DO UPDATE
SET last_at = excluded.last_at, last_version = excluded.last_version, times = records_opening.times + 1
WHERE records_opening.last_at <= %s OR records_opening.last_version < excluded.last_version
"""


def note_opened(*, actor: Actor, items: Iterable[Item]) -> None:
    """
    Note that the actor has some items before them, in their latest version. One statement however many.

    Being there on and off within a quarter of an hour (`rules.OCCASION`) is one time; a new version is a new time.
    Machines and visitors are not noted, nor is what is sealed: of that there is nothing to see.

    No audit: reading is no act. What was read stands in a row of its own, first and latest.

    Law: SM-19, BBS-7
    """
    seen = sorted((item for item in items if item.sealed_at is None), key=lambda item: item.pk)
    if actor.person_id is None or not seen:
        return
    moment = bulk.moment(now())
    row = f"({', '.join(['%s'] * len(_COLUMNS))})"
    statement = _NOTE.format(columns=", ".join(_COLUMNS), rows=", ".join([row] * len(seen)))
    values: list[Any] = []
    for item in seen:
        values += [actor.authority_id, item.pk, actor.person_id, moment, moment, item.versions, item.versions, 1]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, bulk.moment(now() - rules.OCCASION)])

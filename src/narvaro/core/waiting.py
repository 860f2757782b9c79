"""
What waits for whom: one small table that navigation, the start page, reminders and e-mail read.

Actions add and settle rows in their own transaction, so that a count is never wrong and never computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection, models
from django.db.models import Count, Q
from django.db.models.expressions import RawSQL

from narvaro.base.clock import now
from narvaro.core.models import Waiting
from narvaro.core.types import Actor, Role

MOST_COUNTED = 1000
"""Nobody is told more exactly than this how much waits."""

_PLACE_ASKED = RawSQL("asked.place", ())  # whichever place a question about several has come to


@dataclass(frozen=True, slots=True)
class Wait:
    """Something to put before somebody: a person, a unit or a role; the first that is given counts."""

    place: str
    subject_kind: str
    subject_id: int
    title: str
    link: str
    due_at: datetime | None = None
    person_id: int | None = None
    unit_id: int | None = None
    role: str = ""


def put(actor: Actor, waits: Sequence[Wait]) -> None:
    """Add or renew rows, one statement however many."""
    rows = [
        Waiting(
            authority_id=actor.authority_id, place=w.place, subject_kind=w.subject_kind, subject_id=w.subject_id,
            title=w.title[:200], link=w.link, due_at=w.due_at, person_id=w.person_id, unit_id=w.unit_id, role=w.role,
            created_at=now(),
        )
        for w in waits
    ]  # fmt: skip
    Waiting.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["authority", "place", "subject_kind", "subject_id"],
        update_fields=["title", "link", "due_at", "person", "unit", "role"],
    )


COLUMNS = (
    "authority_id", "place", "subject_kind", "subject_id", "title", "link", "due_at", "person_id", "unit_id", "role",
    "created_at",
)  # fmt: skip
TABLE = Waiting._meta.db_table


def values(actor: Actor, wait: Wait, *, moment: Callable[[datetime | None], Any]) -> tuple[Any, ...]:
    """
    Return the columns of a row that certainly is not there yet, for whoever adds thousands in one statement.

    Args:
        moment: How the database driver takes a time.
    """
    return (
        actor.authority_id, wait.place, wait.subject_kind, wait.subject_id, wait.title[:200], wait.link,
        moment(wait.due_at), wait.person_id, wait.unit_id, wait.role, moment(now()),
    )  # fmt: skip


def settle(actor: Actor, place: str, subject_kind: str, subject_ids: Sequence[int]) -> None:
    """Take away rows: the thing no longer waits there."""
    Waiting.objects.of(actor).filter(place=place, subject_kind=subject_kind, subject_id__in=list(subject_ids)).delete()


def subjects(actor: Actor, place: str, subject_kind: str) -> set[int]:
    """Return the keys of the things of one kind that wait in a place, for whoever they wait."""
    rows = Waiting.objects.of(actor).filter(place=place, subject_kind=subject_kind)
    return set(rows.values_list("subject_id", flat=True))


def hand_on(actor: Actor, place: str, subject_kind: str, since: int, to: int) -> None:
    """Let what waits about one thing wait about another of the same kind instead, unless that waits already."""
    rows = Waiting.objects.of(actor).filter(place=place, subject_kind=subject_kind)
    if not rows.filter(subject_id=to).exists():
        rows.filter(subject_id=since).update(subject_id=to)


def release(actor: Actor, person_id: int) -> int:
    """
    Let go what waits for one person by name, to those who lead communications; returns how many.

    Whoever owns the work may put it before somebody nearer. Nothing waits for a person who has left.

    Law: FL-2
    """
    rows = Waiting.objects.of(actor).filter(person_id=person_id)
    return rows.update(person=None, unit=None, role=Role.COMMUNICATIONS_LEAD.value)


def for_actor(actor: Actor) -> models.QuerySet[Waiting]:
    """Return what waits for this person: named, through a unit they answer for, or through a role they hold."""
    ways = _ways(actor)
    return Waiting.objects.of(actor).filter(reduce(or_, ways))


def _ways(actor: Actor) -> list[Q]:
    """Return the ways in which something waits for this person; no row waits in two of them."""
    roles = {h.role for h in actor.roles if h.unit_id is None}
    ways = [Q(person_id=actor.person_id)] if actor.person_id is not None else []
    ways.append(Q(person=None, unit=None, role__in=roles))
    units = actor.units_as(Role.UNIT_MANAGER, Role.REPRESENTATIVE, Role.DEPUTY)
    return [*ways, Q(person=None, unit_id__in=units)] if units else ways


def of_person(actor: Actor, person_id: int, *, limit: int = 50) -> list[Waiting]:
    """Return what waits for one person by name, soonest first, for handing it over."""
    rows = Waiting.objects.of(actor).filter(person_id=person_id)
    return list(rows.order_by(models.F("due_at").asc(nulls_last=True), "id")[:limit])


def counts(actor: Actor, places: Iterable[str] | None = None) -> dict[str, int]:
    """
    Return how much waits for this person in each place; a place without anything is absent. One statement.

    Args:
        places: Only in these, and at most `MOST_COUNTED` in each: then what it costs has an end, however much waits.
    """
    if places is None:
        return dict(for_actor(actor).values_list("place").annotate(count=Count("id")))
    # One question for all places, which asks of each in turn: a question a place takes longer to make than to answer.
    first, given = _first(actor, _PLACE_ASKED).query.sql_with_params()
    wanted = sorted(set(places))
    asked = " UNION ALL ".join(["SELECT %s AS place"] * len(wanted))
    count = f"(SELECT COUNT(*) FROM ({first}) AS first_ones)"  # noqa: S608 - made by us, its values given apart
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT place, {count} FROM ({asked}) AS asked", [*given, *wanted])  # noqa: S608
        return {place: count for place, count in cursor.fetchall() if count}


def rows_of(actor: Actor, place: str) -> models.QuerySet[Waiting]:
    """Return what waits for this person in one place, at most `MOST_COUNTED` rows, in no order."""
    return Waiting.objects.of(actor).filter(pk__in=_first(actor, place)).order_by()


def _first(actor: Actor, place: str | RawSQL) -> models.QuerySet[Waiting, Any]:
    """
    Return the keys of what waits for this person in one place, at most `MOST_COUNTED`.

    The ways to wait for somebody are asked one after another: asked together, SQLite reads the whole place.
    """
    here = Waiting.objects.of(actor).filter(place=place).order_by()
    ways = [here.filter(way).values("pk") for way in _ways(actor)]
    return ways[0].union(*ways[1:], all=True)[:MOST_COUNTED] if len(ways) > 1 else ways[0][:MOST_COUNTED]


def today(actor: Actor, *, limit: int = 50) -> list[Waiting]:
    """Return what waits for this person, soonest first; what has no time comes last."""
    return list(for_actor(actor).order_by(models.F("due_at").asc(nulls_last=True), "id")[:limit])

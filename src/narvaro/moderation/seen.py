"""Who has had what is reported before them, and when: fixed when a package is made, and read in its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from narvaro.core.moments import full_time
from narvaro.core.types import Actor
from narvaro.moderation import queries
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.records.models import Item

WORDS = (
    "Var och en som har öppnat det hos myndigheten, med första och senaste gången och vilken lydelse som då visades. "
    "Den som har det framför sig flera gånger inom en kvart räknas en gång. Listor och sökträffar räknas inte."
)
NOBODY = "Ingen har öppnat det hos myndigheten."


def openings(actor: Actor, item: Item) -> list[dict[str, Any]]:
    """
    Return everybody who has opened an item, whoever was first before the others: one row a person, however often.

    Each: who, first_at and last_at (ISO 8601 in UTC), first_version and last_version, times. Whoever oversight noted
    before openings were, has a row of one time. [] when nobody has.

    Law: BBS-7, SM-11a, SM-19
    """
    rows: dict[int, dict[str, Any]] = {
        one.person_id: {
            "who": one.person.name, "first_at": one.first_at, "last_at": one.last_at, "times": one.times,
            "first_version": one.first_version, "last_version": one.last_version,
        }
        for one in records.openings_of(actor, item)
    }  # fmt: skip
    look = queries.first_look_at(actor, item)
    if look is not None and look.seen_at is not None and look.seen_by is not None:
        first = {
            "who": look.seen_by.name, "first_at": look.seen_at, "last_at": look.seen_at, "times": 1,
            "first_version": look.version_number, "last_version": look.version_number,
        }  # fmt: skip
        row = rows.setdefault(look.seen_by.pk, first)
        if look.seen_at < row["first_at"]:
            row |= {"first_at": look.seen_at, "first_version": min(look.version_number, row["first_version"])}
    listed = sorted(rows.values(), key=lambda row: (row["first_at"], row["who"]))
    return [{**row, "first_at": _utc(row["first_at"]), "last_at": _utc(row["last_at"])} for row in listed]


def in_words(found: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the rows of the document's table: who, the first time, the latest, how many times, which version."""
    return [
        [
            one["who"], _read(one["first_at"]), _read(one["last_at"]), str(one["times"]),
            _versions(one["first_version"], one["last_version"]),
        ]
        for one in found
    ]  # fmt: skip


def _versions(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} till {last}"


def _utc(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _read(value: str) -> str:
    return full_time(datetime.fromisoformat(value))

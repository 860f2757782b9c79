"""What a page of the calendar knows of the house before it asks for messages: one statement for all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from narvaro.channels import queries as channels
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor
from narvaro.policy import queries as policy
from narvaro.publishing.models import ElectionDay, FourEyes, Label, Message
from narvaro.publishing.queries.messages import readable

if TYPE_CHECKING:
    from narvaro.base.workingtime import WorkingCalendar
    from narvaro.core.models import Authority, ClosedDay


@dataclass(frozen=True, slots=True)
class Only:
    """What of the calendar is asked for, by uid: one channel, one unit, one label or campaign; "" is all."""

    channel: str = ""
    unit: str = ""
    label: str = ""


EVERYTHING = Only()


@dataclass(frozen=True, slots=True)
class Held:
    """A crisis that holds what was planned: in which channel (None and "" for all), why and since when."""

    channel_id: int | None
    channel: str
    why: str
    since: datetime


held_why: list[Callable[[Actor], Part]] = []
"""
What to gather to know why floors above hold what was planned, of each row its channel, why and when it began.

A row may be no such thing after all: then it says so (`freezes`).
"""


@dataclass(frozen=True)
class Known:
    """
    What the authority has chosen and decided that the calendar shows by.

    `decided` is what the guideline in force says, and `moved` a message that was just moved. `alone` names what the
    calendar shows alone, as far as there is such a thing: "channel", "unit" and "label".
    """

    labels: tuple[Label, ...]
    is_all_read_first: bool
    read_first: frozenset[int]
    decided: Mapping[str, Any]
    voting: tuple[ElectionDay, ...]
    held: tuple[Held, ...]
    moved: Message | None
    authority: Authority
    closed: tuple[ClosedDay, ...]
    alone: Mapping[str, str]

    @cached_property
    def working(self) -> WorkingCalendar:
        """When the authority can answer."""
        return core.calendar_from(self.authority, self.closed)

    @property
    def held_in(self) -> frozenset[int | None]:
        """The channels where a crisis holds what was planned; None among them for all."""
        return frozenset(each.channel_id for each in self.held)


def known(actor: Actor, *, moved: UUID | None = None, only: Only = EVERYTHING) -> Known:
    """Return what the calendar shows by, when this is asked for alone. Law: SEC-3, SM-22"""
    read = gathered({
        "labels": Part(Label.objects.of(actor).filter(put_away_at=None)),
        "read_first": Part(FourEyes.objects.of(actor)),
        "guideline": policy.in_force_part(actor),
        "voting": Part(ElectionDay.objects.of(actor)),
        "authority": core.authority_part(actor),
        "closed": core.closed_part(actor),
        **{f"held {number}": part(actor) for number, part in enumerate(held_why)},
        **({"moved": Part(readable(actor).filter(uid=moved))} if moved else {}),
        **({"channel": Part(channels.rows(actor).filter(uid=only.channel))} if only.channel else {}),
        **({"unit": core.unit_part(actor, only.unit)} if only.unit else {}),
    })  # fmt: skip
    rows = {row.channel_id for row in read["read_first"]}
    labels = tuple(sorted(read["labels"], key=lambda each: each.name))
    there = {**read, "label": [each for each in labels if str(each.uid) == only.label]}
    alone = {name: each.name for name in ("channel", "unit", "label") for each in there.get(name, ())}
    crises = [row for number, _part in enumerate(held_why) for row in read[f"held {number}"] if row.freezes]
    return Known(
        labels=labels, is_all_read_first=None in rows,
        read_first=frozenset(row for row in rows if row is not None),
        decided=read["guideline"][0].values if read["guideline"] else {}, voting=tuple(read["voting"]),
        held=tuple(map(_held, crises)),
        moved=next(iter(read.get("moved", ())), None), authority=read["authority"][0], closed=tuple(read["closed"]),
        alone=alone,
    )  # fmt: skip


def _held(row: Any) -> Held:
    return Held(row.channel_id, row.channel.name if row.channel else "", row.why, row.started_at)

"""Every read for the calendar: what is planned or has gone out, where it stands, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Exists, F, Field, Func, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import Cast, Coalesce, RowNumber, Substr
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM
from narvaro.channels import queries as channels
from narvaro.channels.types import NOT_BEGUN as NOT_IN_USE
from narvaro.channels.types import ChannelState
from narvaro.core.among import Among
from narvaro.core.types import Actor
from narvaro.publishing import planning
from narvaro.publishing.models import Message, MessageChannel, MessageLabel
from narvaro.publishing.planning import Standing
from narvaro.publishing.queries.known import Known, Only, known
from narvaro.publishing.queries.messages import readable
from narvaro.publishing.queries.publications import tries_after
from narvaro.publishing.types import NEEDS_PERSON, PASSES_ALWAYS, MessageState, Purpose

MOST_WORDS = 120
MOST_CHANNELS = 2
MOST_AT_ONCE = 5000

STANDING_WORDS = {
    Standing.DRAFT: _("Utkast"),
    Standing.AWAITING: _("Väntar på godkännande"),
    Standing.PLANNED: _("Planerat"),
    Standing.HELD: _("Hålls kvar i krisen"),
    Standing.GOING: _("Skickas"),
    Standing.BY_HAND: _("Publiceras för hand"),
    Standing.OUT: _("Publicerat"),
    Standing.PARTLY: _("Publicerat i några kanaler"),
    Standing.TROUBLE: _("Någon behöver se efter"),
    Standing.TAKEN_BACK: _("Gick inte ut"),
}
STANDING_ICONS = {
    Standing.DRAFT: "edit", Standing.AWAITING: "eye", Standing.PLANNED: "clock", Standing.HELD: "lock",
    Standing.GOING: "send", Standing.BY_HAND: "manual", Standing.OUT: "done", Standing.PARTLY: "info",
    Standing.TROUBLE: "warning", Standing.TAKEN_BACK: "close",
}  # fmt: skip


class Seconds(Func):
    """A moment in whole seconds since 1970: thousands are read many times quicker as numbers than as moments."""

    output_field: Field[int, int] = Field()  # of no kind: what comes is a number, and is not made one again row by row

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """Return how SQLite says it: it knows thousandths, and hands them over as parts of a day."""
        seconds = "CAST((JULIANDAY(%(expressions)s) - 2440587.5) * 86400.0 + 0.0005 AS INTEGER)"
        return super().as_sql(compiler, connection, template=seconds)

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """Return how PostgreSQL says it: EXTRACT says an exact decimal, which takes several times as long."""
        return super().as_sql(compiler, connection, template="FLOOR(DATE_PART('epoch', %(expressions)s))::bigint")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something on the calendar: when (in Swedish time, to the second), what it says, where, and how it stands."""

    key: int
    uid: UUID
    at: datetime
    text: str
    channels: tuple[str, ...]
    channel_keys: tuple[int, ...]
    standing: Standing
    version: int
    is_approved: bool
    """Whether somebody else reads it before it goes out, so that a new time asks for a new approval."""

    @property
    def label(self) -> str:
        """How it stands, in words."""
        return str(STANDING_WORDS[self.standing])

    @property
    def icon(self) -> str:
        """How it stands, as a shape."""
        return STANDING_ICONS[self.standing]

    @property
    def where(self) -> str:
        """The first channels by name, and how many more."""
        more = len(self.channels) - MOST_CHANNELS
        return ", ".join(self.channels[:MOST_CHANNELS]) + (f" +{more}" if more > 0 else "")

    @property
    def clock(self) -> str:
        """What a clock on the wall here shows then, as a form writes it."""
        return f"{self.at:%H:%M}"

    @property
    def may_move(self) -> bool:
        """Whether it has not begun to go out."""
        return self.standing in planning.MOVABLE


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a calendar can show alone."""

    uid: str
    name: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a calendar can show alone."""

    channels: tuple[Choice, ...]
    units: tuple[Choice, ...]
    labels: tuple[Choice, ...]

    @property
    def has_any(self) -> bool:
        """Whether there is more than one of anything to choose among."""
        return len(self.channels) > 1 or len(self.units) > 1 or bool(self.labels)


def calendar_choices(actor: Actor, what: Known) -> Choices:
    """Return the channels, units, labels and campaigns that a calendar can show alone, each by name."""
    rows = channels.rows(actor).exclude(state__in=(*NOT_IN_USE, ChannelState.CLOSED)).order_by("name", "pk")
    # Names of a thousand channels are read as they stand: to make each an UUID first takes longer than to fetch it.
    rows = rows.annotate(own=Cast("uid", CharField()), of_unit=Cast("unit__uid", CharField()))
    found, units = [], {}
    for uid, name, unit_uid, unit_name in rows.values_list("own", "name", "of_unit", "unit__name"):
        found.append(Choice(_dashed(uid), name))
        units[_dashed(unit_uid)] = unit_name
    by_name = sorted(units.items(), key=lambda each: each[1])
    return Choices(
        tuple(found), tuple(Choice(*each) for each in by_name),
        tuple(Choice(str(each.uid), each.name) for each in what.labels),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    """What stands on a day: how much, and the keys of the first."""

    count: int
    keys: tuple[int, ...]


def calendar_days(actor: Actor, first: date, last: date, only: Only, *, most: int) -> dict[date, Day]:
    """
    Return what is planned or has gone out on each day from `first` to `last`: how much, and the first `most`.

    Drafts with a time count too: a calendar without them would show gaps that are none.
    """
    rows = _shown(actor, only).filter(shows_on__range=(first, last))
    # A count beside each row would make the database hold every day in hand; the number of a row it tells in passing.
    counted = rows.values("shows_on").annotate(number=Count("pk"), place=Value(0))
    placed = rows.annotate(
        number=F("pk"), place=Window(RowNumber(), partition_by=F("shows_on"), order_by=("shows_at", "pk"))
    )  # fmt: skip
    names = ("shows_on", "number", "place")
    found = counted.values_list(*names).union(placed.filter(place__lte=most).values_list(*names), all=True)
    counts: dict[date, int] = {}
    keys: dict[date, list[tuple[int, int]]] = {}
    for on, number, place in found:
        if place:
            keys.setdefault(on, []).append((place, number))
        else:
            counts[on] = number
    return {on: Day(count, tuple(key for _place, key in sorted(keys.get(on, ())))) for on, count in counts.items()}


def calendar_times(actor: Actor, first: date, last: date, only: Only) -> list[tuple[int, int]]:
    """
    Return when each message from `first` to `last` goes or went out, with its key; in order, no more than 5 000.

    The moment is in whole seconds since 1970.
    """
    rows = _shown(actor, only).filter(shows_on__range=(first, last)).order_by("shows_on", "shows_at", "pk")
    return list(rows.annotate(at=Seconds("shows_at")).values_list("at", "pk")[:MOST_AT_ONCE])


def calendar_list(
    actor: Actor, first: date, only: Only, *, after: tuple[datetime, int] | None = None, limit: int
) -> list[tuple[datetime, int]]:  # fmt: skip
    """Return when what goes or went out from `first` on does so, and its key; what comes after such a pair if given."""
    rows = _shown(actor, only).filter(shows_on__gte=first)
    if after is not None:
        at, key = after
        rows = rows.filter(shows_on__gte=at.astimezone(STOCKHOLM).date())
        rows = rows.filter(Q(shows_at__gt=at) | Q(shows_at=at, pk__gt=key))
    found = rows.order_by("shows_on", "shows_at", "pk").values_list("shows_at", "pk")[:limit]
    return [(at, key) for at, key in found if at is not None]


def entries(actor: Actor, keys: Iterable[int], what: Known | None = None) -> dict[int, Entry]:
    """
    Return what stands on the calendar about messages, by their keys.

    Args:
        what: What the calendar shows by, where it is read already.
    """
    wanted = list(keys)
    if not wanted:
        return {}
    names = ("pk", "uid", "at", "state", "purpose", "version", "words", "is_marked")
    rows = readable(actor).filter(Among("pk", wanted)).annotate(words=Substr("text", 1, MOST_WORDS))
    rows = rows.annotate(at=Seconds(Coalesce("shows_at", "changed_at")))
    what = what or known(actor)
    parts, held_in = _parts(actor, wanted), what.held_in
    strict = [each.pk for each in what.labels if each.is_read_first]
    marks = MessageLabel.objects.of(actor).filter(message_id=OuterRef("pk"), marked_id__in=strict)
    rows = rows.annotate(is_marked=Exists(marks) if strict else Value(False))
    found = {}
    for key, uid, at, state, purpose, version, words, is_marked in rows.values_list(*names):
        own = parts.get(key, ())
        keys_of = tuple(part.channel for part in own)
        is_held = purpose == Purpose.POST and (None in held_in or bool(held_in & set(keys_of)))
        is_read = what.is_all_read_first or is_marked or bool(what.read_first & set(keys_of))
        standing = planning.standing_of(state, [part.state for part in own if part.state], is_held=is_held)
        found[key] = Entry(
            key=key, uid=uid, at=datetime.fromtimestamp(at, STOCKHOLM),
            text=words or next((part.words for part in own if part.words), ""),
            channels=tuple(part.name for part in own), channel_keys=keys_of, standing=standing, version=version,
            is_approved=is_read and state == MessageState.PLANNED and purpose not in PASSES_ALWAYS,
        )  # fmt: skip
    return found


@dataclass(slots=True)
class _Part:
    channel: int
    name: str
    words: str
    state: str
    publication: int | None


def _parts(actor: Actor, keys: list[int]) -> Mapping[int, list[_Part]]:
    rows = MessageChannel.objects.of(actor).filter(Among("message_id", keys)).order_by("channel__name", "channel_id")
    names = ("message_id", "channel_id", "channel__name", "publication_id", "publication__state")
    found: dict[int, list[_Part]] = {}
    tried = []
    words = rows.annotate(words=Substr("text", 1, MOST_WORDS))
    for message, channel, name, sent, state, settled, own in words.values_list(
        *names, "publication__settled_at", "words"
    ):
        part = _Part(channel, name, own, state or "", sent)
        found.setdefault(message, []).append(part)
        if state in NEEDS_PERSON and settled is not None:
            tried.append(part)
    if tried:  # what a person has sent anew stands as its latest try
        again = tries_after([part.publication for part in tried if part.publication])
        for part in tried:
            latest = again.get(part.publication or 0)
            part.state = latest.state if latest is not None else part.state
    return found


def _shown(actor: Actor, only: Only) -> QuerySet[Message]:
    rows = readable(actor).exclude(state=MessageState.THROWN)
    there = MessageChannel.objects.of(actor)
    if only.channel:
        rows = rows.filter(pk__in=there.filter(channel__uid=only.channel).values("message_id"))
    if only.unit:
        rows = rows.filter(pk__in=there.filter(channel__unit__uid=only.unit).values("message_id"))
    if only.label:
        marked = MessageLabel.objects.of(actor).filter(marked__uid=only.label)
        rows = rows.filter(pk__in=marked.values("message_id"))
    return rows


def _dashed(uid: str) -> str:
    """Return a UUID as it stands in addresses; SQLite keeps it without dashes."""
    return uid if len(uid) != 32 else f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"

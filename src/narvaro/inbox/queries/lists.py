"""
The lists of the inbox. They are paged by key and cost the same number of queries whatever they show.

Private messages are left out for those who may not read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, now
from narvaro.channels import queries as channels
from narvaro.core import queries as core
from narvaro.core import waiting
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.inbox import rules
from narvaro.inbox.models import Alarm, Incoming
from narvaro.inbox.queries.items import KINDS, PLACE, incoming_for, readable
from narvaro.inbox.queries.offered import WORKERS
from narvaro.inbox.queries.screened import removal_dues, removal_parts
from narvaro.inbox.queries.threads import MOST_IN_A_THREAD, around, short, suggestions_part, thread_from, thread_items
from narvaro.inbox.types import Card, List, Only, Page, ThreadPage
from narvaro.moderation import queries as moderation
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person, Unit

EVERYTHING = Only()
PAGE = 25
STRETCH = 3000  # how much of a narrowed list one page looks through
MOST_ALARMS = 5
_SHOWN_WITH = ("item", "channel", "unit", "person", "publication")
_FIRST_MOMENT, _LAST_MOMENT = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_ORDER = {
    List.LATE: ("due_at", False),
    List.SNOOZED: ("snoozed_until", False),
    List.ALL: ("received_at", True),
    List.DONE: ("done_at", True),
    List.URGENT: ("received_at", True),
}


def list_page(
    actor: Actor, which: str = List.MINE, *, after: str = "", limit: int = PAGE, only: Only = EVERYTHING
) -> Page:
    """
    Return one page of a list; every item is reached by following `next_key`.

    Working lists come soonest due first, `all` newest first, `done` latest done first.

    Args:
        which: One of `List`.
        after: `next_key` of the page before; "" for the first.
        only: What to narrow the list to.

    Raises:
        NotPermitted: The actor does not read what comes in.
        Invalid: No such list or kind, or `after` is not a key.

    Law: FL-2, TF-4
    """
    if not rules.may_read(actor):
        raise NotPermitted
    if which not in List.values:
        raise Invalid(_("Den listan finns inte."))
    return board(actor, which, after=after, limit=limit, only=only).page


@dataclass(frozen=True, slots=True)
class Board:
    """One page of a list with what is urgent, and the chosen thread beside it when there is one."""

    page: Page
    alarms: tuple[Alarm, ...]
    counts: dict[str, int]  # what waits for this person, by list; what needs no answer waits for nobody
    thread: ThreadPage | None
    token: str  # changes with what the list shows
    channels: tuple[Channel, ...] = ()  # what a list can be narrowed to, by name
    units: tuple[Unit, ...] = ()
    is_crisis: bool = False  # somewhere in the authority


def board(
    actor: Actor, which: str = List.MINE, *, after: str = "", limit: int = PAGE, uid: UUID | str | None = None,
    person: Person | None = None, only: Only = EVERYTHING,
) -> Board:  # fmt: skip
    """
    Return one page of a list and, when `uid` is given, that item's thread: two statements for the list and two more
    for the thread, whatever they hold.

    Args:
        person: The actor's own row when it is read already.
        only: What to narrow the list to.

    Raises:
        NotPermitted, Invalid: As `list_page`.
        NotFound: As `incoming_for`.

    Law: FL-2, TF-4
    """
    if not rules.may_read(actor):
        raise NotPermitted
    if which not in List.values:
        raise Invalid(_("Den listan finns inte."))
    incoming = incoming_for(actor, uid) if uid is not None else None
    items, has_more = thread_items(actor, incoming, MOST_IN_A_THREAD) if incoming else ([], False)
    listed, next_key = _listed(actor, List(which), after, limit, only)
    everything = {item.pk: item for item in [*items, *(row.item for row in listed)]}
    parts = records.words_parts(actor, list(everything.values()), with_files=incoming is not None)
    parts |= {"alarms": _alarms_part(actor), "waits": _waits_part(actor), "units": core.units_part(actor)}
    parts |= {"suggestions": suggestions_part(actor, [*listed, *([incoming] if incoming else [])])}
    parts |= {"channels": Part(_channels(actor), without=("options", "limits", "purpose", "url", "base_url"))}
    parts |= removal_parts(actor, listed) | {"crises": moderation.crises_part(actor)}
    if incoming is not None:
        parts |= around(actor, incoming, items)
    found = gathered(parts)
    shown = {s.item.pk: s for s in records.shown_from(list(everything.values()), found)}
    dues = removal_dues(listed, found)
    suggested = {each.incoming_id: each for each in found["suggestions"]}
    cards = tuple(Card(row, shown[row.item_id], dues.get(row.item_id), suggested.get(row.pk)) for row in listed)
    alarms = tuple(sorted(found["alarms"], key=lambda a: (a.accepted_at is not None, -a.raised_at.timestamp())))
    here = [(c.incoming.pk, c.incoming.version, c.is_late, c.shown.version.pk, c.removal_due) for c in cards]
    return Board(
        page=Page(cards, next_key, which, is_short=bool(next_key) and len(cards) < limit),
        alarms=alarms,
        counts=_counted(actor, found["waits"]),
        thread=thread_from(actor, incoming, items, has_more, shown, found, person) if incoming else None,
        token=short(
            here,
            [each.suggested for each in found["suggestions"]],
            next_key,
            [(a.pk, a.told_id, a.accepted_by_id) for a in alarms],
        ),
        channels=tuple(sorted(found["channels"], key=lambda c: (c.name.casefold(), c.pk))),
        units=tuple(sorted(found["units"], key=lambda u: (u.name.casefold(), u.pk))),
        is_crisis=bool(found["crises"]),
    )


def kinds() -> list[tuple[str, str]]:
    """Return the kinds that a list can be narrowed to, with their names."""
    return [(key, str(name)) for key, name in KINDS.items()]


def _runs_of(actor: Actor, which: List) -> list[QuerySet[Incoming]]:
    """Return the rows of a list, in as many runs as there are indexes to read them from, each in its order."""
    rows = readable(actor, Incoming.objects.of(actor))
    awake = rows.filter(done_at=None, snoozed_until=None)
    if which == List.MINE:
        return [awake.filter(person_id=actor.person_id or 0)]
    if which == List.UNIT:
        return [awake.filter(unit_id=unit) for unit in _units_of(actor) or [0]]
    if which == List.UNASSIGNED:
        return [awake.filter(person=None)]
    if which == List.LATE:
        return [rows.filter(done_at=None, due_at__isnull=False, due_at__lt=now())]
    if which == List.URGENT:
        return [rows.filter(pk__in=Alarm.objects.of(actor).filter(closed_at=None).values("incoming_id"))]
    if which == List.SNOOZED:
        return [rows.filter(snoozed_until__isnull=False)]
    return [rows.filter(done_at__isnull=False) if which == List.DONE else rows]


def _units_of(actor: Actor) -> list[int]:
    if actor.has(Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER):
        return [unit.pk for unit in core.units(actor)]
    return sorted(actor.units_as(*WORKERS))


def _after(
    rows: QuerySet[Incoming], field: str, descending: bool, key: tuple[datetime, int] | None
) -> QuerySet[Incoming]:
    if key is None:
        return rows
    at, pk = key
    side = "lt" if descending else "gt"
    return rows.filter(**{f"{field}__{side}e": at}).filter(
        Q(**{f"{field}__{side}": at}) | Q(**{field: at, f"pk__{side}": pk})
    )


def _key(at: datetime, pk: int) -> str:
    return f"{at.timestamp():.6f}.{pk}"


def _read_key(text: str) -> tuple[datetime, int]:
    seconds, _dot, pk = text.rpartition(".")
    try:
        whole, _dot, micro = seconds.partition(".")
        at = datetime.fromtimestamp(int(whole), STOCKHOLM).replace(microsecond=int(micro or 0))
        return at, int(pk)
    except (ValueError, OverflowError, OSError):
        raise Invalid(_("Sidan finns inte. Börja från listans början.")) from None


def _channels(actor: Actor) -> QuerySet[Channel]:
    return channels.answered_by(actor, unit_ids=(), is_everywhere=True)


def _narrowed(actor: Actor, only: Only) -> Q:
    """Return the condition of a narrowed list; what another authority has narrows it to nothing."""
    wanted = Q()
    if only.channel:
        wanted &= Q(channel_id__in=_channels(actor).filter(uid=only.channel).values("pk"))
    if only.unit:
        wanted &= Q(unit__in=core.units_part(actor).rows.filter(uid=only.unit).values("pk"))
    if only.kind:
        if only.kind not in KINDS:
            raise Invalid(_("Det filtret finns inte."))
        # Names with a comma between: one may be the end of another.
        wanted &= (
            Q(classes=only.kind) | Q(classes__startswith=f"{only.kind},") | Q(classes__endswith=f",{only.kind}")
            | Q(classes__contains=f",{only.kind},")
        )  # fmt: skip
    return wanted


def _listed(actor: Actor, which: List, after: str, limit: int, only: Only) -> tuple[list[Incoming], str]:
    """Return one page of rows, and the key of the next page or ""."""
    field, descending = _ORDER.get(which, ("queue_at", False))
    key = _read_key(after) if after else None
    sign = "-" if descending else ""
    order = (f"{sign}{field}", f"{sign}id")
    # What is urgent is few: found by their alarms, then sorted. In the order of the index SQLite would read everything.
    by = (Coalesce(field, field).desc(), "-id") if which == List.URGENT else order
    runs = [_after(rows, field, descending, key).order_by(*by) for rows in _runs_of(actor, which)]
    if only:
        return _looked_through(actor, runs, field, order, limit, only)
    # The keys of the page come first, out of one index a run, and only then what is shown with them: asked for all at
    # once, PostgreSQL may join the whole table before it sorts away all but a page of it.
    page_keys = _united(actor, [run.values("pk")[: limit + 1] for run in runs])
    rows = Incoming.objects.of(actor).filter(pk__in=page_keys).select_related(*_SHOWN_WITH)
    found = _in_order(rows, field, descending, limit + 1, len(runs))
    page = found[:limit]
    return page, _key(getattr(page[-1], field), page[-1].pk) if len(found) > limit else ""


def _looked_through(
    actor: Actor, runs: Sequence[QuerySet[Incoming]], field: str, order: Sequence[str], limit: int, only: Only
) -> tuple[list[Incoming], str]:
    """
    Return one page of what is wanted in the next stretch of a list, and the key to go on from or "".

    No index knows every way to narrow a list, and none is needed: a page looks through a stretch of the list's own
    index and no further, so that it costs the same however rare the wanted is. Each run's stretch has its own end,
    read in the same statement; the page goes no further than the nearest, so that nothing is passed over.
    """
    rows = Incoming.objects.of(actor)
    stretch = max(STRETCH // len(runs), limit + 1)
    wanted = _narrowed(actor, only)
    fitting = [_within(run, field, order, stretch).filter(wanted).values("pk")[: limit + 1] for run in runs]
    ends = [run.values("pk")[stretch - 1 : stretch] for run in runs]
    both = rows.filter(pk__in=_united(actor, [*fitting, *ends])).select_related(*_SHOWN_WITH)
    marked = both.annotate(is_wanted=wanted, is_end=Q(pk__in=_united(actor, ends)))
    page: list[Incoming] = []
    for row in _in_order(marked, field, order[0].startswith("-"), limit + 1 + len(runs), len(runs)):
        if row.is_wanted and len(page) == limit:
            return page, _key(getattr(page[-1], field), page[-1].pk)
        if row.is_wanted:
            page.append(row)
        if row.is_end:
            return page, _key(getattr(row, field), row.pk)
    return page, ""


def _in_order(rows: QuerySet[Incoming], field: str, descending: bool, most: int, runs: int) -> list[Any]:
    """
    Return the first `most` of rows that are named by key.

    Those of one run are put in order here: asked for the order too, SQLite walks through all there is in it and looks
    whether each row is named.
    """
    if runs > 1:
        sign = "-" if descending else ""
        return list(rows.order_by(f"{sign}{field}", f"{sign}id")[:most])
    return sorted(rows, key=lambda row: (getattr(row, field), row.pk), reverse=descending)[:most]


def _within(run: QuerySet[Incoming], field: str, order: Sequence[str], stretch: int) -> QuerySet[Incoming]:
    """Return the first `stretch` rows of a run, and what shares the moment of the last of them."""
    last = Subquery(run.values(field)[stretch - 1 : stretch])
    if order[0].startswith("-"):
        return run.filter(**{f"{field}__gte": Coalesce(last, Value(_FIRST_MOMENT))})
    return run.filter(**{f"{field}__lte": Coalesce(last, Value(_LAST_MOMENT))})


def _united(actor: Actor, keys: Sequence[QuerySet[Incoming, Any]]) -> QuerySet[Incoming, Any]:
    """Return several cut sets of keys as one; SQLite knows no limit inside a union, so each is asked for by key."""
    if len(keys) == 1:
        return keys[0]
    parts = [Incoming.objects.of(actor).filter(pk__in=each).order_by().values("pk") for each in keys]
    return parts[0].union(*parts[1:], all=True)


def _waits_part(actor: Actor) -> Part:
    return Part(
        waiting.rows_of(actor, PLACE),
        without=("place", "subject_kind", "subject_id", "title", "link", "role", "created_at"),
    )


def _counted(actor: Actor, waits: Iterable[Any]) -> dict[str, int]:
    found, moment = list(waits), now()
    return {
        List.MINE.value: sum(actor.is_person(wait.person_id) for wait in found),
        List.UNIT.value: sum(wait.person_id is None and wait.unit_id is not None for wait in found),
        List.UNASSIGNED.value: sum(wait.person_id is None for wait in found),
        List.LATE.value: sum(wait.due_at is not None and wait.due_at < moment for wait in found),
    }


def _alarms_part(actor: Actor) -> Part:
    rows = Alarm.objects.of(actor).filter(closed_at=None).exclude(
        Q(incoming__is_private=True) & ~Q(incoming__channel_id__in=records.private_channels(actor).values("pk"))
    )  # fmt: skip
    first = rows.order_by(F("accepted_at").desc(nulls_first=True), "-raised_at").values("pk")[:MOST_ALARMS]
    return Part(
        Alarm.objects.of(actor).filter(pk__in=first),
        names=(
            "incoming__uid", "incoming__urgency", "incoming__is_private", "incoming__channel_id",
            "incoming__channel__name", "told__name", "accepted_by__name",
        ),
    )  # fmt: skip

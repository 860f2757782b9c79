"""Quiet hints beside the calendar: what lies close, what is missing, when nobody can answer, elections and crises."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from narvaro.base import elections, workingtime
from narvaro.base.clock import STOCKHOLM, now, today
from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState
from narvaro.core.types import Actor
from narvaro.plans import queries as plans
from narvaro.publishing import planning
from narvaro.publishing.models import ElectionDay, Message, MessageChannel, Publication
from narvaro.publishing.queries.calendar import Seconds
from narvaro.publishing.queries.checks import Checks
from narvaro.publishing.queries.known import Known, Only, known
from narvaro.publishing.queries.messages import channels_of, is_read_first
from narvaro.publishing.types import PASSES_ALWAYS, MessageState, Purpose, State

ELECTION_DAYS = 90
CONFIRM = "confirm"
MOST_NAMED = 12
_LONGEST = timedelta(days=45)


# --- Elections ------------------------------------------------------------------------------------------------------


def election_days(actor: Actor) -> list[ElectionDay]:
    """Return the days of voting that the authority has said itself and that have not passed, soonest first."""
    return list(ElectionDay.objects.of(actor).filter(on__gte=today()).order_by("on"))


def elections_in(what: Known, first: date, last: date) -> list[planning.Election]:
    """
    Return the elections whose time of extra care touches the span from `first` to `last`, soonest first.

    Law: SEC-3
    """
    before = what.decided.get("election_days", ELECTION_DAYS)
    before = before if isinstance(before, int) else ELECTION_DAYS
    until = last + timedelta(days=before)
    days = {day: _("de allmänna valen") for day in elections.general_elections(first, until)}
    days |= {each.on: each.name for each in what.voting if first <= each.on <= until}
    return [each for each in planning.elections(days.items(), before) if each.since <= last]


def voting(actor: Actor, first: date, last: date) -> list[planning.Election]:
    """Return the elections whose time of extra care touches a span, as `elections_in`. Law: SEC-3"""
    return elections_in(known(actor), first, last)


def asks_before_election(actor: Actor, day: date, purpose: str) -> str:
    """
    Return what is asked before a new post is planned for a day shortly before an election; "" when nothing is.

    Corrections and what people need to know in a crisis are never asked about.

    Law: SEC-3
    """
    if purpose in PASSES_ALWAYS:
        return ""
    what = known(actor)
    if what.decided.get("election_posts", CONFIRM) != CONFIRM:
        return ""
    found = elections_in(what, day, day)
    return election_words(found[0]) if found else ""


def asking_of_election(actor: Actor, checks: Checks, day: date | None, purpose: str) -> Checks:
    """Return what is asked of a post that is being planned, with what is asked before an election. Law: SEC-3"""
    said = asks_before_election(actor, day, purpose) if day is not None else ""
    return replace(checks, asks=(*checks.asks, said)) if said else checks


def election_words(election: planning.Election) -> str:
    """Return what extra care before an election means, as sentences."""
    return _(
        "Den dagen ligger i tiden före %(name)s den %(day)s. Då är ni extra noga med opartiskhet: "
        "dela inget från partier, och hänvisa politisk debatt till dem."
    ) % {"name": election.name, "day": date_format(election.on, "j F Y")}


# --- Moving ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moving:
    """What is to be known before a message is moved to a day: sentences that ask to be agreed to; () for none."""

    asks: tuple[str, ...]


def moving(actor: Actor, message: Message, day: date | None) -> Moving:
    """Return what whoever moves a message must agree to. Law: KL-4, SEC-3"""
    asks = []
    keys = [part.channel_id for part in channels_of(actor, message)]
    is_read = message.purpose not in PASSES_ALWAYS and is_read_first(actor, keys)
    if message.state == MessageState.PLANNED and is_read:  # what waits has no approval to lose
        asks.append(_("Tiden är en del av det som godkänns. Flyttas inlägget ska det godkännas på nytt."))
    if day is not None and (said := asks_before_election(actor, day, message.purpose)):
        asks.append(said)
    return Moving(tuple(asks))


# --- Hints ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Near:
    """Two posts in one channel that lie close."""

    channel: str
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Channels with fewer posts in a week than the guideline expects: how many, and the first by name."""

    week: int
    first: date
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """A channel that has nothing for some days: how many, from when, and how often its plan or the guideline says."""

    channel: str
    since: date
    days: int
    a_week: int
    is_by_plan: bool


@dataclass(frozen=True, slots=True)
class Hints:
    """What to think of in a span of the calendar; nothing of it stops anything."""

    near: tuple[Near, ...]
    near_count: int
    silent: tuple[Silent, ...]
    empty: tuple[Empty, ...]
    empty_count: int
    expected: int
    closed_count: int
    free_days: tuple[tuple[date, str], ...]
    held_count: int

    @property
    def has_any(self) -> bool:
        """Whether there is anything to think of."""
        return bool(self.near or self.silent or self.empty or self.closed_count or self.free_days or self.held_count)


def hints(actor: Actor, what: Known, first: date, last: date, only: Only) -> Hints:
    """Return what to think of from `first` to `last`, no longer than six weeks. Law: none; RF-4 asks for no posts."""
    last = min(last, first + _LONGEST)
    used = channels.rows(actor).filter(state=ChannelState.ACTIVE)
    used = used.filter(uid=only.channel) if only.channel else used
    used = used.filter(unit__uid=only.unit) if only.unit else used
    names: dict[int, str] = dict(used.order_by("name", "pk").values_list("pk", "name"))
    spans = planning.weeks(first, last)
    spans = [each for each in spans if each[1] >= today()]
    rows = _placed(actor, spans[0][0], spans[-1][1], names) if spans else []
    since = now().timestamp()
    coming = [each for each in rows if each[1] >= since]
    near = planning.close_together(coming)
    shown = near[:MOST_NAMED]
    urls = dict(Message.objects.of(actor).filter(pk__in=[each.second for each in shown]).values_list("pk", "uid"))
    expected = what.decided.get("min_activity", 0)
    empty = _empty(actor, rows, max(first, today()), last, names, expected)
    return Hints(
        near=tuple(Near(names[each.channel], each.at, f"/publicerat/utkast/{urls[each.second]}/") for each in shown),
        near_count=len(near), silent=tuple(_silent(rows, spans, names, expected)), expected=expected,
        empty=empty[:MOST_NAMED], empty_count=len(empty),
        closed_count=_closed_count({key: at for _channel, at, key in coming}.values(), what, spans),
        free_days=tuple(free_days(max(first, today()), last).items()), held_count=_held_count(actor, what),
    )  # fmt: skip


# What is placed in a channel: the channel, when in seconds since 1970, and the message.
_Placed = tuple[int, int, int]


def _placed(actor: Actor, first: date, last: date, names: Mapping[int, str]) -> list[_Placed]:
    """Return what goes or went out in the channels."""
    rows = MessageChannel.objects.of(actor).filter(message__shows_on__range=(first, last))
    rows = rows.exclude(message__state=MessageState.THROWN)
    if len(names) < MOST_NAMED:
        rows = rows.filter(channel_id__in=list(names))
    found = rows.annotate(at=Seconds("message__shows_at")).values_list("channel_id", "at", "message_id")
    return [each for each in found if each[0] in names]


def _closed_count(moments: Iterable[int], what: Known, spans: list[tuple[date, date]]) -> int:
    """Return how many of these moments lie outside of the hours when the authority can answer."""
    edges: list[float] = []
    for monday, _sunday in spans:
        for on in (monday + timedelta(days=number) for number in range(7)):
            opening, closing = what.working.opening_on(on), what.working.closing_on(on)
            edges += [opening.timestamp(), closing.timestamp()] if opening and closing else []
    return sum(1 for at in moments if bisect_right(edges, at) % 2 == 0)  # after an opening there is one edge more


def _silent(
    rows: Iterable[_Placed], spans: list[tuple[date, date]], names: Mapping[int, str], expected: int
) -> list[Silent]:  # fmt: skip
    """Return the weeks that have not passed in which channels have less than is expected; names are by name."""
    if expected <= 0:
        return []
    edges = [datetime.combine(monday, time(), STOCKHOLM).timestamp() for monday, _sunday in spans]
    counts: list[Counter[int]] = [Counter() for _each in spans]
    for channel, at, _key in rows:
        counts[bisect_right(edges, at) - 1][channel] += 1
    found = []
    for (monday, _sunday), count in zip(spans, counts, strict=True):
        if few := planning.silent(count, names, expected):
            listed = tuple(names[each] for each in few[:MOST_NAMED])
            found.append(Silent(monday.isocalendar().week, monday, len(few), listed))
    return found


def _empty(
    actor: Actor, rows: Iterable[_Placed], first: date, last: date, names: Mapping[int, str], expected: int
) -> tuple[Empty, ...]:  # fmt: skip
    """Return the channels that have nothing for longer than their plans say, or the guideline where a plan does not."""
    by_plan = plans.rhythms(actor)
    a_week = {channel: by_plan.get(channel, expected) for channel in names}
    if first > last or not any(a_week.values()):
        return ()
    placed: dict[int, set[date]] = {}
    for channel, at, _key in rows:
        placed.setdefault(channel, set()).add(datetime.fromtimestamp(at, STOCKHOLM).date())
    return tuple(
        Empty(names[each.channel], each.since, each.days, each.a_week, each.channel in by_plan)
        for each in planning.gaps(placed, first, last, a_week)
    )


def free_days(first: date, last: date) -> dict[date, str]:
    """Return the public holidays from `first` to `last`, with their names."""
    years = range(first.year, last.year + 1)
    every = {day: name for year in years for day, name in workingtime.swedish_holidays(year).items()}
    return {day: name for day, name in every.items() if first <= day <= last}


def _held_count(actor: Actor, what: Known) -> int:
    """Return how many posts a crisis holds."""
    if not what.held:
        return 0
    rows = Publication.objects.of(actor).filter(state=State.QUEUED, is_planned=True, purpose=Purpose.POST)
    named = [each for each in what.held_in if each is not None]
    return rows.count() if None in what.held_in else rows.filter(channel_id__in=named).count()

"""
The reads of oversight, too many to stand among the others: rounds, what nobody has opened, what is overdue, crises.

Law: BBS-3, BBS-4, BBS-5, SM-18, SM-22
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.channels import rules as channel_rules
from narvaro.core import queries as core
from narvaro.core.types import ANSWERS, Actor, NotFound, NotPermitted
from narvaro.moderation import queries, rounds, rules
from narvaro.moderation.models import Complaint, Crisis, Look, Measure, Report, Round, Schedule
from narvaro.moderation.types import ComplaintState, MeasureState, ReportKind, ReportState, RoundEnd
from narvaro.policy import rules as policy
from narvaro.policy.types import AuditAnswer, Catalogue, Evidence

if TYPE_CHECKING:
    from uuid import UUID

    from narvaro.channels.models import Channel

ROUND_KIND = "moderation.round"
PAGE = 200
WEEKS = 8
MOST_OVERDUE = 100
AUDITED_DAYS = 30
_CHANNELS_AT_ONCE = 200
_STANDS = (MeasureState.DECIDED, MeasureState.BY_HAND, MeasureState.CARRIED_OUT)
_BY_LAW = (Catalogue.CRIME, Catalogue.SECRECY)
_ABOUT_LAW = (
    ReportKind.THREAT, ReportKind.HATE, ReportKind.PRIVATE, ReportKind.CHILD, ReportKind.COPYRIGHT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """One round of today as people see it: `round` is None while it lies ahead."""

    at: datetime
    round: Round | None

    @property
    def state(self) -> str:
        """done, late (done too late), missed, waiting or ahead."""
        if self.round is None:
            return "ahead"
        if self.round.ended_at is not None:
            return "late" if self.round.missed_at else "done"
        return "missed" if self.round.missed_at else "waiting"


@dataclass(frozen=True, slots=True)
class Overseen:
    """A channel with today's rounds, and what nobody has opened yet."""

    channel: Channel
    is_mine: bool
    is_by_hand: bool
    complete_to: datetime | None
    slots: tuple[Slot, ...]
    unseen: int
    older_missed: int  # rounds of earlier days that nobody has made good

    @property
    def waits(self) -> bool:
        return bool(self.older_missed) or any(slot.state in ("missed", "waiting") for slot in self.slots)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something that we knew of longer than it may stand; `gone_at` None while it still stands."""

    what: str  # measure, report, or finding: opened, and nobody has decided
    uid: UUID
    title: str
    channel: Channel | None
    knowledge_at: datetime
    due_at: datetime
    gone_at: datetime | None


# --- How often ----------------------------------------------------------------------------------------------------


def schedule_of(actor: Actor, channel: Channel | None) -> Schedule | None:
    """Return what was chosen for a channel, or for the whole authority when it is None; None where nothing was."""
    found: Schedule | None = Schedule.objects.of(actor).filter(channel=channel).first()
    return found


def rhythm_of(row: Schedule | None) -> rounds.Rhythm:
    """Return the rhythm that a schedule says; the usual one where there is none."""
    if row is None:
        return rounds.USUAL
    return rounds.Rhythm(row.rounds_a_day, row.rounds_in_crisis, row.on_days_off, row.removal_hours)


def rhythms(actor: Actor) -> tuple[dict[int, rounds.Rhythm], rounds.Rhythm]:
    """Return the rhythms of channels that have their own, by channel key, and the one of all others."""
    rows = list(Schedule.objects.of(actor))
    shared = next((row for row in rows if row.channel_id is None), None)
    return {row.channel_id: rhythm_of(row) for row in rows if row.channel_id is not None}, rhythm_of(shared)


def own_schedules(actor: Actor) -> list[Schedule]:
    """Return the schedules of channels that have their own, by the channel's name."""
    rows = Schedule.objects.of(actor).exclude(channel=None)
    return list(rows.select_related("channel").order_by("channel__name", "channel_id"))


# --- Crises -------------------------------------------------------------------------------------------------------


def crises(actor: Actor, *, since: datetime | None = None) -> list[Crisis]:
    """Return crises, newest first: all, or those that went on at some time after `since`."""
    rows = Crisis.objects.of(actor)
    if since is not None:
        rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=since))
    related = ("channel", "started_by", "ended_by", "approver")
    return list(rows.select_related(*related).order_by("-started_at", "-pk")[:PAGE])


def crisis_for(actor: Actor, uid: UUID | str) -> Crisis:
    """Return one crisis. Raises NotFound."""
    found: Crisis | None = Crisis.objects.of(actor).filter(uid=uid).select_related("channel").first()
    if found is None:
        raise NotFound
    return found


def held_in_crisis() -> list[tuple[int, int | None]]:
    """Return where what was planned waits for a crisis to end: authority and channel, None for all its channels."""
    rows = Crisis.objects.everywhere("hold what was planned").filter(ended_at=None, freezes=True)
    return list(rows.values_list("authority_id", "channel_id"))


def spans(found: Iterable[Crisis], channel_id: int) -> list[rounds.Span]:
    """Return when a channel was or is in crisis, by itself or with all others."""
    return [rounds.Span(one.started_at, one.ended_at) for one in found if one.channel_id in (None, channel_id)]


# --- Rounds -------------------------------------------------------------------------------------------------------


def my_channels(actor: Actor) -> set[int]:
    """Return the channels that the actor answers for or holds now: all where the actor's role holds everywhere."""
    rows = channels.answered_by(actor, unit_ids=actor.units_as(*ANSWERS), is_everywhere=actor.has(*ANSWERS))
    mine = set(rows.values_list("pk", flat=True))
    active = channels.overseen(actor)
    held = channels.holders(actor, active)
    return {one.pk for one in active if one.pk in mine or (actor.person_id and held[one.pk] == actor.person_id)}


def overseen(actor: Actor) -> list[Overseen]:
    """
    Return today's rounds of every active channel: those that wait first, then the actor's own, then by name.

    Raises:
        NotPermitted: The actor does not read what comes in.
    """
    if not rules.may_read(actor):
        raise NotPermitted
    active = channels.overseen(actor)
    calendar, moment = core.calendar_for(core.authority_of(actor)), now()
    today = calendar.local(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = today + timedelta(days=1) - timedelta(microseconds=1)
    made: dict[int, list[Round]] = {}
    rows = Round.objects.of(actor).filter(due_at__gte=today, due_at__lte=ends).select_related("by")
    for row in rows.order_by("due_at"):
        made.setdefault(row.channel_id, []).append(row)
    older = _counted(_open(actor).filter(due_at__lt=today))
    unseen = unseen_counts(actor, [one.pk for one in active])
    own, shared = rhythms(actor)
    running, readings, mine = crises(actor, since=today), channels.readings(actor), my_channels(actor)
    found = []
    for channel in active:
        there = made.get(channel.pk, [])
        times = {row.due_at for row in there}
        ahead = rounds.due_rounds(own.get(channel.pk, shared), calendar, spans(running, channel.pk), moment, ends)
        slots = [Slot(row.due_at, row) for row in there]
        slots += [Slot(due.at, None) for due in ahead if due.at not in times]
        reading = readings.get(channel.pk)
        found.append(
            Overseen(
                channel=channel,
                is_mine=channel.pk in mine,
                is_by_hand=channel_rules.is_by_hand(channel.platform, channel.remote_id),
                complete_to=reading.complete_to if reading else None,
                slots=tuple(sorted(slots, key=lambda slot: slot.at)),
                unseen=unseen.get(channel.pk, 0),
                older_missed=older.get(channel.pk, 0),
            )
        )
    return sorted(found, key=lambda one: (not one.waits, not one.is_mine, one.channel.name, one.channel.pk))


def unseen_counts(actor: Actor, channel_ids: Sequence[int]) -> dict[int, int]:
    """Return how much nobody has opened yet since somebody last looked over each channel; 0 is absent."""
    found: dict[int, int] = {}
    for start in range(0, len(channel_ids), _CHANNELS_AT_ONCE):
        some = channel_ids[start : start + _CHANNELS_AT_ONCE]
        rows = Look.objects.of(actor).filter(channel_id__in=some, seen_at=None)
        seen = Q()
        for channel_id, at in _last_said(actor, some).items():
            seen |= Q(channel_id=channel_id, came_at__lte=at)
        found |= _counted(rows.exclude(seen) if seen else rows)
    return found


def first_unseen(actor: Actor, channel_id: int) -> datetime | None:
    """Return when the oldest thing came that nobody has opened since somebody last looked over the channel."""
    said = _last_said(actor, [channel_id]).get(channel_id)
    rows = Look.objects.of(actor).filter(channel_id=channel_id, seen_at=None)
    if said is not None:
        rows = rows.filter(came_at__gt=said)
    found: datetime | None = rows.aggregate(first=Min("came_at"))["first"]
    return found


def looks_between(actor: Actor, channel_id: int, since: datetime, until: datetime) -> tuple[int, Look | None]:
    """Return how much came in (since, until], and which of it was opened last; (0, None) when nothing came."""
    rows = Look.objects.of(actor).filter(channel_id=channel_id, came_at__gt=since, came_at__lte=until)
    opened = rows.exclude(seen_at=None).exclude(seen_by=None).order_by("-seen_at").select_related("seen_by")
    count = rows.count()
    return count, (opened.first() if count else None)


def open_rounds(actor: Actor) -> list[Round]:
    """Return the rounds of the last month that nothing and nobody has ended, oldest first."""
    rows = _open(actor).select_related("channel__responsible", "channel__deputy")
    return list(rows.order_by("due_at", "pk"))


def channels_missed(actor: Actor) -> set[int]:
    """Return the channels with a missed round that can still be made good."""
    return set(_open(actor).exclude(missed_at=None).values_list("channel_id", flat=True))


def looked_to(actor: Actor, channel_ids: Iterable[int], before: datetime) -> dict[int, datetime]:
    """Return up to when each channel's latest round before a moment looked, within a month; others are absent."""
    rows = Round.objects.of(actor).filter(
        channel_id__in=list(channel_ids), due_at__lt=before, due_at__gt=before - rounds.LOOK_BACK
    )
    times = rows.order_by("due_at").values_list("channel_id", "due_at", "ended_at")
    return {channel_id: min(due_at, ended_at or due_at) for channel_id, due_at, ended_at in times}


def rounds_listed(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> list[Round]:
    """
    Return rounds by when they were due, newest first; `before` is the key of the last one on the page before.

    Raises:
        NotPermitted: The actor does not read what comes in.

    Law: BBS-3, SM-18
    """
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Round.objects.of(actor)
    last = rows.filter(pk=before).first() if before is not None else None
    if last is not None:
        rows = rows.filter(Q(due_at__lt=last.due_at) | Q(due_at=last.due_at, pk__lt=last.pk))
    return list(rows.select_related("channel", "by").order_by("-due_at", "-pk")[:limit])


def every_round(actor: Actor) -> Iterator[Round]:
    """Yield every round, newest first, a page at a time. Raises NotPermitted before the first."""
    page = rounds_listed(actor, limit=1000)
    while page:
        yield from page
        page = rounds_listed(actor, before=page[-1].pk, limit=1000)


def by_week(actor: Actor) -> list[tuple[datetime, int, int, int]]:
    """
    Return how the rounds of the last weeks went, oldest first: Monday, due, made in time, never made.

    Law: BBS-3
    """
    calendar, moment = core.calendar_for(core.authority_of(actor)), now()
    today = calendar.local(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    asked: dict[str, Count] = {}
    for place, since in enumerate(mondays):
        week = Q(due_at__gte=since, due_at__lt=since + timedelta(weeks=1))
        asked[f"due_{place}"] = Count("pk", filter=week)
        asked[f"good_{place}"] = Count("pk", filter=week & Q(missed_at=None) & ~Q(ended_at=None))
        asked[f"never_{place}"] = Count("pk", filter=week & Q(ended_at=None))
    rows = Round.objects.of(actor).filter(due_at__gte=mondays[0], late_at__lte=moment, is_extra=False)
    counted = rows.aggregate(**asked)
    return [
        (since, counted[f"due_{place}"], counted[f"good_{place}"], counted[f"never_{place}"])
        for place, since in enumerate(mondays)
        if counted[f"due_{place}"]
    ]


# --- What stood too long ------------------------------------------------------------------------------------------


def overdue(actor: Actor, *, days: int = 90) -> list[Overdue]:
    """
    Return what we knew of longer than it may stand: first what still does, then what did in the last `days`.

    Only what the law wants gone: crimes, copyright, secrecy and personal data; reports of such that wait; and what
    screening found, somebody has opened and nobody has decided about.

    Raises:
        NotPermitted: The actor does not read what comes in.

    Law: BBS-4, BBS-5, BBS-7
    """
    moment = now()
    return [one for one in clocks(actor, days=days) if (one.gone_at or moment) > one.due_at]


def clocks(actor: Actor, *, days: int = 90) -> list[Overdue]:
    """
    Return everything whose removal clock runs, what is in time too, with what stood too long in the last `days`:
    first what still stands, the oldest knowledge first.

    Raises:
        NotPermitted: The actor does not read what comes in.

    Law: BBS-4, BBS-5
    """
    if not rules.may_read(actor):
        raise NotPermitted
    own, shared = rhythms(actor)
    moment = now()
    shortest = timedelta(hours=min(one.removal_hours for one in [shared, *own.values()]))
    stood = Q(confirmed_at__gt=F("knowledge_at") + shortest) & Q(confirmed_at__gt=moment - timedelta(days=days))
    measures = Measure.objects.of(actor).filter(
        Q(state__in=_STANDS) | Q(state=MeasureState.CONFIRMED) & stood,
        catalogue__in=_BY_LAW, kind__in=rules.ON_PLATFORM,
    )  # fmt: skip
    reports = Report.objects.of(actor).filter(
        Q(item=None) | Q(item__gone_at=None), state=ReportState.OPEN, kind__in=_ABOUT_LAW, measure=None
    )
    standing_first = (F("confirmed_at").desc(nulls_first=True), "knowledge_at")
    found = [
        Overdue(
            "measure", row.uid, row.get_kind_display(), row.channel, row.knowledge_at or row.decided_at,
            rounds.removal_due(row.knowledge_at or row.decided_at, own.get(row.channel_id, shared)), row.confirmed_at,
        )
        for row in measures.select_related("channel").order_by(*standing_first)[:MOST_OVERDUE]
    ]  # fmt: skip
    found += [
        Overdue(
            "report", row.uid, row.get_kind_display(), row.channel, row.knowledge_at,
            rounds.removal_due(row.knowledge_at, own.get(row.channel_id or 0, shared)), None,
        )
        for row in reports.select_related("channel").order_by("knowledge_at")[:MOST_OVERDUE]
    ]  # fmt: skip
    found += _undecided(actor, own, shared)
    wanted = [one for one in found if one.gone_at is None or one.gone_at > one.due_at]
    return sorted(wanted, key=lambda one: (one.gone_at is not None, one.knowledge_at))


def unanswered(actor: Actor, since: datetime) -> tuple[list[Report], list[Complaint]]:
    """
    Return the reports and complaints whose time has run out after `since` and that nobody has answered, oldest first.

    Law: BBS-4, FL-8
    """
    late = {"due_at__gt": since, "due_at__lte": now()}
    reports = Report.objects.of(actor).filter(state=ReportState.OPEN, **late)
    complaints = Complaint.objects.of(actor).filter(state=ComplaintState.OPEN, **late)
    return (
        list(reports.select_related("channel").order_by("due_at")[:PAGE]),
        list(complaints.select_related("measure__channel").order_by("due_at")[:PAGE]),
    )


def _undecided(actor: Actor, own: dict[int, rounds.Rhythm], shared: rounds.Rhythm) -> list[Overdue]:
    """Return what screening found, a person of ours has opened or somebody reported, and nobody has decided about."""
    suspected = {one.item_id: one for known in queries.suspicions for one in known(actor)}
    if not suspected:
        return []
    decided = Measure.objects.of(actor).filter(item_id__in=suspected).exclude(state=MeasureState.UNDONE)
    for item_id in decided.values_list("item_id", flat=True):
        suspected.pop(item_id or 0, None)
    seen = Look.objects.of(actor).filter(item_id__in=suspected, seen_by__isnull=False, seen_at__isnull=False)
    told = Report.objects.of(actor).filter(item_id__in=suspected)
    known: dict[int, datetime] = {}
    for item_id, at in [*seen.values_list("item_id", "seen_at"), *told.values_list("item_id", "knowledge_at")]:
        if item_id is not None and at is not None:
            known[item_id] = min(at, known.get(item_id, at))
    titles = {ground.code: str(ground.title) for ground in policy.CRIMES}
    return [
        Overdue(
            "finding", suspected[item_id].uid, titles.get(suspected[item_id].ground, suspected[item_id].ground),
            suspected[item_id].channel, at,
            rounds.removal_due(at, own.get(suspected[item_id].channel.pk, shared)), None,
        )
        for item_id, at in sorted(known.items(), key=lambda one: one[1])[:MOST_OVERDUE]
    ]  # fmt: skip


def _last_said(actor: Actor, channel_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when somebody last said that they had looked over each channel, within a month; others are absent."""
    rows = Round.objects.of(actor).filter(
        channel_id__in=list(channel_ids), end=RoundEnd.SAID, due_at__gt=now() - rounds.LOOK_BACK
    )
    return dict(rows.values_list("channel_id").annotate(at=Max("ended_at")).order_by())


def _open(actor: Actor) -> QuerySet[Round]:
    """A round that was not made within a month is never made: it stays missed."""
    return Round.objects.of(actor).filter(ended_at=None, due_at__gt=now() - rounds.LOOK_BACK)


def _counted(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.values_list("channel_id").annotate(count=Count("pk")).order_by())


# --- For an auditor -----------------------------------------------------------------------------------------------


def audit_answers(actor: Actor) -> list[AuditAnswer]:
    """Return whether the channels are looked over as they should be, from the rounds of the last month. Law: BBS-3"""
    rows = Round.objects.of(actor).filter(due_at__gt=now() - timedelta(days=AUDITED_DAYS), due_at__lte=now())
    found = rows.aggregate(due=Count("pk"), missed=Count("pk", filter=Q(missed_at__isnull=False)))
    due, missed = found["due"], found["missed"]
    if not due:
        state, says = "partly", _("Rundor är planerade, men ingen har varit än.")
    else:
        state = "no" if missed == due else "partly" if missed else "yes"
        says = _("%(made)d av %(due)d rundor den senaste månaden gjordes i tid.") % {"made": due - missed, "due": due}
    link = Evidence(_("Uppsikt"), reverse("moderation:oversight"))
    return [AuditAnswer("oversight", _("Har ni uppsikt över det som skrivs?"), state, says, (link,), "BBS-3")]

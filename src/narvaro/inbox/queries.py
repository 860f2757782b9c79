"""
Every read of the inbox. Lists are paged by key and cost the same number of queries whatever they show.

Private messages are left out for those who may not read them, and another organisation's item looks missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db.models import F, Max, Model, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.base.clock import STOCKHOLM, now
from narvaro.channels import queries as channels
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.moments import full_time
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role
from narvaro.inbox import rules
from narvaro.inbox.models import (
    Alarm,
    Escalation,
    ExpertQuestion,
    Finding,
    Incoming,
    Learner,
    Message,
    Note,
    Presence,
    Reply,
    SavedAnswer,
    Suggestion,
)
from narvaro.inbox.types import Beside, Card, LinkUsed, List, Only, Outcome, Page, Post, Purpose, ThreadPage
from narvaro.moderation import queries as moderation
from narvaro.moderation.types import NumbersFound, Suspected
from narvaro.publishing import queries as publishing
from narvaro.records import queries as records
from narvaro.records.queries import Shown
from narvaro.screening import Severity

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person, Unit
    from narvaro.publishing.models import Publication
    from narvaro.records.models import Item

Row = TypeVar("Row", bound=Model)

EVERYTHING = Only()

PAGE = 25
STRETCH = 3000  # how much of a narrowed list one page looks through
MOST_ALARMS = 5
MOST_SUSPECTED = 1000
IDENTITY_NUMBER = "personal_data.identity_number"  # the rule that counts its checksum and its date
BY_LAW = "BBS-5"  # how the grounds begin that the law itself wants gone
_CLASS_NAMES = {
    "public_records_request": gettext_lazy("Begäran om allmän handling"),
    "gdpr_request": gettext_lazy("Begäran om personuppgifter"),
    "accessibility_complaint": gettext_lazy("Anmälan om tillgänglighet"),
    "appeal": gettext_lazy("Överklagande"),
    "press": gettext_lazy("Fråga från medier"),
    "fault_report": gettext_lazy("Felanmälan"),
    "complaint": gettext_lazy("Klagomål"),
    "question": gettext_lazy("Fråga"),
}
MOST_IN_A_THREAD = 300
PLACE = "inbox"
KIND = "inbox.incoming"
WORKERS = (Role.UNIT_MANAGER, Role.REPRESENTATIVE, Role.DEPUTY)
_SHOWN_WITH = ("item", "channel", "unit", "person", "publication")


# --- Lists --------------------------------------------------------------------------------------------------------


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
    items, has_more = _thread_items(actor, incoming, MOST_IN_A_THREAD) if incoming else ([], False)
    listed, next_key = _listed(actor, List(which), after, limit, only)
    everything = {item.pk: item for item in [*items, *(row.item for row in listed)]}
    parts = records.words_parts(actor, list(everything.values()), with_files=incoming is not None)
    parts |= {"alarms": _alarms_part(actor), "waits": _waits_part(actor), "units": core.units_part(actor)}
    parts |= {"suggestions": _suggestions_part(actor, [*listed, *([incoming] if incoming else [])])}
    parts |= {"channels": Part(_channels(actor), without=("options", "limits", "purpose", "url", "base_url"))}
    parts |= _removal_parts(actor, listed) | {"crises": moderation.crises_part(actor)}
    if incoming is not None:
        parts |= _around(actor, incoming, items)
    found = gathered(parts)
    shown = {s.item.pk: s for s in records.shown_from(list(everything.values()), found)}
    dues = _removal_dues(listed, found)
    suggested = {each.incoming_id: each for each in found["suggestions"]}
    cards = tuple(Card(row, shown[row.item_id], dues.get(row.item_id), suggested.get(row.pk)) for row in listed)
    alarms = tuple(sorted(found["alarms"], key=lambda a: (a.accepted_at is not None, -a.raised_at.timestamp())))
    here = [(c.incoming.pk, c.incoming.version, c.is_late, c.shown.version.pk, c.removal_due) for c in cards]
    return Board(
        page=Page(cards, next_key, which, is_short=bool(next_key) and len(cards) < limit),
        alarms=alarms,
        counts=_counted(actor, found["waits"]),
        thread=_thread_page(actor, incoming, items, has_more, shown, found, person) if incoming else None,
        token=_short(
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
    return [(key, str(name)) for key, name in _CLASS_NAMES.items()]


# --- One item -----------------------------------------------------------------------------------------------------


def incoming_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Incoming:
    """
    Return one item of the actor's inbox.

    Raises:
        NotFound: Missing, another authority's, or private and not the actor's to read.
        NotPermitted: The actor does not read what comes in.
    """
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Incoming.objects.of(actor).filter(uid=uid)
    if lock:
        _one(rows.select_for_update())
    return _one(_readable(actor, rows).select_related("item__channel", "channel", "unit", "person", "publication"))


def incoming_of(actor: Actor, item: Item) -> Incoming | None:
    """Return the inbox row of a record item; None while it is not triaged, and for what we wrote ourselves."""
    found: Incoming | None = Incoming.objects.of(actor).filter(item_id=item.pk).first()
    return found


def incomings_for(actor: Actor, uids: Iterable[UUID | str], *, lock: bool = False) -> list[Incoming]:
    """Return the named items that the actor may read, in key order; others are absent."""
    rows = _readable(actor, Incoming.objects.of(actor).filter(uid__in=list(uids)).order_by("pk"))
    if lock:
        list(rows.select_for_update().values_list("pk", flat=True))
    return list(rows.select_related("item__channel", "channel", "unit", "person"))


def thread_page(actor: Actor, uid: UUID | str, *, limit: int = MOST_IN_A_THREAD) -> ThreadPage:
    """
    Return everything a person needs before them to take care of one item: the thread as people see it, who
    answered, what screening found, notes, deadline, and who else is here.

    Raises:
        NotFound, NotPermitted: As `incoming_for`.

    Law: FL-2, OSL-2
    """
    incoming = incoming_for(actor, uid)
    items, has_more = _thread_items(actor, incoming, limit)
    parts = records.words_parts(actor, items) | _around(actor, incoming, items)
    found = gathered(parts | {"suggestions": _suggestions_part(actor, [incoming])})
    shown = {s.item.pk: s for s in records.shown_from(items, found)}
    return _thread_page(actor, incoming, items, has_more, shown, found, None)


def signature_of(person: Person, incoming: Incoming, *, withhold: bool = False) -> str:
    """Return what this person's answer to this item is signed with. Law: FL-9"""
    return rules.signature(
        person_signature=person.signature,
        unit_name=incoming.unit.name if incoming.unit else "",
        withhold=withhold or person.withhold_name or incoming.withhold_names,
    )


def findings_of(actor: Actor, incoming: Incoming) -> list[Finding]:
    """Return what screening found in the version it last read, gravest first."""
    rows = Finding.objects.of(actor).filter(incoming=incoming, version_number=incoming.screened_version)
    return list(rows.order_by("-severity", "start", "pk"))


def suspected(actor: Actor) -> list[Suspected]:
    """
    Return what is not done, open to anybody, and in which screening found something that BBS 5 § may want gone.

    Law: BBS-4, BBS-5
    """
    rows = Finding.objects.of(actor).filter(
        ground__startswith=BY_LAW, version_number=F("incoming__screened_version"), incoming__done_at=None,
        incoming__is_private=False, incoming__item__gone_at=None,
    )  # fmt: skip
    found = rows.order_by("incoming_id", "-severity").select_related("incoming__channel")[:MOST_SUSPECTED]
    by_item = {row.incoming.item_id: row for row in reversed(found)}  # the gravest of each
    return [Suspected(row.incoming.uid, item_id, row.incoming.channel, row.ground) for item_id, row in by_item.items()]


def numbers_found(actor: Actor, since: datetime, after: int | None) -> NumbersFound:
    """
    Return where screening has certainly found an identity number that anybody can read now: in the latest words of
    something that is not from before the channel's time.

    Args:
        since: What came before is left out when nothing was looked at yet.
        after: The key of the last finding that was looked at. Keys rise in the order in which an authority's findings
            are written: its feed is taken in one part at a time.

    Law: GDPR-7
    """
    everything = Finding.objects.of(actor)
    if after is None:
        after = everything.filter(incoming__received_at__lt=since).aggregate(last=Max("pk"))["last"] or 0
    keys = list(everything.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:STRETCH])
    rows = Finding.objects.of(actor).filter(
        pk__in=keys, rule=IDENTITY_NUMBER, severity__gte=Severity.LOOK, version_number=F("incoming__screened_version"),
        incoming__is_private=False, incoming__item__gone_at=None, incoming__item__sealed_at=None,
    ).exclude(incoming__outcome=Outcome.BEFORE_OPERATION)  # fmt: skip
    return NumbersFound(
        upto=keys[-1] if keys else after,
        found=tuple(
            (row.incoming.item, row.version_number, rules.link_to(row.incoming.uid))
            for row in rows.select_related("incoming__item").order_by("pk")
        ),
    )


def note_for(actor: Actor, uid: UUID | str) -> Note:
    """Return one note of an item that the actor may read. Raises NotFound."""
    note = _one(Note.objects.of(actor).filter(uid=uid).select_related("incoming"))
    incoming_for(actor, note.incoming.uid)
    return note


def may_undo(actor: Actor, incoming: Incoming) -> bool:
    """Whether the latest step was this person's and can be taken back."""
    before = incoming.before or {}
    return bool(before) and before.get("by") == actor.person_id and before.get("version") == incoming.version


def presence(actor: Actor, incoming: Incoming) -> list[Beside]:
    """Return who else looks or writes at an item now, latest first."""
    rows = Presence.objects.of(actor).filter(incoming=incoming, at__gt=now() - rules.PRESENCE)
    found = rows.exclude(person_id=actor.person_id or 0).select_related("person").order_by("-at")
    return [Beside(row.person, row.doing, row.at) for row in found]


def own_presence(actor: Actor, incoming: Incoming) -> list[Beside]:
    """Return what the actor does at an item now: at most one row."""
    rows = Presence.objects.of(actor).filter(incoming=incoming, at__gt=now() - rules.PRESENCE)
    mine = rows.filter(person_id=actor.person_id or 0).select_related("person")
    return [Beside(row.person, row.doing, row.at) for row in mine]


def shown_words(actor: Actor, incoming: Incoming) -> records.Shown:
    """Return an item's latest words; none when it is sealed."""
    return records.shown(actor, [incoming.item])[0]


def replies_of(actor: Actor, publication_ids: Iterable[int]) -> dict[int, Reply]:
    """Return why each publication answers what it answers, by publication key; those of other kinds are absent."""
    rows = Reply.objects.of(actor).filter(publication_id__in=list(publication_ids)).select_related("incoming")
    return {row.publication_id: row for row in rows}


def purpose_of(actor: Actor, publication: Publication) -> str:
    """Return why a publication answers; a new try has the purpose of the first. An unknown one is an answer."""
    seen: set[int] = set()
    pk, before = publication.pk, publication.retry_of_id
    while pk not in seen:
        seen.add(pk)
        found = Reply.objects.of(actor).filter(publication_id=pk).values_list("purpose", flat=True).first()
        if found is not None or before is None:
            return found or Purpose.ANSWER.value
        pk = before
        before = (
            Reply.objects.of(actor).filter(publication_id=pk).values_list("publication__retry_of", flat=True).first()
        )
    return Purpose.ANSWER.value


# --- Urgent, escalated, asked -------------------------------------------------------------------------------------


def alarm_of(actor: Actor, incoming: Incoming) -> Alarm | None:
    """Return the alarm that an item raised, or None."""
    found: Alarm | None = (
        Alarm.objects.of(actor).filter(incoming=incoming).select_related("told", "accepted_by").first()
    )
    return found


def escalation_for(actor: Actor, uid: UUID | str) -> Escalation:
    """Return something escalated, whose item the actor may read. Raises NotFound."""
    row = _one(Escalation.objects.of(actor).filter(uid=uid).select_related("incoming", "manager", "raised_by"))
    incoming_for(actor, row.incoming.uid)
    return row


def expert_question(token: str) -> ExpertQuestion:
    """
    Return the question that a one-time link leads to; for somebody without an account.

    Raises:
        LinkUsed: Used, too old, or never given out.
    """
    found: ExpertQuestion | None = (
        ExpertQuestion.objects.everywhere("a colleague's one-time link")
        .filter(token_hash=sha256(token.encode()).hexdigest(), answered_at=None, expires_at__gt=now())
        .select_related("incoming__item__channel", "incoming__channel", "asked_by", "authority")
        .first()
    )
    if found is None:
        raise LinkUsed
    return found


def shown_to_expert(question: ExpertQuestion) -> records.Shown:
    """Return the item that a one-time link is about, with its words. Sealed: none."""
    actor = Actor.system(question.authority, "show an expert what is asked")
    return records.shown(actor, [question.incoming.item])[0]


# --- What pages offer ---------------------------------------------------------------------------------------------


def saved_answers(actor: Actor, *, unit_id: int | None = None) -> list[SavedAnswer]:
    """Return the saved answers of the authority, and of one unit when given, by title."""
    rows = SavedAnswer.objects.of(actor).filter(removed_at=None).select_related("unit")
    if unit_id is not None:
        rows = rows.filter(Q(unit_id=unit_id) | Q(unit=None))
    return list(rows.order_by("title", "pk"))


def saved_answer_for(actor: Actor, uid: UUID | str) -> SavedAnswer:
    """Return one saved answer that is not removed. Raises NotFound."""
    return _one(SavedAnswer.objects.of(actor).filter(uid=uid, removed_at=None))


def is_any_learner_on() -> bool:
    """Whether any authority's learner is on, for sweeps and for whoever looks after the installation."""
    return Learner.objects.everywhere("see whether a learner is on").filter(is_on=True).exists()


def colleagues(actor: Actor, incoming: Incoming | None = None) -> list[Person]:
    """Return who can be given an item: those who answer residents; of its unit first, then by name."""
    everyone = core.people_with(actor, *WORKERS, Role.COMMUNICATIONS_LEAD)
    if incoming is None or incoming.unit_id is None:
        return everyone
    near = {p.pk for p in core.people_with(actor, *WORKERS, unit_id=incoming.unit_id)}
    return sorted(everyone, key=lambda p: (p.pk not in near, p.name))


def colleagues_in(actor: Actor, unit_id: int) -> list[Person]:
    """Return who answers residents in one unit, by name; those who lead the whole authority are not counted in."""
    held = core.assignments_of(actor)
    found = {a.person_id: a.person for a in held if a.unit_id == unit_id and a.role in WORKERS and a.person.is_active}
    return sorted(found.values(), key=lambda p: p.name)


def other_units(actor: Actor, incoming: Incoming) -> list[Unit]:
    """Return the units that an item can be passed on to, by name."""
    return [unit for unit in core.units(actor) if unit.pk != incoming.unit_id]


def audited_about(actor: Actor, item: Item) -> list[tuple[str, int]]:
    """Return under which table and key the work with an item stands in the audit log; [] when there is none."""
    keys = Incoming.objects.of(actor).filter(item=item).values_list("pk", flat=True)
    return [("inbox.incoming", key) for key in keys]


@rules.in_swedish
def suggested_file_note(actor: Actor, incoming: Incoming) -> str:
    """
    Return a suggested file note about the thread for the registrar: facts, none of the resident's words.

    Law: FL-6 (27 §), OSL-6
    """
    items = records.thread_of(actor, incoming.item, limit=MOST_IN_A_THREAD)
    shown = records.shown(actor, [incoming.item])[0]
    received = [i for i in items if i.origin == "received"]
    ours = [i for i in items if i.origin == "drawn_up" and i.published_at > incoming.received_at]
    lines = [
        _("%(kind)s i kanalen %(channel)s från %(author)s, inkommen %(at)s.")
        % {
            "kind": _kind_name(incoming),
            "channel": incoming.channel.name,
            "author": shown.author or _("okänd avsändare"),
            "at": full_time(incoming.received_at),
        },
        _("Tråden har %(in)d inkomna och %(out)d upprättade inlägg.")
        % {"in": len(received), "out": len(items) - len(received)},
    ]
    if ours:
        lines.append(_("Vi svarade %(at)s.") % {"at": full_time(min(i.published_at for i in ours))})
    elif incoming.due_at is not None:
        lines.append(_("Den är inte besvarad. Svar senast %(at)s.") % {"at": full_time(incoming.due_at)})
    else:
        lines.append(_("Den är inte besvarad."))
    return "\n".join(lines)


# --- For this capability's own actions ----------------------------------------------------------------------------


def title_of(incoming: Incoming) -> str:
    """Return what a waiting item is called: its class and channel, never the resident's words."""
    return _("%(kind)s på %(channel)s") % {"kind": _kind_name(incoming), "channel": incoming.channel.name}


def _kind_name(incoming: Incoming) -> str:
    if incoming.urgency:
        return str(incoming.get_urgency_display())
    if not incoming.classes:
        return _("Kommentar")
    classes = set(incoming.classes.split(","))
    return next((str(name) for key, name in _CLASS_NAMES.items() if key in classes), _("Kommentar"))


def _runs_of(actor: Actor, which: List) -> list[QuerySet[Incoming]]:
    """Return the rows of a list, in as many runs as there are indexes to read them from, each in its order."""
    rows = _readable(actor, Incoming.objects.of(actor))
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


_FIRST_MOMENT, _LAST_MOMENT = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_ORDER = {
    List.LATE: ("due_at", False),
    List.SNOOZED: ("snoozed_until", False),
    List.ALL: ("received_at", True),
    List.DONE: ("done_at", True),
    List.URGENT: ("received_at", True),
}


def _readable(actor: Actor, rows: QuerySet[Incoming]) -> QuerySet[Incoming]:
    return rows.exclude(Q(is_private=True) & ~Q(channel_id__in=records.private_channels(actor).values("pk")))


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
        if only.kind not in _CLASS_NAMES:
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


def _suggestions_part(actor: Actor, incomings: Iterable[Incoming]) -> Part:
    """Return what to gather to know what is suggested about open items, where the learner is on and speaks."""
    ids = [row.pk for row in incomings if row.done_at is None and not row.is_private and row.item.sealed_at is None]
    rows = Suggestion.objects.of(actor).filter(
        incoming__in=ids, training__learner__is_on=True, training__learner__is_silent=False
    )
    learner = "training__learner__"
    names = ("training__right", "training__held_out", f"{learner}tally_right", f"{learner}tally_count")
    return Part(rows if ids else Suggestion.objects.of(actor).none(), names=names)


def _around(actor: Actor, incoming: Incoming, items: Sequence[Item]) -> dict[str, Part]:
    """Return what is gathered about one item and its thread, besides the words."""
    ids = [item.pk for item in items]
    return {
        "rows": Part(Incoming.objects.of(actor).filter(item_id__in=ids)),
        "answers": publishing.answers_part(actor, ids),
        "findings": Part(Finding.objects.of(actor).filter(incoming=incoming, version_number=incoming.screened_version)),
        "notes": Part(Note.objects.of(actor).filter(incoming=incoming), names=("by__name", "kept_item__uid")),
        "questions": Part(ExpertQuestion.objects.of(actor).filter(incoming=incoming), names=("asked_by__name",)),
        "escalations": Part(
            Escalation.objects.of(actor).filter(incoming=incoming),
            names=("manager__name", "raised_by__name", "decided_by__name"),
        ),
        "messages": Part(Message.objects.of(actor).filter(escalation__incoming=incoming), names=("by__name",)),
        "alarm": Part(Alarm.objects.of(actor).filter(incoming=incoming), names=("told__name", "accepted_by__name")),
        "registry": records.registry_part(actor, [incoming.item]),
        "measures": moderation.measures_part(actor, [incoming.item_id]),
        "looks": moderation.looks_part(actor, ids),
        "presence": Part(
            Presence.objects.of(actor).filter(incoming=incoming, at__gt=now() - rules.PRESENCE),
            names=("person__name",),
        ),
        "history": audit.history_part(actor, incoming, limit=20),
        **({"authority": core.authority_part(actor)} if incoming.urgency else {}),
    }


def _thread_page(
    actor: Actor, incoming: Incoming, items: Sequence[Item], has_more: bool, shown: Mapping[int, Shown],
    found: Mapping[str, list[Any]], person: Person | None,
) -> ThreadPage:  # fmt: skip
    rows = {row.item_id: row for row in found["rows"]} | {incoming.item_id: incoming}
    answers = publishing.answers_from(found["answers"])
    posts = tuple(
        Post(shown[item.pk], depth, rows.get(item.pk), tuple(answers.get(item.pk, ())))
        for item, depth in _as_tree(items)
        if item.pk in shown
    )
    escalation = found["escalations"][-1] if found["escalations"] else None
    messages = [m for m in found["messages"] if escalation is not None and m.escalation_id == escalation.pk]
    beside = sorted(found["presence"], key=lambda row: row.at, reverse=True)
    others = tuple(Beside(r.person, r.doing, r.at) for r in beside if not actor.is_person(r.person_id))
    alarm = found["alarm"][0] if found["alarm"] else None
    entry = found["registry"][-1] if found["registry"] else None
    suggestion = next((each for each in found["suggestions"] if each.incoming_id == incoming.pk), None)
    if person is None and actor.person_id:
        person = core.person_by_id(actor.person_id)
    token = _short(
        [(row.pk, row.version) for row in sorted(rows.values(), key=lambda r: r.pk)],
        [(item.pk, item.versions, item.sealed_at) for item in items],
        [(note.pk, note.kept_item_id) for note in found["notes"]],
        [(question.pk, question.answered_at) for question in found["questions"]],
        escalation and (escalation.pk, escalation.version),
        [message.pk for message in messages],
        [(p.pk, p.state, p.kept_item_id) for p in found["answers"]],
        sorted((b.person.pk, b.doing) for b in others),
        alarm and (alarm.told_id, alarm.accepted_by_id),
        entry and (entry.pk, entry.state),
        [(measure.pk, measure.state) for measure in found["measures"]],
        suggestion and suggestion.suggested,
    )
    return ThreadPage(
        incoming=incoming,
        focus=next(post for post in posts if post.item.pk == incoming.item_id),
        posts=posts,
        has_more=has_more,
        channel=incoming.channel,
        findings=tuple(sorted(found["findings"], key=lambda f: (-f.severity, f.start, f.pk))),
        notes=tuple(found["notes"]),
        questions=tuple(found["questions"]),
        publications=tuple(answers.get(incoming.item_id, ())),
        escalation=escalation,
        messages=tuple(messages),
        alarm=alarm,
        registry_entry=entry,
        measures=tuple(found["measures"]),
        presence=others,
        signature=signature_of(person, incoming) if person else "",
        token=token,
        may_work=rules.may_work(actor),
        may_undo=may_undo(actor, incoming),
        history=tuple(reversed(found["history"])),
        unopened=moderation.unlooked([post.item for post in posts], found["looks"]),
        suggestion=suggestion,
        social_emergency_phone=next((a.social_emergency_phone for a in found.get("authority", ())), ""),
    )


def _removal_parts(actor: Actor, listed: Sequence[Incoming]) -> dict[str, Part]:
    """Return what is gathered to know what must go, and until when, among the rows of a list. Law: BBS-4"""
    open_rows = [row for row in listed if row.done_at is None and not row.is_private]
    if not open_rows:
        return {}
    unlawful = Finding.objects.of(actor).filter(
        incoming_id__in=[row.pk for row in open_rows], ground__startswith=BY_LAW
    )  # fmt: skip
    return {"unlawful": Part(unlawful)} | moderation.knowledge_parts(actor, [row.item_id for row in open_rows])


def _removal_dues(listed: Sequence[Incoming], found: Mapping[str, list[Any]]) -> dict[int, datetime]:
    rows = {row.pk: row for row in listed}
    suspected = {
        rows[one.incoming_id].item_id: rows[one.incoming_id].channel_id
        for one in found.get("unlawful", ())
        if one.version_number == rows[one.incoming_id].screened_version and rows[one.incoming_id].item.gone_at is None
    }
    return moderation.removal_dues(found, suspected) if suspected else {}


def _thread_items(actor: Actor, incoming: Incoming, limit: int) -> tuple[list[Item], bool]:
    items = records.thread_of(actor, incoming.item, limit=limit + 1)
    has_more = len(items) > limit
    items = items[:limit]
    if all(item.pk != incoming.item_id for item in items):  # far down in a very long thread
        items.append(incoming.item)
    return items, has_more


def _as_tree(items: Sequence[Item]) -> list[tuple[Item, int]]:
    """Return the items in reading order with their depth; what hangs under nothing we know starts at depth 0."""
    known = {item.remote_id for item in items}
    children: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda i: (i.published_at, i.pk)):
        parent = (
            item.parent_remote_id if item.parent_remote_id in known and item.parent_remote_id != item.remote_id else ""
        )
        children.setdefault(parent, []).append(item)
    order: list[tuple[Item, int]] = []
    placed: set[int] = set()
    to_place = [(item, 0) for item in reversed(children.get("", []))]
    while to_place:
        item, depth = to_place.pop()
        if item.pk in placed:
            continue
        placed.add(item.pk)
        order.append((item, depth))
        to_place += [(child, depth + 1) for child in reversed(children.get(item.remote_id, []))]
    # A platform that answers with a circle of parents hides nothing from us.
    return order + [(item, 0) for item in items if item.pk not in placed]


def _short(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:16]


def _one(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound
    return found

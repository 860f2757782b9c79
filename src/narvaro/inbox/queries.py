"""
Every read of the inbox. Lists are paged by key and cost the same number of queries whatever they show.

Private messages are left out for those who may not read them, and another organisation's item looks missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db.models import Count, F, Max, Model, Q, QuerySet, Sum
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.base.clock import STOCKHOLM, now
from narvaro.channels import queries as channels
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role
from narvaro.inbox import rules
from narvaro.inbox.models import (
    Alarm,
    Escalation,
    ExpertQuestion,
    Finding,
    Incoming,
    Message,
    Note,
    Presence,
    Reply,
    SavedAnswer,
)
from narvaro.inbox.types import Beside, Card, LinkUsed, List, Page, Post, Purpose, ThreadPage
from narvaro.publishing import queries as publishing
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.core.models import Person, Unit
    from narvaro.publishing.models import Publication
    from narvaro.records.models import Item

Row = TypeVar("Row", bound=Model)

PAGE = 25
MOST_COUNTED = 1000
MOST_ALARMS = 5
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


def list_page(actor: Actor, which: str = List.MINE, *, after: str = "", limit: int = PAGE) -> Page:
    """
    Return one page of a list; every item is reached by following `next_key`.

    Working lists come soonest due first, `all` newest first, `done` latest done first.

    Args:
        which: One of `List`.
        after: `next_key` of the page before; "" for the first.

    Raises:
        NotPermitted: The actor does not read what comes in.
        Invalid: No such list, or `after` is not a key.

    Law: FL-2, TF-4
    """
    if not rules.may_read(actor):
        raise NotPermitted
    if which not in List.values:
        raise Invalid(_("Den listan finns inte."))
    field, descending = _ORDER.get(List(which), ("queue_at", False))
    key = _read_key(after) if after else None
    rows = _after(_rows_of(actor, List(which), key, limit), field, descending, key)
    sign = "-" if descending else ""
    found = list(rows.select_related(*_SHOWN_WITH).order_by(f"{sign}{field}", f"{sign}id")[: limit + 1])
    page = found[:limit]
    next_key = _key(getattr(page[-1], field), page[-1].pk) if len(found) > limit else ""
    return Page(cards=_cards(actor, page), next_key=next_key, list=which)


def counts(actor: Actor) -> dict[str, int]:
    """Return how much waits for this person, by place: "inbox", "escalation" and others. Absent means none."""
    return waiting.counts(actor)


def counts_by_list(actor: Actor) -> dict[str, int]:
    """
    Return how much waits for this person, by list; one query, and nobody is counted beyond 1,000.

    What needs no answer waits for nobody and is not counted; the lists show it all the same.
    """
    rows = waiting.for_actor(actor).filter(place=PLACE).values_list("person_id", "unit_id", "role", "due_at")
    found, moment = list(rows[:MOST_COUNTED]), now()
    return {
        List.MINE.value: sum(person == actor.person_id for person, _unit, _role, _due in found),
        List.UNIT.value: sum(person is None and unit is not None for person, unit, _role, _due in found),
        List.UNASSIGNED.value: sum(person is None for person, _unit, _role, _due in found),
        List.LATE.value: sum(due is not None and due < moment for _person, _unit, _role, due in found),
    }


def open_alarms(actor: Actor) -> list[Alarm]:
    """Return the alarms whose items are not done and the actor may read: untaken first, then newest; at most five."""
    rows = Alarm.objects.of(actor).filter(closed_at=None).exclude(
        Q(incoming__is_private=True) & ~Q(incoming__channel_id__in=records.readable_private_channels(actor))
    )  # fmt: skip
    listed = rows.select_related("incoming__channel", "told", "accepted_by")
    return list(listed.order_by(F("accepted_at").desc(nulls_first=True), "-raised_at")[:MOST_ALARMS])


def change_token(actor: Actor, *, thread_of: Incoming | None = None) -> str:
    """
    Return a short text that changes when anything of the actor's inbox does, or of one item when given; for polling.

    Rows changed within half a minute before the newest change are counted and summed, so that a transaction
    that commits late is noticed too.
    """
    if thread_of is not None:
        return _thread_token(actor, thread_of)
    rows = Incoming.objects.of(actor)
    newest = rows.order_by("-changed_at").values_list("changed_at", flat=True).first()
    if newest is None:
        return "0"
    late = rows.filter(changed_at__gt=newest - timedelta(seconds=30)).aggregate(n=Count("id"), v=Sum("version"))
    return _short(newest.isoformat(), late["n"], late["v"])


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
    row = _one(rows.select_related("item__channel", "channel", "unit", "person", "publication"))
    if row.is_private and row.channel_id not in records.readable_private_channels(actor):
        raise NotFound
    return row


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
    shown = {s.item.pk: s for s in records.shown(actor, items)}
    rows = {row.item_id: row for row in Incoming.objects.of(actor).filter(item_id__in=list(shown))}
    rows[incoming.item_id] = incoming
    answers = publishing.answers_to(actor, list(shown))
    posts = tuple(
        Post(shown[item.pk], depth, rows.get(item.pk), tuple(answers.get(item.pk, ())))
        for item, depth in _as_tree(items)
    )
    escalation = _latest_escalation(actor, incoming)
    withhold = incoming.withhold_names
    person = core.person_by_id(actor.person_id) if actor.person_id else None
    return ThreadPage(
        incoming=incoming,
        focus=next(post for post in posts if post.item.pk == incoming.item_id),
        posts=posts,
        has_more=has_more,
        channel=channels.channel_by_id(actor, incoming.channel_id),
        findings=tuple(findings_of(actor, incoming)),
        notes=tuple(notes_of(actor, incoming)),
        questions=tuple(
            ExpertQuestion.objects.of(actor).filter(incoming=incoming).select_related("asked_by").order_by("pk")
        ),
        publications=tuple(answers.get(incoming.item_id, ())),
        escalation=escalation,
        messages=tuple(messages_of(actor, escalation)) if escalation else (),
        alarm=alarm_of(actor, incoming),
        registry_entry=records.registry_entries_of(actor, [incoming.item]).get(incoming.item_id),
        presence=tuple(presence(actor, incoming)),
        signature=signature_of(person, incoming, withhold=withhold) if person else "",
        token=_thread_token(actor, incoming),
        may_work=rules.may_work(actor),
        may_undo=may_undo(actor, incoming),
        history=tuple(audit.history(actor, incoming, limit=20)),
    )


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


def notes_of(actor: Actor, incoming: Incoming) -> list[Note]:
    """Return the internal notes, oldest first; [] when they are weeded."""
    return list(Note.objects.of(actor).filter(incoming=incoming).select_related("by").order_by("pk"))


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


def escalations_before(actor: Actor) -> list[Escalation]:
    """Return what waits for this manager's decision, oldest first."""
    rows = Escalation.objects.of(actor).filter(decided_at=None, manager_id=actor.person_id or 0)
    return list(rows.select_related("incoming", "raised_by").order_by("pk"))


def messages_of(actor: Actor, escalation: Escalation) -> list[Message]:
    """Return the discussion of something escalated, oldest first."""
    return list(Message.objects.of(actor).filter(escalation=escalation).select_related("by").order_by("pk"))


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
            "at": _when(incoming.received_at),
        },
        _("Tråden har %(in)d inkomna och %(out)d upprättade inlägg.")
        % {"in": len(received), "out": len(items) - len(received)},
    ]
    if ours:
        lines.append(_("Vi svarade %(at)s.") % {"at": _when(min(i.published_at for i in ours))})
    elif incoming.due_at is not None:
        lines.append(_("Den är inte besvarad. Svar senast %(at)s.") % {"at": _when(incoming.due_at)})
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


def _rows_of(actor: Actor, which: List, key: tuple[datetime, int] | None, limit: int) -> QuerySet[Incoming]:
    rows = _readable(actor, Incoming.objects.of(actor))
    awake = rows.filter(done_at=None, snoozed_until=None)
    if which == List.MINE:
        return awake.filter(person_id=actor.person_id or 0)
    if which == List.UNIT:
        return _of_units(actor, awake, key, limit)
    if which == List.UNASSIGNED:
        return awake.filter(person=None)
    if which == List.LATE:
        return rows.filter(done_at=None, due_at__isnull=False, due_at__lt=now())
    if which == List.URGENT:
        return rows.filter(pk__in=Alarm.objects.of(actor).filter(closed_at=None).values("incoming_id"))
    if which == List.SNOOZED:
        return rows.filter(snoozed_until__isnull=False)
    return rows.filter(done_at__isnull=False) if which == List.DONE else rows


def _of_units(
    actor: Actor, awake: QuerySet[Incoming], key: tuple[datetime, int] | None, limit: int
) -> QuerySet[Incoming]:
    """One unit is read straight from its index; several are each cut to a page first, so that none is read whole."""
    if actor.has(Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER):
        units = [unit.pk for unit in core.units(actor)]
    else:
        units = sorted(actor.units_as(*WORKERS))
    if len(units) < 2:
        return awake.filter(unit_id=units[0] if units else 0)
    heads = (_after(awake.filter(unit_id=unit), "queue_at", False, key).order_by("queue_at", "id") for unit in units)
    parts = [awake.filter(pk__in=head.values("pk")[: limit + 1]).values("pk") for head in heads]
    ids = list(parts[0].union(*parts[1:], all=True).values_list("pk", flat=True))
    return awake.filter(pk__in=ids)


_ORDER = {
    List.LATE: ("due_at", False),
    List.SNOOZED: ("snoozed_until", False),
    List.ALL: ("received_at", True),
    List.DONE: ("done_at", True),
    List.URGENT: ("received_at", True),
}


def _readable(actor: Actor, rows: QuerySet[Incoming]) -> QuerySet[Incoming]:
    return rows.exclude(Q(is_private=True) & ~Q(channel_id__in=records.readable_private_channels(actor)))


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


def _cards(actor: Actor, page: Sequence[Incoming]) -> tuple[Card, ...]:
    shown = {s.item.pk: s for s in records.shown(actor, [row.item for row in page])} if page else {}
    return tuple(Card(row, shown[row.item_id]) for row in page)


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


def _latest_escalation(actor: Actor, incoming: Incoming) -> Escalation | None:
    rows = Escalation.objects.of(actor).filter(incoming=incoming).select_related("manager", "raised_by", "decided_by")
    found: Escalation | None = rows.order_by("-pk").first()
    return found


def _thread_token(actor: Actor, incoming: Incoming) -> str:
    """Return what changes with the item, its thread, notes, discussion, publications and who is there."""
    rows = Incoming.objects.of(actor).filter(
        channel_id=incoming.channel_id, item__channel_id=incoming.channel_id, item__thread_key=incoming.item.thread_key
    )
    thread = rows.aggregate(n=Count("id"), v=Sum("version"), i=Sum("item__versions"))
    notes = Note.objects.of(actor).filter(incoming=incoming).aggregate(n=Count("id"), m=Max("id"), k=Count("kept_item"))
    talk = Escalation.objects.of(actor).filter(incoming=incoming).aggregate(m=Max(F("version")), n=Count("id"))
    said = Message.objects.of(actor).filter(escalation__incoming=incoming).aggregate(m=Max("id"))
    sent = [(p.pk, p.state) for p in publishing.answers_to(actor, [incoming.item_id]).get(incoming.item_id, ())]
    here = [(b.person.pk, b.doing) for b in presence(actor, incoming)]
    return _short(thread, notes, talk, said, sent, here)


def _when(at: datetime) -> str:
    return formats.date_format(at.astimezone(STOCKHOLM), "j F Y H.i")


def _short(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:16]


def _one(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound
    return found

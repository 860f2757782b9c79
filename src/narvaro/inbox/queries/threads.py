"""One item with the thread it hangs in, and everything a person needs before them to take care of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor
from narvaro.inbox import rules
from narvaro.inbox.models import (
    Advice,
    Alarm,
    Escalation,
    ExpertQuestion,
    Incoming,
    Message,
    Note,
    Presence,
    Suggestion,
)
from narvaro.inbox.queries.items import incoming_for, may_undo
from narvaro.inbox.queries.screened import findings_part
from narvaro.inbox.types import Beside, Post, State, ThreadPage
from narvaro.moderation import queries as moderation
from narvaro.policy import queries as policy
from narvaro.publishing import queries as publishing
from narvaro.records import queries as records
from narvaro.records.queries import Shown

if TYPE_CHECKING:
    from narvaro.core.models import Person
    from narvaro.records.models import Item

MOST_IN_A_THREAD = 300


def thread_page(actor: Actor, uid: UUID | str, *, limit: int = MOST_IN_A_THREAD) -> ThreadPage:
    """
    Return everything a person needs before them to take care of one item: the thread as people see it, who
    answered, what screening found, notes, deadline, and who else is here.

    Raises:
        NotFound, NotPermitted: As `incoming_for`.

    Law: FL-2, OSL-2
    """
    incoming = incoming_for(actor, uid)
    items, has_more = thread_items(actor, incoming, limit)
    parts = records.words_parts(actor, items) | around(actor, incoming, items)
    found = gathered(parts | {"suggestions": suggestions_part(actor, [incoming])})
    shown = {s.item.pk: s for s in records.shown_from(items, found)}
    return thread_from(actor, incoming, items, has_more, shown, found, None)


def signature_of(person: Person, incoming: Incoming, *, style: str, withhold: bool = False) -> str:
    """Return what this person's answer to this item is signed with; `style` as the guideline says. Law: FL-9"""
    return rules.signature(
        person_signature=person.signature,
        unit_name=incoming.unit.name if incoming.unit else "",
        withhold=withhold or person.withhold_name or incoming.withhold_names,
        style=style,
    )


def thread_items(actor: Actor, incoming: Incoming, limit: int) -> tuple[list[Item], bool]:
    """Return the thread that an item hangs in, itself always among it, and whether there is more."""
    items = records.thread_of(actor, incoming.item, limit=limit + 1)
    has_more = len(items) > limit
    items = items[:limit]
    if all(item.pk != incoming.item_id for item in items):  # far down in a very long thread
        items.append(incoming.item)
    return items, has_more


def around(actor: Actor, incoming: Incoming, items: Sequence[Item]) -> dict[str, Part]:
    """Return what is gathered about one item and its thread, besides the words."""
    ids = [item.pk for item in items]
    return {
        "rows": Part(Incoming.objects.of(actor).filter(item_id__in=ids)),
        "answers": publishing.answers_part(actor, ids),
        "findings": findings_part(actor, incoming),
        "notes": Part(Note.objects.of(actor).filter(incoming=incoming), names=("by__name", "kept_item__uid")),
        "questions": Part(ExpertQuestion.objects.of(actor).filter(incoming=incoming), names=("asked_by__name",)),
        "advice": Part(
            Advice.objects.of(actor).filter(incoming=incoming), names=("asked_by__name", "answered_by__name")
        ),
        "escalations": Part(
            Escalation.objects.of(actor).filter(incoming=incoming),
            names=("manager__name", "raised_by__name", "decided_by__name"),
        ),
        "messages": Part(Message.objects.of(actor).filter(escalation__incoming=incoming), names=("by__name",)),
        "alarm": Part(Alarm.objects.of(actor).filter(incoming=incoming), names=("told__name", "accepted_by__name")),
        "registry": records.registry_part(actor, [incoming.item]),
        "measures": moderation.measures_part(actor, [incoming.item_id]),
        "looks": moderation.looks_part(actor, ids),
        "openings": records.openings_part(actor, ids),
        "presence": Part(
            Presence.objects.of(actor).filter(incoming=incoming, at__gt=now() - rules.PRESENCE),
            names=("person__name",),
        ),
        "history": audit.history_part(actor, incoming, limit=20),
        "guideline": policy.in_force_part(actor),
        **({"authority": core.authority_part(actor)} if incoming.urgency else {}),
    }


def _decided(found: Mapping[str, list[Any]], key: str, default: Any) -> Any:
    """Return what the guideline in force decides; the default where none is in force, or it says nothing of it."""
    return next((row.values.get(key, default) for row in found["guideline"]), default)


def thread_from(
    actor: Actor, incoming: Incoming, items: Sequence[Item], has_more: bool, shown: Mapping[int, Shown],
    found: Mapping[str, list[Any]], person: Person | None,
) -> ThreadPage:  # fmt: skip
    """Return what `thread_page` promises, from what was gathered; `person` is read when it is not given."""
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
    tells_seen = bool(_decided(found, "acknowledge_if_late", True))
    offers_seen = tells_seen and rules.is_left_waiting(
        due_at=incoming.due_at, is_open=incoming.done_at is None and incoming.state != State.ANSWERING,
        is_told=incoming.answered_at is not None or incoming.acknowledged_at is not None,
        is_urgent=bool(incoming.urgency), at=now(),
    )  # fmt: skip
    if person is None and actor.person_id:
        person = core.person_by_id(actor.person_id)
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
        signature=signature_of(person, incoming, style=str(_decided(found, "reply_signature", ""))) if person else "",
        token=_token(rows.values(), items, escalation, others, suggestion, found, offers_seen=offers_seen),
        may_work=rules.may_work(actor),
        may_undo=may_undo(actor, incoming),
        history=tuple(reversed(found["history"])),
        unopened=moderation.unlooked([post.item for post in posts], found["looks"]),
        unnoted=tuple(records.unnoted([post.item for post in posts], found["openings"])),
        advice=tuple(found["advice"]),
        suggestion=suggestion,
        social_emergency_phone=next((a.social_emergency_phone for a in found.get("authority", ())), ""),
        tells_seen=tells_seen,
        offers_seen=offers_seen,
    )


def _token(
    rows: Iterable[Incoming], items: Iterable[Item], escalation: Escalation | None, others: Iterable[Beside],
    suggestion: Suggestion | None, found: Mapping[str, list[Any]], *, offers_seen: bool,
) -> str:  # fmt: skip
    """Return a word that changes with anything the page of a thread shows."""
    return short(
        [(row.pk, row.version) for row in sorted(rows, key=lambda row: row.pk)],
        [(item.pk, item.versions, item.sealed_at) for item in items],
        [(note.pk, note.kept_item_id) for note in found["notes"]],
        [(question.pk, question.answered_at) for question in found["questions"]],
        [(advice.pk, advice.answered_at) for advice in found["advice"]],
        escalation and (escalation.pk, escalation.version),
        [message.pk for message in found["messages"]],
        [(answer.pk, answer.state, answer.kept_item_id) for answer in found["answers"]],
        sorted((other.person.pk, other.doing) for other in others),
        [(alarm.told_id, alarm.accepted_by_id) for alarm in found["alarm"][:1]],
        [(entry.pk, entry.state) for entry in found["registry"][-1:]],
        [(measure.pk, measure.state) for measure in found["measures"]],
        suggestion and suggestion.suggested,
        offers_seen,
    )


def suggestions_part(actor: Actor, incomings: Iterable[Incoming]) -> Part:
    """Return what to gather to know what is suggested about open items, where the learner is on and speaks."""
    ids = [row.pk for row in incomings if row.done_at is None and not row.is_private and row.item.sealed_at is None]
    rows = Suggestion.objects.of(actor).filter(
        incoming__in=ids, training__learner__is_on=True, training__learner__is_silent=False
    )
    learner = "training__learner__"
    names = ("training__right", "training__held_out", f"{learner}tally_right", f"{learner}tally_count")
    return Part(rows if ids else Suggestion.objects.of(actor).none(), names=names)


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


def short(*parts: object) -> str:
    """Return a short text that changes when any of what it was made of does."""
    return sha256(repr(parts).encode()).hexdigest()[:16]

"""What the clock does: work of those away, reminders, snoozed items, notices outside staffed hours, weeding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState
from narvaro.connectors import oauth
from narvaro.connectors.registry import platforms
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.moments import full_time
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.inbox import queries, rules
from narvaro.inbox.actions import letters
from narvaro.inbox.actions.answering import publish
from narvaro.inbox.actions.nearest import manager_here
from narvaro.inbox.actions.step import OPENED, store, tell_who_waits, touch
from narvaro.inbox.models import Advice, Escalation, ExpertQuestion, Incoming, Message, Note, Notice, Presence
from narvaro.inbox.types import Purpose, State
from narvaro.moderation import queries as moderation
from narvaro.records import queries as kept

if TYPE_CHECKING:
    from narvaro.core.models import Authority, Person

AT_ONCE = 500
MOST_LINKS = 20


@transaction.atomic
def hand_over_absent(*, authority: Authority) -> int:
    """
    Hand the work of those who are away or have left to whoever has their channels now; returns how many items moved.

    Where everybody of the unit is away it goes to the communications department.

    Law: FL-2, FL-3
    """
    actor = Actor.system(authority, "hand over")
    moment = now()
    away = {a.person_id for a in core.absences(actor) if a.from_at <= moment} | core.gone(actor)
    if not away:
        return 0
    rows = list(
        _awake(actor)
        .filter(person_id__in=away, state=State.OPEN)
        .select_related("channel", "unit")
        .select_for_update(of=("self",))
        .order_by("queue_at", "id")[:AT_ONCE]
    )
    if not rows:
        return 0
    holders = channels.holders(actor, {row.channel_id: row.channel for row in rows}.values())
    gone_on = {row.pk: row.person_id for row in rows}
    elsewhere = {unit_id: _someone_in(actor, unit_id) for unit_id in {r.unit_id for r in rows if r.unit_id}}
    for row in rows:
        person_id = holders[row.channel_id]
        if row.unit_id is not None and row.unit_id != row.channel.unit_id:
            person_id = elsewhere[row.unit_id]
        store(actor, row, person_id=person_id, with_communications=person_id is None, taken_at=None)
    tell_who_waits(actor, rows)
    audit.note(actor, "inbox.hand_over_absent", items=len(rows), people=sorted({p for p in gone_on.values() if p}))
    return len(rows)


@transaction.atomic
def wake_snoozed(*, authority: Authority) -> int:
    """Take up what has rested long enough; returns how many. Law: none; what rests must come back."""
    actor = Actor.system(authority, "wake")
    rows = list(
        Incoming.objects.of(actor)
        .filter(snoozed_until__lte=now())
        .select_related("channel")
        .select_for_update(of=("self",))
        .order_by("snoozed_until")[:AT_ONCE]
    )
    for row in rows:
        store(actor, row, **OPENED)
    if rows:
        tell_who_waits(actor, rows, always=True)
        audit.note(actor, "inbox.wake_snoozed", items=len(rows))
    return len(rows)


@transaction.atomic
def pass_half_time(*, authority: Authority) -> int:
    """
    Give the communications department what nobody has taken in hand by half its time; returns how many.

    Law: FL-2 (without needless delay)
    """
    actor = Actor.system(authority, "half time")
    moment = now()
    rows = list(
        Incoming.objects.of(actor)
        .filter(done_at=None, half_at__isnull=False, half_at__lte=moment, half_told_at=None, taken_at=None)
        .select_related("channel")
        .select_for_update(of=("self",))
        .order_by("half_at")[:AT_ONCE]
    )
    for row in rows:
        if row.state == State.OPEN and not row.urgency:
            store(actor, row, half_told_at=moment, person_id=None, with_communications=True)
        else:
            touch(actor, row, half_told_at=moment)
    if rows:
        tell_who_waits(actor, rows)
        _to_communications(authority, actor, rows, moment)
        audit.note(actor, "inbox.pass_half_time", items=len(rows))
    return len(rows)


@transaction.atomic
def remind_due_soon(*, authority: Authority) -> int:
    """Remind whoever has an item due within four hours, once and inside office hours; returns how many (P21)."""
    actor = Actor.system(authority, "remind")
    moment = now()
    rows = _due(actor).filter(due_at__gt=moment, due_at__lte=moment + rules.REMIND_BEFORE, reminded_at=None)
    return _tell_holders(authority, actor, rows, "reminded_at", _due_soon_words, "inbox.due_soon")


@transaction.atomic
def tell_late(*, authority: Authority) -> int:
    """Tell whoever has an item that it is late, once and inside office hours; returns how many (P21)."""
    actor = Actor.system(authority, "late")
    rows = _due(actor).filter(due_at__lte=now(), late_told_at=None)
    return _tell_holders(authority, actor, rows, "late_told_at", _late_words, "inbox.late")


@transaction.atomic
def escalate_late(*, authority: Authority) -> int:
    """
    Tell the nearest manager who is here about what has been late for four hours, once and inside office hours (P21).

    Law: FL-2
    """
    actor = Actor.system(authority, "late")
    moment = now()
    rows = list(
        _due(actor)
        .filter(due_at__lte=moment - timedelta(hours=4), manager_told_at=None)
        .select_for_update(of=("self",))
        .order_by("due_at")[:AT_ONCE]
    )
    opening = core.calendar_for(authority).next_opening(moment)
    by_unit: dict[int | None, list[Incoming]] = defaultdict(list)
    for row in rows:
        by_unit[row.unit_id].append(row)
    for late in by_unit.values():
        _write(actor, manager_here(actor, late[0].unit), late, _manager_words, "inbox.late_manager", opening)
    for row in rows:
        touch(actor, row, manager_told_at=moment)
    if rows:
        audit.note(actor, "inbox.escalate_late", items=len(rows))
    return len(rows)


def send_notices(*, authority: Authority) -> int:
    """
    Publish the automatic notice under questions that came while nobody is here, once a thread and closed period.

    Only where the authority has chosen it; never under something urgent, never where we have answered, and not in a
    crisis that keeps in what nobody sends just then.

    Law: FL-3
    """
    if not authority.unstaffed_notice:
        return 0
    calendar, moment = core.calendar_for(authority), now()
    if calendar.is_open(moment):
        return 0
    actor = Actor.system(authority, "notice outside staffed hours")
    opening = calendar.next_opening(moment)
    rows = (
        Incoming.objects.of(actor)
        .filter(
            received_at__gt=moment - timedelta(days=14), received_at__lte=moment, done_at=None, state=State.OPEN,
            needs_answer=True, urgency="", acknowledged_at=None, answered_at=None, due_at__isnull=False,
        )
        .filter(channel__platform__in=platforms())
        .exclude(channel__platform__in=oauth.ways(), channel__remote_id="")  # by hand until connected
        .exclude(channel__state=ChannelState.CLOSED)
        .exclude(item__remote_id__startswith="narvaro:")
        .select_related("item__channel", "channel")
        .order_by("-received_at")[:AT_ONCE]
    )  # fmt: skip
    now_closed = [
        r for r in rows if not calendar.is_open(r.received_at) and calendar.next_opening(r.received_at) == opening
    ]
    connected = frozenset(channels.connected_ids())
    given = set(Notice.objects.of(actor).filter(until_at=opening).values_list("channel_id", "thread_key"))
    sent = 0
    for row in now_closed:
        key = (row.channel_id, row.item.thread_key)
        if row.channel_id in connected and key not in given and not moderation.is_frozen(actor, row.channel):
            given.add(key)
            sent += _notify(authority, actor, row, opening)
    return sent


@transaction.atomic
def weed_notes(*, authority: Authority) -> int:
    """
    Weed working material of what has been done for 30 days: notes, discussions, questions to experts.

    Notes that became file notes are records and stay there. In a crisis everything is preserved: where one goes on, or
    ended less than 30 days ago, nothing is weeded. Returns how many were weeded.

    Law: SM-22, SM-23, TF-6
    """
    actor = Actor.system(authority, "weed")
    until = now() - rules.NOTES_KEPT
    in_crisis = moderation.in_crisis_since(actor, until)
    old = Q(incoming__done_at__lte=until) & ~Q(incoming__channel__in=in_crisis)
    undecided = Escalation.objects.of(actor).filter(decided_at=None).values("incoming_id")
    questions = ExpertQuestion.objects.of(actor).filter(old).delete()[0]
    questions += Advice.objects.of(actor).filter(old).delete()[0]
    notes = Note.objects.of(actor).filter(old).delete()[0]
    said = Message.objects.of(actor).filter(
        escalation__incoming__done_at__lte=until
    ).exclude(
        escalation__incoming__channel__in=in_crisis
    ).exclude(escalation__incoming__in=undecided).delete()[0]  # fmt: skip
    Presence.objects.of(actor).filter(at__lt=now() - timedelta(days=1)).delete()
    weeded = questions + notes + said
    if weeded:
        audit.note(actor, "inbox.weed_notes", notes=notes, messages=said, questions=questions)
    return weeded


def settle_closed_escalations(*, authority: Authority) -> int:
    """Take away what waits for a manager about items that became done by other means; returns how many."""
    actor = Actor.system(authority, "settle")
    rows = list(
        Escalation.objects.of(actor)
        .filter(decided_at=None, incoming__done_at__isnull=False)
        .values_list("pk", flat=True)
    )
    if rows:
        waiting.settle(actor, "escalation", "inbox.escalation", rows)
    return len(rows)


def _awake(actor: Actor) -> Any:
    return Incoming.objects.of(actor).filter(done_at=None, snoozed_until=None)


def _due(actor: Actor) -> Any:
    rows = Incoming.objects.of(actor).filter(done_at=None, due_at__isnull=False)
    return rows.exclude(state=State.ANSWERING).select_related("channel")


def _someone_in(actor: Actor, unit_id: int) -> int | None:
    people = queries.colleagues_in(actor, unit_id)
    away = core.not_here(actor, [p.pk for p in people])
    return next((p.pk for p in people if p.pk not in away), None)


def _tell_holders(
    authority: Authority, actor: Actor, rows: Any, flag: str, words: Callable[[Sequence[Incoming]], tuple[str, str]],
    kind: str,
) -> int:  # fmt: skip
    """Write one letter to each who has any of the rows, and flag them in the same transaction (P12)."""
    found = list(rows.select_for_update(of=("self",)).select_related("person", "channel").order_by("due_at")[:AT_ONCE])
    moment = now()
    opening = core.calendar_for(authority).next_opening(moment)
    by_person: dict[int, list[Incoming]] = defaultdict(list)
    people: dict[int, Person] = {}
    nobodys: list[Incoming] = []
    for row in found:
        if row.person is None:
            nobodys.append(row)
        else:
            by_person[row.person.pk].append(row)
            people[row.person.pk] = row.person
    for person_id, theirs in by_person.items():
        _write(actor, people[person_id], theirs, words, kind, opening)
    for person in core.people_with(actor, Role.COMMUNICATIONS_LEAD) if nobodys else []:
        _write(actor, person, nobodys, words, kind, opening)
    for row in found:
        touch(actor, row, **{flag: moment})
    if found:
        audit.note(actor, kind, items=len(found))
    return len(found)


def _to_communications(authority: Authority, actor: Actor, rows: Sequence[Incoming], moment: datetime) -> None:
    opening = core.calendar_for(authority).next_opening(moment)
    for person in core.people_with(actor, Role.COMMUNICATIONS_LEAD):
        _write(actor, person, rows, _half_time_words, "inbox.half_time", opening)


def _write(
    actor: Actor, person: Person | None, rows: Sequence[Incoming],
    words: Callable[[Sequence[Incoming]], tuple[str, str]], kind: str, not_before: datetime,
) -> None:  # fmt: skip
    if person is not None and rows:
        letters.write_to(
            actor, person, lambda: words(rows), kind=kind, once_key=letters.once(kind, person, rows), about=rows[0],
            not_before=not_before,
        )  # fmt: skip


def _notify(authority: Authority, actor: Actor, row: Incoming, opening: datetime) -> int:
    if _is_answered_by_us(actor, row):
        return 0
    try:
        with transaction.atomic():
            notice = Notice.objects.create(
                authority_id=authority.pk, channel_id=row.channel_id, thread_key=row.item.thread_key, until_at=opening
            )
            sent = publish(actor, row, rules.notice_text(authority.unstaffed_notice_text), Purpose.NOTICE)
            Notice.objects.of(actor).filter(pk=notice.pk).update(publication=sent)
            audit.note(actor, "inbox.send_notice", row, publication=sent.uid)
    except (IntegrityError, NotPermitted, Invalid):
        return 0  # another worker gave it, the channel cannot be written to, or the notice is too long for it
    return 1


def _is_answered_by_us(actor: Actor, row: Incoming) -> bool:
    ours = kept.own_answers(actor, [row.channel_id], [row.item.thread_key])
    return any(own.parent_remote_id == row.item.remote_id for own in ours)


def _lines(rows: Iterable[Incoming]) -> str:
    rows = list(rows)
    lines = [
        _("%(what)s, svar senast %(due)s\n%(link)s")
        % {
            "what": queries.title_of(row),
            "due": full_time(row.due_at or row.queue_at),
            "link": letters.address_of(rules.link_to(row.uid)),
        }
        for row in rows[:MOST_LINKS]
    ]
    if len(rows) > MOST_LINKS:
        lines.append(_("Och %(count)d till. Alla står i inkorgen: %(link)s") % {
            "count": len(rows) - MOST_LINKS, "link": letters.address_of("/inkorg/"),
        })  # fmt: skip
    return "\n\n".join(lines)


def _half_time_words(rows: Sequence[Incoming]) -> tuple[str, str]:
    return (
        ngettext("%(count)d fråga väntar på någon", "%(count)d frågor väntar på någon", len(rows))
        % {"count": len(rows)},
        _(
            "Halva tiden har gått och ingen har tagit hand om det här. Det ligger nu hos kommunikationsavdelningen."
            "\n\n%(lines)s"
        )
        % {"lines": _lines(rows)},
    )


def _due_soon_words(rows: Sequence[Incoming]) -> tuple[str, str]:
    return (
        ngettext("%(count)d svar behövs snart", "%(count)d svar behövs snart", len(rows)) % {"count": len(rows)},
        _("Det här ska besvaras inom fyra timmar:\n\n%(lines)s") % {"lines": _lines(rows)},
    )


def _late_words(rows: Sequence[Incoming]) -> tuple[str, str]:
    return (
        ngettext("%(count)d svar är sent", "%(count)d svar är sena", len(rows)) % {"count": len(rows)},
        _("Svarstiden har gått ut för det här. Svara, eller skriv att vi har sett frågan:\n\n%(lines)s")
        % {"lines": _lines(rows)},
    )


def _manager_words(rows: Sequence[Incoming]) -> tuple[str, str]:
    return (
        ngettext("%(count)d fråga har inte fått svar i tid", "%(count)d frågor har inte fått svar i tid", len(rows))
        % {"count": len(rows)},
        _(
            "Du får brevet för att du är närmaste chef. Hjälp den som har frågan, eller ge den till någon annan:"
            "\n\n%(lines)s"
        )
        % {"lines": _lines(rows)},
    )

"""Every write about approving: who may, how long it waits, and a look afterwards at what went out at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.base.workingtime import reply_due
from narvaro.core import audit, letters, waiting
from narvaro.core import queries as core
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Role, Stale
from narvaro.publishing import queries, rules
from narvaro.publishing.models import AnswersReadFirst, Asked, AtOnce, Delegation, Message, Publication
from narvaro.publishing.queries import approval
from narvaro.publishing.types import MessageState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

PLACE = "publications"
AT_ONCE_KIND = "publishing.at_once"
REMIND_HOURS = 24
EXPIRE_HOURS = 24 * 5
BEFORE_ITS_TIME = timedelta(hours=2)
MOST_AT_A_TIME = 100


# --- How long it waits ------------------------------------------------------------------------------------------------


def a_day_on(actor: Actor) -> datetime:
    """Return when something that waits from now on is late: after a working day, when it is reminded of."""
    return reply_due(now(), hours=REMIND_HOURS, calendar=core.calendar_for(core.authority_of(actor))).at


def begin_waiting(actor: Actor, message: Message, unit_ids: Sequence[int]) -> Asked:
    """
    Say until when a message waits: five working days, or until its own time; those who may approve get a letter.

    Law: KL-4
    """
    calendar = core.calendar_for(core.authority_of(actor))
    expires = reply_due(now(), hours=EXPIRE_HOURS, calendar=calendar).at
    remind = reply_due(now(), hours=REMIND_HOURS, calendar=calendar).at
    if message.planned_at is not None and message.planned_at < expires:
        expires = message.planned_at
        remind = max(now(), min(remind, expires - BEFORE_ITS_TIME))
    Asked.objects.of(actor).filter(message=message).delete()
    asked: Asked = Asked.objects.create(
        authority_id=actor.authority_id, message=message, remind_at=remind, expires_at=expires
    )
    _write_delegates(actor, message, unit_ids)
    return asked


def mind_waiting() -> int:
    """Remind of what waits to be approved, and give back what nobody approved in time; returns how many."""
    rows = Asked.objects.everywhere("mind approvals").filter(message__state=MessageState.AWAITING)
    late = list(rows.filter(expires_at__lte=now()).values_list("pk", flat=True)[:MOST_AT_A_TIME])
    due = rows.filter(remind_at__lte=now(), reminded_at=None).exclude(pk__in=late)
    due_keys = list(due.values_list("pk", flat=True)[:MOST_AT_A_TIME])
    return sum(_expire(key) for key in late) + sum(_remind(key) for key in due_keys)


@transaction.atomic
def _expire(key: int) -> bool:
    asked = _taken(key)
    if asked is None or asked.expires_at > now():
        return False
    message = asked.message
    actor = Actor.system(message.authority, "approval")
    message.state = MessageState.DRAFT
    message.version += 1
    message.save(update_fields=["state", "version"])
    waiting.settle(actor, PLACE, queries.MESSAGE_KIND, [message.pk])
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Ingen hann godkänna: %(text)s") % {"text": rules.beginning(message.text)}
    _wait(actor, queries.MESSAGE_KIND, message.pk, title, _page_of(message), person_id=message.changed_by_id)
    audit.note(actor, "publishing.expire_approval", message, version=message.version)
    return True


@transaction.atomic
def _remind(key: int) -> bool:
    asked = _taken(key)
    if asked is None or asked.reminded_at is not None:
        return False
    Asked.objects.everywhere("mind approvals").filter(pk=key).update(reminded_at=now())
    message = asked.message
    actor = Actor.system(message.authority, "approval")
    units = [part.channel.unit_id for part in queries.channels_of(actor, message)]
    people = {each.pk: each for each in core.people_with(actor, Role.COMMUNICATIONS_LEAD)}
    for unit_id in set(units):
        people |= {each.pk: each for each in core.people_with(actor, Role.UNIT_MANAGER, unit_id=unit_id)}
    people |= {each.pk: each for each in approval.delegates_for(actor, units)}
    away = core.absent_now(actor, people)
    authors = (message.written_by_id, message.changed_by_id)
    notes = []
    for person in people.values():
        if person.pk in authors or (person.pk in away and len(away) < len(people)):
            continue
        with translation.override(person.language):
            notes.append(letters.Note(
                "publishing.approval", f"publishing.approval:{message.uid.hex}:{message.version}:{person.pk}",
                _("Ett inlägg väntar på att godkännas"),
                _("Ett inlägg väntar på att du eller någon annan läser och godkänner det. Ingen har gjort det än, och "
                  "hinner ingen går det tillbaka till den som skrev.\n\n%(link)s") % {"link": _link_of(message)},
                to_person_id=person.pk,
            ))  # fmt: skip
    letters.write(actor, notes)
    return True


# --- Who may ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_delegation(
    *, actor: Actor, person_uid: UUID | str, reference: str, from_on: date, until_on: date | None = None,
    unit_uid: UUID | str | None = None,
) -> Delegation:  # fmt: skip
    """
    Let a person approve what others write, in one unit or in all, by a decision that is named.

    Args:
        until_on: The last day, for a deputy; None until it is taken back.

    Raises:
        NotPermitted: The actor does not lead communications.
        NotFound: No such person or unit.
        Invalid: No reference, the days are the wrong way round, or the person does not answer residents.

    Law: KL-4
    """
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    person = core.person_for(actor, person_uid)
    unit = core.unit_for(actor, unit_uid) if unit_uid else None
    if not reference.strip():
        raise Invalid(_("Skriv var i delegationsordningen det står, eller beslutets nummer."), field="reference")
    if until_on is not None and (until_on < from_on or until_on < today()):
        raise Invalid(_("Sista dagen ligger före den första, eller har redan varit."), field="until_on")
    if person not in core.people_with(actor, *ANSWERS):
        raise Invalid(_("Ge personen en roll som svarar invånare först."), field="person")
    made: Delegation = Delegation.objects.create(
        authority_id=actor.authority_id, person=person, unit=unit, reference=reference.strip()[:120], from_on=from_on,
        until_on=until_on, made_by_id=actor.person_id,
    )  # fmt: skip
    audit.note(actor, "publishing.add_delegation", made, person=person.uid, unit=unit.uid if unit else None)
    return made


@transaction.atomic
def end_delegation(*, actor: Actor, uid: UUID | str) -> None:
    """Take a delegation back. Raises NotFound; NotPermitted: The actor does not lead communications. Law: KL-4"""
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    found = approval.delegation_for(actor, uid)
    Delegation.objects.of(actor).filter(pk=found.pk).update(ended_at=now())
    audit.note(actor, "publishing.end_delegation", found)


@transaction.atomic
def change_answers_read_first(*, actor: Actor, everywhere: bool, channels: Sequence[Channel] = ()) -> None:
    """
    Say where somebody else reads answers before they go out; from the start nowhere.

    Raises: NotPermitted: The actor does not lead communications.

    Law: KL-4
    """
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    AnswersReadFirst.objects.of(actor).delete()
    wanted: list[Channel | None] = [None] if everywhere else list(channels)
    AnswersReadFirst.objects.bulk_create(
        AnswersReadFirst(authority_id=actor.authority_id, channel=each) for each in wanted
    )
    audit.note(
        actor, "publishing.change_answers_read_first", everywhere=everywhere, channels=[each.uid for each in channels]
    )


def refuse_own_release(actor: Actor, publication: Publication) -> None:
    """Refuse that somebody lets out an answer that waits for somebody else's eyes. Raises NotPermitted."""
    if approval.waits_for_another(actor, publication) and not approval.may_release(actor, publication):
        raise NotPermitted(_("Någon annan än den som skrev svaret läser och godkänner det."))


# --- At once ----------------------------------------------------------------------------------------------------------


def note_at_once(
    actor: Actor, *, why: str, message: Message | None = None, publication: Publication | None = None
) -> AtOnce:
    """Note that one person let something out alone; somebody else looks at it before the next working day is over."""
    calendar = core.calendar_for(core.authority_of(actor))
    row: AtOnce = AtOnce.objects.create(
        authority_id=actor.authority_id, message=message, publication=publication, why=why.strip()[:500],
        by_id=actor.person_id, due_at=calendar.end_of_next_working_day(now()),
    )  # fmt: skip
    subject = message or publication
    text, link = (message.text, _page_of(message)) if message else ("", f"/publicerat/{subject.uid}/")  # type: ignore[union-attr]
    text = text or (publication.text if publication else "")
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Se igenom det som gick ut genast: %(text)s") % {"text": rules.beginning(text)}
    _wait(actor, AT_ONCE_KIND, row.pk, title, link, due_at=row.due_at, role=Role.COMMUNICATIONS_LEAD.value)
    audit.note(actor, "publishing.publish_at_once", subject, why=why)
    return row


@transaction.atomic
def review_at_once(*, actor: Actor, uid: UUID | str, verdict: str) -> AtOnce:
    """
    Say, after the event, what one thinks of what went out at once.

    Raises:
        NotFound
        NotPermitted: The actor let it out, or approves nothing there.
        Invalid: Nothing is said.
        Stale: Somebody has looked at it already.

    Law: KL-4
    """
    row = approval.at_once_for(actor, uid, lock=True)
    if row.message is not None:
        units = [part.channel.unit_id for part in queries.channels_of(actor, row.message)]
    else:
        units = [row.publication.channel.unit_id] if row.publication else []
    if not approval.may_approve(actor, units, [row.by_id]):
        raise NotPermitted(_("Någon annan än den som publicerade ser igenom det efteråt."))
    if not verdict.strip():
        raise Invalid(_("Skriv vad du kom fram till."), field="verdict")
    if row.reviewed_at is not None:
        raise Stale(_("Någon har redan sett igenom det."))
    row.reviewed_by_id, row.reviewed_at, row.verdict = actor.person_id, now(), verdict.strip()[:1000]
    row.save(update_fields=["reviewed_by", "reviewed_at", "verdict"])
    waiting.settle(actor, PLACE, AT_ONCE_KIND, [row.pk])
    audit.note(actor, "publishing.review_at_once", row.message or row.publication, why=verdict)
    return row


# --- Steps ------------------------------------------------------------------------------------------------------------


def _taken(key: int) -> Asked | None:
    rows = Asked.objects.everywhere("mind approvals").select_for_update(of=("self", "message"))
    found: Asked | None = rows.filter(pk=key, message__state=MessageState.AWAITING).select_related(
        "message__authority"
    ).first()  # fmt: skip
    return found


def _write_delegates(actor: Actor, message: Message, unit_ids: Sequence[int]) -> None:
    notes = []
    for person in approval.delegates_for(actor, unit_ids):
        if person.pk in (message.written_by_id, message.changed_by_id):
            continue
        with translation.override(person.language):
            body = _("Ett inlägg väntar på att du eller någon annan läser och godkänner det.\n\n%(link)s")
            notes.append(letters.Note(
                "publishing.approval", f"publishing.asked:{message.uid.hex}:{message.version}:{person.pk}",
                _("Ett inlägg väntar på att godkännas"), body % {"link": _link_of(message)}, to_person_id=person.pk,
            ))  # fmt: skip
    letters.write(actor, notes)


def _wait(actor: Actor, kind: str, key: int, title: str, link: str, **whom: object) -> None:
    values: dict[str, object] = {"due_at": now(), **whom}
    waiting.put(actor, [waiting.Wait(PLACE, kind, key, title, link, **values)])  # type: ignore[arg-type]


def _page_of(message: Message) -> str:
    return f"/publicerat/utkast/{message.uid}/"


def _link_of(message: Message) -> str:
    return f"{settings.OPTIONS.base_url.rstrip('/')}{_page_of(message)}"

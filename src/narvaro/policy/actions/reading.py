"""Reading the guideline: whom it is asked of, that it is done, and reminders of what waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from narvaro.base.clock import STOCKHOLM, now, today
from narvaro.channels import actions as channel_actions
from narvaro.core import audit, letters, waiting
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.policy import queries
from narvaro.policy.models import Acknowledgement, Guideline
from narvaro.policy.types import GuidelineState

if TYPE_CHECKING:
    from datetime import date

    from narvaro.core.models import Authority, Person

PLACE = "policy"
READ_KIND, REVIEW_KIND = "policy.reading", "policy.review"
REMINDED_BEFORE = timedelta(days=7)
REVIEW_AHEAD = timedelta(days=30)  # so long before its day the officials are told that it is to be looked over


@transaction.atomic
def acknowledge(*, actor: Actor, uid: UUID | str, seen_hash: str) -> None:
    """
    Say that one has read the version in force, exactly as its hash says. Once; a second time does nothing.

    Raises:
        NotFound
        NotPermitted: Nobody has asked this person.
        Invalid: The version is not in force.
        Stale: What was read is another text than the one that holds.

    Law: SM-03; it is said of no employee but that it is done (TF-13)
    """
    row = queries.guideline_for(actor, uid)
    if row.state != GuidelineState.IN_FORCE:
        raise Invalid(_("Den versionen gäller inte. Läs den som gäller."))
    if seen_hash != row.content_hash:
        raise Stale
    asked = queries.asked(actor, row, actor.person_id)
    if asked is None:
        raise NotPermitted(_("Den som har uppdrag i en kanal bekräftar. Du har inget uppdrag just nu."))
    unread = Acknowledgement.objects.of(actor).filter(pk=asked.pk, at=None)
    if not unread.update(at=now(), content_hash=row.content_hash):
        return
    channel_actions.set_condition(
        actor=actor, key="acknowledgement", met=True, person=asked.person, link=queries.ADDRESS
    )
    waiting.settle(actor, PLACE, READ_KIND, [asked.person_id])
    audit.note(actor, "policy.acknowledge", row, number=row.number, hash=row.content_hash)


def ask_to_read(actor: Actor, row: Guideline) -> int:
    """
    Ask everybody with an assignment who is not asked yet; part of the caller's transaction. Returns how many.

    They have the days that the guideline gives; until then nothing is missing, after that it is.

    Law: SM-03
    """
    people = queries.people_to_ask(actor)
    known = set(Acknowledgement.objects.of(actor).filter(guideline=row).values_list("person_id", flat=True))
    new = [person for person in people if person.pk not in known]
    if not new:
        return 0
    due_on = today() + timedelta(days=int(row.values.get("acknowledgement_days", 30)))
    Acknowledgement.objects.bulk_create(
        [
            Acknowledgement(authority_id=actor.authority_id, guideline=row, person=person, due_on=due_on)
            for person in new
        ],
        ignore_conflicts=True,
    )
    for person in new:
        channel_actions.set_condition(
            actor=actor, key="acknowledgement", met=True, person=person, valid_until=due_on + timedelta(days=1),
            says=gettext_noop("%(name)s har inte bekräftat att riktlinjen är läst."), values={"name": person.name},
            link=queries.ADDRESS, mender=Role.UNIT_MANAGER.value,
        )  # fmt: skip
    waiting.put(actor, [_wait(person, row, due_on) for person in new])
    letters.write(actor, [_letter(person, row, due_on, "asked") for person in new])
    return len(new)


def settle_reading(actor: Actor, row: Guideline) -> None:
    """Let nobody wait for a version that holds no longer; part of the caller's transaction."""
    ids = Acknowledgement.objects.of(actor).filter(guideline=row, at=None).values_list("person_id", flat=True)
    waiting.settle(actor, PLACE, READ_KIND, list(ids))


@transaction.atomic
def remind(*, authority: Authority) -> None:
    """
    Ask those who have an assignment since, remind those whose day is near or past, and of the yearly review.

    Each is told once before the day and once after it, by e-mail; the to-do stands until it is done.

    Law: SM-03
    """
    actor = Actor.system(authority, "guideline reminders")
    row = queries.guideline_in_force(actor)
    if row is None:
        channel_actions.set_condition(
            actor=actor, key="policy", met=queries.has_minutes(actor), link=queries.ADDRESS,
            mender=Role.COMMUNICATIONS_LEAD.value,
        )  # fmt: skip
        return
    ask_to_read(actor, row)
    waits = queries.reading_of_guideline(actor, row).waits
    near = [each for each in waits if each.due_on - REMINDED_BEFORE <= today() <= each.due_on]
    past = [each for each in waits if each.due_on < today()]
    letters.write(actor, [
        *(_letter(each.person, row, each.due_on, "near") for each in near),
        *(_letter(each.person, row, each.due_on, "past") for each in past),
    ])  # fmt: skip
    _release_people_without_assignment(actor, row, {each.person_id for each in waits})
    _remind_of_review(actor, row)


def _release_people_without_assignment(actor: Actor, row: Guideline, waits: set[int]) -> None:
    rows = Acknowledgement.objects.of(actor).filter(guideline=row, at=None).values_list("person_id", flat=True)
    gone = [person_id for person_id in rows if person_id not in waits]
    if gone:
        waiting.settle(actor, PLACE, READ_KIND, gone)


def _remind_of_review(actor: Actor, row: Guideline) -> None:
    due = queries.review_due(actor, row)
    if due is None or today() < due - REVIEW_AHEAD:
        return
    people: Iterable[Person] = [each.person for each in queries.reviewers(actor)]
    noon = (
        now()
        .astimezone(STOCKHOLM)
        .replace(year=due.year, month=due.month, day=due.day, hour=12, minute=0, second=0, microsecond=0)
    )
    title = _("Se över riktlinjen för sociala medier")
    link = f"{queries.ADDRESS}oversyn/"
    waits = [
        waiting.Wait(PLACE, REVIEW_KIND, person.pk, title, link, due_at=noon, person_id=person.pk) for person in people
    ]
    if not waits:
        waits = [waiting.Wait(PLACE, REVIEW_KIND, 0, title, link, due_at=noon, role=Role.COMMUNICATIONS_LEAD.value)]
    waiting.put(actor, waits)
    letters.write(actor, [_review_letter(person, row, due) for person in people])


def _wait(person: Person, row: Guideline, due_on: date) -> waiting.Wait:
    at = (
        now()
        .astimezone(STOCKHOLM)
        .replace(year=due_on.year, month=due_on.month, day=due_on.day, hour=17, minute=0, second=0, microsecond=0)
    )
    with translation.override(person.language):
        title = _("Läs riktlinjen: %(title)s") % {"title": row.title}
    return waiting.Wait(PLACE, READ_KIND, person.pk, title, queries.ADDRESS, due_at=at, person_id=person.pk)


def _letter(person: Person, row: Guideline, due_on: date, stage: str) -> letters.Note:
    with translation.override(person.language):
        day = date_format(due_on, "j F Y")
        if stage == "past":
            subject = _("Riktlinjen är inte bekräftad än")
        elif stage == "near":
            subject = _("Påminnelse: läs riktlinjen senast %(day)s") % {"day": day}
        else:
            subject = _("Läs riktlinjen för sociala medier senast %(day)s") % {"day": day}
        body = _(
            "Hej %(name)s!\n\nDu har uppdrag i en av våra kanaler. Läs %(title)s och bekräfta att du har läst den, "
            "senast %(day)s. Den finns i Närvaro på adressen /policy/."
        ) % {"name": person.get_short_name(), "title": row.title, "day": day}
    return letters.Note(
        "policy_reading", f"policy-read:{row.pk}:{person.pk}:{stage}", subject, body, to_person_id=person.pk,
        subject_kind=row._meta.label_lower, subject_id=row.pk,
    )  # fmt: skip


def _review_letter(person: Person, row: Guideline, due: date) -> letters.Note:
    with translation.override(person.language):
        day = date_format(due, "j F Y")
        subject = _("Se över riktlinjen senast %(day)s") % {"day": day}
        body = _(
            "Hej %(name)s!\n\nDu är utsedd att se över %(title)s. Gör det senast %(day)s: börja på en ny version, "
            "eller anteckna att den står sig. Det görs i Närvaro på adressen /policy/oversyn/."
        ) % {"name": person.get_short_name(), "title": row.title, "day": day}
    return letters.Note(
        "policy_review", f"policy-review:{row.pk}:{due}:{person.pk}", subject, body, to_person_id=person.pk,
        subject_kind=row._meta.label_lower, subject_id=row.pk,
    )  # fmt: skip

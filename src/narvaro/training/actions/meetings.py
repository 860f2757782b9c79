"""Managers' days and working groups: who meets, what was said, and who does what by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, now
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted
from narvaro.training import queries, rules
from narvaro.training.models import Group, Meeting, Member, Undertaking
from narvaro.training.types import PLACE, UNDERTAKING

if TYPE_CHECKING:
    from narvaro.core.models import Person

_END_OF_DAY = time(17)


@transaction.atomic
def call_day(
    *, actor: Actor, title: str, starts_at: datetime, where: str = "", agenda: str = "", cases: Sequence[str] = ()
) -> Meeting:
    """
    Call a manager's day, with the cases that are to be talked about.

    Raises:
        NotPermitted: The actor holds no days.
        Invalid: It has no title, or no case.
        NotFound: A case is none.

    Law: none; managers know what applies (seed 004).
    """
    _refuse_others(actor)
    chosen = list(dict.fromkeys(cases))
    if not chosen:
        raise Invalid(_("Välj minst ett fall att tala om."), field="cases")
    for code in chosen:
        queries.case_for(actor, code)
    meeting = _called(actor, None, title, starts_at, where, agenda, chosen)
    audit.note(actor, "training.call_day", meeting, cases=chosen)
    return meeting


@transaction.atomic
def call_meeting(
    *, actor: Actor, group: Group, title: str, starts_at: datetime, where: str = "", agenda: str = ""
) -> Meeting:
    """
    Call a meeting of a working group.

    Raises:
        NotPermitted: The actor neither leads nor is in the group.
        Invalid: It has no title, or the group has ended.

    Law: none; how a policy is made.
    """
    if not (rules.may_lead(actor) or queries.is_member(actor, group)):
        raise NotPermitted
    if group.ended_at is not None:
        raise Invalid(_("Arbetsgruppen är avslutad."))
    meeting = _called(actor, group, title, starts_at, where, agenda, [])
    audit.note(actor, "training.call_meeting", meeting, group=group.uid)
    return meeting


@transaction.atomic
def write_minutes(
    *, actor: Actor, uid: UUID | str, agenda: str = "", minutes: str = "", seen_version: int | None = None
) -> Meeting:
    """
    Write the agenda and the minutes of a meeting.

    Raises:
        NotFound: No such meeting for the actor.
        NotPermitted: The actor neither leads nor is in the group.
        Invalid: The minutes are fixed.
        Stale: Somebody wrote in between.

    Law: TF-6 (notes under way are drafts)
    """
    meeting = _locked(actor, uid)
    refuse_stale(seen_version, meeting.version)
    _refuse_fixed(meeting)
    _changed(actor, meeting, agenda=agenda.strip(), minutes=minutes.strip())
    audit.note(actor, "training.write_minutes", meeting)
    return meeting


@transaction.atomic
def fix_minutes(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Meeting:
    """
    Let the minutes stand as they are: they are drawn up, and nobody changes them any more.

    Raises:
        NotFound, NotPermitted, Invalid, Stale: As `write_minutes`; Invalid too while nothing is written.

    Law: TF-5
    """
    meeting = _locked(actor, uid)
    refuse_stale(seen_version, meeting.version)
    _refuse_fixed(meeting)
    if not meeting.minutes:
        raise Invalid(_("Skriv vad ni kom fram till innan anteckningarna låses."), field="minutes")
    _changed(actor, meeting, fixed_at=now(), fixed_by_id=actor.person_id)
    audit.note(actor, "training.fix_minutes", meeting)
    return meeting


@transaction.atomic
def agree(*, actor: Actor, uid: UUID | str, what: str, person: Person, due_on: date) -> Undertaking:
    """
    Write down what somebody is to do after a meeting, by when; it waits for them under what they have to do.

    It may be added after the minutes are fixed: what is to be done is found out then too.

    Raises:
        NotFound, NotPermitted: As `write_minutes`.
        Invalid: Nothing is said.

    Law: none; what was agreed is done.
    """
    meeting = _locked(actor, uid)
    if not what.strip():
        raise Invalid(_("Skriv vad som ska göras."), field="what")
    done = Undertaking.objects.create(
        authority_id=actor.authority_id, meeting=meeting, what=what.strip()[:200], person=person, due_on=due_on
    )
    due_at = datetime.combine(due_on, _END_OF_DAY, STOCKHOLM)
    wait = waiting.Wait(
        place=PLACE, subject_kind=UNDERTAKING, subject_id=done.pk, title=done.what,
        link=f"/utbildning/moten/{meeting.uid}/", due_at=due_at, person_id=person.pk,
    )  # fmt: skip
    waiting.put(actor, [wait])
    audit.note(actor, "training.agree", done, meeting=meeting.uid, person=person.uid, due_on=due_on)
    return done


@transaction.atomic
def finish_undertaking(*, actor: Actor, uid: UUID | str) -> Undertaking:
    """
    Say that something is done; said twice, it is done once.

    Raises:
        NotFound: No such thing.
        NotPermitted: It is neither the actor's own nor of a meeting they write in.

    Law: none; what was agreed is done.
    """
    rows = Undertaking.objects.of(actor).select_for_update(of=("self",)).select_related("meeting__group")
    done: Undertaking | None = rows.filter(uid=uid).first()
    if done is None:
        raise NotFound
    if not (actor.is_person(done.person_id) or queries.may_write_in(actor, done.meeting)):
        raise NotPermitted
    if done.done_at is None:
        Undertaking.objects.of(actor).filter(pk=done.pk).update(done_at=now())
        waiting.settle(actor, PLACE, UNDERTAKING, [done.pk])
        audit.note(actor, "training.finish_undertaking", done)
    return done


# --- Groups -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def form_group(*, actor: Actor, name: str, purpose: str = "") -> Group:
    """
    Form a working group; whoever forms it is in it from the beginning.

    Raises:
        NotPermitted: The actor leads nobody.
        Invalid: It has no name, or the name is taken.

    Law: none; how a policy is made (seed 004).
    """
    _refuse_others(actor)
    if not name.strip():
        raise Invalid(_("Skriv vad gruppen heter."), field="name")
    try:
        with transaction.atomic():
            group = Group.objects.create(
                authority_id=actor.authority_id, name=name.strip(), purpose=purpose.strip(), begun_at=now()
            )
    except IntegrityError:
        raise Invalid(_("Det finns redan en grupp med det namnet."), field="name") from None
    if actor.person_id is not None:
        Member.objects.create(
            authority_id=actor.authority_id, group=group, person_id=actor.person_id, part=_("Sammankallande"),
            from_at=now(),
        )  # fmt: skip
    audit.note(actor, "training.form_group", group)
    return group


@transaction.atomic
def change_group(
    *, actor: Actor, uid: UUID | str, name: str, purpose: str = "", seen_version: int | None = None
) -> Group:
    """
    Change what a group is called and what it is for.

    Raises:
        NotFound, NotPermitted, Stale: As for meetings.
        Invalid: As `form_group`.

    Law: none; how a policy is made.
    """
    group = _group(actor, uid)
    refuse_stale(seen_version, group.version)
    if not name.strip():
        raise Invalid(_("Skriv vad gruppen heter."), field="name")
    values = {"name": name.strip(), "purpose": purpose.strip(), "version": group.version + 1}
    try:
        with transaction.atomic():
            Group.objects.of(actor).filter(pk=group.pk).update(**values)
    except IntegrityError:
        raise Invalid(_("Det finns redan en grupp med det namnet."), field="name") from None
    audit.note(actor, "training.change_group", group)
    return group


@transaction.atomic
def end_group(*, actor: Actor, uid: UUID | str) -> None:
    """
    End a working group. Its minutes stay; what its people undertook still waits for them.

    Raises:
        NotFound, NotPermitted: As `change_group`.

    Law: none; how a policy is made.
    """
    group = _group(actor, uid)
    Group.objects.of(actor).filter(pk=group.pk).update(ended_at=now(), version=group.version + 1)
    audit.note(actor, "training.end_group", group)


@transaction.atomic
def add_member(*, actor: Actor, uid: UUID | str, person: Person, part: str = "") -> Member:
    """
    Take somebody into a working group; who is in it already stays, with their new part.

    Raises:
        NotFound, NotPermitted: As `change_group`.
        NotFound: The person holds no role in the authority.

    Law: none; how a policy is made.
    """
    group = _group(actor, uid)
    if not any(each.pk == person.pk for each in core.people(actor)):
        raise NotFound
    rows = Member.objects.of(actor).filter(group=group, person=person, ended_at=None)
    member: Member | None = rows.first()
    if member is None:
        member = Member.objects.create(
            authority_id=actor.authority_id, group=group, person=person, part=part.strip(), from_at=now()
        )
    else:
        rows.update(part=part.strip())
    audit.note(actor, "training.add_member", group, person=person.uid)
    return member


@transaction.atomic
def end_member(*, actor: Actor, uid: UUID | str, person: Person) -> None:
    """
    Let somebody leave a working group; said twice, nothing more happens.

    Raises:
        NotFound, NotPermitted: As `change_group`.

    Law: none; how a policy is made.
    """
    group = _group(actor, uid)
    rows = Member.objects.of(actor).filter(group=group, person=person, ended_at=None)
    if rows.update(ended_at=now()):
        audit.note(actor, "training.end_member", group, person=person.uid)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _refuse_others(actor: Actor) -> None:
    if not rules.may_lead(actor):
        raise NotPermitted


def _called(
    actor: Actor, group: Group | None, title: str, starts_at: datetime, where: str, agenda: str, cases: list[str]
) -> Meeting:
    if not title.strip():
        raise Invalid(_("Skriv vad mötet heter."), field="title")
    return Meeting.objects.create(
        authority_id=actor.authority_id, group=group, title=title.strip(), starts_at=starts_at, where=where.strip(),
        agenda=agenda.strip(), cases=cases, called_by_id=actor.person_id,
    )  # fmt: skip


def _locked(actor: Actor, uid: UUID | str) -> Meeting:
    """Return a meeting that the actor writes in, held until the transaction ends."""
    rows = Meeting.objects.of(actor).select_for_update(of=("self",)).select_related("group")
    meeting: Meeting | None = rows.filter(uid=uid).first()
    if meeting is None:
        raise NotFound
    if not queries.may_write_in(actor, meeting):
        raise NotPermitted
    return meeting


def _refuse_fixed(meeting: Meeting) -> None:
    if meeting.fixed_at is not None:
        raise Invalid(_("Anteckningarna är låsta och kan inte ändras."))


def _changed(actor: Actor, meeting: Meeting, **values: Any) -> None:
    meeting.version += 1
    for name, value in values.items():
        setattr(meeting, name, value)
    Meeting.objects.of(actor).filter(pk=meeting.pk).update(version=meeting.version, **values)


def _group(actor: Actor, uid: UUID | str) -> Group:
    """Return a group at work that the actor leads or is in, held until the transaction ends."""
    group: Group | None = Group.objects.of(actor).select_for_update().filter(uid=uid, ended_at=None).first()
    if group is None:
        raise NotFound
    if not (rules.may_lead(actor) or queries.is_member(actor, group)):
        raise NotPermitted
    return group

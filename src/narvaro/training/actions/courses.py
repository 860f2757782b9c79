"""Courses: passing one, what the authority asks, and reminding of what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from narvaro.base.clock import STOCKHOLM, today
from narvaro.channels import actions as channels
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.training import library, queries, rules
from narvaro.training.models import Certificate, Demand
from narvaro.training.types import COURSE, PLACE, Course, NotPassed

if TYPE_CHECKING:
    from narvaro.core.models import Person

GATE_KEY = "training"
MONTHS = (6, 12, 24, 36, 60)
_END_OF_DAY = time(17)


@transaction.atomic
def pass_course(*, actor: Actor, code: str, answers: Sequence[int]) -> Certificate:
    """
    Look through the answers to a course; enough right ones give a certificate.

    Too few leave no trace: what somebody answered is kept nowhere. Passed again the same day gives the same
    certificate. Where those who answer for a channel are asked for the course, the channel gets to know.

    Args:
        answers: The number of the chosen answer for each question, in order; -1 for none.

    Raises:
        NotFound: No such course.
        NotPermitted: A machine takes no course.
        NotPassed: Too few are right; `wrong` says which questions to read again.

    Law: RF-4 (no figures about a person)
    """
    course = queries.course_for(code)
    if actor.person_id is None:
        raise NotPermitted
    wrong = rules.wrong_answers(course, answers)
    if not rules.is_passed(course, wrong):
        sentence = _("%(right)s av %(all)s var rätt, och det behövs %(needed)s. Läs vid frågorna och försök igen.")
        numbers = {
            "right": len(course.questions) - len(wrong), "all": len(course.questions), "needed": course.pass_mark
        }  # fmt: skip
        raise NotPassed(wrong, sentence % numbers)
    person = core.person_by_id(actor.person_id)
    passed_on = today()
    certificate, is_new = Certificate.objects.of(actor).get_or_create(
        authority_id=actor.authority_id, person=person, course=code, passed_on=passed_on,
        defaults={
            "course_version": course.version,
            "valid_until": rules.months_later(passed_on, queries.valid_months(actor, code)),
        },
    )  # fmt: skip
    waiting.settle(actor, PLACE, _waiting_for(code), [person.pk])
    _tell_gate(actor, course, person, met=True, valid_until=certificate.valid_until)
    if is_new:
        audit.note(actor, "training.pass_course", certificate, course=code, version=course.version)
    return certificate


@transaction.atomic
def ask_course(
    *,
    actor: Actor,
    code: str,
    is_asked: bool,
    roles: Sequence[str] = (),
    valid_months: int = rules.VALID_MONTHS,
    seen_version: int | None = None,
) -> Demand:
    """
    Decide who shall have a valid certificate of a course, and for how long one holds.

    Certificates that are given already hold as long as they say.

    Raises:
        NotFound: No such course.
        NotPermitted: The actor does not decide about it.
        Invalid: It is asked of nobody, or a time is chosen that is not offered.
        Stale: Somebody changed it in between.

    Law: none; the authority's own demand.
    """
    if not rules.may_ask(actor):
        raise NotPermitted
    queries.course_for(code)
    chosen = [each.value for each in Role if each.value in set(roles)]
    if is_asked and not chosen:
        raise Invalid(_("Välj vilka kursen ska gälla."), field="roles")
    if valid_months not in MONTHS:
        raise Invalid(_("Välj en av tiderna."), field="valid_months")
    demand = Demand.objects.of(actor).select_for_update().filter(course=code).first()
    refuse_stale(seen_version, demand.version if demand else 0)
    if demand is None:
        demand = Demand(authority_id=actor.authority_id, course=code, version=0)
    demand.is_asked, demand.roles, demand.valid_months = is_asked, chosen, valid_months
    demand.version += 1
    demand.save()
    audit.note(actor, "training.ask_course", demand, course=code, is_asked=is_asked, roles=chosen, months=valid_months)
    remind(actor=actor)
    return demand


@transaction.atomic
def remind(*, actor: Actor) -> int:
    """
    Let each course that is asked of somebody without a valid certificate wait for them, and nothing else.

    A month before a certificate ends it waits too. Of those who answer for channels the channels are told. Asked
    again, nothing is said twice.

    Returns:
        How many courses began to wait.

    Raises:
        NotPermitted: The actor is neither Närvaro nor somebody who decides about it.

    Law: RF-4 (what waits is a course to take, never a figure)
    """
    if not (actor.is_system or rules.may_ask(actor)):
        raise NotPermitted
    with translation.override(settings.LANGUAGE_CODE):  # what is written down is read by everybody
        courses = library.courses()
        lacking = {(each.person.pk, each.course): each for each in queries.lacking(actor)}
        over = {(person, course): until for person, course, until in queries.soon_over(actor)}
        wanted = {**over, **{key: today() for key in lacking}}
        begun = 0
        for code, course in courses.items():
            kind = _waiting_for(code)
            people = {person for person, of in wanted if of == code}
            there = waiting.subjects(actor, PLACE, kind)
            waiting.settle(actor, PLACE, kind, sorted(there - people))
            new = sorted(people - there)
            waiting.put(actor, [_wait(course, person, over.get((person, code))) for person in new])
            for person_id in new:
                if (person_id, code) in lacking:
                    _tell_gate(actor, course, lacking[person_id, code].person, met=False)
            begun += len(new)
    return begun


def _wait(course: Course, person_id: int, until: date | None) -> waiting.Wait:
    return waiting.Wait(
        place=PLACE, subject_kind=_waiting_for(course.code), subject_id=person_id,
        title=_("Gå kursen: %(course)s") % {"course": course.title}, link=_address(course.code),
        due_at=datetime.combine(until, _END_OF_DAY, STOCKHOLM) if until else None, person_id=person_id,
    )  # fmt: skip


def _waiting_for(code: str) -> str:
    return f"{COURSE}.{code}"


def _address(code: str) -> str:
    return f"/utbildning/kurser/{code}/"


def _titles(code: str) -> dict[str, str]:
    """Return what a course is called, in each language."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found[language] = library.courses()[code].title
    return found


def _tell_gate(actor: Actor, course: Course, person: Person, *, met: bool, valid_until: date | None = None) -> None:
    """Write down for the channels that somebody answers for whether the course is taken; the authority weighs it."""
    if not course.feeds_gate:
        return
    channels.set_condition(
        actor=actor, key=GATE_KEY, met=met, person=person, mender=Role.REPRESENTATIVE.value,
        says=gettext_noop("Alla som svarar för kanalen behöver ett giltigt intyg från kursen %(course)s."),
        values={"course": _titles(course.code)}, link=_address(course.code), valid_until=valid_until,
    )  # fmt: skip

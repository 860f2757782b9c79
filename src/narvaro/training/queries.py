"""Every read of training; each starts from the actor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Max, Q

from narvaro.base.clock import today
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotFound, NotPermitted, Role
from narvaro.training import library, rules
from narvaro.training.models import (
    Ballot,
    Certificate,
    Demand,
    Group,
    Meeting,
    Member,
    OwnCase,
    Poll,
    Tally,
    Undertaking,
)
from narvaro.training.types import Case, Course

if TYPE_CHECKING:
    from narvaro.core.models import Assignment, Authority, Person, Unit

MOST_LISTED = 100


# --- Cases ------------------------------------------------------------------------------------------------------------


def case_of(own: OwnCase) -> Case:
    """Return an own case as the others look."""
    return Case(
        code=str(own.uid), title=own.title, text=own.text, ask=rules.lines(own.ask), answers=rules.lines(own.answers),
        advice=own.advice, law=tuple(own.law), is_own=True,
    )  # fmt: skip


def own_cases(actor: Actor) -> list[OwnCase]:
    """Return the authority's own cases by title."""
    return list(OwnCase.objects.of(actor).filter(ended_at=None).order_by("title", "pk")[:MOST_LISTED])


def own_case_for(actor: Actor, uid: UUID | str) -> OwnCase:
    """Return one own case in use. Raises NotFound."""
    found: OwnCase | None = OwnCase.objects.of(actor).filter(uid=uid, ended_at=None).first()
    if found is None:
        raise NotFound
    return found


def all_cases(actor: Actor) -> list[Case]:
    """Return every case that can be talked about: the authority's own, then those that ship."""
    return [*map(case_of, own_cases(actor)), *library.cases().values()]


def case_for(actor: Actor, code: str) -> Case:
    """Return one case, also an own one that has ended: a day was held with it. Raises NotFound."""
    shipped = library.cases().get(code)
    if shipped is not None:
        return shipped
    try:
        own = OwnCase.objects.of(actor).filter(uid=UUID(code)).first()
    except ValueError:
        own = None
    if own is None:
        raise NotFound
    return case_of(own)


def cases_about(law_id: str) -> list[Case]:
    """Return the cases that ship and lean on a provision, in the language of the reader."""
    return [case for case in library.cases().values() if law_id in case.law]


def cases_of(actor: Actor, meeting: Meeting) -> list[tuple[int, Case]]:
    """Return the cases of a meeting in their order, numbered from one; one that ships no more is left out."""
    shipped = library.cases()
    own_uids = [code for code in meeting.cases if code not in shipped]
    own = {str(each.uid): case_of(each) for each in OwnCase.objects.of(actor).filter(uid__in=own_uids)}
    found = {**shipped, **own}
    return [(number, found[code]) for number, code in enumerate(meeting.cases, 1) if code in found]


# --- Groups and meetings ----------------------------------------------------------------------------------------------


def groups(actor: Actor) -> list[Group]:
    """Return the working groups, those at work first."""
    rows = Group.objects.of(actor).order_by(F("ended_at").desc(nulls_first=True), "name")
    if not _reads_all_meetings(actor):
        rows = rows.filter(pk__in=_groups_of(actor))
    return list(rows[:MOST_LISTED])


def group_for(actor: Actor, uid: UUID | str) -> Group:
    """Return one working group that the actor may read about. Raises NotFound."""
    found: Group | None = Group.objects.of(actor).filter(uid=uid).first()
    if found is None or not (_reads_all_meetings(actor) or is_member(actor, found)):
        raise NotFound
    return found


def members(actor: Actor, group: Group) -> list[Member]:
    """Return who is in a group now, by name."""
    rows = Member.objects.of(actor).filter(group=group, ended_at=None).select_related("person")
    return list(rows.order_by("person__name"))


def is_member(actor: Actor, group: Group) -> bool:
    """Whether the actor is in a working group."""
    return bool(Member.objects.of(actor).filter(group=group, person_id=actor.person_id or 0, ended_at=None).exists())


def may_write_in(actor: Actor, meeting: Meeting) -> bool:
    """Whether the actor writes the agenda and the minutes of a meeting."""
    return rules.may_lead(actor) or (meeting.group is not None and is_member(actor, meeting.group))


def days(actor: Actor) -> list[Meeting]:
    """Return the managers' days, newest first. Raises NotPermitted."""
    if not _reads_all_meetings(actor):
        raise NotPermitted
    return list(Meeting.objects.of(actor).filter(group=None).order_by("-starts_at")[:MOST_LISTED])


def meetings_of(actor: Actor, group: Group) -> list[Meeting]:
    """Return the meetings of a group, newest first."""
    return list(Meeting.objects.of(actor).filter(group=group).order_by("-starts_at")[:MOST_LISTED])


def meeting_for(actor: Actor, uid: UUID | str) -> Meeting:
    """
    Return one meeting that the actor may read about: who holds them, who is in the group, who undertook something.

    Raises:
        NotFound: There is none, or it is not for the actor.
    """
    found: Meeting | None = Meeting.objects.of(actor).filter(uid=uid).select_related("group", "fixed_by").first()
    if found is None:
        raise NotFound
    if _reads_all_meetings(actor) or (found.group is not None and is_member(actor, found.group)):
        return found
    if Undertaking.objects.of(actor).filter(meeting=found, person_id=actor.person_id or 0).exists():
        return found
    raise NotFound


def undertakings(actor: Actor, meeting: Meeting) -> list[Undertaking]:
    """Return what is to be done after a meeting: what is not done first, soonest first."""
    rows = Undertaking.objects.of(actor).filter(meeting=meeting).select_related("person")
    return list(rows.order_by(F("done_at").asc(nulls_first=True), "due_on", "pk"))


# --- Votes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Votes:
    """What a room has voted: (answer, votes) in the answers' order; `rows` is empty while too few have voted."""

    total: int
    rows: tuple[tuple[str, int], ...] = ()


def poll_for(actor: Actor, uid: UUID | str) -> Poll:
    """Return one poll of the authority. Raises NotFound."""
    found: Poll | None = Poll.objects.of(actor).filter(uid=uid).select_related("meeting").first()
    if found is None:
        raise NotFound
    return found


def poll_about(actor: Actor, meeting: Meeting, case: str) -> Poll | None:
    """Return the newest poll about a case at a meeting; None when there was none."""
    rows = Poll.objects.of(actor).filter(meeting=meeting, case=case)
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-pk").first()


def has_voted(actor: Actor, poll: Poll, secret: str) -> bool:
    """Whether the browser with this chance number has voted in a poll that is open; what it voted is not known."""
    digest = rules.ballot_digest(poll.uid, secret)
    return bool(secret) and bool(Ballot.objects.of(actor).filter(poll=poll, digest=digest).exists())


def votes_in(actor: Actor, poll: Poll) -> Votes:
    """Return how a room has voted so far. Nothing leads from here to anybody: only numbers are kept."""
    counted = dict(Tally.objects.of(actor).filter(poll=poll).values_list("answer", "votes"))
    total = sum(counted.values())
    if total < rules.FEWEST_SHOWN:
        return Votes(total)
    return Votes(total, tuple((answer, counted.get(n, 0)) for n, answer in enumerate(poll.answers)))


def votes_at(actor: Actor, meeting: Meeting) -> dict[str, Votes]:
    """Return what was voted at a meeting, by case: the newest poll of each."""
    polls = list(Poll.objects.of(actor).filter(meeting=meeting).order_by("pk"))
    counted: dict[int, dict[int, int]] = {poll.pk: {} for poll in polls}
    for poll_id, answer, votes in (
        Tally.objects.of(actor).filter(poll__in=polls).values_list("poll_id", "answer", "votes")
    ):
        counted[poll_id][answer] = votes
    found = {}
    for poll in polls:
        total = sum(counted[poll.pk].values())
        shown = total >= rules.FEWEST_SHOWN
        found[poll.case] = Votes(
            total, tuple((a, counted[poll.pk].get(n, 0)) for n, a in enumerate(poll.answers)) if shown else ()
        )
    return found


def open_poll_by_code(code: str) -> tuple[Poll, Authority]:
    """
    Return the poll that a room votes in, and whose it is; for whoever holds the code and is not signed in.

    Raises:
        NotFound: No poll has that code.
    """
    found: Poll | None = (
        Poll.objects.everywhere("vote").filter(code=rules.as_code(code) or "-").select_related("authority").first()
    )
    if found is None:
        raise NotFound
    return found, found.authority


# --- Courses ----------------------------------------------------------------------------------------------------------


def course_for(code: str) -> Course:
    """Return one course in the reader's language. Raises NotFound."""
    found = library.courses().get(code)
    if found is None:
        raise NotFound
    return found


def demands(actor: Actor) -> dict[str, Demand]:
    """Return what the authority asks, by course; a course without a row is asked of nobody."""
    return {each.course: each for each in Demand.objects.of(actor) if each.course in library.courses()}


def valid_months(actor: Actor, course: str) -> int:
    """Return for how long a certificate holds in the authority."""
    row = Demand.objects.of(actor).filter(course=course).first()
    return row.valid_months if row else rules.VALID_MONTHS


def own_certificates(actor: Actor) -> dict[str, Certificate]:
    """Return the actor's newest certificate of each course."""
    rows = Certificate.objects.of(actor).filter(person_id=actor.person_id or 0).order_by("valid_until", "pk")
    return {each.course: each for each in rows}


def certificate_for(actor: Actor, uid: UUID | str) -> Certificate:
    """Return one of the actor's own certificates. Raises NotFound: another's is nobody else's to open."""
    rows = Certificate.objects.of(actor).filter(uid=uid, person_id=actor.person_id or 0)
    found: Certificate | None = rows.select_related("person").first()
    if found is None:
        raise NotFound
    return found


def asked_of(actor: Actor) -> list[str]:
    """Return the courses that the authority asks of the actor, in their order."""
    held = {each.role.value for each in actor.roles}
    wanted = demands(actor)
    return [
        code for code in library.courses()
        if code in wanted and wanted[code].is_asked and rules.is_asked_of(held, wanted[code].roles)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lacking:
    """Somebody who shall have taken a course and has no valid certificate of it."""

    person: Person
    course: str
    expired_on: date | None = None  # the one that held until then


@dataclass(slots=True)
class UnitOverview:
    """Who in a unit (None: the whole authority) lacks what is asked; `asked` is how many certificates are."""

    unit: Unit | None
    asked: int = 0
    lacking: list[Lacking] = field(default_factory=list)

    @property
    def valid(self) -> int:
        """How many of those who are asked hold a valid certificate."""
        return self.asked - len(self.lacking)


def overview(actor: Actor) -> list[UnitOverview]:
    """
    Return who lacks a valid certificate where the authority asks for one, by unit; as work to do, never as figures.

    A manager sees the units they lead, whoever leads communications or administers sees all.

    Raises:
        NotPermitted: Nobody else sees it.

    Law: RF-4
    """
    if not rules.may_lead(actor):
        raise NotPermitted
    led = actor.units_as(Role.UNIT_MANAGER)
    every = rules.sees_all_units(actor)
    found: dict[int | None, UnitOverview] = {}
    for asked in _asked(actor, core.assignments_of(actor)):
        key = asked.unit.pk if asked.unit else None
        if not every and key not in led:
            continue
        part = found.setdefault(key, UnitOverview(asked.unit))
        part.asked += 1
        if not asked.is_valid:
            part.lacking.append(Lacking(asked.person, asked.course, asked.until))
    return sorted(found.values(), key=lambda part: (part.unit is not None, part.unit.name if part.unit else ""))


def lacking(actor: Actor) -> list[Lacking]:
    """Return each person and course of the authority where a valid certificate is asked for and missing, once."""
    return [
        Lacking(each.person, each.course, each.until) for each in _each_once(actor) if not each.is_valid
    ]  # fmt: skip


def soon_over(actor: Actor) -> list[tuple[int, str, date]]:
    """Return (person, course, until) of certificates that are asked for and hold for at most a month more."""
    last = today() + timedelta(days=rules.REMIND_DAYS)
    return [
        (each.person.pk, each.course, each.until)
        for each in _each_once(actor) if each.until is not None and each.is_valid and each.until <= last
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    """A certificate that is asked of somebody in a unit (None: the whole authority); `until` None when never given."""

    unit: Unit | None
    person: Person
    course: str
    until: date | None

    @property
    def is_valid(self) -> bool:
        """Whether the certificate holds today."""
        return self.until is not None and self.until > today()


def _each_once(actor: Actor) -> list[_Asked]:
    found = {(each.person.pk, each.course): each for each in _asked(actor, core.assignments_of(actor))}
    return list(found.values())


def _asked(actor: Actor, held: Iterable[Assignment]) -> list[_Asked]:
    """Return one row for each person, unit and course that is asked, by name."""
    wanted = {code: demand for code, demand in demands(actor).items() if demand.is_asked}
    if not wanted:
        return []
    until = _until(actor, list(wanted))
    roles: dict[tuple[int, int | None], set[str]] = {}
    people: dict[int, Person] = {}
    units: dict[int | None, Unit | None] = {None: None}
    for assignment in held:
        if assignment.person.is_active:
            roles.setdefault((assignment.person_id, assignment.unit_id), set()).add(assignment.role)
            people[assignment.person_id] = assignment.person
            units[assignment.unit_id] = assignment.unit
    return [
        _Asked(units[unit_id], people[person_id], code, until.get((person_id, code)))
        for (person_id, unit_id), has in sorted(roles.items(), key=lambda each: people[each[0][0]].name)
        for code, demand in wanted.items() if rules.is_asked_of(has, demand.roles)
    ]  # fmt: skip


def _until(actor: Actor, courses: Sequence[str]) -> dict[tuple[int, str], date]:
    rows = Certificate.objects.of(actor).filter(course__in=courses).values("person_id", "course")
    return {(row["person_id"], row["course"]): row["until"] for row in rows.annotate(until=Max("valid_until"))}


def _reads_all_meetings(actor: Actor) -> bool:
    return rules.may_lead(actor) or actor.has_anywhere(Role.AUDITOR)


def _groups_of(actor: Actor) -> list[int]:
    rows = Member.objects.of(actor).filter(Q(ended_at=None), person_id=actor.person_id or 0)
    return list(rows.values_list("group_id", flat=True))

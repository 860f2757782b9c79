"""Every read of the house. What belongs to an authority starts from the actor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import connection, models
from django.db.models import Count, Q
from django.urls import get_resolver

from narvaro.base.clock import now, today
from narvaro.base.workingtime import WorkingCalendar
from narvaro.core import rules
from narvaro.core.gathering import Part
from narvaro.core.models import (
    Absence,
    Assignment,
    AuditEntry,
    Authority,
    ClosedDay,
    Organisation,
    Person,
    Unit,
)
from narvaro.core.types import Actor, Held, NotFound, NotPermitted, Role

Row = TypeVar("Row", bound=models.Model)

_AS_IT_IS = f"SELECT uid, version, edition FROM {Authority._meta.db_table} WHERE slug = %s"  # noqa: S608 - our table
_AUTHORITIES: dict[str, tuple[Any, Authority]] = {}
_MOST_KNOWN = 5_000


def is_set_up() -> bool:
    """Whether the installation has an organisation yet."""
    return Organisation.objects.exists()


def actor_for(person: Person, authority_id: int | None = None) -> Actor | None:
    """
    Return the person as an actor in `authority_id`, or in the first authority where they hold a role.

    None when they hold no role in any: a person without an assignment may do nothing.
    """
    held = list(_assignments(person))
    authority = _authority_among(held, authority_id)
    if authority is None:
        return None
    roles = frozenset(
        Held(Role(a.role), a.unit_id)
        for a in held
        if a.organisation_id == authority.organisation_id and a.authority_id in (None, authority.pk)
    )
    return Actor(
        authority_id=authority.pk,
        organisation_id=authority.organisation_id,
        person_id=person.pk,
        name=person.name,
        roles=roles,
    )


def actor_by_email(email: str, authority: Authority) -> Actor:
    """
    Return a person as an actor in an authority, for the command line.

    Raises:
        NotFound: Nobody with that address holds a role there.
    """
    person = Person.objects.filter(email=email.lower(), is_active=True).first()
    actor = actor_for(person, authority.pk) if person else None
    if actor is None or actor.authority_id != authority.pk:
        raise NotFound(f"Ingen med adressen {email} har en roll i {authority.name}.")
    return actor


def authorities_of(person: Person) -> list[Authority]:
    """Return the authorities in which the person holds a role, by name."""
    return _authorities_among(list(_assignments(person)))


def authority_of(actor: Actor) -> Authority:
    """Return the authority that the actor acts in."""
    return Authority.objects.get(pk=actor.authority_id)


def authority_part(actor: Actor) -> Part:
    """Return what to gather, together with other things, to know the actor's authority; its logo stays where it is."""
    return Part(Authority.objects.filter(pk=actor.authority_id))


def authority_by_slug(slug: str) -> Authority:
    """Return an authority by its short name; its logo is read only when it is asked for. Raises NotFound."""
    found = Authority.objects.filter(slug=slug).defer("logo").first()
    if found is None:
        raise NotFound(f"Det finns ingen myndighet med kortnamnet {slug}.")
    return found


def authority_open_at(slug: str) -> Authority:
    """
    Return the authority whose open pages have this short name, for those who only read. Raises NotFound.

    The row is read whole again only when it has changed: its version and edition are asked for each time, in the
    shortest way there is, since nothing else is asked of the database for a page that is kept ready (`openly`).
    """
    with connection.cursor() as cursor:
        cursor.execute(_AS_IT_IS, [slug])
        as_it_is = cursor.fetchone()
    known, found = _AUTHORITIES.get(slug, (None, None))
    if found is not None and as_it_is is not None and known == as_it_is:
        return found
    found = authority_by_slug(slug)
    if not connection.in_atomic_block:  # what is read inside a transaction may be undone with it
        if len(_AUTHORITIES) >= _MOST_KNOWN:
            _AUTHORITIES.clear()
        _AUTHORITIES[slug] = (as_it_is, found)
    return found


def is_address_taken(slug: str) -> bool:
    """Whether a short name is another authority's, or the first word of an address of Närvaro itself."""
    return slug in rules.KEPT_WORDS or slug in _first_words() or Authority.objects.filter(slug=slug).exists()


def all_authorities() -> list[Authority]:
    """Return every authority of the installation, for sweeps."""
    return list(Authority.objects.order_by("pk"))


def authorities_of_the_first() -> list[Authority]:
    """Return the authorities of the organisation that was here first, made-up ones left out; [] before there is one."""
    rows = Authority.objects.filter(is_demo=False).defer("logo").order_by("pk")
    first = rows.values("organisation_id")[:1]
    return list(rows.filter(organisation_id__in=first))


def calendar_for(authority: Authority) -> WorkingCalendar:
    """Return the authority's working calendar with its own closed days (P21)."""
    closed = ClosedDay.objects.everywhere("calendar").filter(authority=authority).values_list("on", flat=True)
    return rules.calendar_of(authority.open_from, authority.open_until, authority.open_weekdays, closed)


def closed_part(actor: Actor) -> Part:
    """Return what to gather, together with other things, to know every closed day; for `calendar_from`."""
    return Part(ClosedDay.objects.of(actor))


def calendar_from(authority: Authority, closed: Iterable[ClosedDay]) -> WorkingCalendar:
    """Return an authority's working calendar out of what was gathered (P21)."""
    days = [row.on for row in closed]
    return rules.calendar_of(authority.open_from, authority.open_until, authority.open_weekdays, days)


def closed_days(actor: Actor) -> list[ClosedDay]:
    """Return the authority's own closed days from today on, soonest first."""
    return list(ClosedDay.objects.of(actor).filter(on__gte=today()).order_by("on"))


def units(actor: Actor) -> list[Unit]:
    """Return the authority's active units by name."""
    return list(Unit.objects.of(actor).filter(is_active=True).order_by("name"))


def units_part(actor: Actor) -> Part:
    """Return what to gather, together with other things, to know the authority's units, closed ones too."""
    return Part(Unit.objects.of(actor))


def unit_part(actor: Actor, uid: UUID | str) -> Part:
    """Return what to gather, together with other things, to know one unit of the authority; nothing where it is not."""
    return Part(Unit.objects.of(actor).filter(uid=uid))


def closed_units(actor: Actor) -> list[Unit]:
    """Return the authority's closed units by name."""
    return list(Unit.objects.of(actor).filter(is_active=False).order_by("name"))


def units_below(actor: Actor, unit: Unit) -> list[Unit]:
    """Return the active units directly under a unit, by name."""
    return list(Unit.objects.of(actor).filter(parent=unit, is_active=True).order_by("name"))


def units_above(actor: Actor, unit: Unit) -> frozenset[int]:
    """Return the ids of a unit and of every unit above it."""
    parents: dict[int, int | None] = dict(Unit.objects.of(actor).values_list("pk", "parent_id"))
    found: set[int] = set()
    step: int | None = unit.pk
    while step is not None and step not in found:
        found.add(step)
        step = parents.get(step)
    return frozenset(found)


def unit_for(actor: Actor, uid: UUID | str) -> Unit:
    """Return one unit of the actor's authority. Raises NotFound."""
    return _one(Unit.objects.of(actor).filter(uid=uid))


def people(actor: Actor) -> list[Person]:
    """Return the active people who hold a role in the actor's authority, by name."""
    held = Assignment.objects.filter(
        Q(authority_id=actor.authority_id) | Q(organisation_id=actor.organisation_id, authority=None), ended_at=None
    )
    return list(Person.objects.filter(pk__in=held.values("person_id"), is_active=True).order_by("name"))


def person_for(actor: Actor, uid: UUID | str) -> Person:
    """Return one person who holds a role in the actor's authority. Raises NotFound."""
    for person in people(actor):
        if str(person.uid) == str(uid):
            return person
    raise NotFound


def person_by_id(person_id: int | None) -> Person:
    """Return somebody who can sign in, by key. Raises NotFound."""
    return _one(Person.objects.filter(pk=person_id or 0, is_active=True))


def member_for(actor: Actor, uid: UUID | str) -> Person:
    """Return one person who holds or has held a role in the actor's authority. Raises NotFound."""
    held = Assignment.objects.filter(_here(actor)).values("person_id")
    return _one(Person.objects.filter(pk__in=held, uid=uid))


def members(
    actor: Actor,
    *,
    text: str = "",
    role: str = "",
    unit_uid: UUID | str | None = None,
    past_too: bool = False,
    after: Person | None = None,
    limit: int = 50,
) -> list[Person]:
    """
    Return the people of the authority by name, for its list.

    Args:
        text: Part of a name or an address.
        role, unit_uid: Only those who hold that role, or a role in that unit.
        past_too: Also those whose roles have all ended.
        after: The last person of the page before.
    """
    held = Assignment.objects.filter(_here(actor))
    if not past_too:
        held = held.filter(ended_at=None)
    if role:
        held = held.filter(role=role)
    if unit_uid:
        held = held.filter(unit__uid=unit_uid, unit__authority_id=actor.authority_id)
    found = Person.objects.filter(pk__in=held.values("person_id"))
    if not past_too:
        found = found.filter(is_active=True)
    if text.strip():
        found = found.filter(Q(name__icontains=text.strip()) | Q(email__icontains=text.strip()))
    if after is not None:
        found = found.filter(Q(name__gt=after.name) | Q(name=after.name, pk__gt=after.pk))
    return list(found.order_by("name", "pk")[:limit])


def roles_held(actor: Actor, person_ids: Iterable[int], *, ended: bool = False) -> dict[int, list[Assignment]]:
    """Return the roles of each person in the authority, present ones or (`ended`) past ones, newest past first."""
    rows = Assignment.objects.filter(_here(actor), person_id__in=list(person_ids), ended_at__isnull=not ended)
    found: dict[int, list[Assignment]] = {}
    for row in rows.select_related("unit").order_by("-ended_at" if ended else "role", "pk"):
        found.setdefault(row.person_id, []).append(row)
    return found


def with_two_step(person_ids: Iterable[int]) -> frozenset[int]:
    """Return which of the people have an app or a key beside their password."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    rows = Authenticator.objects.filter(user_id__in=list(person_ids), type__in=kinds)
    return frozenset(rows.values_list("user_id", flat=True))


def people_with(actor: Actor, *roles: Role, unit_id: int | None = None) -> list[Person]:
    """Return who holds one of `roles` in the authority; in `unit_id` or the whole authority when it is given."""
    held = Assignment.objects.filter(
        Q(authority_id=actor.authority_id) | Q(organisation_id=actor.organisation_id, authority=None),
        role__in=roles,
        ended_at=None,
    )
    if unit_id is not None:
        held = held.filter(Q(unit_id=unit_id) | Q(unit=None))
    return list(Person.objects.filter(pk__in=held.values("person_id"), is_active=True).order_by("name"))


def nearest_manager(actor: Actor, unit_id: int | None) -> Person | None:
    """
    Return the manager of the unit, else of the unit above it, else the communications lead; None when nobody is.

    Law: none; seed 003, "kontakta närmaste chef".
    """
    seen: set[int] = set()
    while unit_id is not None and unit_id not in seen:
        seen.add(unit_id)
        held = Assignment.objects.filter(unit_id=unit_id, role=Role.UNIT_MANAGER, ended_at=None)
        manager = Person.objects.filter(pk__in=held.values("person_id"), is_active=True).order_by("pk").first()
        if manager is not None:
            return manager
        unit_id = Unit.objects.of(actor).filter(pk=unit_id).values_list("parent_id", flat=True).first()
    leads = people_with(actor, Role.COMMUNICATIONS_LEAD)
    return leads[0] if leads else None


def assignments_of(actor: Actor) -> list[Assignment]:
    """Return every role held in the authority now, by person and role."""
    held = Assignment.objects.filter(
        Q(authority_id=actor.authority_id) | Q(organisation_id=actor.organisation_id, authority=None), ended_at=None
    )
    return list(held.select_related("person", "unit").order_by("person__name", "role"))


def absent_now(actor: Actor, person_ids: Iterable[int | None], *, at: datetime | None = None) -> frozenset[int]:
    """Return which of the people are away at `at` (default now)."""
    moment = at or now()
    rows = Absence.objects.of(actor).filter(
        person_id__in=[pk for pk in person_ids if pk], from_at__lte=moment, until_at__gt=moment, ended_at=None
    )
    return frozenset(rows.values_list("person_id", flat=True))


def gone(actor: Actor, person_ids: Iterable[int | None] | None = None) -> frozenset[int]:
    """Return who has left the authority, of the people or (None) of all: they have held a role and hold none now."""
    rows = Assignment.objects.filter(_here(actor))
    if person_ids is not None:
        rows = rows.filter(person_id__in=[pk for pk in person_ids if pk])
    held = rows.values("person_id").annotate(present=Count("pk", filter=Q(ended_at=None)))
    return frozenset(held.filter(present=0).values_list("person_id", flat=True))


def not_here(actor: Actor, person_ids: Iterable[int | None], *, at: datetime | None = None) -> frozenset[int]:
    """Return which of the people nothing should be given to at `at` (default now): away, or they have left."""
    asked = [pk for pk in person_ids if pk]
    return absent_now(actor, asked, at=at) | gone(actor, asked)


def absences(actor: Actor) -> list[Absence]:
    """Return present and coming absences in the authority, soonest first."""
    rows = Absence.objects.of(actor).filter(until_at__gt=now(), ended_at=None)
    return list(rows.select_related("person", "marked_by").order_by("from_at"))


def absence_for(actor: Actor, pk: int) -> Absence:
    """Return one absence of the actor's authority. Raises NotFound."""
    return _one(Absence.objects.of(actor).filter(pk=pk))


def audit_log(
    actor: Actor,
    *,
    before: int | None = None,
    after: int | None = None,
    person_uid: UUID | str | None = None,
    by_system: bool = False,
    verb: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """
    Return the authority's audit log, newest first.

    Args:
        before, after: Only entries with a lower id, or the nearest ones with a higher id.
        person_uid, by_system: Only what one person, or Närvaro itself, has done.
        since, until: Half-open span [since, until), both aware.

    Raises:
        NotPermitted: Only auditor, administrator, archivist and data protection officer read it.

    Law: SM-19
    """
    if not rules.may_read_audit(actor):
        raise NotPermitted
    rows = AuditEntry.objects.of(actor)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if person_uid:
        rows = rows.filter(person__uid=person_uid)
    if by_system:
        rows = rows.filter(person=None)
    if verb:
        rows = rows.filter(verb=verb)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    if after is not None:
        return list(rows.filter(pk__gt=after).order_by("id")[:limit])[::-1]
    return list(rows.order_by("-id")[:limit])


def audit_verbs(actor: Actor) -> list[str]:
    """Return the verbs that stand in the authority's audit log. Raises NotPermitted."""
    if not rules.may_read_audit(actor):
        raise NotPermitted
    return sorted(AuditEntry.objects.of(actor).order_by().values_list("verb", flat=True).distinct())


def people_named(actor: Actor, person_ids: Iterable[int]) -> dict[int, Person]:
    """Return people of the actor's organisation by key, for showing their names; others are absent."""
    return Person.objects.filter(organisation_id=actor.organisation_id).in_bulk(list(person_ids))


def units_named(actor: Actor, unit_ids: Iterable[int]) -> dict[int, Unit]:
    """Return units of the actor's authority by key; others are absent."""
    return Unit.objects.of(actor).in_bulk(list(unit_ids))


def _here(actor: Actor) -> Q:
    """The roles that count in the actor's authority: its own, and those of the whole organisation."""
    return Q(authority_id=actor.authority_id) | Q(organisation_id=actor.organisation_id, authority=None)


def _assignments(person: Person) -> models.QuerySet[Assignment]:
    if not person.is_active:
        return Assignment.objects.none()
    started = Q(from_on=None) | Q(from_on__lte=today())
    rows = Assignment.objects.filter(started, person=person, ended_at=None)
    return rows.select_related("authority").order_by("pk")


def _authorities_among(held: list[Assignment]) -> list[Authority]:
    """Every page asks this: most people hold roles in named authorities, which came with their assignments."""
    named = {a.authority.pk: a.authority for a in held if a.authority is not None}
    whole = {a.organisation_id for a in held if a.authority_id is None}
    if whole:
        named |= {authority.pk: authority for authority in Authority.objects.filter(organisation_id__in=whole)}
    return sorted(named.values(), key=lambda authority: authority.name)


def _authority_among(held: list[Assignment], wanted: int | None) -> Authority | None:
    possible = _authorities_among(held)
    return next((a for a in possible if a.pk == wanted), possible[0] if possible else None)


def _one(rows: models.QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound
    return found


@cache
def _first_words() -> frozenset[str]:
    """Return the first word of each address there is: open pages of an authority stand under its own first word."""
    words: set[str] = set()
    patterns = list(get_resolver().url_patterns)
    while patterns:
        each = patterns.pop()
        route = str(each.pattern)
        if not route and hasattr(each, "url_patterns"):
            patterns += each.url_patterns
        else:
            words.add(route.partition("/")[0])
    return frozenset(words)

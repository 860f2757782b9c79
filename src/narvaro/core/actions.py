"""Every write of the house: organisations, authorities, units, people, roles, absence, closed days."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, queries, rules, wall
from narvaro.core.models import Absence, Assignment, Authority, ClosedDay, Organisation, Person, Unit
from narvaro.core.types import Actor, Held, Invalid, NotPermitted, OrganisationKind, Role


@transaction.atomic
def set_up(
    *,
    organisation: str,
    authority: str,
    admin_email: str,
    admin_name: str,
    admin_password: str,
    kind: str = OrganisationKind.MUNICIPALITY,
    is_demo: bool = False,
) -> tuple[Authority, Actor]:
    """
    Create the first organisation, its first authority and its first administrator.

    The administrator also leads communications, so that one person can begin alone.

    Raises:
        Invalid: Something is set up already, or a value cannot be used.
    """
    if queries.is_set_up():
        raise Invalid(_("Närvaro är redan uppsatt här. Logga in i stället."))
    tenant = Organisation.objects.create(name=_needed(organisation, "organisation"), kind=kind)
    home = _new_authority(tenant, authority, is_demo=is_demo)
    person = _new_person(tenant, admin_email, admin_name, admin_password)
    actor = Actor(
        authority_id=home.pk, organisation_id=tenant.pk, person_id=person.pk, name=person.name,
        roles=frozenset({Held(Role.ADMINISTRATOR), Held(Role.COMMUNICATIONS_LEAD)}),
    )  # fmt: skip
    for role in (Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD):
        _assign(actor, person, role, home, None)
    audit.note(actor, "core.set_up", home)
    return home, actor


@transaction.atomic
def add_authority(*, actor: Actor, name: str) -> Authority:
    """
    Add a record-holding authority to the actor's organisation.

    Raises:
        NotPermitted: Only an administrator of the whole organisation or authority may.
        Invalid: The name is empty.

    Law: ARK-2
    """
    _administer(actor)
    tenant = Organisation.objects.get(pk=actor.organisation_id)
    authority = _new_authority(tenant, name)
    person = _self(actor)
    with wall.widened("add authority"):  # its first roles stand in its own log, not in the one we came from
        for role in (Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD):
            _assign(Actor.system(authority, "set up"), person, role, authority, None)
    audit.note(actor, "core.add_authority", authority)
    return authority


@transaction.atomic
def change_authority(*, actor: Actor, seen_version: int | None = None, **values: Any) -> Authority:
    """
    Change the authority's name, hours, answering goal, contacts or appearance.

    Raises:
        NotPermitted: Only an administrator or the communications lead may.
        Stale: Somebody changed it in between.
        Invalid: A value cannot be used; says which.
    """
    if not actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    authority = Authority.objects.select_for_update().get(pk=actor.authority_id)
    rules.refuse_stale(seen_version, authority.version)
    _check_hours(values.get("open_from", authority.open_from), values.get("open_until", authority.open_until))
    changed = {key: value for key, value in values.items() if getattr(authority, key) != value}
    for key, value in changed.items():
        setattr(authority, key, value)
    authority.version += 1
    try:
        authority.full_clean(exclude=["logo"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise Invalid(problems[0], field=field) from None
    authority.save()
    audit.note(actor, "core.change_authority", authority, fields=sorted(changed))
    return authority


@transaction.atomic
def add_unit(*, actor: Actor, name: str, parent_uid: UUID | None = None, email: str = "") -> Unit:
    """
    Add a unit to the authority.

    Raises:
        NotPermitted: Only an administrator or the communications lead may.
        Invalid: The name is empty or taken.
    """
    if not (actor.is_system or actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)):
        raise NotPermitted
    parent = queries.unit_for(actor, parent_uid) if parent_uid else None
    try:
        with transaction.atomic():
            unit: Unit = Unit.objects.create(
                authority_id=actor.authority_id, name=_needed(name, "name"), parent=parent, email=email
            )
    except IntegrityError:
        raise Invalid(_("Det finns redan en enhet som heter så."), field="name") from None
    audit.note(actor, "core.add_unit", unit)
    return unit


@transaction.atomic
def add_person(
    *,
    actor: Actor,
    email: str,
    name: str,
    role: str = Role.REPRESENTATIVE,
    unit_uid: UUID | None = None,
    password: str | None = None,
    signature: str = "",
    phone: str = "",
) -> Person:
    """
    Add somebody and give them their first role. Without a password they choose one by the reset link.

    Raises:
        NotPermitted: Only an administrator or the communications lead may.
        Invalid: The address is taken by another organisation, or the password is too weak.
    """
    _people_may_be_changed(actor)
    tenant = Organisation.objects.get(pk=actor.organisation_id)
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is not None and person.organisation_id != tenant.pk:
        raise Invalid(_("Adressen används redan i en annan organisation."), field="email")
    if person is None:
        person = _new_person(tenant, email, name, password, signature=signature, phone=phone)
        audit.note(actor, "core.add_person", person)
    give_role(actor=actor, person=person, role=role, unit_uid=unit_uid)
    return person


@transaction.atomic
def give_role(*, actor: Actor, person: Person, role: str, unit_uid: UUID | None = None) -> None:
    """
    Give a person a role in the authority, or in one unit of it. Giving it twice changes nothing.

    Raises:
        NotPermitted: Only an administrator or the communications lead may; only administrators make administrators.
    """
    _people_may_be_changed(actor)
    if role == Role.ADMINISTRATOR and not (actor.is_system or rules.may_administer(actor)):
        raise NotPermitted
    if person.organisation_id != actor.organisation_id:
        raise Invalid(_("Personen hör till en annan organisation."))
    authority = Authority.objects.get(pk=actor.authority_id)
    unit = queries.unit_for(actor, unit_uid) if unit_uid else None
    _assign(actor, person, Role(role), authority, unit)


@transaction.atomic
def end_role(*, actor: Actor, assignment_id: int) -> None:
    """
    End a role. The row stays, with the time it ended.

    Raises:
        NotPermitted: Only an administrator or the communications lead may; nobody ends the last administrator's role.
    """
    _people_may_be_changed(actor)
    held = next((a for a in queries.assignments_of(actor) if a.pk == assignment_id), None)
    if held is None:
        raise Invalid(_("Rollen är redan avslutad."))
    administrators = [a for a in queries.assignments_of(actor) if a.role == Role.ADMINISTRATOR]
    if held.role == Role.ADMINISTRATOR and (len(administrators) < 2 or not rules.may_administer(actor)):
        raise NotPermitted(_("Minst en administratör behövs. Ge någon annan rollen först."))
    Assignment.objects.filter(pk=held.pk).update(ended_at=now(), once_key=None)
    audit.note(actor, "core.end_role", held.person, role=held.role, unit=held.unit_id)


@transaction.atomic
def change_profile(
    *, actor: Actor, name: str, signature: str, phone: str, withhold_name: bool, language: str
) -> Person:
    """
    Change one's own name, signature, phone and language.

    Raises:
        Invalid: The name is empty.

    Law: FL-9 (the name may be withheld under threat)
    """
    person = _self(actor, lock=True)
    person.name, person.signature, person.phone = _needed(name, "name"), signature.strip(), phone.strip()
    person.withhold_name, person.language = withhold_name, language
    person.save(update_fields=["name", "signature", "phone", "withhold_name", "language"])
    audit.note(actor, "core.change_profile", person)
    return person


@transaction.atomic
def mark_absent(*, actor: Actor, person: Person, from_at: datetime, until_at: datetime) -> Absence:
    """
    Write that somebody is away; their work goes to the deputy meanwhile.

    Raises:
        NotPermitted: The actor neither is the person nor answers residents or leads.
        Invalid: The end is not after the beginning, or has passed.
    """
    if not rules.may_mark_absent(actor, person.pk):
        raise NotPermitted
    if until_at <= from_at or until_at <= now():
        raise Invalid(_("Frånvaron ska sluta efter att den börjar, och inte redan vara över."), field="until_at")
    queries.person_for(actor, person.uid)
    absence: Absence = Absence.objects.create(
        authority_id=actor.authority_id, person=person, from_at=from_at, until_at=until_at,
        marked_by=_self(actor),
    )  # fmt: skip
    audit.note(actor, "core.mark_absent", person, until=until_at)
    return absence


@transaction.atomic
def end_absence(*, actor: Actor, absence_id: int) -> None:
    """Write that somebody is back earlier. Raises NotFound, NotPermitted."""
    absence = queries.absence_for(actor, absence_id)
    if not rules.may_mark_absent(actor, absence.person_id):
        raise NotPermitted
    Absence.objects.of(actor).filter(pk=absence.pk, ended_at=None).update(ended_at=now())
    audit.note(actor, "core.end_absence", absence.person)


@transaction.atomic
def close_day(*, actor: Actor, on: date, why: str) -> ClosedDay:
    """
    Add a day when the authority is closed; deadlines set from now on skip it (P21).

    Raises:
        NotPermitted: Only an administrator or the communications lead may.
    """
    if not actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    day: ClosedDay = ClosedDay.objects.of(actor).update_or_create(
        on=on, defaults={"why": why.strip(), "authority_id": actor.authority_id}
    )[0]
    audit.note(actor, "core.close_day", day, on=on)
    return day


@transaction.atomic
def open_day(*, actor: Actor, on: date) -> None:
    """Take back a closed day. Raises NotPermitted."""
    if not actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    ClosedDay.objects.of(actor).filter(on=on).delete()
    audit.note(actor, "core.open_day", on=on)


def _self(actor: Actor, *, lock: bool = False) -> Person:
    rows = Person.objects.select_for_update() if lock else Person.objects.all()
    if actor.person_id is None:
        raise NotPermitted
    return rows.get(pk=actor.person_id)


def _administer(actor: Actor) -> None:
    if not rules.may_administer(actor):
        raise NotPermitted


def _people_may_be_changed(actor: Actor) -> None:
    if not (actor.is_system or actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)):
        raise NotPermitted


def _needed(value: str, field: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise Invalid(_("Fyll i det här fältet."), field=field)
    return text


def _check_hours(opens: time, closes: time) -> None:
    if closes <= opens:
        raise Invalid(_("Stängningstiden ska vara efter öppningstiden."), field="open_until")


def _new_authority(tenant: Organisation, name: str, *, is_demo: bool = False) -> Authority:
    name = _needed(name, "authority")
    base = slugify(name)[:50] or "myndighet"
    slug, number = base, 1
    while Authority.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    authority = Authority.objects.create(organisation=tenant, name=name, slug=slug, is_demo=is_demo)
    authority.refresh_from_db()
    return authority


def _new_person(tenant: Organisation, email: str, name: str, password: str | None, **values: str) -> Person:
    person = Person(organisation=tenant, email=email.strip().lower(), name=_needed(name, "name"), **values)
    if not person.signature:
        person.signature = person.get_short_name()
    try:
        person.full_clean(exclude=["password"])
        if password is not None:
            validate_password(password, person)
    except ValidationError as error:
        problems = getattr(error, "error_dict", None)
        field, sentence = next(((k, v[0].messages[0]) for k, v in problems.items()), ("", "")) if problems else (
            "password", " ".join(error.messages)
        )  # fmt: skip
        raise Invalid(sentence, field=field) from None
    person.set_password(password)
    person.save(force_insert=True)
    return person


def _assign(actor: Actor, person: Person, role: Role, authority: Authority, unit: Unit | None) -> None:
    key = f"{person.pk}:{authority.pk}:{unit.pk if unit else ''}:{role}"
    held, is_new = Assignment.objects.get_or_create(
        once_key=key,
        defaults={
            "person": person, "organisation_id": authority.organisation_id, "authority": authority, "unit": unit,
            "role": role, "given_by_id": actor.person_id,
        },
    )  # fmt: skip
    if is_new:
        audit.note(actor, "core.give_role", person, role=role, unit=held.unit_id)

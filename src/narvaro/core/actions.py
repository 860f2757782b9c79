"""Every write of the house: organisations, authorities, units, people, roles, absence, closed days."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, jobs, letters, queries, rules, theme, waiting, wall
from narvaro.core.models import Absence, Assignment, Authority, ClosedDay, Organisation, Person, Unit
from narvaro.core.types import Actor, Held, Invalid, Language, NotFound, NotPermitted, OrganisationKind, Role


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
def take_in_authority(*, name: str, kind: str, **about: str) -> tuple[Authority, bool, list[str]]:
    """
    Take in an authority out of a register of authorities, as an organisation of its own, for the command line.

    One that is here already gets what it lacks; what it says itself is never changed. Nobody works there yet.

    Args:
        about: Fields of the authority by name, "" where the register does not say.

    Returns:
        The authority, whether it is new, and which fields were filled in.

    Raises:
        Invalid: A value cannot be used; says which.

    Law: ARK-2
    """
    name = _needed(name, "name")
    tenant, _is_new = Organisation.objects.get_or_create(name=name, defaults={"kind": kind})
    authority = Authority.objects.select_for_update().filter(organisation=tenant).order_by("pk").first()
    is_new = authority is None
    if authority is None:
        authority = _new_authority(tenant, name)
    filled = sorted(key for key, value in about.items() if value and not getattr(authority, key))
    for key in filled:
        setattr(authority, key, about[key])
    if filled:
        _checked(authority)
        authority.version += 1
        authority.save(update_fields=[*filled, "version"])
    if is_new or filled:
        actor = Actor.system(authority, "register of authorities")
        audit.note(actor, "core.add_authority" if is_new else "core.change_authority", authority, fields=filled)
    return authority, is_new, filled


@transaction.atomic
def change_authority(*, actor: Actor, seen_version: int | None = None, **values: Any) -> Authority:
    """
    Change the authority's name, hours, answering goal, contacts or appearance.

    Raises:
        NotPermitted: Only an administrator or the communications lead may.
        Stale: Somebody changed it in between.
        Invalid: A value cannot be used, or is decided elsewhere; says which.
    """
    if not actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    authority = Authority.objects.select_for_update().get(pk=actor.authority_id)
    rules.refuse_stale(seen_version, authority.version)
    for key in authority.decided_in:
        if key in values and values[key] != getattr(authority, key):
            raise Invalid(_("Det här står i er riktlinje. Ändra det där, så ändras det här."), field=key)
    _check_hours(values.get("open_from", authority.open_from), values.get("open_until", authority.open_until))
    for colour in ("primary_colour", "accent_colour"):
        _check_colour(colour, values.get(colour, ""))
    changed = {key: value for key, value in values.items() if getattr(authority, key) != value}
    for key, value in changed.items():
        setattr(authority, key, value)
    authority.version += 1
    _checked(authority)
    authority.save()
    audit.note(actor, "core.change_authority", authority, fields=sorted(changed))
    return authority


@transaction.atomic
def settle_authority(*, actor: Actor, decided_in: str, **values: Any) -> None:
    """
    Let something that the authority has decided, such as its guideline in force, set fields of it.

    They can be changed there alone from now on; fields that were set so before and are not given are free again.

    Args:
        decided_in: The address where it stands.

    Raises:
        NotPermitted: Only a floor above does this, when a decision begins to hold; never a person.

    Law: FL-2
    """
    if not actor.is_system:
        raise NotPermitted
    authority = Authority.objects.select_for_update().get(pk=actor.authority_id)
    for key, value in values.items():
        setattr(authority, key, value)
    authority.decided_in = dict.fromkeys(sorted(values), decided_in)
    authority.version += 1
    authority.save(update_fields=[*values, "decided_in", "version"])
    audit.note(actor, "core.settle_authority", authority, fields=sorted(values))


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
def change_unit(
    *, actor: Actor, unit_uid: UUID, name: str, parent_uid: UUID | str | None = None, email: str = ""
) -> Unit:
    """
    Change a unit's name, place and address.

    Raises:
        NotFound: No such unit in the actor's authority.
        NotPermitted: Only an administrator or the communications lead may.
        Invalid: The name is empty or taken, or the unit would stand under itself.
    """
    _people_may_be_changed(actor)
    unit = queries.unit_for(actor, unit_uid)
    parent = queries.unit_for(actor, parent_uid) if parent_uid else None
    if parent is not None and unit.pk in queries.units_above(actor, parent):
        raise Invalid(_("En enhet kan inte ligga under sig själv."), field="parent_uid")
    unit.name, unit.parent, unit.email = _needed(name, "name"), parent, email.strip()
    try:
        with transaction.atomic():
            unit.save(update_fields=["name", "parent", "email"])
    except IntegrityError:
        raise Invalid(_("Det finns redan en enhet som heter så."), field="name") from None
    audit.note(actor, "core.change_unit", unit)
    return unit


@transaction.atomic
def close_unit(*, actor: Actor, unit_uid: UUID) -> None:
    """
    Close a unit that nobody works in any more. It stays, for what was done there.

    Raises:
        NotFound: No such unit in the actor's authority.
        NotPermitted: Only an administrator or the communications lead may.
        Invalid: Somebody has a role in it, or another unit stands under it.
    """
    _people_may_be_changed(actor)
    unit = queries.unit_for(actor, unit_uid)
    if queries.units_below(actor, unit):
        raise Invalid(_("Det ligger enheter under den här. Flytta eller avsluta dem först."))
    if any(held.unit_id == unit.pk for held in queries.assignments_of(actor)):
        raise Invalid(_("Någon har en roll i enheten. Avsluta eller flytta rollen först."))
    Unit.objects.of(actor).filter(pk=unit.pk).update(is_active=False)
    audit.note(actor, "core.close_unit", unit)


@transaction.atomic
def open_unit(*, actor: Actor, unit_uid: UUID) -> None:
    """Open a closed unit again. Raises NotFound, NotPermitted."""
    _people_may_be_changed(actor)
    unit = queries.unit_for(actor, unit_uid)
    Unit.objects.of(actor).filter(pk=unit.pk).update(is_active=True)
    audit.note(actor, "core.open_unit", unit)


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
    Add somebody and give them their first role. Without a password they get a letter with a link to choose one.

    Somebody who had left comes back with their old account.

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
        if password is None:
            _invite(actor, person)
    elif not person.is_active:
        Person.objects.filter(pk=person.pk).update(is_active=True)
        audit.note(actor, "core.reopen_person", person)
    give_role(actor=actor, person=person, role=role, unit_uid=unit_uid)
    return person


@transaction.atomic
def invite_again(*, actor: Actor, person_uid: UUID) -> None:
    """
    Send a new letter with a link to choose a password; earlier links stop working when one is used.

    Raises:
        NotFound: Nobody such in the actor's authority.
        NotPermitted: Only an administrator or the communications lead may.
        Invalid: The person has chosen a password already, or has left.
    """
    _people_may_be_changed(actor)
    person = queries.member_for(actor, person_uid)
    if person.has_usable_password() or not person.is_active:
        raise Invalid(
            _("Personen har redan ett lösenord. Den som har glömt det begär själv en ny länk vid inloggningen.")
        )
    _invite(actor, person)


@transaction.atomic
def change_person(*, actor: Actor, person_uid: UUID, name: str, email: str, phone: str, withhold_name: bool) -> Person:
    """
    Put right somebody's name, address and phone, or withhold their name. A changed address is told to the old one.

    Raises:
        NotFound: Nobody such in the actor's authority.
        NotPermitted: Only an administrator may.
        Invalid: The address is taken or no address.

    Law: FL-9 (the name may be withheld under threat)
    """
    _administer(actor)
    person = queries.member_for(actor, person_uid)
    old = person.email
    person.name, person.email, person.phone = _needed(name, "name"), email.strip().lower(), phone.strip()
    person.withhold_name = withhold_name
    try:
        person.full_clean(exclude=["password"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise Invalid(problems[0], field=field) from None
    person.save(update_fields=["name", "email", "phone", "withhold_name"])
    if person.email != old:
        letters.write(actor, [letters.address_changed(old, key=f"{person.uid}:{now().isoformat()}")])
    audit.note(actor, "core.change_person", person, address_changed=person.email != old)
    return person


@transaction.atomic
def end_person(*, actor: Actor, person_uid: UUID) -> None:
    """
    End all of somebody's roles in the authority; without a role anywhere their account is closed too.

    What waits for them by name is let go in the same transaction, so that somebody else sees it at once. Whose work
    it becomes is decided where the work is: nothing is given to somebody who has left.

    Raises:
        NotFound: Nobody such in the actor's authority.
        NotPermitted: Only an administrator may, never the last one's, never one's own.
    """
    _administer(actor)
    person = queries.member_for(actor, person_uid)
    if actor.is_person(person):
        raise NotPermitted(_("Du kan inte avsluta ditt eget konto. Be en annan administratör."))
    held = [a for a in queries.assignments_of(actor) if a.person_id == person.pk]
    _keep_an_administrator(actor, [a.pk for a in held])
    for assignment in held:
        Assignment.objects.filter(pk=assignment.pk).update(ended_at=now(), once_key=None)
        audit.note(actor, "core.end_role", person, role=assignment.role, unit=assignment.unit_id)
    if not queries.authorities_of(person):
        Person.objects.filter(pk=person.pk).update(is_active=False)
    audit.note(actor, "core.end_person", person, let_go=waiting.release(actor, person.pk))


@transaction.atomic
def remove_two_step(*, actor: Actor, person_uid: UUID) -> None:
    """
    Take away somebody's app, recovery codes and passkeys, when they have lost them; they are told by letter.

    Raises:
        NotFound: Nobody such in the actor's authority.
        NotPermitted: Only an administrator may, and not for themselves.
    """
    _administer(actor)
    person = queries.member_for(actor, person_uid)
    if actor.is_person(person):
        raise NotPermitted(_("Dina egna nycklar ändrar du under Mina inställningar."))
    Authenticator.objects.filter(user=person).delete()
    letters.write(actor, [letters.two_step_removed(person, key=f"{person.uid}:{now().isoformat()}")])
    audit.note(actor, "core.remove_two_step", person)


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
    if held.role == Role.ADMINISTRATOR and not rules.may_administer(actor):
        raise NotPermitted
    _keep_an_administrator(actor, [held.pk])
    Assignment.objects.filter(pk=held.pk).update(ended_at=now(), once_key=None)
    audit.note(actor, "core.end_role", held.person, role=held.role, unit=held.unit_id)
    if held.person_id in queries.gone(actor, [held.person_id]):
        waiting.release(actor, held.person_id)


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


def choose_language(*, person: Person, language: str) -> None:
    """Keep the language a person wants their pages and letters in; an unknown one changes nothing."""
    if language in set(Language):
        Person.objects.filter(pk=person.pk).update(language=language)


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


@transaction.atomic
def retry_job(*, actor: Actor, job_uid: UUID) -> None:
    """
    Let work that was given up run again.

    Raises:
        NotPermitted: Only an administrator may.
        NotFound: It is not among the given-up ones.
    """
    _administer(actor)
    if not jobs.retry_dead(str(job_uid)):
        raise NotFound
    audit.note(actor, "core.retry_job", job=job_uid)


@transaction.atomic
def send_letter_again(*, actor: Actor, letter_uid: UUID) -> None:
    """
    Let a letter that could not be sent be tried again now.

    Raises:
        NotPermitted: Only an administrator may.
        NotFound: No such letter waits in the actor's authority.
    """
    _administer(actor)
    if not letters.retry(actor, letter_uid):
        raise NotFound
    audit.note(actor, "core.send_letter_again", letter=letter_uid)


@transaction.atomic
def log_changed_keys(*, actor: Actor, names: list[str]) -> None:
    """
    Write in the log that the installation's keys were changed; once for each authority that they protect.

    Args:
        names: The ids of the new keys; never the keys.

    Raises:
        NotPermitted: Only the installation itself changes keys.
    """
    if not actor.is_system:
        raise NotPermitted
    audit.note(actor, "core.change_keys", keys=names)


@transaction.atomic
def log_dropped_keys(*, actor: Actor, count: int) -> None:
    """Write in the log that the installation forgot `count` old keys. Raises NotPermitted for a person."""
    if not actor.is_system:
        raise NotPermitted
    audit.note(actor, "core.drop_keys", count=count)


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


def _keep_an_administrator(actor: Actor, ending: list[int]) -> None:
    """Refuse to end the last role of an administrator who can sign in."""
    left = [a for a in queries.assignments_of(actor) if a.role == Role.ADMINISTRATOR and a.pk not in ending]
    ended = [a for a in queries.assignments_of(actor) if a.role == Role.ADMINISTRATOR and a.pk in ending]
    if ended and not any(a.person.is_active for a in left):
        raise NotPermitted(_("Minst en administratör behövs. Ge någon annan rollen först."))


def _invite(actor: Actor, person: Person) -> None:
    if not queries.authority_of(actor).is_demo:  # its people and their addresses are made up
        letters.write(actor, [letters.invitation(actor, person, key=f"{person.uid}:{now().isoformat()}")])


def _needed(value: str, field: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise Invalid(_("Fyll i det här fältet."), field=field)
    return text


def _check_hours(opens: time, closes: time) -> None:
    if closes <= opens:
        raise Invalid(_("Stängningstiden ska vara efter öppningstiden."), field="open_until")


def _checked(authority: Authority) -> None:
    """Refuse values that the authority's fields cannot hold. Raises Invalid."""
    try:
        authority.full_clean(exclude=["logo"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise Invalid(problems[0], field=field) from None


def _check_colour(field: str, colour: str) -> None:
    problems = theme.problems_of(field, colour)
    if problems:
        raise Invalid(" ".join(problems), field=field)


def _new_authority(tenant: Organisation, name: str, *, is_demo: bool = False) -> Authority:
    name = _needed(name, "authority")
    base = slugify(name)[:50] or "myndighet"
    slug, number = base, 1
    while queries.is_address_taken(slug):
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

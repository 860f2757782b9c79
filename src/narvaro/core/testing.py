"""Builders for tests: an authority, a unit, a person, an actor. For tests only."""

from __future__ import annotations

import itertools

from narvaro.core import queries
from narvaro.core.models import Assignment, Authority, Organisation, Person, Unit
from narvaro.core.types import Actor, Role

_numbers = itertools.count(1)
PASSWORD = "en lång mening att minnas"


def an_authority(name: str = "Storköping", *, organisation: Organisation | None = None) -> Authority:
    number = next(_numbers)
    tenant = organisation or Organisation.objects.create(name=f"{name} kommun {number}")
    authority = Authority.objects.create(organisation=tenant, name=name, slug=f"myndighet-{number}")
    authority.refresh_from_db()
    return authority


def a_unit(authority: Authority, name: str = "Biblioteket", *, parent: Unit | None = None) -> Unit:
    found = Unit.objects.everywhere("builder").filter(authority=authority, name=name).first()
    return found or Unit.objects.create(authority=authority, name=name, parent=parent)


def a_person(authority: Authority, name: str = "Person", *, password: str | None = None) -> Person:
    number = next(_numbers)
    return Person.objects.create_user(
        f"person{number}@storkoping.example", password, name=f"{name} {number}", signature=f"{name} {number}",
        organisation=authority.organisation,
    )  # fmt: skip


def an_actor(
    authority: Authority, *, role: Role = Role.REPRESENTATIVE, unit: Unit | None = None, person: Person | None = None
) -> Actor:
    """Return somebody who holds `role` in the authority (in one unit when it is given)."""
    person = person or a_person(authority, role.value.capitalize())
    Assignment.objects.create(
        person=person, organisation=authority.organisation, authority=authority, unit=unit, role=role,
        once_key=f"{person.pk}:{authority.pk}:{unit.pk if unit else ''}:{role}",
    )  # fmt: skip
    actor = queries.actor_for(person, authority.pk)
    assert actor is not None
    return actor


def person_of(actor: Actor) -> Person:
    return Person.objects.get(pk=actor.person_id)

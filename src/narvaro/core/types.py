"""Words of the house: roles, the actor, and the refusals every capability shares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from narvaro.core.models import Authority, Person


class Role(models.TextChoices):
    """What a person is in an organisation, an authority or a unit."""

    COMMUNICATIONS_LEAD = "communications_lead", _("Kommunikationsansvarig")
    UNIT_MANAGER = "unit_manager", _("Enhetschef")
    REPRESENTATIVE = "representative", _("Företrädare")
    DEPUTY = "deputy", _("Ersättare")
    REGISTRAR = "registrar", _("Registrator")
    ARCHIVIST = "archivist", _("Arkivarie")
    DPO = "dpo", _("Dataskyddsombud")
    AUDITOR = "auditor", _("Revisor")
    ADMINISTRATOR = "administrator", _("Administratör")
    EMPLOYEE = "employee", _("Medarbetare")


READS_ALL = frozenset({
    Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER, Role.REPRESENTATIVE, Role.DEPUTY, Role.REGISTRAR,
    Role.ARCHIVIST, Role.DPO, Role.AUDITOR,
})  # fmt: skip
"""Roles that may read what has come in to the authority and is not restricted."""

ANSWERS = frozenset({Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER, Role.REPRESENTATIVE, Role.DEPUTY})
"""Roles that may answer residents."""


class OrganisationKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("Kommun")
    REGION = "region", _("Region")
    AGENCY = "agency", _("Statlig myndighet")
    COMPANY = "company", _("Bolag eller förbund")


@dataclass(frozen=True, slots=True)
class Held:
    """One role that somebody holds, in the whole authority (`unit_id` None) or in one unit."""

    role: Role
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Who acts, in which authority, with which roles. Every query and every action starts from one.

    A machine acts as `Actor.system(authority, duty)`: it has no person and no roles, and its duty
    stands in the audit log.
    """

    authority_id: int
    organisation_id: int
    person_id: int | None = None
    name: str = ""
    roles: frozenset[Held] = frozenset()
    duty: str = ""

    @classmethod
    def system(cls, authority: Authority, duty: str) -> Actor:
        return cls(authority_id=authority.pk, organisation_id=authority.organisation_id, duty=duty)

    @classmethod
    def visitor(cls, authority: Authority) -> Actor:
        """Return anybody at all who opens a public page of an authority: nobody's name, no roles, no duty."""
        return cls(authority_id=authority.pk, organisation_id=authority.organisation_id)

    @property
    def is_system(self) -> bool:
        return self.person_id is None and bool(self.duty)

    def has(self, *roles: Role, unit_id: int | None = None) -> bool:
        """Whether any of `roles` is held for the whole authority, or in `unit_id` when given."""
        return any(h.role in roles and h.unit_id in (None, unit_id) for h in self.roles)

    def has_anywhere(self, *roles: Role) -> bool:
        """Whether any of `roles` is held in the authority or in any of its units."""
        return any(h.role in roles for h in self.roles)

    def units_as(self, *roles: Role) -> frozenset[int]:
        """Return the units in which one of `roles` is held."""
        return frozenset(h.unit_id for h in self.roles if h.role in roles and h.unit_id is not None)

    def is_person(self, person: Person | int | None) -> bool:
        key = getattr(person, "pk", person)
        return key is not None and key == self.person_id


class AuditVerbError(ValueError):
    """An audit verb is not of the form `capability.verb_object`."""


class Problem(Exception):
    """
    Something a person must be told. `str()` is a plain Swedish sentence; `status` is the page's code.

        Problem
        ├── NotFound       missing, or another organisation's: the two look alike
        ├── NotPermitted   the actor may not do this
        ├── Stale          someone changed it in between
        ├── Replayed       the form was sent once already
        ├── Invalid        a value cannot be used; `field` says which
        └── NotKept        the record is not committed yet
    """

    status = 400
    default: Any = _("Det gick inte att göra.")

    def __init__(self, message: Any = None) -> None:
        super().__init__(message or self.default)


class NotFound(Problem):
    status = 404
    default = _("Det du söker finns inte här, eller så hör det till en annan myndighet.")


class NotPermitted(Problem):
    status = 403
    default = _("Du har inte behörighet att göra detta. Administratören kan ändra din roll.")


class Stale(Problem):
    status = 409
    default = _("Någon hann ändra detta medan du skrev. Inget av det du skrev är borta. Läs det nya och försök igen.")


class Replayed(Problem):
    status = 409
    default = _("Det här är redan gjort. Formuläret skickades en gång till, och den andra gången gav ingen verkan.")


class Invalid(Problem):
    status = 422
    default = _("En uppgift går inte att använda.")

    def __init__(self, message: Any = None, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NotKept(Problem):
    status = 409
    default = _("Handlingen är inte bevarad ännu. Vänta en stund och försök igen.")


class Language(StrEnum):
    SWEDISH = "sv"
    ENGLISH = "en"


VERBS = {
    "core.set_up": _("satte upp Närvaro"),
    "core.add_authority": _("lade till myndigheten"),
    "core.change_authority": _("ändrade myndighetens uppgifter"),
    "core.settle_authority": _("satte myndighetens tider efter riktlinjen"),
    "core.add_unit": _("lade till enheten"),
    "core.add_person": _("lade till personen"),
    "core.give_role": _("gav en roll"),
    "core.end_role": _("avslutade en roll"),
    "core.change_profile": _("ändrade sina uppgifter"),
    "core.mark_absent": _("markerade frånvaro"),
    "core.end_absence": _("avslutade frånvaro"),
    "core.close_day": _("lade till en stängd dag"),
    "core.open_day": _("tog bort en stängd dag"),
    "core.change_unit": _("ändrade enheten"),
    "core.close_unit": _("avslutade enheten"),
    "core.open_unit": _("öppnade enheten igen"),
    "core.reopen_person": _("öppnade kontot igen"),
    "core.change_person": _("ändrade uppgifterna om personen"),
    "core.end_person": _("avslutade personen här"),
    "core.remove_two_step": _("tog bort tvåstegsverifieringen"),
    "core.retry_job": _("startade om ett arbete som hade givits upp"),
    "core.change_keys": _("bytte installationens nycklar"),
    "core.drop_keys": _("glömde installationens gamla nycklar"),
    "core.send_letter_again": _("lät ett brev som hade fastnat skickas igen"),
}
"""What each of core's audit verbs means, after the actor's name."""

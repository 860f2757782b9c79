"""Decisions of the house on plain values: who holds which role when, and the authority's working time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

from django.utils.translation import gettext as _

from narvaro.base.workingtime import WorkingCalendar
from narvaro.core.types import READS_ALL, Actor, Role, Stale


def calendar_of(open_from: time, open_until: time, weekdays: str, closed_days: Iterable[date]) -> WorkingCalendar:
    """Return the working calendar of an authority; `weekdays` are ISO digits, "12345" is Monday to Friday."""
    hours = tuple((open_from, open_until) if str(day) in weekdays else None for day in range(1, 8))
    return WorkingCalendar(hours=hours, closed_days=frozenset(closed_days))


def may_administer(actor: Actor) -> bool:
    """Whether the actor administers the whole authority."""
    return actor.has(Role.ADMINISTRATOR)


def may_read_records(actor: Actor) -> bool:
    """Whether the actor may read what has come in and is not restricted."""
    return actor.is_system or actor.has_anywhere(*READS_ALL)


def may_read_audit(actor: Actor) -> bool:
    """Whether the actor may read the audit log (SM-19)."""
    return actor.has(Role.AUDITOR, Role.ADMINISTRATOR, Role.ARCHIVIST, Role.DPO)


def changes_nothing(actor: Actor) -> bool:
    """Whether the auditor's role is all the actor has: reads all, changes nothing."""
    return not actor.is_system and {held.role for held in actor.roles} <= {Role.AUDITOR, Role.EMPLOYEE}


def may_mark_absent(actor: Actor, person_id: int) -> bool:
    """Anyone who answers residents may mark a colleague absent: the enthusiast may be ill and silent."""
    if {held.role for held in actor.roles} <= {Role.AUDITOR}:
        return False
    return actor.person_id == person_id or actor.has_anywhere(
        Role.UNIT_MANAGER, Role.COMMUNICATIONS_LEAD, Role.REPRESENTATIVE, Role.DEPUTY, Role.ADMINISTRATOR
    )


ADMINISTRATION = frozenset({
    Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD, Role.AUDITOR, Role.DPO, Role.ARCHIVIST,
})  # fmt: skip
"""Roles that may see how the authority is set up."""

WHOLE_AUTHORITY = frozenset({
    Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD, Role.REGISTRAR, Role.ARCHIVIST, Role.DPO, Role.AUDITOR,
})  # fmt: skip
"""Roles that are held for the whole authority only."""


KEPT_WORDS = frozenset({
    "api", "dialog", "favicon", "moderering", "narvaro", "oppna-data", "planer", "policy", "robots", "static",
    "statistik", "status", "sv", "en", "uppfoljning", "utbildning", "uploads",
})  # fmt: skip
"""Short names that no authority gets, beside the first words of our addresses: files, and places still to come."""


def role_place_problem(role: Role, *, in_unit: bool) -> str:
    """Return why a role cannot be held there, as a sentence; "" when it can."""
    if in_unit and role in WHOLE_AUTHORITY:
        return _("Rollen gäller hela myndigheten. Välj Hela myndigheten.")
    if not in_unit and role == Role.UNIT_MANAGER:
        return _("Välj vilken enhet chefen leder.")
    return ""


def may_change_setup(actor: Actor) -> bool:
    """Whether the actor may change people, units, hours and appearance."""
    return actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)


def may_see_operations(actor: Actor) -> bool:
    """Whether the actor may see how the work in the background goes."""
    return actor.has(Role.ADMINISTRATOR, Role.AUDITOR)


def refuse_stale(seen: int | None, now: int) -> None:
    """Refuse when the row has moved on since the person saw it. Raises Stale."""
    if seen is not None and seen != now:
        raise Stale

"""Keeping an account safe: ten points, the first measures when one is taken over, and by when who is told."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from narvaro.channels.rules.people import may_connect, may_register
from narvaro.core.types import ANSWERS, Actor, Role


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the checklist: what it is called, and what counts as evidence."""

    key: str
    title: Any
    evidence: Any


POINTS: tuple[Point, ...] = (
    Point("watched", _("Någon ser till kontot flera gånger om dagen"),
          _("Bevakningspass, uppsikt eller vem som gör det.")),
    Point("password", _("Starkt lösenord som inte används någon annanstans"),
          _("Hur det gjordes, till exempel av valvet.")),
    Point("two_step", _("Tvåstegsverifiering är på för alla som loggar in"), _("Var det syns, och vem som såg det.")),
    Point("access_list", _("Listan över vilka som har tillgång stämmer"), _("Kvartalets genomgång räcker.")),
    Point("least_access", _("Ingen har mer behörighet än arbetet kräver"),
          _("Vilka roller som används på plattformen.")),
    Point("two_people", _("Minst två personer kan styra kontot"), _("Listan över vilka som har tillgång.")),
    Point("mailbox", _("Kontot är registrerat på en funktionsbrevlåda"), _("Vilken brevlåda, och att den läses.")),
    Point("no_mail", _("Lösenord skickas aldrig med e-post eller chatt"), _("Hur det lämnas över i stället.")),
    Point("separate", _("Arbetskontot är skilt från privata konton"),
          _("Till exempel genom plattformens företagsverktyg.")),
    Point("third_party", _("Anslutna appar är få och kända"), _("Vilka som är anslutna, och när de sågs över.")),
)  # fmt: skip
"""The ten points. Law: SEC-2"""


@dataclass(frozen=True, slots=True)
class FirstMeasure:
    """Something to do at once when an account is taken over: what, and how."""

    key: str
    title: Any
    how: Any


MEASURES: tuple[FirstMeasure, ...] = (
    FirstMeasure("keep", _("Bevara det som har hänt"),
                 _("Spara bilder och länkar innan något tas bort. Lägg in det under Lägg in något.")),
    FirstMeasure("revoke", _("Dra in Närvaros nyckel"),
                 _("Knappen här kastar den nyckel som Närvaro har. Dra in andra appars nycklar på plattformen.")),
    FirstMeasure("password", _("Byt lösenord och logga ut alla"),
                 _("Byt också lösenordet till funktionsbrevlådan, och lägg det nya i valvet.")),
    FirstMeasure("people", _("Ta bort okända personer och appar"),
                 _("Gå igenom vilka som kan styra kontot, och slå på tvåstegsverifiering på nytt.")),
    FirstMeasure("platform", _("Anmäl till plattformen"),
                 _("Använd plattformens formulär för kapade konton, från funktionsbrevlådan.")),
    FirstMeasure("warn", _("Varna allmänheten"),
                 _("Skriv på webbplatsen och i andra kanaler att kontot inte är ert nu, och vart man vänder sig.")),
    FirstMeasure("tell", _("Tala om det internt"),
                 _("Enhetens chef, kommunikationsansvarig, it-säkerhet, registrator och dataskyddsombud.")),
    FirstMeasure("police", _("Polisanmäl när det är ett brott"),
                 _("Dataintrång, bedrägeri eller hot. Ring 112 om någon är i fara.")),
    FirstMeasure("correct", _("Rätta det som publicerades"),
                 _("Ta bort eller rätta det som inte var ert, när det är bevarat.")),
)  # fmt: skip
"""What is done first. Law: SEC-1"""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that is told of by a moment, and how long before it is reminded of."""

    key: str
    title: Any
    to_whom: Any
    remind_before: timedelta
    law: str
    role: Role


TIMERS: tuple[Timer, ...] = (
    Timer("early", _("Tidig varning"), _("CSIRT-enheten hos MCF"), timedelta(hours=6), "SEC-1",
          Role.COMMUNICATIONS_LEAD),
    Timer("notice", _("Incidentanmälan"), _("CSIRT-enheten hos MCF"), timedelta(hours=24), "SEC-1",
          Role.COMMUNICATIONS_LEAD),
    Timer("final", _("Slutrapport"), _("CSIRT-enheten hos MCF"), timedelta(days=5), "SEC-1", Role.COMMUNICATIONS_LEAD),
    Timer("breach", _("Anmälan om personuppgifter"), _("Integritetsskyddsmyndigheten"), timedelta(hours=24), "GDPR-3",
          Role.DPO),
)  # fmt: skip
"""Who is told by when. The times are recalled, not read in the law, and the page says so. Law: SEC-1, GDPR-3"""

EARLY, NOTICE, BREACH = timedelta(hours=24), timedelta(hours=72), timedelta(hours=72)


def dues(found_at: datetime, done: Mapping[str, datetime], *, concerns_people: bool) -> dict[str, datetime]:
    """
    Return by when each thing is told, by the key of its timer.

    Args:
        found_at: When somebody here understood what had happened.
        done: When what is told already was told; the final report is due a month after the notice.
        concerns_people: Whether personal data may be concerned, known or not.

    Law: SEC-1, GDPR-3
    """
    notice = found_at + NOTICE
    due = {"early": found_at + EARLY, "notice": notice, "final": a_month_after(done.get("notice", notice))}
    return due | ({"breach": found_at + BREACH} if concerns_people else {})


def a_month_after(at: datetime) -> datetime:
    """Return the same time of the same day of the next month; its last day where there is no such day."""
    year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def may_keep(actor: Actor, responsible_id: int, deputy_id: int | None, unit_id: int) -> bool:
    """Whether the actor writes down where the password lies, who reaches it and what is checked."""
    return may_connect(actor, responsible_id, deputy_id, unit_id)


def may_see_custody(actor: Actor, responsible_id: int, deputy_id: int | None, unit_id: int) -> bool:
    """Whether the actor may know where the password lies: those who keep it, and those who look after the keepers."""
    return may_keep(actor, responsible_id, deputy_id, unit_id) or actor.has(Role.AUDITOR, Role.DPO)


def may_work_on_incident(actor: Actor) -> bool:
    """Whether the actor may open an incident and write in its log: in haste everybody who answers residents may."""
    return actor.is_system or actor.has_anywhere(*ANSWERS, Role.ADMINISTRATOR, Role.DPO)


SEES_INCIDENTS = (*sorted(ANSWERS), Role.ADMINISTRATOR, Role.DPO, Role.AUDITOR, Role.ARCHIVIST, Role.REGISTRAR)
"""Roles that may read about incidents: those who work on them, and those who look after what was done."""


def may_see_incidents(actor: Actor) -> bool:
    """Whether the actor may read about incidents."""
    return actor.is_system or actor.has_anywhere(*SEES_INCIDENTS)


def may_close_incident(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may say that an incident is over."""
    return may_register(actor, unit_id)

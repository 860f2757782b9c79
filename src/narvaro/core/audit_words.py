"""
The audit log in words.

A verb is told as a sentence after the name of whoever did it, with the names of the people and units it was
about. What each verb means stands in `VERBS` of its capability's types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.core import audit, queries
from narvaro.core.models import AuditEntry
from narvaro.core.types import Actor, Role

NAMED: dict[str, Any] = {
    "core.add_authority": gettext_lazy("lade till myndigheten %(subject)s"),
    "core.add_unit": gettext_lazy("lade till enheten %(subject)s"),
    "core.change_unit": gettext_lazy("ändrade enheten %(subject)s"),
    "core.close_unit": gettext_lazy("avslutade enheten %(subject)s"),
    "core.open_unit": gettext_lazy("öppnade enheten %(subject)s igen"),
    "core.add_person": gettext_lazy("lade till %(subject)s"),
    "core.reopen_person": gettext_lazy("öppnade kontot för %(subject)s igen"),
    "core.change_person": gettext_lazy("ändrade uppgifterna om %(subject)s"),
    "core.end_person": gettext_lazy("avslutade %(subject)s här"),
    "core.give_role": gettext_lazy("gav %(subject)s rollen %(role)s%(unit)s"),
    "core.end_role": gettext_lazy("avslutade rollen %(role)s%(unit)s för %(subject)s"),
    "core.remove_two_step": gettext_lazy("tog bort tvåstegsverifieringen för %(subject)s"),
    "core.mark_absent": gettext_lazy("angav att %(subject)s är borta till %(until)s"),
    "core.end_absence": gettext_lazy("angav att %(subject)s är tillbaka"),
    "core.close_day": gettext_lazy("lade in %(on)s som stängd dag"),
    "core.open_day": gettext_lazy("tog bort %(on)s som stängd dag"),
}
"""Verbs whose sentence names what they were about; the others stand as `audit.sentence` has them."""


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as it is shown: who, what in words, and the plain facts behind."""

    pk: int
    at: datetime
    who: str
    text: str
    why: str
    verb: str
    subject: str
    facts: tuple[tuple[str, str], ...]


def label_of(verb: str) -> str:
    """Return a verb as it stands in the filter."""
    return capfirst(audit.sentence(verb))


def tell(actor: Actor, entries: list[AuditEntry]) -> list[Told]:
    """Return entries in words. Names are read in two queries, however many entries there are."""
    people = queries.people_named(actor, {e.subject_id or 0 for e in entries if e.subject_kind == "core.person"})
    unit_ids = {e.subject_id or 0 for e in entries if e.subject_kind == "core.unit"}
    unit_ids |= {e.facts["unit"] for e in entries if isinstance(e.facts.get("unit"), int)}
    units = queries.units_named(actor, unit_ids)
    names: dict[tuple[str, int | None], str] = {("core.person", pk): p.name for pk, p in people.items()}
    names |= {("core.unit", pk): u.name for pk, u in units.items()}
    return [_told(entry, names) for entry in entries]


def _told(entry: AuditEntry, names: Mapping[tuple[str, int | None], str]) -> Told:
    words = NAMED.get(entry.verb)
    subject = names.get((entry.subject_kind, entry.subject_id), "")
    unit = names.get(("core.unit", entry.facts.get("unit")), "")
    fills = {
        "subject": subject or _("något som inte finns kvar"),
        "role": _role(entry.facts.get("role", "")),
        "unit": _(" i %(unit)s") % {"unit": unit} if unit else "",
        "on": str(entry.facts.get("on", "")),
        "until": str(entry.facts.get("until", ""))[:16].replace("T", " "),
    }
    who = entry.actor_name if entry.person_id else _("Närvaro (%(duty)s)") % {"duty": entry.actor_name}
    text = str(words) % fills if words else audit.sentence(entry.verb)
    return Told(
        pk=entry.pk, at=entry.at, who=who, text=text, why=entry.why,
        verb=entry.verb, subject=f"{entry.subject_kind} {entry.subject_uid or entry.subject_id or ''}".strip(),
        facts=tuple((str(key), str(value)) for key, value in sorted(entry.facts.items())),
    )  # fmt: skip


def _role(value: str) -> str:
    return str(Role(value).label) if value in Role.values else value

"""
The audit log in words.

A verb is told as a sentence after the name of whoever did it. Capabilities above this one name their own
verbs in `AUDIT_WORDS` of their `types`, in the same form; a verb without words is shown as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.core import queries
from narvaro.core.models import AuditEntry
from narvaro.core.types import Actor, Role


class Words(NamedTuple):
    """A verb for the filter, and as a sentence with %(subject)s, %(role)s, %(unit)s, %(on)s or %(until)s."""

    label: Any
    sentence: Any


AUDIT_WORDS: dict[str, Words] = {
    "core.set_up": Words(gettext_lazy("Satte upp Närvaro"), gettext_lazy("satte upp Närvaro")),
    "core.add_authority": Words(
        gettext_lazy("Lade till en myndighet"), gettext_lazy("lade till myndigheten %(subject)s")
    ),
    "core.change_authority": Words(
        gettext_lazy("Ändrade myndigheten"), gettext_lazy("ändrade myndighetens inställningar")
    ),
    "core.add_unit": Words(gettext_lazy("Lade till en enhet"), gettext_lazy("lade till enheten %(subject)s")),
    "core.change_unit": Words(gettext_lazy("Ändrade en enhet"), gettext_lazy("ändrade enheten %(subject)s")),
    "core.close_unit": Words(gettext_lazy("Avslutade en enhet"), gettext_lazy("avslutade enheten %(subject)s")),
    "core.open_unit": Words(gettext_lazy("Öppnade en enhet"), gettext_lazy("öppnade enheten %(subject)s igen")),
    "core.add_person": Words(gettext_lazy("Lade till en person"), gettext_lazy("lade till %(subject)s")),
    "core.reopen_person": Words(gettext_lazy("Öppnade ett konto"), gettext_lazy("öppnade kontot för %(subject)s igen")),
    "core.change_person": Words(gettext_lazy("Ändrade en person"), gettext_lazy("ändrade uppgifterna om %(subject)s")),
    "core.end_person": Words(gettext_lazy("Avslutade en person"), gettext_lazy("avslutade %(subject)s här")),
    "core.give_role": Words(gettext_lazy("Gav en roll"), gettext_lazy("gav %(subject)s rollen %(role)s%(unit)s")),
    "core.end_role": Words(
        gettext_lazy("Avslutade en roll"), gettext_lazy("avslutade rollen %(role)s%(unit)s för %(subject)s")
    ),
    "core.remove_two_step": Words(
        gettext_lazy("Tog bort tvåstegsverifiering"), gettext_lazy("tog bort tvåstegsverifieringen för %(subject)s")
    ),
    "core.change_profile": Words(gettext_lazy("Ändrade sin profil"), gettext_lazy("ändrade sin profil")),
    "core.mark_absent": Words(
        gettext_lazy("Angav frånvaro"), gettext_lazy("angav att %(subject)s är borta till %(until)s")
    ),
    "core.end_absence": Words(gettext_lazy("Avslutade frånvaro"), gettext_lazy("angav att %(subject)s är tillbaka")),
    "core.close_day": Words(gettext_lazy("Stängde en dag"), gettext_lazy("lade in %(on)s som stängd dag")),
    "core.open_day": Words(gettext_lazy("Öppnade en dag"), gettext_lazy("tog bort %(on)s som stängd dag")),
    "core.retry_job": Words(
        gettext_lazy("Startade om ett arbete"), gettext_lazy("startade om ett arbete som hade givits upp")
    ),
    "core.send_letter_again": Words(
        gettext_lazy("Skickade ett brev igen"), gettext_lazy("lät ett brev som hade fastnat skickas igen")
    ),
}


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
    words = _words(verb)
    return str(words.label) if words else verb


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
    words = _words(entry.verb)
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
    return Told(
        pk=entry.pk, at=entry.at, who=who, text=str(words.sentence) % fills if words else entry.verb, why=entry.why,
        verb=entry.verb, subject=f"{entry.subject_kind} {entry.subject_uid or entry.subject_id or ''}".strip(),
        facts=tuple((str(key), str(value)) for key, value in sorted(entry.facts.items())),
    )  # fmt: skip


def _role(value: str) -> str:
    return str(Role(value).label) if value in Role.values else value


def _words(verb: str) -> Words | None:
    if verb in AUDIT_WORDS:
        return AUDIT_WORDS[verb]
    capability = verb.partition(".")[0]
    if not apps.is_installed(f"narvaro.{capability}") or find_spec(f"narvaro.{capability}.types") is None:
        return None
    found = getattr(import_module(f"narvaro.{capability}.types"), "AUDIT_WORDS", {}).get(verb)
    return Words(*found) if found else None

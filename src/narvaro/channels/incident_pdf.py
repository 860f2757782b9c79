"""The report of an incident as a document to send: PDF/A, set from values alone."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from narvaro.channels.queries import incidents
from narvaro.channels.rules import platform_name, security
from narvaro.core import queries as core
from narvaro.core.moments import full_time
from narvaro.core.types import Actor
from narvaro.formats import pdf

if TYPE_CHECKING:
    from narvaro.channels.models import SecurityIncident


def render(actor: Actor, incident: SecurityIncident, *, at: datetime) -> bytes:
    """Return an incident's report as PDF/A. Raises what `formats.pdf.render` raises. Law: SEC-1, GDPR-3"""
    entries, channel = incidents.log(actor, incident), incident.channel
    names = {measure.key: str(measure.title) for measure in security.MEASURES}
    names |= {timer.key: str(timer.title) for timer in security.TIMERS}
    values = {
        "title": _("Incidentrapport: %(channel)s") % {"channel": channel.name},
        "authority": core.authority_of(actor).name,
        "number": str(incident.uid),
        "facts": [
            [_("Vad som hänt"), str(incident.get_kind_display())],
            [_("Konto"), f"{channel.handle} ({platform_name(channel.platform)})"],
            [_("Enhet"), channel.unit.name],
            [_("Upptäckt"), full_time(incident.found_at)],
            [_("Rör personuppgifter"), str(incident.get_concerns_people_display())],
            [_("Avslutad"), full_time(incident.closed_at) if incident.closed_at else _("Pågår")],
        ],
        "dues": [
            [
                f"{due.timer.title}, {due.timer.to_whom}", full_time(due.at),
                full_time(due.settled.at) + f" ({due.settled.get_kind_display()})" if due.settled else _("Inte än"),
            ]
            for due in incidents.dues(incident, entries)
        ],
        "measures": [
            [str(measure.title), full_time(entry.at) if entry else _("Inte än")]
            for measure, entry in incidents.measures(entries)
        ],
        "log": [
            [
                full_time(entry.at), entry.by_name,
                ": ".join(str(p) for p in (entry.get_kind_display(), names.get(entry.key), entry.to_whom) if p)
                + (f"\n{entry.text}" if entry.text else ""),
            ]
            for entry in entries
        ],
        "lessons": incident.lessons,
        "recalled": _("Tiderna är återgivna ur minnet av NIS 2-direktivets artikel 23 och dataskyddsförordningens "
                      "artikel 33. Kontrollera dem hos tillsynsmyndigheten."),
    }  # fmt: skip
    return pdf.render((files("narvaro.channels") / "incident.typ").read_bytes(), values, at=at)

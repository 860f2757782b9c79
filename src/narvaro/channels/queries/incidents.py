"""Incidents of accounts: what has happened, what is done about it, and who is told by when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from narvaro.base.clock import now
from narvaro.channels.models import IncidentEntry, SecurityIncident
from narvaro.channels.rules import security
from narvaro.channels.types import Concerns, EntryKind
from narvaro.core.types import Actor, NotFound, NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority

SETTLES = (EntryKind.REPORTED, EntryKind.NOT_NEEDED)


@dataclass(frozen=True, slots=True)
class Due:
    """Something to tell somebody by a moment, and the line that says that it was told or need not be."""

    timer: security.Timer
    at: datetime
    settled: IncidentEntry | None

    @property
    def is_late(self) -> bool:
        return self.settled is None and self.at <= now()


def incident_for(actor: Actor, uid: UUID | str) -> SecurityIncident:
    """Return one incident of the actor's authority. Raises NotFound, NotPermitted."""
    found: SecurityIncident | None = (
        SecurityIncident.objects.of(actor)
        .filter(uid=uid)
        .select_related("channel__unit", "channel__responsible", "channel__deputy", "opened_by")
        .first()
    )
    if found is None:
        raise NotFound
    if not security.may_see_incidents(actor):
        raise NotPermitted
    return found


def incidents(actor: Actor, *, limit: int = 100) -> list[SecurityIncident]:
    """Return the authority's incidents, open ones first and then the newest. Raises NotPermitted."""
    if not security.may_see_incidents(actor):
        raise NotPermitted
    rows = list(SecurityIncident.objects.of(actor).select_related("channel").order_by("-pk")[:limit])
    return sorted(rows, key=lambda row: row.closed_at is not None)


def open_incidents(actor: Actor, found: Iterable[Channel] | None = None) -> list[SecurityIncident]:
    """Return the incidents that are not closed, of the channels or (None) of all, oldest first."""
    rows = SecurityIncident.objects.of(actor).filter(closed_at=None).select_related("channel__unit", "opened_by")
    if found is not None:
        rows = rows.filter(channel__in=list(found))
    return list(rows.order_by("pk"))


def authorities_with_open_incidents() -> list[Authority]:
    """Return the authorities of the installation where an incident is open, for sweeps."""
    rows = SecurityIncident.objects.everywhere("remind of incidents").filter(closed_at=None)
    found = {row.authority_id: row.authority for row in rows.select_related("authority").order_by("authority_id")}
    return list(found.values())


def log(actor: Actor, incident: SecurityIncident) -> list[IncidentEntry]:
    """Return an incident's log, in the order it was written."""
    return list(IncidentEntry.objects.of(actor).filter(incident=incident).order_by("pk"))


def dues(incident: SecurityIncident, entries: Iterable[IncidentEntry]) -> list[Due]:
    """
    Return what is to be told by when, in the order it is due.

    Law: SEC-1, GDPR-3
    """
    settled: dict[str, IncidentEntry] = {}
    for entry in entries:
        if entry.kind in SETTLES:
            settled.setdefault(entry.key, entry)
    at = security.dues(
        incident.found_at, {key: entry.at for key, entry in settled.items() if entry.kind == EntryKind.REPORTED},
        concerns_people=incident.concerns_people != Concerns.NO,
    )  # fmt: skip
    found = [Due(timer, at[timer.key], settled.get(timer.key)) for timer in security.TIMERS if timer.key in at]
    return sorted(found, key=lambda due: due.at)


def measures(entries: Iterable[IncidentEntry]) -> list[tuple[security.FirstMeasure, IncidentEntry | None]]:
    """Return the first measures, each with the line that says that it is done."""
    done: dict[str, IncidentEntry] = {}
    for entry in entries:
        if entry.kind == EntryKind.MEASURE:
            done.setdefault(entry.key, entry)
    return [(measure, done.get(measure.key)) for measure in security.MEASURES]


def as_report(actor: Actor, incident: SecurityIncident) -> dict[str, Any]:
    """
    Return an incident as plain values, for a report: what, when, what was done, who was told. Functions stand by name
    only where they acted; nothing of what residents wrote.

    Law: SEC-1, GDPR-3
    """
    entries = log(actor, incident)
    channel = incident.channel
    return {
        "format": "narvaro-incident-1",
        "incident": str(incident.uid),
        "kind": incident.kind,
        "channel": {
            "uid": str(channel.uid), "name": channel.name, "platform": channel.platform, "account": channel.handle,
            "unit": channel.unit.name,
        },
        "found_at": incident.found_at.isoformat(),
        "opened_at": incident.opened_at.isoformat(),
        "closed_at": incident.closed_at.isoformat() if incident.closed_at else None,
        "concerns_personal_data": incident.concerns_people,
        "lessons": incident.lessons,
        "due": [
            {
                "what": due.timer.key, "to": str(due.timer.to_whom), "by": due.at.isoformat(),
                "law": due.timer.law, "settled_at": due.settled.at.isoformat() if due.settled else None,
                "settled_as": due.settled.kind if due.settled else None,
            }
            for due in dues(incident, entries)
        ],
        "measures": [
            {"what": measure.key, "done_at": entry.at.isoformat() if entry else None}
            for measure, entry in measures(entries)
        ],
        "log": [
            {
                "number": number, "kind": entry.kind, "key": entry.key, "at": entry.at.isoformat(),
                "noted_at": entry.noted_at.isoformat(), "by": entry.by_name, "to_whom": entry.to_whom,
                "text": entry.text,
            }
            for number, entry in enumerate(entries, start=1)
        ],
    }  # fmt: skip

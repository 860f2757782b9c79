"""An account taken over: opened in one press, first measures, who is told by when, and what was learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels.models import Channel, ChannelReading, ChannelSecret, IncidentEntry, SecurityIncident
from narvaro.channels.queries import incidents as reads
from narvaro.channels.rules import security
from narvaro.channels.types import ChannelState, Concerns, Connection, EntryKind, IncidentKind
from narvaro.core import audit, letters, waiting
from narvaro.core import queries as core
from narvaro.core import rules as house
from narvaro.core.moments import full_time
from narvaro.core.types import Actor, Invalid, NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.core.models import Authority, Person

PLACE = "security"
LATE_AT_MOST = timedelta(minutes=5)  # a clock of somebody's own may run ahead


@transaction.atomic
def open_incident(*, actor: Actor, channel: Channel, kind: str = IncidentKind.TAKEN_OVER) -> SecurityIncident:
    """
    Open an incident about a channel, in one press: the clocks run from now, and those who must know get a letter.

    One that is open already is returned as it is.

    Raises:
        NotPermitted: The actor answers no residents.
        Invalid: The channel is closed.

    Law: SEC-1, GDPR-3
    """
    if not security.may_work_on_incident(actor):
        raise NotPermitted
    if channel.state == ChannelState.CLOSED:
        raise Invalid(_("Kanalen är avslutad."))
    try:
        with transaction.atomic():
            incident: SecurityIncident = SecurityIncident.objects.create(
                authority_id=channel.authority_id, channel=channel, kind=IncidentKind(kind).value,
                opened_by_id=actor.person_id,
            )  # fmt: skip
    except IntegrityError:
        held: SecurityIncident = SecurityIncident.objects.of(actor).get(channel=channel, closed_at=None)
        return held
    _write(actor, incident, EntryKind.OPENED)
    _put_before(actor, incident)
    _tell(actor, incident, _to_tell(actor, incident), "opened", _opened_words)
    audit.note(actor, "channels.open_incident", channel, incident=incident.uid, kind=incident.kind)
    return incident


@transaction.atomic
def change_incident(
    *, actor: Actor, incident: SecurityIncident, kind: str, found_at: datetime, concerns_people: str,
    seen_version: int | None = None,
) -> SecurityIncident:  # fmt: skip
    """
    Say more exactly what has happened, when somebody here understood it, and whether personal data are concerned.

    Raises:
        NotPermitted, Stale
        Invalid: It is closed, or it was understood in the future.

    Law: SEC-1, GDPR-3
    """
    row = _held(actor, incident, seen_version)
    if found_at > now() + LATE_AT_MOST:
        raise Invalid(_("Tiden har inte varit än."), field="found_at")
    wanted = {"kind": kind, "found_at": found_at, "concerns_people": concerns_people}
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if not changed:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*changed, "version"])
    said = [f"{row.get_kind_display()}.", _("Upptäckt %(when)s.") % {"when": full_time(row.found_at)}]
    said.append(_("Rör personuppgifter: %(answer)s.") % {"answer": row.get_concerns_people_display()})
    _write(actor, row, EntryKind.CHANGED, text=" ".join(str(each) for each in said))
    _put_before(actor, row)
    audit.note(actor, "channels.change_incident", row.channel, incident=row.uid, fields=sorted(changed))
    return row


@transaction.atomic
def write_in_log(
    *, actor: Actor, incident: SecurityIncident, kind: str, key: str = "", text: str = "", to_whom: str = "",
    at: datetime | None = None,
) -> IncidentEntry:  # fmt: skip
    """
    Add a line to an incident's log: a measure done, somebody told, a report made or not needed, or a note.

    Nothing in the log is changed afterwards: what was wrong is said in a new line. The line's digest stands in the
    audit log, whose order is proven.

    Args:
        key: Of the measure or the timer that the line is about.
        at: When it happened; now where nobody says.

    Raises:
        NotPermitted
        Invalid: It is closed, the line says nothing, has no such key, or is of the future.

    Law: SEC-1, GDPR-3
    """
    row = _held(actor, incident)
    moment = at or now()
    if moment > now() + LATE_AT_MOST:
        raise Invalid(_("Tiden har inte varit än."), field="at")
    if kind not in (EntryKind.MEASURE, EntryKind.TOLD, *reads.SETTLES, EntryKind.NOTE):
        raise Invalid(_("Välj vad raden handlar om."), field="kind")
    _refuse_empty(kind, key, text, to_whom)
    entry = _write(actor, row, EntryKind(kind), key=key, text=text, to_whom=to_whom, at=moment)
    if kind in reads.SETTLES:
        _put_before(actor, row)
    audit.note(
        actor, "channels.write_in_log", row.channel, incident=row.uid, entry=entry.pk, kind=kind, key=key,
        digest=_digest(entry),
    )  # fmt: skip
    return entry


@transaction.atomic
def revoke_key(*, actor: Actor, channel: Channel, incident: SecurityIncident | None = None) -> bool:
    """
    Throw away the key that Närvaro has to a channel: it is neither read nor written until it is connected again.

    What is kept stays. The platform is not told: the key is taken away there as well, by hand. False when there was
    none.

    Raises:
        NotPermitted: The actor answers no residents.

    Law: SEC-1, SEC-2
    """
    if not security.may_work_on_incident(actor):
        raise NotPermitted
    had = ChannelSecret.objects.of(actor).filter(channel=channel).delete()[0] > 0
    if had:
        ChannelReading.objects.of(actor).filter(channel=channel).update(
            connection=Connection.RECONNECT, fence=F("fence") + 1, lease_until=None,
            last_error=_("Nyckeln är indragen av er. Anslut kanalen på nytt när kontot är ert igen."),
        )  # fmt: skip
    if incident is not None:
        row = _held(actor, incident)
        said = _("Närvaros nyckel är kastad.") if had else _("Närvaro hade ingen nyckel till kontot.")
        _write(actor, row, EntryKind.MEASURE, key="revoke", text=said)
    audit.note(actor, "channels.revoke_key", channel, had=had)
    return had


@transaction.atomic
def close_incident(
    *, actor: Actor, incident: SecurityIncident, lessons: str, seen_version: int | None = None
) -> SecurityIncident:
    """
    Say that an incident is over, and what was learnt. Its log is not written in any more.

    Raises:
        NotPermitted: The actor does not lead the unit, communications or the authority.
        Stale
        Invalid: It is closed already, nothing was learnt, or something is neither reported nor judged unnecessary.

    Law: SEC-1, GDPR-3
    """
    row = _held(actor, incident, seen_version)
    if not security.may_close_incident(actor, row.channel.unit_id):
        raise NotPermitted
    if not lessons.strip():
        raise Invalid(_("Skriv vad ni lärde er, så att det inte händer igen."), field="lessons")
    left = [str(due.timer.title) for due in reads.dues(row, reads.log(actor, row)) if due.settled is None]
    if left:
        sentence = _("Det här är varken anmält eller bedömt som onödigt: %(what)s.")
        raise Invalid(sentence % {"what": ", ".join(left)}, field="lessons")
    row.lessons, row.closed_at, row.version = lessons.strip(), now(), row.version + 1
    row.save(update_fields=["lessons", "closed_at", "version"])
    _write(actor, row, EntryKind.CLOSED, text=row.lessons)
    _put_before(actor, row)
    audit.note(actor, "channels.close_incident", row.channel, incident=row.uid)
    return row


@transaction.atomic
def take_out_report(*, actor: Actor, incident: SecurityIncident, form: str, digest: str) -> None:
    """
    Write down that the report of an incident was taken out, and which bytes it was. Raises NotPermitted.

    Law: SEC-1, SM-19
    """
    if not security.may_see_incidents(actor):
        raise NotPermitted
    audit.note(
        actor, "channels.take_out_report", incident.channel, incident=incident.uid, form=form, digest=digest
    )  # fmt: skip


@transaction.atomic
def remind_of_incidents(*, authority: Authority) -> int:
    """
    Write letters about what is to be told soon, and once more when it is late; returns how many clocks were told of.

    Law: SEC-1, GDPR-3
    """
    actor = Actor.system(authority, "remind of incidents")
    count = 0
    for incident in reads.open_incidents(actor):
        for due in reads.dues(incident, reads.log(actor, incident)):
            if due.settled is not None or now() < due.at - due.timer.remind_before:
                continue
            people = _to_tell(actor, incident, *((due.timer.role,) if due.timer.role else ()))
            when = "late" if due.is_late else "soon"
            _tell(actor, incident, people, f"{due.timer.key}:{when}", _due_words(due))
            count += 1
    return count


def _held(actor: Actor, incident: SecurityIncident, seen_version: int | None = None) -> SecurityIncident:
    rows = SecurityIncident.objects.of(actor).select_for_update(of=("self",)).select_related("channel__unit")
    row: SecurityIncident = rows.get(pk=incident.pk)
    if not security.may_work_on_incident(actor):
        raise NotPermitted
    house.refuse_stale(seen_version, row.version)
    if row.closed_at is not None:
        raise Invalid(_("Incidenten är avslutad. Händer det igen, öppna en ny."))
    return row


def _write(
    actor: Actor, incident: SecurityIncident, kind: EntryKind, *, key: str = "", text: str = "", to_whom: str = "",
    at: datetime | None = None,
) -> IncidentEntry:  # fmt: skip
    entry: IncidentEntry = IncidentEntry.objects.create(
        authority_id=incident.authority_id, incident=incident, kind=kind, key=key, text=text.strip(),
        to_whom=to_whom.strip()[:200], at=at or now(), by_id=actor.person_id, by_name=actor.name or actor.duty,
    )  # fmt: skip
    return entry


def _digest(entry: IncidentEntry) -> str:
    parts = (entry.kind, entry.key, entry.at.isoformat(), entry.by_name, entry.to_whom, entry.text)
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _refuse_empty(kind: str, key: str, text: str, to_whom: str) -> None:
    keys = {""}
    if kind == EntryKind.MEASURE:
        keys = {measure.key for measure in security.MEASURES}
    elif kind in reads.SETTLES:
        keys = {timer.key for timer in security.TIMERS}
    if key not in keys:
        raise Invalid(_("Välj vad raden handlar om."), field="key")
    if kind == EntryKind.TOLD and not to_whom.strip():
        raise Invalid(_("Skriv vem som fick veta."), field="to_whom")
    if kind in (EntryKind.NOTE, EntryKind.NOT_NEEDED) and not text.strip():
        raise Invalid(_("Skriv något först."), field="text")


def _put_before(actor: Actor, incident: SecurityIncident) -> None:
    """Let each clock that runs wait for whoever is to tell, and nothing that is settled wait any longer."""
    running = {} if incident.closed_at else {
        due.timer.key: due for due in reads.dues(incident, reads.log(actor, incident)) if due.settled is None
    }  # fmt: skip
    for timer in security.TIMERS:
        if timer.key not in running:
            waiting.settle(actor, PLACE, _kind(timer), [incident.pk])
    waiting.put(actor, [
        waiting.Wait(
            place=PLACE, subject_kind=_kind(due.timer), subject_id=incident.pk, due_at=due.at,
            title=f"{due.timer.title}: {incident.channel.name}", link=_page(incident), role=_role(actor, due.timer),
        )
        for due in running.values()
    ])  # fmt: skip


def _kind(timer: security.Timer) -> str:
    return f"channels.incident.{timer.key}"


def _role(actor: Actor, timer: security.Timer) -> str:
    """Return who tells: the data protection officer of personal data, where there is one."""
    return timer.role.value if core.people_with(actor, timer.role) else Role.COMMUNICATIONS_LEAD.value


def _to_tell(actor: Actor, incident: SecurityIncident, *roles: Role) -> list[Person]:
    found = core.people_with(actor, Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR, *roles)
    if incident.concerns_people != Concerns.NO:
        found += core.people_with(actor, Role.DPO)
    found += core.people_with(actor, Role.UNIT_MANAGER, unit_id=incident.channel.unit_id)
    return list({person.pk: person for person in found}.values())


def _tell(
    actor: Actor, incident: SecurityIncident, people: Iterable[Person], about: str,
    words: Callable[[SecurityIncident], tuple[str, str]],
) -> None:  # fmt: skip
    notes = []
    for person in people:
        with translation.override(person.language):
            subject, body = words(incident)
        notes.append(letters.Note(
            kind="channels.incident", once_key=f"channels.incident:{incident.pk}:{about}:{person.pk}",
            subject=subject, body=body, to_person_id=person.pk, subject_kind="channels.channel",
            subject_id=incident.channel_id,
        ))  # fmt: skip
    letters.write(actor, notes)


def _opened_words(incident: SecurityIncident) -> tuple[str, str]:
    return (
        _("Ett konto kan vara kapat: %(channel)s") % {"channel": incident.channel.name},
        _(
            "En incident är öppnad för %(channel)s. Där står vad som görs först, vad som ska anmälas och när.\n\n"
            "Öppna den:\n\n%(link)s"
        )
        % {"channel": incident.channel.name, "link": _address(incident)},
    )


def _due_words(due: reads.Due) -> Callable[[SecurityIncident], tuple[str, str]]:
    def words(incident: SecurityIncident) -> tuple[str, str]:
        values = {
            "what": due.timer.title, "channel": incident.channel.name, "when": full_time(due.at),
            "whom": due.timer.to_whom, "link": _address(incident),
        }  # fmt: skip
        subject = _("%(what)s är sen: %(channel)s") if due.is_late else _("%(what)s ska snart göras: %(channel)s")
        body = _(
            "%(what)s till %(whom)s ska vara gjord %(when)s. Är den gjord, skriv det i incidentens logg. Bedömer ni "
            "att den inte behövs, skriv varför.\n\n%(link)s"
        )
        return subject % values, body % values

    return words


def _page(incident: SecurityIncident) -> str:
    return reverse("channels:incident", args=[incident.uid])


def _address(incident: SecurityIncident) -> str:
    return f"{settings.OPTIONS.base_url.rstrip('/')}{_page(incident)}"

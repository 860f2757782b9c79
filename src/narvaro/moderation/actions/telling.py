"""
Letters about what anybody has sent in: at once where it hurts somebody, and when nobody has answered in time.

Nothing that was written is in them: it may be what must not spread.

Law: BBS-4, BBS-5, FL-8
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import letters
from narvaro.core import queries as core
from narvaro.core.moments import full_time
from narvaro.core.types import Actor, Role
from narvaro.moderation import oversight, queries, rules
from narvaro.moderation.models import Complaint, Report

if TYPE_CHECKING:
    from datetime import datetime

    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority, Person

TOLD_FOR = timedelta(days=3)  # so long after its time something is told of, however seldom this runs


def tell_of_report(report: Report) -> None:
    """
    Write to whoever has the channel now and to those who lead, at any hour, of a report of what hurts somebody.

    One letter a person, channel and hour, however many reports come.

    Law: BBS-4, BBS-5
    """
    if report.kind not in rules.HURTING:
        return
    actor = Actor.system(report.authority, "tell of a report")
    for person in _those_near(actor, report.channel):
        with translation.override(person.language):
            subject = _("Någon har anmält: %(kind)s") % {"kind": report.get_kind_display()}
            body = _("Avgör den senast %(at)s. Tiden räknas sedan den kom in, också utanför arbetstid.\n\n%(link)s") % {
                "at": full_time(report.due_at),
                "link": _link(report),
            }
        key = f"{report.channel_id or 0}:{report.knowledge_at.timestamp() // 3600:.0f}"
        _write(actor, person, "moderation.report", key, subject, body)


def tell_unanswered(*, authority: Authority) -> int:
    """
    Tell of reports and complaints that nobody has answered in time, once each; returns how many there are.

    Those who lead are told, and of a report whoever has the channel. Whoever decided what a complaint is about
    is not, but where nobody else may decide it: then somebody must be given the role.
    In office hours, but at once of what hurts somebody.

    Law: BBS-4, FL-8
    """
    actor, moment = Actor.system(authority, "tell of what is late"), now()
    opening = core.calendar_for(authority).next_opening(moment)
    reports, complaints = oversight.unanswered(actor, moment - TOLD_FOR)
    for report in reports:
        at = moment if report.kind in rules.HURTING else opening
        for person in _those_near(actor, report.channel):
            with translation.override(person.language):
                subject, body = _("En anmälan är inte besvarad i tid"), _body_of_late(report)
            _write(actor, person, "moderation.unanswered", report.uid.hex, subject, body, not_before=at)
    for complaint in complaints:
        others = queries.reviewers_of(actor, complaint.measure)
        # Where nobody else may decide it, those who lead are told that somebody must be given the role.
        for person in others or core.people_with(actor, Role.COMMUNICATIONS_LEAD):
            with translation.override(person.language):
                subject, body = _("Ett klagomål är inte avgjort i tid"), _body_of_late(complaint)
            _write(actor, person, "moderation.unanswered", complaint.uid.hex, subject, body, not_before=opening)
    return len(reports) + len(complaints)


def _body_of_late(row: Report | Complaint) -> str:
    return _("Det skulle vara klart %(at)s.\n\n%(link)s") % {"at": full_time(row.due_at), "link": _link(row)}


def _those_near(actor: Actor, channel: Channel | None) -> list[Person]:
    """Return those who lead communications, and who has a channel now."""
    found = {one.pk: one for one in core.people_with(actor, Role.COMMUNICATIONS_LEAD)}
    holder = channels.holders(actor, [channel]).get(channel.pk) if channel else None
    return list((found | core.people_named(actor, [holder] if holder else [])).values())


def _link(row: Report | Complaint) -> str:
    place = "anmalningar" if isinstance(row, Report) else "klagomal"
    return f"{settings.OPTIONS.base_url.rstrip('/')}/moderering/{place}/{row.uid}/"


def _write(
    actor: Actor, person: Person, kind: str, key: str, subject: str, body: str, *, not_before: datetime | None = None
) -> None:
    note = letters.Note(
        kind=kind, once_key=f"{kind}:{key}:{person.pk}", subject=subject, body=body, to_person_id=person.pk,
        not_before=not_before,
    )  # fmt: skip
    letters.write(actor, [note])

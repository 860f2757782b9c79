"""Complaints without a code: put with their decision at once where that is certain, else by a person."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.moderation import queries, rules, uncoded
from narvaro.moderation.actions.deciding import hashed, new_code
from narvaro.moderation.models import Complaint, Measure, Report
from narvaro.moderation.queries import COMPLAINT_KIND, PLACE, REPORT_KIND
from narvaro.moderation.types import ReportKind, ReportState


def keep_uncoded(
    actor: Actor, text: str, *, url: str, quote: str, written_on: date | None
) -> tuple[Report | Complaint, str]:
    """
    Take in a complaint by whoever was never told of the decision: with the decision where that is certain, else as
    something in which a person finds it. Whoever sends it sees no difference: nobody learns here what is decided about
    what another wrote.

    Returns:
        What was kept, and the code with which the answer is fetched, however long finding takes.

    Law: FL-1, FL-8, TF-10
    """
    code, moment = new_code(), now()
    due_at = rules.complaint_due(moment, core.calendar_for(core.authority_of(actor)))
    measure = uncoded.decision_about(actor, url=url, quote=quote, written_on=written_on)
    with transaction.atomic():
        if measure is not None:
            try:
                with transaction.atomic():
                    complaint = Complaint.objects.create(
                        authority_id=actor.authority_id, measure=measure, code_hash=hashed(code), text=text,
                        came_at=moment, due_at=due_at,
                    )  # fmt: skip
            except IntegrityError:
                pass  # one waits already; a person sees whether this is another one
            else:
                put_complaint(actor, complaint)
                return complaint, code
        item = queries.item_by_link(actor, url) if url else None
        report = Report.objects.create(
            authority_id=actor.authority_id, code_hash=hashed(code), kind=ReportKind.DECISION, url=url,
            text=_with_traces(text, quote, written_on), item=item, channel=item.channel if item else None,
            knowledge_at=moment, due_at=due_at,
        )  # fmt: skip
        with translation.override(settings.LANGUAGE_CODE):
            title = _("Leta fram beslutet som ett klagomål gäller")
        waiting.put(
            actor,
            [
                waiting.Wait(
                    place=PLACE, subject_kind=REPORT_KIND, subject_id=report.pk, title=title,
                    link=f"/moderering/anmalningar/{report.uid}/", due_at=due_at,
                    role=Role.COMMUNICATIONS_LEAD.value,
                )
            ],
        )  # fmt: skip
        audit.note(actor, "moderation.keep_report", report, kind=ReportKind.DECISION.value)
    return report, code


@transaction.atomic
def place_complaint(
    *, actor: Actor, uid: UUID | str, measure_uid: UUID | str, seen_version: int | None = None
) -> Complaint:
    """
    Say which decision a complaint without a code is about: from then on it is a complaint as any other, with the code
    and the time that it had.

    Raises:
        NotFound: No such report or decision.
        NotPermitted: The actor does not moderate.
        Invalid: It is no complaint, or one about the decision waits already.
        Stale: It is placed or answered, or changed in between.

    Law: FL-1, FL-8
    """
    report = queries.report_for(actor, uid, lock=True)
    if not rules.may_moderate(actor):
        raise NotPermitted
    refuse_stale(seen_version, report.version)
    if report.kind != ReportKind.DECISION:
        raise Invalid(_("Det här är en anmälan och inget klagomål."), field="measure")
    if report.state != ReportState.OPEN:
        raise Stale(_("Anmälan är redan besvarad."))
    measure: Measure = queries.measure_for(actor, measure_uid)
    try:
        with transaction.atomic():
            complaint: Complaint = Complaint.objects.create(
                authority_id=actor.authority_id, measure=measure, code_hash=report.code_hash, text=report.text,
                came_at=report.knowledge_at, due_at=report.due_at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Invalid(_("Ett klagomål på det beslutet väntar redan."), field="measure") from error
    Report.objects.of(actor).filter(pk=report.pk).update(
        state=ReportState.ACTED, measure=measure, answer=_("Klagomålet är lagt till sitt beslut."),
        answered_by_id=actor.person_id, answered_at=now(), version=F("version") + 1,
    )  # fmt: skip
    waiting.settle(actor, PLACE, REPORT_KIND, [report.pk])
    put_complaint(actor, complaint)
    audit.note(actor, "moderation.place_complaint", report, measure=measure.uid, complaint=complaint.uid)
    return complaint


def put_complaint(actor: Actor, complaint: Complaint) -> None:
    """Put a complaint before whoever may decide it, and write that it came; part of the caller's transaction."""
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Ompröva ett beslut efter klagomål")
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=COMPLAINT_KIND, subject_id=complaint.pk, title=title,
                link=f"/moderering/klagomal/{complaint.uid}/", due_at=complaint.due_at,
                **queries.asked_to_review(actor, complaint.measure),
            )
        ],
    )  # fmt: skip
    audit.note(actor, "moderation.keep_complaint", complaint, measure=complaint.measure.uid)


def _with_traces(text: str, quote: str, written_on: date | None) -> str:
    """Return what somebody complains of with what they say they wrote, for whoever is to find it."""
    parts = [text]
    with translation.override(settings.LANGUAGE_CODE):
        if quote:
            parts.append(_("Det som skrevs: %(quote)s") % {"quote": quote})
        if written_on is not None:
            parts.append(_("Skrevs ungefär %(day)s.") % {"day": written_on.isoformat()})
    return "\n\n".join(parts)

"""What anybody may say without signing in: a report of content, and a complaint about a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.moderation import queries, rules
from narvaro.moderation.actions.deciding import hashed, new_code
from narvaro.moderation.actions.placing import keep_uncoded, put_complaint
from narvaro.moderation.actions.telling import tell_of_report
from narvaro.moderation.actions.undoing import undo_measure
from narvaro.moderation.models import Complaint, Measure, Report
from narvaro.moderation.queries import COMPLAINT_KIND, PLACE, REPORT_KIND
from narvaro.moderation.types import ComplaintState, MeasureState, ReportKind, ReportState, UnknownCode

MOST_LETTERS = 10_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What was taken in, and the code with which whoever sent it fetches the answer; the code is stored nowhere."""

    row: Report | Complaint
    code: str


@transaction.atomic
def keep_report(*, actor: Actor, kind: str, text: str, url: str = "", channel_uid: UUID | str | None = None) -> Heard:
    """
    Take in a report that something is wrong, against the law or the rules. Its arrival is our knowledge.

    Nothing is fetched from the address; what stands there is captured as everything else, or not at all.

    Args:
        actor: Anybody at all: `Actor.visitor`.

    Raises:
        Invalid: No words, too many, an unknown kind, or neither an address nor a channel.
        NotFound: No such channel here.

    Law: BBS-4, BBS-5, BBS-10
    """
    if kind not in ReportKind.values or kind == ReportKind.DECISION:
        raise Invalid(_("Välj vad det gäller."), field="kind")
    if not text.strip():
        raise Invalid(_("Skriv vad som är fel."), field="text")
    if len(text) > MOST_LETTERS or len(url) > 1000:
        raise Invalid(_("Texten är för lång. Korta den."), field="text")
    if not url.strip() and not channel_uid:
        raise Invalid(_("Klistra in länken, eller välj i vilken kanal det syns."), field="url")
    item = queries.item_by_link(actor, url.strip())
    channel = item.channel if item else channels.channel_for(actor, channel_uid) if channel_uid else None
    moment, code = now(), new_code()
    calendar = core.calendar_for(core.authority_of(actor))
    report = Report.objects.create(
        authority_id=actor.authority_id, code_hash=hashed(code), kind=kind, url=url.strip(), text=text.strip(),
        channel=channel, item=item, knowledge_at=moment, due_at=rules.report_due(ReportKind(kind), moment, calendar),
    )  # fmt: skip
    with translation.override(settings.LANGUAGE_CODE):  # the authority reads it, whatever language the page was in
        title = _("Anmälan: %(kind)s") % {"kind": ReportKind(kind).label}
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=REPORT_KIND, subject_id=report.pk, title=title,
                link=f"/moderering/anmalningar/{report.uid}/", due_at=report.due_at,
                unit_id=channel.unit_id if channel else None, role="" if channel else Role.COMMUNICATIONS_LEAD.value,
            )
        ],
    )  # fmt: skip
    tell_of_report(report)
    audit.note(actor, "moderation.keep_report", report, kind=kind, item=item.uid if item else None)
    return Heard(report, code)


@transaction.atomic
def answer_report(
    *, actor: Actor, uid: UUID | str, outcome: str, answer: str = "", measure_uid: UUID | str = "",
    seen_version: int | None = None,
) -> Report:  # fmt: skip
    """
    Say what became of a report. A measure made because of it was made with the knowledge that the report gave.

    Raises:
        NotFound
        NotPermitted: The actor does not moderate.
        Invalid: No outcome, no answer, or a measure about something else.
        Stale: It is answered already, or changed in between.

    Law: BBS-4, FL-1
    """
    report = queries.report_for(actor, uid, lock=True)
    if not rules.may_moderate(actor):
        raise NotPermitted
    refuse_stale(seen_version, report.version)
    if report.state != ReportState.OPEN:
        raise Stale(_("Anmälan är redan besvarad."))
    if outcome not in (ReportState.ACTED, ReportState.LEFT):
        raise Invalid(_("Välj hur det gick."), field="outcome")
    measure = _measure_of(actor, report, measure_uid) if measure_uid and outcome == ReportState.ACTED else None
    if not answer.strip():
        raise Invalid(_("Skriv ett svar. Den som anmälde läser det med sin kod."), field="answer")
    Report.objects.of(actor).filter(pk=report.pk).update(
        state=outcome, measure=measure, answer=answer.strip(), answered_by_id=actor.person_id, answered_at=now(),
        version=F("version") + 1,
    )  # fmt: skip
    if measure is not None:
        later = Q(knowledge_at=None) | Q(knowledge_at__gt=report.knowledge_at)
        Measure.objects.of(actor).filter(later, pk=measure.pk).update(knowledge_at=report.knowledge_at)
    waiting.settle(actor, PLACE, REPORT_KIND, [report.pk])
    audit.note(
        actor, "moderation.answer_report", report, outcome=str(outcome), measure=measure.uid if measure else None
    )
    return queries.report_for(actor, uid)


def keep_complaint(
    *, actor: Actor, text: str, code: str = "", url: str = "", quote: str = "", written_on: date | None = None
) -> Heard:
    """
    Take in a complaint about the decision that a notice's code belongs to, or that the link to what was written, or
    its words and its day, lead to: whoever nobody told has no code.

    Raises:
        UnknownCode: No such code in this authority.
        Invalid: No words, neither a code nor a link nor a quotation, the decision is taken back already, or a
            complaint about it waits.

    Law: FL-1, FL-8, TF-10
    """
    if not text.strip():
        raise Invalid(_("Skriv vad som är fel i beslutet."), field="text")
    if len(text) > MOST_LETTERS or len(quote) > MOST_LETTERS or len(url) > 1000:
        raise Invalid(_("Texten är för lång. Korta den."), field="text")
    if not code.strip():
        if not url.strip() and not quote.strip():
            raise Invalid(_("Skriv koden, klistra in länken eller skriv vad du hade skrivit."), field="code")
        row, own = keep_uncoded(actor, text.strip(), url=url.strip(), quote=quote.strip(), written_on=written_on)
        return Heard(row, own)
    measure = queries.measure_by_code(actor, hashed(code))
    if measure is None:
        raise UnknownCode(field="code")
    if measure.state in (MeasureState.UNDOING, MeasureState.UNDONE):
        raise Invalid(_("Beslutet är redan hävt. Det finns inget kvar att ompröva."), field="code")
    own, moment = new_code(), now()
    calendar = core.calendar_for(core.authority_of(actor))
    with transaction.atomic():
        try:
            with transaction.atomic():
                complaint = Complaint.objects.create(
                    authority_id=actor.authority_id, measure=measure, code_hash=hashed(own), text=text.strip(),
                    came_at=moment, due_at=rules.complaint_due(moment, calendar),
                )  # fmt: skip
        except IntegrityError as error:
            raise Invalid(_("Ett klagomål på beslutet väntar redan. Du får svar med koden du fick då.")) from error
        put_complaint(actor, complaint)
    return Heard(complaint, own)


@transaction.atomic
def decide_complaint(
    *, actor: Actor, uid: UUID | str, outcome: str, reasons: str, seen_version: int | None = None
) -> Complaint:
    """
    Decide anew, by another person than the first time: the decision stands, or it is taken back in the same step.

    Raises:
        NotFound
        NotPermitted: The actor does not lead, or made the decision.
        Invalid: No outcome or no reasons.
        Stale: It is decided already, or changed in between.

    Law: FL-1, FL-8, RF-1
    """
    complaint = queries.complaint_for(actor, uid, lock=True)
    if not rules.may_review(actor, complaint.measure.decided_by_id):
        raise NotPermitted(_("Den som fattade beslutet omprövar det inte. En annan chef gör det."))
    refuse_stale(seen_version, complaint.version)
    if complaint.state != ComplaintState.OPEN:
        raise Stale(_("Klagomålet är redan avgjort."))
    if outcome not in (ComplaintState.UPHELD, ComplaintState.CHANGED):
        raise Invalid(_("Välj om beslutet står fast eller ändras."), field="outcome")
    if not reasons.strip():
        raise Invalid(_("Skriv skälen. Den som klagade läser dem med sin kod."), field="reasons")
    Complaint.objects.of(actor).filter(pk=complaint.pk).update(
        state=outcome, reasons=reasons.strip(), decided_by_id=actor.person_id, decided_at=now(),
        version=F("version") + 1,
    )  # fmt: skip
    stands = complaint.measure.state not in (MeasureState.UNDOING, MeasureState.UNDONE)
    if outcome == ComplaintState.CHANGED and stands:
        undo_measure(actor=actor, uid=complaint.measure.uid, why=reasons)
    waiting.settle(actor, PLACE, COMPLAINT_KIND, [complaint.pk])
    audit.note(actor, "moderation.decide_complaint", complaint, outcome=str(outcome), measure=complaint.measure.uid)
    return queries.complaint_for(actor, uid)


def _measure_of(actor: Actor, report: Report, measure_uid: UUID | str) -> Measure:
    known = queries.measures_of(actor, [report.item_id] if report.item_id else []).get(report.item_id or 0, [])
    found = next((one for one in known if str(one.uid) == str(measure_uid)), None)
    if found is None:
        raise Invalid(_("Välj en åtgärd som gäller det anmälda."), field="measure")
    return found

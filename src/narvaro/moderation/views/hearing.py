"""Reports and complaints as those who answer them see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.core import audit
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.forms.acting import offer
from narvaro.core.moments import full_time
from narvaro.core.types import READS_ALL, NotFound
from narvaro.moderation import actions, queries, rules, uncoded
from narvaro.moderation.forms import AnswerReportForm, DecideComplaintForm, PlaceComplaintForm
from narvaro.moderation.types import ComplaintState, ReportKind, ReportState
from narvaro.policy import queries as policy
from narvaro.policy import rules as grounds
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.moderation.models import Complaint, Report
    from narvaro.records.models import Item


@access("member", *READS_ALL)
@require_GET
def complaints(request: MemberRequest) -> HttpResponse:
    """Complaints that wait, or those that are decided."""
    decided = request.GET.get("visa") == "avgjorda"
    found = queries.complaints(request.actor, decided=decided, before=_key(request.GET.get("fore")))
    older = found[-1].pk if len(found) == queries.PAGE else None
    return render(
        request, "moderation/complaints.html", {"complaints": found, "decided": decided, "older_from": older}
    )  # fmt: skip


@access("member", *READS_ALL)
@require_http_methods(["GET", "POST"])
def complaint(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One complaint beside the decision it is about, and its new decision."""
    found = queries.complaint_for(request.actor, uid)
    form = DecideComplaintForm(request.POST or None, version=found.version)
    if done(request, form, lambda: actions.decide_complaint(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Klagomålet är avgjort. Den som klagade läser svaret med sin kod."))
        return redirect("moderation:complaint", uid)
    is_open = found.state == ComplaintState.OPEN
    may_decide = is_open and rules.may_review(request.actor, found.measure.decided_by_id)
    title = _titles(request, [found.measure.ground]).get(found.measure.ground, found.measure.ground)
    page = {
        "complaint": found, "measure": found.measure, "title": title, "form": form,
        "shown": _shown(request, found.measure.item), "is_open": is_open,
        "may_decide": may_decide,
        "is_own": request.actor.is_person(found.measure.decided_by_id),
        "has_nobody": is_open and not may_decide and not queries.may_anybody_review(request.actor, found.measure),
        "history": audit.timeline(request.actor, found),
    }  # fmt: skip
    return render(request, "moderation/complaint.html", page, status=422 if form.is_bound else 200)


@access("member", *READS_ALL)
@require_GET
def reports(request: MemberRequest) -> HttpResponse:
    """Reports that wait, or those that are answered."""
    answered = request.GET.get("visa") == "besvarade"
    found = queries.reports(request.actor, answered=answered, before=_key(request.GET.get("fore")))
    older = found[-1].pk if len(found) == queries.PAGE else None
    return render(request, "moderation/reports.html", {"reports": found, "answered": answered, "older_from": older})


@access("member", *READS_ALL)
@require_http_methods(["GET", "POST"])
def report(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One report, what it is about as far as that is known, and its answer."""
    found = queries.report_for(request.actor, uid)
    form = AnswerReportForm(request.POST or None, version=found.version)
    offer(form, "measure", _choices(request, found))
    if done(request, form, lambda: actions.answer_report(
        actor=request.actor, uid=uid, outcome=form.values["outcome"], answer=form.values["answer"],
        measure_uid=form.values["measure"], seen_version=form.cleaned_data["seen_version"],
    )):  # fmt: skip
        messages.success(request, _("Anmälan är besvarad. Den som anmälde läser svaret med sin kod."))
        return redirect("moderation:report_received", uid)
    return _report_page(request, found, form=form)


def _report_page(
    request: MemberRequest, found: Report, *, form: AnswerReportForm | None = None,
    place_form: PlaceComplaintForm | None = None,
) -> HttpResponse:  # fmt: skip
    bound = place_form or form
    may_answer = found.state == ReportState.OPEN and rules.may_moderate(request.actor)
    if form is None:
        form = AnswerReportForm(version=found.version)
        offer(form, "measure", _choices(request, found))
    if place_form is None and may_answer and found.kind == ReportKind.DECISION:
        place_form = _place_form(request, found)
    page: dict[str, Any] = {
        "report": found, "form": form, "shown": _shown(request, found.item), "may_answer": may_answer,
        "place_form": place_form if found.kind == ReportKind.DECISION else None,
        "history": audit.timeline(request.actor, found),
    }  # fmt: skip
    return render(request, "moderation/report.html", page, status=422 if bound and bound.is_bound else 200)


@access("member", *READS_ALL)
@require_POST
def place(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Put a complaint without a code with the decision it is about."""
    found = queries.report_for(request.actor, uid)
    form = _place_form(request, found, request.POST)
    made: list[Complaint] = []
    if done(request, form, lambda: made.append(actions.place_complaint(
        actor=request.actor, uid=uid, measure_uid=form.values["measure"], seen_version=form.cleaned_data["seen_version"]
    ))):  # fmt: skip
        messages.success(request, _("Klagomålet är lagt till sitt beslut. Någon annan än den som beslutade avgör det."))
        return redirect("moderation:complaint", made[0].uid)
    return _report_page(request, found, place_form=form)


def _place_form(request: MemberRequest, report: Report, posted: Any = None) -> PlaceComplaintForm:
    form = PlaceComplaintForm(posted, prefix="place", version=report.version)
    known = uncoded.decisions_for(request.actor, report)
    titles = _titles(request, [one.ground for one in known])
    offer(form, "measure", [
        ("", _("Välj beslut")),
        *(
            (str(one.uid), f"{one.get_kind_display()}: {titles.get(one.ground, one.ground)}, {one.channel.name}, "
                           f"{full_time(one.decided_at)}")
            for one in known
        ),
    ])  # fmt: skip
    return form


def _choices(request: MemberRequest, report: Report) -> list[tuple[str, str]]:
    found = queries.measures_of(request.actor, [report.item_id]).get(report.item_id, []) if report.item_id else []
    titles = _titles(request, [one.ground for one in found])
    return [
        ("", _("Ingen åtgärd i listan")),
        *((str(one.uid), f"{one.get_kind_display()}: {titles.get(one.ground, one.ground)}") for one in found),
    ]


def _shown(request: MemberRequest, item: Item | None) -> Any:
    """Return a record to show, or None where there is none that the actor may read."""
    if item is None:
        return None
    try:
        return records.shown(request.actor, [records.item_by_id(request.actor, item.pk)])[0]
    except NotFound:
        return None


def _titles(request: MemberRequest, codes: Iterable[str]) -> dict[str, str]:
    """Return the titles of some grounds by code; the authority's own rules are read only where one of them is."""
    found = {ground.code: str(ground.title) for ground in (*grounds.CRIMES, *grounds.SECRECY)}
    if not found.keys() >= set(codes):
        found |= {rule.code: rule.title for rule in policy.every_house_rule(request.actor)}
    return found


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 19 else None

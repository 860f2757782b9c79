"""Pages of courses: reading and answering one, the certificate, what is asked and who lacks it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from importlib.resources import files
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.base.clock import today
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotPermitted, Role
from narvaro.formats import pdf
from narvaro.training import actions, library, queries, rules
from narvaro.training.forms import CourseForm, DemandForm
from narvaro.training.models import Certificate


@access("member")
@require_http_methods(["GET", "POST"])
def course(request: MemberRequest, course: str) -> HttpResponse:
    """Read a course and answer its questions. What is answered is not kept; a pass is."""
    actor, found, code = request.actor, queries.course_for(course), course
    form = CourseForm(*posted(request), course=found)
    made: list[Certificate] = []
    if done(request, form, lambda: made.append(actions.pass_course(actor=actor, code=code, answers=form.answers))):
        messages.success(request, _("Du är godkänd. Intyget är ditt, och dina svar är inte sparade."))
        return redirect("training:certificate", made[0].uid)
    page = {
        "course": found, "form": form, "certificate": queries.own_certificates(actor).get(code),
        "questions": [form[f"q{number}"] for number in range(len(found.questions))],
        "is_asked": code in queries.asked_of(actor), "today": today(),
    }  # fmt: skip
    return render(request, "training/course.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_GET
def certificate(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One's own certificate."""
    found = queries.certificate_for(request.actor, uid)
    page = {
        "certificate": found,
        "course": library.courses().get(found.course),
        "is_valid": found.valid_until > today(),
    }
    return render(request, "training/certificate.html", page)


@access("member")
@require_GET
def certificate_pdf(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The same on paper, as PDF/A."""
    found = queries.certificate_for(request.actor, uid)
    authority = core.authority_of(request.actor)
    taken = library.courses().get(found.course)
    title = taken.title if taken else found.course
    values = {
        "title": _("Intyg"), "authority": authority.name, "language": (get_language() or "sv")[:2],
        "line": _("%(name)s har gått kursen") % {"name": found.person.name}, "course": title,
        "facts": [
            [_("Godkänd"), date_format(found.passed_on, "j F Y")],
            [_("Gäller till"), date_format(found.valid_until, "j F Y")],
            [_("Kursens version"), str(found.course_version)],
            [_("Intygets nummer"), str(found.uid)],
        ],
        "note": _("Intyget säger att kursen är godkänd. Inga svar är sparade."),
    }  # fmt: skip
    at = datetime.combine(found.passed_on, time(12), UTC)
    made = pdf.render((files("narvaro.training") / "certificate.typ").read_bytes(), values, at=at)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="intyg.pdf"'
    return response


@access("member", *rules.LEADS)
@require_GET
def overview(request: MemberRequest) -> HttpResponse:
    """Who lacks a certificate that is asked for, by unit: a list of things to do, without figures about anybody."""
    titles = {code: each.title for code, each in library.courses().items()}
    units = [
        (part, [(each, titles.get(each.course, each.course)) for each in part.lacking])
        for part in queries.overview(request.actor)
    ]
    page = {"units": units, "may_ask": rules.may_ask(request.actor)}
    return render(request, "training/overview.html", page)


@access("member", *rules.LEADS)
@require_GET
def demands(request: MemberRequest) -> HttpResponse:
    """What the authority asks, course by course."""
    if not rules.may_ask(request.actor):
        raise NotPermitted
    asked = queries.demands(request.actor)
    rows = [
        (each, asked.get(code), [Role(role).label for role in asked[code].roles] if code in asked else [])
        for code, each in library.courses().items()
    ]
    return render(request, "training/demands.html", {"rows": rows})


@access("member", *rules.LEADS)
@require_http_methods(["GET", "POST"])
def demand(request: MemberRequest, course: str) -> HttpResponse:
    """Decide who shall have taken one course."""
    if not rules.may_ask(request.actor):
        raise NotPermitted
    found, now = queries.course_for(course), queries.demands(request.actor).get(course)
    begun = {
        "is_asked": now.is_asked if now else False, "valid_months": now.valid_months if now else rules.VALID_MONTHS,
        "roles": now.roles if now else [role.value for role in found.roles],
    }  # fmt: skip
    form = DemandForm(*posted(request), version=now.version if now else 0, initial=begun)
    if done(
        request, form, lambda: actions.ask_course(
            actor=request.actor, code=course, seen_version=form.cleaned_data["seen_version"], **form.values
        ),
    ):  # fmt: skip
        messages.success(request, _("Sparat. De som saknar intyg ser kursen under Att göra."))
        return redirect("training:demands")
    page = {"course": found, "form": form}
    return render(request, "training/demand.html", page, status=422 if form.is_bound else 200)

"""Pages of cases to talk about: those that ship, and the authority's own."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.base.ids import uuid7
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotPermitted
from narvaro.training import actions, library, queries, rules
from narvaro.training.forms import CaseForm
from narvaro.training.views.pressing import once


@access("member")
@require_GET
def start(request: MemberRequest) -> HttpResponse:
    """What there is of training: one's courses, and for those who lead the days, groups and what is lacking."""
    actor = request.actor
    asked, have = queries.asked_of(actor), queries.own_certificates(actor)
    page = {
        "courses": [(course, have.get(code), code in asked) for code, course in library.courses().items()],
        "may_lead": rules.may_lead(actor), "may_ask": rules.may_ask(actor), "groups": queries.groups(actor),
    }  # fmt: skip
    return render(request, "training/start.html", page)


@access("member")
@require_GET
def cases(request: MemberRequest) -> HttpResponse:
    """Every case, with the rules it is about."""
    page = {
        "own": queries.own_cases(request.actor), "shipped": library.cases().values(),
        "may_lead": rules.may_lead(request.actor),
    }  # fmt: skip
    return render(request, "training/cases.html", page)


@access("member")
@require_GET
def one(request: MemberRequest, case: str) -> HttpResponse:
    """One case with its questions, its rules and the notes for whoever leads the talk."""
    page = {"case": queries.case_for(request.actor, case), "may_lead": rules.may_lead(request.actor)}
    return render(request, "training/case.html", page)


@access("member", *rules.LEADS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Write a case of one's own."""
    form = CaseForm(*posted(request))
    if done(request, form, lambda: actions.add_case(actor=request.actor, **form.values)):
        messages.success(request, _("Fallet är sparat och kan väljas till nästa temadag."))
        return redirect("training:cases")
    return _written(request, form, title=_("Ett eget fall"), back_url=reverse("training:cases"))


@access("member", *rules.LEADS)
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change an own case."""
    found = queries.own_case_for(request.actor, uid)
    begun = {name: getattr(found, name) for name in ("title", "text", "ask", "answers", "advice")}
    begun |= dict(zip(("law", "law_2", "law_3"), found.law, strict=False))
    form = CaseForm(*posted(request), version=found.version, initial=begun)
    if done(
        request, form, lambda: actions.change_case(
            actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
        ),
    ):  # fmt: skip
        messages.success(request, _("Fallet är ändrat."))
        return redirect("training:case", str(uid))
    return _written(request, form, title=found.title, back_url=reverse("training:case", args=[str(uid)]))


@access("member", *rules.LEADS)
@require_http_methods(["GET", "POST"])
def end(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take an own case away, after a question."""
    if request.method == "POST":
        once(request, partial(actions.end_case, actor=request.actor, uid=uid))
        messages.success(request, _("Fallet är borttaget ur listan."))
        return redirect("training:cases")
    page = {
        "case": queries.own_case_for(request.actor, uid), "fields": [("intent", str(uuid7()))],
        "back_url": reverse("training:case", args=[str(uid)]),
    }  # fmt: skip
    return render(request, "training/end_case.html", page)


def _written(request: MemberRequest, form: CaseForm, **page: Any) -> HttpResponse:
    if not rules.may_lead(request.actor):
        raise NotPermitted
    page |= {"form": form}
    return render(request, "training/write_case.html", page, status=422 if form.is_bound else 200)

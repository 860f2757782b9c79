"""What auditors ask, answered from what is there now: a page, and the same as PDF/A."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from narvaro.base.clock import now
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.policy import queries, set_document
from narvaro.policy.views.guideline import pdf_answer
from narvaro.policy.views.showing import READERS

_KINDS = {"yes": "success", "partly": "warning", "no": "error"}


@access("member", *READERS)
@require_GET
def page(request: MemberRequest) -> HttpResponse:
    """Every question with its answer and where it can be seen."""
    answers = queries.audit_answers(request.actor)
    rows = [(each, set_document.STATES[each.state], _KINDS[each.state]) for each in answers]
    shown = {"rows": rows, "at": now(), "whole": sum(each.state == "yes" for each in answers), "count": len(answers)}
    return render(request, "policy/guideline/audit.html", shown)


@access("member", *READERS)
@require_GET
def as_pdf(request: MemberRequest) -> HttpResponse:
    """The same as a document to hand over."""
    answers = queries.audit_answers(request.actor)
    content = set_document.audit_pdf(core.authority_of(request.actor), answers, at=now())
    return pdf_answer(content, "granskning.pdf")

"""Pages of the guideline: the one that holds, its versions, what differs, who has read it, and its yearly review."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import now, today
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotPermitted, Role
from narvaro.policy import actions, document_lint, guidelines, queries, rules, set_document
from narvaro.policy.forms import ButtonForm
from narvaro.policy.guideline_forms import MinutesForm, ReadForm, ReviewerForm, ReviewForm
from narvaro.policy.types import GuidelineState, StepKind
from narvaro.policy.views.showing import READERS, may_administer_pages, once

if TYPE_CHECKING:
    from narvaro.core.types import Actor
    from narvaro.policy.models import Guideline, GuidelineStep

_STEP_ICONS = {
    StepKind.BEGUN: "edit", StepKind.DROPPED: "trash", StepKind.ADOPTED: "done", StepKind.IN_FORCE: "publish",
    StepKind.REVIEWED: "clockcheck", StepKind.SUPERSEDED: "records",
}  # fmt: skip
MANAGERS = (Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR, Role.UNIT_MANAGER)


@access("member")
@require_http_methods(["GET", "POST"])
def home(request: MemberRequest) -> HttpResponse:
    """The guideline in force as everybody here reads it, with the button for whoever is asked to."""
    actor = request.actor
    there = queries.shown_guideline(actor)
    found, asked = there.in_force, there.asked
    if found is None:
        return render(request, "policy/guideline/none.html", {
            "may_change": rules.may_change_rules(actor), "draft": there.draft, "coming": there.coming,
            "minutes": queries.minutes(actor), "button": ButtonForm(), "may_administer": may_administer_pages(actor),
        })  # fmt: skip
    form = ReadForm(posted(request)[0], initial={"seen_hash": found.content_hash})
    if done(request, form, lambda: actions.acknowledge(actor=actor, uid=found.uid, **form.values)):
        messages.success(request, _("Tack. Det är antecknat att du har läst den här versionen."))
        return redirect("policy:guideline")
    page = {
        **_shown(found, there.steps), "form": form, "asked": asked, "may_change": rules.may_change_rules(actor),
        "draft": there.draft, "coming": there.coming, "button": ButtonForm(),
        "may_see_readers": actor.has_anywhere(*MANAGERS, Role.AUDITOR), "may_audit": actor.has_anywhere(*READERS),
        "may_administer": may_administer_pages(actor),
    }  # fmt: skip
    return render(request, "policy/guideline/home.html", page, status=422 if form.is_bound else 200)


@access("member", *READERS)
@require_GET
def versions(request: MemberRequest) -> HttpResponse:
    """Every version there has been, and the draft."""
    actor = request.actor
    page = {
        "rows": queries.guidelines_of(actor), "minutes": queries.minutes(actor), "button": ButtonForm(),
        "draft": queries.draft(actor), "may_change": rules.may_change_rules(actor),
    }  # fmt: skip
    return render(request, "policy/guideline/versions.html", page)


@access("member", *READERS)
@require_GET
def version(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One version: its text, what it decides, its life, and for a draft what to look at."""
    actor = request.actor
    found = queries.guideline_for(actor, uid)
    is_draft = found.state == GuidelineState.DRAFT
    remarks = document_lint.remarks_on_document(
        queries.sections_of(found), found.values, retention=found.retention, adopting_body=found.adopting_body
    )
    page = {
        **_shown(found, queries.steps_of(actor, found)), "is_draft": is_draft,
        "may_write": is_draft and rules.may_change_rules(actor), "before": queries.before(actor, found),
        "remark_count": len(remarks), "button": ButtonForm(),
    }  # fmt: skip
    return render(request, "policy/guideline/version.html", page)


@access("member", *READERS)
@require_GET
def compare(request: MemberRequest, uid: UUID) -> HttpResponse:
    """A version beside the one before it, or beside another."""
    actor = request.actor
    found = queries.guideline_for(actor, uid)
    other = request.GET.get("med", "")
    left = queries.guideline_for(actor, other) if _is_uid(other) else queries.before(actor, found)
    pairs = guidelines.differences(queries.filled_sections(left) if left else [], queries.filled_sections(found))
    page = {
        "left": left, "right": found, "pairs": [pair for pair in pairs if pair.change != "same"],
        "same": sum(pair.change == "same" for pair in pairs), "values": _changed_values(left, found),
    }  # fmt: skip
    return render(request, "policy/guideline/compare.html", page)


@access("member", *READERS)
@require_GET
def as_pdf(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One version as PDF/A."""
    actor = request.actor
    found = queries.guideline_for(actor, uid)
    adoption = queries.adoption_of(actor, found)
    at = adoption.at if adoption else found.changed_at
    content = set_document.guideline_pdf(core.authority_of(actor), found, adoption, at=at)
    return pdf_answer(content, f"riktlinje-{found.number}.pdf")


@access("member", *MANAGERS, Role.AUDITOR)
@require_GET
def reading(request: MemberRequest) -> HttpResponse:
    """Who has not read the version in force yet: a to-do for those who lead, and no figure of anybody."""
    found = queries.guideline_in_force(request.actor)
    page = {
        "guideline": found, "reading": queries.reading_of_guideline(request.actor, found) if found else None,
        "today": today(),
    }  # fmt: skip
    return render(request, "policy/guideline/reading.html", page)


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def review(request: MemberRequest) -> HttpResponse:
    """When the guideline is looked over, by whom, and the note that it stands as it is."""
    actor = request.actor
    found, named = queries.guideline_in_force(actor), queries.reviewers(actor)
    may_change = rules.may_change_rules(actor)
    may_review = found is not None and (may_change or any(each.person_id == actor.person_id for each in named))
    if request.method == "POST" and not may_review:
        raise NotPermitted
    form = ReviewForm(posted(request)[0], initial={"decided_on": today(), "body": found.revising_body if found else ""})
    if done(request, form, lambda: actions.review_guideline(actor=actor, **form.values)):
        messages.success(request, _("Översynen är antecknad. Nästa räknas från den dagen."))
        return redirect("policy:review")
    page = {
        "guideline": found, "named": named, "form": form, "may_review": may_review, "may_change": may_change,
        "due": queries.review_due(actor, found) if found else None, "button": ButtonForm(),
        "naming": ReviewerForm(people=_people(actor), auto_id="reviewer_%s") if may_change else None,
    }  # fmt: skip
    return render(request, "policy/guideline/review.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_POST
def name_reviewer(request: MemberRequest) -> HttpResponse:
    """Name somebody who is reminded."""
    form = ReviewerForm(request.POST, people=_people(request.actor))
    if done(request, form, lambda: actions.name_reviewer(actor=request.actor, **form.values)):
        messages.success(request, _("Personen påminns en månad före varje översyn."))
    return redirect("policy:review")


@access("member")
@require_POST
def end_reviewer(request: MemberRequest, uid: UUID) -> HttpResponse:
    """End a reminder."""
    once(request, partial(actions.end_reviewer, actor=request.actor, person_uid=uid))
    messages.success(request, _("Personen påminns inte längre."))
    return redirect("policy:review")


@access("member", *MANAGERS)
@require_http_methods(["GET", "POST"])
def minutes(request: MemberRequest) -> HttpResponse:
    """Enter minutes: enough where there is no guideline."""
    form = MinutesForm(posted(request)[0])
    if done(request, form, lambda: actions.keep_minutes(actor=request.actor, **form.values)):
        messages.success(request, _("Protokollet är infört. Det räcker för att kanaler ska få starta."))
        return redirect("policy:guideline")
    page = {"form": form, "rows": queries.minutes(request.actor)}
    return render(request, "policy/guideline/minutes.html", page, status=422 if form.is_bound else 200)


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """Return a document to be saved."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _shown(found: Guideline, steps: Sequence[GuidelineStep]) -> dict[str, Any]:
    return {
        "guideline": found,
        "sections": [(each, set_document.paragraphs(each.text)) for each in queries.filled_sections(found)],
        "values": queries.value_rows(found), "retention": set_document.retention_rows(found.retention),
        "adoption": next((step for step in steps if step.kind == StepKind.ADOPTED), None),
        "events": [_event(step) for step in steps], "now": now(),
    }  # fmt: skip


def _event(step: GuidelineStep) -> dict[str, Any]:
    where = ", ".join(filter(None, [step.body, step.paragraph, step.diary_number, step.why]))
    return {
        "at": step.at, "who": step.by.name if step.by else "", "text": step.get_kind_display(), "detail": where,
        "icon": _STEP_ICONS[StepKind(step.kind)],
    }  # fmt: skip


def _changed_values(left: Guideline | None, right: Guideline) -> list[tuple[Any, str, str]]:
    was = {each.key: words for each, words in queries.value_rows(left)} if left else {}
    return [
        (each.label, was.get(each.key, "–"), words)
        for each, words in queries.value_rows(right)
        if was.get(each.key) != words
    ]


def _people(actor: Actor) -> list[tuple[str, str]]:
    return [(str(person.uid), person.name) for person in core.people(actor)]


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True

"""Pages where a draft of the guideline is written, looked at and entered as adopted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base import law
from narvaro.base.clock import today
from narvaro.base.ids import uuid7
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotFound, Role
from narvaro.policy import actions, document_lint, parameters, queries
from narvaro.policy.guideline_forms import AdoptForm, RetentionForm, SectionForm, ValuesForm, begun_retention
from narvaro.policy.types import GuidelineState
from narvaro.policy.views.showing import READERS, once

if TYPE_CHECKING:
    from narvaro.core.types import Actor
    from narvaro.policy.models import Guideline

WRITERS = (Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR)


@access("member", *WRITERS)
@require_POST
def begin(request: MemberRequest) -> HttpResponse:
    """Begin a draft with one click: from the text that ships, or from the version before."""
    made: list[Guideline] = []
    once(request, lambda: made.append(actions.begin_guideline(actor=request.actor)))
    messages.success(request, _("Utkastet finns. Läs igenom det, fyll i värdena och anta det när det är klart."))
    return redirect("policy:version", made[0].uid)


@access("member", *WRITERS)
@require_http_methods(["GET", "POST"])
def section(request: MemberRequest, uid: UUID, code: str) -> HttpResponse:
    """Write one section."""
    draft = _draft(request.actor, uid)
    found = next((each for each in queries.sections_of(draft) if each.code == code), None)
    if found is None:
        raise NotFound
    begun = {"number": found.number, "heading": found.heading, "text": found.text}
    form = SectionForm(posted(request)[0], version=draft.version, initial=begun)
    if done(request, form, lambda: actions.write_section(
        actor=request.actor, uid=uid, code=code, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Avsnittet är sparat."))
        return redirect("policy:version", uid)
    page = {
        "form": form, "draft": draft, "section": found, "fields": [("intent", str(uuid7()))],
        "fill_ins": [each for each in parameters.PARAMETERS.values() if each.section == code],
    }  # fmt: skip
    return render(request, "policy/guideline/section.html", page, status=_status(form))


@access("member", *WRITERS)
@require_http_methods(["GET", "POST"])
def add_section(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Add an own section."""
    draft = _draft(request.actor, uid)
    form = SectionForm(posted(request)[0], version=draft.version)
    if done(request, form, lambda: actions.add_section(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Avsnittet står sist i utkastet."))
        return redirect("policy:version", uid)
    return render(request, "policy/guideline/section.html", {"form": form, "draft": draft}, status=_status(form))


@access("member", *WRITERS)
@require_POST
def remove_section(request: MemberRequest, uid: UUID, code: str) -> HttpResponse:
    """Take a section out of the draft."""
    once(request, partial(actions.remove_section, actor=request.actor, uid=uid, code=code))
    messages.success(request, _("Avsnittet är borttaget ur utkastet."))
    return redirect("policy:version", uid)


@access("member", *WRITERS)
@require_POST
def move_section(request: MemberRequest, uid: UUID, code: str) -> HttpResponse:
    """Move a section one step."""
    direction = "up" if request.POST.get("direction") == "up" else "down"
    once(request, partial(actions.move_section, actor=request.actor, uid=uid, code=code, direction=direction))
    return redirect("policy:version", uid)


@access("member", *WRITERS)
@require_http_methods(["GET", "POST"])
def values(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Fill in what the draft decides."""
    draft = _draft(request.actor, uid)
    begun = {
        **parameters.defaults(), **draft.values, "title": draft.title, "adopting_body": draft.adopting_body,
        "revising_body": draft.revising_body,
    }  # fmt: skip
    form = ValuesForm(posted(request)[0], version=draft.version, initial=begun)
    if done(request, form, lambda: actions.fill_in(
        actor=request.actor, uid=uid, title=form.cleaned_data["title"], values=form.decided,
        adopting_body=form.cleaned_data["adopting_body"], revising_body=form.cleaned_data["revising_body"],
        seen_version=form.cleaned_data["seen_version"],
    )):  # fmt: skip
        messages.success(request, _("Värdena är sparade. De börjar gälla när riktlinjen gör det."))
        return redirect("policy:version", uid)
    return render(request, "policy/guideline/values.html", {"form": form, "draft": draft}, status=_status(form))


@access("member", *WRITERS)
@require_http_methods(["GET", "POST"])
def retention(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Fill in what the draft decides about classes of records."""
    draft = _draft(request.actor, uid)
    form = RetentionForm(posted(request)[0], version=draft.version, initial=begun_retention(draft.retention))
    if done(request, form, lambda: actions.decide_retention(
        actor=request.actor, uid=uid, retention=form.decided, seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        messages.success(request, _("Fristerna är sparade i utkastet."))
        return redirect("policy:version", uid)
    return render(request, "policy/guideline/retention.html", {"form": form, "draft": draft}, status=_status(form))


@access("member", *READERS)
@require_GET
def look(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What is missing, what may collide with the law, what has grown old, and who has not read it."""
    actor = request.actor
    found = queries.guideline_for(actor, uid)
    names = {each.code: f"{each.number} {each.heading}".strip() for each in queries.sections_of(found)}
    remarks = document_lint.remarks_on_document(
        queries.sections_of(found), found.values, retention=found.retention, adopting_body=found.adopting_body
    )
    is_in_force = found.state == GuidelineState.IN_FORCE
    page = {
        "guideline": found, "is_draft": found.state == GuidelineState.DRAFT,
        "groups": [
            (kind, [(each, names.get(each.section, ""), *_law(each.law)) for each in remarks if each.kind == kind])
            for kind in ("law", "outdated", "fill_in", "missing")
        ],
        "waits": len(queries.reading_of_guideline(actor, found).waits) if is_in_force else None,
        "has_remarks": bool(remarks),
    }  # fmt: skip
    return render(request, "policy/guideline/look.html", page)


@access("member", *WRITERS)
@require_http_methods(["GET", "POST"])
def adopt(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Enter that the draft is adopted."""
    draft = _draft(request.actor, uid)
    body = draft.revising_body if queries.before(request.actor, draft) else draft.adopting_body
    form = AdoptForm(
        posted(request)[0], version=draft.version, initial={"body": body, "decided_on": today(), "in_force_on": today()}
    )
    if done(request, form, lambda: actions.adopt_guideline(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Riktlinjen är antagen. De som har uppdrag får veta när de ska läsa den."))
        return redirect("policy:version", uid)
    page = {
        "form": form, "draft": draft,
        "remark_count": len(document_lint.remarks_on_document(
            queries.sections_of(draft), draft.values, retention=draft.retention, adopting_body=draft.adopting_body
        )),
    }  # fmt: skip
    return render(request, "policy/guideline/adopt.html", page, status=_status(form))


@access("member", *WRITERS)
@require_http_methods(["GET", "POST"])
def drop(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Lay the draft aside, after a question."""
    draft = _draft(request.actor, uid)
    if request.method == "POST":
        once(request, partial(actions.drop_draft, actor=request.actor, uid=uid))
        messages.success(request, _("Utkastet är undanlagt. Det går att läsa under Versioner."))
        return redirect("policy:versions")
    page = {"draft": draft, "fields": [("intent", str(uuid7()))]}
    return render(request, "policy/guideline/drop.html", page)


def _draft(actor: Actor, uid: UUID) -> Guideline:
    found = queries.guideline_for(actor, uid)
    if found.state != GuidelineState.DRAFT:
        raise NotFound
    return found


def _law(id: str) -> tuple[str, str]:
    """Return the text and the name of a provision in the reader's language; ("", "") for none."""
    if not id:
        return "", ""
    english = (get_language() or "sv").startswith("en")
    cited: Any = law.cited(id)
    title = cited.title_en if english else cited.title_sv
    text = getattr(cited, "text_en" if english else "text_sv", "") or getattr(
        cited, "note_en" if english else "note_sv", ""
    )
    citation = getattr(cited, "citation", "")
    return text, f"{title}, {citation}" if citation else title


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200

"""Pages about approving: who may, answers that wait for somebody else, and what went out at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import today
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done, posted
from narvaro.core.types import ANSWERS, READS_ALL, Role
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries
from narvaro.publishing.actions import approval as actions
from narvaro.publishing.actions import at_once
from narvaro.publishing.forms.approval import AnswersForm, AtOnceForm, BackForm, DelegationForm, EndForm, ReviewForm
from narvaro.publishing.queries import approval
from narvaro.publishing.types import MessageState
from narvaro.publishing.views.website import page_shown

if TYPE_CHECKING:
    from narvaro.publishing.models import Message, Publication
    from narvaro.publishing.queries.messages import Said

MOST_SHOWN = 40


@access("member", *READS_ALL)
@require_http_methods(["GET", "POST"])
def who_approves(request: MemberRequest) -> HttpResponse:
    """Who may let out what, by role and by delegation; where answers are read first; what is to be looked at."""
    actor = request.actor
    form = DelegationForm(*posted(request), actor=actor, initial={"from_on": today()})
    if done(request, form, lambda: actions.add_delegation(
        actor=actor, person_uid=form.values["person"], unit_uid=form.values["unit"] or None,
        **{name: form.values[name] for name in ("reference", "from_on", "until_on")},
    )):  # fmt: skip
        messages.success(request, _("Sparat. Det gäller från den dag du valde."))
        return redirect("publishing:who_approves")
    standing = approval.standing(actor)
    page = {
        "form": form, "rows": standing.delegations, "end_form": EndForm(), "today": today(),
        "may_set": actor.has(Role.COMMUNICATIONS_LEAD), "answers_form": AnswersForm(actor=actor),
        "to_review": standing.to_review, "may_read": actor.has_anywhere(*ANSWERS),
    }  # fmt: skip
    return render(request, "publishing/who_approves.html", page, status=422 if form.is_bound else 200)


@access("member", Role.COMMUNICATIONS_LEAD)
@require_POST
def end_delegation(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a delegation back."""
    if done(request, EndForm(request.POST), lambda: actions.end_delegation(actor=request.actor, uid=uid)):
        messages.success(request, _("Rätten är tillbakatagen."))
    return redirect("publishing:who_approves")


@access("member", Role.COMMUNICATIONS_LEAD)
@require_POST
def read_answers_first(request: MemberRequest) -> HttpResponse:
    """Say where answers are read first."""
    form = AnswersForm(request.POST, actor=request.actor)

    def act() -> None:
        chosen = [form.theirs[uid] for uid in form.cleaned_data["channels"]]
        actions.change_answers_read_first(
            actor=request.actor, everywhere=form.cleaned_data["everywhere"], channels=chosen
        )

    if done(request, form, act):
        messages.success(request, _("Sparat. Det gäller svar som skickas från och med nu."))
    return redirect("publishing:who_approves")


@access("member", *ANSWERS)
@require_GET
def answers(request: MemberRequest) -> HttpResponse:
    """Answers that wait for somebody else to read them."""
    return _answers(request)


@access("member", *ANSWERS)
@require_POST
def release(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let an answer out that somebody else wrote."""
    found = queries.publication_for(request.actor, uid)
    form = EndForm(request.POST)
    if done(request, form, lambda: publishing.release(actor=request.actor, publication=found)):
        messages.success(request, _("Godkänt. Svaret går ut nu."))
    return redirect("publishing:answers_to_approve")


@access("member", *ANSWERS)
@require_POST
def send_back(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Send an answer back to whoever wrote it, with the reasons."""
    found = queries.publication_for(request.actor, uid)
    form = BackForm(request.POST, prefix=f"b{found.pk}")

    def act() -> None:
        actions.refuse_own_release(request.actor, found)
        publishing.send_back(actor=request.actor, publication=found, why=form.values["why"])

    if done(request, form, act):
        messages.success(request, _("Skickat tillbaka. Skälen står vid svaret."))
        return redirect("publishing:answers_to_approve")
    return _answers(request, about=found, said=form)


@access("member", *ANSWERS)
@require_POST
def answer_at_once(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let out one's own answer without waiting."""
    found = queries.publication_for(request.actor, uid)
    form = AtOnceForm(request.POST, prefix=f"n{found.pk}")
    if done(request, form, lambda: at_once.answer_at_once(
        actor=request.actor, publication_uid=uid, why=form.values["why"]
    )):  # fmt: skip
        messages.success(request, _("Svaret går ut nu. Någon annan ser igenom det efteråt."))
        return redirect("publishing:answers_to_approve")
    return _answers(request, about=found, said=form)


@access("member", *ANSWERS)
@require_POST
def publish_at_once(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a message out without anybody reading it first."""
    form = AtOnceForm(request.POST)
    if done(request, form, lambda: at_once.publish_at_once(
        actor=request.actor, uid=uid, why=form.values["why"], seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        messages.success(request, _("Det går ut nu. Någon annan ser igenom det senast nästa arbetsdag."))
    else:
        messages.error(request, " ".join(str(each) for errors in form.errors.values() for each in errors))
    return redirect("publishing:message", uid)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def review(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Look at what went out at once."""
    actor, row = request.actor, approval.at_once_for(request.actor, uid)
    form = ReviewForm(*posted(request))
    if done(request, form, lambda: actions.review_at_once(actor=actor, uid=uid, verdict=form.values["verdict"])):
        messages.success(request, _("Sparat. Det står i historiken."))
        return redirect("publishing:who_approves")
    out = row.message or row.publication
    text = out.text if out else ""
    page = {"row": row, "form": form, "text": text, "is_own": actor.is_person(row.by_id)}
    return render(request, "publishing/review.html", page, status=422 if form.is_bound else 200)


def shown_about(message: Message, about: Said, *, is_theirs: bool) -> dict[str, Any]:
    """Return what a message's page says of approving, of letting it out at once, and of the page on the website."""
    is_read = message.state == MessageState.AWAITING
    return {
        "asked": about.asked if is_read else None,
        "at_once_form": AtOnceForm(version=message.version, auto_id="at-once-%s") if is_read and is_theirs else None,
        "at_once": about.at_once,
        **page_shown(about.page, is_theirs=is_theirs),
    }


def _answers(
    request: MemberRequest, *, about: Publication | None = None, said: ActingForm | None = None
) -> HttpResponse:
    actor = request.actor
    found = approval.answers_to_approve(actor)
    rows = []
    for each in found[:MOST_SHOWN]:
        is_it = about is not None and about.pk == each.pk
        rows.append({
            "publication": each, "is_own": actor.is_person(each.written_by_id), "form": EndForm(),
            "may_release": approval.may_release(actor, each),
            "back_form": said if is_it and isinstance(said, BackForm) else BackForm(prefix=f"b{each.pk}"),
            "at_once_form": said if is_it and isinstance(said, AtOnceForm) else AtOnceForm(prefix=f"n{each.pk}"),
        })  # fmt: skip
    page = {"rows": rows, "form": said, "more": len(found) - len(rows)}
    return render(request, "publishing/answers_to_approve.html", page, status=422 if said else 200)

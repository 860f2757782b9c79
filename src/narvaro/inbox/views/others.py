"""Saved answers, bringing in what was found elsewhere, and the page behind an expert's one-time link."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.base.ids import uuid7
from narvaro.channels import queries as channels
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform
from narvaro.core.forms.acting import posted
from narvaro.core.types import ANSWERS, Invalid, Role, Stale
from narvaro.inbox import actions, queries, rules
from narvaro.inbox.forms import BringInForm, ExpertForm, SavedAnswerForm, StepForm
from narvaro.inbox.types import LinkUsed
from narvaro.inbox.views import showing
from narvaro.inbox.views.lists import READERS, as_uuid


@access("member", *READERS)
@require_GET
def saved_answers(request: MemberRequest) -> HttpResponse:
    """The texts that answer what is often asked."""
    may_change = rules.may_keep_saved_answers(request.actor)
    page = {"saved": queries.saved_answers(request.actor), "may_change": may_change, "undo": _undo_of_removal(request)}
    return render(request, "inbox/saved_answers.html", page)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def add_saved_answer(request: MemberRequest) -> HttpResponse:
    """Save a new text."""
    actor = request.actor
    form = SavedAnswerForm(request.POST if request.method == "POST" else None, units=core.units(actor))
    if done(request, form, lambda: actions.save_answer(actor=actor, **form.values)):
        messages.success(request, _("Svaret är sparat."))
        return redirect("inbox:saved_answers")
    return render(request, "inbox/saved_answer.html", {"form": form}, status=422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def saved_answer(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change a saved text."""
    actor, saved = request.actor, queries.saved_answer_for(request.actor, uid)
    begun = {"title": saved.title, "text": saved.text, "unit_uid": str(saved.unit.uid) if saved.unit else ""}
    posted = request.POST if request.method == "POST" else None
    form = SavedAnswerForm(posted, version=saved.version, initial=begun, units=core.units(actor))
    trouble = ""
    try:
        if done(request, form, lambda: actions.change_saved_answer(
            actor=actor, uid=uid, **form.values, seen_version=form.cleaned_data["seen_version"]
        )):  # fmt: skip
            messages.success(request, _("Svaret är ändrat."))
            return redirect("inbox:saved_answers")
    except Stale as error:
        trouble = str(error)
        saved = queries.saved_answer_for(actor, uid)
        form = SavedAnswerForm(version=saved.version, initial=form.values, units=core.units(actor))
    page = {"form": form, "saved": saved, "remove_form": StepForm(), "trouble": trouble}
    return render(request, "inbox/saved_answer.html", page, status=409 if trouble else 422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def remove_saved_answer(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a saved text out of the list; the list offers to put it back."""
    actor, form = request.actor, StepForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return redirect("inbox:saved_answers")
    perform(actor, form.cleaned_data["intent"], partial(actions.remove_saved_answer, actor=actor, uid=uid))
    return redirect(f"{reverse('inbox:saved_answers')}?borttaget={uid}")


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def put_back_saved_answer(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Put a saved text back into the list."""
    actor, form = request.actor, StepForm(request.POST)
    if request.method == "POST" and form.is_valid():
        perform(actor, form.cleaned_data["intent"], partial(actions.put_back_saved_answer, actor=actor, uid=uid))
        messages.success(request, _("Det sparade svaret är tillbaka i listan."))
    return redirect("inbox:saved_answers")


def _undo_of_removal(request: MemberRequest) -> dict[str, Any] | None:
    """Return the offer to put back what was taken out just now."""
    uid = as_uuid(request.GET.get("borttaget"))
    if uid is None:
        return None
    return {
        "text": _("Det sparade svaret är borttaget ur listan."), "fields": [("intent", str(uuid7()))],
        "url": reverse("inbox:put_back_saved_answer", args=[uid]),
    }  # fmt: skip


@access("member", *READERS, Role.EMPLOYEE, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def bring_in(request: MemberRequest) -> HttpResponse:
    """Bring in something found elsewhere. Sending it twice keeps it once, so it needs no intent."""
    actor = request.actor
    form = BringInForm(*posted(request), channels=channels.channels(actor))
    if form.is_valid():
        pictures = [(chosen.file.read(), chosen.alt) for chosen in form.chosen]
        try:
            incoming = actions.bring_in(actor=actor, pictures=pictures, **form.values)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Tack. Det är bevarat som allmän handling och ligger i inkorgen."))
            if incoming is not None and rules.may_read(actor):
                return redirect("inbox:thread", incoming.uid)
            return redirect("inbox:bring_in")
    return render(request, "inbox/bring_in.html", {"form": form}, status=422 if form.is_bound else 200)


@access("link")
@never_cache
@require_http_methods(["GET", "POST"])
def expert(request: HttpRequest, token: str) -> HttpResponse:
    """What a colleague without an account sees behind a one-time link, and where they answer."""
    try:
        question = queries.expert_question(token)
    except LinkUsed as error:  # whoever opens it has no start page to be led to
        return render(request, "inbox/expert_gone.html", status=error.status)
    form = ExpertForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.reply_as_expert(token=token, text=form.cleaned_data["text"], name=form.cleaned_data["name"])
        except Invalid as error:
            form.add_error("text", str(error))
        else:
            return render(request, "inbox/expert_thanks.html", {"question": question})
    shown = queries.shown_to_expert(question)
    page = {
        "form": form, "question": question, "author": showing.author_of(shown), "words": showing.words(shown.text),
        "is_sealed": shown.is_sealed,
    }  # fmt: skip
    return render(request, "inbox/expert.html", page, status=422 if form.is_bound else 200)

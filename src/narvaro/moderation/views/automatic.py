"""Identity numbers that a machine hides: whether it does, and what it hid for a person to look at."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from narvaro.channels import queries as channels
from narvaro.core import audit
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.types import ANSWERS, READS_ALL, Role
from narvaro.moderation import actions, queries, rules
from narvaro.moderation.automatic_forms import AutomaticForm, ConfirmForm, TakeBackForm
from narvaro.policy import rules as policy
from narvaro.records import queries as records

REVIEWERS = (*ANSWERS, Role.REGISTRAR)


@access("member", *READS_ALL, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def automatic(request: MemberRequest) -> HttpResponse:
    """Whether a machine hides identity numbers, what that means, and what waits for a person."""
    actor = request.actor
    row = queries.automatic_of(actor)
    version = row.version if row else 0
    form = AutomaticForm(request.POST or None, version=version, initial={"is_on": bool(row and row.is_on)})
    if done(request, form, lambda: actions.change_automatic(
        actor=actor, is_on=form.values["is_on"], seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        on = form.values["is_on"]
        messages.success(request, _("Påslaget. Det gäller från och med nu.") if on else _("Avstängt."))
        return redirect("moderation:automatic")
    able = queries.hiding_channels(actor)
    page = {
        "form": form, "chosen": row, "may_change": policy.may_change_rules(actor),
        "waiting": queries.hidings(actor) if rules.may_read(actor) else [],
        "by_hand": [one for one in channels.channels(actor) if one.pk not in able],
    }  # fmt: skip
    return render(request, "moderation/automatic.html", page, status=422 if form.is_bound else 200)


@access("member", *READS_ALL)
@require_http_methods(["GET"])
def hiding(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One identity number: what it says, what the machine did, and what a person thinks of it."""
    return _page(request, uid)


@access("member", *REVIEWERS)
@require_POST
def confirm(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Confirm what the machine decided, or say that it is taken care of."""
    form = ConfirmForm(request.POST, prefix="confirm")
    if done(request, form, lambda: actions.review_hiding(
        actor=request.actor, uid=uid, stands=True, seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        messages.success(request, _("Tack. Det är granskat och står fast."))
        return redirect("moderation:hiding", uid)
    return _page(request, uid, form=form)


@access("member", *REVIEWERS)
@require_POST
def take_back(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take back what the machine decided."""
    form = TakeBackForm(request.POST, prefix="back")
    if done(request, form, lambda: actions.review_hiding(
        actor=request.actor, uid=uid, stands=False, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Tack. Det tas tillbaka, och maskinen rör inte kommentaren igen."))
        return redirect("moderation:hiding", uid)
    return _page(request, uid, form=form, back_form=form)


def _page(
    request: MemberRequest, uid: UUID, *, form: ActingForm | None = None, back_form: ActingForm | None = None
) -> HttpResponse:
    actor, found = request.actor, queries.hiding_for(request.actor, uid)
    page = {
        "hiding": found,
        "shown": records.shown(actor, [records.item_by_id(actor, found.item_id)])[0],
        "form": form,
        "confirm_form": ConfirmForm(prefix="confirm", version=found.version),
        "back_form": back_form or TakeBackForm(prefix="back", version=found.version),
        "may_review": found.reviewed_at is None and rules.may_review_hiding(actor),
        "history": audit.timeline(actor, found),
    }
    return render(request, "moderation/hiding.html", page, status=422 if form is not None else 200)

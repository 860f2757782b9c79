"""What people want to send while a crisis goes on: one button lets it out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.types import ANSWERS
from narvaro.moderation import actions, queries, rounds
from narvaro.moderation.forms import ApproveForm, SendBackForm
from narvaro.publishing import queries as publications
from narvaro.publishing.types import Approver

if TYPE_CHECKING:
    from narvaro.publishing.models import Publication


@access("member", *ANSWERS)
@require_GET
def approvals(request: MemberRequest) -> HttpResponse:
    """Everything that waits to be approved, oldest first."""
    return _page(request)


@access("member", *ANSWERS)
@require_POST
def approve(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let it out."""
    found = publications.publication_for(request.actor, uid)
    form = ApproveForm(request.POST, prefix=f"a{found.pk}")
    if done(request, form, lambda: actions.approve(actor=request.actor, publication_uid=uid, **form.values)):
        messages.success(request, _("Godkänt. Svaret går ut nu."))
        return redirect("moderation:approvals")
    return _page(request, about=found, approve_form=form)


@access("member", *ANSWERS)
@require_POST
def send_back(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Send it back to whoever wrote it."""
    found = publications.publication_for(request.actor, uid)
    form = SendBackForm(request.POST, prefix=f"b{found.pk}")
    if done(request, form, lambda: actions.send_back(actor=request.actor, publication_uid=uid, **form.values)):
        messages.success(request, _("Skickat tillbaka. Den som skrev får veta varför."))
        return redirect("moderation:approvals")
    return _page(request, about=found, back_form=form)


def _page(
    request: MemberRequest, *, about: Publication | None = None, approve_form: ActingForm | None = None,
    back_form: ActingForm | None = None,
) -> HttpResponse:  # fmt: skip
    actor = request.actor
    waiting = publications.awaiting(actor)
    asked: dict[int, Approver | None] = {}
    for one in waiting:
        if one.channel_id not in asked:
            asked[one.channel_id] = queries.approval_in(actor, one.channel)
    rows = []
    for one in waiting:
        is_it = about is not None and about.pk == one.pk
        approver = asked[one.channel_id]
        rows.append(
            {
                "publication": one,
                "is_over": approver is None,
                "is_own": approver is not None and actor.is_person(one.written_by_id),
                "may_approve": approver is None or rounds.may_approve(actor, approver.person_id),
                "approve_form": approve_form if is_it and approve_form else ApproveForm(prefix=f"a{one.pk}"),
                "back_form": back_form if is_it and back_form else SendBackForm(prefix=f"b{one.pk}"),
            }
        )
    refused = approve_form or back_form
    page = {"rows": rows, "form": refused}
    return render(request, "moderation/approvals.html", page, status=422 if refused else 200)

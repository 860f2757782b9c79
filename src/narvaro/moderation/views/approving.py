"""What people want to send while a crisis goes on: one button lets it out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.types import ANSWERS
from narvaro.moderation import actions, queries, rounds
from narvaro.moderation.forms import ApproveForm, SendBackForm
from narvaro.publishing import queries as publications
from narvaro.publishing.queries.approval import waits_for_another
from narvaro.publishing.queries.held import is_held_by_rules
from narvaro.publishing.types import Approver

if TYPE_CHECKING:
    from narvaro.publishing.models import Publication, Together

MOST_SHOWN = 40


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


@access("member", *ANSWERS)
@require_POST
def approve_together(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let out one text to everybody whom it answers."""
    found = publications.together_for(request.actor, uid)
    form = ApproveForm(request.POST, prefix=f"ta{found.pk}")
    sent: list[int] = []
    if done(request, form, lambda: sent.append(
        actions.approve_together(actor=request.actor, together_uid=uid, **form.values)
    )):  # fmt: skip
        said = ngettext("Godkänt. Ett svar går ut nu.", "Godkänt. %(count)d svar går ut nu.", sent[0])
        messages.success(request, said % {"count": sent[0]})
        return redirect("moderation:approvals")
    return _page(request, about=found, approve_form=form)


@access("member", *ANSWERS)
@require_POST
def send_back_together(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Send back one text that answers many."""
    found = publications.together_for(request.actor, uid)
    form = SendBackForm(request.POST, prefix=f"tb{found.pk}")
    if done(request, form, lambda: actions.send_back_together(actor=request.actor, together_uid=uid, **form.values)):
        messages.success(request, _("Skickat tillbaka. Den som skrev får veta varför."))
        return redirect("moderation:approvals")
    return _page(request, about=found, back_form=form)


def _page(
    request: MemberRequest, *, about: Publication | Together | None = None, approve_form: ActingForm | None = None,
    back_form: ActingForm | None = None,
) -> HttpResponse:  # fmt: skip
    actor = request.actor
    asked: dict[int, Approver | None] = {}
    groups: dict[tuple[bool, int], list[Publication]] = {}
    for one in publications.awaiting(actor):
        if one.channel_id not in asked:
            asked[one.channel_id] = queries.approval_in(actor, one.channel)
        if asked[one.channel_id] is None and (waits_for_another(actor, one) or is_held_by_rules(one)):
            continue  # that is read first whether there is a crisis or not, on pages of its own
        groups.setdefault((True, one.together_id) if one.together_id else (False, one.pk), []).append(one)
    rows = []
    for (is_together, key), parts in list(groups.items())[:MOST_SHOWN]:
        first = parts[0]
        is_it = about is not None and about == (first.together if is_together else first)
        theirs = [asked[one.channel_id] for one in parts]
        mark = "t" if is_together else ""
        addresses = ("approve_together", "back_together") if is_together else ("approve", "send_back")
        uid = first.together.uid if is_together and first.together else first.uid
        rows.append(
            {
                "publication": first,
                "together": first.together,
                "count": len(parts),
                "channels": list({one.channel_id: one.channel for one in parts}.values()),
                "is_over": not any(theirs),
                "is_own": any(theirs) and actor.is_person(first.written_by_id),
                "may_approve": any(each is None or rounds.may_approve(actor, each.person_id) for each in theirs),
                "approve_form": approve_form if is_it and approve_form else ApproveForm(prefix=f"{mark}a{key}"),
                "back_form": back_form if is_it and back_form else SendBackForm(prefix=f"{mark}b{key}"),
                "approve_url": reverse(f"moderation:{addresses[0]}", args=[uid]),
                "back_url": reverse(f"moderation:{addresses[1]}", args=[uid]),
            }
        )
    refused = approve_form or back_form
    page = {"rows": rows, "form": refused, "more": len(groups) - len(rows)}
    return render(request, "moderation/approvals.html", page, status=422 if refused else 200)

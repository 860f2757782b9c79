"""Proving that nothing was changed, and saying openly what may be lacking."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from narvaro.channels import queries as channels
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import perform
from narvaro.core.types import READS_ALL
from narvaro.records import actions, queries, rules
from narvaro.records.forms import ConfirmForm
from narvaro.records.models import Verification
from narvaro.records.types import WorkState
from narvaro.records.views.places import places

SHOWN_GAPS = 50


@access("member", *rules.VERIFIES)
@require_http_methods(["GET", "POST"])
def verification(request: MemberRequest) -> HttpResponse:
    """The latest verification, and the button that asks for a new one."""
    form = ConfirmForm(request.POST or None)
    if form.is_valid():
        perform(request.actor, form.cleaned_data["intent"], lambda: actions.request_verification(actor=request.actor))
        messages.success(request, _("Kontrollen är beställd och börjar strax."))
        return redirect("records:verification")
    latest = queries.latest_verification(request.actor)
    token = _token(latest)
    if request.GET.get("token") == token:
        return HttpResponse(status=204)
    is_going = latest is not None and latest.state in (WorkState.WAITING, WorkState.RUNNING)
    page = {
        "places": places(request.actor, "verification"),
        "latest": latest, "is_going": is_going, "form": form, "token": token,
        "earlier": queries.verifications(request.actor),
    }  # fmt: skip
    return render(request, "records/verification.html", page)


def _token(latest: Verification | None) -> str:
    return f"{latest.pk}-{latest.state}-{latest.done}" if latest else "none"


@access("member", *READS_ALL)
@require_safe
def gap_ledger(request: MemberRequest) -> HttpResponse:
    """How far each channel is complete, and every span from which something may be lacking."""
    known = queries.channels_for_reading(request.actor)
    readings = channels.readings(request.actor)
    asked = request.GET.get("fore", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    gaps = queries.gaps(request.actor, before=before, limit=SHOWN_GAPS + 1)
    page = {
        "places": places(request.actor, "gaps"),
        "channels": [{"channel": channel, "reading": readings.get(pk)} for pk, (channel, _) in known.items()],
        "gaps": gaps[:SHOWN_GAPS],
        "older_url": f"?fore={gaps[SHOWN_GAPS - 1].pk}" if len(gaps) > SHOWN_GAPS else "",
        "newer_url": reverse("records:gaps") if before else "",
        "form": ConfirmForm(),
        "may_backfill": rules.may_verify(request.actor),
    }
    return render(request, "records/gaps.html", page)


@access("member")
@require_POST
def backfill(request: MemberRequest, gap_id: int) -> HttpResponse:
    """Mark a gap as filled by other means."""
    form = ConfirmForm(request.POST)
    if form.is_valid():
        perform(
            request.actor,
            form.cleaned_data["intent"],
            lambda: actions.backfill_gap(actor=request.actor, gap_id=gap_id),
        )
        messages.success(request, _("Luckan är markerad som inläst. Den står kvar i listan."))
    return redirect("records:gaps")

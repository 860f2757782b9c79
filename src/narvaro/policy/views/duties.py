"""What it means to be responsible for a channel, as the guideline in force says; seen with one click."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.policy import actions, parameters, queries
from narvaro.policy.forms import ButtonForm
from narvaro.policy.views.showing import once


@access("member")
@require_GET
def mine(request: MemberRequest) -> HttpResponse:
    """The channels that one is responsible for, and what that means."""
    labels = {value: label for value, label, _words in parameters.PARAMETERS["responsible_duties"].choices}
    rows = [
        {
            "uid": row.uid, "at": row.at, "channel": row.assignment.channel, "seen": ",".join(row.duties),
            "duties": [labels[duty] for duty in labels if duty in row.duties],
        }
        for row in queries.duties_of(request.actor)
    ]  # fmt: skip
    return render(request, "policy/guideline/duties.html", {"rows": rows, "button": ButtonForm()})


@access("member")
@require_POST
def see(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that it is seen."""
    once(request, partial(actions.see_duties, actor=request.actor, uid=uid, seen=request.POST.get("seen", "")))
    messages.success(request, _("Tack. Det är antecknat."))
    return redirect("policy:duties")

"""What everybody who works here may want to know about social media at work."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404
from django.views.decorators.http import require_GET

from narvaro.core.access import MemberRequest, access, may_enter

GUIDELINE, NEW_PLAN, BRING_IN = "/policy/", "/planer/ny/", "/inkorg/hittat/"


@access("member")
@require_GET
def for_all(request: MemberRequest) -> HttpResponse:
    """The guideline in force, what is asked most, how to begin, and that one's own words are one's own."""
    page = {
        "guideline_url": _open(request, GUIDELINE), "plan_url": _open(request, NEW_PLAN),
        "bring_in_url": _open(request, BRING_IN),
    }  # fmt: skip
    return render(request, "channels/for_all.html", page)


def _open(request: MemberRequest, address: str) -> str:
    """Return an address that is part of this installation and open to the actor, else ""."""
    try:
        return address if may_enter(request.actor, address) else ""
    except Resolver404:
        return ""

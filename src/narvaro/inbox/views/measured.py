"""What is measured of a channel, as the guideline says."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from narvaro.channels import queries as channels
from narvaro.core.access import MemberRequest, access
from narvaro.inbox.queries.measured import DAYS, measured


@access("member")
@require_GET
def figures(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Exactly the figures that the guideline names: those that are here, and where the others are."""
    channel = channels.channel_for(request.actor, uid)
    found = measured(request.actor, channel)
    page = {
        "channel": channel, "days": DAYS, "has_guideline": found is not None,
        "known": [each for each in found or () if each.is_known],
        "elsewhere": [each for each in found or () if not each.is_known],
    }  # fmt: skip
    return render(request, "inbox/measured.html", page)

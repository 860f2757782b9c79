"""Pages of what is known of platforms."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.base import platforms
from narvaro.channels import actions, queries, rules
from narvaro.channels.forms import AssessmentForm
from narvaro.channels.views import showing
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotPermitted, Role

_WRITERS = (Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR, Role.DPO)


@access("member")
@require_GET
def all_platforms(request: MemberRequest) -> HttpResponse:
    """Every platform with what is known of it, those that are used first."""
    page = {"rows": queries.platforms_assessed(request.actor)}
    return render(request, "channels/platforms.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def one_platform(request: MemberRequest, key: str) -> HttpResponse:
    """One platform: what ships of facts, and what the authority says of its own."""
    said = queries.assessment_of(request.actor, key)
    may_write = request.actor.has(*_WRITERS)
    if request.method == "POST" and not may_write:
        raise NotPermitted
    form = AssessmentForm(*posted(request), said=said)
    if done(request, form, lambda: actions.assess_platform(
        actor=request.actor, platform=key, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Sparat. Det visas på kanalernas sidor från nu."))
        return redirect("channels:platforms")
    facts = platforms.platform(key)
    return showing.formed(
        request, "channels/platform.html", form, said=said, facts=facts, may_write=may_write,
        name=rules.platform_name(key), transfer=showing.TRANSFERS[facts.transfer],
    )  # fmt: skip

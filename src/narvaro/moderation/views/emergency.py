"""What must go at once and could not be kept first: one short page, made for a telephone and for haste."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from narvaro.channels import queries as channels
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.forms.acting import posted
from narvaro.core.types import ANSWERS, Invalid
from narvaro.moderation import actions, queries, rules
from narvaro.moderation.actions import Decided
from narvaro.moderation.forms import EmergencyForm
from narvaro.policy import queries as policy
from narvaro.records import actions as records


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def emergency(request: MemberRequest) -> HttpResponse:
    """Remove what the law asks to be removed at once, although it could not be kept."""
    known = channels.channels(request.actor)
    data, files = posted(request)
    link = request.GET.get("lank", "")[:1000]
    form = EmergencyForm(
        data, files, channels=[(str(channel.uid), channel.name) for channel in known],
        grounds=[ground for ground in policy.grounds(request.actor) if rules.is_asked_for_by_law(ground)],
        initial={"channel": request.GET.get("kanal", ""), "remote_id": link},
    )  # fmt: skip
    decided: list[Decided] = []
    if done(request, form, lambda: decided.append(_decide(request, form.values))):
        measure = decided[0].measure
        if form.cleaned_data["is_made"]:
            messages.success(request, _("Åtgärden är antecknad. Närvaro läser på plattformen att det är gjort."))
        else:
            messages.success(request, _("Beslutet är fattat och plattformen får veta det nu. Följ här hur det går."))
        if rules.goes_to_police(measure.ground):
            return redirect("moderation:package_of_measure", measure.uid)
        return redirect("moderation:measure", measure.uid)
    kept = queries.item_by_link(request.actor, link) if link else None
    page = {"form": form, "kept": kept}
    return render(request, "moderation/emergency.html", page, status=422 if form.is_bound else 200)


def _decide(request: MemberRequest, values: dict[str, Any]) -> Decided:
    given, channel = values.pop("picture", None), channels.channel_for(request.actor, values.pop("channel"))
    picture = None
    if given:
        try:
            picture = records.store_screenshot(actor=request.actor, content=given.read(), name=(given.name or "")[:100])
        except Invalid as error:
            raise Invalid(str(error), field="picture") from None
    return actions.decide_emergency(actor=request.actor, channel=channel, picture=picture, **values)

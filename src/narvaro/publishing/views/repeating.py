"""The page of when a text comes again, and what it has become."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.types import ANSWERS
from narvaro.publishing import queries
from narvaro.publishing.actions import repeating
from narvaro.publishing.forms.repeating import EndForm, RepeatForm
from narvaro.publishing.queries.repeats import drafts_of_repeat, repeat_of


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def repeat(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say when a text is put before one again, or that it is no more."""
    actor = request.actor
    saved = queries.saved_text_for(actor, uid)
    found = repeat_of(actor, saved)
    ends = request.method == "POST" and request.POST.get("do") == "end"
    form = RepeatForm(request.POST if request.method == "POST" and not ends else None, actor=actor, repeat=found)
    if ends and done(request, EndForm(request.POST), lambda: repeating.end_repeat(actor=actor, uid=uid)):
        messages.success(request, _("Texten läggs inte fram mer. Utkasten den blev finns kvar."))
        return redirect("publishing:texts")
    if not ends and done(request, form, lambda: repeating.set_repeat(actor=actor, uid=uid, **form.wanted)):
        messages.success(request, _("Sparat. Texten läggs fram som ett utkast, och går aldrig ut av sig själv."))
        return redirect("publishing:repeat_text", uid)
    page = {
        "form": form, "saved": saved, "repeat": found, "end_form": EndForm(),
        "drafts": drafts_of_repeat(actor, found) if found else [],
    }  # fmt: skip
    return render(request, "publishing/repeat.html", page, status=422 if form.is_bound else 200)

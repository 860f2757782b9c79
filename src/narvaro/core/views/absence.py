"""Being away: for oneself, or for a colleague who cannot say so."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from narvaro.base.clock import STOCKHOLM, now, today
from narvaro.core import actions, queries, rules
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms.absence import AbsenceForm
from narvaro.core.forms.acting import done, posted
from narvaro.core.types import Invalid
from narvaro.core.views.acting import button, offer_undo, once, take_undo


@access("member")
@require_http_methods(["GET", "POST"])
def absences(request: MemberRequest) -> HttpResponse:
    """Who is away now and later, and saying that somebody is."""
    actor = request.actor
    may_mark = [p for p in queries.people(actor) if rules.may_mark_absent(actor, p.pk)]
    begun = {"from_on": today(), "until_on": today()}
    form = AbsenceForm(posted(request)[0], people=may_mark, me=actor.person_id, initial=begun)

    def mark() -> None:
        away = queries.person_for(actor, form.cleaned_data["person_uid"])
        span = {key: form.cleaned_data[key] for key in ("from_at", "until_at")}
        actions.mark_absent(actor=actor, person=away, **span)

    if done(request, form, mark):
        messages.success(request, _("Frånvaron är inlagd. Under tiden går arbetet till ersättaren."))
        return redirect("core:absences")
    rows = [
        {"absence": a, "is_now": a.from_at <= now(), "may_end": rules.may_mark_absent(actor, a.person_id)}
        for a in queries.absences(actor)
    ]
    page = {"form": form, "rows": rows, "may_mark": bool(may_mark), "button": button(), "undo": take_undo(request)}
    return render(request, "core/people/absences.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_POST
def away_soon(request: MemberRequest) -> HttpResponse:
    """One press: away the rest of today, or tomorrow."""
    actor = request.actor
    begins, ends = _span(request.POST.get("when", ""))
    marked: list[Any] = []

    def mark() -> None:
        me = queries.person_by_id(actor.person_id)
        marked.append(actions.mark_absent(actor=actor, person=me, from_at=begins, until_at=ends))

    once(request, mark)
    sentence = _("Du är markerad som borta. Under tiden går ditt arbete till ersättaren.")
    offer_undo(request, sentence, reverse("core:end_absence"), absence=marked[0].pk)
    return redirect("core:absences")


@access("member")
@require_POST
def end_absence(request: MemberRequest) -> HttpResponse:
    """Say that somebody is back earlier."""
    number = request.POST.get("absence", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise Invalid(_("Frånvaron finns inte längre."))
    once(request, lambda: actions.end_absence(actor=request.actor, absence_id=int(number)))
    messages.success(request, _("Frånvaron är avslutad."))
    return redirect("core:absences")


def _span(when: str) -> tuple[datetime, datetime]:
    tomorrow = today() + timedelta(days=1)
    if when == "today":
        return now().replace(microsecond=0), datetime.combine(tomorrow, time.min, STOCKHOLM)
    if when == "tomorrow":
        day_after = tomorrow + timedelta(days=1)
        return datetime.combine(tomorrow, time.min, STOCKHOLM), datetime.combine(day_after, time.min, STOCKHOLM)
    raise Invalid(_("Välj resten av dagen eller i morgon."))

"""Sealing, lifting a seal, and expunging: each a decision with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.types import Actor, NotPermitted
from narvaro.records import actions, queries, rules
from narvaro.records.forms import ReasonForm


@access("member")
@require_http_methods(["GET", "POST"])
def seal(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Seal a record for everyone at once."""
    words = {
        "title": _("Försegla handlingen"),
        "text": _("Försegla när det kan vara fråga om övergrepp mot barn. Innehållet döljs genast för alla."),
        "kept": _("Uppgiften om att handlingen finns, när den kom in och dess plats i loggen är kvar."),
        "button": _("Försegla"),
    }
    return _decide(request, uid, rules.may_seal, words, _("Handlingen är förseglad."), actions.seal_item)


@access("member")
@require_http_methods(["GET", "POST"])
def lift(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Lift a seal that turned out to be wrong."""
    words = {
        "title": _("Häv förseglingen"),
        "text": _("Innehållet visas igen för dem som får läsa handlingen, och går att söka."),
        "kept": _("Beslutet och ditt skäl skrivs i händelseloggen."),
        "button": _("Häv förseglingen"),
    }
    return _decide(request, uid, rules.may_expunge, words, _("Förseglingen är hävd."), actions.lift_seal)


@access("member")
@require_http_methods(["GET", "POST"])
def expunge(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Expunge the content of a sealed record for good."""
    words = {
        "title": _("Utplåna innehållet"),
        "text": _("Text, bilder och originaldata tas bort för alltid ur databasen, sökregistret och fillagret."),
        "kept": _("Uppgiften om att handlingen har funnits, dess plats i loggen och beslutet är kvar."),
        "button": _("Utplåna för alltid"),
        "is_dangerous": True,
    }
    return _decide(request, uid, rules.may_expunge, words, _("Innehållet är utplånat."), actions.expunge_item)


@access("member")
@require_http_methods(["GET", "POST"])
def widen(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let as many see a record here as on the platform, where its author has shown it to more since."""
    words = {
        "title": _("Visa handlingen för fler"),
        "text": _("Den som skrev har låtit fler se den på plattformen. Då visas den för alla som läser handlingar."),
        "kept": _("Beslutet och ditt skäl skrivs i händelseloggen."),
        "button": _("Visa för fler"),
    }
    return _decide(request, uid, rules.may_widen, words, _("Handlingen visas för fler."), actions.widen_item)


def _decide(
    request: MemberRequest,
    uid: UUID,
    may: Callable[[Actor], bool],
    words: dict[str, Any],
    said: str,
    action: Callable[..., Any],
) -> HttpResponse:
    item = queries.item_for(request.actor, uid)
    if not may(request.actor):
        raise NotPermitted
    form = ReasonForm(request.POST or None)
    if done(request, form, lambda: action(actor=request.actor, item=item, **form.values)):
        messages.success(request, said)
        return redirect("records:record", item.uid)
    page = {"form": form, "item": item, "back_url": reverse("records:record", args=[item.uid]), **words}
    return render(request, "records/decide.html", page, status=422 if form.is_bound else 200)

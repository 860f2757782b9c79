"""Pages of paid promotion: the register, one purchase, and what anybody reads."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from narvaro.core import audit, openly, spreadsheet
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, OpenRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import ANSWERS, READS_ALL, Actor
from narvaro.publishing import queries as publishing
from narvaro.publishing.actions import promotion as actions
from narvaro.publishing.forms.promotion import ChangePromotionForm, PromotionForm, WithdrawForm
from narvaro.publishing.models import Promotion
from narvaro.publishing.queries import promotion as queries
from narvaro.publishing.rules import promotion as rules

SHOWN_OPENLY = 200
_COLUMNS = (
    "title", "payer", "function", "amount_kr", "begins_on", "ends_on", "audience", "platform", "post_url", "topic",
    "label_about", "label_url", "uid",
)  # fmt: skip


@access("member", *READS_ALL)
@require_GET
def promotions(request: MemberRequest) -> HttpResponse:
    """The register of what was paid for being seen."""
    actor, before = request.actor, request.GET.get("fore", "")
    found = queries.promotions(actor, before=int(before) if before.isdigit() and len(before) < 19 else None)
    page = {
        "rows": [(each, queries.name_of(each.platform)) for each in found], "years": queries.paid_by_year(actor),
        "older": found[-1].pk if len(found) == queries.PAGE else "", "may_enter": actor.has_anywhere(*ANSWERS),
        "open_url": reverse("promotions:page", args=[core.authority_of(actor).slug]),
    }  # fmt: skip
    return render(request, "publishing/promotions.html", page)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def enter(request: MemberRequest) -> HttpResponse:
    """Enter a purchase; from a message what is known of it already stands there."""
    actor, spread = request.actor, request.GET.get("inlagg", "")
    form = PromotionForm(*posted(request), initial=_begun(actor, spread))
    made: list[Promotion] = []
    if done(request, form, lambda: made.append(
        actions.enter_promotion(actor=actor, message_uid=spread or None, **form.values)
    )):  # fmt: skip
        messages.success(request, _("Infört. Vem som helst kan läsa det."))
        return redirect("publishing:promotion", made[0].uid)
    return render(request, "publishing/enter_promotion.html", {"form": form}, status=422 if form.is_bound else 200)


@access("member", *READS_ALL)
@require_http_methods(["GET", "POST"])
def promotion(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One purchase: what stands about it, what stood before, and a form to put it right."""
    found = queries.promotion_for(request.actor, uid)
    begun = queries.content_of_promotion(found)
    form = ChangePromotionForm(*posted(request), initial=begun, version=found.version)
    if done(request, form, lambda: actions.change_promotion(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Sparat. Vad som stod förut finns kvar."))
        return redirect("publishing:promotion", uid)
    return _shown(request, found, form, WithdrawForm(version=found.version), refused=form.is_bound)


@access("member", *ANSWERS)
@require_POST
def withdraw(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Strike out what was never bought."""
    found = queries.promotion_for(request.actor, uid)
    form = WithdrawForm(request.POST)
    if done(request, form, lambda: actions.withdraw_promotion(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Posten är struken. Den finns kvar här med skälet."))
        return redirect("publishing:promotion", uid)
    change = ChangePromotionForm(initial=queries.content_of_promotion(found), version=found.version)
    return _shown(request, found, change, form, refused=True)


# --- Anybody ----------------------------------------------------------------------------------------------------------


@access("open")
@require_safe
def page(request: OpenRequest) -> HttpResponseBase:
    """What the authority has paid to be seen, for anybody."""
    authority = request.authority
    with translation.override(openly.language(request)):
        found = list(queries.open_promotions(request.visitor))
        shown = {
            "authority": authority, "shell": {"authority_name": authority.name}, "rows": found[:SHOWN_OPENLY],
            "count": len(found), "years": queries.paid_by_year(request.visitor),
            "language_links": openly.other_languages(reverse("promotions:page", args=[authority.slug])),
            "stays": openly.stays_in_language(request),
        }  # fmt: skip
        return openly.kept_by_caches(request, HttpResponse(render_to_string("publishing/open/promotions.html", shown)))


@access("open")
@require_safe
def as_json(request: OpenRequest) -> HttpResponseBase:
    """The same as data."""
    data = {"authority": request.authority.name, "promotions": list(queries.open_promotions(request.visitor))}
    words = json.dumps(data, ensure_ascii=False, indent=1)
    response = HttpResponse(words, content_type="application/json; charset=utf-8")
    return openly.kept_by_caches(request, openly.as_data(response))


@access("open")
@require_safe
def as_csv(request: OpenRequest) -> HttpResponseBase:
    """The same for a spreadsheet."""
    lines = [spreadsheet.line(_COLUMNS)]
    lines += [spreadsheet.line(str(row[name]) for name in _COLUMNS) for row in queries.open_promotions(request.visitor)]
    response = HttpResponse(spreadsheet.MARK + "".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="betald-spridning.csv"'
    return openly.kept_by_caches(request, openly.as_data(response))


# --- Steps ------------------------------------------------------------------------------------------------------------


def _begun(actor: Actor, spread: str) -> dict[str, Any]:
    """Return what a new form says of itself: the authority pays, unless somebody else does."""
    begun: dict[str, Any] = {"payer": core.authority_of(actor).name}
    if not spread:
        return begun
    found = publishing.message_for(actor, _uid(spread))
    parts = publishing.channels_of(actor, found)
    outs = [each.remote_url for each in publishing.sent_of(parts) if each.remote_url]
    return begun | {
        "title": found.text[:100].split("\n")[0], "post_url": outs[0] if outs else "",
        "platform": parts[0].channel.platform if parts else "",
    }  # fmt: skip


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _shown(
    request: MemberRequest, found: Promotion, form: ChangePromotionForm, strike: WithdrawForm, *, refused: bool
) -> HttpResponse:
    actor = request.actor
    shown = {
        "promotion": found, "form": form, "withdraw_form": strike, "platform": queries.name_of(found.platform),
        "flags": rules.flags_of(found.topic, found.platform, found.label_about, found.label_url),
        "versions": queries.promotion_versions(actor, found), "history": audit.timeline(actor, found),
        "may_change": actor.has_anywhere(*ANSWERS) and found.withdrawn_at is None,
        "errors_of": strike if strike.is_bound else form,
    }  # fmt: skip
    return render(request, "publishing/promotion.html", shown, status=422 if refused else 200)

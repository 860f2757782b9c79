"""Pages of consents: the register, one consent, and what follows when it is withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import today
from narvaro.core import audit
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import ANSWERS
from narvaro.media import actions, forms, queries, rules
from narvaro.media.models import Consent, Takedown
from narvaro.media.views.pressing import button, once


@access("member", *rules.CONSENT_READERS)
@require_GET
def consents(request: MemberRequest) -> HttpResponse:
    """The register of consents, newest first; searched by name or by what they are for."""
    words, before = request.GET.get("q", "").strip()[:100], request.GET.get("fore", "")
    is_over = request.GET.get("lista") == "avslutade"
    found = queries.consents(
        request.actor, words=words, over=is_over, before=int(before) if before.isdigit() and len(before) < 19 else None
    )
    page = {
        "rows": found, "q": words, "is_over": is_over, "may_add": rules.may_change(request.actor),
        "older": found[-1].consent.pk if len(found) == queries.PAGE else "",
    }  # fmt: skip
    return render(request, "media/consents.html", page)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Enter a consent, for a picture when one is named."""
    named = request.GET.get("bild", "")
    covered = queries.asset_for(request.actor, queries.known_uid(named)) if named else None
    form = forms.ConsentForm(*posted(request), initial={"given_on": today()})
    made: list[Consent] = []
    if done(request, form, lambda: made.append(actions.add_consent(
        actor=request.actor, assets=[covered] if covered else [], **form.values
    ))):  # fmt: skip
        messages.success(request, _("Samtycket är inskrivet."))
        return redirect("media:asset", covered.uid) if covered else redirect("media:consent", made[0].uid)
    page = {"form": form, "asset": covered, "child_age": queries.child_age(request.actor)}
    return render(request, "media/add_consent.html", page, status=422 if form.is_bound else 200)


@access("member", *rules.CONSENT_READERS)
@require_GET
def consent(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One consent: who, what for, which pictures, and what is left to take away."""
    found = queries.consent_for(request.actor, uid)
    takedowns = queries.takedowns(request.actor, consent=found)
    page = {
        "named": queries.named(found, queries.child_age(request.actor)), "consent": found,
        "rows": queries.shown(request.actor, queries.assets_of(request.actor, found)),
        "takedowns": takedowns, "left": sum(row.done_at is None for row in takedowns),
        "may_change": rules.may_change(request.actor), "button": button(),
        "may_forget": rules.may_forget(request.actor) and not found.disposed_at
        and bool(found.withdrawn_at or found.ended_at),
        "history": audit.timeline(request.actor, found),
    }  # fmt: skip
    return render(request, "media/consent.html", page)


@access("member", *ANSWERS)
@require_POST
def withdraw(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Note that a consent is withdrawn, and list where its pictures must be taken away."""
    found: list[Takedown] = []
    once(request, lambda: found.extend(actions.withdraw_consent(actor=request.actor, uid=uid)))
    count = len(found)
    messages.success(request, ngettext(
        "Samtycket är återkallat. Bilden ska bort från ett ställe.",
        "Samtycket är återkallat. Bilden ska bort från %(count)d ställen.", count,
    ) % {"count": count} if count else _("Samtycket är återkallat. Bilderna används ingenstans."))  # fmt: skip
    return redirect("media:consent", uid)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def cover(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a consent that is in the register cover a picture."""
    asset = queries.asset_for(request.actor, uid)
    words = request.GET.get("q", "").strip()[:100]
    choices = [(str(each.consent.uid), _said(each)) for each in queries.consents(request.actor, words=words, limit=100)]
    form = forms.CoverForm(*posted(request), consents=choices)
    if done(request, form, lambda: actions.link_consent(
        actor=request.actor, uid=form.cleaned_data["consent"], asset=asset
    )):  # fmt: skip
        messages.success(request, _("Samtycket gäller bilden."))
        return redirect("media:asset", uid)
    page: dict[str, Any] = {
        "form": form,
        "asset": asset,
        "name": queries.name_of(request.actor, asset),
        "q": words,
        "count": len(choices),
        "new_url": f"{reverse('media:add_consent')}?bild={asset.uid}",
    }
    return render(request, "media/cover.html", page, status=422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_POST
def uncover(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that a consent does not cover a picture after all."""
    asset = queries.asset_for(request.actor, queries.known_uid(request.POST.get("bild", "")))
    once(request, lambda: actions.unlink_consent(actor=request.actor, uid=uid, asset=asset))
    messages.success(request, _("Samtycket gäller inte längre bilden."))
    return redirect("media:asset", asset.uid)


def _said(each: queries.Named) -> str:
    return f"{each.name}: {each.consent.purposes[:80]}"

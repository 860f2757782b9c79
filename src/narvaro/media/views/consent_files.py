"""Pages on which the register of consents is taken out, or a person's part of it, and on which it is forgotten."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from narvaro.base.clock import today
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done, posted
from narvaro.media import consent_files, queries, rules
from narvaro.media.actions.forgetting import forget_consent, take_out_consents


class TakeOutForm(ActingForm):
    """Whose consents are taken out, and in which form."""

    words = forms.CharField(
        label=gettext_lazy("Namn"), max_length=100, required=False,
        help_text=gettext_lazy("Lämna tomt för hela registret. Namn på barn och vårdnadshavare räknas med."),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("Form"), initial="json", widget=forms.RadioSelect,
        choices=(("json", gettext_lazy("JSON, att lämna ut")), ("csv", gettext_lazy("CSV, för kalkylprogram"))),
    )  # fmt: skip


class ForgetForm(ActingForm):
    """Why somebody's data go before their time."""

    why = forms.CharField(
        label=gettext_lazy("Varför gallras uppgifterna nu?"), max_length=300,
        help_text=gettext_lazy("Till exempel: Personen har begärt det. Skriv inget namn här."),
    )  # fmt: skip


@access("member", *rules.CONSENT_READERS)
@require_http_methods(["GET", "POST"])
def take_out(request: MemberRequest) -> HttpResponse:
    """Take out the register of consents, or what is kept of one person. It is noted who does."""
    form = TakeOutForm(*posted(request), initial={"words": request.GET.get("q", "")[:100]})
    found: list[dict[str, Any]] = []
    if done(request, form, lambda: found.extend(take_out_consents(
        actor=request.actor, form=form.values["kind"], words=form.values["words"]
    ))):  # fmt: skip
        chosen, words = form.values["kind"], form.values["words"]
        if words and not found:
            messages.info(request, _("Inget samtycke svarar mot namnet. Det är svaret till den som frågar."))
            return redirect("media:take_out_consents")
        authority = core.authority_of(request.actor).name
        body = consent_files.as_csv(found) if chosen == "csv" else consent_files.as_json(authority, found, words)
        response = HttpResponse(body, content_type=consent_files.TYPES[chosen])
        response["Content-Disposition"] = f'attachment; filename="samtycken-{today()}.{chosen}"'
        response["Cache-Control"] = "no-store"
        return response
    return render(request, "media/take_out_consents.html", {"form": form}, status=422 if form.is_bound else 200)


@access("member", *rules.CONSENT_READERS)
@require_http_methods(["GET", "POST"])
def forget(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Forget who had consented, before its time, with the reason."""
    consent = queries.consent_for(request.actor, uid)
    form = ForgetForm(*posted(request))
    if done(request, form, partial(_forget, request, uid, form)):
        messages.success(request, _("Uppgifterna är gallrade. Att samtycket har funnits, och när, står kvar."))
        return redirect("media:consent", uid)
    page = {"form": form, "consent": consent, "named": queries.named(consent, queries.child_age(request.actor))}
    return render(request, "media/forget_consent.html", page, status=422 if form.is_bound else 200)


def _forget(request: MemberRequest, uid: UUID, form: ForgetForm) -> None:
    forget_consent(actor=request.actor, uid=uid, why=form.values["why"])

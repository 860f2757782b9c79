"""The step that lets out what newer rules hold, from the post's own page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.types import ANSWERS, Actor
from narvaro.publishing.actions.letting_out import let_out_held
from narvaro.publishing.models import Publication
from narvaro.publishing.queries import held


class LetOutForm(ActingForm):
    """Why something goes out though newer rules ask about it."""

    why = forms.CharField(
        label=gettext_lazy("Varför ska det ut ändå?"), max_length=300,
        help_text=gettext_lazy("Det står i historiken. Till exempel: Numret är vår egen växel."),
    )  # fmt: skip


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def let_out(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let out a post that newer rules hold."""
    form = LetOutForm(request.POST or None)
    if done(request, form, lambda: let_out_held(actor=request.actor, uid=uid, why=form.values["why"])):
        messages.success(request, _("Det går ut nu."))
    elif form.is_bound:
        messages.error(request, " ".join(str(each) for errors in form.errors.values() for each in errors))
    return redirect("publishing:publication", uid)


def shown_held(actor: Actor, publication: Publication) -> dict[str, Any]:
    """Return what the page of a publication says of newer rules that hold it."""
    about = held.about_held(actor, publication)
    return {"held": about, "let_out_form": LetOutForm(auto_id="let-out-%s") if about and about.may_go_out else None}

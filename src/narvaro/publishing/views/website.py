"""The page of the website that a message belongs to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.types import ANSWERS, Actor, Invalid
from narvaro.publishing.actions.website import name_page
from narvaro.publishing.forms.website import FIELD
from narvaro.publishing.models import Message, WebsitePage
from narvaro.publishing.queries.website import page_of


class PageForm(ActingForm):
    """Which page it belongs to."""

    url = forms.CharField(
        label=gettext_lazy("Sidan på er webbplats"), max_length=1000, required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=gettext_lazy("Där allt står. Den ses efter nu, och en halvtimme innan ett planerat inlägg går ut."),
    )  # fmt: skip


@access("member", *ANSWERS)
@require_POST
def name(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say which page of the website a message belongs to."""
    form = PageForm(request.POST)
    if done(request, form, lambda: name_page(actor=request.actor, uid=uid, **form.values)):
        messages.success(request, _("Sparat. Sidan ses efter om en liten stund."))
    else:
        messages.error(request, " ".join(str(each) for errors in form.errors.values() for each in errors))
    return redirect("publishing:message", uid)


def name_chosen_page(actor: Actor, message: Message, form: ActingForm) -> None:
    """Name the page that was written beside the post, where the form asks for one. Raises Invalid."""
    if FIELD not in form.fields:
        return
    known, url = page_of(actor, message), str(form.cleaned_data[FIELD]).strip()
    if url == (known.url if known else ""):
        return
    try:
        name_page(actor=actor, uid=message.uid, url=url)
    except Invalid as error:
        raise Invalid(str(error), field=FIELD) from None


def page_shown(page: WebsitePage | None, *, is_theirs: bool) -> dict[str, Any]:
    """Return what a message's page says of the website's page."""
    form = PageForm(initial={"url": page.url if page else ""}, auto_id="page-%s")
    return {"website_page": page, "website_form": form if is_theirs else None}

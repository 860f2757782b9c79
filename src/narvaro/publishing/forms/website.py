"""The page of the website, asked for where a post is written, only where the guideline says that each has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext as _

from narvaro.publishing.queries.website import is_page_asked_for, page_of

if TYPE_CHECKING:
    from narvaro.core.forms import ActingForm
    from narvaro.core.types import Actor
    from narvaro.publishing.models import Message

FIELD = "page_url"


def offer_page(form: ActingForm, actor: Actor, message: Message | None) -> None:
    """Ask in the form for the page that the post belongs to, where the guideline in force asks for one."""
    if not is_page_asked_for(actor):
        return
    page = page_of(actor, message) if message is not None else None
    form.initial[FIELD] = page.url if page else ""
    form.fields[FIELD] = forms.CharField(
        label=_("Sidan på er webbplats"), max_length=1000, required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=_("Där allt står. Riktlinjen säger att varje inlägg hör till en sida."),
    )  # fmt: skip

"""Forms of short links."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.links.rules import MOST_TARGET
from narvaro.links.types import Tagging


class TargetForm(ActingForm):
    """Where a link leads."""

    target = forms.CharField(
        label=_("Sidan som länken ska leda till"), max_length=MOST_TARGET,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        error_messages={"required": _("Klistra in hela länken, med https:// först.")},
    )  # fmt: skip
    agreed = forms.BooleanField(label=_("Det är rätt sida, även om den inte är vår egen"), required=False)


class LinkForm(TargetForm):
    """A new short link."""

    title = forms.CharField(label=_("Vad den är till för"), max_length=120, required=False)
    code = forms.CharField(
        label=_("Egen kod"), max_length=30, required=False,
        help_text=_("Till exempel simskolan. Lämna tomt, så väljs en kort kod."),
    )  # fmt: skip
    tagging = forms.ChoiceField(
        label=_("Hur ser webbstatistiken var besökaren kom ifrån?"), choices=Tagging.choices, initial=Tagging.PATH.value
    )  # fmt: skip
    campaign = forms.CharField(label=_("Kampanjens namn i UTM-märkningen"), max_length=60, required=False)


class RetireForm(ActingForm):
    """Let a link lead nowhere."""

    why = forms.CharField(label=_("Varför?"), max_length=300, required=False)

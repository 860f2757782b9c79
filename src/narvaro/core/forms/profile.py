"""The form of one's own settings."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms.acting import ActingForm


class ProfileForm(ActingForm):
    """What a person decides about themselves."""

    name = forms.CharField(label=_("Namn"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    signature = forms.CharField(
        label=_("Signatur"), max_length=60, required=False,
        help_text=_("Det invånarna ser under dina svar, till exempel Anna, Biblioteket."),
    )  # fmt: skip
    withhold_name = forms.BooleanField(
        label=_("Utelämna mitt namn i svar till invånare"), required=False,
        help_text=_("Används vid hot eller risk för hot. Svaren undertecknas då av myndigheten."),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Telefon"), max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "tel"})
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Språk"), choices=[("sv", "Svenska"), ("en", "English")], widget=forms.RadioSelect
    )

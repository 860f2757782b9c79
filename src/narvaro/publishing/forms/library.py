"""Forms of texts to begin from, labels and campaigns."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.publishing.rules import MOST_TEXT
from narvaro.publishing.types import LabelKind


class TextForm(ActingForm):
    """A text to begin from."""

    name = forms.CharField(label=_("Vad den kallas"), max_length=100)
    text = forms.CharField(
        label=_("Texten"), max_length=MOST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "true"}),
        help_text=_("Skriv det som är lika varje gång. Det som ska bytas kan stå inom hakparenteser."),
    )  # fmt: skip


class LabelForm(ActingForm):
    """A label, or a campaign with a beginning and an end."""

    name = forms.CharField(label=_("Namn"), max_length=60)
    kind = forms.ChoiceField(label=_("Vad är det?"), choices=LabelKind.choices, initial=LabelKind.LABEL.value)
    begins_on = forms.DateField(
        label=_("Första dagen"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    ends_on = forms.DateField(
        label=_("Sista dagen"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    is_read_first = forms.BooleanField(
        label=_("Någon annan läser och godkänner inlägg med etiketten"), required=False,
        help_text=_("Rättelser och krisinlägg väntar aldrig."),
    )  # fmt: skip


class PutAwayForm(ActingForm):
    """Take something out of a list."""

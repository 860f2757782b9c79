"""Forms about identity numbers that a machine hides."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm


class AutomaticForm(ActingForm):
    """Whether a machine hides identity numbers until a person has looked."""

    is_on = forms.BooleanField(
        label=_("Dölj kommentarer med personnummer maskinellt"), required=False,
        help_text=_("Gäller det som kommer in från och med nu. En människa granskar varje gång."),
    )  # fmt: skip


class ConfirmForm(ActingForm):
    """Somebody has looked, and it stands; there is nothing to fill in."""


class TakeBackForm(ActingForm):
    """Why a machine's decision is taken back."""

    why = forms.CharField(
        label=_("Varför det tas tillbaka"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Till exempel att det är ett ärendenummer. Blir en del av beslutet."),
    )  # fmt: skip

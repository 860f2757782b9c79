"""Forms about what accounts say of themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.channels.rules.about import ITEMS
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer


class CheckForm(ActingForm):
    """Look at the account now."""


class ByHandForm(ActingForm):
    """What somebody who has read a presentation says that it says."""

    says = forms.MultipleChoiceField(
        label=_("Presentationen på plattformen säger"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Läs den som en besökare ser den, och kryssa i det som står där eller i det fästa inlägget."),
    )  # fmt: skip

    def __init__(self, *args: Any, wanted: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "says", [(item.value, label) for item, label in ITEMS.items() if item in wanted])


class DemandsForm(ActingForm):
    """What each presentation has to say."""

    items = forms.MultipleChoiceField(
        label=_("Det som ska stå i varje presentation"), widget=forms.CheckboxSelectMultiple,
        choices=[(item.value, label) for item, label in ITEMS.items()],
        help_text=_("Ryms det inte räcker en länk till sidan med era kommentarsregler, eller ett fäst inlägg."),
    )  # fmt: skip
    page = forms.CharField(
        label=_("Sidan på er webbplats som listar era konton"), max_length=500, required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=_("Lämna tomt om det är startsidan. Där söks länkar tillbaka till kontona."),
    )  # fmt: skip

"""Forms for bringing in a plan: the file, and what its rows become."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.publishing.rules.plan_rows import MOST_BYTES

DRAFTS, PLANNED = "drafts", "planned"


class PlanForm(ActingForm):
    """A plan as a file."""

    file = forms.FileField(
        label=_("Fil"), max_length=300, help_text=_("CSV eller XLSX, högst 300 rader och 5 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={"required": _("Välj en fil."), "empty": _("Filen är tom.")},
    )  # fmt: skip

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(_("Filen är större än 5 MB. Dela upp den."))
        return given


class BringInForm(ActingForm):
    """What the good rows become."""

    become = forms.ChoiceField(
        label=_("Vad ska raderna bli?"), initial=DRAFTS, widget=forms.RadioSelect,
        choices=[
            (DRAFTS, _("Utkast, som någon läser och skickar")),
            (PLANNED, _("Planerade inlägg där det finns en tid, och annars utkast")),
        ],
    )  # fmt: skip

"""Forms of our own outlets."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm


class AskForm(forms.Form):
    """Ask for a newsletter: one address, nothing else."""

    address = forms.CharField(
        label=_("Din e-postadress"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Vi skickar en länk som du bekräftar med. Adressen används bara till brevet."),
        error_messages={"required": _("Skriv din e-postadress.")},
    )  # fmt: skip


class WithdrawForm(ActingForm):
    """Take a post away from our own pages."""

    why = forms.CharField(
        label=_("Varför tas det bort?"), max_length=300, error_messages={"required": _("Skriv varför.")}
    )

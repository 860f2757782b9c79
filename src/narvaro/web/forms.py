"""The form that sets an installation up."""

from __future__ import annotations

from secrets import compare_digest
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.types import OrganisationKind


class SetUpForm(forms.Form):
    """
    The first organisation, its first authority and the person who administers it.

    Args:
        wanted_code: What must be written to be let in, where others than the machine's own may reach the page; "" asks
            for nothing.
    """

    code = forms.CharField(
        label=_("Startkod"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Den skrevs ut när Närvaro startade, och står i filen setup_code i datamappen."),
    )
    organisation = forms.CharField(
        label=_("Organisation"), max_length=200, help_text=_("Till exempel Storköpings kommun.")
    )
    kind = forms.ChoiceField(label=_("Slag av organisation"), choices=OrganisationKind.choices)
    authority = forms.CharField(
        label=_("Myndighet"),
        max_length=200,
        help_text=_("Den nämnd eller styrelse som handlingarna hör till, till exempel Kommunstyrelsen."),
    )
    admin_name = forms.CharField(
        label=_("Ditt namn"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    admin_email = forms.EmailField(
        label=_("Din e-postadress"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    admin_password = forms.CharField(
        label=_("Lösenord"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Minst 12 tecken. En mening som du minns är bäst."),
    )

    def __init__(self, *args: Any, wanted_code: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wanted_code = wanted_code
        if not wanted_code:
            del self.fields["code"]

    def clean_code(self) -> str:
        given: str = self.cleaned_data["code"].strip()
        if not compare_digest(given.encode(), self._wanted_code.encode()):
            raise forms.ValidationError(_("Koden stämmer inte. Kopiera den från filen setup_code i datamappen."))
        return given

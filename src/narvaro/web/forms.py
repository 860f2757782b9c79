"""The form that sets an installation up."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.types import OrganisationKind


class SetUpForm(forms.Form):
    """The first organisation, its first authority and the person who administers it."""

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

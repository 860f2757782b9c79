"""Forms that decide about publications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm

if TYPE_CHECKING:
    pass


class TryAgainForm(ActingForm):
    """Sending anew is a person's decision, after having looked."""

    has_looked = forms.BooleanField(
        label=_("Jag har sett efter att svaret inte redan finns på plattformen."),
        error_messages={"required": _("Se efter på plattformen först, så att svaret inte skickas två gånger.")},
    )


class LetBeForm(ActingForm):
    """Leave an unclear publication as it is."""


class UndoForm(ActingForm):
    """Take back an answer before it is sent."""

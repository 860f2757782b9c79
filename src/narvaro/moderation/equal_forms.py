"""The filter of the equal-treatment view; kept in the address. It knows time and channel, and nobody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms.acting import offer

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


class EqualFilterForm(forms.Form):
    """Which decisions and comments are compared."""

    fran = forms.DateField(
        label=_("Från och med"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )  # fmt: skip
    till = forms.DateField(
        label=_("Till och med"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )  # fmt: skip
    kanal = forms.ChoiceField(label=_("Kanal"), required=False)

    def __init__(self, *args: Any, channels: Iterable[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kanal", [("", _("Alla kanaler")), *((str(one.uid), one.name) for one in channels)])

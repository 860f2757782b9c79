"""The filter of the audit log; kept in the address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms.acting import offer
from narvaro.core.models import Person


class AuditFilterForm(forms.Form):
    """Which entries to show."""

    vem = forms.ChoiceField(label=_("Vem"), required=False)
    vad = forms.ChoiceField(label=_("Vad"), required=False)
    fran = forms.DateField(
        label=_("Från och med"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )  # fmt: skip
    till = forms.DateField(
        label=_("Till och med"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )  # fmt: skip

    def __init__(self, *args: Any, people: Iterable[Person], verbs: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = [("", _("Alla")), ("system", _("Närvaro självt")), *((str(p.uid), p.name) for p in people)]
        offer(self, "vem", everybody)
        offer(self, "vad", [("", _("Allt")), *verbs])

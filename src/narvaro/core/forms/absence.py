"""Forms about being away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM, now
from narvaro.core.forms.acting import ActingForm, offer
from narvaro.core.models import Person


class AbsenceForm(ActingForm):
    """Who is away, from when and until when. Whole days unless times are given."""

    person_uid = forms.ChoiceField(label=_("Vem är borta"))
    from_on = forms.DateField(
        label=_("Från och med"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until_on = forms.DateField(
        label=_("Till och med"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, people: Iterable[Person], me: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = sorted(people, key=lambda p: p.pk != me)  # oneself first, the others stay by name
        offer(self, "person_uid", [(str(p.uid), _("Jag själv") if p.pk == me else p.name) for p in listed])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("from_on"), cleaned.get("until_on")
        if first and last:
            if last < first:
                self.add_error("until_on", _("Sista dagen ska inte vara före den första."))
            cleaned["from_at"] = max(_midnight(first), now().replace(microsecond=0))
            cleaned["until_at"] = _midnight(last + timedelta(days=1))
        return cleaned


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time.min, STOCKHOLM)

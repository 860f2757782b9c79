"""The form of when a channel usually posts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.publishing import slots


class TimesForm(ActingForm):
    """A line for each weekday with the times of day."""

    def __init__(self, *args: Any, times: Iterable[slots.Usual] = (), **kwargs: Any) -> None:
        known = sorted(times)
        begun = {
            _name(day): ", ".join(f"{clock:%H:%M}" for weekday, clock in known if weekday == day) for day in WEEKDAYS
        }  # fmt: skip
        super().__init__(*args, initial=begun, **kwargs)
        for day, name in WEEKDAYS.items():
            self.fields[_name(day)] = forms.CharField(label=capfirst(name), required=False, max_length=200)
        self.fields[_name(0)].help_text = _("Till exempel 09:00, 15:30. Lämna tomt för ingen tid den dagen.")

    @property
    def day_fields(self) -> list[forms.BoundField]:
        """The lines, Monday first."""
        return [self[_name(day)] for day in WEEKDAYS]

    @property
    def times(self) -> list[slots.Usual]:
        """The times that were written."""
        return [(day, clock) for day in WEEKDAYS for clock in self.cleaned_data[_name(day)]]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for day in WEEKDAYS:
            words = [each for each in re.split(r"[,;\s]+", cleaned.get(_name(day), "")) if each]
            read = [slots.clock_of(each) for each in words]
            cleaned[_name(day)] = [each for each in read if each is not None]
            if None in read:
                odd = words[read.index(None)]
                self.add_error(_name(day), gettext("%(words)s är inget klockslag. Skriv som 09:30.") % {"words": odd})
        return cleaned


def _name(day: int) -> str:
    return f"day_{day}"

"""Forms of the calendar: a new time for a message, days of voting, and the address that follows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM
from narvaro.core.forms import ActingForm

if TYPE_CHECKING:
    from narvaro.publishing.models import Message

_WALL = "%Y-%m-%dT%H:%M"


class MoveForm(ActingForm):
    """A new time for a message, as a clock on the wall here shows it."""

    day = forms.DateField(
        label=_("Dag"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Välj en dag."), "invalid": _("Skriv dagen som 2026-12-24.")},
    )  # fmt: skip
    clock = forms.TimeField(
        label=_("Klockslag"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Välj ett klockslag."), "invalid": _("Skriv klockslaget som 14:30.")},
    )  # fmt: skip
    agreed = forms.BooleanField(label=_("Jag har läst det och vill flytta ändå"), required=False)
    back = forms.CharField(widget=forms.HiddenInput, required=False, max_length=600)

    @classmethod
    def begun(cls, message: Message, given: Mapping[str, Any]) -> MoveForm:
        """Return a form that begins with the message's own time, or with the one that an address proposes."""
        begun = {"day": message.planned_day, "clock": message.planned_clock, "back": given.get("sedan", "")[:600]}
        for name, form in (("day", "%Y-%m-%d"), ("clock", "%H:%M")):
            found = _read(given.get({"day": "dag", "clock": "kl"}[name], ""), form)
            if found is not None:
                begun[name] = found.date() if name == "day" else found.time()
        return cls(initial=begun, version=message.version)


class ElectionForm(ActingForm):
    """A day of voting."""

    on = forms.DateField(
        label=_("Valdag"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Välj en dag."), "invalid": _("Skriv dagen som 2026-12-24.")},
    )  # fmt: skip
    name = forms.CharField(
        label=_("Vad är det för val?"), max_length=80, help_text=_("Till exempel valet till Europaparlamentet."),
        error_messages={"required": _("Skriv vad det är för val.")},
    )  # fmt: skip


class KeyForm(ActingForm):
    """One row to take away, or none."""

    key = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)


def moved(message: Message, day: date, clock: time) -> dict[str, str]:
    """Return what an address says of a message that was just moved from a time, so that it can be undone."""
    return {"flyttad": str(message.uid), "fran": f"{datetime.combine(day, clock):{_WALL}}"}


def moved_in(given: Mapping[str, str]) -> UUID | None:
    """Return which message an address says was just moved; None where it says nothing."""
    try:
        return UUID(given.get("flyttad", ""))
    except ValueError:
        return None


def undoing(message: Message | None, given: Mapping[str, str]) -> dict[str, Any] | None:
    """Return a message that was just moved, with the form that moves it back; None where an address says nothing."""
    before = _read(given.get("fran", ""), _WALL)
    if message is None or before is None or message.planned_at is None:
        return None
    begun = {"day": before.date(), "clock": before.time(), "agreed": True}
    form = MoveForm(initial=begun, version=message.version, auto_id=False)
    for field in form.fields.values():
        field.widget = forms.HiddenInput()
    return {"message": message, "form": form, "before": before.replace(tzinfo=STOCKHOLM)}


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - what a clock on the wall shows
    except ValueError:
        return None

"""Forms for bringing in somebody's register: the file, and how it is to be understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.channels.rules.bringing import FIELDS
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.formats import tables

if TYPE_CHECKING:
    from narvaro.channels.models import RegisterFile
    from narvaro.core.models import Person, Unit

_COLUMN = "kolumn-"


class RegisterForm(ActingForm):
    """A register as a file."""

    file = forms.FileField(
        label=_("Fil"),
        max_length=300,
        help_text=_("CSV eller XLSX, eller JSON som en annan myndighet har lämnat ut. Högst 20 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,.json"}),
    )

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > tables.MOST_BYTES:
            raise forms.ValidationError(_("Filen är större än 20 MB. Dela upp den."))
        return given


class UnderstandForm(ActingForm):
    """What the columns tell, and what holds for rows that do not say."""

    unit = forms.ChoiceField(label=_("Enhet för rader som inte säger någon"), required=False)
    responsible = forms.ChoiceField(label=_("Ansvarig för rader som inte säger någon"), required=False)
    makes_units = forms.BooleanField(label=_("Lägg till enheter som inte finns här"), required=False)
    changes = forms.BooleanField(
        label=_("Ändra det som redan finns, där filen säger annat"), required=False,
        help_text=_("En tom cell tar aldrig bort något."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, file: RegisterFile, columns: Sequence[str], fields: Sequence[str], units: Sequence[Unit],
        people: Sequence[Person], **kwargs: Any,
    ) -> None:  # fmt: skip
        begun = {
            "unit": str(file.unit.uid) if file.unit else "",
            "responsible": str(file.responsible.uid) if file.responsible else "",
            "makes_units": file.makes_units,
            "changes": file.changes,
            **{f"{_COLUMN}{at}": key for at, key in enumerate(fields)},
        }
        super().__init__(*args, initial=begun, version=file.version, **kwargs)
        self._columns = tuple(columns)
        choices = [("", _("Välj")), *((key, each.label) for key, each in FIELDS.items())]
        for at, column in enumerate(columns):
            self.fields[f"{_COLUMN}{at}"] = forms.ChoiceField(
                label=column or _("Kolumn %(number)s") % {"number": at + 1}, choices=choices, required=False
            )
        offer(self, "unit", [("", _("Ingen")), *((str(unit.uid), unit.name) for unit in units)])
        offer(self, "responsible", [("", _("Ingen")), *((str(person.uid), person.name) for person in people)])

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(_COLUMN)]

    @property
    def understood(self) -> dict[str, Any]:
        """What `understand_register` takes; only what a person chose otherwise than the columns' names tell."""
        wanted = self.cleaned_data
        return {
            "columns": self._chosen(wanted),
            "unit_uid": UUID(wanted["unit"]) if wanted["unit"] else None,
            "responsible_uid": UUID(wanted["responsible"]) if wanted["responsible"] else None,
            "makes_units": wanted["makes_units"],
            "changes": wanted["changes"],
        }

    @property
    def is_as_it_was(self) -> bool:
        """Whether nothing was chosen otherwise than on the page that was shown."""
        return not set(self.changed_data) - {"intent", "seen_version"}

    def _chosen(self, wanted: Mapping[str, Any]) -> dict[str, str]:
        return {column: wanted[f"{_COLUMN}{at}"] for at, column in enumerate(self._columns)}

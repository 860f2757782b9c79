"""Forms of an authority's own settings."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from narvaro.base.clock import today
from narvaro.core import theme
from narvaro.core.forms.acting import ActingForm

LOGO_MOST_BYTES = 2 * 1024 * 1024
LOGO_MOST_PIXELS = 4000 * 4000
LOGO_SIZE = (480, 120)  # shown 40 px high; three times that is sharp on any screen

PHONE = r"^\+?\d(?:[ \-]?\d){2,}$"
WEEKDAYS = [
    ("1", _("Måndag")), ("2", _("Tisdag")), ("3", _("Onsdag")), ("4", _("Torsdag")), ("5", _("Fredag")),
    ("6", _("Lördag")), ("7", _("Söndag")),
]  # fmt: skip


class AuthorityForm(ActingForm):
    """The authority's name and how it is reached."""

    name = forms.CharField(label=_("Myndighetens namn"), max_length=200)
    organisation_number = forms.CharField(
        label=_("Organisationsnummer"), max_length=20, required=False, help_text=_("Till exempel 212000-1234.")
    )
    website = forms.URLField(label=_("Webbplats"), required=False, assume_scheme="https")
    phone = forms.CharField(label=_("Växel"), max_length=40, required=False)
    social_emergency_phone = forms.RegexField(
        PHONE, label=_("Socialjourens telefonnummer"), max_length=40, required=False,
        help_text=_("Står på kortet när något är akut. Lämna tomt om 112 kopplar vidare till er socialjour."),
        error_messages={"invalid": _("Skriv ett telefonnummer med siffror, till exempel 0123-45 67 89.")},
    )  # fmt: skip
    registrar_email = forms.EmailField(
        label=_("Registratorns e-postadress"), required=False, help_text=_("Det som ska diarieföras meddelas hit.")
    )
    communications_email = forms.EmailField(
        label=_("Kommunikationsavdelningens e-postadress"), required=False,
        help_text=_("Hit går det som ingen annan har tagit i tid."),
    )  # fmt: skip


class HoursForm(ActingForm):
    """When the authority is staffed, and how soon it answers."""

    open_weekdays = forms.MultipleChoiceField(
        label=_("Bemannade dagar"), choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple
    )
    open_from = forms.TimeField(label=_("Öppnar"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    open_until = forms.TimeField(label=_("Stänger"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    answer_hours = forms.IntegerField(
        label=_("Svara inom (timmar)"), min_value=1, max_value=720,
        help_text=_("24 är vanligt. Helger och stängda dagar räknas bort. Det som redan har fått en tid behåller den."),
    )  # fmt: skip
    unstaffed_notice = forms.BooleanField(
        label=_("Tala om för den som skriver när ni inte är bemannade"), required=False,
        help_text=_("Ett kort automatiskt svar utanför de bemannade tiderna."),
    )  # fmt: skip
    unstaffed_notice_text = forms.CharField(
        label=_("Det automatiska svaret"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Skriv när ni svarar och vart den som har bråttom kan vända sig."),
    )  # fmt: skip

    def __init__(self, *args: Any, decided_in: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in decided_in:
            if key in self.fields:
                self.fields[key].disabled = True
                self.fields[key].help_text = _("Står i er riktlinje. Ändra det där, så ändras det här.")

    def clean_open_weekdays(self) -> str:
        return "".join(sorted(self.cleaned_data["open_weekdays"]))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("unstaffed_notice") and not cleaned.get("unstaffed_notice_text", "").strip():
            self.add_error("unstaffed_notice_text", _("Skriv vad det automatiska svaret ska säga."))
        return cleaned


class AppearanceForm(ActingForm):
    """The authority's colours and logo."""

    primary_colour = forms.CharField(
        label=_("Färg"), max_length=7, required=False,
        help_text=_("Färgen på knappar och länkar, till exempel #14596b. Tom ger Närvaros egen färg."),
    )  # fmt: skip
    accent_colour = forms.CharField(
        label=_("Andra färg"), max_length=7, required=False,
        help_text=_("Färgen på linjen överst och på märken. Tom ger samma som ovan."),
    )  # fmt: skip
    logo = forms.FileField(
        label=_("Logotyp"), required=False,
        help_text=_("PNG, JPEG eller WebP, högst 2 MB. Den visas 40 bildpunkter hög."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )  # fmt: skip
    remove_logo = forms.BooleanField(label=_("Ta bort logotypen"), required=False)

    def clean_primary_colour(self) -> str:
        return self._colour("primary_colour")

    def clean_accent_colour(self) -> str:
        return self._colour("accent_colour")

    def _colour(self, field: str) -> str:
        colour: str = self.cleaned_data[field].strip().lower()
        problems = theme.problems_of(field, colour)
        if problems:
            raise forms.ValidationError(problems)
        return colour

    def clean_logo(self) -> bytes | None:
        """Return the picture drawn anew as a small PNG: nothing hidden in the file comes along."""
        file = self.cleaned_data["logo"]
        if not file:
            return None
        if file.size > LOGO_MOST_BYTES:
            raise forms.ValidationError(_("Bilden är större än 2 MB. Spara den mindre och försök igen."))
        try:
            with Image.open(file, formats=["PNG", "JPEG", "WEBP"]) as picture:
                if picture.width * picture.height > LOGO_MOST_PIXELS:
                    raise forms.ValidationError(_("Bilden har för många bildpunkter. Spara den mindre."))
                drawn = picture.convert("RGBA")
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            raise forms.ValidationError(
                _("Filen går inte att läsa som en bild. Spara den som PNG och försök igen.")
            ) from None
        drawn.thumbnail(LOGO_SIZE)
        small = io.BytesIO()
        drawn.save(small, "PNG", optimize=True)
        return small.getvalue()


class ClosedDayForm(ActingForm):
    """A day when the authority is closed."""

    on = forms.DateField(label=_("Dag"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    why = forms.CharField(label=_("Varför"), max_length=100, help_text=_("Till exempel Klämdag."))

    def clean_on(self) -> Any:
        if self.cleaned_data["on"] < today():
            raise forms.ValidationError(_("Dagen har redan varit. Välj en dag som kommer."))
        return self.cleaned_data["on"]


class NewAuthorityForm(ActingForm):
    """One more record-holding authority in the organisation."""

    name = forms.CharField(
        label=_("Myndighetens namn"), max_length=200, help_text=_("Till exempel Bildningsnämnden eller ett bolag.")
    )

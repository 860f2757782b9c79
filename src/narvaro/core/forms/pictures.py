"""A form with places for pictures, each with its own description."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms.acting import ActingForm

MAX_BYTES = 8_000_000
MOST_PICTURES = 4
MOST_ALT = 1500


class Place(NamedTuple):
    """A place for a picture: its two fields, and whether it or one after it is in use."""

    picture: forms.BoundField
    alt: forms.BoundField
    is_open: bool


def _name(kind: str, number: int) -> str:
    return kind if number == 1 else f"{kind}_{number}"


class Chosen(NamedTuple):
    """A picture that somebody chose, what it shows in words, and the field it came in."""

    file: UploadedFile[bytes]
    alt: str
    field: str


class PicturesForm(ActingForm):
    """
    A form with places for pictures, each with its own description.

    A browser sends a chosen file once: a form that comes back asks for the pictures anew.
    """

    must_be_described = True

    def __init__(self, *args: Any, most_pictures: int = MOST_PICTURES, most_alt: int = MOST_ALT, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = [(_name("picture", n), _name("alt", n)) for n in range(1, min(most_pictures, MOST_PICTURES) + 1)]
        for number, (picture, alt) in enumerate(self._places, 1):
            place = {"number": number}
            self.fields[picture] = forms.FileField(
                label=_("Bild") if number == 1 else gettext("Bild %(number)d") % place, required=False, max_length=200,
                widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
            )  # fmt: skip
            self.fields[alt] = forms.CharField(
                label=_("Vad bilden visar") if number == 1 else gettext("Vad bild %(number)d visar") % place,
                required=False, max_length=min(most_alt, MOST_ALT),
                help_text=_("Läses upp för den som inte ser bilden."),
            )  # fmt: skip

    @property
    def places(self) -> list[Place]:
        """The places for pictures, as the page shows them: each further one behind the one before."""
        pairs = [(self[picture], self[alt]) for picture, alt in self._places]
        used = [bool(p.errors or a.errors or a.value()) for p, a in pairs]
        return [Place(p, a, any(used[at:])) for at, (p, a) in enumerate(pairs)]

    @property
    def asks_again(self) -> bool:
        """Whether pictures were sent with a form that came back."""
        return self.is_bound and bool(self.files)

    @property
    def chosen(self) -> list[Chosen]:
        """The pictures that were chosen, in their places."""
        found = [(self.cleaned_data.get(picture), self.cleaned_data[alt], picture) for picture, alt in self._places]
        return [Chosen(file, alt.strip(), name) for file, alt, name in found if file]

    @property
    def values(self) -> dict[str, Any]:
        names = {name for pair in self._places for name in pair}
        return {key: value for key, value in super().values.items() if key not in names}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for picture, alt in self._places:
            file, words = cleaned.get(picture), cleaned.get(alt, "").strip()
            if file and file.size > MAX_BYTES:
                self.add_error(picture, _("Bilden är för stor. Minska den till under 8 MB."))
            if file and not words and self.must_be_described and alt not in self.errors:
                self.add_error(alt, _("Beskriv bilden i ord, så att alla kan ta del av den."))
            if words and not file and picture not in self.errors:
                self.add_error(picture, _("Välj bilden som du har beskrivit, eller ta bort beskrivningen."))
        return cleaned

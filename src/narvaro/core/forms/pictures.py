"""A form with places for pictures, each with its own description."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms.acting import ActingForm
from narvaro.core.types import Actor

MAX_BYTES = 8_000_000
MOST_PICTURES = 4
MOST_ALT = 1500


WHO = (
    ("", _("Välj")),
    ("nobody", _("Nej, ingen går att känna igen")),
    ("interest", _("Ja, vuxna, och vi bedömer att bilden är av allmänt intresse")),
)
"""Who is seen in a picture that goes out at once; children and those who have consented are said in the library."""


class Offered(NamedTuple):
    """A picture of the library that can be chosen: its id, what it shows, its shape in words, and a small copy."""

    uid: str
    alt: str
    shape: str
    thumb_url: str
    is_chosen: bool


class Library(Protocol):
    """Pictures that somebody may choose from, wherever they are kept."""

    search_url: str

    def offered(self, chosen: Sequence[str], words: str = "") -> list[Offered]:
        """Return what can be chosen, the chosen first."""
        ...

    def picked(self, uids: Sequence[str]) -> list[Any]:
        """Return the pictures with these ids, in that order; those that are not there are left out."""
        ...


libraries: list[Callable[[Actor], Library]] = []
"""The library above, when there is one."""


class PickedField(forms.MultipleChoiceField):
    """Ids of pictures of the library; whether they are there the form asks the library."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        return len(str(value)) <= 40


class Place(NamedTuple):
    """A place for a picture: its fields, and whether it or one after it is in use."""

    picture: forms.BoundField
    alt: forms.BoundField
    who: forms.BoundField | None
    is_open: bool


def _name(kind: str, number: int) -> str:
    return kind if number == 1 else f"{kind}_{number}"


class Chosen(NamedTuple):
    """A picture that somebody chose, what it shows in words, the field it came in, and what its use rests on."""

    file: UploadedFile[bytes]
    alt: str
    field: str
    basis: str = ""


class PicturesForm(ActingForm):
    """
    A form with places for pictures, each with its own description.

    A browser sends a chosen file once: a form that comes back asks for the pictures anew.
    """

    must_be_described = True
    shows_library = True  # at once; else when somebody opens it
    goes_out = True  # what is seen in a picture is asked only where it is to go out

    def __init__(
        self, *args: Any, most_pictures: int = MOST_PICTURES, most_alt: int = MOST_ALT,
        library_of: Actor | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.picker = libraries[0](library_of) if library_of is not None and libraries and most_pictures else None
        if self.picker is not None:
            self.fields["library"] = PickedField(label=_("Bilder ur bildbanken"), required=False)
        numbers = range(1, min(most_pictures, MOST_PICTURES) + 1)
        self._places = [(_name("picture", n), _name("alt", n), _name("who", n)) for n in numbers]
        for number, (picture, alt, who) in enumerate(self._places, 1):
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
            if self.goes_out:
                self.fields[who] = forms.ChoiceField(
                    label=_("Går någon att känna igen?") if number == 1
                    else gettext("Går någon att känna igen på bild %(number)d?") % place,
                    choices=WHO, required=False,
                    help_text=_("Syns barn, eller någon som har samtyckt? Lägg bilden i bildbanken först."),
                )  # fmt: skip

    @property
    def places(self) -> list[Place]:
        """The places for pictures, as the page shows them: each further one behind the one before."""
        rows = [(self[p], self[a], self[w] if w in self.fields else None) for p, a, w in self._places]
        used = [bool(p.errors or a.errors or a.value() or (w and w.errors)) for p, a, w in rows]
        return [Place(*row, any(used[at:])) for at, row in enumerate(rows)]

    @property
    def asks_again(self) -> bool:
        """Whether pictures were sent with a form that came back."""
        return self.is_bound and bool(self.files)

    @property
    def chosen(self) -> list[Chosen]:
        """The pictures that were chosen, in their places."""
        values = self.cleaned_data
        found = [(values.get(picture), values[alt], picture, values.get(who, "")) for picture, alt, who in self._places]
        return [Chosen(file, alt.strip(), name, basis) for file, alt, name, basis in found if file]

    @property
    def offered(self) -> list[Offered]:
        """What can be chosen from the library, the chosen first."""
        is_asked = self.picker is not None and (self.shows_library or self._uids)
        return self.picker.offered(self._uids) if self.picker is not None and is_asked else []

    @property
    def is_picking(self) -> bool:
        """Whether something of the library is chosen, or was refused."""
        return self.picker is not None and bool(self._uids or self["library"].errors)

    @property
    def picked(self) -> list[Any]:
        """The pictures that were chosen from the library, in their order."""
        return self.picker.picked(self._uids) if self.picker is not None else []

    @property
    def _uids(self) -> list[str]:
        return [str(uid) for uid in self["library"].value() or ()]

    @property
    def values(self) -> dict[str, Any]:
        names = {"library", *(name for place in self._places for name in place)}
        return {key: value for key, value in super().values.items() if key not in names}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.picker is not None and len(self.picked) < len(set(self._uids)):
            self.add_error("library", _("En av bilderna finns inte i bildbanken. Välj igen."))
        for picture, alt, who in self._places:
            file, words = cleaned.get(picture), cleaned.get(alt, "").strip()
            if file and file.size > MAX_BYTES:
                self.add_error(picture, _("Bilden är för stor. Minska den till under 8 MB."))
            if file and not words and self.must_be_described and alt not in self.errors:
                self.add_error(alt, _("Beskriv bilden i ord, så att alla kan ta del av den."))
            if file and self.goes_out and not cleaned.get(who) and who not in self.errors:
                self.add_error(who, _("Säg om någon går att känna igen, för det avgör vad bilden stöder sig på."))
            if words and not file and picture not in self.errors:
                self.add_error(picture, _("Välj bilden som du har beskrivit, eller ta bort beskrivningen."))
        return cleaned

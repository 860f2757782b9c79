"""Forms for bringing in: archives, pasted threads, screenshots, forwarded e-mail, what we published ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM
from narvaro.connectors.manual import Draft
from narvaro.core.forms import ActingForm
from narvaro.core.types import Actor
from narvaro.records.actions.manual import MOST_ITEMS, MOST_PICTURES, HandItem, HandPicture

MAX_ARCHIVE_BYTES = 4_000_000_000
MAX_PASTED = 1_000_000
_MINUTES = "%Y-%m-%dT%H:%M"
_A_DAY_SECONDS = 24 * 3600


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


class _SeveralFiles(forms.FileField):
    """A file field that takes several files; gives a list, [] for none."""

    widget = _Several

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(_SeveralFiles, self).clean(each, initial) for each in given]


class _Words(forms.CharField):
    """Text as it was pasted; a NUL, which no database holds and nobody sees, becomes a visible sign."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\0", "\ufffd") if isinstance(value, str) else value)


class ArchiveForm(ActingForm):
    """The archive as it was downloaded from the platform."""

    archive = forms.FileField(
        label=_("Arkivfil"),
        max_length=300,
        help_text=_(
            "ZIP eller tar.gz, så som den laddades ned. Hos Mastodon under Import och export; hos Facebook och "
            "Instagram under Ladda ned din information, i formatet JSON; hos X under Ladda ned ett arkiv; för YouTube "
            "genom Google Takeout, med Kommentarer valt."
        ),
    )
    from_other_account = forms.BooleanField(
        label=_("Arkivet hör till ett annat konto än kanalens, till exempel ett som har flyttat."), required=False
    )

    def clean_archive(self) -> Any:
        given = self.cleaned_data["archive"]
        if given.size > MAX_ARCHIVE_BYTES:
            raise forms.ValidationError(_("Filen är för stor för webben. Läs in den med kommandot narvaro import."))
        return given


class PasteForm(ActingForm):
    """What was found, in whatever form it was found; it becomes parts to look through."""

    text = _Words(
        label=_("Klistra in tråden"),
        max_length=MAX_PASTED,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("Markera allt på sidan, inlägg och kommentarer, och klistra in. Ni får rätta uppdelningen sedan."),
    )
    mail = forms.FileField(
        label=_("Eller ett e-postmeddelande"),
        required=False,
        help_text=_("Avisering från plattformen, sparad som fil (.eml)."),
    )
    pictures = _SeveralFiles(
        label=_("Skärmbilder"), required=False, help_text=_("Bevaras tillsammans med texten, oförändrade.")
    )
    link = forms.CharField(
        label=_("Länk till tråden"),
        max_length=1000,
        required=False,
        help_text=_("Med länken känns tråden igen nästa gång, och inget bevaras två gånger."),
    )
    is_private = forms.BooleanField(
        label=_("Det skrevs bara till oss, till exempel i ett direktmeddelande"), required=False
    )

    def clean_pictures(self) -> list[Any]:
        given: list[Any] = self.cleaned_data["pictures"]
        if len(given) > MOST_PICTURES:
            raise forms.ValidationError(_("Välj högst 20 bilder åt gången."))
        return given

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        has_text = bool(found.get("text", "").strip())
        if not self.errors and not (has_text or found.get("mail") or found.get("pictures")):
            self.add_error("text", _("Klistra in text, eller välj ett e-postmeddelande eller en skärmbild."))
        if has_text and found.get("mail"):
            self.add_error("mail", _("Välj antingen text eller e-post, en sak åt gången."))
        return found


class PartForm(forms.Form):
    """One part of a thread: who wrote what when, and what it answers."""

    author = _Words(label=_("Vem skrev"), max_length=300, required=False)
    text = _Words(
        label=_("Text"), required=False, strip=False, max_length=200_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    published_at = forms.DateTimeField(
        label=_("När"),
        required=False,
        input_formats=[_MINUTES, f"{_MINUTES}:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTES),
    )
    parent = forms.TypedChoiceField(label=_("Svarar på"), required=False, coerce=int, empty_value=None)
    is_own = forms.BooleanField(label=_("Vi skrev det"), required=False)

    def __init__(self, *args: Any, number: int, earlier: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)
        first = _("Börjar tråden") if number == 1 else _("Inget särskilt")
        field.choices = [("", first), *((str(place), words) for place, words in enumerate(earlier))]


class PictureForm(forms.Form):
    """A screenshot: what it shows and where it belongs."""

    alt = forms.CharField(label=_("Vad bilden visar"), max_length=1500, required=False)
    item = forms.TypedChoiceField(label=_("Hör till"), coerce=int)

    def __init__(self, *args: Any, number: int, name: str, parts: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number, self.name = number, name
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(place), words) for place, words in enumerate(parts)]


class ThreadForm(ActingForm):
    """
    The parts of a thread, each of which can be changed, taken away or added to before it is kept.

    Nothing is stored meanwhile: what is being worked on is no record (TF-6) and travels with the page.
    Screenshots stand in the store already; their digests travel signed.
    """

    link = forms.CharField(label=_("Länk till tråden"), max_length=1000, required=False)
    is_private = forms.BooleanField(label=_("Det skrevs bara till oss"), required=False)
    is_mail = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        actor: Actor,
        rows: Sequence[dict[str, Any]] | None = None,
        pictures: Sequence[HandPicture] = (),
        is_new: bool = True,
        removed: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Take rows that were split or changed just now (one `removed`), or read them out of `data`."""
        super().__init__(data, files, **kwargs)
        self._salt = f"records.by_hand:{actor.authority_id}:{actor.person_id}"
        self.rows = list(rows) if rows is not None else _rows(data)
        self.pictures = list(pictures) if data is None else self._unsigned(data.get("pictures", ""))
        words = [_words(place, row) for place, row in enumerate(self.rows)]
        self.parts = [
            PartForm(
                row if not is_new else None,
                initial=row if is_new else None,
                prefix=f"part-{place}",
                number=place + 1,
                earlier=words[:place],
            )
            for place, row in enumerate(_prefixed(self.rows) if not is_new else self.rows)
        ]
        self.shown = [
            PictureForm(
                data if not is_new else None,
                initial=_picture_row(data, place, removed) if is_new else None,
                prefix=f"picture-{place}",
                number=place + 1,
                name=picture.name,
                parts=words,
            )
            for place, picture in enumerate(self.pictures)
        ]

    @property
    def signed_pictures(self) -> str:
        return signing.dumps([[p.digest, p.media_type, p.name] for p in self.pictures], salt=self._salt)

    def is_valid(self) -> bool:
        is_valid = super().is_valid()
        broken = [form for form in (*self.parts, *self.shown) if not form.is_valid()]  # each, so that all are shown
        if self.parts and not broken:
            return is_valid
        self.add_error(None, _("En del eller en bild nedan behöver rättas."))
        return False

    def items(self) -> list[HandItem]:
        """The parts as the action takes them."""
        return [HandItem(**part.cleaned_data) for part in self.parts]

    def kept_pictures(self) -> list[HandPicture]:
        """The screenshots as the action takes them."""
        return [
            HandPicture(p.digest, p.media_type, p.name, form.cleaned_data["alt"], form.cleaned_data["item"])
            for p, form in zip(self.pictures, self.shown, strict=True)
        ]

    def _unsigned(self, text: str) -> list[HandPicture]:
        try:
            found = signing.loads(text, salt=self._salt, max_age=_A_DAY_SECONDS) if text else []
        except signing.BadSignature:
            return []
        return [HandPicture(digest, media_type, name) for digest, media_type, name in found]


class PublishedForm(ActingForm):
    """What we published ourselves where Närvaro does not publish."""

    link = forms.CharField(label=_("Länk till det ni publicerade"), max_length=1000)
    text = _Words(label=_("Texten som den står där"), max_length=200_000, widget=forms.Textarea(attrs={"rows": 6}))
    published_at = forms.DateTimeField(
        label=_("När"),
        required=False,
        input_formats=[_MINUTES, f"{_MINUTES}:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTES),
        help_text=_("Lämna tomt om det var nyss."),
    )


def rows_of(drafts: Sequence[Draft]) -> list[dict[str, Any]]:
    """Return split drafts as rows of the form; an empty one when there was only a picture."""
    rows = [
        {
            "author": draft.author[:300],
            "text": draft.text,
            "published_at": draft.published_at.astimezone(STOCKHOLM) if draft.published_at else None,
            "parent": "" if draft.parent_index is None else str(draft.parent_index),
            "is_own": False,
        }
        for draft in drafts
    ]
    return rows or [{"author": "", "text": "", "published_at": None, "parent": "", "is_own": False}]


def without(rows: Sequence[dict[str, Any]], place: int) -> list[dict[str, Any]]:
    """Return the rows without one of them; what answered it answers what it answered."""
    heir = rows[place].get("parent", "")
    kept = []
    for at, row in enumerate(rows):
        if at == place:
            continue
        parent = str(row.get("parent", ""))
        if parent == str(place):
            parent = str(heir)
        elif parent.isdigit() and int(parent) > place:
            parent = str(int(parent) - 1)
        kept.append({**row, "parent": parent})
    return kept


def _rows(data: QueryDict) -> list[dict[str, Any]]:
    """Return what was typed in each part, as it was typed."""
    rows = []
    for place in range(MOST_ITEMS):
        if f"part-{place}-text" not in data:
            break
        names = ("author", "text", "published_at", "parent", "is_own")
        rows.append({name: data.get(f"part-{place}-{name}", "") for name in names})
    return rows


def _picture_row(data: QueryDict | None, place: int, removed: int | None) -> dict[str, Any]:
    """Return what was chosen for a picture; one whose part was taken away belongs to the part before."""
    if data is None:
        return {"item": "0"}
    typed = data.get(f"picture-{place}-item", "0")
    item = int(typed) if typed.isdigit() else 0
    if removed is not None and item >= removed and item > 0:
        item -= 1
    return {"item": str(item), "alt": data.get(f"picture-{place}-alt", "")}


def _prefixed(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{f"part-{place}-{name}": value for name, value in row.items()} for place, row in enumerate(rows)]


def _words(place: int, row: dict[str, Any]) -> str:
    text = " ".join(str(row.get("text", "")).split())
    author = str(row.get("author", "")) or _now("okänd")
    return f"{place + 1}. {author[:30]}: {text[:40]}{'…' if len(text) > 40 else ''}"

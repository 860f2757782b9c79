"""Forms of the library, of films and of consents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.base.captions import MAX_BYTES
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.media.models import Asset
from narvaro.media.rules import LANGUAGE_NAMES, MOST_ALT
from narvaro.media.shapes import SHAPES
from narvaro.media.types import Basis, Speech

MOST_AT_ONCE = 20


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files chosen in one go."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        given = list(data) if isinstance(data, (list, tuple)) else [data] if data else []
        if not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(given) > MOST_AT_ONCE:
            raise forms.ValidationError(_("Välj högst 20 bilder åt gången."))
        return [super(FilesField, self).clean(each, initial) for each in given]


class UploadForm(ActingForm):
    """Pictures to put in the library, several at once."""

    pictures = FilesField(
        label=_("Bilder"), max_length=200, error_messages={"required": _("Välj minst en bild.")},
        widget=ManyFiles(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("JPEG, PNG eller WebP, högst 8 MB var och 20 åt gången. Var och när de togs tas bort ur filerna."),
    )  # fmt: skip


class AssetForm(ActingForm):
    """What a picture shows, whose it is, what it rests on and who is seen."""

    title = forms.CharField(label=_("Vad ni kallar bilden"), required=False, max_length=120)
    alt = forms.CharField(
        label=_("Vad bilden visar"), max_length=MOST_ALT,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "true"}),
        help_text=_("Läses upp för den som inte ser bilden."),
        error_messages={"required": _("Beskriv bilden i ord, så att alla kan ta del av den.")},
    )  # fmt: skip
    people = forms.IntegerField(
        label=_("Hur många går att känna igen?"), min_value=0, max_value=500,
        error_messages={"required": _("Skriv hur många som går att känna igen. Är det ingen, skriv 0.")},
    )  # fmt: skip
    children = forms.IntegerField(
        label=_("Hur många av dem är barn?"), min_value=0, max_value=500,
        error_messages={"required": _("Skriv hur många av dem som är barn. Är det inget, skriv 0.")},
    )  # fmt: skip
    basis = forms.ChoiceField(
        label=_("Vad stöder sig bilden på?"), choices=Basis.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Välj vad bilden stöder sig på.")},
    )  # fmt: skip
    basis_why = forms.CharField(
        label=_("Bedömningen"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Vid allmänt intresse: varför bilden behövs, och varför det väger tyngre än den som syns."),
    )  # fmt: skip
    credit = forms.CharField(label=_("Vem som har tagit eller gjort bilden"), required=False, max_length=200)
    licence = forms.CharField(
        label=_("Licens eller avtal"), required=False, max_length=200,
        help_text=_("Till exempel köpt av en bildbyrå, CC BY 4.0, eller tagen i tjänsten."),
    )  # fmt: skip
    licence_until = forms.DateField(
        label=_("Licensen gäller till och med"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Lämna tomt om den inte tar slut."),
    )  # fmt: skip

    def __init__(self, *args: Any, asset: Asset, alt: str, **kwargs: Any) -> None:
        names = ("title", "people", "children", "basis", "basis_why", "credit", "licence", "licence_until")
        begun = {name: getattr(asset, name) for name in names} | {"alt": alt}
        super().__init__(*args, initial=begun, version=asset.version, **kwargs)


class FilmForm(AssetForm):
    """What a film shows, whose it is, what it rests on and who is seen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = {
            "title": _("Vad ni kallar filmen"), "alt": _("Vad filmen visar, i korthet"),
            "basis": _("Vad stöder sig filmen på?"), "credit": _("Vem som har gjort filmen"),
        }  # fmt: skip
        for name, label in told.items():
            self.fields[name].label = label
        self.fields["alt"].help_text = _("Läses upp för den som inte ser filmen, och följer med den där det går.")


class UploadFilmForm(ActingForm):
    """A film to put in the library."""

    film = forms.FileField(
        label=_("Film"), max_length=200, error_messages={"required": _("Välj en film.")},
        widget=forms.FileInput(attrs={"accept": "video/mp4,video/quicktime,video/webm"}),
    )  # fmt: skip

    def __init__(self, *args: Any, most_megabytes: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["film"].help_text = gettext(
            "MP4 eller MOV med H.264 och AAC, eller WebM, högst %(most)d MB. Var och när den togs tas bort ur filen."
        ) % {"most": most_megabytes}


class CaptionsForm(ActingForm):
    """What is said in a film: a file, or written by hand."""

    language = forms.ChoiceField(label=_("Språk"), choices=LANGUAGE_NAMES)
    file = forms.FileField(
        label=_("Fil med undertexter"), required=False, max_length=200,
        widget=forms.FileInput(attrs={"accept": ".vtt,.srt,text/vtt"}), help_text=_("WebVTT eller SubRip, högst 2 MB."),
    )  # fmt: skip
    captions = forms.CharField(
        label=_("Eller skriv dem här"), required=False, strip=False, max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "true"}),
        help_text=_(
            "En tom rad mellan varje. Först tiden, sedan det som sägs: 00:00:01.000 --> 00:00:04.000 på en rad, och "
            "Välkommen till återvinningscentralen. på nästa."
        ),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file, text = cleaned.pop("file", None), str(cleaned.get("captions", ""))
        if file is None and not text.strip() and not self.errors:
            self.add_error("captions", _("Välj en fil, eller skriv undertexterna."))
        if file is not None and file.size > MAX_BYTES:
            self.add_error("file", _("Filen med undertexter är för stor. Den får vara högst 2 MB."))
        cleaned["content"] = file.read() if file is not None and file.size <= MAX_BYTES else text
        return cleaned


class SpeechForm(ActingForm):
    """Why a film needs no captions."""

    speech = forms.ChoiceField(
        label=_("Varför behövs inga undertexter?"), widget=forms.RadioSelect,
        choices=[(each.value, each.label) for each in (Speech.NOBODY, Speech.BURNED)],
        error_messages={"required": _("Säg varför filmen inte behöver undertexter.")},
    )  # fmt: skip


class ButtonForm(ActingForm):
    """A step that asks for nothing."""


class RetireForm(ActingForm):
    """Take a picture out of use."""

    why = forms.CharField(label=_("Varför"), required=False, max_length=300)


class CropForm(ActingForm):
    """What must be seen, and which shapes to cut to."""

    focus_x = forms.IntegerField(
        label=_("Från vänster, i procent"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"data-focus-x": ""}),
    )
    focus_y = forms.IntegerField(
        label=_("Uppifrån, i procent"), min_value=0, max_value=100, widget=forms.NumberInput(attrs={"data-focus-y": ""})
    )
    shapes = forms.MultipleChoiceField(
        label=_("Beskär till"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(each.name, each.label) for each in SHAPES.values()],
    )  # fmt: skip


class ConsentForm(ActingForm):
    """That somebody consents to pictures of them."""

    name = forms.CharField(
        label=_("Vem som syns på bilden"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Skriv vem som har samtyckt, så att samtycket går att hitta igen.")},
    )  # fmt: skip
    contact = forms.CharField(
        label=_("Hur ni når personen"), required=False, max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}), help_text=_("Inte personnummer."),
    )  # fmt: skip
    is_child = forms.BooleanField(label=_("Personen är ett barn"), required=False)
    age = forms.IntegerField(
        label=_("Barnets ålder i år, när samtycket gavs"), required=False, min_value=0, max_value=17
    )
    guardians = forms.CharField(
        label=_("Vårdnadshavare som har samtyckt"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}), help_text=_("En på varje rad."),
    )  # fmt: skip
    guardians_needed = forms.IntegerField(
        label=_("Hur många vårdnadshavare barnet har"), required=False, min_value=0, max_value=4,
        help_text=_("Alla behöver ha samtyckt för att bilden ska kunna gå ut."),
    )  # fmt: skip
    purposes = forms.CharField(
        label=_("Vad bilderna får användas till"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Till exempel inlägg om simskolan i våra kanaler."),
        error_messages={"required": _("Skriv vad bilderna får användas till.")},
    )  # fmt: skip
    given_on = forms.DateField(
        label=_("Dagen då samtycket gavs"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Gäller till och med"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), help_text=_("Lämna tomt om inget är sagt."),
    )  # fmt: skip
    kept_where = forms.CharField(
        label=_("Var det undertecknade samtycket finns"), required=False, max_length=300
    )  # fmt: skip

    def clean_guardians(self) -> list[str]:
        return [line.strip() for line in str(self.cleaned_data["guardians"]).splitlines() if line.strip()]

    def clean_guardians_needed(self) -> int:
        return int(self.cleaned_data["guardians_needed"] or 0)


class CoverForm(ActingForm):
    """Let one of the consents that hold cover a picture."""

    consent = forms.ChoiceField(label=_("Samtycke"), error_messages={"required": _("Välj ett samtycke.")})

    def __init__(self, *args: Any, consents: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "consent", [("", _("Välj")), *consents])

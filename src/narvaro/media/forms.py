"""Forms of the library and of consents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.media.models import Asset
from narvaro.media.rules import MOST_ALT
from narvaro.media.shapes import SHAPES
from narvaro.media.types import Basis

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

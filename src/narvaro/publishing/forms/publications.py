"""Forms that decide about publications."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm


class TryAgainForm(ActingForm):
    """Sending anew is a person's decision, after having looked."""

    has_looked = forms.BooleanField(
        label=_("Jag har sett efter att svaret inte redan finns på plattformen."),
        error_messages={"required": _("Se efter på plattformen först, så att svaret inte skickas två gånger.")},
    )


class LetBeForm(ActingForm):
    """Leave an unclear publication as it is."""


_MINUTES = "%Y-%m-%dT%H:%M"


class ByHandForm(ActingForm):
    """What a person has published by hand: every step done, and where it stands."""

    STEPS = (
        ("account", _("Jag är inloggad på rätt konto.")),
        ("text", _("Jag har publicerat precis den här texten.")),
        ("rest", _("Det som står under texten är gjort: varning, vem som ser det, omröstning.")),
        ("pictures", _("Bilderna är med, och varje bild har sin beskrivning.")),
        ("film", _("Filmen är med, med sin beskrivning och sina undertexter.")),
    )
    link = forms.CharField(label=_("Länk till det ni publicerade"), max_length=1000)
    published_at = forms.DateTimeField(
        label=_("När"), required=False, input_formats=[_MINUTES, f"{_MINUTES}:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTES),
        help_text=_("Lämna tomt om det var nyss."),
    )  # fmt: skip

    def __init__(self, *args: Any, has_pictures: bool = False, has_more: bool = False, has_film: bool = False,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        concerns = {"pictures": has_pictures, "rest": has_more, "film": has_film}
        for name, words in self.STEPS:
            if not concerns.get(name, True):
                continue
            self.fields[f"step_{name}"] = forms.BooleanField(
                label=words, error_messages={"required": _("Kryssa i när det är gjort.")}
            )

    @property
    def steps(self) -> list[forms.BoundField]:
        """The check list, in order."""
        return [field for field in self if field.name.startswith("step_")]


class NotDoneForm(ActingForm):
    """That something was not published by hand, and why."""

    why = forms.CharField(
        label=_("Varför?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Skriv varför, så att andra förstår.")},
    )  # fmt: skip


class UndoForm(ActingForm):
    """Take back an answer before it is sent."""

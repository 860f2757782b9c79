"""Forms about the guideline: its sections, what it decides, who adopted it, who looks it over and who has read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from narvaro.base import law
from narvaro.base.law import Disposition
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.policy import guidelines, parameters
from narvaro.policy.parameters import Parameter, Sort

MOST_RADIOS = 3
_AS_DECIDED = (
    ("", _("Inte beslutat")),
    (Disposition.PRESERVE.value, _("Bevaras")),
    (Disposition.DISPOSE.value, _("Gallras")),
    (Disposition.FOLLOWS_CASE.value, _("Följer ärendet")),
    (Disposition.WEED.value, _("Rensas")),
)


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more)


class SectionForm(ActingForm):
    """One section of a draft."""

    number = forms.CharField(label=_("Nummer"), max_length=12, required=False, help_text=_("Till exempel 4 eller 4.2."))
    heading = forms.CharField(label=_("Rubrik"), max_length=120)
    text = forms.CharField(
        label=_("Text"), max_length=guidelines.MOST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("En tom rad börjar ett nytt stycke. Värden fylls i där det står {reply_target_hours}."),
    )  # fmt: skip


class ValuesForm(ActingForm):
    """What a draft decides, what it is called, and who adopts and revises it."""

    title = forms.CharField(label=_("Vad dokumentet heter"), max_length=200)
    adopting_body = forms.CharField(
        label=_("Vem som antar dokumentet"), max_length=120, required=False,
        help_text=_("Till exempel Kommunfullmäktige."),
    )  # fmt: skip
    revising_body = forms.CharField(
        label=_("Vem som beslutar om revideringar"), max_length=120, required=False,
        help_text=_("Till exempel Kommunstyrelsen."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in parameters.PARAMETERS.values():
            self.fields[each.key] = _field(each)

    @property
    def decided(self) -> dict[str, Any]:
        """The parameters alone, by key."""
        return {key: self.cleaned_data[key] for key in parameters.PARAMETERS}


def _field(each: Parameter) -> forms.Field:
    named: dict[str, Any] = {"label": each.label, "help_text": each.obeyed}
    choices = [(value, label) for value, label, _words in each.choices]
    if each.sort is Sort.NUMBER:
        return forms.IntegerField(min_value=each.least, max_value=each.most, **named)
    if each.sort is Sort.YES:
        return forms.BooleanField(required=False, **named)
    if each.sort is Sort.CHOICE:
        widget = forms.RadioSelect if len(choices) <= MOST_RADIOS else forms.Select
        return forms.ChoiceField(choices=choices, widget=widget, **named)
    if each.sort is Sort.SEVERAL:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, required=False, **named)
    return forms.CharField(max_length=parameters.MOST_TEXT, **named)


class RetentionForm(ActingForm):
    """What a draft decides about each class of records."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = (get_language() or "sv").startswith("en")
        for code, each in law.record_classes().items():
            title, note = (each.title_en, each.note_en) if english else (each.title_sv, each.note_sv)
            self.fields[code] = forms.ChoiceField(
                label=f"{code} {title}", choices=_AS_DECIDED, required=False, help_text=note
            )
            self.fields[f"{code}_months"] = forms.IntegerField(
                label=_("Gallras efter så många månader (%(code)s)") % {"code": code}, min_value=0,
                max_value=parameters.MOST_MONTHS, required=False,
            )  # fmt: skip

    @property
    def decided(self) -> dict[str, dict[str, Any]]:
        """What is decided, by class."""
        chosen = {code: self.cleaned_data.get(code, "") for code in law.record_classes()}
        return {
            code: {"disposition": each, "keep_months": self.cleaned_data.get(f"{code}_months")}
            for code, each in chosen.items()
            if each
        }


def begun_retention(retention: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a draft decides about classes as the form begins with it."""
    found: dict[str, Any] = {}
    for code, each in retention.items():
        found[code], found[f"{code}_months"] = each["disposition"], each["keep_months"]
    return found


class _DecisionForm(ActingForm):
    paragraph = forms.CharField(
        label=_("Paragraf"), max_length=40, required=False, help_text=_("I protokollet, till exempel § 12.")
    )
    diary_number = forms.CharField(
        label=_("Diarienummer"), max_length=60, required=False,
        help_text=_("Till exempel KS 2026/41. Paragraf eller diarienummer behövs."),
    )  # fmt: skip


class AdoptForm(_DecisionForm):
    """Who adopted a draft, when, where it is kept, and from when it holds."""

    body = forms.CharField(label=_("Vem som antog dokumentet"), max_length=120)
    decided_on = _day(_("Dag för beslutet"))
    in_force_on = _day(_("Gäller från"), help_text=_("Den dagen börjar Närvaro följa riktlinjen."))
    field_order = ("body", "decided_on", "paragraph", "diary_number", "in_force_on")


class ReviewForm(_DecisionForm):
    """That the version in force was looked over and stands as it is."""

    body = forms.CharField(label=_("Vem som har sett över riktlinjen"), max_length=120)
    decided_on = _day(_("Dag för översynen"))
    why = forms.CharField(label=_("Anteckning"), max_length=500, required=False)
    field_order = ("body", "decided_on", "paragraph", "diary_number", "why")


class MinutesForm(_DecisionForm):
    """Minutes of a meeting, in place of a guideline."""

    body = forms.CharField(label=_("Vilka som möttes"), max_length=120, help_text=_("Till exempel Ledningsgruppen."))
    held_on = _day(_("Dag för mötet"))
    agreed = forms.CharField(label=_("Vad ni kom fram till"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    field_order = ("body", "held_on", "paragraph", "diary_number", "agreed")


class ReviewerForm(ActingForm):
    """Name somebody who is reminded to look the guideline over."""

    person_uid = forms.ChoiceField(label=_("Person"))

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person_uid", people)


class ReadForm(ActingForm):
    """Say that one has read a version, exactly as it is shown."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)

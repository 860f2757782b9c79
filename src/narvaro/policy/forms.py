"""Forms about house rules and notices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.policy import rules
from narvaro.policy.types import Heard


class RuleForm(ActingForm):
    """One house rule, in Swedish and when wanted in English."""

    title = forms.CharField(label=_("Vad regeln heter"), max_length=120, help_text=_("Till exempel Grovt språk."))
    text = forms.CharField(
        label=_("Vad regeln säger"), max_length=600, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("En eller två meningar om hur man inte får skriva. Det är det här invånarna läser."),
    )  # fmt: skip
    first = forms.ChoiceField(
        label=_("Det mildaste som brukar räcka"), choices=[(each.value, each.label) for each in rules.FIRST_MEASURES],
        widget=forms.RadioSelect, initial="warn",
        help_text=_("Den som vill göra något strängare får skriva varför."),
    )  # fmt: skip
    remove_first = forms.BooleanField(
        label=_("Ta bort genast, utan att pröva något mildare"), required=False,
        help_text=_("Bara för skräp från robotar."),
    )  # fmt: skip
    title_en = forms.CharField(label=_("Vad regeln heter på engelska"), max_length=120, required=False)
    text_en = forms.CharField(
        label=_("Vad regeln säger på engelska"), max_length=600, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Lämna tomt, så visas den svenska texten också på den engelska sidan."),
    )  # fmt: skip


class WordsForm(ActingForm):
    """A list of own words that screening shall lift up."""

    name = forms.CharField(
        label=_("Vad listan heter"), max_length=120,
        help_text=_("Det är vad den som läser kommentaren får veta, till exempel Påhopp på handläggare."),
    )  # fmt: skip
    words = forms.CharField(
        label=_("Ord, ett på varje rad"), required=False, max_length=60_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Varje böjning hittas. En stjärna står för resten av ett längre ord: parkering*, *böter."),
    )  # fmt: skip
    patterns = forms.CharField(
        label=_("Mönster, ett på varje rad"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("För den som vill: reguljära uttryck, till exempel (sparka|avskeda) rektorn. Kan lämnas tomt."),
    )  # fmt: skip
    heard_in = forms.ChoiceField(
        label=_("Var orden ska sökas"), choices=Heard.choices, widget=forms.RadioSelect, initial=Heard.INCOMING.value,
        help_text=_("I det ni själva skriver hindrar orden aldrig att det publiceras."),
    )  # fmt: skip
    asks = forms.BooleanField(
        label=_("Fråga en gång innan något med orden publiceras"), required=False,
        help_text=_("Utan krysset får den som skriver en rad om saken. Gäller bara det ni själva skriver."),
    )  # fmt: skip
    house_rule = forms.ChoiceField(
        label=_("Regel som ett beslut skulle luta sig mot"), required=False,
        help_text=_("Den är förvald om någon modererar kommentaren. Kan lämnas tom."),
    )  # fmt: skip

    def __init__(self, *args: Any, house_rules: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "house_rule", [("", _("Ingen")), *house_rules])


class NoticeForm(ActingForm):
    """What an author is told under one ground."""

    text = forms.CharField(
        label=_("Beskedet"), max_length=rules.MOST_NOTICE_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )

    def clean_text(self) -> str:
        """Refuse a misspelt placeholder already here, so that a preview says so too."""
        text: str = self.cleaned_data["text"]
        problem = rules.problem_with_notice(text)
        if problem:
            raise forms.ValidationError(problem)
        return text


class MoveForm(ActingForm):
    """Move a rule one step."""

    direction = forms.ChoiceField(choices=[("up", "up"), ("down", "down")], widget=forms.HiddenInput)


class ButtonForm(ActingForm):
    """A button without fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": False, **kwargs})

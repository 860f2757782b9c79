"""Forms of the register of paid promotion."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.base import platforms
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.publishing.rules.promotion import MOST_KR
from narvaro.publishing.types.promotion import Topic


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class PromotionForm(ActingForm):
    """A purchase of reach."""

    title = forms.CharField(label=_("Vad spreds?"), max_length=160)
    payer = forms.CharField(
        label=_("Vem betalar?"), max_length=160, help_text=_("En myndighet eller en organisation, inte en person.")
    )
    function = forms.CharField(
        label=_("Vilken funktion ansvarar?"), max_length=120,
        help_text=_("Till exempel kommunikationsenheten. Skriv inga namn: vem som helst kan läsa det."),
    )  # fmt: skip
    amount_kr = forms.IntegerField(label=_("Belopp i hela kronor, utan moms"), min_value=0, max_value=MOST_KR)
    begins_on = _day(_("Första dagen"))
    ends_on = _day(_("Sista dagen"))
    audience = forms.CharField(
        label=_("Vilka ska det nå, och hur är de valda?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    platform = forms.ChoiceField(label=_("Var visas det?"))
    post_url = forms.CharField(
        label=_("Länk till inlägget"), max_length=1000, required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )  # fmt: skip
    topic = forms.ChoiceField(label=_("Vad handlar det om?"), choices=Topic.choices, initial=Topic.ORDINARY.value)
    fallback = forms.CharField(
        label=_("Hur sprids det om plattformen stoppar det?"), max_length=500, required=False,
        help_text=_("Behövs för samhällsfrågor och val på Facebook, Instagram och Threads."),
    )  # fmt: skip
    label_about = forms.CharField(
        label=_("Politisk reklam: vilket val eller vilken regel gäller den?"), max_length=300, required=False
    )
    label_url = forms.CharField(
        label=_("Politisk reklam: var står meddelandet om vem som betalar?"), max_length=1000, required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )  # fmt: skip

    @property
    def is_political(self) -> bool:
        """Whether what most purchases do without is in use, or complained of."""
        more = [self[name] for name in ("fallback", "label_about", "label_url")]
        topic = self["topic"].value() or Topic.ORDINARY.value
        return topic != Topic.ORDINARY.value or any(each.value() or each.errors for each in more)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = ("feed", "newsletter")
        offer(self, "platform", [(key, each.name) for key, each in platforms.catalogue().items() if key not in own])


class ChangePromotionForm(PromotionForm):
    """What is put right, and why."""

    why = forms.CharField(label=_("Varför ändras det?"), max_length=300)


class WithdrawForm(ActingForm):
    """Strike out what was never bought."""

    why = forms.CharField(label=_("Varför stryks posten?"), max_length=300)

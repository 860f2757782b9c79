"""Forms of a channel's life: each of its steps, and what is asked of channels before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from narvaro.channels import rules
from narvaro.channels.types import Level
from narvaro.core.forms import ActingForm
from narvaro.core.types import Invalid

if TYPE_CHECKING:
    from narvaro.channels.models import Channel, Gate


class CloseForm(ActingForm):
    """Why a channel is closed."""

    why = forms.CharField(label=_("Varför avslutas kanalen?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class StepForm(ActingForm):
    """One step of a channel's life that asks for nothing but to be taken."""

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, version=channel.version, **kwargs)
        self.channel = channel


class DecideForm(StepForm):
    """The one decision about a channel."""

    reference = forms.CharField(
        label=_("Diarienummer"), max_length=120, required=False,
        help_text=_("Om beslutet är diariefört någon annanstans. Annars räcker det som står här."),
    )  # fmt: skip
    why = forms.CharField(
        label=_("Skäl"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class RestForm(StepForm):
    """Why a channel rests."""

    why = forms.CharField(label=_("Varför ska kanalen vila?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class KeepForm(StepForm):
    """Why a silent channel is kept, and until when that need not be tried again."""

    why = forms.CharField(
        label=_("Varför ska kanalen vara kvar?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Till exempel att den används när något särskilt händer, eller en del av året."),
    )  # fmt: skip
    until = forms.DateField(
        label=_("Behöver inte prövas igen före"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Högst två år fram. Då står kanalen här igen om den fortfarande är tyst."),
    )  # fmt: skip


class BeginClosingForm(StepForm):
    """Why a channel is to be closed, and which decision says so."""

    why = forms.CharField(
        label=_("Varför ska kanalen avslutas?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    reference = forms.CharField(label=_("Diarienummer"), max_length=120, required=False)


class OpenForm(StepForm):
    """Begin to use a channel; the account is asked for where it was not known before."""

    account = forms.CharField(
        label=_("Konto"), max_length=300, help_text=_("Kontots namn eller adress på plattformen."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, channel=channel, **kwargs)
        if channel.handle:
            del self.fields["account"]

    def clean_account(self) -> str:
        typed = str(self.cleaned_data["account"])
        try:
            self.place = rules.place_of(self.channel.platform, typed, may_be_open=settings.OPTIONS.allow_private_hosts)
        except Invalid as error:
            raise forms.ValidationError(str(error)) from None
        return typed

    @property
    def found_account(self) -> dict[str, str]:
        """Return what the action is told of the account: nothing when it was known before."""
        if "account" not in self.fields:
            return {}
        return {"handle": self.place.handle, "base_url": self.place.base_url, "url": self.place.url}


class GateForm(ActingForm):
    """How strict the authority is about each thing that is asked of a channel, and how long there is to mend it."""

    days_for_live = forms.IntegerField(
        label=_("Dagar för en kanal som redan fanns"), min_value=0, max_value=730,
        help_text=_("Så länge påminner Närvaro bara, när en kanal förs in som redan är i drift."),
    )  # fmt: skip
    days_for_policy = forms.IntegerField(
        label=_("Dagar att läsa en ny riktlinje"), min_value=0, max_value=365,
    )  # fmt: skip

    def __init__(self, *args: Any, gate: Gate, **kwargs: Any) -> None:
        begun = {"days_for_live": gate.days_for_live, "days_for_policy": gate.days_for_policy}
        super().__init__(*args, version=gate.version, initial=begun, **kwargs)
        for key, requirement in rules.REQUIREMENTS.items():
            self.fields[key] = forms.ChoiceField(
                label=requirement.title, choices=Level.choices, initial=rules.level_of(key, gate.levels).value
            )

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields of what is asked of a channel."""
        return [self[key] for key in rules.REQUIREMENTS]

    @property
    def chosen(self) -> dict[str, Any]:
        """Return what the action is told."""
        days = {key: self.cleaned_data[key] for key in ("days_for_live", "days_for_policy")}
        return {"levels": {key: self.cleaned_data[key] for key in rules.REQUIREMENTS}, **days}

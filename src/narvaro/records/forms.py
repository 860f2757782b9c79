"""Forms of records: searching, registering, sealing, expunging, exporting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.connectors.port import Kind
from narvaro.core.forms import ActingForm
from narvaro.records.models import RegistryEntry
from narvaro.records.search import Question
from narvaro.records.types import ExportForm, ExportScope, Origin

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

KINDS = (
    (Kind.POST.value, _("Inlägg")),
    (Kind.COMMENT.value, _("Kommentar")),
    (Kind.MENTION.value, _("Omnämnande")),
    (Kind.QUOTE.value, _("Citat")),
    (Kind.MESSAGE.value, _("Meddelande")),
)
_ANY = ("", _("Alla"))


class Day(forms.DateInput):
    """A day, chosen in the browser's own calendar and sent as ISO 8601."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SearchForm(forms.Form):
    """What to search for. Sent with GET, so that a search is an address to keep. Law: GDPR-6 (nothing sensitive)"""

    q = forms.CharField(
        label=_("Sök efter"), required=False, max_length=500, widget=forms.TextInput({"type": "search"})
    )
    author = forms.CharField(
        label=_("Skrivet av"), required=False, max_length=200, help_text=_("Namn eller användarnamn på plattformen.")
    )
    channel = forms.ChoiceField(label=_("Kanal"), required=False)
    unit = forms.ChoiceField(label=_("Enhet"), required=False)
    kind = forms.ChoiceField(label=_("Slag"), required=False, choices=[_ANY, *KINDS])
    origin = forms.ChoiceField(label=_("Riktning"), required=False, choices=[_ANY, *Origin.choices])
    since = forms.DateField(label=_("Från och med"), required=False, widget=Day())
    until = forms.DateField(label=_("Till och med"), required=False, widget=Day())
    before = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=(1 << 63) - 1)
    after = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=(1 << 63) - 2)

    def __init__(self, sent: Any, channels: Iterable[Channel]) -> None:
        super().__init__(sent)
        self._channels = {str(channel.uid): channel for channel in channels}
        self._units = {str(channel.unit.uid): channel.unit for channel in self._channels.values()}
        by_name = sorted(self._units.items(), key=lambda unit: unit[1].name)
        self._choices("channel", [(uid, channel.name) for uid, channel in self._channels.items()])
        self._choices("unit", [(uid, unit.name) for uid, unit in by_name])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [_ANY, *choices]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", _("Den sista dagen ligger före den första."))
        return values

    @property
    def question(self) -> Question:
        """What a valid form asks for."""
        values = self.cleaned_data
        channel, unit = self._channels.get(values["channel"]), self._units.get(values["unit"])
        return Question(
            text=values["q"], author=values["author"], channel_id=channel.pk if channel else None,
            unit_id=unit.pk if unit else None, kind=values["kind"], origin=values["origin"], since=values["since"],
            until=values["until"],
        )  # fmt: skip

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """Return the filters that are in use: the field's name, and what it says."""
        found = []
        for name in ("author", "channel", "unit", "kind", "origin", "since", "until"):
            value = self.cleaned_data.get(name)
            if value:
                field = self.fields[name]
                words = _words_of(field, value) if isinstance(field, forms.ChoiceField) else value
                found.append((name, f"{field.label}: {words}"))
        return found


class ReasonForm(ActingForm):
    """A decision with its reason."""

    why = forms.CharField(
        label=_("Skäl"), max_length=300, widget=forms.Textarea({"rows": 3}),
        help_text=_("Skrivs i händelseloggen. Citera inte vad någon har skrivit."),
    )  # fmt: skip


class QueueForm(ActingForm):
    """Something to put before the registrar."""

    suggested_note = forms.CharField(
        label=_("Förslag till tjänsteanteckning"), required=False, widget=forms.Textarea({"rows": 4})
    )
    why = forms.CharField(label=_("Varför det ska diarieföras"), required=False, max_length=300)
    whole_thread = forms.BooleanField(label=_("Hela tråden hör till ärendet"), required=False, initial=True)


class EntryForm(ActingForm):
    """What a registry entry must show. Law: OSL-6"""

    registry_number = forms.CharField(label=_("Diarienummer"), max_length=60)
    summary = forms.CharField(label=_("Vad det rör, i korthet"), max_length=500, widget=forms.Textarea({"rows": 2}))
    counterparty = forms.CharField(label=_("Avsändare eller mottagare"), required=False, max_length=300)
    counterparty_is_public = forms.BooleanField(
        label=_("Namnet får stå i det diarium som visas för allmänheten"), required=False
    )
    summary_public = forms.CharField(
        label=_("Vad det rör, i den form som visas för allmänheten"), required=False, max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Lämna tomt om samma text kan visas. Kan det gälla sekretess visas då ingen text alls."),
    )  # fmt: skip

    def __init__(self, sent: Any, entry: RegistryEntry) -> None:
        super().__init__(
            sent,
            version=entry.version,
            initial={
                "registry_number": entry.registry_number,
                "summary": entry.summary,
                "counterparty": entry.counterparty,
                "counterparty_is_public": entry.counterparty_is_public,
                "summary_public": entry.summary_public,
            },
        )


class NotNeededForm(ReasonForm):
    """Several entries that need not be registered, for one reason. Law: OSL-2"""

    entries = forms.MultipleChoiceField(label=_("Poster"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, sent: Any, entries: Iterable[RegistryEntry]) -> None:
        super().__init__(sent)
        field = self.fields["entries"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(entry.uid), str(entry.uid)) for entry in entries]


class ExportRequestForm(ActingForm):
    """What to take out, and in which form. Law: TF-8, ARK-8"""

    scope = forms.ChoiceField(
        label=_("Vad"), widget=forms.RadioSelect, initial=ExportScope.CHANNEL,
        choices=[c for c in ExportScope.choices if c[0] != ExportScope.THREAD],
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("Kanal"), required=False)
    form = forms.ChoiceField(label=_("Form"), widget=forms.RadioSelect, choices=ExportForm.choices, initial="html")

    def __init__(self, sent: Any, channels: Iterable[Channel], *, chosen: str = "") -> None:
        super().__init__(sent, initial={"channel": chosen})
        self._channels = {str(channel.uid): channel for channel in channels}
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Välj en kanal")), *((uid, channel.name) for uid, channel in self._channels.items())]

    @property
    def wanted(self) -> dict[str, Any]:
        """The values for the action; a channel counts only when one channel is what is wanted."""
        values = self.cleaned_data
        is_one = values["scope"] == ExportScope.CHANNEL
        channel = self._channels.get(values["channel"]) if is_one else None
        return {"scope": values["scope"], "form": values["form"], "channel": channel}


class ConfirmForm(ActingForm):
    """A form with one button and nothing to fill in."""


def _words_of(field: forms.ChoiceField, value: str) -> str:
    return next((str(words) for key, words in field.widget.choices if key == value), value)

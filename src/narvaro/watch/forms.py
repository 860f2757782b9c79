"""Forms of watch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.watch import rules
from narvaro.watch.types import CaseState, Left, Sort


def _account(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Klistra in kontots adress, eller skriv dess namn."),
    )  # fmt: skip


class TipForm(ActingForm):
    """What anybody tells about an account. A field that people never see stops machines; sending again mends it."""

    account = _account(_("Vilket konto gäller det?"))
    text = forms.CharField(
        label=_("Vad har du sett?"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Du behöver inte skriva vem du är. Det du skriver blir en allmän handling."),
    )  # fmt: skip
    website = forms.CharField(label=_("Lämna det här fältet tomt"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """Refuse what filled in the field that nobody sees, and empty it for whoever did not mean to."""
        found: dict[str, Any] = super().clean() or {}
        if found.pop("website", ""):
            self.data = {**{name: self.data.get(name, "") for name in self.data}, "website": ""}
            raise forms.ValidationError(_("Ett dolt fält var ifyllt. Det är tömt nu. Skicka en gång till."))
        return found


class CaseForm(ActingForm):
    """An account that a colleague has seen."""

    account = _account(_("Konto"))
    shown_name = forms.CharField(label=_("Vad kontot kallar sig"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Varför ser det ut som vårt?"), max_length=5000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Till exempel att det har vårt vapen, eller svarar människor som om det vore vi."),
    )  # fmt: skip


class LinkForm(ActingForm):
    """An address that shows what an account does."""

    link = forms.CharField(label=_("Länk"), max_length=1000, widget=forms.TextInput(attrs={"inputmode": "url"}))
    text = forms.CharField(label=_("Vad den visar"), max_length=300, required=False)


class PictureForm(ActingForm):
    """A screenshot of an account."""

    picture = forms.FileField(
        label=_("Skärmbild"), help_text=_("JPEG, PNG eller WebP, högst 8 MB. Den bevaras precis som den är."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip
    alt = forms.CharField(label=_("Vad bilden visar"), max_length=1500, widget=forms.Textarea(attrs={"rows": 2}))


class ConfirmForm(ActingForm):
    """Why an account is found to pose as us."""

    why = forms.CharField(
        label=_("Varför är det någon som utger sig för att vara vi?"), max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Att någon tycker illa om oss är inget skäl."),
    )  # fmt: skip


class LeaveForm(ActingForm):
    """Why an account is left alone."""

    left_as = forms.ChoiceField(
        label=_("Lämna kontot i fred"), choices=Left.choices, widget=forms.RadioSelect,
        help_text=_("Är det en person raderas allt om kontot, utom att ingen behöver titta på det igen."),
    )  # fmt: skip


class ReportForm(ActingForm):
    """That the account was reported on its platform."""

    reference = forms.CharField(
        label=_("Plattformens ärendenummer"), max_length=120, required=False, help_text=_("Om ni fick något.")
    )


class EndForm(ActingForm):
    """What became of it."""

    outcome = forms.ChoiceField(
        label=_("Hur gick det?"), widget=forms.RadioSelect,
        choices=[(each.value, each.label) for each in (CaseState.GONE, CaseState.STAYS)],
    )  # fmt: skip
    why = forms.CharField(label=_("Något mer att minnas"), max_length=500, required=False)


class WarnForm(ActingForm):
    """What anybody is told about an account."""

    text = forms.CharField(
        label=_("Varning som alla ser"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Säg vad människor ska låta bli, till exempel att lämna ut kontonummer. Nämn ingen person."),
    )  # fmt: skip


class SearchForm(ActingForm):
    """A matter to listen for."""

    words = forms.CharField(
        label=_("Ord att följa"), max_length=200,
        help_text=_("Ett ämne, en plats eller en verksamhet, till exempel simhallen Storköping. Aldrig en person."),
    )  # fmt: skip
    is_no_person = forms.BooleanField(label=_("Orden är inte namnet på en person"), required=False)
    feeds = forms.CharField(
        label=_("Flöden, ett på varje rad"), required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("RSS eller Atom, till exempel lokaltidningens. Plattformar som ni är anslutna till söks ändå."),
    )  # fmt: skip

    def clean_feeds(self) -> list[str]:
        """Return the feeds, one a line."""
        return str(self.cleaned_data["feeds"]).splitlines()


class FeedsForm(SearchForm):
    """Where a search listens; its words stay."""

    words = None  # type: ignore[assignment]
    is_no_person = None  # type: ignore[assignment]


class KeepingForm(ActingForm):
    """How long what was heard is kept."""

    days = forms.IntegerField(
        label=_("Dagar som träffar finns kvar"), min_value=1, max_value=rules.MOST_KEEP_DAYS,
        help_text=_("Därefter raderas de. Antalet per dag finns kvar."),
    )  # fmt: skip


class ElsewhereForm(ActingForm):
    """Something that stands on somebody else's page."""

    sort = forms.ChoiceField(label=_("Vad är det?"), choices=Sort.choices, widget=forms.RadioSelect)
    link = forms.CharField(
        label=_("Länk dit"), max_length=1000, widget=forms.TextInput(attrs={"inputmode": "url"})
    )  # fmt: skip
    text = forms.CharField(
        label=_("Vad som står där"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Klistra in det som är fel eller frågan. Vem som skrev behövs inte."),
    )  # fmt: skip
    unit = forms.ChoiceField(label=_("Vilken enhet rör det?"))
    is_public = forms.BooleanField(
        label=_("Det är inget som en kollega har skrivit privat"),
        error_messages={"required": _("Det kollegor skriver privat får ingen chef ta del av här.")},
    )

    def __init__(self, *args: Any, units: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "unit", units)


class DecideForm(ActingForm):
    """Whether we answer."""

    is_answered = forms.ChoiceField(
        label=_("Ska vi svara där?"), choices=[("yes", _("Ja, svara")), ("no", _("Nej, låt det vara"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    why = forms.CharField(
        label=_("Varför"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Behövs om ni låter det vara."),
    )  # fmt: skip


class ReplyForm(ActingForm):
    """What we answered there."""

    channel = forms.ChoiceField(label=_("Från vilket konto svarade ni?"))
    text = forms.CharField(
        label=_("Ert svar, som det står där"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5})
    )
    link = forms.CharField(
        label=_("Länk till svaret"), max_length=1000, required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=_("Lämna tomt om det är samma länk."),
    )  # fmt: skip

    def __init__(self, *args: Any, channels: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "channel", channels)


class ButtonForm(ActingForm):
    """A button without fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": False, **kwargs})

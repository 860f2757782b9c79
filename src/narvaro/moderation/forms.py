"""Forms of moderation: why something is taken back, and what is said about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.moderation.rounds import MOST_REMOVAL_HOURS, MOST_ROUNDS
from narvaro.moderation.types import ComplaintState, ReportKind, ReportState
from narvaro.policy.types import Ground


class WhyForm(ActingForm):
    """A reason, which becomes part of the decision."""

    why = forms.CharField(
        label=_("Varför"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Blir en del av beslutet, som är en allmän handling."),
    )  # fmt: skip


class ByHandForm(ActingForm):
    """A person says that a measure was made in the platform's own app."""

    is_done = forms.BooleanField(
        label=_("Jag har gjort det i plattformens app och sett att det inte längre syns."),
        error_messages={"required": _("Gör det i plattformens app först, och se efter att det inte längre syns.")},
    )


class LookedForm(ActingForm):
    """Somebody says that they have looked over; there is nothing to fill in."""


class ScheduleForm(ActingForm):
    """How often channels are looked over, and how long what we know of may stand."""

    rounds_a_day = forms.IntegerField(
        label=_("Rundor varje arbetsdag"), min_value=1, max_value=MOST_ROUNDS,
        help_text=_("Två räcker för det mesta: en på förmiddagen och en på eftermiddagen."),
    )  # fmt: skip
    on_days_off = forms.BooleanField(label=_("En runda också på helger och röda dagar"), required=False)
    rounds_in_crisis = forms.IntegerField(
        label=_("Rundor om dagen i ett krisläge"), min_value=1, max_value=MOST_ROUNDS,
        help_text=_("Alla dagar mellan 7 och 22."),
    )  # fmt: skip
    removal_hours = forms.IntegerField(
        label=_("Timmar från det att vi vet om något olagligt tills det ska vara borta"), min_value=1,
        max_value=MOST_REMOVAL_HOURS, help_text=_("Räknas dygnet runt, från det att vi fick veta."),
    )  # fmt: skip


class CrisisForm(ActingForm):
    """Which channels are in crisis, and why."""

    channel = forms.ChoiceField(label=_("Gäller"), required=False)
    why = forms.CharField(
        label=_("Varför"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("En mening. Den går ut i brev till kollegorna och står i loggen."),
    )  # fmt: skip
    freezes = forms.BooleanField(
        label=_("Inget går ut av sig självt"), required=False, initial=True,
        help_text=_("Automatiska meddelanden hålls inne."),
    )  # fmt: skip
    asks_approval = forms.BooleanField(
        label=_("Svar godkänns av en annan innan de går ut"), required=False, initial=True,
        help_text=_("Ett tryck räcker. Att dölja och ta bort väntar aldrig, och inte besked om det."),
    )  # fmt: skip
    approver = forms.ChoiceField(label=_("Vem godkänner"), required=False)


class ApproveForm(ActingForm):
    """Let out what somebody else wrote; one's own only when it cannot wait."""

    why = forms.CharField(
        label=_("Varför det inte kan vänta på någon annan"), max_length=300, required=False,
        widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Du har själv skrivit det. Skälet står i loggen."),
    )  # fmt: skip


class SendBackForm(ActingForm):
    """What needs to be changed before it can go out."""

    why = forms.CharField(
        label=_("Vad behöver ändras?"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Den som skrev får ett brev med det."),
    )  # fmt: skip


class EndCrisisForm(ActingForm):
    """Why a crisis is over."""

    why = forms.CharField(label=_("Varför det är slut"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


CODE_LETTERS = 40  # a code has ten letters; whoever types spaces and dashes between them is understood


_REPORTED = [choice for choice in ReportKind.choices if choice[0] != ReportKind.DECISION]


class ReportForm(ActingForm):
    """What anybody reports. A field that people never see stops machines, and is mended by sending once more."""

    kind = forms.ChoiceField(label=_("Vad gäller det?"), choices=_REPORTED, widget=forms.RadioSelect)
    url = forms.CharField(
        label=_("Länk till inlägget eller kommentaren"), max_length=1000, required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=_("Kopiera den ur webbläsaren eller appen. Har du ingen länk väljer du kanal i stället."),
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("I vilken kanal?"), required=False)
    text = forms.CharField(
        label=_("Vad är fel?"), max_length=5000, widget=forms.Textarea(attrs={"rows": 5}),
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


class ComplaintForm(ActingForm):
    """The code of a notice, or what tells what the decision was about, and what is wrong in it."""

    code = forms.CharField(
        label=_("Koden i beskedet"), max_length=CODE_LETTERS, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Tio tecken, till exempel ABCDE-FGHJK. Stora och små bokstäver spelar ingen roll."),
    )  # fmt: skip
    url = forms.CharField(
        label=_("Eller länken till det du skrev"), max_length=1000, required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Om du inte fick någon kod. Vi letar fram beslutet."),
    )  # fmt: skip
    quote = forms.CharField(
        label=_("Eller det du skrev, så ordagrant du kan"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Om du varken har kod eller länk."),
    )  # fmt: skip
    written_on = forms.DateField(
        label=_("Vilken dag skrev du det?"), required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Ungefär räcker."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("Vad är fel i beslutet?"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Du behöver inte skriva vem du är. Det du skriver blir en allmän handling."),
    )  # fmt: skip


class PlaceComplaintForm(ActingForm):
    """Which decision a complaint without a code is about."""

    measure = forms.ChoiceField(
        label=_("Beslutet"), help_text=_("Finns det inget beslut svarar du det i formuläret nedanför.")
    )


class PickUpForm(forms.Form):
    """The code that was given when something was sent in."""

    code = forms.CharField(
        label=_("Din hämtkod"), max_length=CODE_LETTERS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Den du fick när du skickade in, till exempel ABCDE-FGHJK."),
    )  # fmt: skip


class DecideComplaintForm(ActingForm):
    """Whether a decision stands, and why."""

    outcome = forms.ChoiceField(
        label=_("Beslutet"), widget=forms.RadioSelect,
        choices=[
            (ComplaintState.UPHELD.value, _("Beslutet står fast")),
            (ComplaintState.CHANGED.value, _("Beslutet ändras, och åtgärden hävs")),
        ],
    )  # fmt: skip
    reasons = forms.CharField(
        label=_("Skäl"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Den som klagade läser skälen med sin hämtkod."),
    )  # fmt: skip


class AnswerReportForm(ActingForm):
    """What became of a report."""

    outcome = forms.ChoiceField(
        label=_("Hur gick det?"), widget=forms.RadioSelect,
        choices=[
            (ReportState.ACTED.value, _("Vi har gjort något åt det")),
            (ReportState.LEFT.value, _("Vi gör inget åt det")),
        ],
    )  # fmt: skip
    measure = forms.ChoiceField(label=_("Åtgärd"), required=False, help_text=_("Om du redan har beslutat om något."))
    answer = forms.CharField(
        label=_("Svar"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Den som anmälde läser svaret med sin hämtkod. Skriv inget om andra personer."),
    )  # fmt: skip


# --- Reports to the police --------------------------------------------------------------------------------------------


class MakePackageForm(ActingForm):
    """An evidence package to make; the police's number if there is one already."""

    case_number = forms.CharField(
        label=_("Polisens ärendenummer"), required=False, max_length=60,
        help_text=_("Om ni redan har fått ett, till exempel 5000-K123456-26. Det går att skriva in senare."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


class CaseNumberForm(ActingForm):
    """The number that the police gave a report."""

    case_number = forms.CharField(
        label=_("Polisens ärendenummer"), max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


class EndHoldForm(ActingForm):
    """Why records need no longer be held."""

    why = forms.CharField(
        label=_("Varför behöver de inte hållas kvar?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Till exempel att polisen eller domstolen har avslutat ärendet."),
    )  # fmt: skip


class EmergencyForm(ActingForm):
    """
    What must go at once and could not be kept: where it is, on which of the law's grounds, what it said.

    Args:
        channels: The authority's channels, as choices.
        grounds: The grounds on which the law itself asks for removal.
    """

    remote_id = forms.CharField(
        label=_("Länk till det som ska bort"), max_length=1000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Dela och kopiera länken i plattformens app. Har du bara ett id går det också bra."),
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("I vilken kanal?"))
    ground = forms.ChoiceField(
        label=_("Vad är det?"), widget=forms.RadioSelect,
        help_text=_("Bara det som lagen kräver bort genast. Allt annat väntar tills det är bevarat."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Vad stod det, och hur såg du det?"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_(
            "Så ordagrant du kan. Skriv när och var, och vem mer som såg det. Beskriv aldrig en bild på barn. "
            "Har du en skärmbild räcker den."
        ),
    )  # fmt: skip
    reasons = forms.CharField(
        label=_("Varför måste det bort nu?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("En mening räcker. Den blir en del av beslutet."),
    )  # fmt: skip
    picture = forms.FileField(
        label=_("Skärmbild"), required=False,
        help_text=_("Om du har en. Aldrig av övergrepp mot barn: att spara den bilden är ett brott."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )  # fmt: skip
    is_made = forms.BooleanField(
        label=_("Det är redan borttaget i plattformens app"), required=False,
        help_text=_("Då antecknas det bara. Närvaro läser på plattformen att det är gjort."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, channels: Iterable[tuple[str, str]] = (), grounds: Iterable[Ground] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        known = self.grounds = list(grounds)
        offered = list(channels)
        offer(self, "channel", offered if len(offered) == 1 else [("", gettext("Välj kanal")), *offered])
        offer(self, "ground", [(ground.code, ground.title) for ground in known])
        self._never_pictured = {ground.code for ground in known if ground.no_capture}

    def clean(self) -> dict[str, Any]:
        """Refuse a picture that may not exist before anybody has stored it (BBS-10), and what has no trace at all."""
        found: dict[str, Any] = super().clean() or {}
        if not found.get("picture") and not found.get("note", "").strip() and "picture" not in self.errors:
            self.add_error("note", _("Skriv vad det var, var det syntes och vem som såg det."))
        if found.get("picture") and found.get("ground") in self._never_pictured:
            found.pop("picture")
            self.add_error("picture", _("Spara ingen bild. Länken och tiden räcker för polisen."))
        return found

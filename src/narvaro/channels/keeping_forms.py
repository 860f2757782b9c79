"""Forms about who looks after accounts: hand-overs, passwords and access, the checklist, and incidents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM, today
from narvaro.channels.rules import security
from narvaro.channels.types import Concerns, EntryKind, IncidentKind
from narvaro.core.forms.acting import ActingForm, offer

if TYPE_CHECKING:
    from narvaro.channels.models import AccountAccess, Channel, Custody, SecurityCheck, SecurityIncident
    from narvaro.core.models import Person

_MINUTES = "%Y-%m-%dT%H:%M"
_A_YEAR = timedelta(days=365)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def _moment(label: Any, **options: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTES)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[_MINUTES, f"{_MINUTES}:%S"], **options)


class PressForm(ActingForm):
    """A button that needs no words."""


class HandOverForm(ActingForm):
    """Which channels get a new person, and who."""

    channels = forms.MultipleChoiceField(label=_("Kanaler"), widget=forms.CheckboxSelectMultiple)
    to = forms.ChoiceField(label=_("Vem tar över?"), required=False)

    def __init__(
        self, *args: Any, channels: Iterable[Channel], people: Iterable[Person], leaving: Person, **kwargs: Any
    ) -> None:
        self._channels = {str(channel.uid): channel for channel in channels}
        self._people = {str(p.uid): p for p in people if p.pk != leaving.pk}
        super().__init__(*args, initial={"channels": list(self._channels)}, **kwargs)
        offer(self, "channels", [(uid, channel.name) for uid, channel in self._channels.items()])
        offer(self, "to", [("", _("Kanalens ersättare")), *((uid, p.name) for uid, p in self._people.items())])

    @property
    def chosen(self) -> list[int]:
        """The keys of the chosen channels."""
        return [self._channels[uid].pk for uid in self.cleaned_data["channels"]]

    @property
    def person(self) -> Person | None:
        """Who takes over; None is the deputy."""
        return self._people.get(self.cleaned_data["to"])


class FindPersonForm(forms.Form):
    """Whose hand-over to open."""

    person = forms.ChoiceField(label=_("Vem ska lämna över?"))

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person", [("", _("Välj person")), *((str(p.uid), p.name) for p in people)])


class CustodyForm(ActingForm):
    """Where the password lies; never the password."""

    vault = forms.CharField(
        label=_("Var lösenordet ligger"), max_length=200, required=False,
        help_text=_("Valvets namn och vad posten heter där. Aldrig själva lösenordet."),
    )  # fmt: skip
    rotated_on = _day(_("Lösenordet byttes senast"), required=False)
    recovery_owner = forms.CharField(
        label=_("Vem som kan återställa kontot"), max_length=120, required=False,
        help_text=_("En funktion, till exempel den som sköter funktionsbrevlådan och har reservkoderna."),
    )  # fmt: skip
    break_glass = forms.CharField(
        label=_("När ingen av dem är där"), max_length=1000, required=False, widget=_area(3),
        help_text=_("Hur man når kontot i en nödsituation: vem som öppnar valvet, och vem som får veta det efteråt."),
    )  # fmt: skip

    def __init__(self, *args: Any, custody: Custody, **kwargs: Any) -> None:
        begun = {name: getattr(custody, name) for name in ("vault", "rotated_on", "recovery_owner", "break_glass")}
        super().__init__(*args, initial=begun, version=custody.version, **kwargs)


class AccessForm(ActingForm):
    """A function that can steer the account or reach its password, and who fills it."""

    function = forms.CharField(
        label=_("Funktion"), max_length=120, help_text=_("Till exempel Kommunikatör, Systemansvarig eller Webbyrå.")
    )
    person = forms.ChoiceField(label=_("Vem"), required=False, help_text=_("Lämna tomt för någon utanför myndigheten."))
    steers = forms.BooleanField(label=_("Kan styra kontot"), required=False, initial=True)
    reaches_password = forms.BooleanField(label=_("Når lösenordet"), required=False)

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(p.uid): p for p in people}
        offer(self, "person", [("", _("Någon utanför")), *((uid, p.name) for uid, p in self._people.items())])

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "person": self._people.get(self.cleaned_data["person"])}


class EndAccessForm(ActingForm):
    """Take a function off the list."""

    access = forms.UUIDField(widget=forms.HiddenInput)


class ReviewForm(ActingForm):
    """Whether those who can steer the account still should."""

    still_right = forms.MultipleChoiceField(
        label=_("De här stämmer fortfarande"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Kryssa ur den som inte längre ska ha tillgång, och ta bort den på plattformen också."),
    )  # fmt: skip
    has_two_step = forms.BooleanField(label=_("Tvåstegsverifiering är på"), required=False)
    has_mailbox = forms.BooleanField(label=_("Kontot är registrerat på en funktionsbrevlåda"), required=False)
    evidence = forms.CharField(
        label=_("Hur det syns"), max_length=500, required=False, widget=_area(2),
        help_text=_("Till exempel plattformens lista över administratörer, sedd i dag."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, accesses: Iterable[tuple[AccountAccess, str, bool]], two_step: bool, mailbox: bool,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        listed = list(accesses)
        begun = {
            "still_right": [str(access.uid) for access, _words, is_right in listed if is_right],
            "has_two_step": two_step, "has_mailbox": mailbox,
        }  # fmt: skip
        super().__init__(*args, initial=begun, **kwargs)
        offer(self, "still_right", [(str(access.uid), words) for access, words, _is_right in listed])


class ChecklistForm(ActingForm):
    """The ten points: whether each is met, and how that is seen. What is left unanswered stays as it was."""

    YES, NO = "yes", "no"
    again_on = _day(_("Ses över igen"))

    def __init__(self, *args: Any, checks: dict[str, SecurityCheck], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("again_on", today() + _A_YEAR)
        for number, point in enumerate(security.POINTS, start=1):
            earlier = checks.get(point.key)
            self.fields[f"met_{point.key}"] = forms.ChoiceField(
                label=_("Punkt %(number)s: stämmer det?") % {"number": number}, required=False,
                choices=[("", _("Inte svarat")), (self.YES, _("Ja")), (self.NO, _("Nej"))],
            )  # fmt: skip
            self.fields[f"evidence_{point.key}"] = forms.CharField(
                label=_("Punkt %(number)s: hur det syns") % {"number": number}, max_length=500, required=False,
                help_text=point.evidence,
            )  # fmt: skip
            if earlier is not None:
                self.initial[f"evidence_{point.key}"] = earlier.evidence
                self.initial[f"met_{point.key}"] = self.YES if earlier.is_met else self.NO

    @property
    def points(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each point's two fields, for the page."""
        return [(self[f"met_{point.key}"], self[f"evidence_{point.key}"]) for point in security.POINTS]

    @property
    def found(self) -> dict[str, tuple[bool, str]]:
        """What was answered, by the key of the point."""
        return {
            point.key: (self.cleaned_data[f"met_{point.key}"] == self.YES, self.cleaned_data[f"evidence_{point.key}"])
            for point in security.POINTS
            if self.cleaned_data[f"met_{point.key}"]
        }


class IncidentForm(ActingForm):
    """What has happened, more exactly."""

    kind = forms.ChoiceField(label=_("Vad har hänt?"), choices=IncidentKind.choices, widget=forms.RadioSelect)
    found_at = _moment(
        _("När förstod någon här det?"), help_text=_("Tiderna för anmälan räknas härifrån.")
    )  # fmt: skip
    concerns_people = forms.ChoiceField(
        label=_("Kan personuppgifter ha läckt eller ändrats?"), choices=Concerns.choices, widget=forms.RadioSelect,
        help_text=_("Meddelanden från invånare är personuppgifter."),
    )  # fmt: skip

    def __init__(self, *args: Any, incident: SecurityIncident, **kwargs: Any) -> None:
        self.incident = incident
        begun = {
            "kind": incident.kind, "concerns_people": incident.concerns_people,
            "found_at": incident.found_at.astimezone(STOCKHOLM),
        }  # fmt: skip
        super().__init__(*args, initial=begun, version=incident.version, **kwargs)

    def clean_found_at(self) -> Any:
        """Keep the seconds of a moment that was not touched: the page shows minutes."""
        typed, before = self.cleaned_data["found_at"], self.incident.found_at
        return before if typed == before.replace(second=0, microsecond=0) else typed


class LineForm(ActingForm):
    """A line for an incident's log."""

    to_whom = forms.CharField(label=_("Vem fick veta"), required=False, max_length=200)
    text = forms.CharField(label=_("Vad"), required=False, max_length=2000, widget=_area(2))
    at = _moment(_("När"), required=False, help_text=_("Lämna tomt för nu."))


class LogForm(LineForm):
    """That somebody was told, or something else that is to stand in the log."""

    kind = forms.ChoiceField(
        label=_("Vad raden handlar om"), widget=forms.RadioSelect, initial=EntryKind.TOLD,
        choices=[(EntryKind.TOLD.value, _("Någon har fått veta")), (EntryKind.NOTE.value, _("Annat"))],
    )  # fmt: skip


class MeasureForm(LineForm):
    """That a first measure is done: one press."""

    kind = forms.CharField(widget=forms.HiddenInput, initial=EntryKind.MEASURE.value)
    key = forms.ChoiceField(choices=[(m.key, m.title) for m in security.MEASURES], widget=forms.HiddenInput)


class SettleForm(LineForm):
    """That something is reported, or need not be."""

    kind = forms.ChoiceField(
        label=_("Hur blev det?"), widget=forms.RadioSelect,
        choices=[(EntryKind.REPORTED.value, _("Anmält")), (EntryKind.NOT_NEEDED.value, _("Behöver inte anmälas"))],
    )  # fmt: skip
    key = forms.ChoiceField(choices=[(t.key, t.title) for t in security.TIMERS], widget=forms.HiddenInput)


def log_form(data: Any) -> LineForm:
    """Return what was sent as the form that it was sent with: its kind tells."""
    kind = data.get("kind", "")
    if kind == EntryKind.MEASURE:
        return MeasureForm(data)
    return SettleForm(data) if kind in (EntryKind.REPORTED, EntryKind.NOT_NEEDED) else LogForm(data)


class CloseIncidentForm(ActingForm):
    """What was learnt."""

    lessons = forms.CharField(
        label=_("Vad lärde vi oss?"), max_length=4000, widget=_area(5),
        help_text=_("Hur det gick till, vad som hjälpte och vad ni ändrar. Det står i rapporten."),
    )  # fmt: skip

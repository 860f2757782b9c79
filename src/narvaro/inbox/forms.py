"""Forms of the inbox: what a person writes, and the few things each step asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM, now, today
from narvaro.core.forms import ActingForm
from narvaro.inbox.types import Decision, ReferTo

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person, Unit

MOST_ANSWER = 10_000
MOST_NOTE = 5_000
MORNING = time(8, 0)


def _area(rows: int, **attributes: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attributes})


class ComposerForm(ActingForm):
    """An answer or an internal note: one text, and for an answer a picture if one is wanted."""

    kind = forms.ChoiceField(choices=[("answer", _("Svara")), ("note", _("Intern anteckning"))], initial="answer")
    text = forms.CharField(
        label=_("Vad vill du skriva?"), max_length=MOST_ANSWER, widget=_area(4), strip=False,
        error_messages={"required": _("Skriv något först.")},
    )  # fmt: skip
    picture = forms.FileField(
        label=_("Bild"), required=False, max_length=200,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )  # fmt: skip
    alt = forms.CharField(
        label=_("Vad bilden visar"), required=False, max_length=1500,
        help_text=_("Läses upp för den som inte ser bilden."),
    )  # fmt: skip
    agreed = forms.BooleanField(label=_("Jag har läst det och vill publicera ändå"), required=False)

    def __init__(self, *args: Any, check_url: str = "", is_private: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_private = is_private
        attributes = self.fields["text"].widget.attrs
        attributes |= {"data-key": "r", "data-key-label": str(_("Skriv ett svar")), "spellcheck": "true"}
        if check_url:
            attributes |= {
                "hx-post": check_url, "hx-trigger": "input changed delay:800ms", "hx-target": "#checks",
                "hx-swap": "outerHTML",
            }  # fmt: skip

    @property
    def is_note(self) -> bool:
        return bool(self.cleaned_data.get("kind") == "note")

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        if not text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("picture") and not cleaned.get("alt", "").strip() and cleaned.get("kind") != "note":
            self.add_error("alt", _("Beskriv bilden i ord, så att alla kan ta del av den."))
        return cleaned


class StepForm(ActingForm):
    """A step that asks for nothing."""


class PersonForm(ActingForm):
    """Whom to give it to."""

    person_uid = forms.ChoiceField(label=_("Vem tar hand om det"))

    def __init__(self, *args: Any, people: Iterable[Person], me: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = sorted(people, key=lambda person: person.pk != me)
        self.fields["person_uid"].choices = [  # type: ignore[attr-defined]
            (str(p.uid), _("Jag själv") if p.pk == me else p.name) for p in listed
        ]


class UnitForm(ActingForm):
    """To which unit it goes."""

    unit_uid = forms.ChoiceField(label=_("Enhet"))
    why = forms.CharField(
        label=_("Varför"), required=False, max_length=300,
        help_text=_("Syns för den som tar över. Svarstiden räknas vidare, eftersom frågan är ställd till er alla."),
    )  # fmt: skip

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_uid"].choices = [("", _("Välj enhet")), *((str(u.uid), u.name) for u in units)]  # type: ignore[attr-defined]


class OtherAuthorityForm(ActingForm):
    """Which other authority it belongs to."""

    authority = forms.CharField(label=_("Vilken myndighet"), max_length=200)
    why = forms.CharField(label=_("Varför"), required=False, max_length=300)


class SnoozeForm(ActingForm):
    """Until when it rests: one of the usual times, or a day of one's own."""

    SOON, TOMORROW, MONDAY, DAY = "soon", "tomorrow", "monday", "day"
    when = forms.ChoiceField(
        label=_("Vila till"), widget=forms.RadioSelect, initial=TOMORROW,
        choices=[
            (SOON, _("om tre timmar")), (TOMORROW, _("i morgon bitti")), (MONDAY, _("på måndag")),
            (DAY, _("en dag jag väljer")),
        ],
    )  # fmt: skip
    on = forms.DateField(
        label=_("Dag"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Fyll i om du valde en egen dag. Svarstiden räknas vidare medan det vilar."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        when, day = cleaned.get("when"), cleaned.get("on")
        if when == self.DAY and not day:
            if "on" not in self.errors:
                self.add_error("on", _("Välj en dag."))
        elif when:
            cleaned["until"] = moment_of(when, day)
        return cleaned


def moment_of(when: str, day: Any = None) -> datetime:
    """Return the moment that a choice of `SnoozeForm` means, in Swedish time."""
    if when == SnoozeForm.SOON:
        return now() + timedelta(hours=3)
    if when == SnoozeForm.MONDAY:
        day = today() + timedelta(days=7 - today().weekday())
    elif when == SnoozeForm.TOMORROW or day is None:
        day = today() + timedelta(days=1)
    return datetime.combine(day, MORNING, STOCKHOLM)


class AcknowledgeForm(ActingForm):
    """A few words that say that the question is seen."""

    text = forms.CharField(label=_("Det vi skriver"), max_length=MOST_ANSWER, widget=_area(3))


class ReferForm(ActingForm):
    """Where to show a resident, and with which words."""

    to = forms.ChoiceField(
        label=_("Vart"), choices=ReferTo.choices, widget=forms.RadioSelect, initial=ReferTo.E_SERVICE
    )
    target = forms.CharField(
        label=_("Adress, nummer eller namn"), max_length=300,
        help_text=_("Till exempel länken till e-tjänsten, telefonnumret eller myndighetens namn."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("Egen text"), required=False, max_length=MOST_ANSWER, widget=_area(3),
        help_text=_("Lämna tomt, så skriver vi en vänlig mening som också ber om att slippa personliga uppgifter."),
    )  # fmt: skip


class RegistrarForm(ActingForm):
    """The file note that goes to the registrar."""

    note = forms.CharField(
        label=_("Tjänsteanteckning"), max_length=MOST_NOTE, widget=_area(6),
        help_text=_("Ett förslag med det som är känt. Ändra det som inte stämmer."),
    )  # fmt: skip
    is_done = forms.BooleanField(
        label=_("Den som skrev behöver inget svar av oss här"), required=False,
        help_text=_("Då blir den klar i inkorgen. Annars står den kvar tills ni har svarat."),
    )  # fmt: skip


class EscalateForm(ActingForm):
    """What the nearest manager needs to know."""

    text = forms.CharField(
        label=_("Vad vill du fråga chefen?"), max_length=MOST_NOTE, widget=_area(4),
        help_text=_("Arbetsmaterial. Det blir ingen allmän handling av samtalet i sig."),
    )  # fmt: skip


class TalkForm(ActingForm):
    """A contribution to the discussion of something escalated."""

    text = forms.CharField(label=_("Skriv i samtalet"), max_length=MOST_NOTE, widget=_area(2))


class DecideForm(ActingForm):
    """What the manager decides."""

    decision = forms.ChoiceField(label=_("Beslut"), choices=Decision.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("Några ord om varför"), required=False, max_length=MOST_NOTE, widget=_area(2))


class AskForm(ActingForm):
    """A question to a colleague without an account."""

    to_address = forms.EmailField(
        label=_("Kollegans e-postadress"), help_text=_("Länken i brevet fungerar en gång och kräver inget konto.")
    )
    question = forms.CharField(
        label=_("Vad vill du veta?"), max_length=MOST_NOTE, widget=_area(4),
        help_text=_("Kommentaren visas bakom länken. Skriv inga personuppgifter i själva frågan."),
    )  # fmt: skip


class ReasonForm(ActingForm):
    """A reason, where the law or good order asks for one."""

    why = forms.CharField(label=_("Varför"), max_length=500, widget=_area(3))


class OwnLinkForm(ActingForm):
    """An answer that somebody published themselves, where Närvaro is not connected."""

    text = forms.CharField(label=_("Svaret som du publicerade"), max_length=MOST_ANSWER, widget=_area(4))
    url = forms.CharField(
        label=_("Länk till svaret"), required=False, max_length=900,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip


class SavedAnswerForm(ActingForm):
    """A text that answers what is often asked."""

    title = forms.CharField(
        label=_("Namn"), max_length=100, help_text=_("Det du letar efter, till exempel Öppettider.")
    )
    text = forms.CharField(label=_("Text"), max_length=2000, widget=_area(5))
    unit_uid = forms.TypedChoiceField(label=_("Gäller"), required=False, empty_value=None)

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_uid"].choices = [("", _("Hela myndigheten")), *((str(u.uid), u.name) for u in units)]  # type: ignore[attr-defined]


class BringInForm(ActingForm):
    """Something found elsewhere: where, who wrote it and what it says."""

    channel_uid = forms.ChoiceField(label=_("Kanal"), help_text=_("Den av era kanaler som det hör till."))
    author = forms.CharField(
        label=_("Vem skrev"), required=False, max_length=200, help_text=_("Namnet som det står där. Tomt går bra.")
    )
    text = forms.CharField(label=_("Vad stod det"), max_length=20_000, widget=_area(6))
    url = forms.CharField(
        label=_("Länk"), required=False, max_length=900,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    published_at = forms.DateTimeField(
        label=_("När skrevs det"), required=False, help_text=_("Tomt betyder nu."),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )  # fmt: skip
    is_private = forms.BooleanField(label=_("Det var skrivet bara till oss"), required=False)

    def __init__(self, *args: Any, channels: Iterable[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel_uid"].choices = [(str(c.uid), c.name) for c in channels]  # type: ignore[attr-defined]

    def clean_published_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["published_at"]
        if at and at > now() + timedelta(minutes=5):
            raise forms.ValidationError(_("Tiden har inte varit än."))
        return at


class ExpertForm(forms.Form):
    """What a colleague answers behind a one-time link."""

    name = forms.CharField(label=_("Ditt namn"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    text = forms.CharField(label=_("Ditt svar"), max_length=MOST_NOTE, widget=_area(8))

"""Forms of the inbox: what a person writes, and the few things each step asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM, now, today
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.core.forms.pictures import PicturesForm
from narvaro.inbox.types import Decision, ReferTo
from narvaro.policy.types import Ground, Measure

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person, Unit

MOST_ANSWER = 10_000
MOST_NOTE = 5_000
MORNING = time(8, 0)


def _area(rows: int, **attributes: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attributes})


class TogetherForm(ActingForm):
    """One text that answers many."""

    text = forms.CharField(
        label=_("Svar till alla markerade"), max_length=MOST_ANSWER, widget=_area(5),
        help_text=_("Undertecknas som vanligt. Var och en får ett eget svar i sin tråd."),
        error_messages={"required": _("Skriv något först.")},
    )  # fmt: skip
    agreed = forms.BooleanField(label=_("Jag har läst det och vill publicera ändå"), required=False)


class ComposerForm(PicturesForm):
    """An answer or an internal note: one text, and for an answer the pictures that are wanted."""

    shows_library = False  # a thread is opened far more often than a picture is sent: the library comes when asked for

    kind = forms.ChoiceField(choices=[("answer", _("Svara")), ("note", _("Intern anteckning"))], initial="answer")
    text = forms.CharField(
        label=_("Vad vill du skriva?"), max_length=MOST_ANSWER, widget=_area(4), strip=False,
        error_messages={"required": _("Skriv något först.")},
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
        cleaned: dict[str, Any] = self.cleaned_data if self.is_note else super().clean()
        return cleaned


class StepForm(ActingForm):
    """A step that asks for nothing."""


class FilterForm(forms.Form):
    """What to narrow a list to. Sent with GET, so that a narrowed list is an address to keep."""

    lista = forms.CharField(widget=forms.HiddenInput)
    kanal = forms.ChoiceField(label=_("Kanal"), required=False)
    enhet = forms.ChoiceField(label=_("Enhet"), required=False)
    slag = forms.ChoiceField(label=_("Vad det gäller"), required=False)

    def __init__(
        self, *, channels: Iterable[Channel], units: Iterable[Unit], kinds: Iterable[tuple[str, str]], initial: Any
    ) -> None:
        super().__init__(initial=initial)
        self._choices = {
            "kanal": [(str(c.uid), c.name) for c in channels],
            "enhet": [(str(u.uid), u.name) for u in units],
            "slag": list(kinds),
        }
        for name, choices in self._choices.items():
            if len(choices) < 2 and not initial[name]:
                del self.fields[name]  # nothing to choose between
            else:
                offer(self, name, [("", _("Alla")), *choices])

    def label_of(self, name: str, value: str) -> str:
        """Return what a choice is called; another authority's is called nothing here."""
        return dict(self._choices[name]).get(value, gettext("Finns inte här"))


class PersonForm(ActingForm):
    """Whom to give it to."""

    person_uid = forms.ChoiceField(label=_("Vem tar hand om det"))

    def __init__(self, *args: Any, people: Iterable[Person], me: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = sorted(people, key=lambda person: person.pk != me)
        offer(self, "person_uid", ((str(p.uid), _("Jag själv") if p.pk == me else p.name) for p in listed))


class UnitForm(ActingForm):
    """To which unit it goes."""

    unit_uid = forms.ChoiceField(label=_("Enhet"))
    why = forms.CharField(
        label=_("Varför"), required=False, max_length=300,
        help_text=_("Syns för den som tar över. Svarstiden räknas vidare, eftersom frågan är ställd till er alla."),
    )  # fmt: skip

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "unit_uid", [("", _("Välj enhet")), *((str(u.uid), u.name) for u in units)])


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


class AdviceForm(ActingForm):
    """A question to the communications department, with what one has begun to write."""

    question = forms.CharField(
        label=_("Vad vill du ha råd om?"), max_length=MOST_NOTE, widget=_area(3),
        help_text=_("Arbetsmaterial. Kommentaren följer med, så du behöver inte skriva av den."),
    )  # fmt: skip
    draft = forms.CharField(
        label=_("Det du har börjat skriva"), required=False, max_length=MOST_ANSWER, widget=_area(3)
    )


class AdviseForm(ActingForm):
    """The answer to somebody who asked for advice."""

    advice = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(label=_("Ditt råd"), max_length=MOST_NOTE, widget=_area(3))


class ModerateForm(ActingForm):
    """
    A decision about a comment or its author: what, on which ground, and why. The rest has an answer already.

    Args:
        grounds: What a moderator may give in the channel.
    """

    folded = ("why_stricter", "block_days", "notice", "waive_notice_why")
    kind = forms.ChoiceField(
        label=_("Vad ska göras?"), widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in Measure if one is not Measure.ANSWER],
    )  # fmt: skip
    ground = forms.ChoiceField(label=_("Grund"), help_text=_("Åsikter, kritik och politik är aldrig en grund."))
    reasons = forms.CharField(
        label=_("Skäl"), max_length=2000, widget=_area(3),
        help_text=_("Vad i texten det gäller. Läses av den som skrev, och är en del av beslutet."),
    )  # fmt: skip
    is_made = forms.BooleanField(
        label=_("Det är redan gjort i plattformens app"), required=False,
        help_text=_("Då antecknas det bara. Närvaro läser på plattformen att det är gjort."),
    )  # fmt: skip
    why_stricter = forms.CharField(
        label=_("Varför räcker inget mildare?"), required=False, max_length=1000, widget=_area(2),
        help_text=_("Behövs när något mildare brukar räcka, och vid blockering utan påminnelse."),
    )  # fmt: skip
    block_days = forms.IntegerField(
        label=_("Hur många dagar? (vid blockering)"), required=False, initial=30, min_value=1, max_value=183
    )
    notice = forms.CharField(
        label=_("Vad den som skrev får veta"), required=False, max_length=MOST_ANSWER, widget=_area(3),
        help_text=_("Tomt: standardtexten för grunden, med skälen och hur man klagar."),
    )  # fmt: skip
    waive_notice_why = forms.CharField(
        label=_("Eller varför ingen får veta något"), required=False, max_length=300,
        help_text=_("Till exempel ett automatiskt konto, eller att beskedet kan vara farligt för någon."),
    )  # fmt: skip
    is_done = forms.BooleanField(label=_("Inget svar behövs sedan"), required=False, initial=True)

    def __init__(self, *args: Any, grounds: Iterable[Ground] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grounds = list(grounds)  # what each means stands beside the form
        groups: dict[str, list[tuple[str, str]]] = {}
        for ground in self.grounds:
            groups.setdefault(str(ground.catalogue.label), []).append((ground.code, str(ground.title)))
        offer(self, "ground", [("", gettext("Välj grund")), *groups.items()])  # nobody gives the first by mistake

    @property
    def is_unfolded(self) -> bool:
        """Whether something is written, or wrong, among what seldom needs an answer."""
        return any(name in self.errors or (self.is_bound and self.data.get(name)) for name in self.folded)


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
        offer(self, "unit_uid", [("", _("Hela myndigheten")), *((str(u.uid), u.name) for u in units)])


class BringInForm(PicturesForm):
    """Something found elsewhere: where, who wrote it, what it says, and pictures of it."""

    must_be_described = False
    goes_out = False

    channel_uid = forms.ChoiceField(label=_("Kanal"), help_text=_("Den av era kanaler som det hör till."))
    author = forms.CharField(
        label=_("Vem skrev"), required=False, max_length=200, help_text=_("Namnet som det står där. Tomt går bra.")
    )
    text = forms.CharField(
        label=_("Vad stod det"), required=False, max_length=20_000, widget=_area(6),
        help_text=_("Det som står i ord går att söka efter. Räcker länken eller bilden går det att lämna tomt."),
    )  # fmt: skip
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
        offer(self, "channel_uid", [(str(c.uid), c.name) for c in channels])

    @property
    def said(self) -> list[Any]:
        """The fields besides the pictures, in order."""
        names = {name for pair in self._places for name in pair}
        return [field for field in self.visible_fields() if field.name not in names]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (cleaned.get("text", "").strip() or cleaned.get("url") or self.chosen or self.errors):
            self.add_error("text", _("Klistra in det som skrevs, en länk dit eller en bild av det."))
        return cleaned

    def clean_published_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["published_at"]
        if at and at > now() + timedelta(minutes=5):
            raise forms.ValidationError(_("Tiden har inte varit än."))
        return at


class ExpertForm(forms.Form):
    """What a colleague answers behind a one-time link."""

    name = forms.CharField(label=_("Ditt namn"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    text = forms.CharField(label=_("Ditt svar"), max_length=MOST_NOTE, widget=_area(8))

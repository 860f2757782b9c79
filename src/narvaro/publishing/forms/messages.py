"""Forms of messages: what is said, where, with which pictures and when; and what somebody else thinks of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.core.forms.pictures import PicturesForm
from narvaro.core.types import Actor
from narvaro.media.queries import films
from narvaro.publishing import queries
from narvaro.publishing.forms.extras import ExtrasFields, begun_with
from narvaro.publishing.forms.follow_up import FollowUpField
from narvaro.publishing.forms.website import offer_page
from narvaro.publishing.models import Message, MessageChannel, SavedText
from narvaro.publishing.previews import Shown
from narvaro.publishing.rules import MOST_TEXT
from narvaro.publishing.types import Extras, Purpose

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.media.models import Film, Picture

PATIENCE = (
    ("2", _("Högst två timmar för sent")),
    ("24", _("Högst ett dygn för sent")),
    ("", _("När det än går")),
)
TYPED = ("input changed delay:800ms", "input delay:800ms from:[data-own-words]", "change from:closest form")


class MessageForm(FollowUpField, ExtrasFields, PicturesForm):
    """A message: one text for all its channels, or words of its own in some, now or at a time."""

    channels = forms.MultipleChoiceField(
        label=_("Var ska det ut?"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Välj minst en kanal."), "invalid_choice": _("Välj bland kanalerna.")},
    )  # fmt: skip
    text = forms.CharField(
        label=_("Vad vill ni berätta?"), max_length=MOST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "true"}),
        error_messages={"required": _("Skriv ett inlägg.")},
    )  # fmt: skip
    kept = forms.MultipleChoiceField(
        label=_("Bilder som redan är valda"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    day = forms.DateField(
        label=_("Dag"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Lämna tomt för att publicera nu."),
    )  # fmt: skip
    clock = forms.TimeField(
        label=_("Klockslag"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )  # fmt: skip
    patience_hours = forms.ChoiceField(label=_("Om det inte kan gå ut i tid"), choices=PATIENCE, required=False)
    purpose = forms.ChoiceField(
        label=_("Vad är det?"), initial=Purpose.POST.value,
        choices=[choice for choice in Purpose.choices if choice[0] != Purpose.ANSWER],
        help_text=_("Rättelser och det som människor behöver veta i en kris går ut även när kanalen saknar något."),
    )  # fmt: skip
    film = forms.ChoiceField(
        label=_("Film ur bildbanken"), required=False,
        help_text=_("En film i stället för bilder. Den som saknar något i bildbanken går inte att välja."),
    )  # fmt: skip
    marks = forms.MultipleChoiceField(
        label=_("Etiketter och kampanjer"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    begun_from = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    agreed = forms.BooleanField(label=_("Jag har läst det och vill publicera ändå"), required=False)
    proposed = ""
    """What is said of the time that stands in the form, where it was proposed."""

    def __init__(
        self, *args: Any, actor: Actor, message: Message | None = None, chosen: str = "", day: str = "",
        picture: str = "", film: str = "", text: SavedText | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.actor, self.message = actor, message
        self.parts = queries.channels_of(actor, message) if message else []
        self.pictures = [row.picture for row in queries.message_pictures(actor, message)] if message else []
        begun = _begun(message, self.parts, self.pictures) if message else {
            "channels": [chosen] if chosen else [], "kept": [], "patience_hours": "24", "day": day,
            "library": [picture] if picture else [], "text": text.text if text else "",
            "begun_from": str(text.uid) if text else "",
        }  # fmt: skip
        marked = queries.marks_of(actor, message) if message else []
        begun |= {"marks": [str(each.uid) for each in marked], "library": begun.get("library", [])}
        version = message.version if message else None
        chosen_film = message.film if message else films.picked(actor, film) if film else None
        begun |= {"film": str(chosen_film.uid) if chosen_film else ""}
        super().__init__(*args, initial=begun, version=version, library_of=actor, **kwargs)
        self.films = {str(each.uid): each for each in films.offered(actor, chosen=chosen_film)}
        listed = [(uid, each.asset.title or each.alt[:60]) for uid, each in self.films.items()]
        offer(self, "film", [("", _("Ingen film")), *listed])
        self.theirs = {str(each.uid): each for each in queries.channels_to_post_in(actor)}
        if len(self.theirs) == 1 and not begun["channels"]:
            self.initial["channels"] = list(self.theirs)
        offer(self, "channels", [(uid, each.name) for uid, each in self.theirs.items()])
        offer_page(self, actor, message)
        offer(self, "kept", [(str(each.uid), each.alt) for each in self.pictures])
        self.labels = {str(each.uid): each for each in [*queries.labels(actor), *marked]}
        offer(self, "marks", [(uid, each.name) for uid, each in self.labels.items()])
        for uid, channel in self.theirs.items():
            self.fields[_own(uid)] = forms.CharField(
                label=gettext("Egen text i %(name)s") % {"name": channel.name}, required=False, strip=False,
                max_length=MOST_TEXT,
                widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "true", "data-own-words": ""}),
            )  # fmt: skip
        self.fields["text"].widget.attrs |= {
            "hx-post": reverse("publishing:check_post"),
            "hx-trigger": ", ".join(TYPED),
            "hx-target": "#checks", "hx-swap": "outerHTML",
        }  # fmt: skip

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields for words of their own, one for each channel."""
        return [self[_own(uid)] for uid in self.theirs]

    @property
    def has_own(self) -> bool:
        """Whether a channel has words of its own, or a complaint about them."""
        return any(field.value() or field.errors for field in self.own_fields)

    @property
    def has_more(self) -> bool:
        """Whether what most posts do without is in use."""
        purpose = self["purpose"].value()
        is_timed = bool(self["day"].value() or self["clock"].value())
        is_refused = bool(self.errors.keys() & {"day", "clock", "patience_hours", "purpose"})
        return is_timed or is_refused or purpose not in ("", None, Purpose.POST.value)

    def judge_nothing(self) -> None:
        """Show what is written without a word about what is missing; what is added as an error is shown."""
        self._errors, self.cleaned_data = ErrorDict(), {}

    def said(self) -> list[tuple[Channel, str]]:
        """Return the chosen channels with their own words, however much of the form is right yet."""
        chosen = self["channels"].value() or ()
        return [
            (channel, self.followed(str(self[_own(uid)].value() or "")))
            for uid, channel in self.theirs.items() if uid in chosen
        ]  # fmt: skip

    @property
    def chosen_film(self) -> Film | None:
        """The film that is chosen, however much of the form is right yet."""
        return self.films.get(str(self["film"].value() or ""))

    def extras(self, card: dict[str, Any] | None = None) -> Extras:
        """Return what goes with the text, however much of the form is right yet."""
        return replace(super().extras(card), film=self.chosen_film)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        has_pictures = bool(cleaned.get("kept") or self.picked or any(cleaned.get(p.picture.name) for p in self.places))
        if cleaned.get("film") and has_pictures:
            self.add_error("film", _("Välj bilder eller en film, inte båda."))
        return cleaned

    def heed(self, checks: queries.Checks) -> None:
        """Stop what may not go out, and ask once about what may be a mistake."""
        for sentence in checks.stops:
            self.add_error("text", sentence)
        if checks.asks and not self.cleaned_data.get("agreed"):
            self.add_error("agreed", _("Läs igenom en gång till, och kryssa i rutan om det ska ut ändå."))

    def wanted(self) -> dict[str, Any]:
        """Return what the action saves, without new pictures."""
        values = self.cleaned_data
        return {
            "text": self.followed(values["text"]), "purpose": values["purpose"],
            "day": values["day"], "clock": values["clock"],
            "patience_hours": int(values["patience_hours"]) if values["patience_hours"] and values["day"] else None,
            "channels": {self.theirs[uid]: self.followed(values[_own(uid)]) for uid in values["channels"]},
            "marks": [self.labels[uid] for uid in values["marks"]],
        }  # fmt: skip

    def half_written(self) -> dict[str, Any]:
        """Return what is saved while one types, however much of the form is right yet."""
        marks = self["marks"].value() or ()
        return {
            "text": self.followed(str(self["text"].value() or "")), "channels": dict(self.said()),
            "marks": [self.labels[uid] for uid in marks if uid in self.labels],
        }  # fmt: skip

    def saved_text(self) -> SavedText | None:
        """Return the text that this was begun from, while it is there."""
        uid = str(self["begun_from"].value() or "")
        return next((each for each in queries.saved_texts(self.actor) if str(each.uid) == uid), None) if uid else None

    def shown_pictures(self) -> list[Shown]:
        """Return the pictures that stay, and those that are described and not sent yet, for the preview."""
        kept = self["kept"].value() or ()
        found = [Shown(picture_url(each), each.alt) for each in self.pictures if str(each.uid) in kept]
        found += [Shown(each.thumb_url, each.alt) for each in self.offered if each.is_chosen]
        return found + [Shown("", str(words)) for place in self.places if (words := place.alt.value())]

    def kept_pictures(self) -> list[Picture]:
        """Return the pictures that stay, in their places."""
        return [each for each in self.pictures if str(each.uid) in self.cleaned_data["kept"]]

    @property
    def everything(self) -> str:
        """All that is said, for those who read it before it goes out."""
        text = self.followed(str(self["text"].value() or ""))
        return "\n\n".join(dict.fromkeys(words for _c, own in self.said() if (words := own or text)))


class ApproveForm(ActingForm):
    """Let out exactly what was read."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ReturnForm(ApproveForm):
    """Send back what was read, with the reasons."""

    why = forms.CharField(
        label=_("Vad behöver ändras?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Skriv skälen, så att de andra förstår och kan gå vidare.")},
    )  # fmt: skip


class NoteForm(ActingForm):
    """Say something about a message, or ask for advice about it."""

    text = forms.CharField(
        label=_("Kommentar eller fråga"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip


class ThrowForm(ActingForm):
    """Throw a draft away, or bring it back."""


class FourEyesForm(ActingForm):
    """Where somebody else reads a post before it goes out."""

    everywhere = forms.BooleanField(label=_("I alla kanaler"), required=False)
    channels = forms.MultipleChoiceField(
        label=_("Eller bara i dessa"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        everywhere, some = queries.four_eyes(actor)
        self.theirs = {str(each.uid): each for each in queries.channels_to_post_in(actor)}
        begun = {"everywhere": everywhere, "channels": [uid for uid, each in self.theirs.items() if each.pk in some]}
        super().__init__(*args, initial=begun, **kwargs)
        offer(self, "channels", [(uid, each.name) for uid, each in self.theirs.items()])


def picture_url(picture: Picture) -> str:
    """Return where a picture of a message is read from."""
    return reverse("publishing:picture", args=[picture.uid])


def _own(uid: str) -> str:
    return f"own_{uid}"


def _begun(message: Message, parts: list[MessageChannel], pictures: list[Picture]) -> dict[str, Any]:
    return {
        "text": message.text, "purpose": message.purpose, "day": message.planned_day, "clock": message.planned_clock,
        "patience_hours": str(message.patience_hours or ""), "channels": [str(part.channel.uid) for part in parts],
        "kept": [str(each.uid) for each in pictures], **begun_with(message),
        **{_own(str(part.channel.uid)): part.text for part in parts},
    }  # fmt: skip

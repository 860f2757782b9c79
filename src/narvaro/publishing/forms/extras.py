"""Fields of a message for what most posts do without: threads, warnings, language, circle, poll, link card, labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.connectors.port import Visibility
from narvaro.publishing import rules
from narvaro.publishing.types import Extras

if TYPE_CHECKING:
    from narvaro.publishing.models import Message

LANGUAGES = rules.LANGUAGE_NAMES
CIRCLES = (
    (Visibility.PUBLIC.value, _("Alla")),
    (Visibility.UNLISTED.value, _("Alla, men det visas inte i flöden för alla")),
    (Visibility.FOLLOWERS.value, _("Bara följare")),
)
HOURS = (("6", _("Sex timmar")), ("24", _("Ett dygn")), ("72", _("Tre dygn")), ("168", _("En vecka")))
FOLDED = ("warning", "language", "visibility", "poll_options", "poll_hours", "poll_multiple", "wants_card")


class ExtrasFields(forms.Form):
    """What goes with a text."""

    may_split = forms.BooleanField(
        label=_("Dela upp texten i en tråd där den är för lång"), required=False,
        help_text=_("Du kan också dela själv: skriv --- på en egen rad."),
    )  # fmt: skip
    is_numbered = forms.BooleanField(label=_("Numrera delarna"), required=False)
    warning = forms.CharField(
        label=_("Innehållsvarning"), required=False, max_length=rules.MOST_WARNING,
        help_text=_("Mastodon fäller ihop texten under varningen. På andra platser står den först i texten."),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Språk"), choices=LANGUAGES, required=False, initial="sv",
        help_text=_("Hjälper den som läser upp eller översätter."),
    )  # fmt: skip
    visibility = forms.ChoiceField(
        label=_("Vem ser det?"), choices=CIRCLES, required=False, initial=Visibility.PUBLIC.value,
        help_text=_("Finns på Mastodon. Myndighetens inlägg ska som regel synas för alla."),
    )  # fmt: skip
    poll_options = forms.CharField(
        label=_("Svar i en omröstning, ett på varje rad"), required=False, max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Två till fyra svar. Finns på Mastodon, och för hand där platsen har omröstningar."),
    )  # fmt: skip
    poll_hours = forms.ChoiceField(label=_("Hur länge kan man rösta?"), choices=HOURS, required=False, initial="24")
    poll_multiple = forms.BooleanField(label=_("Man får välja flera svar"), required=False)
    wants_card = forms.BooleanField(
        label=_("Visa ett kort av sidan på er webbplats som texten länkar till"), required=False,
        help_text=_("På Bluesky. Sidan hämtas när du sparar; går det inte blir det inget kort."),
    )  # fmt: skip

    @property
    def has_folded(self) -> bool:
        """Whether something of this is in use, or refused."""
        usual = {"language": "sv", "visibility": Visibility.PUBLIC.value, "poll_hours": "24"}
        in_use = any(str(self[name].value() or usual.get(name, "")) != usual.get(name, "") for name in FOLDED)
        return in_use or bool(self.errors.keys() & set(FOLDED))

    def extras(self, card: dict[str, Any] | None = None) -> Extras:
        """Return what goes with the text, however much of the form is right yet."""
        said = {name: self[name].value() for name in (*FOLDED, "may_split", "is_numbered")}
        options = [line.strip() for line in str(said["poll_options"] or "").splitlines() if line.strip()]
        hours = str(said["poll_hours"] or "24")
        is_multiple = is_ticked(said["poll_multiple"])
        poll = {"options": options, "hours": int(hours), "is_multiple": is_multiple} if hours.isdigit() else None
        return Extras(
            may_split=is_ticked(said["may_split"]), is_numbered=is_ticked(said["is_numbered"]),
            warning=" ".join(str(said["warning"] or "").split()), language=str(said["language"] or "sv"),
            visibility=str(said["visibility"] or Visibility.PUBLIC.value), poll=poll if options else None,
            card=card if is_ticked(said["wants_card"]) else None,
        )  # fmt: skip


def is_ticked(value: Any) -> bool:
    """Whether a box that came with a form is ticked."""
    return value in (True, "on", "true", "True", "1")


def begun_with(message: Message) -> dict[str, Any]:
    """Return what the fields show of a message."""
    poll = message.poll or {}
    return {
        "may_split": message.may_split, "is_numbered": message.is_numbered, "warning": message.warning,
        "language": message.language, "visibility": message.visibility, "wants_card": message.card is not None,
        "poll_options": "\n".join(poll.get("options", ())), "poll_hours": str(poll.get("hours", 24)),
        "poll_multiple": poll.get("is_multiple", False),
    }  # fmt: skip

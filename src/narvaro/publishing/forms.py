"""Forms that decide about publications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.core.types import Actor
from narvaro.publishing import actions, queries
from narvaro.publishing.types import Purpose

if TYPE_CHECKING:
    from narvaro.publishing.models import Publication

MOST_TEXT = 20_000


class PostForm(ActingForm):
    """A new post of our own: where, what, and what it is for."""

    channel = forms.ChoiceField(label=_("Kanal"))
    text = forms.CharField(
        label=_("Vad vill ni berätta?"), max_length=MOST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "true"}),
        error_messages={"required": _("Skriv ett inlägg.")},
    )  # fmt: skip
    purpose = forms.ChoiceField(
        label=_("Vad är det?"), initial=Purpose.POST.value,
        choices=[choice for choice in Purpose.choices if choice[0] != Purpose.ANSWER],
        help_text=_("Rättelser och det som människor behöver veta i en kris går ut även när kanalen saknar något."),
    )  # fmt: skip
    agreed = forms.BooleanField(label=_("Jag har läst det och vill publicera ändå"), required=False)

    def __init__(self, *args: Any, actor: Actor, chosen: str = "", **kwargs: Any) -> None:
        super().__init__(*args, initial={"channel": chosen}, **kwargs)
        self.actor = actor
        self.channels = {str(each.uid): each for each in queries.channels_to_post_in(actor)}
        self.fields["text"].widget.attrs |= {
            "hx-post": reverse("publishing:check_post"), "hx-trigger": "input changed delay:800ms",
            "hx-target": "#checks", "hx-swap": "outerHTML",
        }  # fmt: skip
        offer(self, "channel", [(uid, each.name) for uid, each in self.channels.items()])

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        if not text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text

    def heed(self, checks: queries.Checks) -> None:
        """Stop what may not go out, and ask once about what may be a mistake."""
        for sentence in checks.stops:
            self.add_error("text", sentence)
        if checks.asks and not self.cleaned_data.get("agreed"):
            self.add_error("agreed", _("Läs igenom en gång till, och kryssa i rutan om det ska ut ändå."))

    def act(self) -> Publication:
        """Post it. Raises what the action raises."""
        wanted = self.cleaned_data
        return actions.publish_post(
            actor=self.actor, channel=self.channels[wanted["channel"]], text=wanted["text"],
            purpose=Purpose(wanted["purpose"]),
        )  # fmt: skip


class TryAgainForm(ActingForm):
    """Sending anew is a person's decision, after having looked."""

    has_looked = forms.BooleanField(
        label=_("Jag har sett efter att svaret inte redan finns på plattformen."),
        error_messages={"required": _("Se efter på plattformen först, så att svaret inte skickas två gånger.")},
    )


class LetBeForm(ActingForm):
    """Leave an unclear publication as it is."""


class UndoForm(ActingForm):
    """Take back an answer before it is sent."""

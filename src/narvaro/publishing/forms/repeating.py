"""The form of when a text comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import today
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.core.types import Actor
from narvaro.media import queries as media
from narvaro.publishing import queries
from narvaro.publishing.queries.repeats import channels_of_repeat
from narvaro.publishing.rules.repeats import MOST_WEEKS, days_as_written, days_in

if TYPE_CHECKING:
    from narvaro.publishing.models import Repeat

WEEKS, DAYS = "weeks", "days"
HOW = ((WEEKS, _("Med så många veckor emellan")), (DAYS, _("På vissa dagar varje år")))


def _day_field(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class RepeatForm(ActingForm):
    """When a text comes again, where it is meant for, and what it rests on."""

    how = forms.ChoiceField(label=_("Hur ofta?"), choices=HOW, widget=forms.RadioSelect)
    every_weeks = forms.IntegerField(
        label=_("Veckor emellan"), required=False, min_value=1, max_value=MOST_WEEKS,
        help_text=_("Räknat från den första dagen."),
    )  # fmt: skip
    days = forms.CharField(
        label=_("Dagar på året"), required=False, max_length=300,
        help_text=_("Till exempel 15/10, 1/12: före varje vinter, och när den börjar."),
    )  # fmt: skip
    from_on = _day_field(_("Första dagen"))
    until_on = _day_field(_("Sista dagen"), required=False, help_text=_("Lämna tomt om texten gäller tills vidare."))
    channels = forms.MultipleChoiceField(
        label=_("Var är den tänkt att gå ut?"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    picture = forms.ChoiceField(
        label=_("Bild ur bildbanken"), required=False,
        help_text=_("Tar samtycket eller licensen slut läggs texten inte fram mer, och du får veta det."),
    )  # fmt: skip
    page = forms.CharField(
        label=_("Sida på er webbplats"), required=False, max_length=1000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=_("Finns sidan inte längre läggs texten inte fram mer, och du får veta det."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, repeat: Repeat | None, **kwargs: Any) -> None:
        begun: dict[str, Any] = {"how": WEEKS, "from_on": today(), "channels": []}
        if repeat is not None:
            begun = {
                "how": DAYS if repeat.days else WEEKS, "every_weeks": repeat.every_weeks,
                "days": days_as_written(repeat.days), "from_on": repeat.from_on, "until_on": repeat.until_on,
                "channels": [str(each.uid) for each in channels_of_repeat(actor, repeat)], "page": repeat.page,
                "picture": str(repeat.picture.uid) if repeat.picture else "",
            }  # fmt: skip
        super().__init__(*args, initial=begun, version=repeat.version if repeat else None, **kwargs)
        self.theirs = {str(each.uid): each for each in queries.channels_to_post_in(actor)}
        offer(self, "channels", [(uid, each.name) for uid, each in self.theirs.items()])
        chosen = [begun["picture"]] if begun.get("picture") else []
        self.pictures = {str(each.uid): each for each in media.offered(actor, chosen=chosen, limit=24)}
        offer(self, "picture", [("", _("Ingen")), *((uid, each.alt[:100]) for uid, each in self.pictures.items())])

    @property
    def wanted(self) -> dict[str, Any]:
        """What `set_repeat` takes."""
        said = self.cleaned_data
        by_weeks = said["how"] == WEEKS
        return {
            "every_weeks": said["every_weeks"] if by_weeks else None, "days": () if by_weeks else said["days"],
            "from_on": said["from_on"], "until_on": said["until_on"], "page": said["page"].strip(),
            "channels": [self.theirs[uid] for uid in said["channels"]], "picture": self.pictures.get(said["picture"]),
            "seen_version": said["seen_version"],
        }  # fmt: skip

    def clean_days(self) -> list[list[int]]:
        found = days_in(self.cleaned_data["days"])
        if found is None:
            raise forms.ValidationError(_("Skriv dag och månad, till exempel 15/10."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("how") == WEEKS and not cleaned.get("every_weeks") and "every_weeks" not in self.errors:
            self.add_error("every_weeks", _("Skriv hur många veckor det är emellan."))
        if cleaned.get("how") == DAYS and not cleaned.get("days") and "days" not in self.errors:
            self.add_error("days", _("Skriv minst en dag, till exempel 15/10."))
        return cleaned


class EndForm(ActingForm):
    """Let a text come no more."""

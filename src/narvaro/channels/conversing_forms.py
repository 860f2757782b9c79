"""The form for what residents write to a channel in private."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.channels.models import Channel
from narvaro.connectors import private
from narvaro.core.forms import ActingForm

READ, NOT_READ = "las", "las-inte"


class PrivateMessagesForm(ActingForm):
    """Whether private messages to a channel are read in."""

    choice = forms.ChoiceField(
        label=_("Privata meddelanden till kanalen"), widget=forms.RadioSelect,
        choices=[
            (READ, _("Läs in dem, så att de bevaras och besvaras här")),
            (NOT_READ, _("Läs inte in dem. Någon ser efter i plattformens app")),
        ],
    )  # fmt: skip

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        chosen = READ if channel.options.get(private.OPTION) == private.READ else NOT_READ
        super().__init__(*args, version=channel.version, initial={"choice": chosen}, **kwargs)

    @property
    def is_read(self) -> bool:
        """Whether they are to be read in."""
        return bool(self.cleaned_data["choice"] == READ)

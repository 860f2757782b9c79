"""What residents write to a channel in private: whether it is read in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from narvaro.channels import queries, rules
from narvaro.channels.actions import conversing
from narvaro.channels.conversing_forms import PrivateMessagesForm
from narvaro.channels.types import ChannelState
from narvaro.channels.views import showing
from narvaro.connectors import private
from narvaro.connectors.port import Capability
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotFound, NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import Channel, ChannelReading


@dataclass(frozen=True, slots=True)
class Standing:
    """How it is with a channel's private messages, as a sentence, and where it is changed ("" for who may not)."""

    text: str
    link: str = ""


@access("member")
@require_http_methods(["GET", "POST"])
def private_messages(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Whether private messages to the channel are read in, and what it takes."""
    found = queries.channel_for(request.actor, uid)
    if found.platform not in private.CHOSEN_ON or found.state == ChannelState.CLOSED:
        raise NotFound
    if not rules.may_register(request.actor, found.unit_id):
        raise NotPermitted
    form = PrivateMessagesForm(*posted(request), channel=found)
    if done(request, form, lambda: conversing.choose_private_messages(
        actor=request.actor, channel=found, is_read=form.is_read, seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        if form.is_read:
            messages.success(request, _("Valt. Anslut nu kanalen på nytt och godkänn meddelanden också."))
            return redirect("channels:connect", uid)
        messages.success(request, _("Valt. Privata meddelanden läses inte in, och det står bland kanalens luckor."))
        return redirect("channels:channel", uid)
    name = rules.platform_name(found.platform)
    page = {"channel": found, "platform": name, "has_windows": found.platform in ("facebook", "instagram")}
    return showing.formed(request, "channels/private_messages.html", form, **page)


def standing_of(found: Channel, reading: ChannelReading, *, may_change: bool) -> Standing | None:
    """Return how it is with a channel's private messages; None where nobody chooses."""
    if found.platform not in private.CHOSEN_ON or found.state == ChannelState.CLOSED:
        return None
    link = reverse("channels:private_messages", args=[found.uid]) if may_change else ""
    if found.options.get(private.OPTION) != private.READ:
        return Standing(_("Läses inte in. Någon behöver se efter i plattformens app och lägga in dem här."), link)
    works = {row["capability"]: row["works"] for row in reading.capabilities}.get(Capability.READ_PRIVATE)
    if works:
        return Standing(_("Läses in och besvaras här."), link)
    return Standing(_("Ska läsas in, men nyckeln räcker inte. Anslut kanalen på nytt och godkänn meddelanden."), link)

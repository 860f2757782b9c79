"""Whether what residents write to a channel in private is read in: chosen by a person, never from the beginning."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.channels import rules
from narvaro.channels.models import Channel
from narvaro.channels.types import ChannelState
from narvaro.connectors import private
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale


@transaction.atomic
def choose_private_messages(
    *, actor: Actor, channel: Channel, is_read: bool, seen_version: int | None = None
) -> Channel:  # fmt: skip
    """
    Choose whether private messages to a channel are read in, and answered from here.

    The rights for them are asked for when the channel is connected the next time (P25). What was read before stays.

    Raises:
        NotPermitted: The actor does not register channels of the unit.
        Invalid: The platform has no messages that can be read, or the channel is closed.
        Stale: Somebody else changed the channel meanwhile.

    Law: TF-2, OSL-1
    """
    if not rules.may_register(actor, channel.unit_id):
        raise NotPermitted
    if channel.platform not in private.CHOSEN_ON or channel.state == ChannelState.CLOSED:
        raise Invalid(_("Privata meddelanden kan inte läsas in från kanalen."))
    held: Channel = Channel.objects.of(actor).select_for_update().get(pk=channel.pk)
    if seen_version not in (None, held.version):
        raise Stale
    options = private.chosen(held.options, is_read=is_read)
    Channel.objects.of(actor).filter(pk=held.pk).update(options=options, version=F("version") + 1)
    held.refresh_from_db()
    audit.note(actor, "channels.choose_private_messages", held, is_read=is_read)
    return held

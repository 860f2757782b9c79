"""How much there is room for in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narvaro.channels import queries as channels
from narvaro.connectors import private
from narvaro.inbox.forms import MOST_ANSWER
from narvaro.publishing import rules as publishing

if TYPE_CHECKING:
    from narvaro.connectors.port import Limits
    from narvaro.inbox.models import Incoming


def limits_of(incoming: Incoming) -> Limits:
    """Return what an answer may be: in a private conversation, where that is something else than in public."""
    usual = channels.limits_of(incoming.channel)
    return private.limits(incoming.channel.platform, usual) if incoming.is_private else usual


def limit_of(incoming: Incoming, *, signature: str, handle: str) -> int | None:
    """Return how many signs a person may write in an answer, when signature and the mention are counted in."""
    taken = publishing.mention_length(incoming.channel.platform, handle) + (len(signature) + 1 if signature else 0)
    room = publishing.room_for(limits_of(incoming), taken=taken)
    return None if room is None else min(room, MOST_ANSWER)

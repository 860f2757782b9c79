"""Every address in a message made a short link of our own, with one press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from narvaro.core.types import Actor
from narvaro.links import actions as links

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.links.models import ShortLink

MOST_TITLE = 80


@transaction.atomic
def shorten_links(
    *, actor: Actor, text: str, channels: Mapping[Channel, str], **values: Any
) -> tuple[dict[str, Any], list[ShortLink]]:
    """
    Make short links of the addresses in what is to be saved, and return it with those instead.

    The same address gets a link of its own in each channel that has words of its own: then it shows which of them
    people came from.

    Args:
        values: The rest of what `save_message` takes; returned as it is.

    Returns:
        What `save_message` takes, and the links that were made.

    Raises:
        NotPermitted, Invalid: As links.actions.shorten.

    Law: GDPR-1
    """
    title = text.strip()[:MOST_TITLE].split("\n")[0]
    text, made = links.shorten(actor=actor, text=text, title=title)
    own = {}
    for channel, words in channels.items():
        own[channel], more = links.shorten(actor=actor, text=words, title=f"{title[:40]} – {channel.name}"[:120])
        made += more
    return {"text": text, "channels": own, **values}, made

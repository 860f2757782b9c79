"""The one call that people see: what is known of it at once, and how it is found afterwards by reading (P1, P3)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from narvaro.base import clock
from narvaro.connectors.client import Reply, Unanswered
from narvaro.connectors.port import Item, NotThere, PlatformError, Published, Refused, Unknown

SIMILAR_SHOWN = 5


def attempted(call: Callable[[], Reply]) -> Reply | Refused | Unknown:
    """
    Make the one call that people see, once, whatever happens. See `Connector.publish`.

    Returns:
        The platform's answer, which may be a refusal in its own words; else what is known without one: that it
        certainly had no effect, or that it may have had (P1, P6).
    """
    try:
        reply = call()
    except Unanswered as error:
        return Unknown(f"Det är oklart om inlägget publicerades. {error}")
    except PlatformError as error:
        return Refused(f"Inget är publicerat. {error}", error)
    if reply.status >= 500 or reply.status == 408:
        return Unknown(f"Det är oklart om inlägget publicerades. {reply.host} svarade med kod {reply.status}.")
    return reply


def found(
    items: Iterable[Item], text: str, attempted_at: datetime, *, clocks_differ: timedelta, settled_after: timedelta
) -> Published | NotThere:
    """
    Look for what was sent among what the platform has now. See `Connector.settle`.

    Args:
        clocks_differ: So much earlier than ours the platform's clock may say that it was.
        settled_after: What has not come by then does not come any more.
    """
    ours = [each for each in items if each.is_own and each.published_at >= attempted_at - clocks_differ]
    for each in ours:
        if essence(each.text) == essence(text):
            return Published(each)
    return NotThere(certain=clock.now() - attempted_at >= settled_after, similar=tuple(ours[:SIMILAR_SHOWN]))


def essence(text: str) -> str:
    """Return a text without what platforms rewrite: space, case, and how signs are put together."""
    return "".join(unicodedata.normalize("NFC", text).split()).casefold()

"""What a link to something written says by itself: nothing is fetched, and no platform is asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from narvaro.base import clock
from narvaro.connectors.bluesky import keys

_EARLIEST = datetime(2007, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # so far a server's clock may be before ours
_SECONDS = re.compile(r"\d{10}\.\d{1,9}", re.ASCII)
_SNOWFLAKE = re.compile(r"\d{16,19}", re.ASCII)
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)
_CROCKFORD = {sign: value for value, sign in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}


def written_at(link: str) -> datetime | None:
    """
    Return when that which a link leads to was written, as far as its id tells; None where it does not.

    Ids of Bluesky, Mastodon and its forks, GoToSocial and snac hold the time. It is the word of whoever made the id,
    and good for knowing where to look, for nothing else.

    Returns:
        Aware, in UTC; never before 2007 or more than a day ahead.
    """
    try:
        steps = [step for step in urlsplit(link).path.split("/") if step]
    except ValueError:
        return None
    key = steps[-1] if steps else ""
    seconds = _seconds_of(key)
    if seconds is None or not _EARLIEST.timestamp() <= seconds <= (clock.now() + _AHEAD).timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _seconds_of(key: str) -> float | None:
    if keys.is_key(key):
        return keys.made_at(key) / 1_000_000
    if _SECONDS.fullmatch(key):
        return float(key)
    if _SNOWFLAKE.fullmatch(key):
        return (int(key) >> 16) / 1000
    if _ULID.fullmatch(key.upper()):
        milliseconds = 0
        for sign in key.upper()[:10]:
            milliseconds = milliseconds * 32 + _CROCKFORD[sign]
        return milliseconds / 1000
    return None

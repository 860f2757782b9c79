"""What a link to something written says by itself: nothing is fetched, and no platform is asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from narvaro.base import clock
from narvaro.connectors.bluesky import keys

NEAR = timedelta(days=1)  # so far from the time in its id something may have come and is still looked for there
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


def key_of(link: str) -> int | None:
    """
    Return what a link is looked up by: a number made of the end of its path, and of its query when there is one.

    Links that differ in what stands before that have the same key, and are told apart by comparing them.

    Returns:
        A signed number of 64 bits; None where nothing can be looked up by it.
    """
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return None
    steps = [step for step in parts.path.split("/") if step]
    end = unquote(steps[-1]) if steps else ""
    if parts.query:
        end = f"{end}?{parts.query}"
    digest = sha256(end.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True) if end else None


def key_unless_timed(link: str, published_at: datetime) -> int | None:
    """
    Return the key of a link whose id does not tell about when it was published; None for one that does.

    The two ways of finding leave nothing between them: what `written_at` places within `NEAR` needs no key.
    """
    seconds = _seconds_of(link.rstrip("/").rsplit("/", 1)[-1])
    if (
        seconds is not None
        and abs(seconds - published_at.timestamp()) < NEAR.total_seconds()
        and _EARLIEST.timestamp() <= seconds <= clock.now().timestamp()
    ):
        return None
    return key_of(link)


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

"""What platforms are known to allow, where they do not tell themselves: on plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """So many posts in so many seconds."""

    most: int
    seconds: int


_KNOWN = {
    # Mastodon's own limiter of statuses; other servers with its API tell theirs, or have none.
    "mastodon": (Limit(300, 3 * 3600),),
    # 5000 points an hour and 35 000 a day, of which a post costs three (docs.bsky.app, rate limits).
    "bluesky": (Limit(1666, 3600), Limit(11_666, 24 * 3600)),
}


def known(platform: str) -> tuple[Limit, ...]:
    """Return what a platform is known to allow; () where nothing is known."""
    return _KNOWN.get(platform, ())


def again_at(limit: Limit, used: int, moment: datetime) -> datetime | None:
    """Return when to look again in a channel that has used so much of a limit; None while there is room."""
    return None if used < limit.most else moment + timedelta(seconds=max(limit.seconds // 10, 60))

"""What is so of a platform: whether we read it, what it is called, what a post may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from narvaro.base import platforms
from narvaro.channels.types import OWN, Platform
from narvaro.connectors import oauth
from narvaro.connectors.port import Limits
from narvaro.connectors.registry import platforms as supported

_USUAL_LIMITS = {
    Platform.BLUESKY.value: Limits(
        300,
        counted="graphemes",
        max_picture_bytes=1_000_000,
        max_alt_length=2000,
        max_film_bytes=100_000_000,
        max_film_seconds=180,
        takes_captions=True,
    ),
    Platform.MASTODON.value: Limits(500, max_film_bytes=40_000_000),
    Platform.FACEBOOK.value: Limits(
        63_206,
        max_pictures=10,
        max_picture_bytes=10_000_000,
        max_alt_length=1000,
        max_film_bytes=10_000_000_000,
        max_film_seconds=14_400,
        takes_captions=True,
    ),
    Platform.INSTAGRAM.value: Limits(
        2200, max_pictures=10, max_alt_length=1000, max_film_bytes=300_000_000, max_film_seconds=900
    ),
    Platform.THREADS.value: Limits(
        500, max_pictures=20, max_alt_length=1000, max_film_bytes=1_000_000_000, max_film_seconds=300
    ),
    Platform.X.value: Limits(
        280,
        "weighted",
        23,
        max_picture_bytes=5_000_000,
        max_alt_length=1000,
        max_film_bytes=512_000_000,
        max_film_seconds=140,
        takes_captions=True,
    ),
    Platform.YOUTUBE.value: Limits(
        10_000,
        max_pictures=0,
        max_film_bytes=256_000_000_000,
        max_film_seconds=43_200,
        takes_captions=True,
        takes_posts=False,
    ),
    Platform.LINKEDIN.value: Limits(
        3000,
        max_pictures=20,
        max_alt_length=4086,
        max_film_bytes=500_000_000,
        max_film_seconds=1800,
        takes_captions=True,
    ),
    Platform.FLICKR.value: Limits(
        60_000,
        max_pictures=1,
        max_picture_bytes=200_000_000,
        max_alt_length=2000,
        max_film_bytes=1_000_000_000,
        max_film_seconds=600,
    ),
    **dict.fromkeys(OWN, Limits(20_000, max_pictures=10)),
}


def is_by_hand(platform: str, remote_id: str = "") -> bool:
    """
    Whether nothing is read from or sent to an account by Närvaro: people see to it and register what is there.

    So it is too where the authority needs an app of its own, which the platform may take months to approve, until the
    account has been connected once and `remote_id` is known.
    """
    return not may_be_connected(platform) or (platform in oauth.ways() and not remote_id)


def may_be_connected(platform: str) -> bool:
    """Whether Närvaro can read and write on a platform, once it is let in."""
    return platform in supported()


def platform_name(platform: str) -> str:
    """Return what a platform is called, in the language of the page."""
    return str(Platform.MANUAL.label) if platform == platforms.OTHER else platforms.platform(platform).name


def icon_of(platform: str) -> str:
    """Return the name of a platform's picture in the design kit."""
    return platform if platform in Platform.values else Platform.MANUAL.value


def limits_from(platform: str, stored: Mapping[str, Any]) -> Limits:
    """
    Return what one post on a channel may be: as the platform told it last, and its usual where it was not asked.

    Without a platform (a channel kept by hand) a text may have any length.
    """
    known = {field.name for field in fields(Limits)}
    usual = _USUAL_LIMITS.get(platform, Limits(None))
    return replace(usual, **{name: value for name, value in stored.items() if name in known})

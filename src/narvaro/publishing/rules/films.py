"""Decisions about films on plain values: whether one fits where it goes out, and what people there will not get."""

from __future__ import annotations

from django.utils.translation import gettext as _

from narvaro.channels.types import Platform
from narvaro.connectors.port import Limits
from narvaro.media.rules import LANGUAGE_NAMES

__all__ = ["LANGUAGE_NAMES", "caption_caution", "film_fault"]

TAKES_WEBM = (Platform.MASTODON, Platform.YOUTUBE)
MP4 = "video/mp4"


def film_fault(
    platform: str, limits: Limits, *, size_bytes: int, seconds: float, media_type: str, alt: str
) -> str:  # fmt: skip
    """Return why a platform takes no such film, as a sentence; "" when it does."""
    if not limits.max_film_bytes:
        return _("Där kan Närvaro inte lägga ut film. Länka till filmen på er webbplats i stället.")
    if size_bytes > limits.max_film_bytes:
        return _("Filmen är för stor. Kanalen tar högst %(most)d MB.") % {"most": limits.max_film_bytes // 1_000_000}
    if limits.max_film_seconds is not None and seconds > limits.max_film_seconds:
        return _("Filmen är för lång. Kanalen tar högst %(most)d sekunder.") % {"most": limits.max_film_seconds}
    if media_type != MP4 and platform not in TAKES_WEBM:
        return _("Kanalen tar bara film i MP4. Exportera filmen som MP4 med H.264 och AAC.")
    if len(alt) > limits.max_alt_length:
        return _("Beskrivningen av filmen är för lång. Kanalen tar högst %(most)d tecken.") % {
            "most": limits.max_alt_length
        }
    return ""


def caption_caution(limits: Limits, *, has_captions: bool) -> str:
    """
    Return that what is said will not be read on a platform, as a sentence; "" when it will, or nothing is said.

    Law: DOS-2
    """
    if limits.takes_captions or not has_captions:
        return ""
    return _(
        "Undertexterna följer inte med dit. Publicera en film där texten står i bilden, eller länka till filmen på er "
        "webbplats."
    )

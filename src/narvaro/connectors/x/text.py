"""Text as X weighs it: 280 for a post; links 23 however long, most letters one, everything else and emoji two."""

from __future__ import annotations

import html
import re
import unicodedata

from narvaro.connectors.bluesky.text import is_picture, signs
from narvaro.connectors.client import Json, part, parts, word

MOST = 280
LINK = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_ENDINGS = "se|nu|com|org|net|eu|info|gov|edu|io|app|dev|fi|no|dk|de|uk|social|museum|name|biz"
_LINKS = re.compile(
    rf"(?<![\w@.#/-])(?:https?://[^\s<>\"]+|(?:[a-z0-9-]+\.)+(?:{_ENDINGS})(?![\w.-]*\w)(?:/[^\s<>\"]*)?)",
    re.IGNORECASE,
)
_AFTER_LINK = ".,;:!?…”’'\")"


def weighted(text: str) -> int:
    """
    Return how much of the 280 a text takes.

    A link counts as 23, also one without https:// where its ending is a usual one. An emoji counts as two however
    it is composed. Of what is left each sign counts as one in Latin, Greek, Cyrillic and their kin, as two elsewhere.
    """
    text = unicodedata.normalize("NFC", text)
    total = at = 0
    for match in _LINKS.finditer(text):
        end = match.start() + len(match[0].rstrip(_AFTER_LINK))
        total += _weight(text[at : match.start()]) + LINK
        at = end
    return total + _weight(text[at:])


def _weight(text: str) -> int:
    return sum(_of_sign(sign) for sign in signs(text))


def _of_sign(sign: str) -> int:
    if is_picture(sign) or "\u20e3" in sign:
        return 2
    return sum(1 if any(low <= ord(each) <= high for low, high in _LIGHT) else 2 for each in sign)


def text_of(post: Json) -> str:
    """Return what was written: long posts whole, links as they were typed, without the link that stands for media."""
    note = part(post, "note_tweet")
    source = note if word(note, "text") else post
    text = word(source, "text")
    for link in parts(part(source, "entities"), "urls"):
        short, whole = word(link, "url"), word(link, "expanded_url")
        if short:
            text = text.replace(short, "" if word(link, "media_key") else whole or short)
    return html.unescape(text).strip()

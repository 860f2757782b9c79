"""Text as Bluesky counts and marks it: graphemes, and facets with byte offsets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]

_ZWJ = "\u200d"
_LINK = re.compile(r"(?<![\w@])https?://[^\s<>\"]+", re.IGNORECASE)
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_MENTION = re.compile(rf"(?<![\w@./-])@((?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)", re.IGNORECASE)
_TAG = re.compile(r"(?<![\w#/&])[#＃](?!\ufe0f)([^\s#＃]*[^\d\s#＃\W][^\s#＃]*)")
_TAG_MAX_GRAPHEMES = 64
_AFTER_LINK = ".,;:!?…”’'\""


def graphemes(text: str) -> int:
    """
    Return how many characters a reader sees, as UAX 29 counts extended grapheme clusters.

    The standard library knows no cluster properties, so they are derived from what it does know: categories
    and the blocks of emoji and Hangul. Agrees with the network's own count on `tests/graphemes.json`.
    Prepended marks and conjuncts of Indic scripts count one too many, never too few by much: the server
    counts again and refuses what is too long.
    """
    return sum(1 for _ in _starts(text))


def first_signs(text: str, count: int) -> str:
    """Return the beginning of a text, as many characters as a reader sees; none of them is cut in two."""
    for number, at in enumerate(_starts(text)):
        if number == count:
            return text[:at]
    return text


def signs(text: str) -> list[str]:
    """Return a text in the characters that a reader sees, each whole."""
    starts = list(_starts(text))
    return [text[at:end] for at, end in zip(starts, [*starts[1:], len(text)], strict=False)]


def is_picture(sign: str) -> bool:
    """Whether a character that a reader sees is an emoji or a flag."""
    return bool(sign) and (_is_flag(sign[0]) or any(_is_emoji(each) for each in sign))


def facets(text: str, did_of: Callable[[str], str]) -> list[Json]:
    """
    Return the facets of a text: links, mentions and hashtags, in order, never overlapping.

    Args:
        did_of: Gives the DID of a handle, "" when nobody has it; such a name stays plain text.
    """
    found: list[tuple[int, int, Json]] = []
    for start, end in _links(text):
        found.append((start, end, {"$type": "app.bsky.richtext.facet#link", "uri": text[start:end]}))
    for match in _MENTION.finditer(text):
        did = "" if _covered(match.start(), found) else did_of(match[1].lower())
        if did:
            found.append((match.start(), match.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did}))
    for match in _TAG.finditer(text):
        tag = _without_punctuation(match[1])
        if tag and graphemes(tag) <= _TAG_MAX_GRAPHEMES and not _covered(match.start(), found):
            end = match.start(1) + len(tag)
            found.append((match.start(), end, {"$type": "app.bsky.richtext.facet#tag", "tag": tag}))
    return [_facet(text, *each) for each in sorted(found, key=lambda each: each[0])]


def _facet(text: str, start: int, end: int, feature: dict[str, Any]) -> Json:
    before = len(text[:start].encode("utf-8", "surrogatepass"))
    inside = len(text[start:end].encode("utf-8", "surrogatepass"))
    return {"index": {"byteStart": before, "byteEnd": before + inside}, "features": [feature]}


def _covered(at: int, found: list[tuple[int, int, Json]]) -> bool:
    return any(start <= at < end for start, end, _feature in found)


def _links(text: str) -> Iterator[tuple[int, int]]:
    for match in _LINK.finditer(text):
        link = match[0]
        while link and (link[-1] in _AFTER_LINK or (link[-1] == ")" and link.count(")") > link.count("("))):
            link = link[:-1]
        if len(link) > len("https://"):
            yield match.start(), match.start() + len(link)


def _without_punctuation(tag: str) -> str:
    while tag and unicodedata.category(tag[-1])[0] == "P":
        tag = tag[:-1]
    return tag


def _starts(text: str) -> Iterator[int]:
    before = ""
    flags = 0  # regional indicators in a row before this one
    pictured = False  # the cluster so far is an emoji that a joiner may lengthen
    for at, sign in enumerate(text):
        joined = at > 0 and _joins(before, sign, flags, pictured)
        if not joined:
            yield at
        flags = flags + 1 if _is_flag(sign) else 0
        if not joined or _is_emoji(sign):
            pictured = _is_emoji(sign)
        elif not (_extends(sign) or sign == _ZWJ):
            pictured = False
        before = sign


def _joins(before: str, sign: str, flags: int, pictured: bool) -> bool:
    if before == "\r" and sign == "\n":
        return True
    if _is_control(before) or _is_control(sign):
        return False
    if _extends(sign):
        return True
    if before == _ZWJ and pictured and _is_emoji(sign):
        return True
    if _is_flag(sign) and flags % 2 == 1:
        return True
    return _hangul(before, sign)


def _is_control(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category in {"Cc", "Zl", "Zp"} or (category == "Cf" and sign not in "\u200c\u200d" and not _is_tag(sign))


def _is_tag(sign: str) -> bool:
    return 0xE0020 <= ord(sign) <= 0xE007F  # the letters of subdivision flags


def _extends(sign: str) -> bool:
    code = ord(sign)
    if code < 0x300:
        return False
    return (
        unicodedata.category(sign) in {"Mn", "Me", "Mc"}
        or sign in "\u200c\u200d\uff9e\uff9f\u0e33\u0eb3"
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or _is_tag(sign)
    )


def _is_flag(sign: str) -> bool:
    return 0x1F1E6 <= ord(sign) <= 0x1F1FF


def _is_emoji(sign: str) -> bool:
    code = ord(sign)
    return (
        (0x1F000 <= code <= 0x1FAFF and not _is_flag(sign) and not 0x1F3FB <= code <= 0x1F3FF)
        or (0x2190 <= code <= 0x2BFF and unicodedata.category(sign) in {"So", "Sm"})
        or code in {0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x3030, 0x303D, 0x3297, 0x3299}
    )


def _hangul(before: str, sign: str) -> bool:
    first, then = _syllable(before), _syllable(sign)
    if first == "L":
        return then in {"L", "V", "LV", "LVT"}
    if first in {"LV", "V"}:
        return then in {"V", "T"}
    return first in {"LVT", "T"} and then == "T"


def _syllable(sign: str) -> str:
    code = ord(sign)
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    for start, end, kind in _JAMO:
        if start <= code <= end:
            return kind
    return ""


_JAMO = (
    (0x1100, 0x115F, "L"),
    (0xA960, 0xA97C, "L"),
    (0x1160, 0x11A7, "V"),
    (0xD7B0, 0xD7C6, "V"),
    (0x11A8, 0x11FF, "T"),
    (0xD7CB, 0xD7FB, "T"),
)

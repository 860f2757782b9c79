"""
The words of a text as the search index knows them: the same on both databases.

The databases' own Swedish differ in stop words and stems, so texts are taken apart here and they only
store the result. Å, ä and ö are letters of their own and are never folded to a and o.
"""

from __future__ import annotations

import re
import threading
from typing import Final
from unicodedata import normalize

import Stemmer

from narvaro.base.identity import mask_identity_numbers

LONGEST_WORD: Final = 64  # characters; what is longer is noise and is cut, in texts and in questions alike

_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_HASHTAG: Final = re.compile(r"#(\w+)")
_HUMP: Final = re.compile(r"(?<=[a-zà-öø-ÿ0-9])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-ZÀ-ÖØ-Þ])(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ])")
# Vowel signs that stand on letters in Arabic, Hebrew and Devanagari, and accents that have no single sign.
_MARKS: Final = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f"
_PART: Final = rf"[^\W_](?:[^\W_]|[{_MARKS}])*"
_WORD: Final = re.compile(rf"{_PART}(?:[-\u2010\u2011]{_PART})*")
_HYPHEN: Final = re.compile("[-\u2010\u2011]")

_own = threading.local()  # a stemmer is not safe to share between threads


def words(text: str) -> list[str]:
    """
    Return the stems of a text to index, in order, repeated as often as they occur.

    A hyphenated word gives the whole and its parts ("e-tjänst": etjänst, e, tjänst), so does a hashtag of
    several words. Identity numbers are never indexed.

    Returns:
        Case-folded stems of at most 64 characters; [] when the text has no letters or digits.

    Law: GDPR-7
    """
    plain = _plain(text)
    found: list[str] = []
    for tag in _HASHTAG.findall(plain) if "#" in plain else ():
        parts = _HUMP.split(tag)
        if len(parts) > 1:
            found += [part.casefold() for part in parts if part.strip("_")]
    for word in _WORD.findall(_folded(plain)):
        parts = _HYPHEN.split(word)
        if len(parts) > 1:
            found.append("".join(parts))
        found += parts
    return _stems(found)


def query_words(text: str) -> list[str]:
    """
    Return the stems that a text must hold all of to answer the question.

    A hyphenated word is asked for as a whole, so that "e-tjänst" and "etjänst" find each other.

    Returns:
        Each stem once, in order; [] when the question has no words, or only an identity number.

    Law: GDPR-7
    """
    found = [_HYPHEN.sub("", word) for word in _WORD.findall(_folded(_plain(text)))]
    return list(dict.fromkeys(_stems(found)))


def _plain(text: str) -> str:
    # Masked first: what is not seen may stand between the digits.
    return normalize("NFC", _UNSEEN.sub("", mask_identity_numbers(text, " ")))


def _folded(plain: str) -> str:
    return normalize("NFC", plain.casefold())


def _stems(found: list[str]) -> list[str]:
    stemmer: Stemmer.Stemmer | None = getattr(_own, "stemmer", None)
    if stemmer is None:
        stemmer = _own.stemmer = Stemmer.Stemmer("swedish")
    stems: list[str] = stemmer.stemWords([word[:LONGEST_WORD] for word in found])
    return stems

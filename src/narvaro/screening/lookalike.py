"""
Names that can be taken for an authority's own: which to look for, and whether an account bears one.

Only the name is looked at. An account that says more than the name ("Nej till ...", "Vi som bor i ...") is somebody
who speaks about the authority, and one that says it is a joke is a joke: neither poses as it (RF-2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .fold import folded

_LETTERS = str.maketrans("åäöéèüæø", "aaoeeuao")
_NOT_LETTER = re.compile(r"[^a-z0-9]+")
_DIGITS = str.maketrans("0134578", "oieastb")
_KIND = re.compile(r"^(?P<place>.+?)s?\s+(?P<kind>kommun|stad|region)$", re.IGNORECASE)
_IN = re.compile(r"\s+(?:i|för|inom)\s+", re.IGNORECASE)
# Words that make a name look like its owner's, and say nothing else.
_DECORATION = (
    "officiell", "officiella", "official", "kundtjanst", "kundservice", "kontaktcenter", "support", "info",
    "information", "sverige", "sweden", "nyheter", "service", "help", "hjalp", "admin", "team", "konto", "account",
    "sidan", "gruppen", "grupp", "se", "com",
)  # fmt: skip
_PLACE_OF_LATIN = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "s": "ѕ", "x": "х", "y": "у"}
_JOKES = re.compile(
    r"parodi|parody|satir|humor|skämt|fejkkonto|fan ?konto|fan ?account|inofficiell|unofficial|not affiliated"
    r"|(?:inte|ej|ingen|icke)[ -](?:en )?(?:officiell|kopplad|koppling|anknut|del av)",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*\([^()]*\)")
# Words of names that are no name: half of the country has a library, a board or a municipality.
_COMMON = re.compile(
    r"kommun|stad(?:en|s)?$|region|nämnd|styrelse|förvaltning|myndighet|verk(?:et)?$|bolag|förbund|bibliotek|skola|kontor"
)
_SHORTEST = 5  # letters: shorter names are somebody's by chance
_NEAR_FROM = 8  # letters: in a shorter name one letter makes another name
MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What an authority is called, as anybody writes it: its own name, the municipality's, its accounts'."""

    names: tuple[str, ...]


def known_as(names: Iterable[str]) -> Known:
    """Return what somebody may be called who is called `names`: also "<Ort> kommun" for "<Ort>s kommun"."""
    found: dict[str, None] = {}
    for name in (" ".join(_ASIDE.sub("", each).split()) for each in names):
        found.setdefault(name)
        kind = _KIND.match(name)
        if kind:
            place, what = kind["place"], kind["kind"].lower()
            for each in (f"{place} {what}", f"{place}s {what}", f"{what.capitalize()}en {place}"):
                found.setdefault(each)
        parts = _IN.split(name)
        if len(parts) == 2:
            found.setdefault(f"{parts[0]} {parts[1]}")
    return Known(tuple(each for each in found if len(skeleton(each)) >= _SHORTEST))


def bearing(names: Iterable[str], *, own: Iterable[str]) -> list[str]:
    """Return those of `names` that hold a word of the authority's `own` names that is nobody else's: its place."""
    words = [word for name in own for word in _ASIDE.sub("", name).split() if not _COMMON.search(word.lower())]
    marks = {skeleton(word).removesuffix("s") for word in words}
    marks = {mark for mark in marks if len(mark) >= _SHORTEST}
    return [name for name in names if any(mark in skeleton(name) for mark in marks)]


def skeleton(name: str) -> str:
    """Return a name without what the eye does not tell apart: case, marks, look-alike letters, digits for letters."""
    text = folded(name).text.lower().translate(_LETTERS)
    kept = _NOT_LETTER.sub("", text)
    return kept.translate(_DIGITS) if any(sign.isalpha() for sign in kept) else kept


def candidates(known: Known, *, most: int = MOST_NAMES) -> tuple[str, ...]:
    """
    Return names to look for, likeliest first: as they are written, with one mistake, with letters that look alike.

    What a platform finds by them is judged by `poses_as`; these only decide what is asked for.
    """
    found: dict[str, None] = {}
    for name in known.names:
        found.setdefault(name)
    for name in known.names:
        plain = name.lower().translate(_LETTERS)
        for joined in (_NOT_LETTER.sub("", plain), _NOT_LETTER.sub("-", plain), _NOT_LETTER.sub("_", plain)):
            found.setdefault(joined)
        found.setdefault(f"{name} officiell")
        found.setdefault(f"{name} kundtjänst")
    for name in known.names:
        found |= dict.fromkeys(_alike(name))
    for name in known.names:
        found |= dict.fromkeys(_mistyped(_NOT_LETTER.sub("", name.lower().translate(_LETTERS))))
    return tuple(found)[:most]


def poses_as(known: Known, *, shown: str, account: str) -> bool:
    """
    Whether an account's shown name, or its name on the platform, can be taken for one of the authority's.

    The whole name must be it, but for one letter and words such as "officiell": who says more speaks about it.
    """
    local = account.lstrip("@").partition("@")[0]
    first = local.partition(".")[0]
    wanted = [skeleton(name) for name in known.names]
    for name in {shown, first, local}:
        if any(_is_near(one, bare) for bare in _undecorated(skeleton(name)) for one in wanted):
            return True
    return False


def says_it_is_a_joke(shown: str, about: str) -> bool:
    """Whether an account says itself that it is a parody, or not the authority's. Law: RF-2"""
    return bool(_JOKES.search(f"{shown}\n{about}"[:5000]))


def _alike(name: str) -> list[str]:
    """Return a name with letters of another script that look the same: all that can be, and each alone."""
    low = name.lower()
    whole = "".join(_PLACE_OF_LATIN.get(sign, sign) for sign in low)
    ones = [low.replace(latin, other, 1) for latin, other in _PLACE_OF_LATIN.items() if latin in low]
    return [each for each in (whole, *ones) if each != low]


def _mistyped(name: str) -> list[str]:
    """Return a name with one mistake that a hand makes, or that an eye does not see."""
    found = [name.replace(sign, digit, 1) for sign, digit in (("o", "0"), ("i", "1"), ("l", "1"), ("e", "3"))]
    found += [name.replace("l", "i", 1), name.replace("rn", "m", 1), name.replace("m", "rn", 1)]
    for at in range(1, len(name)):
        found.append(name[:at] + name[at + 1 :])
        found.append(name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :])
        found.append(name[:at] + name[at] + name[at:])
    return [each for each in found if each != name and len(each) >= _SHORTEST]


def _undecorated(name: str) -> list[str]:
    found = [name]
    for word in _DECORATION:
        if name.endswith(word):
            found.append(name[: -len(word)])
        if name.startswith(word):
            found.append(name[len(word) :])
    return [each for each in found if len(each) >= _SHORTEST]


def _is_near(one: str, other: str) -> bool:
    """Whether two skeletons are the same, or one mistake apart in a long name."""
    if one == other:
        return True
    if min(len(one), len(other)) < _NEAR_FROM or abs(len(one) - len(other)) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[at:], other[at:]
    return (
        rest[1:] == others[1:] or rest[1:] == others or rest == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )  # fmt: skip

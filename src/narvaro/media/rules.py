"""Decisions on values: what a description must say, and what must be in place before a picture goes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from narvaro.core.types import ANSWERS, Actor, Role
from narvaro.media.types import Basis, Given

MOST_ALT = 1500
LEAST_ALT = 8
USUAL_CHILD_AGE = 15
DUE_DAYS = 30
DISPOSAL_MONTHS = 24

LANGUAGE_NAMES = (
    ("sv", gettext_lazy("Svenska")),
    ("en", gettext_lazy("Engelska")),
    ("fi", gettext_lazy("Finska")),
    ("se", gettext_lazy("Nordsamiska")),
    ("fit", gettext_lazy("Meänkieli")),
    ("rom", gettext_lazy("Romani")),
    ("yi", gettext_lazy("Jiddisch")),
    ("ar", gettext_lazy("Arabiska")),
    ("so", gettext_lazy("Somaliska")),
    ("fa", gettext_lazy("Persiska")),
    ("uk", gettext_lazy("Ukrainska")),
    ("de", gettext_lazy("Tyska")),
    ("nb", gettext_lazy("Norska")),
    ("da", gettext_lazy("Danska")),
)
"""Languages that captions may be in: Swedish, the minorities', and those that residents often read."""

READERS = (*ANSWERS, Role.DPO, Role.REGISTRAR, Role.ARCHIVIST, Role.AUDITOR)
CONSENT_READERS = (*ANSWERS, Role.DPO)

_FILE_NAME = re.compile(r"\S+\.(jpe?g|png|webp|gif|heic|heif|tiff?|bmp|svg|mp4|webm|mov)", re.IGNORECASE)
_CAMERA_NAME = re.compile(
    r"(img|dsc[fn]?|pxl|p|image|bild|foto|photo|screenshot|skärm(bild|avbild))[\s_-]*[\d_-]+\S*", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SAY_NOTHING = frozenset({
    "bild", "bilden", "bilder", "foto", "fotot", "fotografi", "en", "ett", "på", "av", "image", "photo", "picture",
    "illustration", "grafik", "logga", "logotyp", "film", "filmen", "video", "alt", "text", "här", "är", "test", "the",
    "an", "of",
})  # fmt: skip


def alt_fault(alt: str, *, is_film: bool = False) -> str:
    """
    Return what is wrong with a picture's or a film's description, as a sentence to whoever wrote it; "" when it is
    none.

    Whether it is true of the picture no rule can tell: it must be there, be words and say something.

    Law: DOS-2
    """
    said = " ".join(alt.split())
    if not said:
        told = _("Beskriv filmen kort i ord, så att alla vet vad den visar.")
        return told if is_film else _("Beskriv bilden i ord, så att alla kan ta del av den.")
    if len(said) > MOST_ALT:
        return _("Beskrivningen är för lång. Håll den under %(most)d tecken.") % {"most": MOST_ALT}
    if _FILE_NAME.fullmatch(said) or _CAMERA_NAME.fullmatch(said):
        told = _("Det där är filens namn. Skriv vad filmen visar.")
        return told if is_film else _("Det där är filens namn. Skriv vad bilden visar.")
    words = [word.casefold() for word in _WORD.findall(said)]
    if len(said) < LEAST_ALT or not set(words) - _SAY_NOTHING:
        told = _("Beskrivningen säger för lite. Skriv vad filmen visar, till exempel ”Så sorterar du matavfall”.")
        return (
            told
            if is_film
            else _("Beskrivningen säger för lite. Skriv vad bilden visar, till exempel ”Barn badar i Storsjön”.")
        )
    return ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said about a picture or a film, for judging whether it may go out."""

    alt: str
    basis: str
    basis_why: str
    people: int | None
    children: int | None
    licence_until: date | None
    is_retired: bool
    is_film: bool = False
    speech: str = ""  # of a film: what is done for those who do not hear it


def lacks(facts: Facts, given: Sequence[Given], *, child_age: int, on: date) -> list[str]:
    """
    Return what keeps a picture or a film from going out on a day, as sentences; [] when nothing does.

    A child's picture rests on consents whatever else it rests on: of the guardians under `child_age`, of the child
    above. As many consents are needed as there are people, or children, to recognise.

    Law: URL-1, URL-5, GDPR-1, GDPR-8, DOS-2
    """
    found = [fault] if (fault := alt_fault(facts.alt, is_film=facts.is_film)) else []
    if facts.is_film and not facts.speech:
        found.append(_("Filmen saknar undertexter, och ingen har sagt att de inte behövs."))
    if facts.is_retired:
        found.append(_("Filmen är tagen ur bruk.") if facts.is_film else _("Bilden är tagen ur bruk."))
    if facts.licence_until is not None and facts.licence_until < on:
        found.append(_("Licensen har gått ut."))
    if not facts.basis or facts.people is None or facts.children is None:
        told = _("Det är inte sagt vilka som syns och vad filmen stöder sig på.")
        found.append(told if facts.is_film else _("Det är inte sagt vilka som syns och vad bilden stöder sig på."))
        return found
    if facts.basis == Basis.INTEREST and not facts.basis_why.strip():
        found.append(_("Bedömningen av det allmänna intresset är inte skriven."))
    valid = [each for each in given if is_valid(each, child_age=child_age, on=on)]
    of_children = sum(each.is_child for each in valid)
    if facts.basis == Basis.CONSENT and len(valid) < facts.people:
        left = facts.people - len(valid)
        found.append(ngettext("Ett samtycke saknas.", "%(left)d samtycken saknas.", left) % {"left": left})
    elif of_children < facts.children:
        left = facts.children - of_children
        found.append(
            ngettext("Samtycke för ett barn saknas.", "Samtycke för %(left)d barn saknas.", left) % {"left": left}
        )
    return found


def is_valid(given: Given, *, child_age: int, on: date) -> bool:
    """Whether a consent holds on a day, with the guardians that a child of that age needs. Law: GDPR-8, URL-5"""
    if given.is_withdrawn or (given.until is not None and given.until < on):
        return False
    if not given.is_child or (given.age is not None and given.age >= child_age):
        return True
    return given.guardians >= max(given.guardians_needed, 1)


def says_whole(basis: str, people: int, children: int) -> str:
    """Return what does not fit together in what is said about who is seen, as a sentence; "" when it does."""
    if children > people:
        return _("Barnen räknas in bland dem som går att känna igen.")
    if basis == Basis.NOBODY and people:
        return _("Går någon att känna igen behövs samtycke, eller en bedömning av det allmänna intresset.")
    if basis != Basis.NOBODY and not people:
        return _("Skriv hur många som går att känna igen.")
    return ""


def may_read(actor: Actor) -> bool:
    """Whether somebody may look in the library."""
    return actor.is_system or actor.has_anywhere(*READERS)


def may_change(actor: Actor) -> bool:
    """Whether somebody may put pictures and consents there, and change them."""
    return actor.has_anywhere(*ANSWERS)


def may_forget(actor: Actor) -> bool:
    """Whether somebody may forget who had consented when they ask for it: who keeps the register, or guards data."""
    return may_change(actor) or actor.has_anywhere(Role.DPO)


def may_read_consents(actor: Actor) -> bool:
    """Whether somebody may read who has consented."""
    return actor.is_system or actor.has_anywhere(*CONSENT_READERS)

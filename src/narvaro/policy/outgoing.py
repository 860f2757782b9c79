"""
How strictly what goes out is read, area by area: what a guideline may choose, and what was chosen.

Pure. What ships for an area holds until a guideline says otherwise. What stops by itself, such as a personal identity
number, is never made milder: no guideline makes that lawful to publish.

Law: GDPR-7, DOS-2
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SHIPPED = "shipped"
PREFIX = "screening_"
LEVELS = (
    (SHIPPED, _("Som det följer med Närvaro")),
    ("block", _("Stoppar texten")),
    ("ask", _("Varnar: den som skriver bekräftar")),
    ("note", _("Ger ett råd")),
)
AREAS: tuple[tuple[str, Any, str, str], ...] = (
    ("personal_data", _("Läsning före publicering: personuppgifter"), "Personuppgifter", "GDPR-7"),
    ("decision", _("Läsning före publicering: det som läses som ett beslut"), "Det som läses som ett beslut", ""),
    ("side_taking", _("Läsning före publicering: ställningstagande"), "Ställningstagande för ett parti", ""),
    ("disrespect", _("Läsning före publicering: nedlåtande ord"), "Nedlåtande ord", ""),
    ("irony", _("Läsning före publicering: ironi"), "Ironi", ""),
    ("pictures", _("Läsning före publicering: bilder utan beskrivning"), "Bilder utan beskrivning", "DOS-2"),
    ("hashtags", _("Läsning före publicering: hashtaggar som inte går att läsa upp"),
     "Hashtaggar som inte går att läsa upp", "DOS-2"),
    ("emoji", _("Läsning före publicering: många emojier"), "Många emojier", "DOS-2"),
    ("links", _("Läsning före publicering: länkar som inte säger vart de leder"),
     "Länkar som inte säger vart de leder", "DOS-2"),
    ("plain_language", _("Läsning före publicering: krångligt språk"), "Krångligt språk", ""),
    ("sender", _("Läsning före publicering: oklar avsändare"), "Oklar avsändare", "BBS-2"),
    ("notice_board", _("Läsning före publicering: det som liknar ett anslag"), "Det som liknar ett anslag", "KL-2"),
)  # fmt: skip
"""Each area of the rules for what goes out: its name without "outgoing_", its label, its words in Swedish, its law."""

_SAID = {"block": "{} stoppar en text.", "ask": "{} bekräftas av den som skriver.", "note": "{} ger ett råd."}


def choices(words: str) -> tuple[tuple[str, Any, str], ...]:
    """Return the levels of an area: value, label, and what the guideline's text says."""
    return tuple((level, label, _SAID[level].format(words) if level in _SAID else "") for level, label in LEVELS)


def levels(values: Mapping[str, Any]) -> dict[str, str]:
    """Return which level a guideline has settled for an area, by the rules' own name for it; what ships is left out."""
    decided = {f"outgoing_{name}": values.get(f"{PREFIX}{name}", SHIPPED) for name, *_rest in AREAS}
    return {area: level for area, level in decided.items() if level in _SAID}

"""The law catalogue in the reader's language, with how sure we are of each provision said honestly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from narvaro.base import law

CONFIDENCE = {
    "A": _("Vi har läst lagtexten eller det officiella dokumentet."),
    "B": _("Vi har läst en sida hos en myndighet, en kommun eller en domstol, men inte själva lagtexten i alla delar."),
    "recalled": _(
        "Det här är allmän kunskap, och ingen källa är läst. Kontrollera mot lagtexten innan du lutar dig mot det."
    ),
    "D": _("Det här är ett val i Närvaro, där lagen är tyst eller oklar. Myndigheten kan bestämma något annat."),
}
"""How sure we are of a provision, in words that are honest towards the reader."""

_UNREAD = ("recalled", "D")


@dataclass(frozen=True, slots=True)
class Told:
    """One provision, or one kind of record, as a page tells of it. `citation` and `url` are "" for a kind of record."""

    id: str
    title: str
    text: str
    citation: str
    url: str
    read_on: date
    is_unread: bool
    confidence: Any  # words, translated where they are shown

    @property
    def name(self) -> str:
        """The title, and where it stands."""
        return f"{self.title} ({self.citation})" if self.citation else self.title


def told(id: str) -> Told:
    """
    Return what a `Law:` line may cite, in the reader's language.

    Raises:
        KeyError: It is not in the law catalogue.
    """
    cited = law.cited(id)
    english = (get_language() or "sv").startswith("en")
    known: dict[str, Any] = {
        "id": cited.id, "title": cited.title_en if english else cited.title_sv, "read_on": cited.read_on,
        "is_unread": cited.confidence in _UNREAD, "confidence": CONFIDENCE[cited.confidence],
    }  # fmt: skip
    if isinstance(cited, law.RecordClass):
        return Told(**known, text=cited.note_en if english else cited.note_sv, citation="", url="")
    text = cited.text_en if english else cited.text_sv
    return Told(**known, text=text, citation=cited.citation, url=cited.url)

"""
What a guideline lacks, where it may collide with the law, and which of its references have grown old.

Pure: sections and values in, remarks out. A remark warns and never stops: the authority decides about its guideline.

Law: RF-2, KL-2, TF-13, TF-12, RF-5
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.policy import parameters
from narvaro.policy.guidelines import starting
from narvaro.policy.types import Section

_BETWEEN = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ])|\n+")


@dataclass(frozen=True, slots=True)
class DocumentRemark:
    """
    Something to look at in a guideline: what sort, in which section ("" for the whole), the sentence, and the law.

    `quote` is the part of the text that was found; "" where something is missing.
    """

    kind: str  # missing, law, outdated, fill_in
    section: str
    sentence: Any
    law: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    pattern: re.Pattern[str]
    sentence: Any
    law: str
    unless: re.Pattern[str] | None = None


_GONE = r"(?:ta[rs]? (?:vi )?bort|radera\w*|dölj[sa]?|blockeras?|inte tillåt\w+|otillåt\w+|förbju\w+)"
_OPINION = r"\b(?:politisk\w* (?:budskap|åsikt\w*|inlägg|kommentar\w*)|kriti[sk]\w*|åsikt\w*)\b"
_BRAND = r"\b(?:varumärk\w*|anseende|goodwill|rykte)\b"
_PLACES = r"\b(?:inlägg\w*|sociala medier|facebook\w*|instagram|kanal\w*|sidan)\b"
_COUNTS_AS = r"\b(?:räknas som|är|ersätter|utgör|fungerar som|används som)\b"
_NOTICE = r"\b(?:anslag|anslagstavl\w*|tillkännagiv\w*|kungörelse\w*)"
_ANNOUNCED = r"\b(?:tillkännag\w+|kungör\w*|anslås|justera\w*)\b"
_STAFF = r"\b(?:anställda?\w*|medarbetar\w*|personal\w*|du)\b"
_MAY_NOT = r"\b(?:får (?:inte|aldrig)|ska inte|bör inte|förbju\w+)\b"
_PRIVATE = r"\b(?:kritiser\w*|uttala (?:sig|dig)|privata? konto\w*|privat|fritid\w*|media)\b"
_TRACE = r"\b(?:ta reda på|spåra|efterforska|kartlägg\w*|bevaka|övervaka|kontrollera)\b"
_SOURCE = r"\b(?:anställda\w*|medarbetar\w*|vem som (?:har )?(?:läck|lämn)\w*|privata konton)"
_UNKEPT = r"\b(?:utan att (?:spara|bevara|arkivera)\w*|behöver inte (?:sparas|bevaras))"


def _found(pattern: str, sentence: Any, law: str, unless: str = "") -> _Found:
    return _Found(re.compile(pattern, re.I), sentence, law, re.compile(unless, re.I) if unless else None)


_COLLISIONS = (
    _found(
        rf"{_OPINION}[^.]*\b{_GONE}\b|\b{_GONE}\b[^.]*{_OPINION}|\b(?:inga|inget) {_OPINION}",
        gettext_lazy("Det kan läsas som att åsikter, kritik eller politik tas bort. Det är aldrig ett skäl."), "RF-2",
        r"\b(?:aldrig|inte) (?:skäl|bort)|\b(?:tar|tas|döljs?|raderas?) (?:vi )?(?:aldrig|inte)\b|välkom",
    ),
    _found(
        rf"{_BRAND}[^.]*\b{_GONE}\b|\b{_GONE}\b[^.]*{_BRAND}",
        gettext_lazy("Att skydda ert varumärke är inget skäl att ta bort vad någon har skrivit."), "RF-2",
    ),
    _found(
        rf"{_PLACES}[^.]*{_COUNTS_AS}[^.]*{_NOTICE}|{_ANNOUNCED}[^.]*\b(?:i|på) {_PLACES}",
        gettext_lazy("Ett inlägg räknas aldrig som anslaget. Tillkännagivanden står på anslagstavlan på webbplatsen."),
        "KL-2", r"\b(?:aldrig|inte|ej)\b",
    ),
    _found(
        rf"{_STAFF}[^.]*{_MAY_NOT}[^.]*{_PRIVATE}|\b(?:illojal\w*|lojalitetsplikt\w*)\b",
        gettext_lazy("Det kan läsas som en gräns för vad anställda säger privat. Där är de fria som andra."), "TF-13",
        r"ett privat konto för|tala för oss|i (?:vårt|myndighetens|kommunens) namn|talar? (?:för|å)",
    ),
    _found(
        rf"{_TRACE}[^.]*{_SOURCE}",
        gettext_lazy("Ingen får ta reda på vem som har lämnat uppgifter, eller kartlägga vad anställda skriver."),
        "TF-13", r"\b(?:inte|aldrig|ingen)\b",
    ),
    _found(
        rf"\b(?:radera\w*|tas? bort|slängs?|kasta\w*)\b[^.]*{_UNKEPT}",
        gettext_lazy("Att ta bort något utan att bevara det är gallring, och gallring kräver ett beslut."), "TF-12",
    ),
    _found(
        r"\bblockera\w*\b[^.]*\b(?:för (?:alltid|gott)|permanent\w*|tills vidare|direkt utan)",
        gettext_lazy("En blockering är enskild, har skäl och tar slut. Påminn först."), "RF-5",
    ),
    _found(
        r"\b(?:uppge|ange|legitimera|motivera)\b[^.]*\b(?:begär\w*|för att få ut|ta del av)\b[^.]*\bhandling\w*",
        gettext_lazy("Den som ber om en handling behöver inte säga vem den är eller varför."), "TF-10",
        r"\b(?:inte|aldrig|ingen)\b",
    ),
)  # fmt: skip

_OUTDATED = (
    (r"personuppgiftslag\w*|\bPUL\b|1998:204", gettext_lazy(
        "Personuppgiftslagen gäller inte sedan 2018. Skriv EU:s dataskyddsförordning och lagen (2018:218)."), "GDPR-1"),
    (r"datainspektion\w*", gettext_lazy("Datainspektionen heter Integritetsskyddsmyndigheten sedan 2021."), ""),
    (r"RA-FS\s*1991:6", gettext_lazy("RA-FS 1991:6 är upphävd och ersatt av RA-FS 2021:6."), "ARK-9"),
    (r"RA-FS\s*1997:6", gettext_lazy("RA-FS 1997:6 är ersatt av RA-FS 2021:6."), "ARK-9"),
    (r"sekretesslag\w*\s*\(1980:100\)|1980:100", gettext_lazy(
        "Sekretesslagen är ersatt av offentlighets- och sekretesslagen (2009:400)."), "OSL-1"),
    (r"15 kap\.?\s*(?:1 §\s*)?(?:i )?sekretesslagen", gettext_lazy(
        "Registrering regleras i 5 kap. offentlighets- och sekretesslagen."), "OSL-1"),
    (r"1986:223", gettext_lazy("Den gamla förvaltningslagen är ersatt av förvaltningslagen (2017:900)."), "FL-1"),
    (r"1991:900", gettext_lazy("Den gamla kommunallagen är ersatt av kommunallagen (2017:725)."), "KL-1"),
    (r"2003:148|2010:299", gettext_lazy("Lagen är ersatt av terroristbrottslagen (2022:666)."), "BBS-5g"),
    (r"(?:16 kap\.?|16:)\s*10\s*b\b", gettext_lazy(
        "Olaga våldsskildring står i 16 kap. 10 c § brottsbalken."), "BBS-5f"),
    (r"\b(?:fyra|fem) (?:brott|brottstyper|slags brott)\b", gettext_lazy(
        "5 § i lagen om elektroniska anslagstavlor räknar upp sju brott, och intrång i upphovsrätt."), "BBS-5"),
    (r"\bSKL\b|Sveriges Kommuner och Landsting", gettext_lazy("SKL heter Sveriges Kommuner och Regioner, SKR."), ""),
    (r"E-delegation\w*", gettext_lazy(
        "E-delegationen är avslutad. Dess vägledning är från 2010: pröva den mot dagens lag."), ""),
    (r"Samrådsgruppen", gettext_lazy("Samrådsgruppen är avslutad sedan 2024."), "ARK-11"),
    (r"\bMSB\b|Myndigheten för samhällsskydd och beredskap", gettext_lazy(
        "MSB heter Myndigheten för civilt försvar, MCF, sedan 2026."), "SEC-1"),
    (r"2018:1174", gettext_lazy("Lagen är ersatt av cybersäkerhetslagen (2025:1506)."), "SEC-1"),
)  # fmt: skip
_OLD = tuple((re.compile(pattern, re.I), sentence, law) for pattern, sentence, law in _OUTDATED)

_NEEDED: Mapping[str, Any] = {
    "purpose": gettext_lazy("varför ni finns i sociala medier"),
    "scope": gettext_lazy("vem riktlinjen gäller och hur den ändras"),
    "roles": gettext_lazy("roller och ansvar"),
    "start": gettext_lazy("vad som ska finnas innan en kanal startar"),
    "answers": gettext_lazy("hur snabbt ni svarar och när ni är bemannade"),
    "oversight": gettext_lazy("hur ofta kanalerna ses över"),
    "house_rules": gettext_lazy("kommentarsregler och åtgärder"),
    "not_published": gettext_lazy("vad ni inte publicerar"),
    "images": gettext_lazy("bilder"),
    "cases": gettext_lazy("enskilda ärenden"),
    "private": gettext_lazy("gränsen mellan tjänst och privatliv"),
    "records": gettext_lazy("allmänna handlingar, arkiv och gallring"),
    "personal_data": gettext_lazy("personuppgifter"),
    "about_text": gettext_lazy("vad som står i varje kanal"),
    "security": gettext_lazy("konton och säkerhet"),
    "closing": gettext_lazy("hur en kanal avslutas"),
}
"""What a guideline tells of, by the code of the section; whatever the section is called."""


def remarks_on_document(
    found: Sequence[Section], values: Mapping[str, Any], *, retention: Mapping[str, Any], adopting_body: str
) -> list[DocumentRemark]:
    """
    Return what to look at before a guideline is adopted; [] is no promise that there is nothing.

    Law: RF-2, KL-2, TF-10, TF-12, TF-13, RF-5, SM-03
    """
    return [
        *_missing(found, values, retention, adopting_body),
        *(remark for section in found for remark in _of_text(section, values)),
    ]


def _missing(
    found: Sequence[Section], values: Mapping[str, Any], retention: Mapping[str, Any], adopting_body: str
) -> Iterable[DocumentRemark]:
    told = {each.code for each in found if each.text.strip()}
    for code, what in _NEEDED.items():
        if code not in told:
            yield DocumentRemark("missing", code, _("Det saknas ett avsnitt om %(what)s.") % {"what": what})
    for key, each in parameters.PARAMETERS.items():
        if key not in values:
            yield DocumentRemark("missing", each.section, _("Värdet är inte ifyllt: %(what)s.") % {"what": each.label})
    if not retention:
        yield DocumentRemark("missing", "records", _("Inga gallringsfrister är ifyllda."), "ARK-4")
    if not adopting_body.strip():
        yield DocumentRemark("missing", "scope", _("Skriv vilket organ som antar riktlinjen."), "SM-03")


def _of_text(section: Section, values: Mapping[str, Any]) -> Iterable[DocumentRemark]:
    for place in parameters.unknown_places(section.text):
        yield DocumentRemark(
            "fill_in", section.code, _("Det finns inget värde som heter {%(word)s}.") % {"word": place}, quote=place
        )
    text = parameters.filled(section.text, values)
    for sentence in (each.strip() for each in _BETWEEN.split(f"{section.heading}\n{text}")):
        for each in _COLLISIONS:
            if each.pattern.search(sentence) and not (each.unless and each.unless.search(sentence)):
                yield DocumentRemark("law", section.code, each.sentence, each.law, sentence)
        for pattern, words, law in _OLD:
            old = pattern.search(sentence)
            if old:
                yield DocumentRemark("outdated", section.code, words, law, old[0])


def needed_codes() -> frozenset[str]:
    """Return the sections that a guideline tells of; the one that ships has them all."""
    assert set(_NEEDED) <= {each.code for each in starting().sections}
    return frozenset(_NEEDED)

"""
What a house rule may collide with: the freedom to speak against authorities, equal treatment, what the law says itself.

Pure: a text in, remarks out. A remark warns and never stops: the authority decides about its rules.

Law: RF-2, KL-1, KL-2, BBS-8
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from narvaro.policy.types import Remark

_OFFICIALS = (
    r"(?:tjänstem[aä]n\w*|tjänsteperson\w*|handläggar\w*|politiker\w*|anställd\w*|medarbetar\w*|personal\w*|chef\w*|"
    r"ordförande\w*|kommunalråd\w*|regionråd\w*|rektor\w*|lärar\w*|ledning\w*|förtroendevald\w*|officials?|staff|"
    r"employees?|politicians?|managers?)"
)
_CRITICISM = (
    r"(?:kriti[sk]\w*|klagomål\w*|klagand\w*|gnäll\w*|ifrågasätt\w*|missnöj\w*|smutskast\w*|svartmål\w*|"
    r"negativ\w* (?:kommentar|omdöm|inlägg|uttalan|åsikt|syn)\w*|criticis(?:m|ing)\w*|criticiz\w*|complaints?|"
    r"negative (?:comment|post|opinion|remark)s?)"
)
# A rule may say what is welcome, and forbid hounding somebody *because of* a faith or an opinion.
_WELCOMES = re.compile(
    r"\bvälkom\w*|\bär (?:alltid |självklart |fullt )?tillåt\w+|\bfår (?:gärna|alltid)|"
    r"\bfår (?:du|man|ni|alla)\b(?! inte| aldrig)|"
    r"\b(?:tas|tar vi|raderas|döljs|raderar vi|döljer vi) (?:aldrig|inte)\b|"
    r"\bvi (?:tar|döljer|raderar) (?:aldrig|inte)\b|"
    r"\bare welcome\b|\bis welcome\b|\bare allowed\b|\bis allowed\b|\byou may\b(?! not)|\bnever removed\b"
)
_SENTENCE_ENDS = re.compile(r"[.!?;]+\s*")
_BUT_NOT = re.compile(r"\b(?:men|but)\b.*\b(?:inte|aldrig|ej|not|never)\b")
_BECAUSE_OF = re.compile(
    r"\b(?:på grund av|p\.g\.a\.|pga|utifrån|med anspelning på|because of|based on|on grounds of)\b[^.;!?]*"
)


@dataclass(frozen=True, slots=True)
class _Collision:
    code: str
    pattern: re.Pattern[str]
    sentence: Any
    law: str


def _collision(code: str, pattern: str, sentence: Any, law: str) -> _Collision:
    return _Collision(code, re.compile(pattern), sentence, law)


_COLLISIONS = (
    _collision(
        "officials",
        rf"{_CRITICISM}[^.;]*\b{_OFFICIALS}|\b{_OFFICIALS}[^.;]*{_CRITICISM}|"
        rf"\b(?:namnge|namnger|nämna|nämn|peka ut)\b[^.;]*\b{_OFFICIALS}",
        _(
            "Regeln kan ta bort kritik mot den som har makt. Hur tjänstemän och politiker sköter sitt uppdrag får alla "
            "ha åsikter om, också skarpa. Förbjud i stället påhopp och hot."
        ),
        "RF-2",
    ),
    _collision(
        "criticism",
        rf"\b{_CRITICISM}",
        _(
            "Regeln kan ta bort kritik mot er. Var och en får kritisera en myndighet, också hårt och orättvist, och ni "
            "får inte ta bort det av det skälet. Svara i stället."
        ),
        "RF-2",
    ),
    _collision(
        "politics",
        r"\bpolitisk\w*|\bpartipoliti\w*|\b\w*propaganda\b|\bvalbudskap\w*|\bvalaffisch\w*|\bpartireklam\w*|"
        r"\bpolitical\b|\bparty politic\w*",
        _(
            "Regeln kan ta bort politiska budskap. Politiska åsikter är det som grundlagen skyddar mest. Hör inlägget "
            "inte till ämnet räcker det med regeln om ämnet, lika för alla."
        ),
        "RF-2",
    ),
    _collision(
        "opinion",
        r"\båsikt\w*|\bståndpunkt\w*|\båskådning\w*|\bideologi\w*|\btyckande\w*|\bvärdering\w*|\bopinions?\b",
        _(
            "Regeln kan ta bort en åsikt för vad den säger. En åsikt är aldrig skäl att ta bort något. Skriv vilket "
            "sätt att uttrycka sig som inte är tillåtet."
        ),
        "RF-2",
    ),
    _collision(
        "reputation",
        r"\b\w*varumärk\w*|\banseende\w*|\brykte\w*|\bgoodwill\b|\bmisskredit\w*|\bdålig(?:t)? (?:ljus|dager)|"
        r"\bvår image\b|\bbrand\b|\breputation\b",
        _(
            "Regeln skyddar ert rykte eller varumärke. Det är inget skäl att begränsa någons yttrandefrihet mot en "
            "myndighet."
        ),
        "RF-2",
    ),
    _collision(
        "religion",
        r"\breligi\w*|\btrosuppfattning\w*|\btrosbudskap\w*|\blivsåskådning\w*|\bmissioner\w*|\bfaith\b",
        _(
            "Regeln kan ta bort något för att det handlar om tro. En religiös uppfattning är skyddad som en politisk. "
            "Förbjud i stället påhopp och skräp, vem som än skriver."
        ),
        "RF-2",
    ),
    _collision(
        "gathering",
        r"\b\w*demonstration\w*|\bnamninsamling\w*|\bprotest\w*|\bupprop\b|\bpetitions?\b",
        _(
            "Regeln kan ta bort ett upprop eller en kallelse till demonstration. Att samla andra kring en åsikt är "
            "skyddat som åsikten själv."
        ),
        "RF-2",
    ),
    _collision(
        "truth",
        r"\bfelaktig\w* (?:uppgift|påstående|information)\w*|\bosann\w*|\bfalska? (?:uppgift|påstående|nyhet)\w*|"
        r"\bdesinformation\w*|\bvilseledande\w*|\bmisinformation\b|\bdisinformation\b|"
        r"\bfalse (?:claim|statement|news)\w*",
        _(
            "Regeln gör er till domare över vad som är sant. Bemöt det som är fel med fakta. Bluffar och skadliga "
            "länkar täcks av regler för sig."
        ),
        "RF-2",
    ),
    _collision(
        "equal",
        r"\b(?:endast|bara|enbart)\b[^.;]*\b(?:invånare|kommuninvånare|folkbokförda|medborgare)\b|"
        r"\banonyma? (?:konto|konton|profil|profiler|inlägg|kommentar\w*)|\bfalska? profil\w*",
        _(
            "Regeln gör skillnad på vem som skriver. Lika fall ska behandlas lika, och den som skriver behöver inte "
            "säga vem den är. Låt regeln gälla vad som skrivs."
        ),
        "KL-1",
    ),
    _collision(
        "announcement",
        r"\btillkännag\w+|\bansl[aåo]g?s?\w*|\banslagstavla\w*|\bkungör\w*|\bdelg(?:e|er|es|ivning\w*)\b|\böverklaga\w*",
        _(
            "Det som står i en kanal räknas aldrig som anslaget eller delgivet, och ett överklagande lämnas inte i en "
            "kommentar. Hänvisa till anslagstavlan på webbplatsen."
        ),
        "KL-2",
    ),
    _collision(
        "claims_law",
        r"\bförtal\w*|\bärekränk\w*|\benligt lag\b|\blagen (?:kräver|säger|förbjuder)\b|\bolaglig\w*|\blagbrott\w*|"
        r"\bbbs\b|\bdefamat\w*|\bagainst the law\b|\billegal\b",
        _(
            "Det lagen kräver bort står redan i en egen lista. Förtal och förolämpning hör inte dit: det tas bort "
            "enligt era egna regler, med det mildaste som räcker."
        ),
        "BBS-8",
    ),
)
_JUNK = re.compile(r"reklam|skräp|robot|automat|spam|bluff|scam|bots?\b|annons")
_AT_ONCE = _(
    "Att ta bort genast, utan att pröva något mildare, är till för skräp från robotar. För annat prövar ni det "
    "mildaste som räcker först."
)


def remarks_on_rule(
    title: str, text: str, title_en: str = "", text_en: str = "", *, remove_first: bool = False
) -> list[Remark]:
    """
    Return what a house rule may collide with; [] when nothing is found, which is no promise that there is nothing.

    Law: RF-2, KL-1, KL-2, BBS-8
    """
    whole = " ".join(f"{title}. {text}. {title_en}. {text_en}".casefold().split())
    told = ". ".join(
        each for each in _SENTENCE_ENDS.split(whole) if _BUT_NOT.search(each) or not _WELCOMES.search(each)
    )
    told = _BECAUSE_OF.sub("", told)
    found = [Remark(each.code, each.sentence, each.law) for each in _COLLISIONS if each.pattern.search(told)]
    if any(each.code == "officials" for each in found):
        found = [each for each in found if each.code != "criticism"]
    if remove_first and not _JUNK.search(whole):
        found.append(Remark("at_once", _AT_ONCE, "BBS-8"))
    return found

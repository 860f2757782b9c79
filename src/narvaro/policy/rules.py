"""The catalogues that ship, and decisions on plain values: who may change rules, what a measure may rest on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.connectors.bluesky import graphemes
from narvaro.core.types import Actor, Role
from narvaro.policy.types import Catalogue, Ground, Heard, Measure, Remark
from narvaro.screening import Direction, OwnRule, OwnRules, Severity

CRIMES = (
    Ground(
        "BBS-5a",
        Catalogue.CRIME,
        _("Olaga hot"),
        _("Innehållet hotar någon så att personen blir allvarligt rädd."),
        ("BBS-5", "BBS-5a"),
        Measure.REMOVE,
        remove_first=True,
    ),
    Ground(
        "BBS-5b",
        Catalogue.CRIME,
        _("Olaga integritetsintrång"),
        _("Innehållet sprider det mest privata om någon så att det kan ge allvarlig skada."),
        ("BBS-5", "BBS-5b"),
        Measure.REMOVE,
        remove_first=True,
    ),
    Ground(
        "BBS-5c",
        Catalogue.CRIME,
        _("Uppvigling"),
        _("Innehållet uppmanar andra till brott."),
        ("BBS-5", "BBS-5c"),
        Measure.REMOVE,
        remove_first=True,
    ),
    Ground(
        "BBS-5d",
        Catalogue.CRIME,
        _("Hets mot folkgrupp"),
        _("Innehållet hotar eller uttrycker missaktning för en folkgrupp."),
        ("BBS-5", "BBS-5d"),
        Measure.REMOVE,
        remove_first=True,
    ),
    Ground(
        "BBS-5e",
        Catalogue.CRIME,
        _("Barnpornografibrott"),
        _("Innehållet skildrar barn i pornografisk bild."),
        ("BBS-5", "BBS-5e", "BBS-10"),
        Measure.REMOVE,
        remove_first=True,
        no_capture=True,
    ),
    Ground(
        "BBS-5f",
        Catalogue.CRIME,
        _("Olaga våldsskildring"),
        _("Innehållet visar grovt våld, närgånget och utdraget, eller sexuellt våld."),
        ("BBS-5", "BBS-5f"),
        Measure.REMOVE,
        remove_first=True,
    ),
    Ground(
        "BBS-5g",
        Catalogue.CRIME,
        _("Offentlig uppmaning till terrorism"),
        _("Innehållet uppmanar till terroristbrott eller annan särskilt allvarlig brottslighet."),
        ("BBS-5", "BBS-5g"),
        Measure.REMOVE,
        remove_first=True,
    ),
    Ground(
        "BBS-5-2",
        Catalogue.CRIME,
        _("Intrång i upphovsrätt"),
        _("Någon annans verk sprids uppenbart utan rätt till det."),
        ("BBS-5",),
        Measure.REMOVE,
        remove_first=True,
    ),
)
"""What BBS 5 § asks to have removed, where it is obvious. Law: BBS-5, BBS-10"""

SECRECY = (
    Ground(
        "GDPR-7",
        Catalogue.SECRECY,
        _("Personnummer"),
        _("Ett personnummer eller samordningsnummer syns för alla."),
        ("GDPR-7", "KL-4"),
        Measure.HIDE,
        remove_first=True,
        counts_as_misconduct=False,
    ),
    Ground(
        "OSL",
        Catalogue.SECRECY,
        _("Uppgift som kan vara hemlig"),
        _("En uppgift om någon som kan omfattas av sekretess syns för alla."),
        ("OSL-4",),
        Measure.HIDE,
        remove_first=True,
        counts_as_misconduct=False,
    ),
    Ground(
        "own_data",
        Catalogue.SECRECY,
        _("Den som skrev delar för mycket om sig själv"),
        _("Den som skrev har lämnat ut känsliga uppgifter om sig själv."),
        ("GDPR-5",),
        Measure.HIDE,
        remove_first=True,
        counts_as_misconduct=False,
    ),
)
"""Nobody has done wrong: it is kept, hidden at once, and goes to the registrar with a safe way to go on."""


BLOCKING = Ground(
    "BLOCK",
    Catalogue.HOUSE,
    _("Blockering"),
    _("Någon kan inte skriva till er i en kanal under en tid, vilken grunden än är."),
    ("RF-5",),
    Measure.BLOCK,
)
"""No ground: under it stands what somebody who is blocked is told, whatever they are blocked for."""


@dataclass(frozen=True, slots=True)
class StartingRule:
    """A house rule that an authority begins with, and may change or end."""

    code: str
    title: str
    text: str
    title_en: str
    text_en: str
    first: Measure = Measure.WARN
    remove_first: bool = False


STARTING_RULES = (
    StartingRule(
        "personal_attack",
        "Påhopp på person",
        "Angrip sakfrågan, inte personen. Förolämpningar av namngivna eller utpekade personer är inte tillåtna.",
        "Attacks on persons",
        "Criticise the matter, not the person. Insults of named or singled-out people are not allowed.",
    ),
    StartingRule(
        "harassment",
        "Trakasserier",
        "Det är inte tillåtet att förfölja, kränka eller sexuellt trakassera någon.",
        "Harassment",
        "Hounding, degrading or sexually harassing anyone is not allowed.",
        Measure.HIDE,
    ),
    StartingRule(
        "violence",
        "Våld och pornografi",
        "Bilder och text med grovt våld eller pornografi är inte tillåtna.",
        "Violence and pornography",
        "Pictures and text with gross violence or pornography are not allowed.",
        Measure.REMOVE,
    ),
    StartingRule(
        "spam",
        "Reklam och skräp",
        "Reklam, bluffar, automatiska inlägg och samma inlägg om och om igen är inte tillåtna.",
        "Advertising and junk",
        "Advertising, scams, automated posts and the same post over and over are not allowed.",
        Measure.REMOVE,
        True,
    ),
    StartingRule(
        "off_topic",
        "Hör inte till ämnet",
        "Håll dig till det som inlägget handlar om. Skriv gärna ett eget meddelande om annat.",
        "Off topic",
        "Keep to what the post is about. You are welcome to write to us about other matters.",
        Measure.ANSWER,
    ),
    StartingRule(
        "harmful_links",
        "Skadliga länkar",
        "Länkar till bluffsidor eller skadliga filer är inte tillåtna.",
        "Harmful links",
        "Links to scam sites or harmful files are not allowed.",
        Measure.HIDE,
    ),
    StartingRule(
        "profanity",
        "Grovt språk",
        "Skriv så att alla kan läsa. Grova svordomar och könsord är inte tillåtna.",
        "Coarse language",
        "Write so that everyone can read. Coarse swearing and sexual words are not allowed.",
    ),
)
"""Law: BBS-8 (such removal rests on published rules), RF-1, FL-1"""

MOST_RULES = 40
"""Of one list: what is longer nobody reads before writing."""

FIRST_MEASURES = (Measure.ANSWER, Measure.WARN, Measure.HIDE, Measure.REMOVE)
"""What a house rule may begin with: a block is decided for itself, after warning (RF-5)."""

PLACEHOLDERS: Mapping[str, object] = {
    "skäl": _("moderatorns skäl, i egna ord"),
    "regel": _("vad grunden eller regeln heter"),
    "kontakt": _("hur den som skrev når er på ett säkert sätt"),
    "till": _("dagen då en blockering tar slut"),
    "klaga": _("adressen och koden för att få beslutet omprövat"),
}
"""What is filled in where a notice says {skäl}, {regel}, {kontakt}, {till} or {klaga}."""

MOST_GRAPHEMES = 300
"""What one post holds where the least room is: Bluesky."""

MOST_NOTICE_LENGTH = 2000

_ORDER = list(Measure)
HOUSE_RULES_LAW = ("BBS-8", "FL-1")
"""What every house rule leans on."""
_BRACED = re.compile(r"\{([^{}]*)\}")


def law_behind(ground: str) -> tuple[str, ...]:
    """Return the provisions behind a ground by its code; one that does not ship is a house rule, now or once."""
    shipped = next((each for each in (*CRIMES, *SECRECY, BLOCKING) if each.code == ground), None)
    return shipped.law if shipped else HOUSE_RULES_LAW


def may_change_rules(actor: Actor) -> bool:
    """Whether the actor decides about the house rules and the templates of notices."""
    return actor.has(Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR)


def problem_with_rule(title: str, text: str, first: str) -> tuple[str, str]:
    """Return why a house rule cannot be used, as a sentence, and the field it concerns; ("", "") when it can."""
    if not title.strip():
        return gettext("Skriv vad regeln heter."), "title"
    if not text.strip():
        return gettext("Skriv vad regeln säger, i en mening."), "text"
    if first not in FIRST_MEASURES:
        return gettext("En regel börjar med att svara, påminna, dölja eller ta bort. Blockering beslutas för sig."), (
            "first"
        )
    return "", ""


def problem_with_notice(text: str) -> str:
    """
    Return why a notice cannot be used, as a sentence; "" when it can.

    A placeholder that is misspelt would reach the resident as it stands.
    """
    if not text.strip():
        return gettext("Skriv vad den som skrev ska få veta.")
    if len(text) > MOST_NOTICE_LENGTH:
        return gettext("Texten är för lång. Högst 2 000 tecken går att spara.")
    for word in _BRACED.findall(text):
        if word not in PLACEHOLDERS:
            return gettext(
                "Det finns inget som heter {%(word)s}. De som finns är {skäl}, {regel}, {kontakt}, {till} och {klaga}."
            ) % {"word": word}
    if re.search(r"[{}]", _BRACED.sub("", text)):
        return gettext("En klammer står ensam. Skriv till exempel {regel}, med klammer på båda sidor.")
    return ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """
    Return a notice with what is known filled in; a placeholder without a value stays, and an empty one leaves no gap.

    What is filled in is never read as a placeholder itself.
    """

    def value(found: re.Match[str]) -> str:
        """Return what takes the place of a placeholder: its value without braces, or itself where none is known."""
        name = found[1]
        return values[name].strip().replace("{", "(").replace("}", ")") if name in values else found[0]

    return re.sub(r"[ \t]{2,}", " ", _BRACED.sub(value, text)).strip()


def remarks_on_notice(ground: Ground, text: str, example: str) -> list[Remark]:
    """
    Return what to think of before a notice is used; `example` is the text filled in.

    Law: FL-1, FL-3, GDPR-7
    """
    found = []
    length = graphemes(example)
    if length > MOST_GRAPHEMES:
        sentence = gettext(
            "Ifylld blir texten %(length)d tecken. Bluesky tar högst %(most)d, och moderatorn får korta den varje gång."
        ) % {"length": length, "most": MOST_GRAPHEMES}
        found.append(Remark("length", sentence))
    if ground.catalogue is Catalogue.SECRECY:
        if "{kontakt}" not in text:
            found.append(
                Remark("contact", gettext("Säg hur personen kan fortsätta på ett säkert sätt: {kontakt}."), "GDPR-7")
            )
    elif "{klaga}" not in text:
        found.append(Remark("complain", gettext("Säg hur beslutet kan omprövas: {klaga}."), "FL-1"))
    if ground == BLOCKING and "{till}" not in text:
        found.append(Remark("until", gettext("Säg hur länge blockeringen gäller: {till}."), "RF-5"))
    return found


def is_stricter(measure: Measure, ground: Ground) -> bool:
    """
    Whether a measure asks for more than the least intrusive one that is enough under the ground.

    Under BBS 5 §, secrecy and spam robots nothing milder is tried before removal.

    Law: FL-1 (5 §, proportionality), BBS-5, BBS-8
    """
    if ground.remove_first and measure is not Measure.BLOCK:
        return False
    return _ORDER.index(measure) > _ORDER.index(ground.first)


def starting_notice(ground: Ground) -> str:
    """
    Return the text that ships for what an author is told: {skäl}, {regel}, {kontakt}, {till} and {klaga} are
    filled in.

    Law: FL-1, FL-3, RF-5, GDPR-7 (a safe way to go on)
    """
    if ground == BLOCKING:
        return gettext(
            "Hej! Du kan inte skriva till oss här till och med {till}. Grunden är: {regel}. {skäl} "
            "Så här får du beslutet omprövat: {klaga}"
        )
    if ground.catalogue is Catalogue.SECRECY:
        return gettext(
            "Hej! Vi har dolt din kommentar för att skydda personuppgifter. Du har inte gjort något fel. "
            "Fortsätt gärna med oss på ett säkert sätt: {kontakt}"
        )
    if ground.catalogue is Catalogue.CRIME:
        return gettext(
            "Hej! Lagen kräver att vi döljer eller tar bort kommentaren: {regel}. "
            "Så här får du beslutet omprövat: {klaga}"
        )
    return gettext(
        "Hej! Kommentaren följer inte våra regler: {regel}. {skäl} Du är välkommen att skriva igen. "
        "Så här får du beslutet omprövat: {klaga}"
    )


# --- Own words -----------------------------------------------------------------------------------------------------

MOST_WORDS = 2000  # of one list
MOST_LISTS = 100


@dataclass(frozen=True, slots=True)
class WordList:
    """Own words as screening takes them; `words` and `patterns` as they were written, one a line."""

    uid: str
    name: str
    words: str
    patterns: str
    house_rule: str
    heard_in: str = Heard.INCOMING.value
    asks: bool = False


def directions_of(each: WordList) -> tuple[Direction, ...]:
    """Return the ways in which texts go that a list of own words is listened for in."""
    return {
        Heard.INCOMING.value: (Direction.INCOMING,),
        Heard.OUTGOING.value: (Direction.OUTGOING,),
        Heard.BOTH.value: (Direction.INCOMING, Direction.OUTGOING),
    }[each.heard_in]


def as_own_rule(each: WordList, direction: Direction = Direction.INCOMING) -> OwnRule:
    """
    Return a list of own words as a rule of the screening engine.

    In what goes out they are one quiet line, or ask once where the authority chose that; they never stop it.
    """
    severity = Severity.LOOK
    if direction is Direction.OUTGOING:
        severity = Severity.ASK if each.asks else Severity.NOTE
    return OwnRule(
        id=f"own.{each.uid}", ground=each.house_rule or "own", sentence=each.name, words=_lines(each.words),
        patterns=_lines(each.patterns), severity=severity, direction=direction,
    )  # fmt: skip


@lru_cache(maxsize=64)
def compiled(lists: tuple[WordList, ...], direction: Direction = Direction.INCOMING) -> OwnRules:
    """Return own words ready to be looked for in texts that go one way; read once for each set of them."""
    return OwnRules((as_own_rule(each, direction) for each in lists), direction=direction)


def problem_with_words(each: WordList) -> tuple[str, str]:
    """Return why own words cannot be used, as a sentence, and the field it concerns; ("", "") when they can."""
    if not each.name.strip():
        return gettext("Skriv vad listan heter."), "name"
    if each.heard_in not in Heard.values:
        return gettext("Välj var orden ska sökas."), "heard_in"
    if not _lines(each.words) and not _lines(each.patterns):
        return gettext("Skriv minst ett ord."), "words"
    if len(_lines(each.words)) > MOST_WORDS:
        return gettext("Högst %(most)d ord får plats i en lista. Dela upp den.") % {"most": MOST_WORDS}, "words"
    for field, tried in (("words", replace(each, patterns="")), ("patterns", replace(each, words=""))):
        if _lines(getattr(tried, field)):
            try:
                OwnRules([as_own_rule(tried)])
            except ValueError as refusal:
                return str(refusal), field
    return "", ""


def _lines(written: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in written.splitlines() if line.strip())

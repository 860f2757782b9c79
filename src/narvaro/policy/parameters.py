"""
What a guideline decides in figures and choices, and what Närvaro does with each: the catalogue, and how it reads.

Pure. A value stands in the guideline's text where the text says {key}, and is obeyed from the day it is in force.

Law: FL-2, BBS-3, BBS-5, SEC-2, GDPR-8, ARK-12
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.base import law
from narvaro.base.law import Disposition
from narvaro.channels.rules.about import AboutItem
from narvaro.channels.types import Level
from narvaro.policy import outgoing

MOST_TEXT = 300
MOST_MONTHS = 1200


class Sort(StrEnum):
    """What kind of answer a parameter takes."""

    NUMBER = "number"
    YES = "yes"
    CHOICE = "choice"
    SEVERAL = "several"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    One thing that a guideline decides.

    Args:
        label: What it is called where it is filled in.
        obeyed: What Närvaro does with it; "" where the guideline alone tells people.
        section: The section of the starting guideline that says it.
        said: What the text says where the answer is yes and where it is no, in Swedish: the guideline is in Swedish.
        choices: Value, label on the form, and words in the text, in Swedish.
    """

    key: str
    sort: Sort
    label: Any
    default: Any
    section: str
    obeyed: Any = ""
    law: str = ""
    least: int = 0
    most: int = 0
    said: tuple[str, str] = ("", "")
    choices: tuple[tuple[str, Any, str], ...] = ()


_GATE = (
    ("decision", _("Chefens beslut"), "chefens beslut"),
    ("plan", _("En plan"), "en skriven plan"),
    ("policy", _("En riktlinje, eller ett protokoll"), "en riktlinje eller ett protokoll"),
    ("people", _("Ansvarig och ersättare"), "ansvarig och ersättare"),
    ("notified", _("Kommunikationsavdelningen vet"), "att kommunikationsavdelningen vet"),
    ("approval", _("Kommunikationsavdelningen godkänner i förväg"), "att kommunikationsavdelningen har godkänt"),
    ("administrators", _("Flera kan styra kontot"), "att flera kan styra kontot"),
    ("about_text", _("Om-texten är på plats"), "en om-text"),
    ("two_step", _("Tvåstegsinloggning"), "tvåstegsinloggning"),
    ("mailbox", _("Funktionsbrevlåda"), "en funktionsbrevlåda"),
    ("retention", _("Gallringsbeslut"), "ett gallringsbeslut"),
    ("acknowledgement", _("De som svarar har läst riktlinjen"), "att de som svarar har läst riktlinjen"),
    ("training", _("De som svarar har gått utbildningen"), "att de som svarar har gått utbildningen"),
)
_ABOUT = (
    ("identity", _("Vem som står bakom kontot"), "vem som står bakom kontot"),
    ("expect", _("Vad man kan vänta sig"), "vad man kan vänta sig"),
    ("public_record", _("Att det som skrivs blir allmän handling"), "att det som skrivs blir allmän handling"),
    ("visibility", _("Att andra kan läsa det som skrivs"), "att andra kan läsa det som skrivs"),
    ("house_rules", _("Kommentarsreglerna"), "kommentarsreglerna"),
    ("contact", _("Hur man når oss på annat sätt"), "hur man når oss på annat sätt"),
    ("website", _("Länk till webbplatsen"), "länk till webbplatsen"),
    ("personal_data", _("Länk till hur personuppgifter behandlas"), "länk till hur personuppgifter behandlas"),
    ("staffed_hours", _("När kontot är bemannat"), "när kontot är bemannat"),
    ("measures", _("Vad som händer om reglerna bryts"), "vad som händer om reglerna bryts"),
    ("no_cases", _("Att enskilda ärenden inte tas här"), "att enskilda ärenden inte tas här"),
)
_PRESENTED = {
    "identity": AboutItem.IDENTITY, "expect": AboutItem.EXPECT, "public_record": AboutItem.RULES,
    "visibility": AboutItem.RULES, "house_rules": AboutItem.RULES, "contact": AboutItem.CONTACT,
    "website": AboutItem.WEBSITE, "personal_data": AboutItem.PRIVACY, "staffed_hours": AboutItem.HOURS,
    "measures": AboutItem.MEASURES, "no_cases": AboutItem.NO_CASES,
}  # fmt: skip
_DUTIES = (
    ("planning", _("Planera"), "planera"),
    ("publishing", _("Publicera"), "publicera"),
    ("oversight", _("Ha uppsikt"), "ha uppsikt"),
    ("moderation", _("Moderera"), "moderera"),
    ("answering", _("Svara"), "svara"),
    ("following_up", _("Följa upp"), "följa upp"),
)
_METRICS = (
    ("visitors", _("Unika besökare"), "unika besökare"),
    ("views", _("Visningar"), "visningar"),
    ("comments", _("Kommentarer"), "kommentarer"),
    ("followers", _("Följare"), "följare"),
    ("links", _("Länkar från andra"), "länkar från andra"),
    ("sign_ups", _("Anmälningar och ansökningar"), "anmälningar och ansökningar"),
    ("answer_times", _("Svarstider"), "svarstider"),
    ("goals", _("Om målen nåddes"), "om målen nåddes"),
)
_READING = _("Gäller inlägg och svar. Personnummer och annat som alltid stoppas gör det ändå.")

PARAMETERS: Mapping[str, Parameter] = {
    each.key: each
    for each in (
        Parameter("reply_target_hours", Sort.NUMBER, _("Svara inom så många timmar på bemannade dagar"), 24, "answers",
                  _("Det är tiden som varje fråga i inkorgen får."), "FL-2", 1, 720),
        Parameter("acknowledge_if_late", Sort.YES, _("Tala om att frågan är sedd när svaret dröjer"), True, "answers",
                  _("Den som svarar får ett färdigt besked att skicka när tiden har gått. Nej: det erbjuds inte."),
                  "FL-2", said=("Dröjer svaret talar vi om att vi har sett frågan.", "")),
        Parameter("staffed_hours_text", Sort.TEXT, _("När kanalerna är bemannade, i en mening"),
                  "Vi läser och svarar vardagar under kontorstid.", "answers", _("Står på den öppna sidan."), "FL-3"),
        Parameter("reply_signature", Sort.CHOICE, _("Hur svar undertecknas"), "first_name", "answers",
                  _("Svaren undertecknas så. Den som är hotad skriver aldrig sitt namn."), "FL-9",
                  choices=(("first_name", _("Med förnamn och enhet"), "med förnamn och enhet"),
                           ("unit", _("Med enhetens namn"), "med enhetens namn"))),
        Parameter("oversight_rounds_per_day", Sort.NUMBER, _("Uppsiktsrundor på en bemannad dag"), 2, "oversight",
                  _("Varje kanal ses över minst så ofta."), "BBS-3", 1, 12),
        Parameter("oversight_rounds_in_crisis", Sort.NUMBER, _("Uppsiktsrundor om dagen i kris"), 4, "oversight",
                  _("Varje kanal i kris ses över minst så ofta."), "BBS-3", 1, 12),
        Parameter("oversight_on_days_off", Sort.YES, _("En uppsiktsrunda på lediga dagar"), False, "oversight",
                  _("Varje kanal ses över då också."), "BBS-3",
                  said=("Också på lediga dagar görs en runda.", "")),
        Parameter("removal_hours", Sort.NUMBER, _("Uppenbart olagligt är borta inom så många timmar"), 24, "oversight",
                  _("Det är tiden som räknas från att ni fick veta."), "BBS-5", 1, 168),
        Parameter("block_after", Sort.NUMBER, _("Påminnelser innan någon kan blockeras"), 1, "house_rules",
                  _("Färre påminnelser kräver skäl."), "RF-5", 1, 10),
        Parameter("notify_author_on_removal", Sort.YES, _("Den som skrev får besked om åtgärder"), True, "house_rules",
                  _("Nej: om det som lagen vill ha bort skickas inget besked, och riktlinjen är skälet. "
                    "Den som blockeras, påminns eller bryter mot era egna regler får alltid besked."),
                  "FL-1", said=("Den som skrev får veta vad vi gjorde och varför, när vi kan nå personen.", "")),
        Parameter("start_requires", Sort.SEVERAL, _("Det här ska finnas innan en kanal får egna nya inlägg"),
                  ["decision", "plan", "policy", "people", "notified"], "start",
                  _("Det som saknas hindrar nya egna inlägg. Svar, uppsikt och rättelser hindras aldrig."), "SM-02",
                  choices=_GATE),
        Parameter("responsible_duties", Sort.SEVERAL, _("Vad den ansvariga gör"),
                  ["planning", "publishing", "oversight", "moderation", "following_up"], "roles",
                  _("Den som blir ansvarig för en kanal får se det och bekräftar med ett klick."), choices=_DUTIES),
        Parameter("substitute_required", Sort.YES, _("Varje kanal har en ersättare"), True, "roles",
                  _("Kanaler utan ersättare påminns eller hindras."), "SEC-2",
                  said=("Varje kanal har en ansvarig och en ersättare, två olika personer.",
                        "Varje kanal har en ansvarig.")),
        Parameter("min_admins", Sort.NUMBER, _("Så många kan minst styra varje konto"), 2, "security",
                  _("Kanaler där bara en kan styra kontot påminns, om ni inte skriver en."), "SEC-2", 1, 10),
        Parameter("mfa_required", Sort.YES, _("Tvåstegsinloggning på varje konto"), True, "security",
                  _("Kanaler utan påminns."), "SEC-2",
                  said=("Varje konto har tvåstegsinloggning.", "")),
        Parameter("account_email", Sort.CHOICE, _("Vilken adress kontot är registrerat på"), "function", "security",
                  _("Kanaler utan funktionsbrevlåda påminns."), "SEC-2",
                  choices=(("function", _("En funktionsbrevlåda"), "en funktionsbrevlåda"),
                           ("official", _("En e-postadress i tjänsten"), "en e-postadress i tjänsten"))),
        Parameter("about_text_required_items", Sort.SEVERAL, _("Det här står i varje kanals om-text"),
                  ["identity", "expect", "public_record", "visibility", "house_rules", "contact", "website",
                   "personal_data"], "about_text", _("Kontots egen presentation läses mot det."), "BBS-2",
                  choices=_ABOUT),
        Parameter("min_activity", Sort.NUMBER, _("Inlägg i veckan som en levande kanal brukar ha"), 2, "closing",
                  _("Står bredvid en kanal som har varit tyst, så att chefen har något att jämföra med."), most=50),
        Parameter("inactive_months", Sort.NUMBER, _("Månader utan inlägg innan kanalen prövas"), 6, "closing",
                  _("Sedan står kanalen bland det som återstår, och den som leder enheten får pröva om den behövs."),
                  "", 1, 36),
        Parameter("image_consent_child_age", Sort.NUMBER, _("Vårdnadshavare samtycker till bilder på barn under"), 15,
                  "images", _("En bild av ett yngre barn går inte ut utan samtycke från vårdnadshavarna."), "GDPR-8", 0,
                  18),
        Parameter("archive_interval_months", Sort.NUMBER, _("Månader mellan ögonblicksbilder av varje kanal"), 6,
                  "records", _("Arkivarien påminns när en kanal inte har tagits ut på så länge."), "ARK-12", 1, 60),
        Parameter("policy_review_months", Sort.NUMBER, _("Månader mellan översyner av riktlinjen"), 12, "scope",
                  _("De som är utsedda påminns då."), "SM-03", 1, 60),
        Parameter("acknowledgement_days", Sort.NUMBER, _("Dagar att läsa en ny riktlinje"), 30, "knowledge",
                  _("Sedan saknas det hos kanalen, som påminner eller hindrar som ni har valt."), "", 1, 365),
        Parameter("election_days", Sort.NUMBER, _("Dagar före ett val då extra aktsamhet gäller"), 90, "crisis", "",
                  "SEC-3", 0, 365),
        Parameter("election_posts", Sort.CHOICE, _("Nya inlägg som planeras till tiden före ett val"), "confirm",
                  "crisis", _("Rättelser och det som människor behöver veta i en kris frågas det aldrig om."), "SEC-3",
                  choices=(("confirm", _("Den som planerar påminns och bekräftar"),
                            "bekräftar den som planerar ett inlägg att det är opartiskt"),
                           ("told", _("Kalendern visar tiden, inget mer"), "visar kalendern när tiden gäller"))),
        Parameter("metrics", Sort.SEVERAL, _("Det här mäts"),
                  ["views", "comments", "followers", "answer_times", "goals"], "follow_up",
                  _("Varje kanal har en sida med just det, och med vad Närvaro inte kan läsa."), choices=_METRICS),
        Parameter("website_page_required", Sort.YES, _("Varje inlägg hör till en sida på webbplatsen"), False,
                  "website", _("Ja: ett inlägg går inte ut förrän sidan är vald. Rättelser hindras aldrig. Det som "
                               "är bråttom går ut ändå, och någon ser igenom det efteråt."),
                  said=("Varje inlägg hör till en sida på webbplatsen där allt står.", "")),
        *(Parameter(f"{outgoing.PREFIX}{name}", Sort.CHOICE, label, outgoing.SHIPPED, "not_published", _READING,
                    law_id, choices=outgoing.choices(words_in_text))
          for name, label, words_in_text, law_id in outgoing.AREAS),
    )
}  # fmt: skip
"""Every parameter, in the order in which they are filled in. Law: none; what law.md calls defaults are choices (D)."""

PLACES = re.compile(r"\{([^{}\n]*)\}")
_REQUIRED_DEFAULTS = {"people", "decision", "plan", "policy", "notified"}


def defaults() -> dict[str, Any]:
    """Return what the starting guideline decides, each value a copy."""
    return {key: list(each.default) if isinstance(each.default, list) else each.default
            for key, each in PARAMETERS.items()}  # fmt: skip


def problem_with(key: str, value: Any) -> str:
    """Return why a value cannot be used, as a sentence; "" when it can."""
    each = PARAMETERS.get(key)
    if each is None:
        return gettext("Det finns inget värde som heter %(key)s.") % {"key": key}
    if _is_fit(each, value):
        return ""
    if each.sort is Sort.NUMBER:
        return gettext("Skriv ett helt tal från %(least)d till %(most)d.") % {"least": each.least, "most": each.most}
    return gettext("Värdet går inte att använda här.")


def _is_fit(each: Parameter, value: Any) -> bool:
    if each.sort is Sort.NUMBER:
        return type(value) is int and each.least <= value <= each.most
    if each.sort is Sort.YES:
        return type(value) is bool
    offered = [choice for choice, _label, _words in each.choices]
    if each.sort is Sort.CHOICE:
        return value in offered
    if each.sort is Sort.SEVERAL:
        return isinstance(value, list) and all(one in offered for one in value)
    return isinstance(value, str) and 0 < len(value.strip()) <= MOST_TEXT


def words(key: str, value: Any) -> str:
    """Return how a value reads in the text of a guideline, in Swedish."""
    each = PARAMETERS[key]
    if each.sort is Sort.YES:
        return each.said[0 if value else 1]
    if each.sort in (Sort.CHOICE, Sort.SEVERAL):
        chosen = [value] if each.sort is Sort.CHOICE else value
        return _listed([said for choice, _label, said in each.choices if choice in chosen])
    return str(value)


def labelled(key: str, value: Any) -> str:
    """Return a value as a form or a table shows it, in the reader's language."""
    each = PARAMETERS[key]
    if each.sort is Sort.YES:
        return gettext("Ja") if value else gettext("Nej")
    if each.sort in (Sort.CHOICE, Sort.SEVERAL):
        chosen = [value] if each.sort is Sort.CHOICE else value
        return ", ".join(str(label) for choice, label, _words in each.choices if choice in chosen) or "–"
    return str(value)


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Return a text with its fill-ins as the values read; what is no parameter stays as it stands."""

    def said(found: re.Match[str]) -> str:
        """Return the words of one fill-in."""
        key = found[1].strip()
        return words(key, values[key]) if key in PARAMETERS and key in values else found[0]

    return re.sub(r"[ \t]{2,}", " ", PLACES.sub(said, text)).strip()


def unknown_places(text: str) -> list[str]:
    """Return the fill-ins of a text that are no parameter."""
    return [found.strip() for found in PLACES.findall(text) if found.strip() not in PARAMETERS]


def gate_levels(values: Mapping[str, Any]) -> dict[str, str]:
    """
    Return how strict a guideline is about what is asked of a channel, by requirement.

    What it says a channel needs stops new posts; what it asks of accounts reminds; what it does not ask for is off.

    Law: SEC-2, SM-02
    """
    needed = set(values.get("start_requires", ()))
    levels = dict.fromkeys(_REQUIRED_DEFAULTS, Level.REMIND.value)
    levels |= {
        "administrators": _asked(values.get("min_admins", 2) > 1),
        "two_step": _asked(values.get("mfa_required", True)),
        "mailbox": _asked(values.get("account_email", "function") == "function"),
        "people": _asked(values.get("substitute_required", True)),
        "about_text": _asked(bool(values.get("about_text_required_items", True))),
        "approval": Level.OFF.value, "training": Level.OFF.value, "acknowledgement": Level.REMIND.value,
        "retention": Level.REMIND.value,
    }  # fmt: skip
    return {**levels, **dict.fromkeys(needed, Level.STOP.value)}


def about_items(keys: Iterable[str]) -> list[str]:
    """Return what an account's presentation is read for, out of what a guideline says; who it is always. Law: BBS-2"""
    wanted = {_PRESENTED[key] for key in keys} | {AboutItem.IDENTITY}
    return [item.value for item in AboutItem if item in wanted]


def problem_with_retention(code: str, disposition: str, keep_months: int | None) -> str:
    """Return why a decided class of records cannot be used, as a sentence; "" when it can. Law: ARK-4"""
    if code not in law.record_classes():
        return gettext("Det finns ingen handlingstyp med beteckningen %(code)s.") % {"code": code}
    if disposition not in set(Disposition):
        return gettext("Välj om handlingarna bevaras, gallras eller följer ärendet.")
    if disposition == Disposition.DISPOSE:
        if keep_months is None or not 0 <= keep_months <= MOST_MONTHS:
            return gettext("Skriv efter hur många månader handlingarna gallras.")
    elif keep_months is not None:
        return gettext("En frist hör bara till det som gallras.")
    return ""


def default_retention() -> dict[str, dict[str, Any]]:
    """Return what is proposed for each class of records; it holds only once the authority has decided it."""
    return {
        code: {"disposition": each.disposition.value, "keep_months": each.keep_months}
        for code, each in law.record_classes().items()
        if each.disposition is not Disposition.DISPOSE or each.keep_months is not None
    }


def _asked(is_asked: bool) -> str:
    return Level.REMIND.value if is_asked else Level.OFF.value


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} och {parts[-1]}" if parts else "inget särskilt"

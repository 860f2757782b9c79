"""
What an account's own presentation has to say, and what leads back to the account from the authority's website.

A machine reads for words and links, and says what it did not find; a person who reads more there may say so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from narvaro.base import platforms
from narvaro.channels.rules.places import accounts_meant
from narvaro.formats import backlinks


class AboutItem(StrEnum):
    """One thing that a presentation says. Law: BBS-2, GDPR-5"""

    IDENTITY = "identity"
    EXPECT = "expect"
    RULES = "rules"
    CONTACT = "contact"
    WEBSITE = "website"
    PRIVACY = "privacy"
    HOURS = "hours"
    MEASURES = "measures"
    NO_CASES = "no_cases"


ITEMS: Mapping[AboutItem, Any] = {
    AboutItem.IDENTITY: _("Vilka ni är, och vilken del av myndigheten"),
    AboutItem.EXPECT: _("Vad man kan vänta sig, till exempel att ni svarar på frågor"),
    AboutItem.RULES: _("Reglerna, och att det man skriver blir en allmän handling som andra kan läsa"),
    AboutItem.CONTACT: _("Hur man når er på annat sätt"),
    AboutItem.WEBSITE: _("Länk till er webbplats"),
    AboutItem.PRIVACY: _("Länk till hur personuppgifter behandlas"),
    AboutItem.HOURS: _("När någon är där"),
    AboutItem.MEASURES: _("Vad som händer med det som bryter mot reglerna"),
    AboutItem.NO_CASES: _("Att ärenden om en själv inte hör hemma där"),
}
USUAL_ITEMS = tuple(AboutItem)[:6]
"""law.md `about_text_required_items`: identity, what to expect, rules, contact, website, personal data."""

# Where a presentation has no room, a link to the public page of the rules or a post that stands first says the rest.
SHORT_PROFILE = 300
ALWAYS_ITSELF = frozenset({AboutItem.IDENTITY})
CHECK_EVERY = timedelta(days=30)
HOLDS_FOR = timedelta(days=62)  # a month that failed twice
HOLDS_FOR_BY_HAND = timedelta(days=183)  # ARK-12: half a year
LEASE = timedelta(minutes=5)

_SAYS = {
    AboutItem.EXPECT: re.compile(
        r"\b(?:vi )?(?:svarar|berättar|tipsar|informerar)|\bhär (?:får|hittar|kan|svarar|berättar|läser)|"
        r"\bfrågor\b|\bnyheter\b|\binformation (?:om|från)|\bwe (?:answer|reply|tell)|\bquestions\b|\bnews\b"
    ),
    AboutItem.RULES: re.compile(r"allmän(?:na)? handling|kommentarsregler|\bregler\b|public record|house rules"),
    AboutItem.CONTACT: re.compile(
        r"[\w.+-]+@[\w-]+\.[\w.]+|(?:\+46|\b0)[\d][\d\s-]{5,}\d|\bring\b|\bmejla?\b|e-post|\bkontakt|\bcall us|"
        r"\be-?mail"
    ),
    AboutItem.PRIVACY: re.compile(r"personuppgift|dataskydd|\bgdpr\b|personal data|privacy"),
    AboutItem.HOURS: re.compile(
        r"\bvardag|\bmån(?:dag)?\b|\bkl\.? ?\d|\bdygnet runt|\bbemanna|\bweekday|\d{1,2}\s?[-–]\s?\d{1,2}"
    ),
    AboutItem.MEASURES: re.compile(r"\btar bort|\btas bort|\bdölj|\bblocker|\bmoderer|\bremove|\bhide|\bmoderat"),
    AboutItem.NO_CASES: re.compile(
        r"\bärende|personnummer|känsliga uppgifter|\binte .{0,30}privata|\bno cases|your case"
    ),
}
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w@./-])(?:[a-zåäö0-9-]+\.)+[a-z]{2,10}(?:/[^\s<>\"']*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Presented:
    """An account as it presents itself: its name and text, what stands beside, and the post it shows first."""

    display_name: str
    about: str
    pinned: str = ""

    @property
    def text(self) -> str:
        return f"{self.display_name}\n{self.about}"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a presentation is held against: what the authority is called, and where its pages stand."""

    names: tuple[str, ...]
    website: str
    rules_pages: tuple[str, ...]
    privacy_pages: tuple[str, ...]


def lacking_items(
    shown: Presented, expected: Expected, *, wanted: Collection[AboutItem], platform: str
) -> tuple[list[AboutItem], str]:  # fmt: skip
    """
    Return what a presentation does not say of what is wanted, in the usual order, and what says the rest.

    Returns:
        The items, and "text", "rules_page" or "pinned": where a profile is short a link to the public page of the
        rules is enough, or a post that stands first, but who it is it must say itself.

    Law: BBS-2, GDPR-5
    """
    missing = [item for item in AboutItem if item in wanted and not _says(item, shown.text, expected)]
    if not missing:
        return [], "text"
    length = platforms.platform(platform).profile_length
    if length is None or length >= SHORT_PROFILE:
        return missing, "text"
    itself = [item for item in missing if item in ALWAYS_ITSELF]
    if _links_to(shown.text, expected.rules_pages):
        return itself, "rules_page"
    if shown.pinned:
        whole = f"{shown.text}\n{shown.pinned}"
        if _links_to(shown.pinned, expected.rules_pages):
            return itself, "pinned"
        return [item for item in missing if item in itself or not _says(item, whole, expected)], "pinned"
    return missing, "text"


def addresses_in(text: str) -> list[str]:
    """Return the addresses that a text names, also without "https://" before them."""
    found = [each.rstrip(".,;:!?)") for each in _ADDRESS.findall(text)]
    rest = _ADDRESS.sub(" ", text)
    return [*found, *(each.rstrip(".,;:!?)") for each in _BARE.findall(rest))]


def _says(item: AboutItem, text: str, expected: Expected) -> bool:
    words, links = text.casefold(), addresses_in(text)
    if item == AboutItem.IDENTITY:
        return any(name.casefold() in words for name in expected.names if len(name) > 3)
    ours = [link for link in links if backlinks.is_within(link, expected.website)]
    if item == AboutItem.WEBSITE:
        return bool(ours) or _links_to(text, (*expected.rules_pages, *expected.privacy_pages))
    if item == AboutItem.RULES and _links_to(text, expected.rules_pages):
        return True
    if item == AboutItem.PRIVACY and (
        _links_to(text, expected.privacy_pages) or any(_SAYS[item].search(link.casefold()) for link in ours)
    ):
        return True
    if item != AboutItem.CONTACT:
        words = _BARE.sub(" ", _ADDRESS.sub(" ", words))  # what stands in somebody's address is not said
    return bool(_SAYS[item].search(words))


def _links_to(text: str, pages: Iterable[str]) -> bool:
    links = addresses_in(text)
    return any(backlinks.is_same_place(link, page) for page in pages if page for link in links)


# --- What leads back --------------------------------------------------------------------------------------------------


class LinkBack(StrEnum):
    """One way in which anybody can see that an account is the authority's. Law: OD-6"""

    REL_ME = "rel_me"
    VOUCHED = "vouched"
    DOMAIN = "domain"
    SAME_AS = "same_as"
    TRUST = "trust"


LINKS_BACK: Mapping[LinkBack, Any] = {
    LinkBack.REL_ME: _('Webbplatsen länkar till kontot med rel="me"'),
    LinkBack.VOUCHED: _("Plattformen har själv sett att webbplatsen länkar tillbaka"),
    LinkBack.DOMAIN: _("Kontot heter som er domän"),
    LinkBack.SAME_AS: _("Webbplatsen säger att kontot är samma organisation (schema.org sameAs)"),
    LinkBack.TRUST: _("Kontot står i webbplatsens trust.txt"),
}


def is_account_at(address: str, *, platform: str, handle: str, remote_id: str, url: str) -> bool:
    """Whether an address leads to an account, in any of the ways in which its platform writes it."""
    if url and backlinks.is_same_place(address, url):
        return True
    names = {handle.lstrip("@").casefold(), remote_id.casefold()} - {""}
    return any(name in names and place in ("", platform) for place, name in accounts_meant(address))


def is_under_domain(handle: str, website: str) -> bool:
    """Whether an account is called by the website's domain, or stands on a server under it (a domain handle)."""
    place = handle.lstrip("@").rpartition("@")[2]
    return bool(website) and "." in place and backlinks.is_within(f"https://{place}/", website)

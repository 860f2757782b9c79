"""Words of sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a source is about, and so what becomes of it."""

    DAY = "day", _("Min dag, ur en kalender")
    AGENDA = "agenda", _("Kommande möten")
    NEWS = "news", _("Nyheter från webbplatsen eller pressrummet")
    INCIDENT = "incident", _("Driftstörningar, snöröjning och vägarbeten")
    VACANCY = "vacancy", _("Lediga jobb")


class Shape(models.TextChoices):
    """How it is written."""

    ICS = "ics", _("Kalender (ICS)")
    FEED = "feed", _("RSS eller Atom")
    JSON = "json", _("JSON")
    CSV = "csv", _("CSV-tabell")
    CAP = "cap", _("Varning enligt CAP 1.2")
    JOBS = "jobs", _("Annonser (JobPosting eller Platsbankens JSON)")
    PAGE = "page", _("En vanlig webbsida med en lista")


class Way(models.TextChoices):
    """How it reaches us."""

    ADDRESS = "address", _("Närvaro hämtar från en adress")
    FILE = "file", _("Någon lägger upp en fil")
    HOOK = "hook", _("Det andra systemet skickar hit, signerat")


class SourceState(models.TextChoices):
    ACTIVE = "active", _("I gång")
    PAUSED = "paused", _("Pausad")
    ENDED = "ended", _("Avslutad")


class EntryState(models.TextChoices):
    """WAITING → MADE | SKIPPED. What was skipped is not looked at again while it stays the same."""

    WAITING = "waiting", _("Väntar på att bli utkast")
    MADE = "made", _("Blev ett utkast")
    SKIPPED = "skipped", _("Hoppades över")


class Did(models.TextChoices):
    """What a source did."""

    FETCHED = "fetched", _("Läste")
    MADE = "made", _("Skrev ett utkast")
    SENT = "sent", _("Lät det gå ut")
    HELD = "held", _("Lät det bli ett utkast i stället för att gå ut")
    FOLLOWED = "followed", _("Ändrade utkastet")
    LEFT = "left", _("Lät det vara")
    OVER = "over", _("Tog hand om att det är över")
    SKIPPED = "skipped", _("Hoppade över")
    LIMITED = "limited", _("Väntar, för taket per timme är nått")
    FAILED = "failed", _("Kunde inte läsa")
    PAUSED = "paused", _("Pausade sig själv")


@dataclass(frozen=True, slots=True)
class Found:
    """
    One thing in a source. `key` is the same each time it is read, `values` what a text may be made of.

    `alias` tells the same thing under another key (a feed that gives new numbers to old news), "" for none.
    `skip` says in Swedish why nothing becomes of it, "" when something does.
    """

    key: str
    title: str
    values: Mapping[str, str] = field(default_factory=dict)
    is_over: bool = False
    skip: str = ""
    alias: str = ""
    happens_on: date | None = None


@dataclass(frozen=True, slots=True)
class Readout:
    """What one reading gave: what was found, and how much was left out of it unnamed (each a Swedish sentence)."""

    found: tuple[Found, ...]
    unnamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """How a source is read, whatever it is about; each kind uses its part."""

    words: tuple[str, ...] = ()  # what may show, or what is asked for; () with all_shown for everything
    days_before: int = 0
    clock: str = "07:00"
    path: str = ""
    names: Mapping[str, str] = field(default_factory=dict)  # ours to theirs
    severities: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    over_words: tuple[str, ...] = ()
    gone_is_over: bool = False
    take_existing: bool = False
    holds: tuple[str, ...] = ()  # what the links of a page hold, in their words or their address
    heading: str = ""  # under which they stand

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Setup:
        """Return what was stored; what a later version added has its usual value."""
        lists = ("words", "severities", "areas", "over_words", "holds")
        known: dict[str, Any] = {name: stored[name] for name in cls.__slots__ if name in stored}
        return cls(**{**known, **{name: tuple(known[name]) for name in lists if name in known}})


@dataclass(frozen=True, slots=True)
class Reading:
    """A due source in our hands: valid while the stored fence is still ours."""

    pk: int
    authority_id: int
    fence: int


VERBS = {
    "sources.add_source": _("lade upp en källa"),
    "sources.change_source": _("ändrade en källa"),
    "sources.put_file": _("lade upp en ny fil i en källa"),
    "sources.pause_source": _("pausade en källa"),
    "sources.resume_source": _("startade en källa igen"),
    "sources.end_source": _("avslutade en källa"),
    "sources.change_secret": _("bytte en källas hemlighet"),
    "sources.make_draft": _("lät en källa skriva ett utkast"),
    "sources.send_draft": _("lät en källas inlägg gå ut"),
}
"""What each of sources' audit verbs means, after the actor's name."""

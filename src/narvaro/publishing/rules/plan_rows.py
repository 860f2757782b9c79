"""What a row of a plan in a spreadsheet says: its columns by the names people give them, and each cell as a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.channels.rules import unreadable
from narvaro.core.types import Invalid
from narvaro.formats import tables
from narvaro.publishing import slots

MOST_ROWS: Final = 300
MOST_BYTES: Final = 5_000_000

TEXT, CHANNELS, DAY, CLOCK, LABELS, WARNING, PAGE = "text", "channels", "day", "clock", "labels", "warning", "page"
PASSED_OVER: Final = "-"
"""What a column is for that is known and not brought in."""


@dataclass(frozen=True, slots=True)
class Column:
    """Something that a column may tell: its name here, and what others call it."""

    label: Any
    names: tuple[str, ...]


COLUMNS: Final[Mapping[str, Column]] = {
    TEXT: Column(
        gettext_lazy("Text"), ("text", "inlägg", "meddelande", "post", "message", "content", "caption", "copy")
    ),
    CHANNELS: Column(
        gettext_lazy("Kanaler"),
        ("kanaler", "kanal", "channels", "channel", "konto", "konton", "account", "accounts", "profiles"),
    ),
    DAY: Column(gettext_lazy("Dag"), ("dag", "datum", "day", "date", "publiceringsdag", "planned day")),
    CLOCK: Column(gettext_lazy("Klockslag"), ("klockslag", "tid", "kl", "klockan", "clock", "time", "planned time")),
    LABELS: Column(
        gettext_lazy("Etiketter"),
        ("etiketter", "etikett", "labels", "label", "taggar", "tags", "kampanj", "kampanjer", "campaign", "campaigns"),
    ),
    WARNING: Column(
        gettext_lazy("Innehållsvarning"), ("innehållsvarning", "varning", "warning", "content warning", "cw")
    ),
    PAGE: Column(
        gettext_lazy("Sida på webbplatsen"),
        ("sida på webbplatsen", "webbsida", "sida", "website page", "page", "web page", "url", "länk", "link"),
    ),
}  # fmt: skip
"""Every column of a plan, in the order of the template."""

STANDS: Final = gettext_lazy("Läge")
WHY: Final = gettext_lazy("Vad som ska rättas")
_PASSED: Final = ("läge", "status", "state", "vad som ska rättas", "nr", "id", "anteckning", "notes")


class Fate(StrEnum):
    """What becomes of a row."""

    READY = "ready"
    SAME = "same"
    REFUSED = "refused"
    DRAFT = "draft"
    PLANNED = "planned"
    AWAITING = "awaiting"


def columns_of(table: tables.Table) -> dict[str, int]:
    """Return where each column stands, by what it tells; the first where two tell the same."""
    found: dict[str, int] = {}
    for at, name in enumerate(table.columns):
        key = _by_name().get(_plain(name), "")
        if key in COLUMNS:
            found.setdefault(key, at)
    return found


def unknown_columns(table: tables.Table) -> list[str]:
    """Return the names of the columns that nobody knows."""
    return [name for name in table.columns if name and _plain(name) not in _by_name()]


def headings() -> list[str]:
    """Return the names of the columns, in the language that is spoken."""
    return [str(each.label) for each in COLUMNS.values()]


def read(content: bytes) -> tables.Table:
    """
    Return the plan in a file.

    Raises:
        Invalid: It cannot be read, has no column for the text or the channels, or holds more than one looks through.
    """
    if len(content) > MOST_BYTES:
        raise Invalid(_("Filen är större än 5 MB. Dela upp den."), field="file")
    try:
        table = tables.read(content, keeps_lines=True)
    except tables.Unreadable as problem:
        raise Invalid(unreadable(problem), field="file") from None
    known = columns_of(table)
    if TEXT not in known or CHANNELS not in known:
        raise Invalid(_("Filen behöver rubrikerna Text och Kanaler på den första raden. Se mallen."), field="file")
    if not table.rows:
        raise Invalid(_("Filen har inga rader under rubrikerna."), field="file")
    if len(table.rows) > MOST_ROWS:
        raise Invalid(_("Filen har fler än 300 rader. Dela upp den."), field="file")
    return table


def when(day: str, clock: str) -> tuple[date | None, time | None]:
    """
    Return the day and the time of day that two cells tell, as written or as a spreadsheet counts; None for empty ones.

    Raises:
        Invalid: One of them is none, or only one is there.
    """
    on, part = tables.day(day) if day else None, day.partition(".")[2]
    if day and on is None:
        raise Invalid(_("”%(text)s” är ingen dag. Skriv som 2026-12-24.") % {"text": day[:40]})
    if on is not None and not clock and re.fullmatch(r"[0-9]{5}\.[0-9]+", day) and part:
        clock = f"0.{part}"
    at = _clock(clock) if clock else None
    if clock and at is None:
        raise Invalid(_("”%(text)s” är inget klockslag. Skriv som 14:30.") % {"text": clock[:40]})
    if (on is None) != (at is None):
        raise Invalid(_("Skriv både dag och klockslag, eller inget av dem."))
    return on, at


def named_in(cell: str, known: Mapping[str, Sequence[Any]]) -> tuple[list[Any], list[str], list[str]]:
    """
    Return what a cell names: what is found, once each, the names that nobody knows, and those that several have.

    Args:
        known: By the names that `name_key` makes; a name with a comma in it is found whole.
    """
    names = [cell] if name_key(cell) in known else [each for each in re.split(r"[,;|\n]+", cell) if each.strip()]
    found: dict[int, Any] = {}
    unknown: list[str] = []
    several: list[str] = []
    for name in names:
        those = known.get(name_key(name), ())
        if len(those) == 1:
            found[those[0].pk] = those[0]
        else:
            (several if those else unknown).append(name.strip()[:80])
    return list(found.values()), unknown, several


def name_key(name: str) -> str:
    """Return a name without what people write in different ways."""
    return " ".join(name.casefold().split()).lstrip("@")


def digest_of(
    text: str, channels: Iterable[str], day: date | None, clock: time | None, labels: Iterable[str], warning: str,
    page: str,
) -> str:  # fmt: skip
    """Return a mark of what a row says: the same words for the same channels and time have the same."""
    said = (text, sorted(channels), str(day or ""), str(clock or ""), sorted(labels), warning, page)
    return sha256(repr(said).encode()).hexdigest()


def _clock(text: str) -> time | None:
    if re.fullmatch(r"0\.[0-9]+", text):  # a part of a day, as a spreadsheet counts
        minutes = round(float(text) * 24 * 60)
        return time(minutes // 60, minutes % 60) if minutes < 24 * 60 else None
    return slots.clock_of(text)


@cache
def _by_name() -> dict[str, str]:
    found = {_plain(name): PASSED_OVER for name in _PASSED}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            found |= {_plain(str(each)): PASSED_OVER for each in (STANDS, WHY)}
            found |= {_plain(str(each.label)): key for key, each in COLUMNS.items()}
    for key, each in COLUMNS.items():
        for name in each.names:
            found.setdefault(_plain(name), key)
    found.pop("", None)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())

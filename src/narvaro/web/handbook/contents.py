"""What stands in the handbook and in which order: the groups, their pages, and how a page is read from its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy

from narvaro.web.handbook.markup import Marked, marked

LANGUAGES: Final = ("sv", "en")


@dataclass(frozen=True, slots=True)
class Group:
    """Some pages under one heading of the start page."""

    label: Any
    slugs: tuple[str, ...]


GROUPS: Final = (
    Group(gettext_lazy("Börja här"), ("kom-igang", "vad-narvaro-gor")),
    Group(
        gettext_lazy("Efter din roll"),
        (
            "kommunikatoren", "ersattaren", "enhetschefen", "kommunikationsansvarig", "registratorn", "arkivarien",
            "dataskyddsombudet", "revisorn", "administratoren", "driften", "medarbetaren",
        ),
    ),
    Group(
        gettext_lazy("Arbeta i inkorgen"),
        (
            "inkorgen", "forslag", "tangenter", "svarstider", "franvaro", "egna-inlagg", "kalendern", "planera-mer",
            "godkannande", "korta-lankar", "kopt-spridning",
            "kallor", "webbsidor",
            "oklart-utfall", "nar-det-ar-ute", "utvardera", "bilder-och-film", "film",
            "akuta-arenden", "privata-meddelanden", "overgreppsmaterial",
        ),
    ),
    Group(
        gettext_lazy("Moderering"),
        (
            "moderera", "grunder", "anmalningar", "kommentarsregler", "egna-ord", "uppsikt", "krislage", "ta-bort-nu",
            "polisanmalan",
        ),
    ),
    Group(
        gettext_lazy("Kanaler"),
        (
            "kanaler", "kanalens-vag", "kanalregistret", "planer", "riktlinjen", "bluesky", "mastodon",
            "facebook", "instagram-och-threads", "fler-plattformar", "egna-utskick", "for-hand", "luckor", "import",
            "omvarlden",
        ),
    ),
    Group(
        gettext_lazy("Allmänna handlingar"),
        ("allmanna-handlingar", "till-registrator", "sok-och-utlamnande", "kontroll"),
    ),
    Group(gettext_lazy("Lära tillsammans"), ("utbildning",)),
    Group(gettext_lazy("Trygg drift"), ("inloggning", "nar-nagon-slutar", "sakra-konton", "sakerhetskopia")),
)  # fmt: skip
"""The handbook from first page to last; previous and next follow this order."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page in one language."""

    slug: str
    language: str
    marked: Marked

    @property
    def title(self) -> str:
        return self.marked.title

    @property
    def lead(self) -> str:
        return self.marked.lead


def language() -> str:
    """Return the language that handbook pages are shown in now: "sv" or "en"."""
    chosen = (get_language() or "sv").partition("-")[0]
    return chosen if chosen in LANGUAGES else "sv"


def slugs() -> tuple[str, ...]:
    """Return the addresses of all pages in reading order."""
    return tuple(slug for group in GROUPS for slug in group.slugs)


@cache
def pages(language: str) -> Mapping[str, Page]:
    """Return every page of a language by its address, in reading order."""
    return {slug: Page(slug, language, marked(source(slug, language), language)) for slug in slugs()}


def source(slug: str, language: str) -> str:
    """Return the markdown of a page. Raises FileNotFoundError when it is not written."""
    return (files("narvaro.web.handbook") / "pages" / language / f"{slug}.md").read_text(encoding="utf-8")


def neighbours(slug: str, language: str) -> tuple[Page | None, Page | None]:
    """Return the page before and the page after, None at the ends."""
    order = list(pages(language).values())
    at = slugs().index(slug)
    return (order[at - 1] if at else None), (order[at + 1] if at + 1 < len(order) else None)


def group_of(slug: str) -> Group:
    """Return the group that a page stands in. Raises StopIteration for a page that is in none."""
    return next(group for group in GROUPS if slug in group.slugs)


def citing(law_id: str, language: str) -> list[Page]:
    """Return the pages that lead to a law page, in reading order."""
    return [page for page in pages(language).values() if law_id in page.marked.laws]

"""Search within the handbook: every word must occur, headings weigh more, the best section first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from django.urls import reverse

from narvaro.base import law
from narvaro.base.words import query_words, words
from narvaro.web.handbook import contents

AT_MOST = 30
_TITLE_WEIGHT = 8
_EXCERPT = 180


@dataclass(frozen=True, slots=True)
class Hit:
    """One section of a page that answers the question."""

    title: str
    page: str
    url: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class _Entry:
    hit: Hit
    counts: Counter[str]


def find(question: str, language: str) -> list[Hit]:
    """Return the sections that hold every word of the question, best first, at most 30; [] without words."""
    wanted = query_words(question)
    if not wanted:
        return []
    scored = [
        (sum(entry.counts[word] for word in wanted), at, entry.hit)
        for at, entry in enumerate(_entries(language))
        if all(entry.counts[word] for word in wanted)
    ]
    return [hit for _, _, hit in sorted(scored, key=lambda each: (-each[0], each[1]))[:AT_MOST]]


def provisions(question: str, language: str) -> set[str]:
    """Return the addresses of the provisions, and kinds of records, that hold every word of the question."""
    wanted = query_words(question)
    found = {entry.hit.url for entry in _of_law(language) if all(entry.counts[word] for word in wanted)}
    return found if wanted else set()


@cache
def _of_law(language: str) -> tuple[_Entry, ...]:
    found = []
    for provision in law.provisions().values():
        title, said = (
            (provision.title_en, provision.text_en) if language == "en" else (provision.title_sv, provision.text_sv)
        )
        name = f"{title} ({provision.citation})"
        found.append(_entry(name, "", reverse("handbook_law", args=[provision.id]), said))
    for kind in law.record_classes().values():
        title, said = (kind.title_en, kind.note_en) if language == "en" else (kind.title_sv, kind.note_sv)
        found.append(_entry(title, "", reverse("handbook_law", args=[kind.id]), said))
    return tuple(found)


@cache
def _entries(language: str) -> tuple[_Entry, ...]:
    found = []
    for page in contents.pages(language).values():
        url = reverse("handbook_page", args=[page.slug])
        for section in page.marked.sections:
            place = f"{url}#{section.anchor}" if section.anchor else url
            found.append(_entry(section.title, page.title if section.anchor else "", place, section.words))
    for provision in law.provisions().values():
        title, said = (
            (provision.title_en, provision.text_en) if language == "en" else (provision.title_sv, provision.text_sv)
        )
        found.append(_entry(f"{title} ({provision.citation})", "", reverse("handbook_law", args=[provision.id]), said))
    return tuple(found)


def _entry(title: str, page: str, url: str, said: str) -> _Entry:
    counts = Counter(words(said))
    for word in words(f"{title} {page}"):
        counts[word] += _TITLE_WEIGHT
    return _Entry(Hit(title, page, url, _excerpt(said)), counts)


def _excerpt(said: str) -> str:
    return said if len(said) <= _EXCERPT else said[:_EXCERPT].rsplit(" ", 1)[0] + " …"

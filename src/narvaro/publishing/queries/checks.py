"""What screening says about a text before it goes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated

from narvaro import screening
from narvaro.core import queries as core
from narvaro.core.types import Actor
from narvaro.policy import queries as policy
from narvaro.publishing import rules
from narvaro.screening import Direction, Severity

_ENDS = re.compile(r"[.!?…](?=\s)\s*|\n+")
MOST_SENTENCE = 140


@dataclass(frozen=True, slots=True)
class Remark:
    """One quiet line: what it is about, the words it is about, and what to write instead; "" where there is none."""

    sentence: str
    words: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """What outgoing screening says: what stops a text, what is asked about once, and what is worth knowing."""

    stops: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    notes: tuple[Remark, ...] = ()
    is_private: bool = False

    @property
    def count(self) -> int:
        return len(self.stops) + len(self.asks)


def checks_of(
    actor: Actor, text: str, *, is_private: bool = False, alternatives: Iterable[str] = (),
    kind: screening.Kind = screening.Kind.REPLY,
) -> Checks:  # fmt: skip
    """
    Return what screening says about an answer or a post that is to go out.

    How strictly an area is read is what the guideline in force says; what stops by itself stops whatever it says.

    Args:
        alternatives: The description of each picture, "" where there is none.

    Law: GDPR-7, FL-9, DOS-2
    """
    pictures = tuple(screening.Picture(alternative=alternative) for alternative in alternatives)
    if not text.strip() and not pictures:
        return Checks(is_private=is_private)
    return replace(reader_of(actor, kind=kind, pictures=pictures)(text), is_private=is_private)


def reader_of(
    actor: Actor, *, kind: screening.Kind, pictures: tuple[screening.Picture, ...] = ()
) -> Callable[[str], Checks]:  # fmt: skip
    """
    Return what reads text after text as `checks_of` reads one: what the house has decided is asked for once.

    Law: GDPR-7, FL-9, DOS-2
    """
    authority = core.authority_of(actor)
    domain = (urlsplit(authority.website).hostname or "").removeprefix("www.")
    context = screening.Context(
        own_domains=frozenset({domain} if domain else ()),
        own_phones=frozenset({authority.phone} if authority.phone else ()), own_rules=policy.words_minded(actor),
        kind=kind, pictures=pictures,
    )  # fmt: skip
    levels = policy.outgoing_levels(actor)

    def read(text: str) -> Checks:
        found = [
            each._replace(severity=rules.as_decided(each.severity, levels.get(each.area, "")))
            for each in screening.screen(text, direction=Direction.OUTGOING, context=context)
        ]
        stops = [_told_of(f, text) for f in found if f.severity is Severity.BLOCK]
        asks = [_told_of(f, text) for f in found if f.severity is Severity.ASK]
        quiet = [f for f in found if f.severity not in (Severity.BLOCK, Severity.ASK)]
        notes = [Remark(_told(f), text[slice(*f.span)], screening.instead(text, f)) for f in quiet]
        return Checks(*(tuple(dict.fromkeys(each)) for each in (stops, asks, notes)))  # type: ignore[arg-type]

    return read


def rules_mark(actor: Actor) -> str:
    """Return by which rules a text of the authority is read now: the engine's, its own words and its guideline's."""
    own, levels = policy.words_minded(actor), policy.outgoing_levels(actor)
    decided = f"+{sha256(repr(sorted(levels.items())).encode()).hexdigest()[:8]}" if levels else ""
    return f"{screening.ENGINE_VERSION}+{own.digest if own else ''}{decided}"[:60]


def sentence_around(text: str, start: int, end: int) -> str:
    """Return the sentence of a text that a span stands in, at most 140 characters; "" for an empty span."""
    if start >= end:
        return ""
    begins = max((found.end() for found in _ENDS.finditer(text, 0, start)), default=0)
    ending = _ENDS.search(text, end)
    sentence = text[begins : ending.end() if ending else len(text)].strip()
    return sentence if len(sentence) <= MOST_SENTENCE else f"…{text[max(start - 60, begins) : end + 60].strip()}…"


def _told_of(finding: screening.Finding, text: str) -> str:
    """Return why a finding matters and which sentence it stands in."""
    sentence = sentence_around(text, *finding.span)
    if not sentence:
        return _told(finding)
    return _("%(why)s Det gäller ”%(sentence)s”") % {"why": _told(finding), "sentence": sentence}


def _told(finding: screening.Finding) -> str:
    """Return what a finding says to whoever writes; own words say only what their list is called."""
    if finding.area is screening.Area.OWN:
        return _("Ert eget ord på listan %(name)s.") % {"name": finding.sentence}
    return translated(finding.sentence)

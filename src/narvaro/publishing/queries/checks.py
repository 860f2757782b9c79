"""What screening says about a text before it goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated

from narvaro import screening
from narvaro.core import queries as core
from narvaro.core.types import Actor
from narvaro.policy import queries as policy
from narvaro.screening import Direction, Severity


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

    Args:
        alternatives: The description of each picture, "" where there is none.

    Law: GDPR-7, FL-9, DOS-2
    """
    pictures = tuple(screening.Picture(alternative=alternative) for alternative in alternatives)
    if not text.strip() and not pictures:
        return Checks(is_private=is_private)
    authority = core.authority_of(actor)
    domain = (urlsplit(authority.website).hostname or "").removeprefix("www.")
    context = screening.Context(
        own_domains=frozenset({domain} if domain else ()),
        own_phones=frozenset({authority.phone} if authority.phone else ()), own_rules=policy.words_minded(actor),
        kind=kind, pictures=pictures,
    )  # fmt: skip
    found = screening.screen(text, direction=Direction.OUTGOING, context=context)

    def sentences(severity: Severity) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_told(f) for f in found if f.severity is severity))

    quiet = [f for f in found if f.severity not in (Severity.BLOCK, Severity.ASK)]
    notes = [Remark(_told(f), text[slice(*f.span)], screening.instead(text, f)) for f in quiet]
    return Checks(sentences(Severity.BLOCK), sentences(Severity.ASK), tuple(dict.fromkeys(notes)), is_private)


def _told(finding: screening.Finding) -> str:
    """Return what a finding says to whoever writes; own words say only what their list is called."""
    if finding.area is screening.Area.OWN:
        return _("Ert eget ord på listan %(name)s.") % {"name": finding.sentence}
    return translated(finding.sentence)

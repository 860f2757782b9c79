"""
Search over everything kept: words, author, channel, unit, dates, kind and direction, newest first.

There is no way to ask for findings or for anything else that would select people by sensitive data.

Law: OSL-2 (kept in order: found without difficulty), GDPR-6, GDPR-7
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from narvaro.base.clock import STOCKHOLM
from narvaro.base.identity import mask_identity_numbers
from narvaro.base.words import query_words, words
from narvaro.core.types import Actor
from narvaro.records import index, queries
from narvaro.records.models import Version
from narvaro.records.outward import Outward, outward

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

    Known = Mapping[int, tuple[Channel, bool]]

PAGE = 25
MOST_WORDS = 24
_SNIPPET = 260
_LOOKED_THROUGH = 20_000  # characters of a text in which words are marked
_RUN = re.compile("[^\\W_][\\w\u0300-\u036f\u2010\u2011-]*")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for. All that is given must hold; `since` and `until` are whole days in Sweden, both included."""

    text: str = ""
    author: str = ""
    channel_id: int | None = None
    unit_id: int | None = None
    kind: str = ""
    origin: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `is_marked` when it is a word that was asked for."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that answers, with the part of its text around the first word asked for."""

    key: int
    version: Outward
    snippet: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """
    A page of hits, newest first. `newer` and `older` are keys to go on from, None where there is nothing more.

    `has_no_words`: something was asked in words, but it holds none to search for (signs, or an identity number).
    """

    hits: tuple[Hit, ...] = ()
    newer: int | None = None
    older: int | None = None
    has_no_words: bool = False


def search(
    actor: Actor,
    question: Question,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
    known: Known | None = None,
) -> Found:
    """
    Return one page of what is kept that answers, newest first, for the actor to read.

    Args:
        before, after: The key of the last or the first hit of the page next to this one; neither for the first page.
        known: What `queries.channels_for_reading` gave this actor, if it has been asked already.

    Raises:
        NotPermitted: The actor may not read records.

    Law: OSL-2, TF-4, BBS-10, GDPR-6, GDPR-7
    """
    known = queries.channels_for_reading(actor) if known is None else known
    expression = _expression(actor, question, known)
    asked = query_words(question.text)
    if expression is None or _lacks_words(question):
        return Found(has_no_words=_lacks_words(question))
    span = _span(question, before, after, limit + 1)
    keys = index.find(actor.authority_id, expression, span) if span.low < span.high else []
    has_more, keys = len(keys) > limit, keys[:limit]
    if not span.newest_first:
        keys.reverse()
    newer, older = (has_more, True) if after is not None else (before is not None, has_more)
    return Found(
        hits=_hits(actor, keys, asked, known),
        newer=keys[0] if keys and newer else None,
        older=keys[-1] if keys and older else None,
    )


def _lacks_words(question: Question) -> bool:
    asked = ((question.text, query_words(question.text)), (question.author, query_words(question.author)))
    return any(said.strip() and not stems for said, stems in asked)


def _expression(actor: Actor, question: Question, known: Known) -> index.Expression | None:
    """Return what to ask the index; None when nothing can answer."""
    every = query_words(question.text)[:MOST_WORDS]
    every += [index.author_mark(stem) for stem in query_words(question.author)[:MOST_WORDS]]
    if question.kind:
        every.append(index.kind_mark(question.kind))
    if question.origin:
        every.append(index.origin_mark(question.origin))
    wanted = [
        pk
        for pk, (channel, _) in known.items()
        if question.channel_id in (None, pk) and question.unit_id in (None, channel.unit_id)
    ]
    is_narrowed = question.channel_id is not None or question.unit_id is not None
    if is_narrowed and not wanted:
        return None
    where = tuple(index.channel_mark(pk) for pk in wanted) if is_narrowed else ()
    return index.Expression(
        every=tuple(every) if where else (*every, index.authority_mark(actor.authority_id)),
        one_of=(where,) if where else (),
        none_of=tuple(index.private_mark(pk) for pk, (_, may_read_private) in known.items() if not may_read_private),
    )


def _span(question: Question, before: int | None, after: int | None, limit: int) -> index.Span:
    low = index.first_key_at(_midnight(question.since)) if question.since else index.FIRST_KEY
    high = index.first_key_at(_midnight(question.until + timedelta(days=1))) if question.until else index.LAST_KEY
    if after is not None:
        return index.Span(low=max(low, after + 1), high=high, newest_first=False, limit=limit)
    return index.Span(low=low, high=high if before is None else min(high, before), limit=limit)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), STOCKHOLM)


def _hits(actor: Actor, keys: Sequence[int], asked: Sequence[str], known: Known) -> tuple[Hit, ...]:
    wanted = {index.version_of(key): key for key in keys}
    rows = Version.objects.of(actor).filter(pk__in=list(wanted)).select_related("item").defer("payload")
    # What cannot leave is not a hit, whatever the index says.
    made = {made.version_id: made for made in outward(actor, list(rows), known=known) if not made.withheld}
    return tuple(Hit(key, made[pk], snippet(made[pk].text, asked)) for pk, key in wanted.items() if pk in made)


def snippet(text: str, stems: Sequence[str]) -> tuple[Piece, ...]:
    """
    Return the part of a text around the first word asked for, with such words marked, and identity numbers hidden.

    Law: GDPR-7
    """
    plain = mask_identity_numbers(text[:_LOOKED_THROUGH]) if text else ""
    spans = _marked(plain, stems)
    start = max(0, spans[0][0] - _SNIPPET // 4) if spans and spans[0][1] > _SNIPPET else 0
    if start:
        start = plain.find(" ", start) + 1 or start
    end = min(len(plain), start + _SNIPPET)
    if end < len(plain):
        end = max(plain.rfind(" ", start, end), start + _SNIPPET // 2)
    pieces, at = [Piece("… ")] if start else [], start
    for first, last in spans:
        if first < at or last > end:
            continue
        pieces += [Piece(plain[at:first]), Piece(plain[first:last], is_marked=True)]
        at = last
    pieces.append(Piece(plain[at:end] + (" …" if end < len(text) else "")))
    return tuple(piece for piece in pieces if piece.text)


def _marked(text: str, stems: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the words stand that the stems were made of, in order."""
    if not stems:
        return []
    wanted, beginnings = set(stems), {stem[:3] for stem in stems}
    spans = []
    for run in _RUN.finditer(text):
        folded = run.group().casefold()
        # A stem is the beginning of its word; only words that hold one are taken apart.
        if any(beginning in folded for beginning in beginnings) and wanted.intersection(words(run.group())):
            spans.append(run.span())
    return spans

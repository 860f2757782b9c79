"""`screen`: the one question the engine answers, and the version it answers with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from . import fold
from .detectors import DETECTORS, DETECTORS_OF_ORIGINAL
from .finding import Context, Direction, Finding, Kind, Severity
from .pattern import PatternSet, beginnings, source
from .ruleset import Rule, rules

# The number is raised when the code changes what is found; the rest follows the rule files by itself.
ENGINE_VERSION = f"1+{rules().digest}"

_MOST_PLACES = 20  # of one rule in one text; who reads twenty places has understood
_MOST_DETECTED = 1000  # numbers and addresses of one kind; each must be hidden, so nearly all are told
_SHORT_REPLY = 200  # characters; a shorter reply is not remarked on for what is only a NOTE
_NEAR = 60  # characters on either side that may weaken or take back a match
_NO_CONTEXT = Context()
_WEAKER = {Severity.URGENT: Severity.LOOK, Severity.LOOK: Severity.NOTE, Severity.ASK: Severity.NOTE}

_CONDITION = re.compile(
    r"\bom (?:du|ni|han|hon|de|dom|det|man)\b[^.!?\n]{0,20}\binte\b|\b(?:inte bara|varför inte|if you don.?t)\b"
)
_DENIED_BEFORE = re.compile(r"\b(?:inte|aldrig|icke|ej|knappast|never|not|don.?t|won.?t|wouldn.?t)\b[^.!?\n]{0,16}$")
_DENIED_WITHIN = re.compile(r"\b(?:inte|aldrig|icke|ej|never|not|won.?t)\b")
_DENIED_AFTER = re.compile(r"^ ?(?:inte|aldrig)\b")
_QUOTED_BEFORE = re.compile(
    r"(?:\b(?:skrev|skriver|sa|sade|säger|ropade|skrek|hotade|citat|citerar|citerade|said|wrote"
    r"|ordet|orden|uttrycket|filmen|låten|boken|rubriken|pjäsen)\b[^.!?\n]{0,30}|(?:^|\n) ?>[^\n]{0,60})$"
)


@dataclass(frozen=True, slots=True)
class _Reader:
    """The rules of one direction, compiled."""

    rules: tuple[Rule, ...]
    patterns: PatternSet
    squeezed: PatternSet
    unless: tuple[PatternSet | None, ...]
    unless_before: tuple[PatternSet | None, ...]
    signs: int  # pattern numbers from here on are signs of hiding, not rules


@cache
def _reader(direction: Direction) -> _Reader:
    ruleset = rules()
    chosen = tuple(rule for rule in ruleset.rules if rule.direction is direction)
    words = ruleset.words

    def joined(rule: Rule, patterns: tuple[str, ...], *, squeezed: bool = False) -> str:
        bounded = rule.bounded and not rule.detector
        return source("|".join(patterns), words, bounded=bounded, squeezed=squeezed)

    def starting(patterns: tuple[str, ...]) -> PatternSet | None:
        return PatternSet([beginnings("|".join(patterns), words)]) if patterns else None

    normal = [joined(rule, rule.patterns) for rule in chosen]
    squeezed = [joined(rule, rule.patterns, squeezed=True) if rule.disguise else r"(\x00\x00)" for rule in chosen]
    return _Reader(
        rules=chosen,
        patterns=PatternSet([*normal, *fold.HIDING]),
        squeezed=PatternSet(squeezed),
        unless=tuple(starting(rule.unless) for rule in chosen),
        unless_before=tuple(starting(rule.unless_before) for rule in chosen),
        signs=len(chosen),
    )


def screen(text: str, *, direction: Direction, context: Context | None = None) -> tuple[Finding, ...]:
    """
    Read one text and tell what a person must look at, and under which rule.

    Deterministic: the same text, direction, context and `ENGINE_VERSION` give the same findings. The time is
    linear in the length of the text, whatever it says. Nothing is remembered between calls.

    Args:
        text: The whole text as written; any length, any characters.
        direction: INCOMING for what residents write, OUTGOING for what we are about to publish.
        context: What is known besides the text; None for nothing.

    Returns:
        Findings, gravest first and then in reading order; () when there is nothing.

    Law: BBS-5, BBS-10, GDPR-6, GDPR-7, OSL-4, RF-3
    """
    context = context or _NO_CONTEXT
    reader = _reader(Direction(direction))
    view = fold.folded(text)
    hits = reader.patterns.matching(view.bytes)
    if not hits:
        return ()
    found: list[Finding] = []
    seen: set[int] = set()
    for index in hits:
        if index < reader.signs:
            seen.add(index)
            if _is_told(reader.rules[index], text, context):
                found += _findings(reader, index, view, context, text)
    if hits[-1] >= reader.signs:
        found += _hidden(reader, view, seen, context, text)
    found.sort(key=lambda one: (-one.severity, one.span, one.rule))
    return tuple(found)


def _is_told(rule: Rule, text: str, context: Context) -> bool:
    """Tell whether a rule has anything to say in such a channel, and of so short a text."""
    if rule.tones and context.tone not in rule.tones:
        return False
    if rule.direction is Direction.INCOMING or rule.severity is not Severity.NOTE or rule.in_short_replies:
        return True
    return context.kind is not Kind.REPLY or len(text) >= _SHORT_REPLY


def _hidden(reader: _Reader, view: fold.View, seen: set[int], context: Context, text: str) -> Iterator[Finding]:
    for reading, is_squeezed in fold.disguised(view):
        patterns = reader.squeezed if is_squeezed else reader.patterns
        for index in patterns.matching(reading.bytes):
            if index < reader.signs and index not in seen and reader.rules[index].disguise:
                seen.add(index)
                if _is_told(reader.rules[index], text, context):
                    yield from _findings(reader, index, reading, context, text, patterns)


def _findings(
    reader: _Reader, index: int, view: fold.View, context: Context, text: str, patterns: PatternSet | None = None
) -> Iterator[Finding]:
    rule = reader.rules[index]
    if detector := DETECTORS_OF_ORIGINAL.get(rule.detector):
        for start, end, severity in islice(detector(text, context), _MOST_DETECTED):
            yield _finding(rule, (start, end), severity or rule.severity)
        return
    if rule.detector:
        for start, end, severity in islice(DETECTORS[rule.detector](view.text, context), _MOST_DETECTED):
            yield _finding(rule, view.original((start, end)), severity or rule.severity)
        return
    unless, unless_before = reader.unless[index], reader.unless_before[index]
    for span in (patterns or reader.patterns).spans(index, view.bytes, limit=_MOST_PLACES):
        start, end = view.characters(span)
        if unless and unless.found_in(view.text[max(0, start - _NEAR) : end + _NEAR]):
            continue
        if unless_before and unless_before.found_in(view.text[_sentence_start(view.text, start) : end]):
            continue
        severity = rule.severity
        if rule.lowered and _is_weakened(view.text, start, end):
            severity = _WEAKER.get(severity, severity)
        yield _finding(rule, view.original((start, end)), severity)


def _finding(rule: Rule, span: tuple[int, int], severity: Severity) -> Finding:
    return Finding(rule.id, span, severity, rule.ground, rule.sentence, rule.area, ENGINE_VERSION)


def _sentence_start(text: str, place: int) -> int:
    """Return where the sentence around `place` begins, or a place not too far before it."""
    nearest = max(0, place - 2 * _NEAR)
    return max([nearest, *(text.rfind(mark, nearest, place) + 1 for mark in ".!?\n")])


def _is_weakened(text: str, start: int, end: int) -> bool:
    """Tell whether what was found is denied or quoted. A condition ("om du inte …") is no denial."""
    before, within, after = text[max(0, start - _NEAR) : start], text[start:end], text[end : end + _NEAR]
    if before.count('"') % 2 == 1 and '"' in after:
        return True
    if _QUOTED_BEFORE.search(before):
        return True
    before, within = _CONDITION.sub("", before), _CONDITION.sub("", within)
    return bool(_DENIED_BEFORE.search(before) or _DENIED_WITHIN.search(within) or _DENIED_AFTER.search(after))

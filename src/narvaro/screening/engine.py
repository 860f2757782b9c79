"""`screen`: the one question the engine answers, and the version it answers with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from itertools import islice
from typing import Any

from . import fold
from .detectors import DETECTORS, DETECTORS_OF_ORIGINAL, FEWEST_DIGITS, NEEDED, Detector
from .finding import Area, Context, Direction, Finding, Kind, Severity
from .own import OwnRules
from .pattern import Gates, Patterns, beginnings, source
from .ruleset import Rule, rules
from .sieve import WORDS, Sample, Sieve, Sifted
from .weighing import Weighing

# The number is raised when the code changes what is found; the rest follows the rule files by itself.
ENGINE_VERSION = f"2+{rules().digest}"

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


class _Reader:
    """The rules of one direction, compiled."""

    def __init__(self, direction: Direction) -> None:
        self.direction = direction
        ruleset = rules()
        words = ruleset.words
        self.rules = tuple(rule for rule in ruleset.rules if rule.direction is direction)
        sample = Sample(example.text for rule in ruleset.rules for example in rule.examples[::4])
        self.choosy = {  # these are told in some channels, or not of short texts
            number for number, rule in enumerate(self.rules) if rule.tones or direction is Direction.OUTGOING
        }
        self._sample = sample
        self.normal = _Rows(
            [None if rule.weighed else rule for rule in self.rules], words, sample=sample, name=direction.value
        )
        self.weighed = [number for number, rule in enumerate(self.rules) if rule.weighed]
        chosen = [self.rules[number] for number in self.weighed]
        self.weighing = Weighing([dict(rule.weighed) for rule in chosen], [rule.least for rule in chosen])

        def starting(patterns: tuple[str, ...]) -> Patterns | None:
            made = _Made([partial(beginnings, "|".join(patterns), words)])
            return Patterns(made, at_once=False) if patterns else None

        self.unless = tuple(starting(rule.unless) for rule in self.rules)
        self.unless_before = tuple(starting(rule.unless_before) for rule in self.rules)

    @cached_property
    def squeezed(self) -> _Rows:
        """The rules for letters that stood apart; few texts need them."""
        hidden = [rule if rule.disguise and not rule.detector and not rule.weighed else None for rule in self.rules]
        return _Rows(hidden, rules().words, sample=self._sample, squeezed=True, name=f"{self.direction.value}-hidden")


class _Made(Sequence[str]):
    """RE2 sources, each translated from the rules' language when it is first asked for: most never are."""

    def __init__(self, makes: Sequence[Callable[[], str]]) -> None:
        self._makes = makes

    def __len__(self) -> int:
        return len(self._makes)

    def __getitem__(self, index: Any) -> Any:
        return self._makes[index]()


@dataclass(slots=True)
class _Detecting:
    """A rule with a detector, and what a text must hold for the detector to be run on it."""

    detect: Detector
    reads_original: bool
    fewest_digits: int
    gate: int  # the number of a pattern that must match, -1 where there is none


class _Rows:
    """The patterns of all rules, one row a rule, and the sieve that tells which rows to try on a text."""

    def __init__(
        self, chosen: Sequence[Rule | None], words: Mapping[str, str], *, sample: Sample, squeezed: bool = False,
        name: str = "",
    ) -> None:  # fmt: skip
        sources: list[Callable[[], str]] = []
        gates: list[str] = []
        sifted, self.numbers, self._detecting = [], list[int](), list[_Detecting | None]()
        for number, rule in enumerate(chosen):
            if rule:
                bounded = rule.bounded and not rule.detector
                whole = "|".join(rule.patterns)
                sources.append(partial(source, whole, words, bounded=bounded, squeezed=squeezed))
                sifted.append(Sifted(rule.patterns, bounded))
                self.numbers.append(number)
                self._detecting.append(_detecting(rule, words, gates) if rule.detector else None)
        self._patterns = Patterns(_Made(sources), at_once=False)
        self._gates = Gates(gates)
        self._sieve = Sieve(sifted, words, sample=sample, squeezed=squeezed, name=name)

    def worth_trying(self, text: str, words: list[str]) -> list[tuple[int, int]]:
        """Return row and number of each rule that may match."""
        numbers = self.numbers
        return [(row, numbers[row]) for row in self._sieve.worth_trying(text, words)]

    def tried(self, view: fold.View, words: list[str]) -> Iterator[tuple[int, int, _Detecting | None]]:
        """Yield row and number of each rule to try, with its detector where it has one and that may find something."""
        passed: Sequence[int] | None = None
        for row in self._sieve.worth_trying(view.text, words):
            detecting = self._detecting[row]
            if detecting is not None:
                if detecting.fewest_digits > view.digits:
                    continue
                if detecting.gate >= 0:
                    if passed is None:  # all of them at once cost as much as one of them
                        passed = self._gates.passed(view.bytes)
                    if detecting.gate not in passed:
                        continue
            yield row, self.numbers[row], detecting

    def matches(self, row: int, view: fold.View) -> bool:
        return self._patterns.matches(row, view.bytes)

    def spans(self, row: int, view: fold.View) -> list[tuple[int, int]]:
        return self._patterns.spans(row, view.bytes, limit=_MOST_PLACES)


def _detecting(rule: Rule, words: Mapping[str, str], gates: list[str]) -> _Detecting:
    """Return how a rule's detector is run; adds the pattern that tells whether it is worth it to `gates`."""
    fewest = FEWEST_DIGITS.get(rule.detector, 0)
    # To count digits says as much as those rules' own patterns do, and costs less.
    needed = NEEDED.get(rule.detector, "") if fewest else source("|".join(rule.patterns), words, bounded=False)
    if needed and (fewest or rule.patterns):
        gates.append(needed)
    reads_original = rule.detector in DETECTORS_OF_ORIGINAL
    return _Detecting(
        (DETECTORS_OF_ORIGINAL if reads_original else DETECTORS)[rule.detector], reads_original, fewest,
        len(gates) - 1 if needed and (fewest or rule.patterns) else -1,
    )  # fmt: skip


@cache
def _reader(direction: Direction) -> _Reader:
    return _Reader(direction)


_HIDING = Patterns(["|".join(fold.HIDING)])


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
    reader = _reader(direction if type(direction) is Direction else Direction(direction))
    own = context.own_rules
    asked = _Asked(text, context, reader, own if own is not None and own.direction is reader.direction else None)
    view = fold.folded(text)
    words = WORDS(view.text)
    found = _read(asked, reader.normal, view, words)
    if _HIDING.matches(0, view.bytes):
        for reading, is_squeezed in fold.disguised(view):
            rows = reader.squeezed if is_squeezed else reader.normal
            found += _read(asked, rows, reading, WORDS(reading.text), is_disguised=True)
    if reader.weighed:
        found += _alike(reader, view, words, {one.area for one in found})
    if len(found) > 1:
        found.sort(key=lambda one: (-one.severity, one.span, one.rule))
    return tuple(found)


@dataclass(slots=True)
class _Asked:
    """A text to screen, and the rules that have met their words in one reading of it and look no further."""

    text: str
    context: Context
    reader: _Reader
    own: OwnRules | None
    met: set[int] = field(default_factory=set)
    own_met: set[str] = field(default_factory=set)


def _read(
    asked: _Asked, rows: _Rows, view: fold.View, words: list[str], *, is_disguised: bool = False
) -> list[Finding]:
    """Return what the rules find in one reading of the text. `words` are `WORDS(view.text)`."""
    found: list[Finding] = []
    reader = asked.reader
    for row, number, detecting in rows.tried(view, words):
        if is_disguised and (number in asked.met or not reader.rules[number].disguise):
            continue
        rule = reader.rules[number]
        if number in reader.choosy and not _is_told(rule, asked.text, asked.context):
            continue
        if detecting is None:
            spans = rows.spans(row, view)
            if spans:
                found += _findings(asked, number, view, spans)
        elif detecting.reads_original:
            for start, end, severity in islice(detecting.detect(asked.text, asked.context), _MOST_DETECTED):
                found.append(_finding(rule, (start, end), severity or rule.severity))
        else:
            for start, end, severity in islice(detecting.detect(view.text, asked.context), _MOST_DETECTED):
                found.append(_finding(rule, view.original((start, end)), severity or rule.severity))
    if asked.own is not None and rows is asked.reader.normal:
        found += _own(asked.own, asked.own_met, view, words)
    return found


def _is_told(rule: Rule, text: str, context: Context) -> bool:
    """Tell whether a rule has anything to say in such a channel, and of so short a text."""
    if rule.tones and context.tone not in rule.tones:
        return False
    if rule.direction is Direction.INCOMING or rule.severity is not Severity.NOTE or rule.in_short_replies:
        return True
    return context.kind is not Kind.REPLY or len(text) >= _SHORT_REPLY


def _findings(asked: _Asked, number: int, view: fold.View, spans: Sequence[fold.Span]) -> list[Finding]:
    """Return the findings of a rule in the places where its words stand, but for those that it takes back."""
    reader = asked.reader
    rule = reader.rules[number]
    asked.met.add(number)
    unless, unless_before = reader.unless[number], reader.unless_before[number]
    found = []
    for span in spans:
        start, end = view.characters(span)
        if unless and unless.found_in(_near(view.text, start, end)):
            continue
        if unless_before and unless_before.found_in(view.text[_sentence_start(view.text, start) : end]):
            continue
        severity = rule.severity
        if rule.lowered and _is_weakened(view.text, start, end):
            severity = _WEAKER.get(severity, severity)
        found.append(_finding(rule, view.original((start, end)), severity))
    return found


def _alike(reader: _Reader, view: fold.View, words: list[str], spoken: Set[Area]) -> Iterator[Finding]:
    """Yield what words together tell of areas that no other rule has spoken of."""
    for number, span in reader.weighing.enough(view.text, words):
        rule = reader.rules[reader.weighed[number]]
        if rule.area in spoken:
            continue
        severity = rule.severity
        # A denial has its weight among the others. The words stand far apart, and the outer ones may not be quoted.
        middle = sum(span) // 2
        if rule.lowered and any(_is_quoted(view.text, *around, near=5 * _NEAR) for around in (span, (middle, middle))):
            severity = _WEAKER.get(severity, severity)
        yield _finding(rule, view.original(span), severity)


def _own(own: OwnRules, met: set[str], view: fold.View, words: list[str]) -> list[Finding]:
    places = own.places(view, words)
    if not places:
        return []
    version = f"{ENGINE_VERSION}+{own.digest}"
    found = [
        Finding(rule.id, view.original(span), rule.severity, rule.ground, rule.sentence, Area.OWN, version)
        for rule, span in places
        if rule.id not in met
    ]
    met.update(finding.rule for finding in found)
    return found


def _finding(rule: Rule, span: tuple[int, int], severity: Severity) -> Finding:
    return Finding(rule.id, span, severity, rule.ground, rule.sentence, rule.area, ENGINE_VERSION)


def _near(text: str, start: int, end: int) -> str:
    """Return what stands around a place on the same lines: what another line speaks of takes nothing back."""
    begin, finish = max(0, start - _NEAR), end + _NEAR
    if "\n" in text:
        begin = max(begin, text.rfind("\n", begin, start) + 1)
        line_end = text.find("\n", end, finish)
        finish = finish if line_end < 0 else line_end
    return text[begin:finish]


def _sentence_start(text: str, place: int) -> int:
    """Return where the sentence around `place` begins, or a place not too far before it."""
    nearest = max(0, place - 2 * _NEAR)
    return max([nearest, *(text.rfind(mark, nearest, place) + 1 for mark in ".!?\n")])


def _is_quoted(text: str, start: int, end: int, near: int = _NEAR) -> bool:
    before, after = text[max(0, start - near) : start], text[end : end + near]
    return (before.count('"') % 2 == 1 and '"' in after) or bool(_QUOTED_BEFORE.search(before))


def _is_weakened(text: str, start: int, end: int) -> bool:
    """Tell whether what was found is denied or quoted. A condition ("om du inte …") is no denial."""
    if _is_quoted(text, start, end):
        return True
    before, within, after = text[max(0, start - _NEAR) : start], text[start:end], text[end : end + _NEAR]
    before, within = _CONDITION.sub("", before), _CONDITION.sub("", within)
    return bool(_DENIED_BEFORE.search(before) or _DENIED_WITHIN.search(within) or _DENIED_AFTER.search(after))

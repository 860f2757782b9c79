"""
An authority's own rules: words and patterns from its house rules, told apart from the rules that come with Närvaro.

Words are kept by stem in a dictionary, so that ten thousand of them cost little more than ten. A word is found in
every inflection; `*` at its beginning or end stands for the rest of a longer word ("parkering*", "*böter"). Several
words are found in that order, close to each other. Patterns are written in the language of `pattern`, without word
lists.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Generic, TypeVar

import Stemmer

from .finding import Direction, Severity
from .fold import Span, View, folded
from .pattern import Patterns, source
from .sieve import WORDS, Remembered, Sample, Sieve, Sifted

_DOTLESS = str.maketrans("åäö", "aao")
_APART = 3  # characters between the words of a phrase
_MOST_PLACES = 20  # of one rule in one text
_LONGEST_STEMMED = 40
_GRAM = 3
_LONGEST_PATTERN = 500
_PATTERN_BYTES = 4 << 20
_local = threading.local()  # a stemmer is not safe to share between threads

_REFUSALS: Final = (
    ("missing )", "En parentes saknar sitt slut."),
    ("unexpected )", "En parentes slutar utan att ha börjat."),
    ("missing ]", "En hakparentes saknar sitt slut."),
    ("no argument for repetition", "Ett upprepningstecken har inget framför sig att upprepa."),
    ("bad repetition operator", "Två upprepningstecken står efter varandra."),
    ("repetition size", "En upprepning har för många gånger; högst 1000 går."),
    ("invalid escape", "Ett omvänt snedstreck står framför ett tecken som det inte betyder något för."),
    ("trailing \\", "Mönstret slutar med ett omvänt snedstreck."),
    ("character class", "Tecknen i en hakparentes går inte att läsa."),
    ("perl operator", "Mönstret använder något efter (? som inte finns här."),
    ("too large", "Mönstret är för stort."),
    ("upper bound", "Tecknen * och + får inte stå ensamma. Skriv till exempel {0,20}."),
    ("word list", "Klamrar med ett namn i finns bara i de inbyggda reglerna."),
)
_NOT_READ: Final = "Mönstret går inte att läsa."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRule:
    """
    One rule of an authority.

    `words` and `patterns` are what it looks for, at least one of either. `ground` names the house rule.
    """

    id: str
    ground: str
    sentence: str
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    severity: Severity = Severity.LOOK
    direction: Direction = Direction.INCOMING


@dataclass(frozen=True, slots=True)
class _Part:
    """One word of a phrase: `open_before` and `open_after` where the text's word may be longer."""

    text: str
    open_before: bool
    open_after: bool


@dataclass(frozen=True, slots=True)
class _Phrase:
    rule: int
    parts: tuple[_Part, ...]
    anchor: int  # the part that is looked up


class OwnRules:
    """The own rules of one direction, compiled; safe to share between threads."""

    def __init__(self, rules: Iterable[OwnRule], *, direction: Direction = Direction.INCOMING) -> None:
        """Compile those rules that are of `direction`; raises ValueError, in Swedish for whoever wrote the rule."""
        self.direction = direction
        self.rules = tuple(sorted((rule for rule in rules if rule.direction is direction), key=lambda rule: rule.id))
        self.digest = hashlib.sha256(repr(self.rules).encode("utf-8", "replace")).hexdigest()[:8]
        if len({rule.id for rule in self.rules}) < len(self.rules):
            raise ValueError("Två egna regler har samma namn.")
        self._phrases: list[_Phrase] = []
        self._stems: dict[str, list[int]] = defaultdict(list)
        self._plain_stems: dict[str, list[int]] = defaultdict(list)
        self._beginnings: dict[str, list[int]] = defaultdict(list)
        self._ends: dict[str, list[int]] = defaultdict(list)
        self._grams: dict[str, list[int]] = defaultdict(list)
        self._anchored = Remembered(self._anchored_by)
        self._read()

    def _read(self) -> None:
        patterned: list[int] = []
        sources: list[str] = []
        for number, rule in enumerate(self.rules):
            if not rule.words and not rule.patterns:
                raise ValueError("Regeln behöver minst ett ord eller ett mönster.")
            for word in rule.words:
                self._add(_phrase(number, word))
            if rule.patterns:
                patterned.append(number)
                sources.append(_checked_source(rule.patterns))
        self._patterned = patterned
        self._patterns = Patterns(sources, most_bytes=_PATTERN_BYTES)
        chosen = [Sifted(tuple(map(_lowered, self.rules[number].patterns))) for number in patterned]
        self._sieve = Sieve(chosen, {}, sample=Sample(())) if chosen else None
        self._most_parts = max((len(phrase.parts) for phrase in self._phrases), default=1)
        self._lengths = sorted({len(text) for text in (*self._beginnings, *self._ends)})

    def _add(self, phrase: _Phrase) -> None:
        number = len(self._phrases)
        self._phrases.append(phrase)
        part = phrase.parts[phrase.anchor]
        forms = {part.text, part.text.translate(_DOTLESS)}
        if part.open_before and part.open_after:
            for form in forms:
                self._grams[form[:_GRAM]].append(number)
        elif part.open_before or part.open_after:
            for form in forms:
                (self._ends if part.open_before else self._beginnings)[form].append(number)
        else:
            self._stems[_stem(part.text)].append(number)
            if len(forms) > 1:
                self._plain_stems[_stem(part.text.translate(_DOTLESS))].append(number)

    def _anchored_by(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the phrases that a word may be the anchor of."""
        stem = _stem(word)
        near = {*self._stems.get(stem, ()), *self._plain_stems.get(stem, ())}
        for length in self._lengths:
            if length > len(word):
                break
            near.update(self._beginnings.get(word[:length], ()))
            near.update(self._ends.get(word[-length:], ()))
        if self._grams:
            for start in range(len(word) - _GRAM + 1):
                near.update(self._grams.get(word[start : start + _GRAM], ()))
        phrases = self._phrases
        return tuple(sorted(n for n in near if _is(phrases[n].parts[phrases[n].anchor], word)))

    def places(self, view: View, words: Sequence[str]) -> list[tuple[OwnRule, Span]]:
        """Return each rule that finds something in a folded text, with where. `words` are `WORDS(view.text)`."""
        found: list[tuple[OwnRule, Span]] = []
        anchored = list(map(self._anchored.__getitem__, words))
        if any(anchored):
            for number, spans in sorted(self._word_places(view.text, words, anchored).items()):
                found += [(self.rules[number], span) for span in sorted(set(spans))[:_MOST_PLACES]]
        if self._sieve is not None:
            for row in self._sieve.worth_trying(view.text, words):
                for span in self._patterns.spans(row, view.bytes, limit=_MOST_PLACES):
                    found.append((self.rules[self._patterned[row]], view.characters(span)))
        return found

    def _word_places(
        self, text: str, words: Sequence[str], anchored: Sequence[tuple[int, ...]]
    ) -> dict[int, list[Span]]:
        """Return the rules whose words stand in the text, by number, with where."""
        found: dict[int, list[Span]] = defaultdict(list)
        near = [at for at, numbers in enumerate(anchored) if numbers]
        starts: list[int] = []
        end = 0
        for word in words[: near[-1] + self._most_parts]:  # between two words there is nothing one could begin in
            start = text.index(word, end)
            starts.append(start)
            end = start + len(word)
        for at in near:
            for number in anchored[at]:
                phrase = self._phrases[number]
                first, after = at - phrase.anchor, at - phrase.anchor + len(phrase.parts)
                if first < 0 or after > len(words) or len(found[phrase.rule]) > _MOST_PLACES:
                    continue
                if after - first == 1:
                    found[phrase.rule].append((starts[at], starts[at] + len(words[at])))
                    continue
                run = [(words[n], starts[n], starts[n] + len(words[n])) for n in range(first, after)]
                if _stands_so(phrase.parts, run):
                    found[phrase.rule].append((run[0][1], run[-1][2]))
        return found


def _stands_so(parts: Sequence[_Part], run: Sequence[tuple[str, int, int]]) -> bool:
    close = all(after[1] - before[2] <= _APART for before, after in pairwise(run))
    return close and all(_is(part, token[0]) for part, token in zip(parts, run, strict=True))


def _is(part: _Part, word: str) -> bool:
    """Tell whether a word of a text is what a rule means; its writer may have lost the dots of å, ä and ö."""
    forms = [part.text]
    if (plain := part.text.translate(_DOTLESS)) != part.text and word.isascii():
        forms.append(plain)
    for form in forms:
        if part.open_before and part.open_after:
            is_so = form in word
        elif part.open_before:
            is_so = word.endswith(form)
        elif part.open_after:
            is_so = word.startswith(form)
        else:
            is_so = _stem(word) == _stem(form)
        if is_so:
            return True
    return False


def _stem(word: str) -> str:
    if len(word) > _LONGEST_STEMMED:
        return word
    stemmer: Any = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("swedish")
    return str(stemmer.stemWord(word))


def _phrase(rule: int, written: str) -> _Phrase:
    text = folded(written).text
    parts = []
    for match in re.finditer(r"(\*?)([a-z0-9åäö]+)(\*?)", text):
        before, word, after = match.groups()
        if before and after and len(word) < _GRAM:
            raise ValueError(f"Ordet {written} är för kort för att sökas inuti andra ord. Skriv minst tre tecken.")
        parts.append(_Part(word, bool(before), bool(after)))
    if not parts:
        raise ValueError("Ett ord behöver minst en bokstav eller siffra.")
    anchor = max(range(len(parts)), key=lambda number: len(parts[number].text))
    return _Phrase(rule, tuple(parts), anchor)


def _checked_source(patterns: Sequence[str]) -> str:
    sources = []
    for pattern in patterns:
        if not pattern.strip():
            raise ValueError("Mönstret är tomt.")
        if len(pattern) > _LONGEST_PATTERN:
            raise ValueError(f"Mönstret är för långt; högst {_LONGEST_PATTERN} tecken går.")
        plain = _lowered(pattern)
        try:
            Patterns([plain], most_bytes=_PATTERN_BYTES)  # by itself, so that a refusal is about what was written
            one = Patterns([source(plain, {})], most_bytes=_PATTERN_BYTES)
        except ValueError as refusal:
            raise ValueError(_in_swedish(refusal)) from refusal
        if one.found_in(" ") or one.found_in(""):
            raise ValueError("Mönstret träffar varje text. Skriv minst ett ord som måste finnas.")
        sources.append(plain)
    return source("|".join(sources), {})


def _lowered(pattern: str) -> str:
    """Texts are read in lower case; what stands behind a backslash keeps its meaning."""
    return re.sub(
        r"\\.|[^\W\d_]", lambda match: match.group() if match.group()[0] == "\\" else match.group().lower(), pattern
    )


def _in_swedish(refusal: ValueError) -> str:
    said = f"{refusal} {refusal.__cause__ or ''}"
    return next((sentence for sign, sentence in _REFUSALS if sign in said), _NOT_READ)


# --- Trying a rule out before it is switched on ---------------------------------------------------------------------

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Flagged(Generic[Key]):
    """A text that a draft would have flagged, by its key, and where; spans are in the text as it was written."""

    key: Key
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Trial(Generic[Key]):
    """What a draft would have done: "14 of the last 10,000"."""

    read: int
    flagged: tuple[Flagged[Key], ...]


def tried(draft: OwnRule, texts: Iterable[tuple[Key, str]]) -> Trial[Key]:
    """
    Try a draft of a rule on texts, without anything being kept.

    Args:
        draft: The rule as it is meant to be.
        texts: Pairs of a key to find the text again by, and the text.

    Raises:
        ValueError: The draft cannot be used; the sentence is Swedish and for whoever wrote it.

    Law: RF-2
    """
    own = OwnRules([draft], direction=draft.direction)
    read, flagged = 0, []
    for key, text in texts:
        read += 1
        view = folded(text)
        spans = tuple(view.original(span) for _, span in own.places(view, WORDS(view.text)))
        if spans:
            flagged.append(Flagged(key, spans))
    return Trial(read, tuple(flagged))

"""
Words that together are like what an area's examples say, where no pattern matches.

Nobody can write down every way to say a thing. An area may therefore have one rule that weighs words: each word, and
each pair of neighbours, has a weight that stands in the area's file, and a text whose weights add up to enough is
shown to a person, never at more than LOOK. It is the quietest voice there is: it says nothing where another rule of
the area has spoken. The sum is the explanation, and the span shows the words that made it.

The weights are learnt from the examples of all rules and from nothing else; `weights` learns them.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import Stemmer

from .sieve import Remembered

_SPAN: Final = 40  # words that are weighed together
_STEP: Final = 20
_LONGEST: Final = 40  # letters of a word that is stemmed; a longer one is its own stem
_FIELD: Final = 24  # bits of a rule's sum in the one number that all sums are kept in, in hundredths
_HALF: Final = 0.7  # of what is enough must come from words by themselves before their neighbours are looked at
_local = threading.local()  # a stemmer is not safe to share between threads

_Share = tuple[int, float]  # the rule's place, and what is added to its sum
_Word = tuple[str, tuple[_Share, ...], Mapping[str, tuple[_Share, ...]] | None]


def stem(word: str) -> str:
    """Return a folded word's stem."""
    stemmer: Any = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("swedish")
    return str(stemmer.stemWord(word)) if len(word) <= _LONGEST else word


def features(words: Sequence[str]) -> set[str]:
    """Return what is weighed of folded words: each stem, and each two that stand side by side, with a space."""
    stems = list(map(stem, words))
    return {*stems, *(f"{one} {two}" for one, two in pairwise(stems))}


class Weighing:
    """The weights of several rules, and the sums that are enough."""

    def __init__(self, weighed: Sequence[Mapping[str, float]], least: Sequence[float]) -> None:
        self._least = tuple(least)
        alone: dict[str, list[_Share]] = defaultdict(list)
        pairs: dict[str, dict[str, list[_Share]]] = defaultdict(lambda: defaultdict(list))
        packed: dict[str, int] = defaultdict(int)
        self._known: set[str] = set()
        for place, weights in enumerate(weighed):
            for feature, weight in weights.items():
                first, _, second = feature.partition(" ")
                self._known |= {first, second} if second else {first}
                (pairs[first][second] if second else alone[first]).append((place, weight))
                if not second:
                    packed[first] += round(weight * 100) << (_FIELD * place)
        self._alone = {word: tuple(shares) for word, shares in alone.items()}
        self._pairs = {one: {two: tuple(shares) for two, shares in by.items()} for one, by in pairs.items()}
        self._words: Remembered[_Word | None] = Remembered(self._word)
        # Each rule's field begins so far below the middle that its highest bit is set when its sum is worth a look.
        middle = 1 << (_FIELD - 1)
        self._begin = sum((middle - round(one * 100 * _HALF)) << (_FIELD * place) for place, one in enumerate(least))
        self._reached = sum(middle << (_FIELD * place) for place in range(len(self._least)))
        self._packed: Remembered[int] = Remembered(lambda word: packed.get(stem(word), 0))

    def _word(self, word: str) -> _Word | None:
        stemmed = stem(word)
        if stemmed not in self._known:
            return None
        return stemmed, self._alone.get(stemmed, ()), self._pairs.get(stemmed)

    def enough(self, text: str, words: Sequence[str]) -> Iterator[tuple[int, tuple[int, int]]]:
        """Yield the place of each rule whose sum is enough, once, and its span. `words` are `WORDS(text)`."""
        told: set[int] = set()
        for first in range(0, max(1, len(words) - _STEP), _STEP):
            near = words[first : first + _SPAN]
            if not sum(map(self._packed.__getitem__, near), self._begin) & self._reached:
                continue
            within = list(map(self._words.__getitem__, near))
            for place, total in enumerate(self._sums(within)):
                if total >= self._least[place] and place not in told:
                    told.add(place)
                    yield place, self._where(text, words, first, within, place)

    def _sums(self, known: Sequence[_Word | None]) -> list[float]:
        sums = [0.0] * len(self._least)
        counted: set[str] = set()
        before: Mapping[str, tuple[_Share, ...]] | None = None
        for word in known:
            if word is None:
                before = None
                continue
            stemmed, shares, pairs = word
            if before and stemmed in before:
                for place, weight in before[stemmed]:
                    sums[place] += weight
            if stemmed not in counted:
                counted.add(stemmed)
                for place, weight in shares:
                    sums[place] += weight
            before = pairs
        return sums

    def _where(
        self, text: str, words: Sequence[str], first: int, within: Sequence[_Word | None], place: int
    ) -> tuple[int, int]:
        """Return the characters from the first to the last word that speaks for the rule."""
        speaking = [
            at
            for at, word in enumerate(within, start=first)
            if word is not None and any(share == place and weight > 0 for share, weight in word[1])
        ] or [first, first + len(within) - 1]
        end, starts = 0, []
        for word in words[: speaking[-1] + 1]:
            start = text.index(word, end)
            starts.append(start)
            end = start + len(word)
        return starts[speaking[0]], end

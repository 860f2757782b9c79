"""
A learner of what people decide about texts: pure Python, but for scikit-learn while it learns.

It reads texts with their decisions, oldest first, and gives back numbers: how often it was right about decisions it
had not seen, and a weight for each of some thousand buckets that parts of words fall into. No word can be read out of
a bucket. Suggesting is a sum over those weights and needs nothing but Python.

`python -m narvaro.screening.learner` learns in a process of its own: scikit-learn takes seconds to begin and memory
that a server should not hold for the rest of the week.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import warnings
from array import array
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, Final
from zlib import crc32

from narvaro.base.identity import mask_identity_numbers

from .fold import folded

FORMAT: Final = 1  # changes with anything below that changes what a weight means
BUCKETS: Final = 1 << 15
FEWEST: Final = 200  # decisions before it may learn
FEWEST_OF_TWO: Final = 30  # of each of at least two classes
MOST: Final = 20_000  # the newest decisions that it learns from
HELD_OUT: Final = 0.2
FEWEST_TEXTS: Final = 5  # that a bucket occurs in: what only a few have written is not learnt
LONGEST: Final = 2_000  # characters of a text that are read
SURENESS: Final = 1.645  # standard deviations that "better than guessing" must be, one chance in twenty
SECONDS: Final = 900


class Class(StrEnum):
    """What an item turned out to be, as work."""

    TRIVIAL = "trivial"
    ANSWER = "answer"
    MODERATOR = "moderator"


class LearningFailed(RuntimeError):
    """The process that learns ended without an answer; the text says how, and holds nothing that was read."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a person: what was written, and what it turned out to be. `words` has gone through `plain`."""

    words: str
    became: Class


@dataclass(frozen=True, slots=True)
class Figure:
    """How it went with one class among the held-out decisions."""

    became: str
    held_out: int  # how many people decided so
    found: int  # of those, how many it said the same about
    suggested: int  # how many it said this about


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt, and how it went when it was tried on newer decisions than it had learnt from."""

    classes: tuple[str, ...]
    figures: tuple[Figure, ...]
    learnt_from: int
    held_out: int
    right: int
    guessing: int  # how many the most usual class alone would have got right
    is_better: bool  # than guessing that class each time, by more than chance
    weights: bytes

    @property
    def count(self) -> int:
        return self.learnt_from + self.held_out


def is_installed() -> bool:
    """Whether scikit-learn is there to learn with; it is not loaded by the question."""
    return find_spec("sklearn") is not None


def missing(counts: dict[str, int]) -> tuple[int, int]:
    """
    Return how many more decisions it takes before it may learn: in all, and of the second most usual class.

    Args:
        counts: Decisions of each class.
    """
    usual = sorted(counts.values(), reverse=True)
    second = usual[1] if len(usual) > 1 else 0
    return max(0, FEWEST - sum(usual)), max(0, FEWEST_OF_TWO - second)


# --- What is read of a text ------------------------------------------------------------------------------------------

_HANDLE = re.compile(r"(?<![\w.])@[\w.\-]+(?:@[\w.\-]+)?")
_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+\.[\w.\-]+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NUMBER = re.compile(r"\d(?:[\d \u00a0.,:/+\-]*\d)?")
_WORD = re.compile(r"\w+|[^\w\s]")


def plain(text: str, *, without: Iterable[str] = ()) -> str:
    """
    Return what the learner may read of a text: no identity number, no other number, no address, nobody who is spoken
    to, and none of `without` (the name and the handle of whoever wrote).

    Law: GDPR-7, RF-3
    """
    text = mask_identity_numbers(text[:LONGEST], "•")
    for sign, instead in ((_ADDRESS, " ¤länk "), (_HANDLE, " "), (_EMAIL, " ¤adress ")):
        text = sign.sub(instead, text)
    for name in sorted({part for each in without for part in (each, *each.split()) if len(part) > 2}, key=len)[::-1]:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text, flags=re.IGNORECASE)
    text = re.sub("•+", " ¤nummer ", text)
    return _NUMBER.sub("0", " ".join(folded(text).text.split()))


def buckets(words: str) -> dict[int, float]:
    """
    Return the buckets that a text falls into, each with its weight in the text; the squares of the weights add to 1.

    Words, pairs of words, and parts of three to five letters of a word. A bucket holds whatever happens to fall there.
    """
    counted = Counter(_bucket(part) for part in _parts(words))
    values = {bucket: 1 + math.log(times) for bucket, times in counted.items()}
    length = math.sqrt(sum(value * value for value in values.values()))
    return {bucket: value / length for bucket, value in values.items()} if length else {}


def _parts(words: str) -> Iterator[str]:
    found = _WORD.findall(words)
    for first, second in pairwise(found):
        yield f"2 {first} {second}"
    for word in found:
        yield f"1 {word}"
        whole = f"<{word}>"
        for size in (3, 4, 5):
            for start in range(len(whole) - size + 1):
                yield f"{size}c{whole[start : start + size]}"


def _bucket(part: str) -> int:
    return crc32(part.encode("utf-8", "replace")) % BUCKETS


# --- Suggesting ------------------------------------------------------------------------------------------------------


class Suggester:
    """Weights that were learnt, ready to say what a text is likely to turn out to be."""

    def __init__(self, classes: Sequence[str], weights: bytes) -> None:
        """Raises ValueError: The weights are not of this shape."""
        self.classes = tuple(classes)
        self._weights = array("f")
        self._weights.frombytes(weights)
        if sys.byteorder == "big":
            self._weights.byteswap()
        if len(self._weights) != len(self.classes) * (BUCKETS + 1):
            raise ValueError("the weights do not belong to these classes")

    def suggest(self, words: str) -> str:
        """Return the likeliest class of a text that has gone through `plain`."""
        values = buckets(words)
        sums = [
            self._weights[start + BUCKETS] + sum(self._weights[start + bucket] * v for bucket, v in values.items())
            for start in range(0, len(self._weights), BUCKETS + 1)
        ]
        return self.classes[max(range(len(sums)), key=sums.__getitem__)]


# --- Learning --------------------------------------------------------------------------------------------------------


def learn(decisions: Sequence[Decision]) -> Learnt:
    """
    Learn from the older four fifths of some decisions, try it on the newest fifth, then learn from all of them.

    The same decisions give the same weights.

    Args:
        decisions: In the order they were made, enough of them (`missing`).

    Raises:
        ValueError: The older part holds one class only, or there are too few.
        ModuleNotFoundError: scikit-learn is not installed.
    """
    split = len(decisions) - round(len(decisions) * HELD_OUT)
    older, newer = decisions[:split], decisions[split:]
    if not newer or len({each.became for each in older}) < 2:
        raise ValueError("too few decisions, or all alike")
    classes, weights = _fitted(older)
    suggester = Suggester(classes, weights)
    said = [(each.became.value, suggester.suggest(each.words)) for each in newer]
    usual = Counter(each.became.value for each in older).most_common(1)[0][0]
    right = sum(became == suggested for became, suggested in said)
    figures = tuple(
        Figure(
            became=one.value,
            held_out=sum(became == one for became, _ in said),
            found=sum(became == suggested == one for became, suggested in said),
            suggested=sum(suggested == one for _, suggested in said),
        )
        for one in Class
    )
    classes, weights = _fitted(decisions)
    return Learnt(
        classes=classes, figures=figures, learnt_from=len(older), held_out=len(newer), right=right,
        guessing=sum(became == usual for became, _ in said), weights=weights,
        is_better=is_better([(became == suggested, became == usual) for became, suggested in said]),
    )  # fmt: skip


def is_better(pairs: Iterable[tuple[bool, bool]]) -> bool:
    """
    Whether something is right more often than guessing is, by more than chance.

    Only decisions where one was right and the other wrong say anything (the sign test).

    Args:
        pairs: For each decision whether it was right, and whether guessing was.
    """
    found = Counter(pairs)
    won, lost = found[True, False], found[False, True]
    return won - lost > SURENESS * math.sqrt(won + lost)


def learn_apart(decisions: Sequence[Decision]) -> Learnt:
    """
    Learn as `learn` does, in a process of its own that ends with it.

    Raises:
        LearningFailed: It ended without an answer, or took longer than a quarter of an hour.
    """
    told = json.dumps([[each.words, each.became.value] for each in decisions]).encode()
    # One thread: two processors are shared with the pages, and sums in another order are other sums.
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONPATH": _paths()}
    surroundings = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR") if name in os.environ
    }
    try:
        done = subprocess.run(  # ourselves
            [sys.executable, "-m", "narvaro.screening.learner"], input=told, capture_output=True, check=False,
            timeout=SECONDS, env=surroundings | alone,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise LearningFailed("it took too long") from None
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
        raise LearningFailed(f"exit code {done.returncode}: {last[0][:200]}")
    return _read(json.loads(done.stdout))


def main() -> int:
    """Learn from standard input, a JSON list of [words, class] oldest first; write what was learnt as JSON."""
    if hasattr(os, "nice"):
        os.nice(10)
    read = [Decision(words, Class(became)) for words, became in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(_written(learn(read))))
    return 0


def _written(learnt: Learnt) -> dict[str, Any]:
    return asdict(learnt) | {"weights": b64encode(learnt.weights).decode()}


def _read(values: dict[str, Any]) -> Learnt:
    values["classes"], values["weights"] = tuple(values["classes"]), b64decode(values["weights"])
    return Learnt(**values | {"figures": tuple(Figure(**each) for each in values["figures"])})


def _paths() -> str:
    return os.pathsep.join(path for path in sys.path if path)


def _fitted(decisions: Sequence[Decision]) -> tuple[tuple[str, ...], bytes]:
    """Return the classes that occur and, for each in turn, the weight of every bucket and of none."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - the extra `ml`, loaded where it is used
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    rows = [buckets(each.words) for each in decisions]
    texts = Counter(bucket for row in rows for bucket in row)
    kept = {bucket for bucket, count in texts.items() if count >= FEWEST_TEXTS}
    places, values, ends = array("i"), array("d"), array("i", [0])
    for row in rows:
        for bucket, value in row.items():
            if bucket in kept:
                places.append(bucket)
                values.append(value)
        ends.append(len(places))
    matrix = csr_matrix((values, places, ends), shape=(len(rows), BUCKETS))
    model = LogisticRegression(C=4.0, max_iter=200, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix, [each.became.value for each in decisions])
    found = [*zip(model.coef_.tolist(), model.intercept_.tolist(), strict=True)]
    if len(found) == 1:  # of two classes it learns the second; the first is its opposite
        found = [([-weight for weight in found[0][0]], -found[0][1]), found[0]]
    weights = array("f", [value for row, alone in found for value in (*row, alone)])
    if sys.byteorder == "big":
        weights.byteswap()
    return tuple(str(one) for one in model.classes_), weights.tobytes()


if __name__ == "__main__":
    sys.exit(main())

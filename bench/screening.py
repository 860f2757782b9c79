"""
How fast and how well texts are screened: `python -m bench screening`, without a database.

Seconds are seconds of processor time of one process, so that other work on the machine matters less; what is compared
takes turns over the same texts.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from bench.heldout_examples import judged, without_examples
from bench.table import Row
from bench.texts import comments
from narvaro.base.tests.test_identity import SAMPLE, WRITTEN, is_unavoidable, other_numbers, parts
from narvaro.screening import Area, Context, Direction, OwnRule, OwnRules, screen
from narvaro.screening.hostile import hostile_texts
from narvaro.screening.ruleset import rules

ROOT = Path(__file__).resolve().parents[1]
PRESIDIO = ROOT / ".tools" / "presidio"
LENGTH = 120
SPEED_BOUND = 20_000
RATIO_BOUND = 10
OWN_WORDS = 10_000
OWN_BOUND = 0.2
LINEAR_BOUND = 2
SLOW_SECONDS = 0.25
OTHER_NUMBERS = 100_000
FALSE_BOUND = 0.005
_TITLE = "screening"


def rows(*, quick: bool, say: Callable[[str], None]) -> Iterator[Row]:
    """Yield the lines of the table, each when it is measured."""
    say("screening: speed")
    for text in _comments(200):  # what is compiled when it is first needed is no text's fault
        for direction in Direction:
            screen(text, direction=direction)
    yield from _speed()
    yield _linear()
    say("screening: own words")
    yield _own_words()
    say("screening: presidio-analyzer")
    yield from _beside_presidio(say)
    say("screening: identity numbers")
    yield from _identity_numbers()
    count = 20_000 if quick else 1_000_000
    say(f"screening: {count:,} hostile texts")
    yield from _hostile(count, say)
    yield from _heldout()


# --- Speed ----------------------------------------------------------------------------------------------------------


def _comments(count: int, start: int = 0) -> list[str]:
    """Return what residents write, cut to comments of 120 characters."""
    long = " ".join(item.text for item in comments(count, start=start))
    return [long[at : at + LENGTH] for at in range(0, len(long) - LENGTH, LENGTH)][:count]


def _rate(texts: Sequence[str], context: Context | None = None) -> float:
    began = time.process_time()
    for text in texts:
        screen(text, direction=Direction.INCOMING, context=context)
    return len(texts) / (time.process_time() - began)


def _speed() -> Iterator[Row]:
    texts = _comments(10_000)
    rate = statistics.median(_rate(texts) for _ in range(5))
    number = sum(rule.direction is Direction.INCOMING for rule in rules().rules)
    yield Row(
        _TITLE, f"comments of {LENGTH} characters, all {number} rules", f"{rate:,.0f}/s", bound=f">= {SPEED_BOUND:,}/s",
        holds=rate >= SPEED_BOUND,
    )  # fmt: skip
    dice = random.Random(5)
    new = [" ".join("".join(dice.choices("abdefghiklmnoprstuvyåäö", k=7)) for _ in range(15)) for _ in range(5_000)]
    yield Row(_TITLE, "  where every word is one never seen before", f"{_rate(new):,.0f}/s")
    hits = [example.text for rule in rules().rules for example in rule.examples if example.text]
    long = " ".join(hits)
    dense = [long[at : at + LENGTH] for at in range(0, len(long) - LENGTH, LENGTH)]
    _rate(dense)  # every rule is compiled once
    yield Row(_TITLE, "  where every text is what the rules look for", f"{_rate(dense):,.0f}/s")


def _linear() -> Row:
    long = " ".join(item.text for item in comments(9_000, start=50_000))
    assert len(long) >= 1_000_000
    each: dict[int, float] = {}
    for size in (1_000, 10_000, 100_000, 1_000_000):
        times = []
        for turn in range(max(7, min(200, 1_000_000 // size // 4))):
            at = turn * size % (len(long) - size + 1)
            text = long[at : at + size]
            began = time.process_time()
            screen(text, direction=Direction.INCOMING)
            times.append(time.process_time() - began)
        each[size] = statistics.median(times) / size * 1e9
    growth = each[1_000_000] / each[10_000]
    shown = ", ".join(f"{size // 1000} kB {nanoseconds:.0f}" for size, nanoseconds in each.items())
    return Row(_TITLE, "ns a character, by length of the text", shown, ratio=f"x {growth:.2f}",
               bound=f"<= {LINEAR_BOUND} from 10 kB to 1 MB", holds=growth <= LINEAR_BOUND)  # fmt: skip


def _own_words() -> Row:
    middles = ("arn", "erl", "ist", "olm", "urk", "ysp", "åld", "ärg", "önk", "amp", "ost")
    ends = [first + rest for first in "bdfghklmnp" for rest in ("ick", "ors", "uss", "ym", "äp", "ot", "ig", "alp")]
    words = ["".join(parts) for parts in product("bdfghjklmnprstv", middles, ends)][: OWN_WORDS - 3]
    rule = OwnRule(
        id="own.1",
        ground="house-1",
        sentence="Ordet står i husreglerna.",
        words=(*words, "snöröjning", "*bro", "bussar*"),
    )
    own = Context(own_rules=OwnRules([rule]))
    texts = _comments(4_000, start=9_000)
    with_own, without = [], []
    for _ in range(7):
        without.append(1 / _rate(texts))
        with_own.append(1 / _rate(texts, own))
    cost = statistics.median(with_own) / statistics.median(without) - 1
    return Row(_TITLE, f"what {len(rule.words):,} own words cost", f"{cost:+.1%}", bound=f"< {OWN_BOUND:.0%}",
               holds=cost < OWN_BOUND)  # fmt: skip


# --- Beside presidio-analyzer ---------------------------------------------------------------------------------------


def _beside_presidio(say: Callable[[str], None]) -> Iterator[Row]:
    what = "beside presidio-analyzer 2.2 (identity number, phone and e-mail only)"
    if not (python := _presidio_python(say)):
        yield Row(_TITLE, what, "left out: presidio-analyzer could not be had from the package index")
        return
    numbers, phones = _identity_texts(), _phone_texts()
    mails = [f"Skriv till boende{number}@exempel.se om det" for number in range(len(numbers) // 2)]
    dice = random.Random(9)
    holding = [*dice.sample(numbers, 1_500), *phones * 10, *mails[:1_000]]
    dice.shuffle(holding)
    kinds = {
        "texts that each hold one of the three": holding[:4_000],
        "comments, most of which hold none": _comments(4_000),
    }
    found = {
        name: (asked, sum(any(f.rule == rule for f in screen(t, direction=Direction.INCOMING)) for t in asked))
        for name, asked, rule in (
            ("SE_PERSONNUMMER", numbers, "personal_data.identity_number"),
            ("PHONE_NUMBER", phones, "personal_data.phone"),
        )
    }
    for how, words in (("as it comes", ()), ("told to look for Swedish telephone numbers only", ("--swedish-phones",))):
        with _presidio(python, words) as ask:
            measured = {kind: _turn_by_turn(texts, ask) for kind, texts in kinds.items()}
            their_found = {
                name: sum(name in kinds for kinds in ask(asked)[1]) / len(asked) for name, (asked, _) in found.items()
            }
        yield Row(_TITLE, f"{what}, {how}", "")
        for number, (kind, (ours, theirs)) in enumerate(measured.items()):
            is_bound = number == 0 and not words  # the rest is told for fairness: it is not what the bound is about
            ratio = ours / theirs
            yield Row(
                _TITLE, f"  {kind}", f"{ours:,.0f}/s", f"{theirs:,.0f}/s", f"x {ratio:.1f}",
                f">= x {RATIO_BOUND}" if is_bound else "", ratio >= RATIO_BOUND if is_bound else None,
            )  # fmt: skip
        for name, (asked, count) in found.items():
            kind = "telephone" if name == "PHONE_NUMBER" else "identity"
            yield Row(_TITLE, f"  {kind} numbers found", f"{count / len(asked):.1%}", f"{their_found[name]:.1%}")


def _turn_by_turn(
    texts: Sequence[str], ask: Callable[[Sequence[str]], tuple[float, list[list[str]]]]
) -> tuple[float, float]:
    """Return how many texts a second we screen and they analyse; both have read them once before."""
    _rate(texts)
    ask(texts)
    ours, theirs = [], []
    for at in range(0, len(texts), 500):
        part = texts[at : at + 500]
        ours.append(_rate(part))
        theirs.append(len(part) / ask(part)[0])
    return statistics.median(ours), statistics.median(theirs)


def _identity_texts() -> list[str]:
    file = Path(__file__).resolve().parents[1] / "src/narvaro/base/tests/identity_numbers.json"
    sample = json.loads(file.read_text())
    forms = ("{0}{1}-{2}", "{0}{1}{2}", "{1}-{2}", "{1}{2}", "{1} {2}", "{0}{1} {2}", "{1} - {2}", "{0}{1}–{2}")
    return [
        f"Mitt personnummer är {form.format(number[:2], number[2:8], number[8:])}, tack"
        for number in (*sample["personal"], *sample["coordination"])
        for form in forms
    ]


def _phone_texts() -> list[str]:
    # Numbers that the Swedish Post and Telecom Authority keeps for fiction.
    heads = ("070-174 06 {0:02}", "07017406{0:02}", "+46 70 174 06 {0:02}", "08-465 004 {0:02}", "031-390 06 {0:02}")
    return [f"Ring mig på {head.format(number)} i kväll" for head in heads for number in range(5, 95, 3)]


def _presidio_python(say: Callable[[str], None]) -> Path | None:
    """Return the Python of an environment with presidio-analyzer, made the first time; None when it cannot be had."""
    python = PRESIDIO / "bin" / "python"
    if not (PRESIDIO / "ready").exists():
        say("  installing presidio-analyzer in an environment of its own (.tools/presidio)")
        steps = (
            [sys.executable, "-m", "venv", "--clear", str(PRESIDIO)],
            [str(python), "-m", "pip", "install", "--quiet", "presidio-analyzer>=2.2,<2.3"],
        )
        try:
            for step in steps:
                subprocess.run(step, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)
        except (subprocess.SubprocessError, OSError):
            return None
        (PRESIDIO / "ready").touch()
    return python


@contextmanager
def _presidio(python: Path, words: Sequence[str]) -> Iterator[Callable[[Sequence[str]], tuple[float, list[list[str]]]]]:
    script = Path(__file__).parent / "presidio.py"
    with subprocess.Popen(
        [python, "-I", script, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdin
        assert running.stdout
        entities = json.loads(running.stdout.readline())["entities"]
        assert len(entities) == 3, entities

        def ask(texts: Sequence[str]) -> tuple[float, list[list[str]]]:
            assert running.stdin
            assert running.stdout
            running.stdin.write(json.dumps(texts) + "\n")
            running.stdin.flush()
            answer = json.loads(running.stdout.readline())
            return answer["seconds"], answer["found"]

        yield ask
        running.stdin.close()


# --- Identity numbers -----------------------------------------------------------------------------------------------


def _identity_numbers() -> Iterator[Row]:
    """The official test numbers in every written form, and numbers that are something else, read by all rules."""
    numbers, whose = _official_numbers()
    missed = 0
    for number in numbers:
        pieces = parts(number)
        missed += sum(not _has_number(f"Mitt nummer är {form.format(**pieces)}, tack") for form in WRITTEN.values())
    yield Row(
        _TITLE, f"{len(numbers):,} {whose} identity numbers, each written in {len(WRITTEN)} ways", f"{missed} missed",
        bound="0 missed", holds=not missed,
    )  # fmt: skip
    flagged = avoidable = 0
    for text in other_numbers(OTHER_NUMBERS):
        if _has_number(text):
            flagged += 1
            avoidable += not is_unavoidable(text)
    yield Row(
        _TITLE, f"{OTHER_NUMBERS:,} random digits, telephone, payment, invoice and case numbers",
        f"{avoidable} flagged, and {flagged - avoidable} with a right check digit and date",
        ratio=f"{avoidable / OTHER_NUMBERS:.2%}", bound=f"< {FALSE_BOUND:.1%}",
        holds=avoidable / OTHER_NUMBERS < FALSE_BOUND,
    )  # fmt: skip


def _official_numbers() -> tuple[list[str], str]:
    """Return all official test numbers where they are at hand, else the sample that stands in the repository."""
    folder = Path(os.environ.get("NARVARO_TEST_SHARED", ROOT.parent / "shared")) / "data" / "personnummer-testdata"
    files = [folder / name for name in ("allPins.json", "allCoords.json")]
    if all(file.exists() for file in files):
        return [number for file in files for number in json.loads(file.read_text())], "official"
    return [*SAMPLE["personal"], *SAMPLE["coordination"]], "of the official"


def _has_number(text: str) -> bool:
    return any(f.rule == "personal_data.identity_number" for f in screen(text, direction=Direction.INCOMING))


# --- Hostile texts --------------------------------------------------------------------------------------------------


def _hostile(count: int, say: Callable[[str], None]) -> Iterator[Row]:
    words = sorted({word for rule in rules().rules for example in rule.examples for word in example.text.split()})
    slowest, slow_text, crashes, examples = 0.0, "", 0, []
    directions = list(Direction)
    began = time.process_time()
    for text in hostile_texts(3_000, words=words, seed=3):  # every rule is compiled once
        for direction in directions:
            screen(text, direction=direction)
    for number, text in enumerate(hostile_texts(count, words=words, seed=2)):
        before = time.process_time()
        try:
            screen(text, direction=directions[number % 2])
        except Exception as problem:
            crashes += 1
            examples.append(f"{problem!r}: {text[:80]!r}")
        if (seconds := time.process_time() - before) > slowest:
            slowest, slow_text = seconds, text
        if number % 100_000 == 99_999:
            say(f"  {number + 1:,}")
    for example in examples[:5]:
        say(f"  {example}")
    say(f"  slowest: {slow_text[:200]!r}")
    rate = count / (time.process_time() - began)
    yield Row(
        _TITLE, f"{count:,} hostile texts", f"{crashes} crashes, {rate:,.0f}/s", bound="0 crashes", holds=not crashes
    )
    yield Row(_TITLE, "  the slowest of them", f"{slowest * 1000:.0f} ms", bound=f"< {SLOW_SECONDS * 1000:.0f} ms",
              holds=slowest < SLOW_SECONDS)  # fmt: skip


# --- Recall and precision -------------------------------------------------------------------------------------------


def _heldout() -> Iterator[Row]:
    found = judged()
    for apart in sorted({one.apart for one in found if one.apart}):
        yield Row(_TITLE, f"held-out examples: {apart}", "")
    for one in found:
        yield Row(_TITLE, f"  {one.area.value}: {one.hits} hits, {one.misses} misses", f"recall {one.recall:.1%}",
                  f"precision {one.precision:.1%}")  # fmt: skip
    if lacking := without_examples():
        yield Row(_TITLE, "  areas that nobody has written held-out examples for", str(len(lacking)))


def mistakes() -> Iterator[tuple[Area, str, str]]:
    """Yield what the rules get wrong among the held-out examples: area, "missed" or "wrong", text."""
    for one in judged():
        yield from ((one.area, "missed", text) for text in one.missed)
        yield from ((one.area, "wrong", text) for text in one.wrong)

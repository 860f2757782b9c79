"""Nothing anybody can write makes the engine crash or slow."""

from __future__ import annotations

import json
import time
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narvaro.screening import Context, Direction, needs_answer, screen
from narvaro.screening.detectors import DETECTORS, FEWEST_DIGITS
from narvaro.screening.engine import _reader
from narvaro.screening.fold import disguised, folded
from narvaro.screening.hostile import hostile_texts
from narvaro.screening.pattern import Gates, Patterns, source
from narvaro.screening.ruleset import rules
from narvaro.screening.sieve import WORDS

_NAUGHTY = json.loads((Path(__file__).parent / "blns" / "blns.json").read_text())
_PARTS = 4  # for as many processes
_WORDS = [word for rule in rules().rules for text in (*rule.hits, *rule.misses) for word in text.split()]
_WEIRD = st.sampled_from(
    [
        "\u200b",
        "\u0308",
        "\u030a",
        "\u202e",
        "\ud800",
        "０",
        "а",
        "ﷺ",
        "İ",
        "ß",
        "🔪",
        "d ",
        "ö.",
        "aaa",
        "4",
        "\x00",
        '"',
        ">",
        "\n",
    ]
)
_TEXTS = st.lists(st.one_of(st.sampled_from(_WORDS), _WEIRD, st.text(max_size=8)), max_size=40).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda glue: glue.join(parts))
)


def _wrong_with(text: str) -> list[object]:
    """Return what is wrong with what is said of a text: a span outside it, another answer when asked again."""
    wrong: list[object] = []
    for direction in Direction:
        findings = screen(text, direction=direction)
        wrong += [each for each in findings if not 0 <= each.span[0] < each.span[1] <= len(text)]
        if screen(text, direction=direction) != findings or not isinstance(needs_answer(text, findings), bool):
            wrong.append((direction, text))
    return wrong


@pytest.mark.seldom
@pytest.mark.parametrize("number", range(0, len(_NAUGHTY), 25))
def test_naughty_strings_alone_and_around_a_threat(number: int) -> None:
    for text in _NAUGHTY[number : number + 25]:
        assert _wrong_with(text) == []
        assert _wrong_with(f"{text} jag ska döda dig {text}") == []
        assert any(
            f.ground == "BBS-5a" for f in screen(f"{text}\njag ska döda dig\n{text}", direction=Direction.INCOMING)
        )


@pytest.mark.seldom
@settings(max_examples=1500)
@given(_TEXTS)
def test_any_text_gives_findings_within_the_text_and_the_same_every_time(text: str) -> None:
    assert _wrong_with(text) == []


@pytest.mark.seldom
@pytest.mark.parametrize("part", range(_PARTS))
def test_twenty_thousand_hostile_texts_neither_crash_nor_take_long(part: int) -> None:
    # What is compiled once is no text's fault.
    for text in ("Jag ska döda dig, ring 070-174 06 05", "J a g  s k a  d ö d a  d i g", "j.a.g s.k.a d.ö.d.a d.i.g"):
        assert _wrong_with(text) == []
    slowest = (0.0, "")
    for number, text in islice(enumerate(hostile_texts(20_000, words=_WORDS)), part, None, _PARTS):
        began = time.process_time()
        findings = screen(text, direction=list(Direction)[number // _PARTS % 2])
        slowest = max(slowest, (time.process_time() - began, text))

        assert all(0 <= start <= end <= len(text) for start, end in (finding.span for finding in findings)), text

    # A text of a few hundred characters takes far less than a millisecond; a second is no matter of the machine.
    assert slowest[0] < 1, slowest


@pytest.mark.seldom
@settings(max_examples=300)
@given(_TEXTS)
def test_the_sieve_keeps_out_nothing_that_would_match(text: str) -> None:
    for direction in Direction:
        reader = _reader(direction)
        for view, rows in ((folded(text), reader.normal), (folded(text.replace(" ", "")), reader.squeezed)):
            let_through = {number for _, number in rows.worth_trying(view.text, WORDS(view.text))}
            matching = {number for row, number in enumerate(rows.numbers) if rows.matches(row, view)}

            assert matching <= let_through, [reader.rules[number].id for number in matching - let_through]


_NUMBERS = st.lists(
    st.one_of(
        st.sampled_from(_WORDS),
        st.sampled_from(
            ["konto", "bg", "pg:", "bankgiro", "clearing", "tel", "OCR", "SE45", "ABC", "Storgatan", "@", "\n"]
        ),
        st.from_regex(r"\A\+?\d{1,4}([ ./-]{0,2}\d{1,4}){0,5}\Z"),
    ),
    max_size=12,
).map(" ".join)


@pytest.mark.seldom
@settings(max_examples=600)
@given(st.one_of(_NUMBERS, _TEXTS))
def test_what_is_asked_before_a_detector_is_run_keeps_out_nothing_it_would_find(text: str) -> None:
    for direction in Direction:
        reader, view = _reader(direction), folded(text)
        tried = {number for _, number, detecting in reader.normal.tried(view, WORDS(view.text)) if detecting}
        for number, rule in enumerate(reader.rules):
            if rule.detector in FEWEST_DIGITS and number not in tried:
                assert not list(DETECTORS[rule.detector](view.text, Context())), rule.id


def test_all_patterns_at_once_say_what_each_says_by_itself() -> None:
    sources = [source(pattern, {}, bounded=False) for pattern in ("@", r"\w(gatan|vägen) ?\d", r"[a-z]{2} ?\d{2}", "å")]
    alone, at_once = Patterns(sources), Gates(sources)
    for text in (*_NAUGHTY, "Storvägen 3", "se45", "a@b.se", "storgatan 12, ring", "kalle\ud800 vagen 7"):
        view = folded(text)

        assert sorted(at_once.passed(view.bytes)) == [n for n in range(len(sources)) if alone.matches(n, view.bytes)]


def test_the_sieve_keeps_out_no_example_of_any_rule() -> None:
    for rule in [rule for rule in rules().rules if not rule.weighed]:  # words are weighed without a sieve
        reader = _reader(rule.direction)
        number = reader.rules.index(rule)
        for text in (*rule.hits, *rule.misses):
            view = folded(text)
            if reader.normal.matches(reader.normal.numbers.index(number), view):
                assert number in {found for _, found in reader.normal.worth_trying(view.text, WORDS(view.text))}, text


@settings(max_examples=500)
@given(_TEXTS)
def test_every_reading_leads_back_into_the_original_in_order(text: str) -> None:
    view = folded(text)
    for reading in (view, *(one for one, _ in disguised(view))):
        places = [reading.original((at, at + 1)) for at in range(len(reading.text))]
        assert all(0 <= start <= end <= len(text) for start, end in places)
        assert places == sorted(places)


_LONG = {
    "letters": "a",
    "threats": "jag ska döda dig ",
    "half threats": "jag ska ",
    "stretched": "döööööda",
    "set apart": "d ö d a ",
    "digits": "1 2-",
    "identity numbers": "19121212-1212 ",
    "leet": "d0d4 ",
    "at signs": "a@a.",
    "addresses": "a@a.se ",
    "marks": "o\u0308\u0308",
    "styled": "𝐝",
    "zero width": "\u200b",
    "questions": "vad? ",
    "quotes": '"jag ska döda dig" ',
    "phones": "070-174 06 05 ",
    "plus": "+46",
    "tags": "#a ",
}


@pytest.mark.seldom
@pytest.mark.parametrize("name", _LONG)
def test_time_is_linear_to_a_megabyte(name: str) -> None:
    def seconds(size: int, *, times: int = 1) -> float:
        text = (_LONG[name] * (size // len(_LONG[name]) + 1))[:size]
        best = 60.0
        for _ in range(times):
            begun = time.perf_counter()
            screen(text, direction=Direction.INCOMING)
            best = min(best, time.perf_counter() - begun)
        return best

    seconds(1000)
    small, large = seconds(50_000, times=2), seconds(1_000_000)

    # 20 times the text; a generous bound still far from the 400 times of quadratic work.
    assert large < max(60 * small, 0.5), (small, large)

"""Nothing anybody can write makes the engine crash or slow."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narvaro.screening import Direction, needs_answer, screen
from narvaro.screening.fold import disguised, folded
from narvaro.screening.ruleset import rules

_NAUGHTY = json.loads((Path(__file__).parent / "blns" / "blns.json").read_text())
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


def _holds(text: str) -> None:
    for direction in Direction:
        findings = screen(text, direction=direction)
        for finding in findings:
            start, end = finding.span
            assert 0 <= start < end <= len(text), (finding, text)
        needs_answer(text, findings)


@pytest.mark.parametrize("number", range(0, len(_NAUGHTY), 25))
def test_naughty_strings_alone_and_around_a_threat(number: int) -> None:
    for text in _NAUGHTY[number : number + 25]:
        _holds(text)
        _holds(f"{text} jag ska döda dig {text}")
        assert any(
            f.ground == "BBS-5a" for f in screen(f"{text}\njag ska döda dig\n{text}", direction=Direction.INCOMING)
        )


@settings(max_examples=1500, deadline=None)
@given(_TEXTS)
def test_any_text_gives_findings_within_the_text(text: str) -> None:
    _holds(text)


@settings(max_examples=500, deadline=None)
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


@pytest.mark.parametrize("name", _LONG)
def test_time_is_linear_to_a_megabyte(name: str) -> None:
    def seconds(size: int) -> float:
        text = (_LONG[name] * (size // len(_LONG[name]) + 1))[:size]
        best = 60.0
        for _ in range(2):
            begun = time.perf_counter()
            screen(text, direction=Direction.INCOMING)
            best = min(best, time.perf_counter() - begun)
        return best

    seconds(1000)
    small, large = seconds(50_000), seconds(1_000_000)

    # 20 times the text; a generous bound still far from the 400 times of quadratic work.
    assert large < max(60 * small, 0.5), (small, large)

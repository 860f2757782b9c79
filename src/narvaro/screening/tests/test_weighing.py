"""Words that together say enough: the quietest rules, which speak only where no other of their area has."""

from __future__ import annotations

from itertools import pairwise

import pytest

from narvaro.screening import Direction, Finding, Severity, screen
from narvaro.screening.ruleset import rules
from narvaro.screening.sieve import WORDS
from narvaro.screening.weighing import Weighing, features

_WEIGHED = [rule for rule in rules().rules if rule.weighed]


def places(weighing: Weighing, text: str) -> list[tuple[int, str]]:
    return [(place, text[slice(*span)]) for place, span in weighing.enough(text, WORDS(text))]


def incoming(text: str) -> tuple[Finding, ...]:
    return screen(text, direction=Direction.INCOMING)


def test_words_and_neighbours_add_up_and_the_span_shows_them() -> None:
    weighing = Weighing([{"kniv": 1.0, "natt": 1.0, "i natt": 0.5, "tack": -2.0}], [2.5])

    assert places(weighing, "han har kniv i natt och går") == [(0, "kniv i natt")]
    assert places(weighing, "han har kniv en natt") == []  # no neighbours
    assert places(weighing, "tack för kniven i natt") == []
    assert places(weighing, "kniv kniv kniv natt") == []  # a word counts once


def test_each_rule_has_a_sum_of_its_own() -> None:
    weighing = Weighing([{"eld": 2.0, "is": -9.0}, {"is": 2.0, "eld": -1.0}, {"sand": 3.0}], [1.5, 0.9, 2.5])

    assert places(weighing, "eld") == [(0, "eld")]
    assert places(weighing, "eld och is") == [(1, "is")]
    assert places(weighing, "sand och eld") == [(0, "eld"), (2, "sand")]


def test_what_is_said_far_into_a_long_text_is_weighed_by_itself() -> None:
    weighing = Weighing([{"kniv": 1.0, "natt": 1.0}], [2.0])

    assert places(weighing, "tyst " * 500 + "kniv om natt " + "lugn " * 500) == [(0, "kniv om natt")]
    assert places(weighing, "kniv " + "lugn " * 100 + "natt") == []


def test_a_rule_that_weighs_is_never_louder_than_a_look_and_is_weaker_in_quotes() -> None:
    assert _WEIGHED
    for rule in _WEIGHED:
        assert rule.severity is Severity.LOOK, rule.id
        assert rule.lowered, rule.id
        for text in rule.hits:
            (said,) = [one for one in incoming(text) if one.rule == rule.id]
            quoted = [one.severity for one in incoming(f'Han skrev: "{text}" till mig') if one.rule == rule.id]

            assert said.severity <= Severity.LOOK, text
            assert all(severity is Severity.NOTE for severity in quoted), text


@pytest.mark.seldom
def test_a_rule_that_weighs_is_silent_where_another_of_its_area_has_spoken() -> None:
    areas = {rule.area: rule.id for rule in _WEIGHED}
    for rule in rules().rules:
        if rule.area not in areas or rule.weighed:
            continue
        for text in rule.hits:
            told = {one.rule for one in incoming(text) if one.area is rule.area}

            assert areas[rule.area] not in told, text


def test_a_rule_that_weighs_shows_its_words_in_its_file() -> None:
    for rule in _WEIGHED:
        weights = dict(rule.weighed)

        assert 50 <= len(weights) <= 400, rule.id
        assert rule.least > max(weights.values()), f"{rule.id}: one word alone would be enough"
        assert all(0.05 <= abs(weight) < 10 for weight in weights.values()), rule.id


def test_features_are_stems_and_pairs_of_neighbours() -> None:
    words = ["knivarna", "låg", "där"]

    assert features(words) == {"kniv", "låg", "där", *(f"{one} {two}" for one, two in pairwise(["kniv", "låg", "där"]))}

"""The examples in the rule files are the tests of the rules."""

from __future__ import annotations

import pytest

from narvaro.screening import Area, Direction, ServiceClass, screen, sentences
from narvaro.screening.pattern import Patterns, beginnings, source
from narvaro.screening.ruleset import Example, Rule, rule_names, rules

_URGENT_AREAS = {Area.THREAT, Area.STAFF, Area.SUICIDE, Area.CHILD, Area.EMERGENCY, Area.ABUSE_MATERIAL}
_AREAS_WITH_SIXTY = set(Area) - {Area.OWN}  # rules of an authority's own have no file here
_RULES = rules().rules
_BY_ID = {"argnames": "rule", "argvalues": _RULES, "ids": [rule.id for rule in _RULES]}


def _found(rule: Rule, example: Example) -> list[tuple[int, int]]:
    findings = screen(example.text, direction=rule.direction, context=example.context)
    return [finding.span for finding in findings if finding.rule == rule.id]


@pytest.mark.parametrize(**_BY_ID)
def test_a_rule_hits_each_of_its_examples_and_says_where(rule: Rule) -> None:
    examples = [example for example in rule.examples if example.is_hit]
    places = [_found(rule, example) for example in examples]

    assert [example.text for example, found in zip(examples, places, strict=True) if not found] == []
    # What is wrong with a picture, or missing altogether, has no place in the text.
    for example, found in zip(examples, places, strict=True):
        assert all(0 <= start < end <= len(example.text) or (start, end) == (0, 0) for start, end in found), example


@pytest.mark.parametrize(**_BY_ID)
def test_a_rule_misses_each_of_its_counterexamples(rule: Rule) -> None:
    examples = [example for example in rule.examples if not example.is_hit]
    wrong = {example.text: [example.text[slice(*span)] for span in _found(rule, example)] for example in examples}

    assert {text: found for text, found in wrong.items() if found} == {}


@pytest.mark.parametrize("area", sorted(_URGENT_AREAS))
def test_no_counterexample_of_an_urgent_area_raises_that_alarm_by_another_rule(area: Area) -> None:
    wrong = [
        (text, finding.rule)
        for rule in _RULES
        if rule.area is area
        for text in rule.misses
        for finding in screen(text, direction=rule.direction)
        if finding.area is area
    ]

    assert wrong == []


@pytest.mark.parametrize("area", sorted(_AREAS_WITH_SIXTY))
def test_areas_have_sixty_examples_each_way(area: Area) -> None:
    of_area = [rule for rule in _RULES if rule.area is area]

    assert sum(len(rule.hits) for rule in of_area) >= 60
    assert sum(len(rule.misses) for rule in of_area) >= 60


@pytest.mark.parametrize("area", [Area.THREAT, Area.HARASSMENT, Area.ABUSE_MATERIAL])
def test_areas_said_in_most_ways_have_more_examples(area: Area) -> None:
    of_area = [rule for rule in _RULES if rule.area is area]

    assert sum(len(rule.hits) for rule in of_area) >= 120
    assert sum(len(rule.misses) for rule in of_area) >= 120


def test_every_area_has_its_file_and_every_file_its_area() -> None:
    assert rule_names() == sorted(area for area in Area if area is not Area.OWN)


def test_every_rule_has_examples_both_ways_and_a_sentence() -> None:
    for rule in _RULES:
        assert rule.hits, rule.id
        assert rule.misses, rule.id
        assert rule.sentence.endswith("."), rule.id
        assert rule.sentence in sentences()


def test_grounds_are_provisions_or_service_classes() -> None:
    provisions = {
        "BBS-5a",
        "BBS-5b",
        "BBS-5c",
        "BBS-5d",
        "BBS-5e",
        "BBS-5f",
        "BBS-5g",
        "BBS-5-2",
        "GDPR-1",
        "GDPR-7",
        "OSL-21-1",
        "OSL-21-3",
        "OSL-23-2",
        "OSL-26-1",
        "FL-1",
        "FL-2",
        "FL-5",
        "FL-9",
        "RF-1",
        "KL-2",
        "SL-1",
        "DOS-2",
        "URL-1",
        "BBS-2",
    }

    house_rules = {"personal_attack", "harassment", "suspicious_link"}  # none of them is of BBS 5 §: BBS-8

    assert {rule.ground for rule in _RULES} <= provisions | house_rules | set(ServiceClass)


def test_no_rule_speaks_of_opinions_or_of_groups_of_people() -> None:
    """RF-3, GDPR-6: such a label cannot be stored, since there is none."""
    forbidden = ("politi", "parti", "åsikt", "relig", "etnic", "fack", "sexuell_läggning", "sentiment")
    labels = {*Area, *ServiceClass, *(rule.ground for rule in _RULES), *(rule.id for rule in _RULES)}

    assert [label for label in labels if any(word in label for word in forbidden)] == []


def test_only_what_goes_out_is_asked_about_or_blocked() -> None:
    for rule in _RULES:
        is_outgoing_scale = rule.severity.name in {"ASK", "BLOCK"}
        assert is_outgoing_scale is (rule.direction is Direction.OUTGOING) or rule.severity.name == "NOTE", rule.id


@pytest.mark.seldom
@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_every_pattern_can_be_compiled_also_those_no_example_reaches(rule: Rule) -> None:
    words = rules().words
    kinds = [[source(pattern, words, squeezed=squeezed) for pattern in rule.patterns] for squeezed in (False, True)]
    kinds += [[beginnings(pattern, words) for pattern in patterns] for patterns in (rule.unless, rule.unless_before)]

    assert all(isinstance(Patterns(sources), Patterns) for sources in kinds)

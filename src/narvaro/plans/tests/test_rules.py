"""What a plan may say, what differs between two versions, and who may do what."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from narvaro.base import law
from narvaro.core.types import Invalid
from narvaro.plans import rules
from narvaro.plans.types import Routine

pytestmark = pytest.mark.one_database


def test_the_plan_is_seven_questions_and_a_template_answers_them_all():
    assert len(rules.QUESTIONS.parts) == 7
    assert {each.key for each in rules.BEGINNINGS} == {"bibliotek", "forskola", "raddning", "museum"}
    for each in rules.BEGINNINGS:
        assert rules.missing(each.answers) == []
        assert rules.cleaned(each.answers) == each.answers


def test_what_is_kept_is_clean():
    said = {
        "message": "  Vi finns.\r\nKom hit. ", "goals": "200 barn\n\n  5   besök ", "risks": ["abuse", "watch"],
        "confidentiality": "low", "unknown": "x", "exit": "",
    }  # fmt: skip

    assert rules.cleaned(said) == {
        "message": "Vi finns.\nKom hit.", "goals": ["200 barn", "5 besök"], "risks": ["watch", "abuse"],
        "confidentiality": "low",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goals", "Fler besökare"),
        ("goals", "\n".join(f"{n} barn" for n in range(11))),
        ("risks", ["nothing"]),
        ("availability", "huge"),
        ("message", "å" * 2001),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(field, value):
    with pytest.raises(Invalid) as refused:
        rules.cleaned({field: value})

    assert refused.value.field == field


def test_versions_differ_word_by_word_and_only_where_they_do():
    before = {"message": "Vi finns på torget.", "risks": ["watch"], "aim": "Samma."}
    after = {"message": "Vi finns på biblioteket.", "aim": "Samma.", "goals": ["20 besök"]}

    with translation.override("sv"):
        found = {each.key: each for each in rules.differences(before, after)}

    assert list(found) == ["message", "goals", "risks"]
    assert [piece.text for piece in found["message"].before if piece.kind == "gone"] == ["torget"]
    assert [piece.text for piece in found["message"].after if piece.kind == "new"] == ["biblioteket"]
    assert "".join(piece.text for piece in found["message"].after) == "Vi finns på biblioteket."
    assert found["goals"].before == ()
    assert rules.differences(before, before) == []


def test_a_review_is_due_a_year_on_and_is_told_of_thirty_days_before():
    assert rules.a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)
    assert not rules.is_review_near(date(2027, 11, 21), date(2027, 10, 21))
    assert rules.is_review_near(date(2027, 11, 21), date(2027, 10, 22))


def test_two_signs_of_risk_ask_for_an_assessment():
    assert not rules.is_assessment_needed({"data_risks": ["weak"]})
    assert rules.is_assessment_needed({"data_risks": ["weak", "many"]})


def test_the_checklists_name_provisions_that_are_there():
    steps = [*rules.ROUTINES[Routine.START], *rules.ROUTINES[Routine.CLOSE]]

    for provision in filter(None, [*(step.law for step in steps), *(part.law for part in rules.PARTS.values())]):
        assert law.cited(provision)
    assert [step.key for step in rules.ROUTINES[Routine.CLOSE]] == [
        "announce", "answer", "export", "register", "tokens", "name", "website",
    ]  # fmt: skip

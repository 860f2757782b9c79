"""The cases and the courses that ship."""

from __future__ import annotations

import pytest
from django.utils import translation

from narvaro.base import law
from narvaro.core.types import Role
from narvaro.training import library, lint, rules

pytestmark = pytest.mark.one_database


def texts(case) -> list[str]:
    return [case.title, case.text, case.advice, *case.ask, *case.answers]


def test_every_case_and_every_course_cites_only_provisions_that_exist():
    cited = {each for case in library.cases("sv").values() for each in case.law}
    for course in library.courses("sv").values():
        cited |= {each for lesson in course.lessons for each in lesson.law}
        cited |= {question.law for question in course.questions}

    assert cited - set(law.provisions()) == set()
    assert all(case.law for case in library.cases("sv").values())


def test_what_the_day_must_be_able_to_talk_about_is_there():
    wanted = {
        "hett-inlagg", "grovt-skamt", "kollega-kritiseras", "svar-som-beslut", "barn-pa-bild",
        "privat-konto-arbetstid", "kallan",
    }  # fmt: skip

    assert wanted <= set(library.cases("sv"))
    assert "TF-13" in library.cases("sv")["kallan"].law


def test_every_text_stands_in_both_languages_and_is_another_in_english():
    for code, case in library.cases("sv").items():
        english = library.cases("en")[code]
        assert all(texts(english))
        assert not set(texts(case)) & set(texts(english)), code
    for code, course in library.courses("sv").items():
        english = library.courses("en")[code]
        assert len(english.questions) == len(course.questions)
        for mine, theirs in zip(course.questions, english.questions, strict=True):
            assert mine.ask != theirs.ask
            assert len(set(mine.answers)) == len(set(theirs.answers)) == len(mine.answers)
            assert mine.why != theirs.why


def test_there_is_a_course_for_each_role_and_each_can_be_passed_and_failed():
    for course in library.courses("sv").values():
        right = [question.right for question in course.questions]
        assert all(0 <= question.right < len(question.answers) for question in course.questions)
        assert rules.is_passed(course, rules.wrong_answers(course, right))
        assert not rules.is_passed(course, rules.wrong_answers(course, []))
        assert len(course.questions) > course.pass_mark - 1 >= len(course.questions) // 2
    wanted = {
        Role.REPRESENTATIVE, Role.DEPUTY, Role.REGISTRAR, Role.UNIT_MANAGER, Role.COMMUNICATIONS_LEAD, Role.EMPLOYEE
    }  # fmt: skip
    assert wanted == {role for course in library.courses("sv").values() for role in course.roles}
    assert sum(course.feeds_gate for course in library.courses("sv").values()) == 1


def test_the_right_answer_is_not_always_in_the_same_place():
    for course in library.courses("sv").values():
        assert len({question.right for question in course.questions}) > 1, course.code


def test_nothing_that_ships_tells_of_anybody():
    with translation.override("sv"):
        told = [
            problem for case in library.cases("sv").values() for each in texts(case) if (problem := lint.problem(each))
        ]

    assert told == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Mamman skrev att sonen är 19811218-9876.", "personnummer"),
        ("Hon skrev till anna.svensson@exempel.se och fick svar.", "e-postadress"),
        ("Ring 070-174 06 05 sa han.", "telefonnummer"),
        ("Det var @storagranen som började.", "@"),
        ("Se https://exempel.se/trad/17 för hela tråden.", "länk"),
    ],
)
def test_gdpr_7_what_tells_of_somebody_is_refused_with_a_sentence_that_does_not_repeat_it(text, word):
    problem = lint.problem(text)

    assert word in problem
    assert not any(part in problem for part in text.split() if any(c.isdigit() for c in part))


def test_what_may_be_a_name_is_asked_about_and_the_beginning_of_a_sentence_is_not():
    assert lint.possible_names("Vi frågade Anna Svensson på gatukontoret.") == ["Anna Svensson"]
    assert lint.possible_names("En förälder skrev till förskolan. Ingen svarade.") == []
    assert lint.problem("En förälder skrev till förskolan på fredagen 2024 och fick vänta i 14 dagar.") == ""

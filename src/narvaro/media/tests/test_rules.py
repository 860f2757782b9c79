"""What a description must say, and what must be in place before a picture goes out. Values only."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from narvaro.media import rules
from narvaro.media.shapes import SHAPES, box_of
from narvaro.media.types import Basis, Given

pytestmark = pytest.mark.one_database
DAY = date(2026, 11, 21)
ALT = "Två barn badar i en bassäng"


def facts(**values):
    usual = {
        "alt": ALT, "basis": Basis.NOBODY, "basis_why": "", "people": 0, "children": 0, "licence_until": None,
        "is_retired": False,
    }  # fmt: skip
    return rules.Facts(**(usual | values))


def given(**values):
    usual = {
        "is_child": False, "age": None, "guardians": 0, "guardians_needed": 0, "until": None, "is_withdrawn": False
    }  # fmt: skip
    return Given(**(usual | values))


def kept_from(what, *consents, child_age=15, on=DAY):
    return rules.lacks(what, consents, child_age=child_age, on=on)


@pytest.mark.parametrize(
    "alt",
    ["", "  ", "bild", "En bild", "Bild 1", "IMG_2043.JPG", "simhallen.png", "DSC0042", "Foto", "Hej", "12345678"],
)
def test_dos_2_a_description_that_says_nothing_is_refused_with_a_sentence(alt):
    assert rules.alt_fault(alt).endswith(".")


@pytest.mark.parametrize("alt", [ALT, "Simhallens entré", "En röd buss", "Karta över avstängda gator"])
def test_dos_2_a_description_that_says_what_is_seen_will_do(alt):
    assert rules.alt_fault(alt) == ""


def test_url_1_an_ended_licence_keeps_a_picture_from_going_out_the_day_after():
    licensed = facts(licence_until=DAY)

    assert kept_from(licensed) == []
    assert kept_from(licensed, on=DAY + timedelta(1)) == ["Licensen har gått ut."]


def test_gdpr_1_nothing_goes_out_before_it_is_said_what_it_rests_on():
    assert kept_from(facts(basis="", people=None, children=None)) != []
    assert kept_from(facts(basis=Basis.INTEREST, people=3)) == [
        "Bedömningen av det allmänna intresset är inte skriven."
    ]
    assert kept_from(facts(basis=Basis.INTEREST, people=3, basis_why="Alla behöver veta.")) == []


def test_url_5_as_many_hold_consents_as_people_are_seen():
    two = facts(basis=Basis.CONSENT, people=2)

    assert kept_from(two, given()) == ["Ett samtycke saknas."]
    assert kept_from(two, given(), given(is_withdrawn=True)) == ["Ett samtycke saknas."]
    assert kept_from(two, given(), given(until=DAY - timedelta(1))) == ["Ett samtycke saknas."]
    assert kept_from(two, given(), given(until=DAY)) == []


def test_gdpr_8_a_child_needs_all_its_guardians_under_the_age_that_the_authority_has_decided():
    child = facts(basis=Basis.CONSENT, people=1, children=1)
    one_of_two = given(is_child=True, age=14, guardians=1, guardians_needed=2)

    assert kept_from(child, one_of_two) != []
    assert kept_from(child, one_of_two, child_age=13) == []
    assert kept_from(child, given(is_child=True, age=14, guardians=2, guardians_needed=2)) == []
    assert kept_from(child, given(is_child=True, age=14)) != []
    assert kept_from(child, given(is_child=True, age=15)) == []


def test_gdpr_8_a_child_is_never_shown_on_the_public_interest_or_on_an_adults_consent_alone():
    weighed = facts(basis=Basis.INTEREST, people=2, children=1, basis_why="Alla behöver veta.")

    assert kept_from(weighed, given()) == ["Samtycke för ett barn saknas."]
    assert kept_from(facts(basis=Basis.CONSENT, people=2, children=1), given(), given()) != []


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("focus", [(0, 0), (50, 50), (100, 100), (90, 10)])
def test_a_crop_has_its_shape_holds_the_point_and_stays_within_the_picture(name, focus):
    shape, (width, height) = SHAPES[name], (1600, 900)

    left, top, right, bottom = box_of(width, height, shape, *focus)

    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert left <= width * focus[0] / 100 <= right
    assert top <= height * focus[1] / 100 <= bottom
    assert (right - left) / (bottom - top) == pytest.approx(shape.width / shape.height, rel=0.01)

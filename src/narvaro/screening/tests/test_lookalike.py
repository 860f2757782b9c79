"""Which names can be taken for an authority's, and which only speak of it."""

from __future__ import annotations

import pytest

from narvaro.screening.lookalike import MOST_NAMES, bearing, candidates, known_as, poses_as, says_it_is_a_joke

pytestmark = pytest.mark.one_database
STORKOPING = known_as(["Storköpings kommun", "Kommunstyrelsen i Storköping"])


def test_a_municipality_is_looked_for_by_its_place_too_with_typos_and_letters_that_look_alike():
    names = candidates(STORKOPING)

    assert names[:2] == ("Storköpings kommun", "Storköping kommun")
    assert {"storkopingskommun", "storkopings-kommun", "Storköpings kommun kundtjänst"} <= set(names)
    assert any("о" in name and "kommun" in name for name in names)  # a Cyrillic o
    assert {"strkopingskommun", "st0rkopingskommun"} <= set(names)
    assert len(names) <= MOST_NAMES
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("shown", "account"),
    [
        ("Storköpings kommun", "x.example"),
        ("Stоrköping kommun", "x.example"),  # a Cyrillic o
        ("STORKÖPINGS  KOMMUN ✅", "x.example"),
        ("Storköpings kommun officiell", "x.example"),
        ("Storköpings komnun", "x.example"),
        ("", "storkopings-kommun.bsky.example"),
        ("", "st0rkopingskommun@social.example"),
        ("Kundtjänst", "storkoping_kommun_support@social.example"),
    ],
)
def test_a_name_that_can_be_taken_for_ours_is_told(shown, account):
    assert poses_as(STORKOPING, shown=shown, account=account)


@pytest.mark.parametrize(
    ("shown", "account"),
    [
        ("Nej till Storköpings kommuns vindkraft", "nejtack.example"),
        ("Vi som bor i Storköping", "viistorkoping@social.example"),
        ("Storköpings kommun är usel", "arg@social.example"),
        ("Lillköpings kommun", "lillkoping@social.example"),
        ("Anna Storköping", "anna@social.example"),
        ("Storköpings kommunala bostäder AB", "bostad.example"),
        ("", ""),
    ],
)
def test_rf_2_whoever_speaks_about_us_is_not_taken_for_us(shown, account):
    assert not poses_as(STORKOPING, shown=shown, account=account)


@pytest.mark.parametrize(
    "about", ["Parodi på kommunen", "Inte officiell", "Inofficiell sida", "Not affiliated", "Satir"]
)
def test_rf_2_what_says_it_is_a_joke_is_believed(about):
    assert says_it_is_a_joke("Storköpings kommun", about)
    assert not says_it_is_a_joke("Storköpings kommun", "Officiellt konto. Vi svarar på vardagar.")


def test_a_name_without_a_place_gives_nothing_to_look_for():
    assert candidates(known_as(["AB", " "])) == ()


def test_names_that_anybody_may_have_are_not_taken_for_ours_alone():
    own = ["Kommunstyrelsen i Storköping", "Storköpings kommun (påhittad)"]

    assert bearing(["Biblioteket", "Storköpings bibliotek", "storkopingbad", "Kommunen"], own=own) == [
        "Storköpings bibliotek", "storkopingbad",
    ]  # fmt: skip
    assert "Storköping kommun" in known_as(own).names

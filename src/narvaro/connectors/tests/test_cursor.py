"""What is stored of how far a reading has come, and what becomes of it when it is damaged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from narvaro.connectors.cursor import Cursor


@dataclass
class Place(Cursor):
    following: str = ""
    pages: int = 0
    is_listed: bool = False
    left: list[str] = field(default_factory=list)
    queue: list[list[str]] = field(default_factory=list)
    seen: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Counted(Place):
    VERSION = 1


FAR = {
    "following": "sida två", "pages": 7, "is_listed": True, "left": ["own"], "queue": [["samtal", "igår"]],
    "seen": {"own": {"1": "a"}},
}  # fmt: skip


@pytest.mark.parametrize("kind", [Place, Counted])
def test_what_is_closed_opens_as_it_was(kind):
    at = kind(**FAR)

    assert kind.opened(at.closed()) == at


def test_only_what_differs_from_an_empty_one_is_stored():
    assert Place().closed() == "{}"
    assert Place(pages=2, left=["own"]).closed() == '{"pages":2,"left":["own"]}'
    assert Counted(pages=2).closed() == '{"v":1,"pages":2}'


def test_one_that_was_stored_with_all_its_fields_still_opens():
    whole = json.dumps({"following": "", "pages": 3, "is_listed": False, "left": [], "queue": [], "seen": {}})

    assert Place.opened(whole) == Place(pages=3)


@pytest.mark.parametrize(
    "damaged",
    ["", "x", "{", "null", "[]", "7", '"pages"', '{"pages":NaN}', '{"okänt":null,"opened":1,"VERSION":2}',
     "[" * 100_000, '{"seen":' * 100_000, '{"pages":' + "9" * 5000 + "}"],
    ids=range(12),
)  # fmt: skip
def test_a_damaged_one_starts_anew(damaged):
    assert Place.opened(damaged) == Place()
    assert Counted.opened(damaged) == Counted()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("following", 1), ("following", None), ("pages", "7"), ("pages", True), ("pages", 7.0), ("is_listed", 1),
        ("left", "own"), ("left", {"own": ""}), ("left", ["own", 7]), ("queue", ["samtal"]), ("queue", [[None]]),
        ("seen", []), ("seen", {"own": "1"}), ("seen", {"own": {"1": 1}}),
    ],
)  # fmt: skip
def test_a_field_of_another_kind_is_left_out_and_the_rest_is_taken(name, other):
    at = Place.opened(json.dumps({**FAR, name: other}))

    assert at == Place(**{**FAR, name: getattr(Place(), name)})


@pytest.mark.parametrize("version", [{}, {"v": 2}, {"v": "1"}, {"v": None}])
def test_one_of_another_version_starts_anew(version):
    assert Counted.opened(json.dumps({**FAR, **version})) == Counted()


def test_two_that_are_opened_share_nothing():
    Place.opened("").left.append("own")

    assert Place.opened("") == Place()

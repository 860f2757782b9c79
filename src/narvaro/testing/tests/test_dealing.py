"""A file stays with one process, and what needs the same servers does too."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from narvaro.testing.dealing import Dealt, longest_first

ROOT = Path(__file__).parents[4]
BLUESKY = ("src/narvaro/connectors/bluesky/tests/test_network.py", "tests/loop/test_bluesky_loop.py")
OTHERS = ("src/narvaro/base/tests/test_text.py", "src/narvaro/base/tests/test_http.py")


def scope(nodeid: str) -> str:
    return Dealt._split_scope(SimpleNamespace(config=SimpleNamespace(rootpath=ROOT)), nodeid)


def test_whatever_needs_the_bluesky_network_goes_to_one_process_and_other_files_each_to_their_own():
    assert len({scope(f"{file}::test_x[a::b]") for file in BLUESKY}) == 1
    assert {scope(f"{file}::test_x[a::b]") for file in OTHERS} == set(OTHERS)


def test_the_network_comes_first_then_files_where_something_takes_long_then_the_rest_as_they_stand():
    def item(file: str, *marks: str) -> SimpleNamespace:
        return SimpleNamespace(path=ROOT / file, get_closest_marker=lambda name: name if name in marks else None)

    quick, long, quick_beside_long = item(OTHERS[0]), item(OTHERS[1], "seldom"), item(OTHERS[1])

    found = longest_first([quick, quick_beside_long, long, item(BLUESKY[1])])

    assert [each.path for each in found] == [ROOT / file for file in (BLUESKY[1], OTHERS[1], OTHERS[1], OTHERS[0])]
    assert found[1:3] == [quick_beside_long, long]

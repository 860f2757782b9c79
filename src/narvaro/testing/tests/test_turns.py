"""Nothing falls between two turns: what one database is spared the other one does, and next time the reverse."""

from __future__ import annotations

from pathlib import Path

import pytest

from narvaro.testing import turns

ROOT = Path(__file__).parents[4]
TESTS = [f"src/narvaro/inbox/tests/test_steps.py::test_{number}" for number in range(200)]


@pytest.fixture(params=["0", "1", "1234"])
def turn(request, monkeypatch):
    monkeypatch.setenv("NARVARO_TEST_TURN", request.param)
    return int(request.param)


def tried(*, database: str, is_of_both: bool = True) -> set[str]:
    return {name for name in TESTS if turns.is_tried(name, database=database, is_of_both=is_of_both)}


def test_each_is_tried_on_exactly_one_database_and_about_a_quarter_on_postgresql(turn):
    first, second = tried(database="sqlite"), tried(database="postgresql")

    assert first | second == set(TESTS)
    assert first & second == set()
    assert 30 < len(second) < 70


def test_in_four_turns_each_is_tried_on_postgresql_once(turn, monkeypatch):
    came = []
    for number in range(turn, turn + 5):
        monkeypatch.setenv("NARVARO_TEST_TURN", str(number))
        came.append(tried(database="postgresql"))

    assert set.union(*came[:4]) == set(TESTS)
    assert sum(map(len, came[:4])) == len(TESTS)
    assert came[4] == came[0]


def test_what_runs_once_and_what_writes_statements_of_its_own_is_always_tried(turn):
    assert tried(database="sqlite", is_of_both=False) == set(TESTS)
    for database in ("sqlite", "postgresql"):
        for name in ("records/tests/test_search.py::test_x", "formats/tests/test_tables.py::test_x"):
            assert turns.is_tried(f"src/narvaro/{name}", database=database, is_of_both=True)


def test_without_turns_everything_is_tried_on_both(monkeypatch):
    monkeypatch.delenv("NARVARO_TEST_TURN", raising=False)

    assert tried(database="sqlite") == tried(database="postgresql") == set(TESTS)


def test_what_takes_long_comes_round_once_in_eight_turns(monkeypatch):
    came = []
    for turn in range(16):
        monkeypatch.setenv("NARVARO_TEST_TURN", str(turn))
        came.append({name for name in TESTS if turns.comes_round(name)})

    assert set.union(*came[:8]) == set(TESTS)
    assert sum(map(len, came[:8])) == len(TESTS)
    assert came[8:] == came[:8]


def test_a_file_that_asks_servers_has_every_other_turn(monkeypatch):
    files = [f"src/narvaro/connectors/{name}/tests/test_contract.py" for name in ("mastodon", "bluesky", "meta", "x")]
    came = []
    for turn in range(4):
        monkeypatch.setenv("NARVARO_TEST_TURN", str(turn))
        came.append({name for name in files if turns.asks_servers_now(name)})
    monkeypatch.delenv("NARVARO_TEST_TURN")

    assert came[0] | came[1] == set(files)
    assert came[0] & came[1] == set()
    assert came[2:] == came[:2]
    assert all(turns.asks_servers_now(name) for name in files)


def test_what_is_always_tried_on_both_is_there():
    assert [name for name in turns.ALWAYS_BOTH if not (ROOT / name).is_file()] == []

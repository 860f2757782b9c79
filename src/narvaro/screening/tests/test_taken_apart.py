"""What is worked out once is read again while it is made of the same, and never trusted otherwise."""

from __future__ import annotations

import sys

import pytest

from narvaro.screening.taken_apart import once


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A way to ask for something, and how many times it has been made."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    times = []

    def ask(*of: str):
        return once("this", of, lambda: times.append(of) or [(frozenset({(0, "ord")}), len(of))], folder=tmp_path)

    return ask, times


def test_it_is_made_once_and_read_again_as_it_was(made):
    ask, times = made

    assert ask("a", "b") == ask("a", "b") == [(frozenset({(0, "ord")}), 2)]
    assert len(times) == 1


def test_made_of_anything_else_it_is_made_anew_and_only_the_latest_is_kept(made, tmp_path):
    ask, times = made
    for of in (("a", "b"), ("ab",), ("a", "c")):
        ask(*of)

    assert len(times) == 3
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"[", b"nonsense that nobody wrote"])
def test_what_is_damaged_is_made_anew(made, tmp_path, content):
    ask, times = made
    ask("a")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(content)

    assert ask("a") == [(frozenset({(0, "ord")}), 1)]
    assert len(times) == 2


def test_where_nothing_can_be_written_it_is_made_every_time(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "a file").write_text("")

    assert once("this", ["a"], lambda: 1, folder=tmp_path / "a file" / "below") == 1


def test_where_python_writes_no_bytecode_neither_do_we(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    assert once("this", ["a"], lambda: 1, folder=tmp_path) == 1
    assert list(tmp_path.iterdir()) == []

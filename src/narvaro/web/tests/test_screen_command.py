"""`narvaro screen`: texts or JSON lines in, one line of JSON for each out, with no installation to speak of."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from narvaro.screening import ENGINE_VERSION
from narvaro.web.command import main

pytestmark = pytest.mark.one_database

_WORDS = (sys.executable, "-m", "narvaro.web.command", "screen")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """Give lines to the command; give its exit code, and what it answered to each."""

    def run(lines: bytes, *words: str) -> tuple[int, list[dict[str, Any]]]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
        code = main(["screen", *words])
        return code, [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    return run


def rules(row: dict[str, Any]) -> set[str]:
    return {found["rule"] for found in row["findings"]}


@contextmanager
def running(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command as a process of its own, without a database and with a data folder that does not exist."""
    environment = {"PATH": os.environ["PATH"], "NARVARO_DATA": str(tmp_path / "nothing")}
    with subprocess.Popen(
        _WORDS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_each_line_of_text_is_answered_with_a_line_of_json(said: Any) -> None:
    code, rows = said("Jag ska döda dig\nTack för snöröjningen\n\n".encode())

    assert code == 0
    assert [row["line"] for row in rows] == [1, 2, 3]
    assert {row["direction"] for row in rows} == {"incoming"}
    assert {row["version"] for row in rows} == {ENGINE_VERSION}
    assert [row["urgent"] for row in rows] == [True, False, False]
    threat = next(found for found in rows[0]["findings"] if found["rule"] == "threat.kill")
    assert (threat["ground"], threat["area"], threat["severity"]) == ("BBS-5a", "threat", "urgent")
    assert "Jag ska döda dig"[threat["start"] : threat["end"]] == "Jag ska döda dig"
    assert threat["sentence"].endswith(".")


def test_json_lines_keep_their_id_and_may_say_their_direction(said: Any) -> None:
    lines = [
        {"id": "a-1", "text": "Mitt telefonnummer är 070-174 06 05"},
        {"id": 2, "text": "Ring henne på 070-174 06 05", "direction": "out", "context": {"own_phones": []}},
        {"text": "Ring oss på 070-174 06 05", "direction": "out", "context": {"own_phones": ["070-174 06 05"]}},
    ]

    code, (incoming, foreign, our_own) = said("".join(json.dumps(line) + "\n" for line in lines).encode())

    assert code == 0
    assert (incoming["id"], incoming["direction"]) == ("a-1", "incoming")
    assert (foreign["id"], foreign["direction"]) == (2, "outgoing")
    assert "personal_data.phone" in rules(incoming)
    assert any(found["area"] == "outgoing_personal_data" for found in foreign["findings"])
    assert "id" not in our_own
    assert all(found["area"] != "outgoing_personal_data" for found in our_own["findings"])


def test_direction_is_asked_for_all_lines(said: Any) -> None:
    text = "Vi har beslutat att bevilja din ansökan om bygglov\n".encode()

    _, (incoming,) = said(text)
    code, (outgoing,) = said(text, "--direction", "out")

    assert code == 0
    assert (incoming["direction"], outgoing["direction"]) == ("incoming", "outgoing")
    assert "needs_answer" in incoming
    assert "needs_answer" not in outgoing
    assert not any(found["area"].startswith("outgoing_") for found in incoming["findings"])
    assert any(found["area"] == "outgoing_decision" for found in outgoing["findings"])


def test_a_bad_line_is_told_and_the_next_is_read(said: Any) -> None:
    lines = [b'{"text": "avbrut', b'{"id": 7}', b'{"text": "a", "direction": "up"}', b"\xff jag ska d\xc3\xb6da dig"]

    code, (torn, empty, astray, odd) = said(b"\n".join(lines))

    assert code == 0
    assert torn == {"line": 1, "error": "Raden börjar som JSON men går inte att läsa."}
    assert empty == {"line": 2, "error": "Raden saknar fältet text."}
    assert astray == {"line": 3, "error": "Fältet direction ska vara in eller out."}
    assert "threat.kill" in rules(odd)


def test_a_direction_there_is_not_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", "--direction", "sideways"]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "sideways" in captured.err


def test_each_answer_comes_before_the_next_line_is_given_and_nothing_is_made(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        assert process.stdin
        assert process.stdout
        answers = []
        for text in ("Jag ska döda dig\n", "När öppnar badet?\n"):
            process.stdin.write(text.encode())
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()

        assert [(answer["line"], answer["urgent"]) for answer in answers] == [(1, True), (2, False)]
        assert process.stdout.read() == b""
        assert process.wait(timeout=30) == 0
        assert not (tmp_path / "nothing").exists()


def test_a_reader_that_goes_away_ends_it_without_a_word(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write("När öppnar badet?\n".encode() * 5)
        process.stdin.close()

        assert process.wait(timeout=30) == 0
        assert process.stderr.read() == b""

"""Read texts on standard input, write one line of JSON for each. No database, no settings."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import IO, Any

from . import ENGINE_VERSION, Direction, Finding, needs_answer, screen, urgent
from .finding import context_from

DIRECTIONS = {
    "in": Direction.INCOMING,
    "incoming": Direction.INCOMING,
    "out": Direction.OUTGOING,
    "outgoing": Direction.OUTGOING,
}


def main(arguments: Sequence[str] | None = None, given: IO[bytes] | None = None, answer: IO[str] | None = None) -> int:
    """
    Screen every line of `given` (standard input) and write the findings to `answer` (standard output).

    A line is a text, or a JSON object where it begins with a brace: the key "text" is the text; "id", "direction"
    and "context" (fields of `Context`) are used where they stand. Bytes that are not UTF-8 are read as U+FFFD. Each
    answer is written before the next line is read. A JSON line that cannot be read is answered with "error".

    Returns:
        0 when all was read, 1 when the reader of our answers went away.
    """
    parser = argparse.ArgumentParser(
        prog="python -m narvaro.screening",
        description="Granskar texter: en text eller ett JSON-objekt per rad in, en rad JSON ut.",
    )
    parser.add_argument("--direction", choices=DIRECTIONS, default="in", help="in: från invånare, out: från oss")
    parser.add_argument("--version", action="version", version=ENGINE_VERSION)
    return screen_lines(DIRECTIONS[parser.parse_args(arguments).direction], given, answer)


def screen_lines(direction: Direction, given: IO[bytes] | None = None, answer: IO[str] | None = None) -> int:
    """Screen line by line as `main` does, with what was asked for already read."""
    answer = answer or open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    try:
        for number, line in enumerate(given or sys.stdin.buffer, start=1):
            try:
                row = _screened(line.decode("utf-8", "replace").rstrip("\r\n"), direction)
            except _Unread as problem:
                row = {"error": str(problem)}
            answer.write(_as_json({"line": number, **row}))
            answer.flush()
    except BrokenPipeError:
        return 1
    return 0


class _Unread(Exception):
    """A line that cannot be read, and in Swedish why."""


def _screened(line: str, direction: Direction) -> dict[str, Any]:
    stated = _stated(line)
    text = stated["text"]
    context = None
    try:
        direction = DIRECTIONS[stated["direction"]] if "direction" in stated else direction
        context = context_from(stated["context"]) if "context" in stated else None
    except (KeyError, TypeError):
        raise _Unread("Fältet direction ska vara in eller out.") from None
    except (ValueError, AttributeError):
        raise _Unread("Fältet context går inte att läsa.") from None
    findings = screen(text, direction=direction, context=context)
    row: dict[str, Any] = {"id": stated["id"]} if "id" in stated else {}
    row |= {"version": ENGINE_VERSION, "direction": direction.value, "urgent": urgent(findings)}
    if direction is Direction.INCOMING:
        row["needs_answer"] = needs_answer(text, findings)
    return row | {"findings": [_plain(finding) for finding in findings]}


def _stated(line: str) -> dict[str, Any]:
    """Return what the line states: the object it is, or its text."""
    if not line.startswith("{"):
        return {"text": line}
    try:
        stated = json.loads(line)
    except (ValueError, RecursionError):
        raise _Unread("Raden börjar som JSON men går inte att läsa.") from None
    if not isinstance(stated.get("text"), str):
        raise _Unread("Raden saknar fältet text.")
    return dict(stated)


def _as_json(row: dict[str, Any]) -> str:
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:  # half a character in the id
        line = json.dumps(row)
    return line + "\n"


def _plain(finding: Finding) -> dict[str, Any]:
    start, end = finding.span
    return {
        "rule": finding.rule,
        "start": start,
        "end": end,
        "severity": finding.severity.name.lower(),
        "ground": finding.ground,
        "area": finding.area.value,
        "sentence": finding.sentence,
    }


if __name__ == "__main__":
    sys.exit(main())

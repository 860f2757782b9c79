"""Read texts on standard input, write one line of JSON for each. No database, no settings."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import IO, Any

from . import ENGINE_VERSION, Direction, Finding, needs_answer, screen, urgent

_DIRECTIONS = {
    "in": Direction.INCOMING,
    "incoming": Direction.INCOMING,
    "out": Direction.OUTGOING,
    "outgoing": Direction.OUTGOING,
}


def main(arguments: Sequence[str] | None = None, given: IO[bytes] | None = None, answer: IO[str] | None = None) -> int:
    """
    Screen every line of `given` (standard input) and write the findings to `answer` (standard output).

    A line is a text, or a JSON object with the key "text"; its "id" and "direction", if any, are used.
    Bytes that are not UTF-8 are read as U+FFFD. Each answer is written before the next line is read.

    Returns:
        0 when all was read, 1 when the reader of our answers went away.
    """
    parser = argparse.ArgumentParser(
        prog="python -m narvaro.screening",
        description="Granskar texter: en text eller ett JSON-objekt per rad in, en rad JSON ut.",
    )
    parser.add_argument("--direction", choices=_DIRECTIONS, default="in", help="in: från invånare, out: från oss")
    parser.add_argument("--version", action="version", version=ENGINE_VERSION)
    direction = _DIRECTIONS[parser.parse_args(arguments).direction]
    answer = answer or sys.stdout
    try:
        for number, line in enumerate(given or sys.stdin.buffer, start=1):
            row = _screened(line.decode("utf-8", "replace").rstrip("\r\n"), direction)
            answer.write(json.dumps({"line": number, **row}, ensure_ascii=False) + "\n")
            answer.flush()
    except BrokenPipeError:
        return 1
    return 0


def _screened(line: str, direction: Direction) -> dict[str, Any]:
    stated = _stated(line)
    text = stated.get("text", line)
    direction = _DIRECTIONS.get(str(stated.get("direction")), direction)
    findings = screen(text, direction=direction)
    row: dict[str, Any] = {"id": stated["id"]} if "id" in stated else {}
    row |= {"version": ENGINE_VERSION, "direction": direction.value, "urgent": urgent(findings)}
    if direction is Direction.INCOMING:
        row["needs_answer"] = needs_answer(text, findings)
    return row | {"findings": [_plain(finding) for finding in findings]}


def _stated(line: str) -> dict[str, Any]:
    """Return the JSON object of the line, or {} where the line is a text of its own."""
    if not line.startswith("{"):
        return {}
    try:
        stated = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return stated if isinstance(stated, dict) and isinstance(stated.get("text"), str) else {}


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

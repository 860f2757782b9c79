"""What a command says, and to whom: sentences to people, JSON to machines, progress only on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress


class Code(IntEnum):
    """What the exit codes mean; docs/operations.md says the same."""

    DONE = 0
    FAULT = 1  # it ran, and found something wrong
    WRONG_USE = 2  # arguments, settings or values that cannot be used
    REFUSED = 3  # not permitted, or a platform said no
    TEMPORARY = 4  # try again: a platform, the database or the port is busy
    BROKEN = 70  # a fault in Närvaro itself
    INTERRUPTED = 130


class Told(Protocol):
    """A function that is told how much is done, and of how much when that is known."""

    def __call__(self, done: int, total: int | None = None, /) -> None: ...


class Stop(Exception):
    """End the command with a sentence and an exit code."""

    def __init__(self, sentence: str, code: Code) -> None:
        super().__init__(sentence)
        self.code = code


class Console:
    """
    Where a command speaks.

    With `as_json` all that reaches standard output is one JSON object; sentences are left out.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._facts: dict[str, Any] = {}
        self._has_answered = False
        self._bar: Progress | None = None

    def say(self, sentence: object = "") -> None:
        """Tell a person; machines do not hear it."""
        if not self.as_json:
            with self._bar_aside():
                sys.stdout.write(f"{sentence}\n")
                sys.stdout.flush()

    def warn(self, sentence: object) -> None:
        """Tell a person beside the answer, on standard error."""
        with self._bar_aside():
            sys.stderr.write(f"{sentence}\n")
            sys.stderr.flush()

    def note(self, **facts: Any) -> None:
        """Add to the JSON object that machines get at the end."""
        self._facts |= facts

    def close(self, code: int, error: str = "") -> None:
        """Write the JSON object, or the error to a person. A command that serves has answered when it was ready."""
        if self.as_json and not self._has_answered:
            outcome: dict[str, Any] = {"ok": code == Code.DONE, "code": int(code), **self._facts}
            if error:
                outcome["error"] = error
            sys.stdout.write(json.dumps(outcome, ensure_ascii=False, default=_plain) + "\n")
            sys.stdout.flush()
            self._has_answered = True
        elif error:
            self.warn(error)

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator[Told]:
        """Yield a function that is told how much is done; a bar on a terminal, silent elsewhere."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda done, total=None, /: None
            return
        from rich.console import Console as Terminal  # noqa: PLC0415 - slow to load, seldom wanted
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        # The bar stands on standard error; what is said meanwhile must still reach standard output, a file perhaps.
        bar = Progress(
            *columns, console=Terminal(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
        )
        with bar:
            self._bar = bar
            task = bar.add_task(title, total=total)
            try:
                yield lambda done, total=None, /: bar.update(task, completed=done, total=total)
            finally:
                self._bar = None

    @contextmanager
    def _bar_aside(self) -> Iterator[None]:
        """Take the bar away while something is said, so that the two are not written into each other."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)

"""What comes further on in a text from a stranger, looked for without taking quadratic time."""

from __future__ import annotations

import re


class Ahead:
    """
    Looks ahead in one text, from places that only move on.

    What is not found is not there for later places either, and is never looked for again: a thousand comments that
    are begun and never ended cost one look to the end of the text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._missing: set[str | re.Pattern[str]] = set()

    def past(self, mark: str, start: int) -> int:
        """Return the place after the next `mark`, 0 when there is none."""
        found = -1 if mark in self._missing else self._text.find(mark, start)
        if found < 0:
            self._missing.add(mark)
            return 0
        return found + len(mark)

    def first(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        """Return where a pattern matches next, None when it does not."""
        found = None if pattern in self._missing else pattern.search(self._text, start)
        if found is None:
            self._missing.add(pattern)
        return found

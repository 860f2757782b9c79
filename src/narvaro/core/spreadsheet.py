"""Lines of a file for a spreadsheet: UTF-8 with a mark first, semicolons, and no cell that it would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

MARK = "\ufeff"


def line(cells: Iterable[str]) -> str:
    """Return one line; a cell that begins like a formula is text all the same."""
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerow([_inert(cell) for cell in cells])
    return file.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell

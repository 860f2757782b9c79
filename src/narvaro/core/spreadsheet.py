"""Lines of a file for a spreadsheet: UTF-8 with a mark first, semicolons, and no cell that it would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from narvaro.base.clock import STOCKHOLM

MARK = "\ufeff"


def line(cells: Iterable[str | datetime | None]) -> str:
    """Return one line. A moment stands in Swedish time; a cell that begins like a formula is text all the same."""
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return file.getvalue()


def _cell(value: str | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.astimezone(STOCKHOLM).isoformat(timespec="seconds")
    cell = value or ""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell

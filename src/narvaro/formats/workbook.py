"""A table as a workbook that spreadsheets open (XLSX): one sheet, every cell a text, so that nothing in it is run."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import xlsxwriter

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOST_NAME: Final = 31
_MOST_IN_A_CELL: Final = 32_767
_BEGINNING: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the format knows no zones; the same table makes the same file


def written(rows: Iterable[Sequence[str]], *, name: str) -> bytes:
    """
    Return the rows as a workbook, the first with the names of the columns.

    Args:
        name: What the sheet is called; cut at 31 signs.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": _BEGINNING})
        sheet = book.add_worksheet(name[:_MOST_NAME])
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                if text:
                    sheet.write_string(number, place, _storable(text))
    return file.getvalue()


def _storable(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)[:_MOST_IN_A_CELL]

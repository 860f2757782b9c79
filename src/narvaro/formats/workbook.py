"""A table as a workbook that spreadsheets open (XLSX): one sheet, every cell a text, so that nothing in it is run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKED: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)  # the same table makes the same file

MEDIA_TYPE: Final = f"{_KIND}.sheet"

_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKED}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKED}/relationships">'
        f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKED}/relationships">'
        f'<Relationship Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def written(rows: Iterable[Sequence[str]], *, name: str) -> bytes:
    """
    Return the rows as a workbook, the first with the names of the columns.

    Args:
        name: What the sheet is called, at most 31 signs.
    """
    sheet = "".join(
        f'<row r="{number}">' + "".join(_cell(text, number, place) for place, text in enumerate(row)) + "</row>"
        for number, row in enumerate(rows, 1)
    )
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
        f'<sheet name="{_said(name[:31])}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    parts = _PARTS | {
        "xl/workbook.xml": book,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for part, words in parts.items():
            about = zipfile.ZipInfo(part, _BEGINNING)
            about.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(about, (_HEAD + words).encode())
    return file.getvalue()


def _cell(text: str, number: int, place: int) -> str:
    if not text:
        return ""
    return f'<c r="{_letters(place)}{number}" t="inlineStr"><is><t xml:space="preserve">{_said(text)}</t></is></c>'


def _letters(place: int) -> str:
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def _said(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text), {'"': "&quot;"})

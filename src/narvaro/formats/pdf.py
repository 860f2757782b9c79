"""
A readable document: PDF/A and PDF/UA in one file, set by Typst from values alone, never from markup in them.

What the embedded fonts cannot show (emoji, some scripts) is written with its number and name. Why documents are laid
out and not photographed: docs/adr/0014.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typst import PDFStandard

STANDARDS: list[PDFStandard] = ["a-2a", "ua-1"]
_TURNS = 8  # each names every character that the fonts lack, so one is nearly always enough
_LACKED = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
# What changes how the rest of a line looks, or is not seen at all, is named where it stands.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_UNBROKEN = re.compile(r"\S{70}(?=\S)")  # a line may end after so much that has no space in it


def render(
    template: bytes, values: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None, *, at: datetime
) -> bytes:
    """
    Return the document as PDF. The same values give the same bytes.

    Args:
        template: Typst that reads `data.json` and shows what stands there.
        values: What it shows.
        pictures: JPEG or PNG by the name that the values give.
        at: When the document was made; stands in the file as its time.

    Raises:
        typst.TypstError: It cannot be set as PDF/A; nothing else is made instead.

    Law: none; a document that can be read and kept for long.
    """
    import typst  # noqa: PLC0415 - 77 MB that only this needs

    lacking: set[str] = set()
    with TemporaryDirectory(prefix="narvaro-") as name:
        folder = Path(name)
        (folder / "document.typ").write_bytes(template)
        for picture, content in (pictures or {}).items():
            (folder / picture).write_bytes(content)
        for turn in range(_TURNS):
            shown = named(values, lacking)
            (folder / "data.json").write_text(json.dumps(shown), encoding="ascii")
            try:
                made: bytes = typst.compile(
                    folder / "document.typ", root=folder, ignore_system_fonts=True, format="pdf",
                    pdf_standards=STANDARDS, timestamp=int(at.timestamp()),
                )  # fmt: skip
                return made
            except typst.TypstError as error:
                found = characters_lacked(error.diagnostic) - lacking
                if not found or turn + 1 == _TURNS:
                    raise
                lacking |= found
    raise AssertionError("unreachable")


def characters_lacked(diagnostic: str) -> set[str]:
    """Return the characters that Typst says no font can show; empty when it complains of something else."""
    found = set()
    for quoted in _LACKED.findall(diagnostic):
        plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), quoted)
        found |= {character for character in plain if character not in "\n\t "}
    return found


def named(value: Any, lacking: set[str]) -> Any:
    """Return values with each character that cannot be shown, or hides itself, written as its number and name."""
    if isinstance(value, str):
        marked = _HIDDEN.sub(lambda match: _name_of(match[0]), value)
        shown = "".join(_name_of(each) if each in lacking else each for each in marked)
        return _UNBROKEN.sub("\\g<0>\u200b", shown)
    if isinstance(value, Mapping):
        return {key: named(each, lacking) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [named(each, lacking) for each in value]
    return value


def _name_of(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"[U+{ord(character):04X}{' ' + name if name else ''}]"

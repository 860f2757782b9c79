"""
Tables that people have, as rows of text: CSV, XLSX, JSON and plain YAML, read whole or refused whole.

Such a file is a stranger's. It is read with bounds on everything that can grow; nothing in it is run, fetched or
unpacked to a place with a name; and what cannot be read is told with the place where it stands.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final
from xml.parsers import expat

MOST_BYTES: Final = 20_000_000
MOST_UNPACKED_BYTES: Final = 60_000_000
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 200
MOST_CHARACTERS: Final = 10_000
"""How long a cell may be."""

_MOST_MEMBERS: Final = 2_000
_MOST_DEPTH: Final = 60
_MOST_ELEMENTS: Final = 5_000_000
_CHUNK: Final = 65_536
_DELIMITERS: Final = ";,\t|"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF8_LETTER: Final = re.compile(rb"\xc3[\x80-\xbf]")
_YAML_RECORD: Final = re.compile(r"\A(?:[ \t]*(?:#[^\n]*|---)?\r?\n)*- [A-Za-z_][\w-]*:")
_YAML_LINE: Final = re.compile(r"(- | {2}| {4})([A-Za-z_][\w-]*):(?: +(.*))?")
_CELL: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_RUN_BY_A_SPREADSHEET: Final = ("=", "+", "-", "@", "\t", "\r")


class Fault(StrEnum):
    """Why a file cannot be read."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_WIDE = "too_wide"
    CELL_TOO_LONG = "cell_too_long"
    ENCODING = "encoding"
    DAMAGED = "damaged"
    SWELLS = "swells"
    LOCKED = "locked"
    OLD_EXCEL = "old_excel"
    NO_SHEET = "no_sheet"
    SHAPE = "shape"


class Unreadable(Exception):
    """The file cannot be read; `fault` says why and `row` where, 0 when it is the file as a whole."""

    def __init__(self, fault: Fault, row: int = 0) -> None:
        super().__init__(f"{fault} {row}")
        self.fault, self.row = fault, row


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands in the file as people count (from 1), its cells, and which of them are formulas."""

    number: int
    cells: tuple[str, ...]
    formulas: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """
    A table out of a file.

    `origin` is who the file says that it is from, "" when it does not; `is_guessed` tells that the characters were
    read as Windows-1252 because they were nothing else.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    origin: str = ""
    is_guessed: bool = False


def read(content: bytes, *, keeps_lines: bool = False) -> Table:
    """
    Return the table in a file, whatever it is called.

    Args:
        keeps_lines: Whether the lines of a cell stay lines, where cells hold texts; else each is one line.

    Raises:
        Unreadable: It is no such file, is damaged, or is larger than any register.
    """
    if not content.strip(b"\0 \r\n\t"):
        raise Unreadable(Fault.EMPTY)
    if len(content) > MOST_BYTES:
        raise Unreadable(Fault.TOO_LARGE)
    if content.startswith(_OLE):
        raise Unreadable(Fault.OLD_EXCEL)
    if content.startswith(b"PK\x03\x04"):
        return _checked(_workbook(content, keeps_lines=keeps_lines))
    text, is_guessed = _text(content)
    if text.lstrip()[:1] in ("{", "["):
        return _checked(_json(text))
    if _YAML_RECORD.search(text):
        return _checked(of_records(_yaml(text)))
    return _checked(_csv(text, is_guessed=is_guessed, keeps_lines=keeps_lines))


def day(text: str) -> date | None:
    """Return the day that a cell tells: 2024-03-01, 20240301, 2024-03-01T…, or a spreadsheet's count of days."""
    words = text.strip()
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", words):
        return date(1899, 12, 30) + timedelta(days=int(words[:5]))
    try:
        return date.fromisoformat(words[:10] if "-" in words else words)
    except ValueError:
        return None


def _checked(table: Table) -> Table:
    if not table.columns or not any(table.columns):
        raise Unreadable(Fault.EMPTY)
    if len(table.columns) > MOST_COLUMNS:
        raise Unreadable(Fault.TOO_WIDE)
    return table


def _rows(
    lines: Iterable[tuple[int, list[str], tuple[int, ...]]], *, keeps_lines: bool = False, **about: Any
) -> Table:  # fmt: skip
    """Return the table whose first line that says anything names its columns."""
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    characters = 0
    for number, found, formulas in lines:
        characters += sum(map(len, found))  # one long text may stand in every cell without making the file larger
        if characters > MOST_UNPACKED_BYTES:
            raise Unreadable(Fault.SWELLS, number)
        cells = [_cell(cell, number, keeps_lines=keeps_lines and bool(columns)) for cell in found]
        if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
            raise Unreadable(Fault.TOO_WIDE, number)
        if not any(cells) and not formulas:
            continue
        if not columns:
            while cells and not cells[-1]:
                cells.pop()
            columns = tuple(cells)
            continue
        if len(rows) == MOST_ROWS:
            raise Unreadable(Fault.TOO_MANY_ROWS, number)
        padded = (*cells[: len(columns)], *[""] * (len(columns) - len(cells)))
        rows.append(Row(number, padded, tuple(at for at in formulas if at < len(columns))))
    return Table(columns, tuple(rows), **about)


def _cell(text: str, number: int, *, keeps_lines: bool = False) -> str:
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(Fault.CELL_TOO_LONG, number)
    # Half a surrogate pair is no character, and no database holds a NUL.
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if keeps_lines:
        lines = whole.replace("_x000D_", "").splitlines()  # so a workbook writes the first half of a line's end
        return "\n".join(" ".join(each.split()) for each in lines).strip()
    return " ".join(whole.split())


# --- CSV --------------------------------------------------------------------------------------------------------------


def _text(content: bytes) -> tuple[str, bool]:
    """Return the characters, and whether they had to be guessed to be Windows-1252."""
    marks = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
    for mark, encoding in marks:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding), False
            except UnicodeDecodeError as error:
                raise Unreadable(Fault.ENCODING, content.count(b"\n", 0, error.start) + 1) from None
    if b"\0" in content:
        raise Unreadable(Fault.ENCODING, content.count(b"\n", 0, content.index(b"\0")) + 1)
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError as error:
        broken = Unreadable(Fault.ENCODING, content.count(b"\n", 0, error.start) + 1)
    if _UTF8_LETTER.search(content):  # UTF-8 that is damaged; as Windows-1252 its å would become two signs
        raise broken
    try:
        return content.decode("cp1252"), True
    except UnicodeDecodeError:
        raise broken from None


def _csv(text: str, *, is_guessed: bool, keeps_lines: bool) -> Table:
    first = next((line for line in text.splitlines() if line.strip()), "")
    if len(first) > MOST_COLUMNS * MOST_CHARACTERS:
        raise Unreadable(Fault.CELL_TOO_LONG, 1)
    delimiter = max(_DELIMITERS, key=first.count)
    return _rows(_lines(text, delimiter), is_guessed=is_guessed, keeps_lines=keeps_lines)


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str], tuple[int, ...]]]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            formulas = tuple(at for at, cell in enumerate(cells) if cell.lstrip().startswith("="))
            yield number, [_unmarked(cell) for cell in cells], formulas
            number = reader.line_num + 1
    except csv.Error as error:  # strict: a quotation mark that is never closed would swallow the rows after it
        is_long = "field larger" in str(error)
        raise Unreadable(Fault.CELL_TOO_LONG if is_long else Fault.DAMAGED, number) from None


def _unmarked(cell: str) -> str:
    """Take away the apostrophe that keeps a spreadsheet from running a cell, as `core.spreadsheet` puts it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _RUN_BY_A_SPREADSHEET else cell


# --- JSON -------------------------------------------------------------------------------------------------------------


def _json(text: str) -> Table:
    if text.count("{") + text.count("[") > MOST_ROWS * 5:
        raise Unreadable(Fault.TOO_MANY_ROWS)
    try:
        found = json.loads(text)
        return of_records(_records(found), origin=_origin(found))
    except RecursionError:
        raise Unreadable(Fault.SHAPE) from None
    except json.JSONDecodeError as error:
        raise Unreadable(Fault.DAMAGED, error.lineno) from None
    except ValueError:  # a number of thousands of digits
        raise Unreadable(Fault.SHAPE) from None


def of_records(records: list[dict[str, Any]], *, origin: str = "") -> Table:
    """
    Return the table of records; a record with several accounts under `social` becomes a row for each.

    A row is counted by its record, from 1.
    """
    flat = [(number, row) for number, record in enumerate(records, 1) for row in _flat(record)]
    columns = list(dict.fromkeys(name for _number, row in flat for name in row))
    if len(columns) > MOST_COLUMNS:
        raise Unreadable(Fault.TOO_WIDE)
    lines = ((number, [row.get(name, "") for name in columns], ()) for number, row in flat)
    return _rows(iter([(0, columns, ()), *lines]), origin=origin)


def _records(found: Any) -> list[dict[str, Any]]:
    """Return the records of a register: a list, or the one list of records that an object holds."""
    if isinstance(found, dict):
        lists = [
            value for value in found.values() if isinstance(value, list) and all(isinstance(v, dict) for v in value)
        ]
        named = [found[name] for name in ("accounts", "results", "channels", "kanaler") if found.get(name) in lists]
        found = (named or lists or [None])[0]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unreadable(Fault.SHAPE)
    return found


def _origin(found: Any) -> str:
    said = found.get("authority") if isinstance(found, dict) else None
    name = said.get("name") if isinstance(said, dict) else said
    return " ".join(name.split())[:200] if isinstance(name, str) else ""


def _flat(record: dict[str, Any]) -> Iterator[dict[str, str]]:
    social = record.get("social")
    if not isinstance(social, dict):
        yield {str(name): _plain(value) for name, value in record.items()}
        return
    about = {str(name): _plain(value) for name, value in record.items() if name not in ("social", "id")}
    ids = record.get("id")
    if isinstance(ids, dict) and ids:
        about["id"] = _plain(next(iter(ids.values())))
    names = {str(name): _plain(value) for name, value in social.items()}
    for name, handle in names.items():
        base = name.removesuffix("_id")
        if base == name or base not in names:  # the number of an account that is named beside it is no account more
            yield {**about, "platform": base, "handle": handle}


def _plain(value: Any) -> str:
    """Return a value as a cell: names and texts of what is nested, joined."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, list):
        return ", ".join(filter(None, (_plain(each) for each in value)))
    if isinstance(value, dict):
        return next((_plain(value[name]) for name in ("name", "tag_text", "title", "url") if name in value), "")
    return str(value)


# --- YAML -------------------------------------------------------------------------------------------------------------


def _yaml(text: str) -> list[dict[str, Any]]:
    """Return the records of a list as registers write it: each of plain values, and of groups of plain values."""
    records: list[dict[str, Any]] = []
    group: dict[str, Any] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.rstrip()
        if not plain or plain.lstrip().startswith("#") or plain == "---":
            continue
        found = _YAML_LINE.fullmatch(plain)
        if found is None or (found[1] == "    " and group is None) or len(records) > MOST_ROWS:
            raise Unreadable(Fault.SHAPE, number)
        indent, name, value = found.groups()
        if indent == "- ":
            records.append({})
        elif not records:
            raise Unreadable(Fault.SHAPE, number)
        if indent == "    ":
            assert group is not None
            group[name] = _scalar(value or "", number)
        elif value is None:
            group = records[-1][name] = {}
        else:
            group, records[-1][name] = None, _scalar(value, number)
    return records


def _scalar(text: str, number: int) -> str:
    words = text.strip()
    if len(words) > 1 and words[0] == words[-1] and words[0] in "'\"":
        return words[1:-1].replace(words[0] * 2, words[0])
    if words[:1] in tuple("&*{[|>!%@`'\""):
        raise Unreadable(Fault.SHAPE, number)
    return words.partition(" #")[0].strip()


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _workbook(content: bytes, *, keeps_lines: bool) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = _Parts(packed)
            sheet, is_1904 = _first_sheet(parts)
            texts = _shared(parts)
            return _rows(_sheet(parts, sheet, texts, is_1904=is_1904), keeps_lines=keeps_lines)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, expat.ExpatError, UnicodeDecodeError):
        raise Unreadable(Fault.DAMAGED) from None


class _Parts:
    """The parts of a workbook that are read; together they may not swell beyond `MOST_UNPACKED_BYTES`."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        members = packed.infolist()
        if len(members) > _MOST_MEMBERS:
            raise Unreadable(Fault.SWELLS)
        self._packed, self._left, self._elements = packed, MOST_UNPACKED_BYTES, 0
        self._members = {each.filename.lstrip("/"): each for each in members}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def parsed(
        self, name: str, begun: _Begun, ended: _Ended | None = None, text: Callable[[str], None] | None = None
    ) -> None:
        """Parse a part, telling what begins, what ends and the text in between. A document type is refused."""
        if name not in self._members:
            raise Unreadable(Fault.NO_SHEET)
        member = self._members[name]
        if member.flag_bits & 1:
            raise Unreadable(Fault.LOCKED)
        parser, depth = expat.ParserCreate(), 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > _MOST_DEPTH:
                raise Unreadable(Fault.SWELLS)
            begun(tag.rpartition(":")[2], attributes)

        def end(tag: str) -> None:
            nonlocal depth
            depth -= 1
            if ended is not None:
                ended(tag.rpartition(":")[2])

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.StartDoctypeDeclHandler = _refuse_document_type
        if text is not None:
            parser.CharacterDataHandler = text
        self._weigh(member)
        for chunk in self._chunks(member):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _weigh(self, member: zipfile.ZipInfo) -> None:
        """Refuse what swells or holds too much before it is parsed: to unpack it twice takes far less."""
        for chunk in self._chunks(member):
            self._left -= len(chunk)
            self._elements += chunk.count(b"<") - chunk.count(b"</")
            if self._left < 0 or self._elements > _MOST_ELEMENTS:
                raise Unreadable(Fault.SWELLS)

    def _chunks(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        with self._packed.open(member) as file:
            while chunk := file.read(_CHUNK):
                yield chunk


_Begun = Callable[[str, dict[str, str]], None]
_Ended = Callable[[str], None]


def _refuse_document_type(*_about: Any) -> None:
    raise Unreadable(Fault.DAMAGED)  # no spreadsheet has one, and entities are how a small XML becomes a large one


def _first_sheet(parts: _Parts) -> tuple[str, bool]:
    """Return the part of the first sheet that is shown, and whether its days are counted from 1904."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    about: dict[str, str] = {}

    def in_book(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            sheets.append((key, attributes.get("state", "visible")))
        elif tag == "workbookPr":
            about.update(attributes)

    def in_links(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode", "") != "External":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parts.parsed("xl/workbook.xml", in_book)
    parts.parsed("xl/_rels/workbook.xml.rels", in_links)
    shown = [key for key, state in sheets if state == "visible"] or [key for key, _state in sheets]
    if not shown or shown[0] not in targets:
        raise Unreadable(Fault.NO_SHEET)
    target = targets[shown[0]]
    name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    if name not in parts:
        raise Unreadable(Fault.NO_SHEET)
    return name, about.get("date1904", "") in ("1", "true")


def _shared(parts: _Parts) -> list[str]:
    """Return the texts that cells refer to; how a word is pronounced is left out."""
    found: list[str] = []
    if "xl/sharedStrings.xml" not in parts:
        return found
    words: list[str] = []
    within: list[str] = []

    def begun(tag: str, _attributes: dict[str, str]) -> None:
        within.append(tag)
        if tag == "si":
            words.clear()

    def ended(tag: str) -> None:
        within.pop()
        if tag == "si":
            found.append("".join(words)[: MOST_CHARACTERS + 1])

    def text(more: str) -> None:
        if within and within[-1] == "t" and "rPh" not in within:
            words.append(more)

    parts.parsed("xl/sharedStrings.xml", begun, ended, text)
    return found


class _Sheet:
    """Takes in one sheet, cell by cell."""

    def __init__(self, texts: list[str], *, is_1904: bool) -> None:
        self.lines: list[tuple[int, list[str], tuple[int, ...]]] = []
        self._texts, self._is_1904 = texts, is_1904
        self._number, self._cells, self._formulas = 0, dict[int, str](), list[int]()
        self._at, self._kind, self._words, self._wanted = -1, "", list[str](), False

    def begun(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            said = attributes.get("r", "")
            self._number = int(said) if said.isascii() and said.isdigit() and len(said) < 8 else self._number + 1
            self._cells, self._formulas, self._at = {}, [], -1
        elif tag == "c":
            place = _CELL.fullmatch(attributes.get("r", ""))
            self._at = _column(place[1]) if place else self._at + 1
            self._kind, self._words = attributes.get("t", "n"), []
            if self._at >= MOST_COLUMNS * 10:
                raise Unreadable(Fault.TOO_WIDE, self._number)
        elif tag == "f":
            self._formulas.append(self._at)
        self._wanted = tag in ("v", "t")

    def text(self, more: str) -> None:
        if self._wanted:
            self._words.append(more)

    def ended(self, tag: str) -> None:
        self._wanted = False
        if tag == "c":
            self._cells[self._at] = self._value("".join(self._words))
        elif tag == "row" and (self._cells or self._formulas):
            width = max(self._cells, default=-1) + 1
            if len(self.lines) > MOST_ROWS + 1:
                raise Unreadable(Fault.TOO_MANY_ROWS, self._number)
            cells = [self._cells.get(at, "") for at in range(width)]
            self.lines.append((self._number, cells, tuple(self._formulas)))

    def _value(self, words: str) -> str:
        if self._kind == "s":
            if not (words.isascii() and words.isdigit()) or len(words) > 9 or int(words) >= len(self._texts):
                raise Unreadable(Fault.DAMAGED, self._number)
            return self._texts[int(words)]
        if self._kind == "b":
            return {"1": "ja", "0": "nej"}.get(words, "")
        if self._kind == "e":
            return ""
        if self._kind == "n":
            return _number(words, is_1904=self._is_1904)
        return words


def _number(words: str, *, is_1904: bool) -> str:
    """Return a number as people write it; days counted from 1904 are moved to how others count."""
    text = words.removesuffix(".0")
    if is_1904 and re.fullmatch(r"[0-9]{5}", text):
        return str(int(text) + 1462)
    return text


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _sheet(
    parts: _Parts, name: str, texts: list[str], *, is_1904: bool
) -> Iterator[tuple[int, list[str], tuple[int, ...]]]:  # fmt: skip
    sheet = _Sheet(texts, is_1904=is_1904)
    parts.parsed(name, sheet.begun, sheet.ended, sheet.text)
    return iter(sheet.lines)

"""
Import of what Google Takeout gives of a channel's own comments: CSV files in a ZIP or a tar.gz.

The headings are in the language of whoever downloaded it, so columns are known by what stands in them. Text is written
as JSON objects in a row. Made after the documented shape and a public example with German headings (2026-11-21).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from narvaro.base import clock
from narvaro.connectors.client import moment, storable
from narvaro.connectors.mastodon.archive import ArchiveError, Report, opened_files
from narvaro.connectors.port import Author, Item, Kind

MAX_CSV_BYTES = 64_000_000
MAX_FILES = 500
MOST_ROWS = 1_000_000
MAX_FIELD = 1_000_000
SAMPLED = 200
LACKS = (
    "Andras kommentarer på kanalens filmer ingår inte i Googles export.",
    "Community-inlägg, livechatt och filmerna själva tas inte in.",
    "Av ändrade kommentarer ingår bara den senaste lydelsen, och det som var borttaget före exporten ingår inte.",
    "Antal gillanden ingår inte.",
)
_SHAPES = {
    "text": re.compile(r'\s*\{\s*"', re.ASCII),
    "channel": re.compile(r"UC[\w-]{22}$", re.ASCII),
    "post": re.compile(r"Ugkx[\w-]{10,}$", re.ASCII),
    "comment": re.compile(r"Ug[\w-]{8,}(\.[\w-]+)?$", re.ASCII),
    "time": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII),
    "film": re.compile(r"[\w-]{11}$", re.ASCII),
}


class TakeoutArchive:
    """
    An open archive; a context manager. See `connectors.archives.Archive`.

    Raises:
        ArchiveError: It is no such archive, is damaged, encrypted, or swells beyond reason.
    """

    names_items = True

    def __init__(self, path: Path) -> None:
        self.report = Report(lacks=LACKS)
        self._stack = ExitStack()
        try:
            self._files = self._stack.enter_context(opened_files(path))
            names = [name for name in sorted(self._files.names) if name.lower().endswith(".csv")]
            self._tables = [name for name in names[:MAX_FILES] if self._is_table(name)]
            if not self._tables:
                raise ArchiveError(
                    "Arkivet innehåller inga kommentarer från YouTube. Välj Kommentarer i Google Takeout."
                )
            self.author = self._author()
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def items(self) -> Iterator[Item]:
        """Yield the channel's comments one by one, each once; the report tells of the rest."""
        self.report = report = Report(lacks=LACKS)
        seen: set[str] = set()
        for name in self._tables:
            rows = self._rows(name)
            columns = _columns(rows)
            for row in rows:
                report.entries += 1
                if report.entries > MOST_ROWS:
                    report.is_truncated = True
                    return
                item = self._item(row, columns)
                if item is None:
                    report.add_bad("Raden saknar beteckning eller tidpunkt.", ",".join(row).encode("utf-8", "replace"))
                elif item.remote_id in seen:
                    report.duplicates += 1
                else:
                    seen.add(item.remote_id)
                    report.items += 1
                    yield item

    def medium(self, url: str, max_bytes: int) -> tuple[bytes, str]:
        """There are no files in it."""
        raise ArchiveError("Filen saknas i arkivet.")

    def _is_table(self, name: str) -> bool:
        columns = _columns(self._rows(name))
        return "text" in columns and "comment" in columns and "time" in columns

    def _author(self) -> Author:
        found: Counter[str] = Counter()
        for name in self._tables:
            rows = self._rows(name)
            at = _columns(rows).get("channel")
            found.update(row[at] for row in rows if at is not None and at < len(row) and row[at])
        channel = found.most_common(1)[0][0] if found else ""
        return Author(channel, channel, url=f"https://www.youtube.com/channel/{channel}" if channel else "")

    def _rows(self, name: str) -> list[list[str]]:
        """Return the rows below the headings."""
        with self._files.opened(name) as file:
            content = file.read(MAX_CSV_BYTES + 1)
        if len(content) > MAX_CSV_BYTES:
            raise ArchiveError(f"Filen {name[-80:]} i arkivet är för stor.")
        text = io.StringIO(content.decode("utf-8-sig", "replace").replace("\0", "\ufffd"), newline="")
        csv.field_size_limit(MAX_FIELD)
        rows: list[list[str]] = []
        try:
            for number, row in enumerate(csv.reader(text)):
                if number and row:
                    rows.append(row)
        except csv.Error:
            self.report.is_truncated = True
        return rows

    def _item(self, row: list[str], columns: dict[str, int]) -> Item | None:
        def cell(name: str) -> str:
            at = columns.get(name, -1)
            return row[at].strip() if 0 <= at < len(row) else ""

        remote_id, written = cell("comment"), moment(cell("time"))
        if not _SHAPES["comment"].match(remote_id) or written is None:
            return None
        film, parent = cell("film"), cell("parent") or cell("top")
        now = clock.now()
        return Item(
            remote_id=remote_id,
            kind=Kind.COMMENT,
            author=Author(cell("channel") or self.author.remote_id, cell("channel") or self.author.handle),
            text=storable(_words(cell("text"))),
            published_at=min(written, now),
            raw=json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"),
            is_own=True,
            parent_remote_id=(parent if parent != remote_id else "") or film,
            root_remote_id=film or parent or remote_id,
            url=f"https://www.youtube.com/watch?v={film}&lc={remote_id}" if film else "",
        )


def _columns(rows: list[list[str]]) -> dict[str, int]:
    """Return which column holds what, by its values: headings are in any language."""
    shapes: dict[int, str] = {}
    width = max((len(row) for row in rows[:SAMPLED]), default=0)
    for at in range(min(width, 50)):
        values = [row[at].strip() for row in rows[:SAMPLED] if at < len(row) and row[at].strip()]
        for name, shape in _SHAPES.items():
            if values and all(shape.match(value) for value in values):
                shapes[at] = name
                break
    found: dict[str, int] = {}
    for at, name in shapes.items():
        is_again = name == "comment" and "comment" in found
        found.setdefault(("parent" if "parent" not in found else "top") if is_again else name, at)
    return found


def _words(text: str) -> str:
    """Return what was written: the texts of the JSON objects that stand in a row, else the text as it is."""
    try:
        pieces = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        return text
    words = [each.get("text") for each in pieces if isinstance(each, dict)]
    return "".join(each for each in words if isinstance(each, str)) if words else text

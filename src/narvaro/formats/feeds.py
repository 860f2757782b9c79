"""
RSS and Atom, as others publish them: titles, texts, links and times, and nothing of who wrote.

A feed comes from a stranger: what is no well-formed XML, declares types or entities of its own, nests without end or
is endless gives one sentence or fewer items, never more work than its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Final
from urllib.parse import urljoin
from xml.parsers import expat

from narvaro.base.text import plain_text

MOST_ITEMS: Final = 200
_MOST_DEPTH: Final = 60
_MOST_TEXT: Final = 20_000  # signs of one element; the rest is left out
_ITEMS: Final = frozenset({"item", "entry"})
_TEXTS: Final = ("encoded", "content", "description", "summary")  # the fullest first
_TIMES: Final = ("pubDate", "published", "date", "updated", "issued", "modified")
_KEPT: Final = frozenset({"title", "link", "guid", "id", *_TEXTS, *_TIMES})


class NotAFeed(ValueError):
    """What came is no feed that can be read. Speaks Swedish."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a feed. `key` is the same each time it is read; `published_at` is aware, UTC, None when not told."""

    key: str
    title: str
    text: str
    link: str
    published_at: datetime | None


def entries(body: bytes, *, address: str = "") -> list[Entry]:
    """
    Return what a feed holds, in its own order, at most 200.

    Args:
        address: Where the feed was read, to complete its links with.

    Raises:
        NotAFeed: It is no RSS or Atom, or holds what a feed has no use for.
    """
    reader = _Reader(address)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.said
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except _Enough:
        pass
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, NotAFeed):
            raise
        raise NotAFeed("Flödet går inte att läsa: det är inte RSS eller Atom.") from None
    if not reader.is_feed:
        raise NotAFeed("På adressen finns inget flöde i RSS eller Atom.")
    return reader.found


class _Enough(Exception):
    """As much as is taken in has been read."""


def _refuse(*_what: object) -> None:
    raise NotAFeed("Flödet innehåller egna definitioner, och läses därför inte.")


class _Reader:
    def __init__(self, address: str) -> None:
        self.found: list[Entry] = []
        self.is_feed = False
        self._address = address
        self._depth = 0
        self._item: dict[str, str] | None = None
        self._item_depth = 0
        self._name = ""
        self._kept: list[str] = []
        self._length = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise NotAFeed("Flödet går inte att läsa.")
        plain = name.rpartition(" ")[2]
        if self._depth == 1:
            self.is_feed = plain in ("rss", "feed", "RDF")
        if self._item is None:
            if plain in _ITEMS:
                self._item, self._item_depth = {}, self._depth
            return
        if self._depth == self._item_depth + 1:
            self._name, self._kept, self._length = plain if plain in _KEPT else "", [], 0
            if plain == "link" and attributes.get("href") and attributes.get("rel", "alternate") == "alternate":
                self._item.setdefault("link", attributes["href"])

    def said(self, text: str) -> None:
        if self._name and self._length < _MOST_TEXT:
            self._kept.append(text[: _MOST_TEXT - self._length])
            self._length += len(text)

    def end(self, _name: str) -> None:
        if self._item is not None and self._depth == self._item_depth + 1 and self._name:
            told = "".join(self._kept).strip()
            if told:
                self._item.setdefault(self._name, told)
            self._name = ""
        if self._item is not None and self._depth == self._item_depth:
            self._close(self._item)
            self._item = None
        self._depth -= 1

    def _close(self, item: dict[str, str]) -> None:
        text = next((item[name] for name in _TEXTS if name in item), "")
        link = self._linked(item.get("link", "") or item.get("guid", ""))
        title = plain_text(item.get("title", ""))
        named = item.get("guid") or item.get("id") or link or f"{title}{text}"
        if not (title or text) or not named:
            return
        key = blake2b(named.encode("utf-8", "replace"), digest_size=16).hexdigest()
        told = next((at for name in _TIMES if (at := _moment(item.get(name, "")))), None)
        self.found.append(Entry(key, title, plain_text(text), link, told))
        if len(self.found) >= MOST_ITEMS:
            raise _Enough

    def _linked(self, link: str) -> str:
        try:
            whole = urljoin(self._address, link)
        except ValueError:
            return ""
        return whole if whole.lower().startswith(("https://", "http://")) else ""


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(text.strip())
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None

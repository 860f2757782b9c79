"""
Web pages as lists: the links of a page with their words, headings and days, and what it says in JSON-LD.

A page comes from a stranger. Its length, links, depth and things have an end; nothing in it is fetched or run, and
each sign is looked at a few times at most, whatever never closes. The scanner is our own, as in `base/text.py`: the
standard library's parser takes minutes for tags that never end.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from typing import Final
from urllib.parse import urljoin, urlsplit

from narvaro.base.ahead import Ahead

MOST_BYTES: Final = 3_000_000
MOST_LINKS: Final = 2_000
MOST_DEPTH: Final = 200
MOST_HEADINGS: Final = 300
MOST_TAGS: Final = 100_000
_MOST_SCRIPTS: Final = 200
_MOST_WORDS: Final = 400  # signs of one link or heading
_MOST_TAG: Final = 20_000
_MOST_BROKEN: Final = 200  # tags with quotes that never end; after so many, quotes are taken for any sign
_MOST_ADDRESS: Final = 500
_A_ROW: Final = 4  # so many links may share the day that stands beside them; more is no row

_TAG: Final = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:[^<>"']|"[^"]*"|'[^']*')*+)>""")
_PLAIN_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)([^<>]*+)>")
_ATTRIBUTE: Final = re.compile(r"""(?<![^\s"'/])([a-zA-Z-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_UNSHOWN: Final = {
    name: re.compile(rf"</{name}[\s/>]", re.I)
    for name in ("script", "style", "template", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "svg")
}
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HUGE_REFERENCE: Final = re.compile(r"&#[0-9]{9,};?")
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_ROWS: Final = frozenset(("li", "tr", "article", "dd"))
_ASIDE: Final = frozenset(("nav", "footer", "aside"))
_BLOCKS: Final = _ROWS | _ASIDE | {
    "div", "section", "main", "header", "ul", "ol", "dl", "dt", "table", "tbody", "td", "th", "p", "form", "fieldset",
}  # fmt: skip
_GENERIC: Final = frozenset((
    "läs mer", "läs mer här", "mer", "mer information", "visa mer", "visa", "här", "klicka här", "till annonsen",
    "visa annons", "öppna", "ladda ner", "ladda ned", "pdf", "ansök", "ansök här", "sök jobbet", "read more", "more",
))  # fmt: skip


class NotAPage(ValueError):
    """What came is no page with a list that can be read. Speaks Swedish."""


@dataclass(slots=True)
class Link:
    """One link: its words, its whole address without fragment, and the days that stand in the same row."""

    title: str
    address: str
    days: list[date] = field(default_factory=list)
    is_aside: bool = False  # in what every page has: menus, feet, columns beside
    in_main: bool = False
    section: tuple[str, ...] = ()  # the headings it stands under, the nearest last


@dataclass(frozen=True, slots=True)
class Page:
    """What was read of a page. `scripts` is its JSON-LD as it stands there."""

    address: str
    base: str
    links: tuple[Link, ...]
    headings: tuple[str, ...]
    scripts: tuple[str, ...]
    is_cut: bool = False  # there was more than is read


def read(body: bytes, *, address: str) -> Page:
    """
    Return the links, headings and JSON-LD of a page.

    Args:
        address: Where it was read, to complete links with unless the page says otherwise (`<base href>`).

    Raises:
        NotAPage: It is larger than what is read, or nothing like a page.
    """
    if len(body) > MOST_BYTES:
        raise NotAPage("Sidan är större än vad som läses.")
    html = _text_of(body).replace("\0", "")
    if "<" not in html:
        raise NotAPage("På adressen finns ingen webbsida.")
    reader = _Reader(html, address)
    reader.read()
    return Page(
        reader.here, reader.base, tuple(reader.links.values()), tuple(dict.fromkeys(reader.headings)),
        tuple(reader.scripts), reader.is_cut or len(reader.links) >= MOST_LINKS,
    )  # fmt: skip


def whole(base: str, link: str) -> str:
    """Return an address completed and without fragment; "" for what is not on the web (javascript:, data:, mailto:)."""
    said = "".join(sign for sign in link.strip() if sign not in "\t\r\n")
    if not said or said.startswith("#") or len(said) > 2 * _MOST_ADDRESS:
        return ""
    try:
        parts = urlsplit(urljoin(base, said))
        is_one = parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc
        found = parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/", fragment="").geturl()
    except ValueError:
        return ""
    return found.replace(" ", "%20") if is_one and len(found) <= _MOST_ADDRESS and found.isprintable() else ""


def day(text: str) -> date | None:
    """Return the day that begins a text such as 2026-11-22T10:00, None when none does."""
    try:
        found = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2100 else None


def _text_of(body: bytes) -> str:
    """Return a page's signs: UTF-8 where the bytes are, whatever it declares, else Windows-1252 with its Latin-1."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    said = body.decode("utf-8", "replace")
    broken = said.count("\ufffd")
    # A few bytes gone wrong in a page of UTF-8 are no reason to misread all its other letters.
    if not broken or broken <= sum(1 for sign in said if sign >= "\x80") - broken:
        return said
    return body.decode("cp1252", "replace")


@dataclass(slots=True)
class _Frame:
    """An open element: a few links still without a day, and the days still without a link."""

    name: str
    links: list[Link] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    is_full: bool = False


class _Reader:
    def __init__(self, html: str, address: str) -> None:
        self.base = address
        self.links: dict[str, Link] = {}
        self.headings: list[str] = []
        self.scripts: list[str] = []
        self.is_cut = False
        self._html = html
        self.here = whole(address, address)
        self._spare: dict[str, str] = {}
        self._has_base = False
        self._broken = 0
        self._ahead = Ahead(html)
        self._frames = [_Frame("")]
        self._open: Counter[str] = Counter()
        self._under: list[tuple[int, str]] = []
        self._heading: list[str] | None = None
        self._heading_level = 0
        self._heading_has_link = False
        self._free_heading = ""  # a heading that no link has been read under yet
        self._link: Link | None = None
        self._link_words: list[str] = []
        self._link_heading: list[str] = []
        self._link_label = ""
        self._in_time = False

    def read(self) -> None:
        html, at, last = self._html, 0, self._html.rfind(">")
        for _number in range(MOST_TAGS):
            begin = html.find("<", at)
            if begin < 0 or begin > last or len(self.links) >= MOST_LINKS:
                break
            self._text(html[at:begin])
            at = self._markup(begin)
        else:
            self.is_cut = True
        self._end_link()
        while len(self._frames) > 1:
            self._close_frame()
        for link in self.links.values():
            link.title = link.title or self._spare[link.address]

    # --- Signs ----------------------------------------------------------------------------------------------------

    def _markup(self, begin: int) -> int:
        html = self._html
        if html.startswith("<!--", begin):
            return self._ahead.past("-->", begin + 4) or begin + 4
        if html.startswith(("<!", "<?"), begin):
            return self._ahead.past(">", begin) or begin + 2
        is_sound = self._broken < _MOST_BROKEN
        found = (_TAG if is_sound else _PLAIN_TAG).match(html, begin, begin + _MOST_TAG)
        if found is None:
            self._broken += is_sound and html[begin + 1 : begin + 2].isalpha()
            return begin + 1
        name, end = found[2].lower(), found.end()
        if found[1]:
            self._close(name)
            return end
        if name in _UNSHOWN:
            return self._past_unshown(name, found[3], end)
        self._opened(name, found[3])
        return end

    def _past_unshown(self, name: str, said: str, start: int) -> int:
        found = self._ahead.first(_UNSHOWN[name], start)
        if found is None:
            return start
        if name == "script" and "ld+json" in said.lower() and len(self.scripts) < _MOST_SCRIPTS:
            self.scripts.append(self._html[start : found.start()])
        return found.start()

    def _text(self, raw: str) -> None:
        if not raw or (self._link is None and self._heading is None):
            return
        said = _plain(raw[: 4 * _MOST_WORDS])
        if self._heading is not None and len(self._heading) < _MOST_WORDS:
            self._heading.append(said)
        if self._link is not None and not self._in_time and len(self._link_words) < _MOST_WORDS:
            self._link_words.append(said)
            if self._heading is not None:
                self._link_heading.append(said)

    # --- Elements -------------------------------------------------------------------------------------------------

    def _opened(self, name: str, said: str) -> None:
        if name == "base" and not self._has_base:
            base = whole(self.base, _attributes(said).get("href", ""))
            self.base, self._has_base = base or self.base, bool(base)
        elif name == "a":
            self._end_link()
            self._begin_link(_attributes(said))
        elif name == "time":
            self._in_time = True
            found = day(_attributes(said).get("datetime", ""))
            if found and len(self._frames[-1].days) < _A_ROW:
                self._frames[-1].days.append(found)
        elif name in _HEADINGS:
            self._heading, self._heading_level, self._heading_has_link = [], int(name[1]), self._link is not None
        elif name == "img" and self._link is not None and not self._link_label:
            self._link_label = _attributes(said).get("alt", "")
        elif name in _BLOCKS:
            self._begin_frame(name, said)
        else:
            self._text(" ")

    def _close(self, name: str) -> None:
        if name == "a":
            self._end_link()
        elif name == "time":
            self._in_time = False
        elif name in _HEADINGS:
            self._end_heading()
        elif self._open[name] and name in _BLOCKS:
            while self._frames[-1].name != name:
                self._close_frame()
            self._close_frame()
        else:
            self._text(" ")

    def _begin_frame(self, name: str, said: str) -> None:
        self._text(" ")
        if name in ("li", "tr", "p") and self._frames[-1].name == name:  # its end may be left out
            self._close_frame()
        if len(self._frames) < MOST_DEPTH and not said.endswith("/"):
            self._frames.append(_Frame(name))
            self._open[name] += 1

    def _close_frame(self) -> None:
        """Let a few links take the day that stands with them; what has no such mate yet stands in what is around."""
        self._text(" ")
        frame = self._frames.pop()
        self._open[frame.name] -= 1
        if frame.name in _ROWS:
            self._free_heading = ""
        if frame.links and frame.days and not frame.is_full:
            for link in frame.links:
                link.days = link.days or list(frame.days)
        around = self._frames[-1]
        if frame.name in _ROWS or (frame.links and frame.days):
            around.is_full |= frame.is_full
            return
        room = _A_ROW - len(around.links)
        around.is_full |= frame.is_full or len(frame.links) > room
        around.links.extend(frame.links[:room])
        around.days.extend(frame.days[: _A_ROW - len(around.days)])

    def _begin_link(self, about: dict[str, str]) -> None:
        address = whole(self.base, about.get("href", ""))
        if not address or address == self.here:
            return
        is_head = self._open["header"] and not (self._open["main"] or any(self._open[each] for each in _ROWS))
        self._link = Link(
            "", address, is_aside=bool(is_head) or any(self._open[each] for each in _ASIDE),
            in_main=self._open["main"] > 0, section=tuple(said for _level, said in self._under),
        )  # fmt: skip
        self._link_words, self._link_heading, self._in_time = [], [], False
        self._link_label = about.get("aria-label", "") or about.get("title", "")
        self._heading_has_link = True

    def _end_link(self) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        words = _tidy("".join(self._link_heading)) or _tidy("".join(self._link_words))
        is_said = bool(words) and words.casefold().rstrip(" .…›»>") not in _GENERIC
        link.title = words if is_said else _tidy(self._link_label) or self._free_heading
        self._free_heading = ""
        known = self.links.get(link.address)
        if known is None and (link.title or words):
            self.links[link.address] = link
            self._spare[link.address] = words
        elif known is not None:
            known.title = known.title or link.title
            known.is_aside &= link.is_aside
            known.in_main |= link.in_main
            known.section = known.section if len(known.section) > len(link.section) else link.section
        link = known or link
        frame = self._frames[-1]
        if len(frame.links) < _A_ROW:
            frame.links.append(link)
        else:
            frame.is_full = True

    def _end_heading(self) -> None:
        if self._heading is None:
            return
        said, self._heading = _tidy("".join(self._heading)), None
        in_row = any(self._open[each] for each in _ROWS)
        if not said or self._heading_has_link or len(self.headings) >= MOST_HEADINGS:
            return
        self._free_heading = said
        if not in_row:
            self.headings.append(said)
            self._under = [each for each in self._under if each[0] < self._heading_level]
            self._under.append((self._heading_level, said))


def _attributes(said: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(said):
        found.setdefault(name.lower(), _plain(double or single or bare))
    return found


def _plain(raw: str) -> str:
    return unescape(_HUGE_REFERENCE.sub("\ufffd", raw)).replace("\0", "") if "&" in raw else raw


def _tidy(text: str) -> str:
    return " ".join(text.split())[:_MOST_WORDS]

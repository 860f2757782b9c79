"""
Plain text out of the HTML that platforms give for posts and comments.

Made for reading, searching and screening, never for showing as HTML. What came in is kept elsewhere, byte
for byte; this leaves out layout but no words and no addresses.

The scanner is our own because the standard library's parser, on the Python we run, takes quadratic time
(minutes for 300 kB) on tags that never close, and comments come from strangers.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from narvaro.base.ahead import Ahead

_QUOTED_TAG: Final = re.compile(r"""</?[a-zA-Z](?:[^<>"']|"[^"]*"|'[^']*')*+>""")
_NAME: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]*)")
_ATTRIBUTE: Final = re.compile(r"""(?<![\w-])(href|class|rel|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_SPACES: Final = re.compile(" +")
_HUGE_REFERENCE: Final = re.compile(r"&#[0-9]{9,};?")  # no sign has such a number, and int() refuses the longest
_UNSHOWN: Final = {name: re.compile(rf"</{name}[\s/>]", re.I) for name in ("script", "style")}

_PARAGRAPHS: Final = frozenset(
    ("p", "blockquote", "ul", "ol", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "figure")
)
_LINES: Final = frozenset(("div", "li", "tr", "dt", "dd", "figcaption", "header", "footer"))
_SHORTENED: Final = ("…", "...")


def plain_text(html: str) -> str:
    """
    Return what a reader sees of a post's HTML, as lines of text.

    Paragraphs are parted by an empty line. A link whose text is its own address, whole or shortened, becomes
    the whole address; one with other words keeps both ("läs mer (https://…)"). Mentions and hashtags stay as
    written. Signs written as entities come out as themselves; what cannot be understood as a tag is text.

    Takes time in proportion to the text and never fails, whatever comes.

    Returns:
        The text, without blanks at either end; "" when there is nothing to read.

    Law: none.
    """
    reader = _Reader(html.replace("\x00", ""))
    reader.read()
    return _tidy("".join(reader.out))


class _Reader:
    def __init__(self, html: str) -> None:
        self.out: list[str] = []
        self._html = html
        self._last_end = html.rfind(">")
        self._next_end = -1
        self._are_quotes_sound = True
        self._ahead = Ahead(html)
        self._link: tuple[int, str] | None = None

    def read(self) -> None:
        html, at = self._html, 0
        while True:
            begin = html.find("<", at)
            if begin < 0 or begin > self._last_end:
                self._text(html[at:])
                break
            self._text(html[at:begin])
            at = self._markup(begin)
        self._end_link()

    def _text(self, raw: str) -> None:
        if not raw:
            return
        if "&" in raw:
            raw = unescape(_HUGE_REFERENCE.sub("\ufffd", raw)).replace("\x00", "")
        self.out.append(_BLANKS.sub(" ", raw))

    def _markup(self, begin: int) -> int:
        """Read what begins with the "<" at `begin`, and return where to go on."""
        html = self._html
        if html.startswith("<!--", begin):
            return self._ahead.past("-->", begin + 4) or self._as_text(begin)
        if html.startswith(("<!", "<?"), begin):
            return self._ahead.past(">", begin) or self._as_text(begin)
        named = _NAME.match(html, begin)
        end = self._tag_end(begin) if named else 0
        if not named or not end:
            return self._as_text(begin)
        name = named[1].lower()
        if html[begin + 1] == "/":
            self._close(name)
            return end
        self._open(name, html[begin:end])
        return self._past_unshown(name, end) if name in _UNSHOWN else end

    def _as_text(self, begin: int) -> int:
        self.out.append("<")
        return begin + 1

    def _past_unshown(self, name: str, start: int) -> int:
        found = self._ahead.first(_UNSHOWN[name], start)
        return found.start() if found else start

    def _tag_end(self, begin: int) -> int:
        """Return the place after the tag at `begin`, or 0 when it is none."""
        if self._are_quotes_sound:
            found = _QUOTED_TAG.match(self._html, begin)
            if found:
                return found.end()
            # Looking for the end of a quote may have cost the whole rest of the text: never twice.
            self._are_quotes_sound = False
        if self._next_end < begin:
            self._next_end = self._html.find(">", begin)
        return 0 if self._html.find("<", begin + 1, self._next_end) >= 0 else self._next_end + 1

    def _open(self, name: str, tag: str) -> None:
        if name == "br":
            self.out.append("\n")
        elif name == "a":
            self._end_link()
            about = _attributes(tag)
            kinds = {*about.get("class", "").lower().split(), *about.get("rel", "").lower().split()}
            address = about.get("href", "").strip()
            if address.lower().startswith(("http://", "https://", "mailto:")) and not kinds & {
                "mention",
                "hashtag",
                "tag",
            }:
                self._link = (len(self.out), address)
        elif name == "img":
            self._text(_attributes(tag, raw=True).get("alt", ""))
        else:
            self._break(name)
            if name == "li":
                self.out.append("- ")

    def _close(self, name: str) -> None:
        if name == "a":
            self._end_link()
        else:
            self._break(name)

    def _break(self, name: str) -> None:
        if name in _PARAGRAPHS:
            self.out.append("\n\n")
        elif name in _LINES:
            self.out.append("\n")

    def _end_link(self) -> None:
        if self._link is None:
            return
        (start, address), self._link = self._link, None
        shown = "".join(self.out[start:]).strip()
        if not shown or _is_address(shown, address):
            self.out[start:] = [address]
        else:
            self.out.append(f" ({address})")


def _attributes(tag: str, *, raw: bool = False) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(tag):
        value = double or single or bare
        found.setdefault(name.lower(), value if raw else unescape(_HUGE_REFERENCE.sub("\ufffd", value)))
    return found


def _is_address(shown: str, address: str) -> bool:
    """Tell whether the shown text is the address itself, without its beginning or cut at its end."""
    bare = address.split(":", 1)[1].lstrip("/").removeprefix("www.")
    text = shown.removeprefix("https://").removeprefix("http://").removeprefix("mailto:").removeprefix("www.")
    for mark in _SHORTENED:
        if text.endswith(mark):
            return len(text) > len(mark) and bare.startswith(text.removesuffix(mark))
    return text.rstrip("/") == bare.rstrip("/")


def _tidy(text: str) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        tidy = _SPACES.sub(" ", line).strip(" ")
        if tidy or (lines and lines[-1]):
            lines.append(tidy)
    return "\n".join(lines).strip()

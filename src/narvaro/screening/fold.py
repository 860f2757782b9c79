"""
Text as the rules read it, with the way back to the original.

`folded` undoes what does not change the meaning: case, decomposed letters, invisible characters,
look-alike letters, styled letters. `disguised` gives further readings of a text that looks as if the
writer hid words in it: digits for letters, stretched letters, letters set apart.

A view is its parent with a list of edits. The edits, and so the offsets, are worked out only when
something was found.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate

Edit = tuple[int, int, str]  # start and end in the parent, and what stands there instead
Span = tuple[int, int]

_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# What is read as it stands (after lower case, which keeps its length): ASCII, åäö, common signs, emoji.
_EMOJI = "\u2600-\u27bf\ufe0f\U0001f300-\U0001faff"
_PLAIN = f"\x00-\x7fåäöÅÄÖ§°´·€–—…•\u2190-\u21ff{_EMOJI}"
_FOREIGN = re.compile(rf"[^{_PLAIN}]")
# A digit on a key, UTF-8 that was read as Latin-1, a letter with marks, anything else that is not plain.
_ODD = re.compile(rf"[0-9#*]\ufe0f?\u20e3|Ã[¥¤¶\x85…\x84„\x96–]|[A-Za-z]?[{_MARKS}]+|[^{_PLAIN}{_MARKS}]")
_MISREAD = dict(zip("¥¤¶\x85…\x84„\x96–", "åäöååääöö", strict=True))
_ALIKE = str.maketrans(
    "асеорхуіѕјԁһԛԝкмтвнгАСЕОРХУІЅЈКМТВНГ" + "αεικνορτυχωβηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "øæıłđðþµ"
    + "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ" + "ɑɡɩʋօսոհցեքꓮꓐꓚꓓꓰꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ",
    "aceopxyisjdhqwkmtbhraceopxyisjkmtbhr" + "aeiknoptuxwbnabezhikmnoptyx" + "öäilddtu"
    + "abcdefghijklmnoprstuvwyz" + "agivounhgeqabcdeghijklmnoprstuvwxyz",
) | {
    start + at: chr(ord("a") + at) for start in (0x1F150, 0x1F170) for at in range(26)  # letters on dark signs
}  # fmt: skip
# Letters and signs without a mark on the paper, though Unicode does not call them invisible.
_BLANK = set("\u115f\u1160\u3164\uffa0\u2800")
_SIGNS = {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "−": "-", "‐": "-", "‑": "-"}
_COMPOSED = {"a\u030a": "å", "a\u0308": "ä", "o\u0308": "ö"}
_NOTHING = {"Cf", "Mn", "Me", "Mc", "Cn", "Co"}


def _reading(odd: str) -> str:
    """Return how an odd character, or a letter with combining marks, is read."""
    if odd[-1] == "\u20e3" and len(odd) > 1:
        return odd[0]
    if odd[0] == "Ã" and odd[1:] in _MISREAD:
        return _MISREAD[odd[1]]
    if odd in _BLANK:
        return ""
    if len(odd) > 1 or odd in _COMPOSED.values():
        base = odd[0].lower() if odd[0].isascii() else ""
        return next((_COMPOSED[base + mark] for mark in odd[1:] if base + mark in _COMPOSED), base)
    if odd in _SIGNS:
        return _SIGNS[odd]
    category = unicodedata.category(odd)
    if category == "Nd":
        return str(unicodedata.decimal(odd))
    if category in _NOTHING:
        return ""
    if category in {"Zs", "Zl", "Zp", "Cs"}:
        return "\n" if category in {"Zl", "Zp"} else " "
    parts = unicodedata.normalize("NFKD", odd.translate(_ALIKE)).lower().translate(_ALIKE)
    composed = unicodedata.normalize("NFC", parts)
    if composed in {"å", "ä", "ö"}:
        return composed
    return "".join(part for part in parts if unicodedata.category(part) not in _NOTHING) or " "


class _Readings(dict[str, str]):
    """Readings already worked out; bounded, since the writer chooses the keys."""

    def __missing__(self, odd: str) -> str:
        reading = _reading(odd)
        if len(self) < 4096 and len(odd) <= 2:
            self[odd] = reading
        return reading


_READINGS = _Readings()


class View:
    """A reading of a text: `text` to search in, and `original` to come back with."""

    __slots__ = ("_bytes", "_digits", "_edits_known", "_is_narrow", "_parent", "_places_known", "_reached", "_work_out",
                 "text")  # fmt: skip

    def __init__(self, text: str, parent: View | None = None, edits: Callable[[], list[Edit]] | None = None) -> None:
        self.text = text
        self._parent = parent
        self._work_out = edits
        self._is_narrow = text.isascii()
        self._reached = (0, 0)  # a byte offset and its character, to count on from
        self._bytes: bytes | None = None
        self._digits = -1
        self._edits_known: list[Edit] | None = None
        self._places_known: list[int] | None = None

    @property
    def bytes(self) -> bytes:
        """The text in UTF-8."""
        if self._bytes is None:
            self._bytes = self.text.encode("utf-8", "replace")
        return self._bytes

    @property
    def digits(self) -> int:
        """How many digits there are; folding leaves none but 0 to 9."""
        if self._digits < 0:
            self._digits = len(self.bytes) - len(self.bytes.translate(None, b"0123456789"))
        return self._digits

    @property
    def _edits(self) -> list[Edit]:
        if self._edits_known is None:
            self._edits_known = self._work_out() if self._work_out else []
        return self._edits_known

    @property
    def _places(self) -> list[int]:
        """Where each edit begins in this view."""
        if self._places_known is None:
            shift = accumulate((len(new) - (end - start) for start, end, new in self._edits), initial=0)
            self._places_known = [start + moved for (start, _, _), moved in zip(self._edits, shift, strict=False)]
        return self._places_known

    def characters(self, span: Span) -> Span:
        """Return a span of bytes as a span of characters, both in this view; quickest in rising order."""
        if self._is_narrow:
            return span
        return self._character(span[0]), self._character(span[1])

    def _character(self, offset: int) -> int:
        at_byte, at_character = self._reached if self._reached[0] <= offset else (0, 0)
        at_character += len(self.bytes[at_byte:offset].decode("utf-8", "replace"))
        self._reached = (offset, at_character)
        return at_character

    def original(self, span: Span) -> Span:
        """Return a span of this view as a span of the text the first view was made from."""
        if self._work_out is None:
            return self._parent.original(span) if self._parent else span
        if self._edits:
            start = self._back(span[0])[0]
            end = self._back(span[1] - 1)[1] if span[1] > span[0] else start
            span = (start, max(start, end))
        return self._parent.original(span) if self._parent else span

    def _back(self, place: int) -> Span:
        """Return the characters of the parent behind the character at `place`."""
        nearest = bisect_right(self._places, place) - 1
        if nearest < 0:
            return place, place + 1
        start, end, new = self._edits[nearest]
        inside = place - self._places[nearest]
        if inside >= len(new):
            moved = end + inside - len(new)
            return moved, moved + 1
        return (start + inside, start + inside + 1) if len(new) == end - start else (start, end)


def folded(text: str) -> View:
    """Return the text as rules read it: lower case, letters composed, nothing invisible."""
    if text.isascii():
        return View(text.lower())
    if not _FOREIGN.search(text):
        return View(text.lower())

    def edits() -> list[Edit]:
        return [(match.start(), match.end(), _READINGS[match.group()]) for match in _ODD.finditer(text)]

    return View(_ODD.sub(lambda match: _READINGS[match.group()], text).lower(), View(text), edits)


# Signs that a writer hides words, or lost letters. RE2 source; cheap and a little too eager.
HIDING = (
    # Digits and signs for letters. An @ before a word is a mention, and one with a full stop behind it an address.
    r"([a-zåäö][0134578$€!|][a-zåäö]|[a-zåäö][0134578$@]{1,2}(?:$|[^a-z0-9åäö@])"
    r"|(?:^|[^a-z0-9åäö])[0134578$][a-zåäö]{2}|[a-zåäö]@[a-zåäö]{1,12}(?:$|[^a-z0-9åäö.@\-]))",
    "(" + "|".join(letter * 3 for letter in "abcdefghijklmnopqrstuvxyzåäö") + ")",
    r"((?:^|[^a-z0-9åäö])[a-zåäö](?:[ .,_*/|~+:;=•·\-]{1,3}[a-zåäö]){3}(?:$|[^a-z0-9åäö]))",
    r"([a-zåäö][*_•·\x{fffd}][a-zåäö])",
    rf"([a-zåäö][ ]?[{_EMOJI}]{{1,4}}[ ]?[a-zåäö])",
    r"([cdfghjklmnpstv](?:oe|ae|aa)[bcdfghjklmnprstv])",  # not boende, beroende
)

_DIGIT_LETTERS = str.maketrans("0134578$@€!|", "oieastbsaeii")
_MIXED = re.compile(r"[\w$@][\w$@€!|]{1,40}")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_APART = re.compile(r"(?<!\w)[^\W\d_](?:([ .,_*/|~+:;=•·-])\1{0,2}[^\W\d_](?!\w)){3,}")
_SEPARATORS = re.compile(r"[ .,_*/|~+:;=•·-]+")
_PARTED = re.compile(r"(?<=[a-zåäö])[*_•·](?=[a-zåäö])")
_PAIRS = ((re.compile("oe"), "ö"), (re.compile("ae|aa"), "a"))  # a rule with å or ä matches a too
_BETWEEN = re.compile(f"(?<=[a-zåäö ])[{_EMOJI}]{{1,4}}(?=[a-zåäö ])")
_LOST = re.compile("(?<=[a-zåäö])\ufffd|\ufffd(?=[a-zåäö])")


def disguised(view: View) -> Iterator[tuple[View, bool]]:
    """
    Give further readings of a folded text that shows signs of hiding.

    Yields (view, squeezed): `squeezed` views hold only letters that stood apart, one run a line, where the
    spaces between words may be gone.
    """
    bare = _edited(view, partial(_replaced, _BETWEEN, " "))
    if bare is not view:
        yield bare, False
    plain = _edited(_edited(bare, _letters_for_digits), partial(_replaced, _PARTED, ""))
    for most in (1, 2):
        unstretched = _edited(plain, partial(_shortened, most))
        if unstretched is not bare and (most == 1 or unstretched is not plain):
            yield unstretched, False
    for found, letters in _PAIRS:
        paired = _edited(plain, partial(_replaced, found, letters))
        if paired is not plain:
            yield paired, False
    if "\ufffd" in view.text:
        for letter in "oa":  # which also stand for ö, and for å and ä
            yield _edited(plain, partial(_replaced, _LOST, letter)), False
    gathered = _edited(bare, _gathered)
    if gathered is not bare:
        yield gathered, False
        yield _edited(bare, _only_gathered), True


def _edited(view: View, find: Callable[[str], Iterator[Edit]]) -> View:
    edits = list(find(view.text))
    return View(_applied(view.text, edits), view, lambda: edits) if edits else view


def _applied(text: str, edits: list[Edit]) -> str:
    parts: list[str] = []
    last = 0
    for start, end, new in edits:
        parts += (text[last:start], new)
        last = end
    return "".join((*parts, text[last:]))


def _letters_for_digits(text: str) -> Iterator[Edit]:
    for match in _MIXED.finditer(text):
        word = match.group()
        if not word.isalpha() and sum(map(str.isalpha, word)) * 3 >= len(word):
            new = word.translate(_DIGIT_LETTERS)
            if new != word:
                yield match.start(), match.end(), new


def _replaced(what: re.Pattern[str], by: str, text: str) -> Iterator[Edit]:
    for match in what.finditer(text):
        yield match.start(), match.end(), by


def _shortened(most: int, text: str) -> Iterator[Edit]:
    for match in _STRETCHED.finditer(text):
        yield match.start(), match.end(), match.group(1) * most


def _gathered(text: str) -> Iterator[Edit]:
    """Join letters set apart; where two or more separators stand together, a word ends."""
    for run in _APART.finditer(text):
        for gap in _SEPARATORS.finditer(text, run.start(), run.end()):
            yield gap.start(), gap.end(), " " if len(gap.group()) > 1 else ""


def _only_gathered(text: str) -> Iterator[Edit]:
    """Keep nothing but the letters set apart, each run as one word on its own line."""
    last = 0
    for run in _APART.finditer(text):
        yield last, run.start(), "\n"
        for gap in _SEPARATORS.finditer(text, run.start(), run.end()):
            yield gap.start(), gap.end(), ""
        last = run.end()
    yield last, len(text), "\n"

"""
The pattern language of the rules, and the only place that knows the regular expression engine.

Patterns run on RE2: time is linear in the text whatever the pattern. `sieve` tells which are worth running.

The language is RE2 syntax in lower case with Swedish in mind:

- `å`, `ä`, `ö` also match where the writer lost the dots; inside brackets (`[ö]`) they are strict,
- a space is whitespace or commas; `~` is a space with up to three words in it,
- `\\w` is any letter or digit, and `\\w*` the rest of a word (compounds, inflection),
- `\\b` before an alternative's first letter or behind its last is the beginning or end of a word (RE2's own takes å, ä
  and ö for no letters),
- `{name}` is an alternative list from `rules/words.toml`,
- a pattern matches whole words unless its rule says `bounded = false`,
- `*` and `+` are refused elsewhere, so that nobody writes a pattern that swallows the text by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

import re2

# What folding leaves of Latin letters; the whole of Unicode would make every pattern a thousand times larger.
_WORD = "a-z0-9åäö"
_OPEN = rf"(?:^|[^{_WORD}])"
_CLOSE = rf"(?:$|[^{_WORD}])"
_SPACE = r"[\s,]"
_SOFT = {"å": "[åa]", "ä": "[äa]", "ö": "[öo]", "æ": "[äa]", "ø": "[öo]"}
TOKEN = re.compile(
    r"(?P<name>\{[a-z_]+\})|(?P<words>\\w[*+])|(?P<word>\\w)|(?P<escape>\\.)|(?P<bracket>\[(?:\\.|[^\]\\])+\])"
    r"|(?P<group>\((?!\?))|(?P<maybe> \?)|(?P<space> )|(?P<gap>~)|(?P<soft>[åäöæø])|(?P<endless>[*+])|(?P<other>.)",
    re.DOTALL,
)
_NAME = re.compile(r"\{[a-z_]+\}")
Span = tuple[int, int]


def source(pattern: str, words: Mapping[str, str], *, bounded: bool = True, squeezed: bool = False) -> str:
    """
    Translate a rule's pattern to RE2 source whose first group is what was found.

    `squeezed` gives the variant for text whose spaces between words were lost: spaces become optional
    and word bounds are dropped.

    Raises:
        ValueError: An unknown word list, or a repetition without an upper bound.
    """
    body = _body(pattern, words, squeezed=squeezed)
    return f"{_OPEN}({body}){_CLOSE}" if bounded and not squeezed else f"({body})"


def beginnings(pattern: str, words: Mapping[str, str]) -> str:
    """Translate a pattern that matches from the beginning of a word, however the word ends."""
    return f"{_OPEN}({_body(pattern, words, squeezed=False)})"


@lru_cache(maxsize=1024)
def _plain(listed: str, squeezed: bool) -> str:
    """Translate a word list that names no other; many patterns name the same."""
    return _body(listed, {}, squeezed=squeezed)


def _in_full(listed: str, words: Mapping[str, str]) -> str:
    """Return a word list with the lists it names in their places, so that it too is translated once."""
    return _NAME.sub(lambda name: f"({_in_full(_listed(name[0], words), words)})", listed) if "{" in listed else listed


def _listed(name: str, words: Mapping[str, str]) -> str:
    if name[1:-1] not in words:
        raise ValueError(f"There is no word list {name}.")
    return words[name[1:-1]]


def _body(pattern: str, words: Mapping[str, str], *, squeezed: bool) -> str:
    space = f"{_SPACE}*" if squeezed else f"{_SPACE}+"
    fixed = {
        "maybe": f"{_SPACE}*",
        "space": space,
        "gap": rf"(?:{space}[^\s,.!?]+){{0,3}}{space}",
        "group": "(?:",
        "word": f"[{_WORD}]",
    }

    def translated(kind: str | None, text: str, before: str) -> str:
        match kind:
            case "escape" if text == r"\b":
                return "" if before in ("", "(", "|") else _CLOSE
            case "name" if text[1:-1] in words:
                return f"(?:{_plain(_in_full(words[text[1:-1]], words), squeezed)})"
            case "name":
                raise ValueError(f"The pattern {pattern!r} names the word list {text}, which does not exist.")
            case "endless":
                raise ValueError(f"The pattern {pattern!r} repeats without an upper bound; write {{0,20}} instead.")
            case "words":
                return f"[{_WORD}]{text[-1]}"
            case "bracket":
                return text.replace(r"\w", _WORD)
            case "soft":
                return _SOFT[text]
            case _:
                return fixed.get(kind or "", text)

    tokens = [(token.lastgroup, token.group()) for token in TOKEN.finditer(pattern)]
    before = ["", *(text for _, text in tokens)]
    return "".join(translated(kind, text, last) for (kind, text), last in zip(tokens, before, strict=False))


_Search = Callable[[bytes, int, int], list[Span]]


class Patterns:
    """Patterns in RE2 source, tried on UTF-8 bytes. Spans are byte offsets."""

    def __init__(self, sources: Sequence[str], *, most_bytes: int = 16 << 20, at_once: bool = True) -> None:
        """
        Compile, each to a program and automaton of at most `most_bytes`; without `at_once` each when first needed.

        Raises:
            ValueError: Names the pattern that RE2 refuses; its cause says why.
        """
        self._sources = sources
        self._options = re2.Options()
        self._options.max_mem = most_bytes
        self._options.log_errors = False
        self._known: list[_Search | None] = [None] * len(sources)
        for index in range(len(sources)) if at_once else ():
            self._search(index)

    def _search(self, index: int) -> _Search:
        search = self._known[index]
        if search is None:
            search = self._known[index] = _compiled(self._sources[index], self._options)
        return search

    def spans(self, index: int, text: bytes, *, limit: int) -> list[Span]:
        """
        Return where pattern `index` matches, at most `limit` places, in order.

        The search goes on from the end of what was found, not from the end of the bound after it, so
        that two neighbours may share the space between them.
        """
        search, length = self._known[index] or self._search(index), len(text)
        found: list[Span] = []
        position = 0
        while position <= length and len(found) < limit:
            start, end = search(text, position, length)[1]
            if start < 0:
                break
            if end > start:
                found.append((start, end))
            position = max(end, position + 1)
        return found

    def matches(self, index: int, text: bytes) -> bool:
        """Tell whether pattern `index` matches."""
        return (self._known[index] or self._search(index))(text, 0, len(text))[0][0] >= 0

    def found_in(self, text: str) -> bool:
        """Tell whether any of the patterns matches."""
        data = text.encode("utf-8", "replace")
        for index, search in enumerate(self._known):
            if (search or self._search(index))(data, 0, len(data))[0][0] >= 0:
                return True
        return False


class Gates:
    """Patterns of which only is asked which of them match: one pass over a text tells it of all."""

    def __init__(self, sources: Sequence[str]) -> None:
        """Keep the RE2 sources; they are compiled when a text is first asked about."""
        self._sources = sources
        self._set: re2.Set | None = None

    def passed(self, text: bytes) -> Sequence[int]:
        """Return the numbers of the patterns that match UTF-8 `text`."""
        gates = self._set
        if gates is None:
            options = re2.Options()
            options.max_mem = 16 << 20  # states of the automaton are forgotten when there is no more room
            gates = re2.Set.SearchSet(options)
            for each in self._sources:
                gates.Add(each)
            gates.Compile()
            self._set = gates
        passed: Sequence[int] = gates.Match(text) or ()
        return passed


def _compiled(one: str, options: re2.Options) -> _Search:
    """
    Compile a pattern to a function of bytes, first and last offset that returns the spans of all groups.

    A span is (-1, -1) where there is none. The package's own `search` makes objects that cost as much as the
    search, and there are several searches a text; what it calls is called here.
    """
    try:
        expression = re2.compile(one.encode("utf-8", "replace"), options)
    except re2.error as refusal:
        raise ValueError(f"RE2 refuses the pattern {one!r}.") from refusal
    return partial(expression._regexp.Match, re2._Anchor.UNANCHORED)

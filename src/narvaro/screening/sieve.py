"""
Which rules are worth trying on a text, told from its words alone.

Trying every pattern on every text costs more the more rules there are. Each pattern is therefore taken apart once
into what a text must hold for it to match: clauses of words, beginnings of words and signs, at least one of
each clause. A text's words are looked up one by one, and what a word holds is remembered, so that a text costs about
as much with a thousand rules as with ten. The sieve may let through what does not match, never the other way
round; what it cannot take apart it always lets through.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from functools import partial, reduce
from operator import or_
from pathlib import Path
from typing import Final, Generic, TypeVar

from . import pattern as language
from .pattern import TOKEN
from .taken_apart import once

WORDS: Final[Callable[[str], list[str]]] = re.compile("[a-z0-9åäö]+").findall  # of a folded text

_DOTLESS = str.maketrans("åäöæø", "aaoao")
_BEGINNING = 12  # characters of a word's beginning that are looked at
_GRAM = 3
_KNOWN_WORDS = 1 << 16  # words remembered; the writer chooses them, so there is an end to it
_LONGEST_KNOWN = 40
_KNOWN_CHOICES = 1 << 13  # half a kilobyte each
_MOST_CLAUSES = 4  # of one pattern; more cost more than they keep out
_DIGIT = "0"
_FOREIGN = re.compile("[^\x00-\x7fåäö]").findall


class _Kind(IntEnum):
    WORD = 0  # the whole word
    BEGINNING = 1
    WITHIN = 2
    DIGIT = 3
    SIGN = 4  # a character that is no part of a word


_Atom = tuple[int, str]  # a kind, and what
_Clause = frozenset[_Atom]
_Demanded = list[tuple[tuple[_Clause, ...], int]]


# --- What a pattern demands -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Letters:
    text: str


@dataclass(frozen=True, slots=True)
class _Edge:
    """Something that is no part of a word, or an end of the text; `sign` when it must be just that character."""

    sign: str = ""


@dataclass(frozen=True, slots=True)
class _Anything:
    digit: bool = False


@dataclass(frozen=True, slots=True)
class _Group:
    ways: tuple[tuple[_Part, ...], ...]
    is_optional: bool = False
    is_repeated: bool = False


_Part = _Letters | _Edge | _Anything | _Group


class _TooStrange(Exception):
    """A pattern beyond what is taken apart here."""


class _Reading:
    """A pattern of the rules' language, taken apart."""

    def __init__(self, pattern: str, lists: Callable[[str], _Group], *, squeezed: bool) -> None:
        self._tokens = [(match.lastgroup or "", match.group()) for match in TOKEN.finditer(pattern)]
        self._lists = lists
        self._squeezed = squeezed
        self._at = 0

    def whole(self) -> _Group:
        ways = self._ways()
        if self._at < len(self._tokens):
            raise _TooStrange
        return _Group(ways)

    def _ways(self) -> tuple[tuple[_Part, ...], ...]:
        ways: list[tuple[_Part, ...]] = []
        way: list[_Part] = []
        while self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if text == ")" and kind == "other":
                break
            self._at += 1
            if text == "|" and kind == "other":
                ways.append(tuple(way))
                way = []
                continue
            way.append(self._repeated(self._part(kind, text)))
        return (*ways, tuple(way))

    def _part(self, kind: str, text: str) -> _Part:
        match kind:
            case "name":
                return self._lists(text[1:-1])
            case "words" | "word" | "maybe":
                return _Anything()
            case "space" | "gap":
                return _Anything() if self._squeezed else _Edge()
            case "soft":
                return _Letters(text.translate(_DOTLESS))
            case "escape":
                return self._escaped(text[1])
            case "bracket":
                return _of_bracket(text[1:-1])
            case "group":
                return self._group()
        return self._plain(text)

    def _plain(self, text: str) -> _Part:
        if text == "(":  # the language has (?:…) beside (…)
            if [token for _, token in self._tokens[self._at : self._at + 2]] != ["?", ":"]:
                raise _TooStrange
            self._at += 2
            return self._group()
        if text in "^$":
            return _Edge()
        if text == ".":
            return _Anything()
        if text in "?*+{}[]":
            raise _TooStrange
        return _of_character(text)

    def _group(self) -> _Group:
        ways = self._ways()
        if self._at >= len(self._tokens):
            raise _TooStrange
        self._at += 1
        return _Group(ways)

    def _escaped(self, character: str) -> _Part:
        if character == "d":
            return _Anything(digit=True)
        if character in "sn":
            return _Edge()
        if character.isalnum():  # \b, \D, \x…: more than is told here
            if character not in "bBDSWt":
                raise _TooStrange
            return _Anything()
        return _of_character(character)

    def _repeated(self, part: _Part) -> _Part:
        """Read ?, {2} and {0,3} behind a part."""
        if self._at >= len(self._tokens) or self._tokens[self._at][1] not in "?{":
            return part
        rest = "".join(text for _, text in self._tokens[self._at : self._at + 8])
        counted = re.match(r"\?|\{(\d{1,4})(,?)(\d{0,4})\}", rest)
        if not counted:
            return part
        self._at += len(counted.group())  # each of these signs is a token of its own
        if self._at < len(self._tokens) and self._tokens[self._at] == ("other", "?"):  # fewest first
            self._at += 1
        least = 0 if counted.group() == "?" else int(counted[1])
        if isinstance(part, _Anything) and not least:
            return _Anything()
        return _Group(((part,),), is_optional=not least, is_repeated=counted.group() not in ("?", "{1}"))


class _Lists:
    """The word lists, each taken apart once."""

    def __init__(self, words: Mapping[str, str], *, squeezed: bool) -> None:
        self._words = words
        self._squeezed = squeezed
        self._known: dict[str, _Group] = {}

    def __call__(self, name: str) -> _Group:
        if name not in self._words:
            raise _TooStrange
        if name not in self._known:
            self._known[name] = self.read(self._words[name])
        return self._known[name]

    def read(self, pattern: str) -> _Group:
        """Take a pattern apart."""
        return _Reading(pattern, self, squeezed=self._squeezed).whole()


def _of_character(character: str) -> _Part:
    plain = character.translate(_DOTLESS)
    if plain.isascii() and plain.isalnum():
        return _Letters(plain.lower()) if plain == plain.lower() else _Anything()
    return _Edge(character)


def _of_bracket(inside: str) -> _Part:
    if inside.startswith("^"):
        has_all = r"\w" in inside or ("a-z" in inside and "0-9" in inside and "åäö" in inside)
        return _Edge() if has_all else _Anything()
    bare = inside.replace(r"\s", "").replace(r"\n", "")
    characters = re.sub(r"\\(?=[^\w\s])", "", bare)
    if r"\d" in inside and not characters.replace(r"\d", ""):
        return _Anything(digit=True)
    if "\\" in characters or "-" in characters.strip("-") or ":" in characters[:1]:
        return _Anything()
    parts = [_of_character(one) for one in characters]
    if all(isinstance(part, _Edge) for part in parts):
        return _Edge()
    if len(bare) < len(inside) or any(isinstance(part, _Anything) for part in parts):
        return _Anything()
    return _Group(tuple((part,) for part in parts)) if len(parts) > 1 else parts[0]


def _ends_at_edge(parts: Sequence[_Part], before: bool) -> bool:
    """Tell whether what follows these parts always begins a word."""
    if not parts:
        return before
    match parts[-1]:
        case _Edge():
            return True
        case _Group(ways, is_optional, is_repeated):
            outside = _ends_at_edge(parts[:-1], before)
            inner = outside and not is_repeated
            return (outside or not is_optional) and all(_ends_at_edge(way, inner) for way in ways)
    return False


def _begins_at_edge(parts: Sequence[_Part], after: bool) -> bool:
    """Tell whether what stands before these parts always ends a word."""
    if not parts:
        return after
    match parts[0]:
        case _Edge():
            return True
        case _Group(ways, is_optional, is_repeated):
            outside = _begins_at_edge(parts[1:], after)
            inner = outside and not is_repeated
            return (outside or not is_optional) and all(_begins_at_edge(way, inner) for way in ways)
    return False


class _Demands:
    """What parts demand of a text, the least common of what there is to choose from."""

    def __init__(self, commonness: Callable[[Set[_Atom]], int]) -> None:
        self.commonness = commonness
        self._known: dict[tuple[int, bool, bool], _Clause | None] = {}
        self._kept: list[_Group] = []  # so that no other group gets the number of one that is known

    def of(self, parts: Sequence[_Part], before: bool, after: bool) -> list[_Clause]:
        parts = _joined(parts)
        clauses: list[_Clause] = []
        for number, part in enumerate(parts):
            left = _ends_at_edge(parts[:number], before)
            right = _begins_at_edge(parts[number + 1 :], after)
            match part:
                case _Letters(text):
                    clauses.append(frozenset({_atom(text, left, right)}))
                case _Edge(sign) if sign:
                    clauses.append(frozenset({(_Kind.SIGN, sign)}))
                case _Anything(digit=True):
                    clauses.append(frozenset({(_Kind.DIGIT, _DIGIT)}))
                case _Group(ways, is_optional, is_repeated) if not is_optional:
                    if is_repeated:
                        left = right = False
                    known = (id(part), left, right)
                    if known not in self._known:
                        self._kept.append(part)
                        self._known[known] = self._any_of(ways, left, right)
                    if clause := self._known[known]:
                        clauses.append(clause)
        return clauses

    def _any_of(self, ways: Sequence[Sequence[_Part]], left: bool, right: bool) -> _Clause | None:
        chosen: set[_Atom] = set()
        for way in ways:
            clauses = self.of(way, left, right)
            if not clauses:
                return None
            rarest: _Clause = min(clauses, key=self.commonness)
            chosen |= rarest
        return frozenset(chosen)


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    joined: list[_Part] = []
    for part in parts:
        if isinstance(part, _Group) and len(part.ways) == 1 and not (part.is_optional or part.is_repeated):
            joined += _joined(part.ways[0])
        else:
            joined.append(part)
    merged: list[_Part] = []
    for part in joined:
        if merged and isinstance(part, _Letters) and isinstance(merged[-1], _Letters):
            merged[-1] = _Letters(merged[-1].text + part.text)
        else:
            merged.append(part)
    return merged


def _atom(text: str, left: bool, right: bool) -> _Atom:
    if left and right:
        return _Kind.WORD, text
    return (_Kind.BEGINNING, text[:_BEGINNING]) if left else (_Kind.WITHIN, text)


class Sample:
    """Texts that tell how common a word is; only speed depends on them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words = Counter(word.translate(_DOTLESS) for text in texts for word in WORDS(text.lower()))
        self.text = " ".join(["", *self._words.elements(), ""])
        self._known: dict[_Atom, int] = {}

    def commonness(self, clause: Set[_Atom]) -> int:
        return sum(self._of_atom(atom) for atom in clause)

    def _of_atom(self, atom: _Atom) -> int:
        if atom not in self._known:
            kind, text = atom
            match kind:
                case _Kind.WORD:
                    seen = self._words[text]
                case _Kind.BEGINNING:
                    seen = self.text.count(f" {text}")
                case _Kind.WITHIN:
                    seen = self.text.count(text)
                case _:
                    seen = len(self._words) // 50
            self._known[atom] = seen * 20 + max(0, 10 - len(text))
        return self._known[atom]


# --- What a text holds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sifted:
    """A group of patterns to choose among: any of them makes its rule worth trying."""

    patterns: tuple[str, ...]
    bounded: bool = True


T = TypeVar("T")
_Entry = tuple[int, int]  # the other clauses that must be met, and the rule to try then
_Met = tuple[
    int, frozenset[int], tuple[_Entry, ...]
]  # what others may ask for; rules to try at once, and those that ask


class Remembered(dict[str, T], Generic[T]):
    """What has been worked out about words. Bounded: those who write choose the words."""

    def __init__(self, work_out: Callable[[str], T]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, word: str) -> T:
        found = self._work_out(word)
        if len(word) <= _LONGEST_KNOWN:
            if len(self) >= _KNOWN_WORDS:
                self.clear()
            self[word] = found
        return found


class Sieve:
    """
    Tells which of a row of rules may match a text.

    The clauses that a word meets are bits of a number, so that a text's clauses are its words' numbers joined by `or`.
    """

    def __init__(
        self, rules: Sequence[Sifted], words: Mapping[str, str], *, sample: Sample, squeezed: bool = False,
        name: str = "",
    ) -> None:  # fmt: skip
        found = _demanded(rules, words, sample, squeezed=squeezed, name=name)
        self._always = {index for clauses, index in found if not clauses}
        self._keyed: dict[int, list[_Entry]] = defaultdict(list)
        entries = [(clauses, index) for clauses, index in found if clauses]
        # What is asked for besides, most often first: the shorter such a number is, the sooner it is compared.
        besides = Counter(clause for clauses, _ in entries for clause in clauses[1:])
        order = dict.fromkeys([*(clause for clause, _ in besides.most_common()), *(each[0] for each, _ in entries)])
        bits = {clause: 1 << place for place, clause in enumerate(order)}
        self._besides = (1 << len(besides)) - 1
        for clauses, index in entries:
            first, *others = [bits[clause] for clause in clauses]
            self._keyed[first].append((reduce(or_, others, 0), index))
        self._index(bits)

    def _index(self, bits: Mapping[_Clause, int]) -> None:
        self._words: dict[str, int] = defaultdict(int)
        self._beginnings: dict[str, int] = defaultdict(int)
        self._grams: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._bits: list[tuple[str, int]] = []
        self._digit = 0
        signs: dict[str, int] = defaultdict(int)
        for clause, bit in bits.items():
            for kind, text in sorted(clause):
                match kind:
                    case _Kind.WORD:
                        self._words[text] |= bit
                    case _Kind.BEGINNING:
                        self._beginnings[text] |= bit
                    case _Kind.WITHIN if len(text) >= _GRAM:
                        self._grams[text[:_GRAM]].append((text, bit))
                    case _Kind.WITHIN:
                        self._bits.append((text, bit))
                    case _Kind.DIGIT:
                        self._digit |= bit
                    case _Kind.SIGN:
                        signs[text] |= bit
        self._signs = [(sign, bits) for sign, bits in signs.items() if sign.isascii()]
        self._foreign = {sign: bits for sign, bits in signs.items() if not sign.isascii()}
        within = [*self._bits, *(pair for pairs in self._grams.values() for pair in pairs)]
        self._numeric = [(text, bit) for text, bit in within if text.isdigit()]
        self._longest = max(map(len, self._beginnings), default=0)
        self._keys = reduce(or_, self._keyed, 0)
        self._met = Remembered(self._met_by)
        self._signs_met: dict[int, _Met] = {}

    def _met_by(self, word: str) -> _Met | None:
        """Return the clauses that a word meets, and what to try because of it; None for most words."""
        met = self._clauses_of(word)
        return (met & self._besides, *self._entries(met)) if met else None

    def _entries(self, met: int) -> tuple[frozenset[int], tuple[_Entry, ...]]:
        entries: list[_Entry] = []
        keys = met & self._keys
        while keys:
            key = keys & -keys
            keys ^= key
            entries += self._keyed[key]
        at_once = frozenset(index for others, index in entries if others & met == others)
        return at_once, tuple(dict.fromkeys(entry for entry in entries if entry[1] not in at_once))

    def _clauses_of(self, word: str) -> int:
        word = word.translate(_DOTLESS)
        found = self._words.get(word, 0)
        for end in range(1, min(len(word), self._longest) + 1):
            found |= self._beginnings.get(word[:end], 0)
        if word.isdigit():  # nearly every number is a new one
            for text, bit in self._numeric:
                if text in word:
                    found |= bit
            return found | self._digit
        for text, bit in self._bits:
            if text in word:
                found |= bit
        grams = self._grams
        for start in range(len(word) - _GRAM + 1):
            for text, bit in grams.get(word[start : start + _GRAM], ()):
                if word.startswith(text, start):
                    found |= bit
        if self._digit and any(map(str.isdigit, word)):
            found |= self._digit
        return found

    def _signs_in(self, text: str) -> int:
        signs = 0
        for sign, bits in self._signs:
            if sign in text:
                signs |= bits
        if self._foreign and not text.isascii():
            for sign in _FOREIGN(text):
                signs |= self._foreign.get(sign, 0)
        return signs

    def worth_trying(self, text: str, words: Iterable[str]) -> Sequence[int]:
        """Return the numbers of the rules that may match, lowest first. `words` are `WORDS(text)`."""
        met = [each for each in map(self._met.__getitem__, words) if each]
        present = self._signs_in(text)
        if signs := present & self._keys:
            known = self._signs_met.get(signs)
            if known is None:
                if len(self._signs_met) >= _KNOWN_CHOICES:
                    self._signs_met.clear()
                known = self._signs_met[signs] = (signs & self._besides, *self._entries(signs))
            met.append(known)
        present &= self._besides
        for besides, _, _ in met:
            present |= besides
        found = set(self._always)
        for _, at_once, entries in met:
            found |= at_once
            for others, index in entries:
                if others & present == others:
                    found.add(index)
        return sorted(found)


def _demanded(
    rules: Sequence[Sifted], words: Mapping[str, str], sample: Sample, *, squeezed: bool, name: str
) -> _Demanded:
    """
    Return what each way of matching each rule demands, with the rule's number.

    To take thousands of patterns apart takes seconds: under a name every process but the first reads what was found.
    """
    work_out = partial(_worked_out, rules, words, sample, squeezed=squeezed)
    made_of = _made_of(rules, words, sample, squeezed=squeezed)
    return once(f"sieve-{name}", made_of, work_out) if name else work_out()


def _worked_out(
    rules: Sequence[Sifted], words: Mapping[str, str], sample: Sample, *, squeezed: bool
) -> _Demanded:  # fmt: skip
    demands, lists = _Demands(sample.commonness), _Lists(words, squeezed=squeezed)
    return [
        (tuple(frozenset((int(kind), text) for kind, text in clause) for clause in clauses), index)
        for index, rule in enumerate(rules)
        for clauses in _ways(rule, lists, rule.bounded and not squeezed, demands)
    ]


def _made_of(
    rules: Sequence[Sifted], words: Mapping[str, str], sample: Sample, *, squeezed: bool
) -> Iterator[str]:  # fmt: skip
    """Yield everything that what the rules demand depends on, this code too."""
    yield from (Path(file).read_text("utf-8") for file in (__file__, language.__file__))
    yield str(squeezed)
    for rule in rules:
        yield from (str(rule.bounded), str(len(rule.patterns)), *rule.patterns)
    for name, written in sorted(words.items()):
        yield from (name, written)
    yield sample.text


def _ways(rule: Sifted, lists: _Lists, edge: bool, demands: _Demands) -> Iterator[list[_Clause]]:
    """Yield what each way of matching the rule demands, the least common first; [] for anything."""
    for pattern in rule.patterns or ("",):
        try:
            whole = lists.read(pattern)
        except _TooStrange:
            yield []
            continue
        for way in _joined_ways(whole):
            clauses = set(demands.of(way, edge, edge))
            ranked = sorted(clauses, key=lambda clause: (demands.commonness(clause), sorted(clause)))
            yield ranked[:_MOST_CLAUSES]


def _joined_ways(whole: _Group) -> Iterator[Sequence[_Part]]:
    """Yield the ways of a pattern, also of one that is a single group of ways."""
    for way in whole.ways:
        parts = _joined(way)
        if len(parts) == 1 and isinstance(parts[0], _Group) and not (parts[0].is_optional or parts[0].is_repeated):
            yield from _joined_ways(parts[0])
        else:
            yield parts

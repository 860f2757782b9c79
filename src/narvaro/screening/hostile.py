"""Texts such as somebody writes who wants screening to break or to be slow; for tests and measurements."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from typing import Final

_SCRIPTS: Final = (
    (0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0x980), (0x1F00, 0x2070),
    (0x2070, 0x2C00), (0x3000, 0x3100), (0xD800, 0xE000), (0xFE00, 0xFF70), (0x1D400, 0x1D800), (0x1F000, 0x1FB00),
    (0xE0000, 0xE0200),
)  # fmt: skip
_UNITS: Final = (
    "a", "ö", "o\u0308", "\u200b", "\u0308", "\ufe0f", "🔪", "👨\u200d👩\u200d👧 ", "d ", "d.", "1", "1 ", "1-", "19",
    "@", "a@", "a.", "http://", "http://[", "www.", "+46", "0", "(", ")", "[", "{", '"', ">", "?", "!", "\n", "\x00",
    "\ud800", "\udfff", "𝐝", "ﷺ", "Ã", "Ã¶", "\ufffd", "#", "#a", "*", "_", "\\", "jag ska ", "jag ska döda ", "dö",
    "döda dig ", "inte ", "om du inte ", "kniv", "900101-2385 ", "070-174 06 05 ", "a b c d ", "4", "d0d4 ", "aaa",
    "é", "ß", "İ", "\u202e", "SE45 5000 ",
)  # fmt: skip
_NESTS: Final = (
    ("(", ")"),
    ("[", "]"),
    ('"', '"'),
    ("<", ">"),
    ("> ", "\n"),
    ("{", "}"),
    ("**", "**"),
    ("(\u200b", ")"),
)


def hostile_texts(count: int, *, words: Sequence[str], seed: int = 1, most: int = 400) -> Iterator[str]:
    """
    Yield `count` texts of at most about `most` characters, the same for the same seed.

    Args:
        words: Words to mix in, such as those of the rules' own examples, so that the texts reach into the rules.
    """
    dice = random.Random(seed)  # noqa: S311 - the same texts every time is what is wanted
    makers = (_noise, _repetition, _nest, _mixture, _mixture, _torn)
    for _ in range(count):
        yield dice.choice(makers)(dice, words, dice.randint(0, most))


def _character(dice: random.Random) -> str:
    if dice.random() < 0.1:
        return chr(dice.randrange(sys.maxunicode + 1))
    return chr(dice.randrange(*dice.choice(_SCRIPTS)))


def _noise(dice: random.Random, words: Sequence[str], length: int) -> str:
    del words
    return "".join(_character(dice) for _ in range(length))


def _repetition(dice: random.Random, words: Sequence[str], length: int) -> str:
    unit = "".join(dice.choice(_UNITS) for _ in range(dice.randint(1, 3))) or dice.choice(words)
    return (unit * (length // len(unit) + 1))[: length * 4]


def _nest(dice: random.Random, words: Sequence[str], length: int) -> str:
    opened, closed = dice.choice(_NESTS)
    depth = length // (len(opened) + len(closed) + 1)
    return opened * depth + " ".join(dice.choices(words, k=3)) + closed * dice.choice((0, depth, depth // 2))


def _mixture(dice: random.Random, words: Sequence[str], length: int) -> str:
    glue = dice.choice((" ", " ", "", "\n", "\u200b", ", "))
    parts = [dice.choice(words) if dice.random() < 0.7 else dice.choice(_UNITS) for _ in range(length // 6)]
    return glue.join(parts)


def _torn(dice: random.Random, words: Sequence[str], length: int) -> str:
    """Words with every few characters changed for something that looks or acts otherwise."""
    text = " ".join(dice.choice(words) for _ in range(length // 8))
    return "".join(
        dice.choice(_UNITS) if (roll := dice.random()) < 0.04 else _character(dice) if roll < 0.08 else one
        for one in text
    )

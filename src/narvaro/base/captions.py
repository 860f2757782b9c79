"""
What is said in a film, cue by cue: read from WebVTT or SubRip as people upload it, written as either.

Files come from outside. They are bounded in size, cues, lines and time, and read strictly: what cannot be read is
refused with its line, never guessed. Markup (colours, styles, places on the screen) is left behind, so what is
written again holds words and times only; who speaks is kept, as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from typing import Final, NamedTuple

MAX_BYTES: Final = 2_000_000
MAX_CUES: Final = 10_000
MAX_LINES: Final = 100_000
MAX_TEXT: Final = 1_000  # signs of one cue
MAX_MS: Final = 24 * 3_600_000  # no film that we send is longer

_BREAK: Final = re.compile(r"\r\n?|\n")
_TIME: Final = r"(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)[.,](\d{3})"
_TIMES: Final = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].{{0,500}})?", re.ASCII)
_SPEAKER: Final = re.compile(r"<v(?:\.[^\s>]{0,100})?[ \t]+([^<>\n]{1,100})>")
_TAG: Final = re.compile(r"</?[A-Za-z0-9][^<>]{0,200}>|</>|\{\\[^{}]{1,100}\}")
_NEVER: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ASIDE: Final = ("NOTE", "STYLE", "REGION")


class Reason(StrEnum):
    """Why a file is no captions that can be sent."""

    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    NOT_CAPTIONS = "not_captions"
    NO_CUES = "no_cues"
    TOO_MANY = "too_many"
    BAD_TIME = "bad_time"
    BACKWARDS = "backwards"
    OUT_OF_ORDER = "out_of_order"
    TOO_LONG_TEXT = "too_long_text"


_SAID: Final = {
    Reason.TOO_LARGE: "Filen med texter är för stor. Den får vara högst 2 MB.",
    Reason.NOT_TEXT: "Filen med texter går inte att läsa. Spara den som text i UTF-8.",
    Reason.NOT_CAPTIONS: "Filen är varken WebVTT eller SubRip (.vtt eller .srt).",
    Reason.NO_CUES: "Det finns inga texter i filen.",
    Reason.TOO_MANY: "Filen har för många texter. Den får ha högst 10 000.",
    Reason.BAD_TIME: "En tid går inte att läsa. Skriv den som 00:01:02.345 --> 00:01:05.000.",
    Reason.BACKWARDS: "En text slutar innan den börjar.",
    Reason.OUT_OF_ORDER: "Texterna står inte i tidsordning.",
    Reason.TOO_LONG_TEXT: "En text är för lång för att hinna läsas. Dela den i flera.",
}


class BadCaptions(ValueError):
    """The file cannot be used. `str()` is a Swedish sentence; `line` (from 1) is where, or 0 for the whole file."""

    def __init__(self, reason: Reason, line: int = 0) -> None:
        super().__init__(f"{_SAID[reason]} Se rad {line}." if line else _SAID[reason])
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that stand in the picture during [start_ms, end_ms), counted from the film's beginning."""

    start_ms: int
    end_ms: int
    text: str  # plain, one line or more, never an empty one


class _Block(NamedTuple):
    line: int  # where it begins in the file
    lines: list[str]


def parsed(content: bytes | str) -> tuple[Cue, ...]:
    """
    Return the cues of a WebVTT or SubRip file, in order of time.

    Cues may overlap, as when two people speak. Those without words are left out.

    Raises:
        BadCaptions: The file is something else, too large, or has a time that cannot be.

    Law: DOS-2
    """
    lines = _BREAK.split(_decoded(content), MAX_LINES)
    if len(lines) > MAX_LINES:
        raise BadCaptions(Reason.TOO_MANY)
    is_vtt = lines[0] == "WEBVTT" or lines[0].startswith(("WEBVTT ", "WEBVTT\t"))
    blocks = _blocks(lines)
    if is_vtt:
        next(blocks, None)  # the head
    cues: list[Cue] = []
    for block in blocks:
        if is_vtt and block.lines[0].split(maxsplit=1)[0] in _ASIDE and "-->" not in block.lines[0]:
            continue
        cue = _cue(block, is_first_of_srt=not is_vtt and not cues)
        if cues and cue.start_ms < cues[-1].start_ms:
            raise BadCaptions(Reason.OUT_OF_ORDER, block.line)
        if cue.text:
            cues.append(cue)
        if len(cues) > MAX_CUES:
            raise BadCaptions(Reason.TOO_MANY, block.line)
    if not cues:
        raise BadCaptions(Reason.NO_CUES)
    return tuple(cues)


def as_vtt(cues: Iterable[Cue]) -> str:
    """Return the cues as WebVTT, with nothing in it but times and words."""
    blocks = (f"{_time(cue.start_ms, '.')} --> {_time(cue.end_ms, '.')}\n{_escaped(cue.text)}\n" for cue in cues)
    return "\n".join(["WEBVTT\n", *blocks])


def as_srt(cues: Iterable[Cue]) -> str:
    """Return the cues as SubRip, numbered from 1."""
    return "\n".join(
        f"{number}\n{_time(cue.start_ms, ',')} --> {_time(cue.end_ms, ',')}\n{cue.text.replace('-->', '→')}\n"
        for number, cue in enumerate(cues, 1)
    )


def as_words(cues: Iterable[Cue]) -> str:
    """Return what is said, without times, one cue a paragraph line: to be read, screened and searched."""
    return "\n".join(cue.text for cue in cues)


def _decoded(content: bytes | str) -> str:
    if len(content) > MAX_BYTES:
        raise BadCaptions(Reason.TOO_LARGE)
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise BadCaptions(Reason.NOT_TEXT) from None
    text = text.removeprefix("\ufeff")
    if _NEVER.search(text.replace("\r", "")):
        raise BadCaptions(Reason.NOT_TEXT)
    return text


def _blocks(lines: list[str]) -> Iterator[_Block]:
    """Yield what stands together between empty lines."""
    begun = 0
    together: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            begun = begun if together else number
            together.append(line)
        elif together:
            yield _Block(begun, together)
            together = []


def _cue(block: _Block, *, is_first_of_srt: bool) -> Cue:
    # One line may stand before the times: a number, or the cue's name.
    at = next((number for number, line in enumerate(block.lines[:2]) if "-->" in line), None)
    if at is None:
        raise BadCaptions(Reason.NOT_CAPTIONS if is_first_of_srt else Reason.BAD_TIME, block.line)
    found = _TIMES.fullmatch(block.lines[at])
    if found is None:
        raise BadCaptions(Reason.BAD_TIME, block.line + at)
    start, end = _ms(found.groups()[:4]), _ms(found.groups()[4:])
    if end > MAX_MS:
        raise BadCaptions(Reason.BAD_TIME, block.line + at)
    if end <= start:
        raise BadCaptions(Reason.BACKWARDS, block.line + at)
    text = _plain(block.lines[at + 1 :])
    if len(text) > MAX_TEXT:
        raise BadCaptions(Reason.TOO_LONG_TEXT, block.line + at + 1)
    return Cue(start, end, text)


def _plain(lines: list[str]) -> str:
    words = "\n".join(lines)
    if len(words) > 10 * MAX_TEXT:  # markup too is bounded
        return words
    words = unescape(_TAG.sub("", _SPEAKER.sub(r"\1: ", words)))
    words = _NEVER.sub("", words)
    return "\n".join(kept for line in _BREAK.split(words) if (kept := " ".join(line.split())))


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _time(ms: int, point: str) -> str:
    seconds, thousandths = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{point}{thousandths:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

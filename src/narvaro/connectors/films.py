"""
Films on their way out: read in pieces and never held whole, sent again piece by piece, waited for a bounded time.

Everything here happens before the one call that people see, or is left undone; what runs out of time has had no effect.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import BinaryIO, Final, Self, TypeVar

from narvaro.base import captions as spoken
from narvaro.connectors.client import Reply
from narvaro.connectors.port import Captions, Film, Limits, Misconfigured, Transient

PIECE_BYTES = 4_000_000
PIECE_SECONDS: Final = 120.0  # the deadline of one piece
MOST_SECONDS: Final = 1_200.0  # for sending all of a film
PIECE_TRIES = 4
LOOKS = 60  # at a film that the platform works on
WAIT_SECONDS = 5.0  # between two looks, and before a piece is sent again

_READ_BYTES: Final = 1_000_000
_KINDS: Final = {"video/mp4": "MP4", "video/quicktime": "MOV", "video/webm": "WebM"}
_PLACES: Final = {
    "sv": "SE", "en": "US", "fi": "FI", "nb": "NO", "nn": "NO", "da": "DK", "is": "IS", "de": "DE", "fr": "FR",
    "es": "ES", "pl": "PL", "uk": "UA", "ru": "RU", "ar": "AR", "fa": "IR", "so": "SO", "tr": "TR", "th": "TH",
    "it": "IT", "nl": "NL",
}  # fmt: skip
_NAMES: Final = {"sv": "Svenska", "en": "English", "fi": "Suomi", "nb": "Norsk bokmål", "da": "Dansk", "de": "Deutsch"}

Seen = TypeVar("Seen")


class CannotBe(Exception):
    """The post cannot be published as it is; a Swedish sentence."""


def refuse_unfit(film: Film, name: str, limits: Limits, kinds: tuple[str, ...] = ("video/mp4",)) -> None:
    """Raise CannotBe for a film that the platform would refuse, before anything is sent."""
    if film.media_type not in kinds:
        words = " eller ".join(_KINDS[kind] for kind in kinds)
        raise CannotBe(f"{name} tar bara emot filmer i formatet {words}. Inget är publicerat.")
    if not 0 < film.size_bytes <= limits.max_film_bytes:
        raise CannotBe(f"{name} tar filmer på högst {limits.max_film_bytes // 1_000_000} MB. Inget är publicerat.")
    if limits.max_film_seconds is not None and film.seconds > limits.max_film_seconds:
        raise CannotBe(f"{name} tar filmer på högst {_length(limits.max_film_seconds)}. Inget är publicerat.")


class Source:
    """
    A film that is open for reading; a context manager.

    Raises (when read):
        Misconfigured: The file is shorter than it was said to be.
        Transient: Sending it has taken too long.
    """

    def __init__(self, film: Film) -> None:
        self._film = film
        self._file: BinaryIO | None = None
        self._at = 0
        self._ends = time.monotonic() + MOST_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def piece(self, first: int, most: int) -> bytes:
        """Return the film from `first`, at most so many bytes: fewer only at its end."""
        if time.monotonic() > self._ends:
            raise Transient("Det tog för lång tid att skicka filmen.")
        wanted = min(most, self._film.size_bytes - first)
        self._move(first)
        piece = self._read(wanted)
        if len(piece) != wanted:
            raise Misconfigured("Filmen är inte hel i biblioteket. Ladda upp den på nytt.")
        return piece

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Yield where each piece begins, and the piece."""
        for first in range(0, self._film.size_bytes, PIECE_BYTES):
            yield first, self.piece(first, PIECE_BYTES)

    def _move(self, first: int) -> None:
        """Read up to a place; the file need not let itself be wound."""
        if self._file is None or first < self._at:
            if self._file is not None:
                self._file.close()
            self._file, self._at = self._film.opened(), 0
        while self._at < first and self._read(min(_READ_BYTES, first - self._at)):
            pass

    def _read(self, wanted: int) -> bytes:
        assert self._file is not None
        found = bytearray()
        while len(found) < wanted and (part := self._file.read(wanted - len(found))):
            found += part
        self._at += len(found)
        return bytes(found)


def sent(send: Callable[[], Reply]) -> Reply:
    """
    Send what may be sent again without harm, as a piece may, until the platform answers; at most some times.

    Raises:
        Transient: It could not be reached, or answered nothing, to the last.
    """
    for _attempt in range(PIECE_TRIES - 1):
        try:
            reply = send()
        except Transient:
            time.sleep(WAIT_SECONDS)
            continue
        if reply.status < 500 and reply.status not in {408, 429}:
            return reply
        time.sleep(WAIT_SECONDS)
    return send()


def waited(look: Callable[[], Seen | None], name: str) -> Seen:
    """
    Look until there is something to see.

    Raises:
        Transient: There was not, however often we looked.
    """
    for _attempt in range(LOOKS - 1):
        found = look()
        if found is not None:
            return found
        time.sleep(WAIT_SECONDS)
    found = look()
    if found is None:
        raise Transient(f"{name} blev inte klar med filmen i tid.")
    return found


def srt(captions: Captions) -> bytes:
    """Return captions as SubRip, which most platforms want. Raises CannotBe. Law: DOS-2"""
    try:
        return spoken.as_srt(spoken.parsed(captions.content)).encode()
    except spoken.BadCaptions as bad:
        raise CannotBe(f"Texterna till filmen går inte att skicka. {bad}") from None


def locale(language: str) -> tuple[str, str]:
    """Return a language and a country, as platforms want both: ("sv", "SE"). Raises CannotBe for one not known."""
    tongue, _dash, place = language.replace("_", "-").partition("-")
    place = place.upper() if len(place) == 2 else _PLACES.get(tongue.lower(), "")
    if not tongue.isalpha() or not place:
        raise CannotBe(f"Texternas språk ({language}) är okänt för plattformen. Inget är publicerat.")
    return tongue.lower(), place


def name_of(language: str) -> str:
    """Return what a language calls itself, or its tag."""
    return _NAMES.get(language.partition("-")[0].lower(), language)


def _length(seconds: int) -> str:
    return f"{seconds // 60} minuter" if seconds % 60 == 0 else f"{seconds} sekunder"

"""
Looking for malicious code in what is uploaded, with the authority's own clamd where one is set.

It speaks clamd's INSTREAM: pieces with their length before them, a piece of no length at the end, one line back.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from narvaro.core.types import Invalid

DEADLINE_SECONDS = 20.0
MOST_ANSWER = 4096
_PIECE = 1 << 16
_BYTES_A_SECOND = 5_000_000  # what the scanner is given time for, at least
_CLEAN = "stream: OK"


def refuse_infected(content: bytes, *, field: str = "picture") -> None:
    """
    Refuse a file that the scanner finds something in. Without a scanner set, everything passes.

    Raises:
        Invalid: Something was found, or the scanner that is set does not answer: then nothing is taken in.

    Law: SEC-1
    """
    if settings.OPTIONS.clamd:
        pieces = (content[start : start + _PIECE] for start in range(0, len(content), _PIECE))
        _refuse(settings.OPTIONS.clamd, pieces, DEADLINE_SECONDS, field)


def refuse_infected_file(path: Path, *, field: str) -> None:
    """
    Refuse a file on disk as `refuse_infected` does; it is sent in pieces. A scanner has a largest size of its own.

    Raises:
        Invalid: As `refuse_infected`.

    Law: SEC-1
    """
    if settings.OPTIONS.clamd:
        seconds = DEADLINE_SECONDS + path.stat().st_size / _BYTES_A_SECOND
        with path.open("rb") as file:
            _refuse(settings.OPTIONS.clamd, iter(lambda: file.read(_PIECE), b""), seconds, field)


def _refuse(address: str, pieces: Iterable[bytes], seconds: float, field: str) -> None:
    try:
        answer = _asked(address, pieces, seconds)
    except OSError:
        raise Invalid(
            _("Filen kan inte kontrolleras mot skadlig kod just nu, och tas därför inte emot. Försök igen om en stund, "
              "eller säg till den som sköter driften."),
            field=field,
        ) from None  # fmt: skip
    if answer == _CLEAN:
        return
    if answer.endswith(" FOUND"):
        raise Invalid(_("Kontrollen hittade skadlig kod i filen. Den har inte tagits emot."), field=field)
    raise Invalid(_("Kontrollen mot skadlig kod kunde inte läsa filen. Den har inte tagits emot."), field=field)


def _asked(address: str, pieces: Iterable[bytes], seconds: float) -> str:
    """Return the scanner's one line about a file. Raises OSError when it does not answer in time."""
    ends_at = time.monotonic() + seconds
    with _connected(address) as line:
        line.sendall(b"zINSTREAM\0")
        for piece in pieces:
            line.settimeout(_left(ends_at))
            try:
                line.sendall(struct.pack("!L", len(piece)) + piece)
            except (BrokenPipeError, ConnectionResetError):
                break  # it has said already what it thinks of the size
        else:
            line.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < MOST_ANSWER:
            line.settimeout(_left(ends_at))
            more = line.recv(MOST_ANSWER)
            if not more:
                break
            answer += more
    if not answer:
        raise ConnectionError("clamd answered nothing")
    return answer.rstrip(b"\0\n").decode("utf-8", "replace").strip()


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(DEADLINE_SECONDS)
        try:
            line.connect(parts.path)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=DEADLINE_SECONDS)


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

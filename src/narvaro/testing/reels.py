"""Files of films for tests of what sends them: made of nothing, and remembering how they were read."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, cast

from narvaro.connectors.port import Captions, Film

VTT = "WEBVTT\n\n00:00.500 --> 00:02.000\n<v Anna>Välkommen &amp; hej\n".encode()
SRT = "1\n00:00:00,500 --> 00:00:02,000\nAnna: Välkommen & hej\n"


@dataclass
class Reel:
    """A file of a film, and how it was read: `most` is the largest piece that was asked for at once."""

    content: bytes
    most: int = 0
    opened: int = 0
    closed: int = 0

    def open(self) -> BinaryIO:
        """Open it anew."""
        self.opened += 1
        return cast(BinaryIO, _File(self))


class _File(BytesIO):
    def __init__(self, reel: Reel) -> None:
        super().__init__(reel.content)
        self._reel = reel

    def read(self, size: int | None = -1) -> bytes:
        wanted = len(self._reel.content) if size is None or size < 0 else size
        self._reel.most = max(self._reel.most, wanted)
        return super().read(size)

    def close(self) -> None:
        if not self.closed:
            self._reel.closed += 1
        super().close()


def a_film(reel: Reel, **how: Any) -> Film:
    """Return a film of ours as it goes out, with what is said in Swedish."""
    known: dict[str, Any] = {
        "opened": reel.open, "size_bytes": len(reel.content), "media_type": "video/mp4", "seconds": 2.5, "width": 1280,
        "height": 720, "alt": "Borgmästaren inviger badet.", "captions": (Captions("sv", VTT),), "title": "Invigningen",
    }  # fmt: skip
    return Film(**{**known, **how})

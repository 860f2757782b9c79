"""
Which platforms let an account's owner download what it wrote, in a file that can be read here.

The next one is a class like `MastodonArchive` and a line here: opened with a path, it has `author`, `items()`,
`medium()` and a `report` that says what the export lacks. `names_items` says whether the file calls each post by the
platform's own id; where it does not, a post that is kept already is known by its time and its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from narvaro.connectors.mastodon.archive import ArchiveError, BadEntry, Report
from narvaro.connectors.port import Author, Item

_ARCHIVES = {
    "mastodon": "narvaro.connectors.mastodon.archive:MastodonArchive",
    "facebook": "narvaro.connectors.meta.archive:FacebookArchive",
    "instagram": "narvaro.connectors.meta.archive:InstagramArchive",
    "x": "narvaro.connectors.x.archive:XArchive",
    "youtube": "narvaro.connectors.youtube.archive:TakeoutArchive",
}
_USUAL = "mastodon"

__all__ = ["Archive", "ArchiveError", "BadEntry", "Report", "opened", "platforms"]


class Archive(Protocol):
    """An open archive; a context manager. Every call may raise ArchiveError."""

    author: Author  # whose it is, as the file says; its handle is "" where it says nothing
    report: Report
    names_items: bool

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...

    def items(self) -> Iterator[Item]:
        """Yield the posts one by one, each once; the report tells of the rest."""
        ...

    def medium(self, url: str, max_bytes: int) -> tuple[bytes, str]:
        """Return the bytes and the media type of a file in the archive."""
        ...


def platforms() -> tuple[str, ...]:
    """Return the platforms whose archives can be read."""
    return tuple(_ARCHIVES)


def opened(platform: str, path: Path) -> Archive:
    """Open a platform's archive; what a channel kept by hand has is taken for Mastodon's. Raises ArchiveError."""
    module, name = _ARCHIVES.get(platform, _ARCHIVES[_USUAL]).split(":")
    made: Callable[[Path], Archive] = getattr(import_module(module), name)
    return made(path)

"""
Import of the archive that X lets an account's owner download: a ZIP with `data/tweets.js` and its kin.

Each file is a line of JavaScript around JSON; it is read entry by entry, never run and never whole. Made after the
documented shapes (2026-11-21); the layout changes without notice, and no live archive was at hand.
"""

from __future__ import annotations

import html
import json
import mimetypes
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from narvaro.base import clock
from narvaro.connectors.client import Json, language, part, parts, storable, word
from narvaro.connectors.mastodon.archive import CUT, ArchiveError, Report, elements, opened_files
from narvaro.connectors.port import Author, Item, Kind, MediaKind, Medium

MAX_HEAD_BYTES = 4_000_000
LACKS = (
    "Andras svar och omnämnanden ingår inte i arkivet från X.",
    "Privata meddelanden, gillanden och delningar av andras inlägg tas inte in.",
    "Inlägg som är borttagna före exporten ingår inte.",
    "Bilders alternativtexter ingår oftast inte.",
)
_TWEETS = re.compile(r"(?:^|/)data/tweets?(?:-part\d+)?\.js$")
_ID = re.compile(r"\d{1,25}", re.ASCII)
_KINDS = {"photo": MediaKind.IMAGE, "video": MediaKind.VIDEO, "animated_gif": MediaKind.VIDEO}


class XArchive:
    """
    An open archive; a context manager. See `connectors.archives.Archive`.

    Raises:
        ArchiveError: It is no such archive, is damaged, encrypted, or swells beyond reason.
    """

    names_items = True

    def __init__(self, path: Path) -> None:
        self.report = Report(lacks=LACKS)
        self._stack = ExitStack()
        try:
            self._files = self._stack.enter_context(opened_files(path))
            self._names = sorted(name for name in self._files.names if _TWEETS.search(name))
            if not self._names:
                raise ArchiveError("Arkivet saknar data/tweets.js. Är det ett arkiv från X?")
            self.author = self._author()
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def items(self) -> Iterator[Item]:
        """Yield our posts one by one, each once; the report tells of the rest."""
        self.report = report = Report(lacks=LACKS)
        seen: set[str] = set()
        for name in self._names:
            with self._files.opened(name) as file:
                for entry in elements(file):
                    if entry is CUT:
                        report.is_truncated = True
                        break
                    report.entries += 1
                    item = self._item(entry)
                    if item is None:
                        continue
                    if item.remote_id in seen:
                        report.duplicates += 1
                        continue
                    seen.add(item.remote_id)
                    report.items += 1
                    report.missing_media += [
                        each.url
                        for each in item.media
                        if not each.url.startswith("https://") and not self._has(each.url)
                    ]
                    yield item

    def medium(self, url: str, max_bytes: int) -> tuple[bytes, str]:
        """Return the bytes and the media type of a file in the archive. Raises ArchiveError."""
        if not self._has(url):
            raise ArchiveError("Filen saknas i arkivet.")
        with self._files.opened(url) as file:
            content = file.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise ArchiveError("Filen i arkivet är för stor.")
        return content, mimetypes.guess_type(url)[0] or "application/octet-stream"

    def _has(self, name: str) -> bool:
        return name in self._files.names

    def _author(self) -> Author:
        for name, rows in (("account.js", "account"), ("manifest.js", "userInfo")):
            said = part(self._head(name), rows)
            handle = word(said, "username") or word(said, "userName")
            if handle:
                shown = word(said, "accountDisplayName") or word(said, "displayName")
                return Author(word(said, "accountId"), handle, shown, f"https://x.com/{handle}")
        raise ArchiveError("Arkivets uppgifter om kontot (account.js) går inte att tolka.")

    def _head(self, name: str) -> Json:
        member = next((each for each in self._files.names if each.endswith(f"data/{name}")), "")
        if not member:
            return {}
        with self._files.opened(member) as file:
            content = file.read(MAX_HEAD_BYTES + 1)
        try:
            if len(content) > MAX_HEAD_BYTES:
                raise ValueError
            found = json.loads(content.partition(b"=")[2].decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            return {}
        first = found[0] if isinstance(found, list) and found else found
        return first if isinstance(first, dict) else {}

    def _item(self, entry: bytes | None) -> Item | None:
        if entry is None:
            self.report.add_bad("Posten är orimligt stor.", b"")
            return None
        try:
            row = json.loads(entry.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            self.report.add_bad("Posten är skadad och går inte att tolka.", entry)
            return None
        post = (part(row, "tweet") or row) if isinstance(row, dict) else {}
        written = _moment(word(post, "created_at"))
        own_id = word(post, "id_str") or word(post, "id")
        if not _ID.fullmatch(own_id) or written is None:
            self.report.add_bad("Inlägget saknar beteckning eller tidpunkt.", entry)
            return None
        text = word(post, "full_text") or word(post, "text")
        if text.startswith("RT @"):
            self.report.boosts += 1
            return None
        remote_id, parent = _first_version(post, own_id), word(post, "in_reply_to_status_id_str")
        return Item(
            remote_id=remote_id,
            kind=Kind.COMMENT if parent else Kind.POST,
            author=self.author,
            text=storable(_words(post, text)),
            published_at=min(written, clock.now()),
            raw=entry,
            is_own=True,
            parent_remote_id=parent if _ID.fullmatch(parent) else "",
            root_remote_id="" if parent else remote_id,
            edited_at=min(written, clock.now()) if remote_id != own_id else None,
            url=f"https://x.com/{self.author.handle}/status/{own_id}",
            language=language(word(post, "lang")),
            media=tuple(self._media(post, own_id)),
        )

    def _media(self, post: Json, own_id: str) -> Iterator[Medium]:
        folder = next((n.rpartition("data/")[0] for n in self._names), "")
        extended = parts(part(post, "extended_entities"), "media") or parts(part(post, "entities"), "media")
        for each in extended[:10]:
            address = word(each, "media_url_https") or word(each, "media_url")
            name = address.rpartition("/")[2].partition("?")[0]
            if not name or not re.fullmatch(r"[\w.-]{1,200}", name, re.ASCII):
                continue
            kept = f"{folder}data/tweets_media/{own_id}-{name}"
            kind = _KINDS.get(word(each, "type"), MediaKind.OTHER)
            yield Medium(kept, kind, mimetypes.guess_type(name)[0] or "", word(each, "ext_alt_text"))


def _words(post: Json, text: str) -> str:
    for link in parts(part(post, "entities"), "urls"):
        if word(link, "url"):
            text = text.replace(word(link, "url"), word(link, "expanded_url") or word(link, "url"))
    for medium in parts(part(post, "entities"), "media"):
        if word(medium, "url"):
            text = text.replace(word(medium, "url"), "")
    return html.unescape(text).strip()


def _first_version(post: Json, own_id: str) -> str:
    ids = part(part(post, "edit_info"), "initial").get("editTweetIds") or part(
        part(part(post, "edit_info"), "edit"), "editControlInitial"
    ).get("editTweetIds")
    first = ids[0] if isinstance(ids, list) and ids else ""
    return first if isinstance(first, str) and _ID.fullmatch(first) else own_id


def _moment(text: str) -> datetime | None:
    """Return a moment as the archive writes it: "Wed Oct 10 20:19:24 +0000 2018"."""
    try:
        day, month, number, clock_time, zone, year = text.split()
        at = parsedate_to_datetime(f"{day}, {number} {month} {year} {clock_time} {zone}")
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

"""
Import of what Facebook and Instagram let an account's owner download ("Download your information", JSON in a ZIP).

The files write every byte of UTF-8 as a sign of its own, so that "å" stands as "Ã¥": that is mended. They call no post
by its id, and their folders and keys have had several names and languages, so files are known by their endings and
posts by their shape. An archive is a stranger's file: sizes and counts are bounded, nothing is unpacked to named
places, and one broken entry never takes its neighbours along. Made after the documented shapes (2026-11-21); the layout
changes without notice, and no live export was at hand.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from narvaro.base import clock
from narvaro.connectors.client import Json, part, parts, serialised, storable, word
from narvaro.connectors.mastodon.archive import ArchiveError, Report, check_directory
from narvaro.connectors.meta.graph import FROM_EXPORT
from narvaro.connectors.port import Author, Item, Kind, MediaKind, Medium
from narvaro.connectors.web import web_address

MOST_FILES = 200_000
MAX_JSON_BYTES = 64_000_000  # one file; both platforms write long lists as several
MAX_ALL_JSON_BYTES = 1_000_000_000
MAX_RATIO = 200  # honest JSON packs to a tenth or so
FREE_BYTES = 4_000_000
MOST_ENTRIES = 1_000_000

_MOJIBAKE = re.compile("[\u0080-\u00ff]")
_PIECES = 1 << 20

FACEBOOK_LACKS = (
    "Besökares kommentarer på sidans inlägg ingår inte i Facebooks export.",
    "Besökares egna inlägg på sidan och privata meddelanden tas inte in.",
    "Inläggens beteckningar och länkar ingår inte, så trådarna kan inte läsas igen.",
    "Av ändrade inlägg ingår bara den senaste lydelsen, och det som var borttaget före exporten ingår inte.",
    "Alternativtexter, antal gillanden och delningar ingår inte.",
)
INSTAGRAM_LACKS = (
    "Andras kommentarer på kontots inlägg ingår inte i Instagrams export.",
    "Berättelser (stories) och privata meddelanden tas inte in.",
    "Inläggens beteckningar och länkar ingår inte, så trådarna kan inte läsas igen.",
    "Av ändrade inlägg ingår bara den senaste lydelsen, och det som var borttaget före exporten ingår inte.",
    "Alternativtexter och antal gillanden ingår inte.",
)


def mended(text: str) -> str:
    """Return a text whose UTF-8 was written sign by sign as it was meant; any other text as it is."""
    if not _MOJIBAKE.search(text):
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def mended_all(value: Any, depth: int = 0) -> Any:
    """Mend every text in a value, keys too. Raises ValueError for one nested beyond reason."""
    if depth > 60:
        raise ValueError
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [mended_all(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {mended(key): mended_all(each, depth + 1) for key, each in value.items()}
    return value


class _MetaArchive:
    """What the two exports have in common."""

    names_items = False
    name: ClassVar[str]
    lacks: ClassVar[tuple[str, ...]]
    posts: ClassVar[re.Pattern[str]]
    comments: ClassVar[re.Pattern[str]]
    who: ClassVar[re.Pattern[str]]

    def __init__(self, path: Path) -> None:
        self.report = Report(lacks=self.lacks)
        self._read_bytes = 0
        try:
            check_directory(path)
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise ArchiveError("ZIP-filen är skadad eller avbruten. Ladda ner den igen.") from None
        try:
            members = self._zip.infolist()
            if len(members) > MOST_FILES:
                raise ArchiveError("Arkivet innehåller orimligt många filer. Det importeras inte.")
            self._members = {
                _bare(each.filename): each
                for each in members
                if not each.is_dir() and not stat.S_ISLNK(each.external_attr >> 16)
            }
            self._check_kind()
            self.author = self._author()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    def items(self) -> Iterator[Item]:
        """Yield our posts and comments, each once; the report tells of the rest."""
        self.report, self._read_bytes = Report(lacks=self.lacks), 0
        seen: set[str] = set()
        for name in sorted(self._members):
            kind = Kind.POST if self.posts.search(name) else Kind.COMMENT if self.comments.search(name) else None
            if kind is None:
                continue
            for entry in self._entries(name):
                self.report.entries += 1
                if self.report.entries > MOST_ENTRIES:
                    self.report.is_truncated = True
                    return
                item = self._made(entry, kind)
                if item is None:
                    self.report.add_bad("Posten saknar text eller tidpunkt.", serialised(entry))
                elif item.remote_id in seen:
                    self.report.duplicates += 1
                else:
                    seen.add(item.remote_id)
                    self.report.items += 1
                    self.report.missing_media += [
                        each.url for each in item.media if not web_address(each.url) and each.url not in self._members
                    ]
                    yield item

    def medium(self, url: str, max_bytes: int) -> tuple[bytes, str]:
        """Return the bytes and the media type of a file in the archive. Raises ArchiveError."""
        name = _bare(url)
        content = self._bytes(name, max_bytes)
        return content, mimetypes.guess_type(name)[0] or "application/octet-stream"

    # --- what each says ---

    def _author(self) -> Author:
        raise NotImplementedError

    def _made(self, entry: Json, kind: Kind) -> Item | None:
        raise NotImplementedError

    def _check_kind(self) -> None:
        if any(self.posts.search(name) or self.comments.search(name) for name in self._members):
            return
        if any(name.endswith((".html", ".htm")) for name in self._members):
            raise ArchiveError(f"Arkivet är i formatet HTML. Beställ det igen från {self.name} i formatet JSON.")
        raise ArchiveError(f"Arkivet innehåller inga inlägg. Är det ett arkiv från {self.name}, i formatet JSON?")

    def _entries(self, name: str) -> Iterator[Json]:
        found = self._json(name)
        if isinstance(found, dict):  # older files are a list; newer wrap it in a key of a name that has changed
            found = next((value for value in found.values() if isinstance(value, list)), [])
        for entry in found if isinstance(found, list) else []:
            if isinstance(entry, dict):
                yield entry
            else:
                self.report.entries += 1
                self.report.add_bad("Posten är inget inlägg.", str(entry)[:1000].encode("utf-8", "replace"))

    def _json(self, name: str) -> Any:
        try:
            content = self._bytes(name, MAX_JSON_BYTES)
            self._read_bytes += len(content)
            if self._read_bytes > MAX_ALL_JSON_BYTES:
                raise ArchiveError("Arkivet sväller orimligt mycket när det packas upp. Det importeras inte.")
            return mended_all(json.loads(content.decode("utf-8-sig", "surrogateescape")))
        except (ValueError, RecursionError):
            self.report.add_bad(f"Filen {name} är skadad och går inte att tolka.", b"")
            return []

    def _bytes(self, name: str, most: int) -> bytes:
        member = self._members.get(name)
        if member is None:
            raise ArchiveError(f"Arkivet saknar filen {name}.")
        if member.flag_bits & 1:
            raise ArchiveError("Arkivet är krypterat. Packa upp det och packa om det utan lösenord.")
        swollen = max(FREE_BYTES, MAX_RATIO * member.compress_size)
        pieces, size = [], 0
        try:
            with self._zip.open(member) as file:
                while piece := file.read(_PIECES):
                    size += len(piece)
                    if size > swollen:
                        raise ArchiveError("Arkivet sväller orimligt mycket när det packas upp. Det importeras inte.")
                    if size > most:
                        raise ArchiveError(f"Filen {name} i arkivet är för stor.")
                    pieces.append(piece)
        except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, EOFError):
            raise ArchiveError(f"Filen {name} i arkivet är skadad.") from None
        return b"".join(pieces)

    def _item(
        self, entry: Json, kind: Kind, text: str, at: datetime | None, media: tuple[Medium, ...] = ()
    ) -> Item | None:
        if at is None or not (text or media):
            return None
        said = f"{kind}\0{at.isoformat()}\0{text}\0{' '.join(each.url for each in media)}"
        digest = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()
        remote_id = f"{FROM_EXPORT}{digest}"
        return Item(
            remote_id=remote_id,
            kind=kind,
            author=self.author,
            text=storable(text),
            published_at=min(at, clock.now()),
            raw=serialised(entry),
            is_own=True,
            root_remote_id=remote_id if kind is Kind.POST else "",
            media=media,
        )


class FacebookArchive(_MetaArchive):
    """What a page, or a profile, has written on Facebook."""

    name = "Facebook"
    lacks = FACEBOOK_LACKS
    posts = re.compile(r"(?:^|/)posts/(?:your_posts|profile_posts|page_posts|posts)[^/]*\.json$")
    comments = re.compile(r"(?:^|/)comments(?:_and_reactions)?/comments[^/]*\.json$")
    who = re.compile(r"(?:^|/)(?:profile_information|page_information|pages_information)[^/]*\.json$")

    def _author(self) -> Author:
        for name in sorted(self._members):
            if not self.who.search(name):
                continue
            found = self._json(name)
            about = next(iter(_dicts(found)), {})
            named = about.get("name")
            full = word(named, "full_name") if isinstance(named, dict) else word(about, "name")
            handle = word(about, "username") or _last_of(word(about, "profile_uri") or word(about, "url"))
            if full or handle:
                return Author(handle, handle, full, web_address(word(about, "profile_uri")))
        return Author("", "", "")

    def _made(self, entry: Json, kind: Kind) -> Item | None:
        if kind is Kind.COMMENT:
            said = next((part(each, "comment") for each in parts(entry, "data") if part(each, "comment")), {})
            return self._item(entry, kind, word(said, "comment"), _at(said.get("timestamp") or entry.get("timestamp")))
        text = "\n\n".join(word(each, "post") for each in parts(entry, "data") if word(each, "post"))
        media, links = [], []
        for attached in parts(entry, "attachments"):
            for each in parts(attached, "data"):
                medium = _medium(part(each, "media"))
                media += [medium] if medium is not None else []
                link = web_address(word(part(each, "external_context"), "url"))
                links += [link] if link and link not in text else []
        if not text and len(media) == 1:
            text = word(part(_first(entry), "media"), "description")
        whole = "\n\n".join([each for each in (text, *links) if each])
        return self._item(entry, kind, whole, _at(entry.get("timestamp")), tuple(media))


class InstagramArchive(_MetaArchive):
    """What a professional account has published on Instagram."""

    name = "Instagram"
    lacks = INSTAGRAM_LACKS
    posts = re.compile(r"(?:^|/)(?:content|media)/(?:posts_\d+|reels|igtv_videos)\.json$")
    comments = re.compile(r"(?:^|/)comments/(?:post|reels)_comments(?:_\d+)?\.json$")
    who = re.compile(r"(?:^|/)personal_information(?:/personal_information)?\.json$")

    def _author(self) -> Author:
        for name in sorted(self._members):
            if not self.who.search(name):
                continue
            about = next(iter(_dicts(self._json(name))), {})
            said = {key.casefold(): word(each, "value") for key, each in _rows(about).items()}
            handle = next((said[key] for key in ("username", "användarnamn") if said.get(key)), "")
            full = next((said[key] for key in ("name", "namn") if said.get(key)), "")
            if handle or full:
                return Author(handle, handle, full)
        return Author("", "", "")

    def _made(self, entry: Json, kind: Kind) -> Item | None:
        if kind is Kind.COMMENT:
            rows = _rows(entry)
            times = [each.get("timestamp") for each in rows.values() if each.get("timestamp")]
            said = next((word(each, "value") for key, each in rows.items() if key in _COMMENT_KEYS), "")
            said = said or next((word(each, "value") for each in rows.values() if word(each, "value")), "")
            return self._item(entry, kind, said, _at(times[0] if times else None))
        files = parts(entry, "media") or ([entry] if word(entry, "uri") else [])
        media = tuple(medium for each in files if (medium := _medium(each)) is not None)
        first = files[0] if files else {}
        text = word(entry, "title") or word(first, "title")
        return self._item(
            entry, kind, text, _at(entry.get("creation_timestamp") or first.get("creation_timestamp")), media
        )


_COMMENT_KEYS = frozenset({"Comment", "Kommentar"})


def _at(seconds: object) -> datetime | None:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 32_503_680_000:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _medium(media: Json) -> Medium | None:
    name = _bare(word(media, "uri"))
    if not name:
        return None
    kind = (mimetypes.guess_type(name)[0] or "").partition("/")[0]
    shown = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}.get(kind, MediaKind.OTHER)
    return Medium(url=name, kind=shown, media_type=mimetypes.guess_type(name)[0] or "")


def _first(entry: Json) -> Json:
    return next((each for attached in parts(entry, "attachments") for each in parts(attached, "data")), {})


def _rows(about: Json) -> Mapping[str, Json]:
    return {key: each for key, each in part(about, "string_map_data").items() if isinstance(each, dict)}


def _dicts(found: Any) -> Iterator[Json]:
    for value in found.values() if isinstance(found, dict) else []:
        if isinstance(value, dict):
            yield value
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, dict))


def _last_of(address: str) -> str:
    return next((each for each in reversed(address.split("?", maxsplit=1)[0].split("/")) if each), "")


def _bare(name: str) -> str:
    """Return a member's name as it is compared, never a place on disk; "" for one that leads out of the archive."""
    bare = storable(name).replace("\\", "/").removeprefix("./").lstrip("/")
    return "" if ".." in bare.split("/") else bare

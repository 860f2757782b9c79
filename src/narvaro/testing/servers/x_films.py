"""The films of the local X: begun, appended to, finished, worked on, captioned; refused as the platform does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from narvaro.testing.servers.scripted import Call, Said

if TYPE_CHECKING:
    from narvaro.testing.servers.x import XPlatform

MOST_BYTES, MOST_PIECE = 536_870_912, 5_242_880
_KINDS = {"video/mp4", "video/quicktime"}


@dataclass
class XFilm:
    """One film, as far as it has come."""

    total: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    is_finished: bool = False
    looks: int = 0
    texts: dict[str, str] = field(default_factory=dict)  # language → SubRip

    @property
    def content(self) -> bytes:
        return b"".join(self.pieces[each] for each in sorted(self.pieces))


@dataclass
class XFilms:
    """The part of the platform that takes films. `breaks` lets that many pieces vanish without an answer."""

    platform: XPlatform
    held: dict[str, XFilm] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    slow: int = 0  # looks before a film is ready
    fails: bool = False
    breaks: int = 0

    def _number(self) -> str:
        self.platform._next += 1
        return str(self.platform._next)

    def may_stand(self, ids: list[str]) -> bool:
        films = [self.held[each] for each in ids if each in self.held]
        is_ready = all(each.is_finished and each.looks >= self.slow and not self.fails for each in films)
        return is_ready and not (films and len(ids) > 1)

    def begin(self, call: Call) -> Said:
        asked = json.loads(call.body or b"null")
        if not isinstance(asked, dict) or set(asked) != {"media_type", "media_category", "total_bytes"}:
            return _no("media_type, media_category and total_bytes are required")
        if asked["media_type"] not in _KINDS or asked["media_category"] != "tweet_video":
            return _no("media type unrecognized")
        if not 0 < asked["total_bytes"] <= MOST_BYTES:
            return _no("File size exceeds 536870912 bytes.")
        key = self._number()
        self.held[key] = XFilm(asked["total_bytes"])
        return Said(200, {"data": {"id": key, "media_key": f"7_{key}", "expires_after_secs": 86400}})

    def append(self, call: Call) -> Said:
        film = self.held.get(call.path.split("/")[4])
        if film is None or film.is_finished:
            return _no("The media id is not being uploaded")
        fields = _fields(call)
        if set(fields) != {"segment_index", "media"} or not 0 < len(fields["media"]) <= MOST_PIECE:
            return _no("segment_index and media are required")
        number = int(fields["segment_index"])
        if not 0 <= number <= 999:
            return _no("segment_index is not valid")
        if self.breaks > 0:
            self.breaks -= 1
            return Said(hang_up=True)
        film.pieces[number] = fields["media"]
        return Said(200, {"data": {"expires_at": 4102444800}})

    def finish(self, call: Call) -> Said:
        key = call.path.split("/")[4]
        film = self.held.get(key)
        if film is None or not call.path.endswith("/finalize") or film.is_finished:
            return _no("The media id is not being uploaded")
        if sorted(film.pieces) != list(range(len(film.pieces))) or len(film.content) != film.total:
            return _no("Segments do not add up to provided total file size.")
        film.is_finished = True
        self.platform.media[key] = {}
        return self._told(key, film)

    def status(self, call: Call) -> Said:
        key = call.query.get("media_id", "")
        if call.query.get("command") != "STATUS" or key not in self.held or not self.held[key].is_finished:
            return _no("media_id is not valid")
        self.held[key].looks += 1
        return self._told(key, self.held[key])

    def _told(self, key: str, film: XFilm) -> Said:
        if film.looks < self.slow:
            work: dict[str, Any] = {"state": "in_progress", "check_after_secs": 1, "progress_percent": 10}
        elif self.fails:
            work = {"state": "failed", "error": {"code": 1, "name": "InvalidMedia", "message": "Unsupported video"}}
        else:
            work = {"state": "succeeded", "progress_percent": 100}
        return Said(200, {"data": {"id": key, "media_key": f"7_{key}", "size": film.total, "processing_info": work}})

    def text(self, call: Call) -> Said:
        fields = _fields(call)
        if fields.get("media_type") != b"text/srt" or b" --> " not in fields.get("media", b""):
            return _no("Subtitles are a SubRip file")
        key = self._number()
        self.texts[key] = fields["media"].decode()
        return Said(200, {"data": {"id": key, "media_key": f"8_{key}"}})

    def caption(self, call: Call) -> Said:
        asked = json.loads(call.body or b"null")
        said = asked.get("subtitles", {})
        film = self.held.get(asked.get("id", ""))
        if set(asked) != {"id", "media_category", "subtitles"} or asked["media_category"] != "TweetVideo":
            return _no("media_category is not valid")
        if film is None or not film.is_finished or said.get("id") not in self.texts:
            return _no("The media is not found")
        if set(said) != {"id", "language_code", "display_name"} or not re.fullmatch("[A-Z]{2}", said["language_code"]):
            return _no("language_code is not valid")
        film.texts[said["language_code"]] = self.texts[said["id"]]
        return Said(200, {"data": {"id": asked["id"], "media_category": "TweetVideo", "associated_subtitles": [said]}})


def _no(detail: str) -> Said:
    return Said(400, {"title": "Invalid Request", "detail": detail, "type": "about:blank", "status": 400})


def _fields(call: Call) -> dict[str, Any]:
    """Return the fields of a form that was sent in parts: text as text, but for files and media_type as bytes."""
    boundary = call.headers.get("content-type", "").partition("boundary=")[2].strip('"').encode()
    found: dict[str, Any] = {}
    for piece in call.body.split(b"--" + boundary)[1:-1]:
        head, _blank, value = piece.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        if name:
            value = value.removesuffix(b"\r\n")
            found[name[1].decode()] = value.decode() if name[1] == b"segment_index" else value
    return found

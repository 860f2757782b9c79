"""The films of the local LinkedIn: parts that must be put whole and named in order, before a post may show them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from narvaro.testing.servers.scripted import Call, Said

if TYPE_CHECKING:
    from narvaro.testing.servers.linkedin import LinkedInPlatform

OWNER = "urn:li:organization:4711"
LEAST, MOST = 75_000, 500_000_000


@dataclass
class Held:
    """One film, as far as it has come."""

    total: int
    wants_texts: bool
    parts: dict[int, bytes] = field(default_factory=dict)
    texts: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    is_finished: bool = False
    looks: int = 0

    @property
    def content(self) -> bytes:
        return b"".join(self.parts[each] for each in sorted(self.parts))


@dataclass
class LinkedInFilms:
    """The part of the platform that takes films. `breaks` lets that many parts vanish without an answer."""

    platform: LinkedInPlatform
    held: dict[str, Held] = field(default_factory=dict)
    part_bytes: int = 40_000
    slow: int = 0
    fails: bool = False
    breaks: int = 0

    def ready(self) -> list[str]:
        return [urn for urn, film in self.held.items() if self._status(film) == "AVAILABLE"]

    def answer(self, call: Call, steps: list[str], asked: dict[str, Any]) -> Said:
        if call.method == "GET":
            film = self.held.get(steps[1])
            if film is None:
                return _no(404, "Not found")
            film.looks += 1
            return Said(200, {"id": steps[1], "owner": OWNER, "status": self._status(film)})
        does = {"initializeUpload": self._begin, "finalizeUpload": self._finish}.get(call.query.get("action", ""))
        return does(asked) if does else _no(400, "Unknown action")

    def put(self, call: Call) -> Said:
        if "authorization" in call.headers:
            return _no(400, "No key belongs here")
        kind, urn, number = unquote(call.path).strip("/").split("/")
        film = self.held[urn]
        if film.is_finished:
            return _no(400, "The upload is finished")
        if kind == "texter":
            return self._texts(call, film)
        first, last = self._spans(film.total)[int(number)]
        if call.method != "PUT" or len(call.body) != last - first + 1:
            return _no(400, "The part is not as long as was said")
        if self.breaks > 0:
            self.breaks -= 1
            return Said(hang_up=True)
        film.parts[int(number)] = call.body
        return Said(200, b"", {"etag": f'"{urn}-{number}"'})

    def _begin(self, asked: dict[str, Any]) -> Said:
        said = asked.get("initializeUploadRequest", {})
        if set(said) != {"owner", "fileSizeBytes", "uploadCaptions", "uploadThumbnail"} or said["owner"] != OWNER:
            return _no(400, "owner and fileSizeBytes are required")
        if not LEAST <= said["fileSizeBytes"] <= MOST:
            return _no(400, "The file size is not supported")
        urn = f"urn:li:video:D{self.platform._number()}"
        self.held[urn] = Held(said["fileSizeBytes"], said["uploadCaptions"])
        base = self.platform.base_url
        rows = [
            {"uploadUrl": f"{base}/del/{urn}/{number}?sau=1", "firstByte": first, "lastByte": last}
            for number, (first, last) in enumerate(self._spans(said["fileSizeBytes"]))
        ]
        texts = {"captionsUploadUrl": f"{base}/texter/{urn}/0?sau=1"} if said["uploadCaptions"] else {}
        value = {"uploadInstructions": rows, "video": urn, "uploadToken": "", "uploadUrlsExpireAt": 4102444800000}
        return Said(200, {"value": {**value, **texts}})

    def _spans(self, total: int) -> list[tuple[int, int]]:
        return [(at, min(at + self.part_bytes, total) - 1) for at in range(0, total, self.part_bytes)]

    def _texts(self, call: Call, film: Held) -> Said:
        boundary = call.headers.get("content-type", "").partition("boundary=")[2].encode()
        bodies = [each.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for each in call.body.split(b"--" + boundary)]
        said = json.loads(bodies[1])
        if call.method != "POST" or said["format"] != "SRT" or said["transcriptType"] != "CLOSED_CAPTION":
            return _no(400, "The captions are not described")
        if b" --> " not in bodies[2] or not film.wants_texts:
            return _no(400, "The captions are not SubRip")
        film.texts.append((said["locale"], bodies[2].decode()))
        return Said(201, b"")

    def _finish(self, asked: dict[str, Any]) -> Said:
        said = asked.get("finalizeUploadRequest", {})
        film = self.held.get(said.get("video", ""))
        if film is None or set(said) != {"video", "uploadToken", "uploadedPartIds"} or film.is_finished:
            return _no(400, "The video is not being uploaded")
        wanted = [f"{said['video']}-{number}" for number in range(len(self._spans(film.total)))]
        if said["uploadedPartIds"] != wanted or len(film.content) != film.total:
            return _no(400, "uploadedPartIds are not those of the parts, in order")
        if film.wants_texts and not film.texts:
            return _no(400, "The captions are missing")
        film.is_finished = True
        return Said(200, b"")

    def _status(self, film: Held) -> str:
        if not film.is_finished:
            return "WAITING_UPLOAD"
        if film.looks <= self.slow:
            return "PROCESSING"
        return "PROCESSING_FAILED" if self.fails else "AVAILABLE"


def _no(status: int, message: str) -> Said:
    return Said(status, {"status": status, "message": message})

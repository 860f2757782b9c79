"""The films of the local YouTube: resumable uploads, captions, and who may see them; as strict as its description."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from narvaro.testing.servers.scripted import Call, Said

if TYPE_CHECKING:
    from narvaro.testing.servers.youtube import YouTubePlatform

PIECE = 262_144
_SPAN = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


@dataclass
class Uploading:
    """One upload, as far as it has come."""

    total: int
    kind: str
    said: dict[str, Any]
    content: bytes = b""


@dataclass
class YouTubeUploads:
    """The part of the platform that takes films. `breaks` cuts that many pieces short, half of each kept."""

    platform: YouTubePlatform
    begun: dict[str, Uploading] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    texts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    slow: int = 0
    fails: bool = False
    breaks: int = 0
    is_unaudited: bool = False
    breaks_after_opening: bool = False
    pieces: list[int] = field(default_factory=list)
    _looks: int = 0

    def answer(self, call: Call) -> Said:
        match call.method, call.path:
            case "POST", "/upload/youtube/v3/videos":
                return self._begin(call)
            case "PUT", "/upload/youtube/v3/videos":
                return self._piece(call)
            case "POST", "/upload/youtube/v3/captions":
                return self._caption(call)
            case "GET", "/youtube/v3/videos":
                return self._list(call)
            case "PUT", "/youtube/v3/videos":
                return self._update(call)
            case "DELETE", "/youtube/v3/videos":
                return (
                    Said(204) if self.platform.films.pop(call.query.get("id", ""), None) else _no(404, "videoNotFound")
                )
        return _no(404, "notFound")

    def _begin(self, call: Call) -> Said:
        said, total = json.loads(call.body), call.headers.get("x-upload-content-length", "")
        if call.query.get("uploadType") != "resumable" or set(call.query["part"].split(",")) != set(said):
            return _no(400, "badRequest")
        kind = call.headers.get("x-upload-content-type", "")
        if not total.isdecimal() or not kind.startswith("video/"):
            return _no(400, "mediaBodyRequired")
        snippet = said["snippet"]
        if not snippet.get("title") or len(snippet["title"]) > 100 or "<" in snippet["title"]:
            return _no(400, "invalidTitle")
        if len(snippet.get("description", "").encode()) > 5000 or "<" in snippet.get("description", ""):
            return _no(400, "invalidDescription")
        if said["status"].get("privacyStatus") != "private":
            return _no(400, "invalidVideoMetadata")
        key = f"u{len(self.begun)}"
        self.begun[key] = Uploading(int(total), kind, said)
        place = f"http://{call.headers['host']}/upload/youtube/v3/videos?uploadType=resumable&upload_id={key}"
        return Said(200, b"", {"location": place})

    def _piece(self, call: Call) -> Said:
        upload = self.begun.get(call.query.get("upload_id", ""))
        span = _SPAN.fullmatch(call.headers.get("content-range", ""))
        if upload is None or span is None or int(span[3]) != upload.total:
            return _no(400, "badRequest")
        if span[1] is None:
            return self._so_far(upload)
        first, last = int(span[1]), int(span[2])
        is_last = last + 1 == upload.total
        if first != len(upload.content) or last - first + 1 != len(call.body):
            return _no(400, "badRequest")
        if not is_last and len(call.body) % PIECE:
            return _no(400, "badRequest")
        self.pieces.append(len(call.body))
        if self.breaks > 0:
            self.breaks -= 1
            upload.content += call.body[: len(call.body) // PIECE // 2 * PIECE]
            return Said(hang_up=True)
        upload.content += call.body
        return self._so_far(upload)

    def _so_far(self, upload: Uploading) -> Said:
        if len(upload.content) < upload.total:
            kept = {"range": f"bytes=0-{len(upload.content) - 1}"} if upload.content else {}
            return Said(308, b"", kept)
        video_id = self.platform.film(upload.said["snippet"]["title"])
        self.platform.films[video_id] |= {
            "description": upload.said["snippet"].get("description", ""), "privacy": "private", "mine": True,
        }  # fmt: skip
        self.contents[video_id] = upload.content
        return Said(200, self._shown(video_id))

    def _caption(self, call: Call) -> Said:
        boundary = call.headers.get("content-type", "").partition("boundary=")[2].encode()
        bodies = [each.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for each in call.body.split(b"--" + boundary)]
        snippet = json.loads(bodies[1])["snippet"]
        if set(snippet) != {"videoId", "language", "name", "isDraft"} or snippet["videoId"] not in self.contents:
            return _no(404, "videoNotFound")
        if b" --> " not in bodies[2]:
            return _no(400, "contentRequired")
        self.texts.setdefault(snippet["videoId"], []).append((snippet["language"], bodies[2].decode()))
        return Said(200, {"id": "text1", "snippet": snippet})

    def _list(self, call: Call) -> Said:
        self._looks += 1
        ids = [each for each in call.query.get("id", "").split(",") if each in self.platform.films]
        return Said(200, {"items": [self._shown(each) for each in ids]})

    def _update(self, call: Call) -> Said:
        said = json.loads(call.body)
        film = self.platform.films.get(said.get("id", ""))
        if film is None or call.query.get("part") != "status" or set(said) != {"id", "status"}:
            return _no(404, "videoNotFound")
        if not self.is_unaudited:
            film["privacy"] = said["status"]["privacyStatus"]
        self.platform.made += 1
        return Said(200, self._shown(said["id"]), hang_up=self.breaks_after_opening)

    def _shown(self, video_id: str) -> dict[str, Any]:
        film = self.platform.films[video_id]
        done = "failed" if self.fails else "processed" if self._looks > self.slow else "uploaded"
        return {
            "kind": "youtube#video", "id": video_id,
            "snippet": {"title": film["title"], "description": film.get("description", ""), "publishedAt": film["at"],
                        "channelTitle": "Storköping"},
            "status": {"uploadStatus": done, "privacyStatus": film.get("privacy", "public")},
        }  # fmt: skip


def _no(status: int, reason: str) -> Said:
    one = {"message": reason, "domain": "youtube", "reason": reason}
    return Said(status, {"error": {"code": status, "message": reason, "errors": [one]}})

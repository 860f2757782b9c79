"""
Flickr's REST API on loopback, as strictly as its pages say: for use with `Scripted`. It checks each signature itself.

What it shows was made up here after the documented shapes; nothing was recorded from the live platform.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from narvaro.base import clock
from narvaro.testing.servers.scripted import Call, Said
from narvaro.testing.servers.strict import CLIENT_ID, CLIENT_SECRET, REDIRECT

US, THEM = "12345678@N00", "87654321@N00"


@dataclass
class FlickrPlatform:
    """The platform. `photos` and `comments` are by id, oldest first."""

    base_url: str = ""
    photos: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)  # token → secret
    verifiers: dict[str, str] = field(default_factory=dict)  # request token → verifier, once a person let us in
    nonces: set[str] = field(default_factory=set)
    perms: str = "delete"
    breaks_after_write: bool = False
    made: int = 0
    _next: int = 5000

    def _number(self) -> int:
        self._next += 1
        return self._next

    def photo(self, title: str, description: str = "", content: bytes = b"bild") -> str:
        photo_id, at = str(self._number()), str(int(clock.now().timestamp()))
        self.photos[photo_id] = {
            "id": photo_id, "title": title, "description": {"_content": description}, "dateupload": at,
            "lastupdate": at, "media": "photo", "url_o": f"https://live.staticflickr.com/{photo_id}_o.jpg",
            "content": content,
        }  # fmt: skip
        return photo_id

    def comment(self, text: str, *, on: str, by: str = THEM) -> str:
        key, at = f"6065-{on}-{self._number()}", str(int(clock.now().timestamp()))
        self.comments[key] = {
            "id": key, "author": by, "authorname": "boende" if by == THEM else "storkoping", "datecreate": at,
            "permalink": f"https://www.flickr.com/photos/{US}/{on}/#comment{key}", "_content": text, "photo": on,
        }  # fmt: skip
        self.photos[on]["lastupdate"] = at
        return key

    def allow(self, token: str) -> dict[str, str]:
        """Play the person who lets the app in; returns the query that comes home."""
        self.verifiers[token] = f"v{self._number()}"
        return {"oauth_token": token, "oauth_verifier": self.verifiers[token]}

    def __call__(self, call: Call) -> Said:
        params = self._params(call)
        why = self._refused(call, params)
        if why:
            return Said(401, f"oauth_problem={why}".encode())
        if call.path == "/services/oauth/request_token":
            if not params.get("oauth_callback", "").startswith(f"{REDIRECT}?state="):
                return Said(400, b"oauth_problem=parameter_absent&oauth_parameters_absent=oauth_callback")
            token = self._issued("fraga")
            return Said(200, f"oauth_callback_confirmed=true&{token}".encode())
        if call.path == "/services/oauth/access_token":
            verifier = self.verifiers.pop(params.get("oauth_token", ""), None)
            if verifier is None or params.get("oauth_verifier") != verifier:
                return Said(401, b"oauth_problem=verifier_invalid")
            who = urlencode({"user_nsid": US, "username": "storkoping", "fullname": "Storköping"})
            return Said(200, f"{self._issued('nyckel')}&{who}".encode())
        if call.path == "/services/upload/":
            return self._upload(call, params)
        if call.path == "/services/rest":
            return self._rest(call, params)
        return Said(404, b"<html>")

    def _issued(self, name: str) -> str:
        token = f"{name}-{self._number()}"
        self.secrets[token] = f"hemlig-{token}"
        return urlencode({"oauth_token": token, "oauth_token_secret": self.secrets[token]})

    def _params(self, call: Call) -> dict[str, str]:
        kind = call.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            return _fields(call.body, kind.partition("boundary=")[2].strip('"'))
        return dict(call.query) | (dict(parse_qsl(call.body.decode(), keep_blank_values=True)) if call.body else {})

    def _refused(self, call: Call, params: dict[str, str]) -> str:
        if params.get("oauth_consumer_key") != CLIENT_ID:
            return "consumer_key_unknown"
        if params.get("oauth_nonce", "") in self.nonces or not params.get("oauth_nonce"):
            return "nonce_used"
        self.nonces.add(params["oauth_nonce"])
        if abs(int(params.get("oauth_timestamp", "0")) - clock.now().timestamp()) > 300:
            return "timestamp_refused"
        token = params.get("oauth_token", "")
        if token and token not in self.secrets:
            return "token_rejected"
        signed = sorted((_coded(key), _coded(each)) for key, each in params.items() if key != "oauth_signature")
        joined = "&".join(f"{key}={each}" for key, each in signed)
        base = f"{call.method}&{_coded(self.base_url + call.path)}&{_coded(joined)}"
        key = f"{_coded(CLIENT_SECRET)}&{_coded(self.secrets.get(token, ''))}"
        wanted = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
        return "" if params.get("oauth_signature") == wanted else "signature_invalid"

    def _upload(self, call: Call, params: dict[str, str]) -> Said:
        if b'name="photo"' not in call.body:
            return _xml('<rsp stat="fail"><err code="2" msg="No photo specified" /></rsp>')
        if self.perms == "read":
            return _xml('<rsp stat="fail"><err code="99" msg="Insufficient permissions" /></rsp>')
        if b"Content-Type: video/avi" in call.body:
            return _xml('<rsp stat="fail"><err code="5" msg="Filetype was not recognised" /></rsp>')
        photo_id = self.photo(params.get("title", ""), params.get("description", ""))
        if b"Content-Type: video/" in call.body:
            self.photos[photo_id] |= {"media": "video", "content": _file(call.body)}
        self.made += 1
        return _xml(f'<rsp stat="ok"><photoid>{photo_id}</photoid></rsp>', hang_up=self.breaks_after_write)

    def _rest(self, call: Call, params: dict[str, str]) -> Said:  # noqa: C901, PLR0912 - one branch for each method
        if params.get("format") != "json" or params.get("nojsoncallback") != "1":
            return _xml('<rsp stat="ok" />')
        asked = {key: each for key, each in params.items() if not key.startswith("oauth_")}
        method = asked.get("method", "")
        writes = method in {
            "flickr.photos.comments.addComment", "flickr.photos.comments.deleteComment", "flickr.photos.delete",
            "flickr.photos.setMeta",
        }  # fmt: skip
        if writes and call.method != "POST":
            return _fail("112", "Method needs POST")
        if writes and self.perms == "read":
            return _fail("99", "User not logged in / Insufficient permissions")
        photo_id, comment_id = asked.get("photo_id", ""), asked.get("comment_id", "")
        if photo_id and photo_id not in self.photos:
            return _fail("1", "Photo not found")
        match method:
            case "flickr.test.login":
                return _ok(user={"id": US, "username": {"_content": "storkoping"}})
            case "flickr.people.getInfo":
                return _ok(
                    person={"id": US, "username": {"_content": "storkoping"}, "realname": {"_content": "Storköping"}}
                )
            case "flickr.photos.recentlyUpdated":
                since = int(asked.get("min_date", "x") if asked.get("min_date", "").isdecimal() else -1)
                if since < 0:
                    return _fail("1", "Required argument missing.")
                rows = [each for each in self.photos.values() if int(each["lastupdate"]) >= since]
                return self._listed(asked, rows[::-1])
            case "flickr.people.getPhotos":
                since = int(asked.get("min_upload_date", "0"))
                rows = [each for each in self.photos.values() if int(each["dateupload"]) >= since]
                return self._listed(asked, rows[::-1]) if asked.get("user_id") == "me" else _fail("1", "User not found")
            case "flickr.photos.getInfo":
                row = self.photos[photo_id]
                shown = {"id": photo_id, "title": {"_content": row["title"]}, "description": row["description"],
                         "dateuploaded": row["dateupload"], "media": row["media"], "url_o": row["url_o"]}  # fmt: skip
                return _ok(photo=shown)
            case "flickr.photos.comments.getList":
                rows = [each for each in self.comments.values() if each["photo"] == photo_id]
                return _ok(comments={"photo_id": photo_id, **({"comment": rows} if rows else {})})
            case "flickr.photos.comments.addComment":
                if not asked.get("comment_text"):
                    return _fail("8", "Blank comment.")
                key = self.comment(asked["comment_text"], on=photo_id, by=US)
                self.made += 1
                said = _ok(comment=self.comments[key])
                return Said(said.status, said.body, hang_up=self.breaks_after_write)
            case "flickr.photos.comments.deleteComment":
                return _ok() if self.comments.pop(comment_id, None) else _fail("2", "Comment not found.")
            case "flickr.photos.delete":
                return _ok() if self.photos.pop(photo_id, None) else _fail("1", "Photo not found")
            case "flickr.photos.setMeta":
                return _ok()
        return _fail("112", "Method not found")

    def _listed(self, asked: dict[str, str], rows: list[dict[str, Any]]) -> Said:
        size, page = int(asked.get("per_page", "100")), int(asked.get("page", "1"))
        shown = [
            {key: each for key, each in row.items() if key != "content"}
            for row in rows[(page - 1) * size : page * size]
        ]  # fmt: skip
        return _ok(photos={"page": page, "pages": -(-len(rows) // size), "perpage": size, "photo": shown})


def _ok(**more: Any) -> Said:
    return Said(200, {"stat": "ok", **more})


def _fail(code: str, message: str) -> Said:
    return Said(200, {"stat": "fail", "code": int(code), "message": message})


def _fields(body: bytes, boundary: str) -> dict[str, str]:
    """Return the text fields of a form that was sent in parts; files are left out."""
    found = {}
    for piece in body.split(f"--{boundary}".encode())[1:-1]:
        head, _blank, value = piece.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        if name and b"filename=" not in head:
            found[name[1].decode()] = value.removesuffix(b"\r\n").decode()
    return found


def _file(body: bytes) -> bytes:
    """Return the file of a form that was sent in parts."""
    inside = body[body.index(b'name="photo"') :].partition(b"\r\n\r\n")[2]
    return inside.partition(b"\r\n--")[0]


def _xml(inner: str, *, hang_up: bool = False) -> Said:
    return Said(200, f'<?xml version="1.0" encoding="utf-8" ?>\n{inner}'.encode(), hang_up=hang_up)


def _coded(text: str) -> str:
    return quote(text, safe="~")

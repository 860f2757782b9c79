"""
LinkedIn's versioned REST API on loopback, as strictly as its pages for 202605 say: for use with `Scripted`.

What it shows was made up here after the documented shapes; nothing was recorded from the live platform.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from narvaro.base import clock
from narvaro.testing.servers.linkedin_films import LinkedInFilms
from narvaro.testing.servers.scripted import Call, Said
from narvaro.testing.servers.strict import Tokens

SCOPES = "rw_organization_admin r_organization_social w_organization_social"
US, THEM = "urn:li:organization:4711", "urn:li:person:boende1"
VERSIONS = {"202605"}
_NEEDED = {"author", "commentary", "visibility", "distribution", "lifecycleState", "isReshareDisabledByAuthor"}
_BARE = re.compile(r"(?<!\\)[|{}@\[\]()<>*_~]")


@dataclass
class LinkedInPlatform:
    """The platform. It cuts a post off at a reserved sign that is not escaped, in silence, as the real one does."""

    base_url: str = ""
    tokens: Tokens = field(default_factory=lambda: Tokens(SCOPES))
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)  # oldest first
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    most_rows: int = 100
    lacks_right: bool = False
    breaks_after_post: bool = False
    made: int = 0
    calls: int = 0
    _next: int = 100

    def __post_init__(self) -> None:
        self.films = LinkedInFilms(self)

    def _number(self) -> int:
        self._next += 1
        return self._next

    def post(self, text: str, **more: Any) -> str:
        urn = f"urn:li:share:{self._number()}"
        at = int(clock.now().timestamp() * 1000)
        self.posts[urn] = {
            "id": urn, "author": US, "commentary": text, "createdAt": at, "publishedAt": at, "lastModifiedAt": at,
            "visibility": "PUBLIC", "lifecycleState": "PUBLISHED", "lifecycleStateInfo": {"isEditedByAuthor": False},
            **more,
        }  # fmt: skip
        return urn

    def comment(self, text: str, *, on: str, under: str = "", by: str = THEM) -> str:
        number = str(self._number())
        urn, at = f"urn:li:comment:({on},{number})", int(clock.now().timestamp() * 1000)
        self.comments[urn] = {
            "id": number, "commentUrn": urn, "actor": by, "object": on, "message": {"text": text, "attributes": []},
            "created": {"actor": by, "time": at}, "lastModified": {"actor": by, "time": at},
            **({"parentComment": under} if under else {}),
        }  # fmt: skip
        return urn

    def __call__(self, call: Call) -> Said:
        if (call.method, call.path) == ("POST", "/oauth/v2/accessToken"):
            return self.tokens.exchange(call)
        if call.path.startswith(("/del/", "/texter/")):
            return self.films.put(call)
        if call.method == "PUT" and call.path.startswith("/upload/"):
            self.images[unquote(call.path.removeprefix("/upload/"))] = call.body
            return Said(201, b"") if "authorization" not in call.headers else _error(400, "No key belongs here")
        self.calls += 1
        if not self.tokens.knows(call):
            return _error(401, "The token used in the request has expired", code="EXPIRED_ACCESS_TOKEN")
        if call.headers.get("linkedin-version") not in VERSIONS:
            return _error(426, "Requested version is not active", code="NONEXISTENT_VERSION")
        if call.headers.get("x-restli-protocol-version") != "2.0.0":
            return _error(400, "X-Restli-Protocol-Version is required")
        if self.lacks_right and call.method != "GET":
            return _error(403, "Not enough permissions to access this resource", code="ACCESS_DENIED")
        steps = [unquote(step) for step in call.path.removeprefix("/rest/").split("/")]
        return self._routed(call, steps)

    def _routed(self, call: Call, steps: list[str]) -> Said:
        if steps[0] == "organizationAcls" and call.query.get("q") == "roleAssignee":
            row = {"organization": US, "role": "ADMINISTRATOR", "state": "APPROVED", "roleAssignee": THEM}
            return Said(200, {"elements": [row], "paging": {"start": 0, "count": 10}})
        if steps[0] == "organizations" and steps[1:] == ["4711"]:
            return Said(200, {"id": 4711, "localizedName": "Storköping", "vanityName": "storkoping"})
        if steps[0] == "images":
            return self._image(call, steps)
        if steps[0] == "videos":
            return self.films.answer(call, steps, _json(call))
        if steps[0] == "posts":
            return self._posts(call, steps)
        if steps[0] == "socialActions" and len(steps) in (3, 4) and steps[2] == "comments":
            return self._comments(call, steps)
        return _error(404, "No root resource defined for path")

    def _image(self, call: Call, steps: list[str]) -> Said:
        if call.method == "GET":
            known = len(steps) == 2 and steps[1] in self.images
            return Said(200, {"id": steps[1], "status": "AVAILABLE"}) if known else _error(404, "Not found")
        owner = (_json(call).get("initializeUploadRequest") or {}).get("owner")
        if call.query.get("action") != "initializeUpload" or owner != US:
            return _error(400, "owner is required")
        urn = f"urn:li:image:C{self._number()}"
        return Said(200, {"value": {"uploadUrl": f"{self.base_url}/upload/{urn}?ca=1", "image": urn}})

    def _posts(self, call: Call, steps: list[str]) -> Said:
        if call.method == "POST" and len(steps) == 1:
            return self._create(call)
        if call.method == "GET" and len(steps) == 1:
            if call.query.get("q") != "author" or call.headers.get("x-restli-method") != "FINDER":
                return _error(400, "A finder is needed")
            if call.query.get("author") != US or int(call.query.get("count", "10")) > 100:
                return _error(400, "Invalid author or count")
            return self._rows(call, list(reversed(self.posts.values())))
        found = self.posts.get(steps[1])
        if call.method == "DELETE":
            self.posts.pop(steps[1], None)
            return Said(204, b"") if found else _error(404, "Not found")
        return Said(200, found) if found else _error(404, "Not found")

    def _create(self, call: Call) -> Said:
        wanted = _json(call)
        missing = _NEEDED - set(wanted)
        if missing or set(wanted) - _NEEDED - {"content"}:
            return _error(422, f"ERROR :: {sorted(missing)} :: field is required but not found")
        content = wanted.get("content", {})
        media = [content["media"]] if "media" in content else content.get("multiImage", {}).get("images", [])
        held = {*self.images, *self.films.ready()}
        if any(each.get("id") not in held for each in media) or wanted["author"] != US:
            return _error(400, "The image is not owned by the author, or was never uploaded")
        if "multiImage" in content and not 2 <= len(media) <= 20:
            return _error(400, "A post of many images has two or more")
        text = wanted["commentary"]
        cut = _BARE.search(text)
        urn = self.post(text[: cut.start()] if cut else text, **({"content": content} if content else {}))
        self.made += 1
        return Said(201, b"", {"x-restli-id": urn}, hang_up=self.breaks_after_post)

    def _comments(self, call: Call, steps: list[str]) -> Said:
        on, is_under = steps[1], steps[1].startswith("urn:li:comment:")
        if on not in (self.comments if is_under else self.posts):
            return _error(404, "Not found")
        if len(steps) == 4:
            urn = f"urn:li:comment:({on},{steps[3]})"
            found = self.comments.get(urn)
            if found is None:
                return _error(404, "Not found")
            if call.method == "DELETE":
                if call.query.get("actor") != US:
                    return _error(400, "actor is required")
                del self.comments[urn]
                return Said(204, b"")
            return Said(200, found)
        if call.method == "GET":
            rows = [
                {**each, "commentsSummary": {"aggregatedTotalComments": self._below(urn)}}
                for urn, each in self.comments.items()
                if each.get("parentComment", "") == (on if is_under else "") and (is_under or each["object"] == on)
            ]  # fmt: skip
            return self._rows(call, rows)
        wanted = _json(call)
        if set(wanted) - {"actor", "object", "message", "parentComment"} or wanted.get("actor") != US:
            return _error(400, "Unknown fields, or an actor that is not yours")
        if not wanted.get("message", {}).get("text") or (is_under and wanted.get("parentComment") != on):
            return _error(400, "message and parentComment are required")
        urn = self.comment(wanted["message"]["text"], on=wanted["object"], under=wanted.get("parentComment", ""), by=US)
        self.made += 1
        return Said(201, self.comments[urn], hang_up=self.breaks_after_post)

    def _below(self, urn: str) -> int:
        return sum(1 for each in self.comments.values() if each.get("parentComment") == urn)

    def _rows(self, call: Call, rows: list[dict[str, Any]]) -> Said:
        start, count = int(call.query.get("start", "0")), int(call.query.get("count", "10"))
        return Said(200, {"elements": rows[start : start + count], "paging": {"start": start, "count": count}})


def _error(status: int, message: str, *, code: str = "") -> Said:
    return Said(status, {"status": status, "message": message, **({"code": code} if code else {})})


def _json(call: Call) -> dict[str, Any]:
    found = json.loads(call.body or b"null")
    return found if isinstance(found, dict) else {}

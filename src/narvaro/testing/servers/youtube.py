"""
YouTube's Data API v3 on loopback, as strictly as its description (revision 20261104) says: for use with `Scripted`.

What it shows was made up here after the documented shapes; nothing was recorded from the live platform.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from narvaro.base import clock
from narvaro.testing.servers.scripted import Call, Said
from narvaro.testing.servers.strict import Tokens
from narvaro.testing.servers.youtube_films import YouTubeUploads

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
US, THEM = "UCstorkoping000000000001", "UCboende0000000000000001"
_ID = re.compile(r"[\w-]+(\.[\w-]+)?", re.ASCII)
_STATES = ("published", "heldForReview", "likelySpam", "rejected")
_COSTS = {"GET": 1, "POST": 50, "PUT": 50, "DELETE": 50}


@dataclass
class YouTubePlatform:
    """The platform. `units` is what a day has left; `page_size` makes pages shorter than asked for."""

    tokens: Tokens = field(default_factory=lambda: Tokens(SCOPE, rotates=False))
    films: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)  # by id, oldest first
    page_size: int = 100
    units: int = 10_000
    closed_films: set[str] = field(default_factory=set)  # comments are switched off
    lacks_right: bool = False
    breaks_after_insert: bool = False
    made: int = 0
    _next: int = 0

    def __post_init__(self) -> None:
        self.uploads = YouTubeUploads(self)

    def film(self, title: str = "Så fungerar vattenverket") -> str:
        self._next += 1
        video_id = f"film{self._next:07d}"
        self.films[video_id] = {"title": title, "at": self._moment()}
        return video_id

    def write(self, text: str, *, film: str = "", under: str = "", by: str = THEM, state: str = "published") -> str:
        """Somebody writes beneath a film, or beneath a comment; returns the id."""
        self._next += 1
        remote_id = f"{under}.{self._next:06d}" if under else f"Ugx{self._next:06d}"
        at = self._moment()
        self.comments[remote_id] = {
            "text": text, "film": film or (self.comments[under]["film"] if under else ""), "under": under, "by": by,
            "at": at, "changed": at, "state": state,
        }  # fmt: skip
        return remote_id

    def _moment(self) -> str:
        return (clock.now().astimezone(UTC) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def __call__(self, call: Call) -> Said:
        if (call.method, call.path) == ("POST", "/token"):
            return self.tokens.exchange(call)
        if not self.tokens.knows(call):
            return _error(401, "authError", "Invalid Credentials")
        if call.path.startswith("/upload/") or call.path == "/youtube/v3/videos":
            return self.uploads.answer(call)
        self.units -= _COSTS[call.method]
        if self.units < 0:
            return _error(403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota.")
        routes: dict[tuple[str, str], Callable[[Call], Said]] = {
            ("GET", "channels"): self._channels, ("GET", "playlistItems"): self._uploads,
            ("GET", "commentThreads"): self._threads, ("GET", "comments"): self._list,
            ("POST", "commentThreads"): self._begin, ("POST", "comments"): self._insert,
            ("POST", "comments/setModerationStatus"): self._moderate, ("DELETE", "comments"): self._delete,
        }  # fmt: skip
        route = routes.get((call.method, call.path.removeprefix("/youtube/v3/")))
        if route is None:
            return Said(404, b"<html>Not found</html>")
        if self.lacks_right and call.method != "GET":
            return _error(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        return route(call)

    def _channels(self, call: Call) -> Said:
        if call.query.get("mine") != "true" or call.query.get("part") != "snippet":
            return _error(400, "missingRequiredParameter", "No filter selected.")
        snippet = {"title": "Storköping", "description": "Kommunens filmer", "customUrl": "@storkoping"}
        return Said(200, {"kind": "youtube#channelListResponse", "items": [{"id": US, "snippet": snippet}]})

    def _uploads(self, call: Call) -> Said:
        if call.query.get("playlistId") != f"UU{US[2:]}" or int(call.query.get("maxResults", "5")) > 50:
            return _error(404, "playlistNotFound", "The playlist cannot be found.")
        rows = [
            {"id": f"rad-{key}", "snippet": {
                "title": film["title"], "description": "", "publishedAt": film["at"], "channelTitle": "Storköping",
                "resourceId": {"kind": "youtube#video", "videoId": key},
            }, "contentDetails": {"videoId": key, "videoPublishedAt": film["at"]}}
            for key, film in reversed(self.films.items())
        ]  # fmt: skip
        return self._paged(call, rows)

    def _threads(self, call: Call) -> Said:
        asked = call.query
        filters = [name for name in ("allThreadsRelatedToChannelId", "videoId", "id") if asked.get(name)]
        known = {"part", "maxResults", "pageToken", "order", "textFormat", "moderationStatus", "searchTerms", *filters}
        if len(filters) != 1 or set(asked) - known or not 1 <= int(asked.get("maxResults", "20")) <= 100:
            return _error(400, "invalidFilters", "Incompatible parameters.")
        state = asked.get("moderationStatus", "published")
        if state not in _STATES or (asked.get("textFormat") not in (None, "html", "plainText")):
            return _error(400, "badRequest", "Invalid value.")
        film = asked.get("videoId", "")
        if film and film not in self.films:
            return _error(404, "videoNotFound", "The video cannot be found.")
        if film in self.closed_films:
            return _error(403, "commentsDisabled", "The video has disabled comments.")
        rows = [
            self._thread(key) for key, each in reversed(self.comments.items())
            if not each["under"] and each["state"] == state and (not film or each["film"] == film)
        ]  # fmt: skip
        return self._paged(call, rows)

    def _thread(self, key: str) -> dict[str, Any]:
        below = [each for each, row in self.comments.items() if row["under"] == key and row["state"] == "published"]
        top = self.comments[key]
        snippet = {
            "channelId": US, "topLevelComment": self._comment(key), "totalReplyCount": len(below), "canReply": True,
            "isPublic": top["state"] == "published", **({"videoId": top["film"]} if top["film"] else {}),
        }  # fmt: skip
        shown = {"replies": {"comments": [self._comment(each) for each in below[-2:]]}} if below else {}
        return {"kind": "youtube#commentThread", "id": key, "snippet": snippet, **shown}

    def _comment(self, key: str) -> dict[str, Any]:
        row = self.comments[key]
        return {"kind": "youtube#comment", "id": key, "snippet": {
            "textDisplay": row["text"], "authorDisplayName": "@boende" if row["by"] == THEM else "@storkoping",
            "authorChannelUrl": f"http://www.youtube.com/channel/{row['by']}",
            "authorChannelId": {"value": row["by"]}, "likeCount": 0, "publishedAt": row["at"],
            "updatedAt": row["changed"], "channelId": US,
            **({"videoId": row["film"]} if row["film"] else {}), **({"parentId": row["under"]} if row["under"] else {}),
            **({"moderationStatus": row["state"]} if row["state"] != "published" else {}),
            **({"textOriginal": row["text"]} if row["by"] == US else {}),
        }}  # fmt: skip

    def _list(self, call: Call) -> Said:
        ids, parent = call.query.get("id", ""), call.query.get("parentId", "")
        if bool(ids) == bool(parent) or call.query.get("part") != "snippet":
            return _error(400, "operationNotSupported", "Exactly one filter is asked for.")
        if parent and parent not in self.comments:
            return _error(404, "commentNotFound", "The parent comment cannot be found.")
        chosen = ids.split(",") if ids else [each for each, row in self.comments.items() if row["under"] == parent]
        return self._paged(call, [self._comment(each) for each in chosen if each in self.comments])

    def _begin(self, call: Call) -> Said:
        snippet = (_json(call) or {}).get("snippet", {})
        text = snippet.get("topLevelComment", {}).get("snippet", {}).get("textOriginal", "")
        if not text or snippet.get("videoId") not in self.films:
            return _error(400, "commentTextRequired", "The comment must have text.")
        key = self.write(text, film=snippet["videoId"], by=US)
        self.made += 1
        return Said(200, self._thread(key), hang_up=self.breaks_after_insert)

    def _insert(self, call: Call) -> Said:
        wanted = _json(call) or {}
        snippet = wanted.get("snippet", {})
        if set(wanted) != {"snippet"} or set(snippet) - {"parentId", "textOriginal"} or not snippet.get("textOriginal"):
            return _error(400, "commentTextRequired", "The comment must have text.")
        parent = snippet.get("parentId", "")
        if parent not in self.comments or self.comments[parent]["under"]:
            return _error(404, "parentCommentNotFound", "The parent comment cannot be found.")
        if len(snippet["textOriginal"]) > 10_000:
            return _error(400, "commentTextTooLong", "The comment is too long.")
        key = self.write(snippet["textOriginal"], under=parent, by=US)
        self.made += 1
        return Said(200, self._comment(key), hang_up=self.breaks_after_insert)

    def _moderate(self, call: Call) -> Said:
        key, state = call.query.get("id", ""), call.query.get("moderationStatus", "")
        if state not in ("published", "heldForReview", "rejected") or not _ID.fullmatch(key):
            return _error(400, "badRequest", "Invalid moderationStatus.")
        if key not in self.comments:
            return _error(404, "commentNotFound", "One or more of the comments cannot be found.")
        self.comments[key]["state"] = state
        return Said(204, b"")

    def _delete(self, call: Call) -> Said:
        key = call.query.get("id", "")
        if key not in self.comments:
            return _error(404, "commentNotFound", "The comment cannot be found.")
        if self.comments[key]["by"] != US:
            return _error(403, "forbidden", "The comment could not be deleted.")
        del self.comments[key]
        return Said(204, b"")

    def _paged(self, call: Call, rows: list[dict[str, Any]]) -> Said:
        start = int(call.query.get("pageToken", "s0")[1:] or 0)
        size = min(self.page_size, int(call.query.get("maxResults", "20")))
        more = {"nextPageToken": f"s{start + size}"} if start + size < len(rows) else {}
        return Said(200, {"items": rows[start : start + size], "pageInfo": {"totalResults": len(rows)}, **more})


def _error(status: int, reason: str, message: str) -> Said:
    one = {"message": message, "domain": "youtube", "reason": reason}
    return Said(status, {"error": {"code": status, "message": message, "errors": [one]}})


def _json(call: Call) -> dict[str, Any] | None:
    found = json.loads(call.body or b"null")
    return found if isinstance(found, dict) else None

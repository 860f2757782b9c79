"""
X's API v2 on loopback, as strictly as its description 2.166 says: for use with `Scripted`.

What it shows was made up here after the documented shapes; nothing was recorded from the live platform.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from narvaro.base import clock
from narvaro.connectors.x.text import MOST, weighted
from narvaro.testing.servers import x_messages
from narvaro.testing.servers.scripted import Call, Said
from narvaro.testing.servers.strict import Tokens
from narvaro.testing.servers.x_films import XFilms

SCOPES = "tweet.read users.read tweet.write tweet.moderate.write media.write offline.access"
US, THEM = "1001", "2002"
_ID = re.compile(r"\d{1,19}", re.ASCII)
_MISSING = "https://api.twitter.com/2/problems/resource-not-found"


@dataclass
class XPlatform:
    """The platform. `posts` is by id, newest last; `page_size` makes pages shorter than asked for."""

    tokens: Tokens = field(default_factory=lambda: Tokens(SCOPES, has_basic=True, has_challenge=True))
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    page_size: int = 100
    lacks_search: bool = False
    forgets_alt: bool = False
    breaks_after_post: bool = False  # the post is made, and no answer comes
    without: set[str] = field(default_factory=set)  # scopes that the key lacks
    made: int = 0
    dms: list[dict[str, Any]] = field(default_factory=list)  # events, oldest first
    closed_to_us: set[str] = field(default_factory=set)  # who takes no messages from us
    _next: int = 5000

    def __post_init__(self) -> None:
        self.films = XFilms(self)

    def write(self, text: str, *, by: str = THEM, reply_to: str = "", **more: Any) -> str:
        """Somebody writes; returns the id."""
        self._next += 1
        remote_id = str(self._next)
        root = self.posts[reply_to]["conversation_id"] if reply_to in self.posts else remote_id
        self.posts[remote_id] = {
            "id": remote_id, "text": text, "author_id": by, "conversation_id": root,
            "created_at": clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "edit_history_tweet_ids": [remote_id], "lang": "sv",
            "public_metrics": {"like_count": 1, "retweet_count": 0, "reply_count": 0, "quote_count": 0},
            **({"referenced_tweets": [{"type": "replied_to", "id": reply_to}],
                "in_reply_to_user_id": self.posts[reply_to]["author_id"]} if reply_to in self.posts else {}),
            **more,
        }  # fmt: skip
        return remote_id

    def __call__(self, call: Call) -> Said:
        if (call.method, call.path) == ("POST", "/2/oauth2/token"):
            return self.tokens.exchange(call)
        if not self.tokens.knows(call):
            return Said(401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"})
        scope, answer = self._routed(call)
        if scope in self.without:
            detail = f"Your access token lacks the scope {scope}."
            return Said(403, {"title": "Forbidden", "status": 403, "detail": detail, "type": "about:blank"})
        said = answer(call)
        limits = {"x-rate-limit-limit": "900", "x-rate-limit-remaining": "899", "x-rate-limit-reset": "4102444800"}
        return Said(said.status, said.body, limits, hang_up=said.hang_up)

    def _routed(self, call: Call) -> tuple[str, Any]:
        where = {
            ("GET", "/2/users/me"): ("users.read", self._me),
            ("GET", "/2/tweets"): ("tweet.read", self._lookup),
            ("GET", "/2/tweets/search/recent"): ("tweet.read", self._search),
            ("POST", "/2/tweets"): ("tweet.write", self._create),
            ("POST", "/2/media/upload"): ("media.write", self._upload),
            ("GET", "/2/media/upload"): ("media.write", self.films.status),
            ("POST", "/2/media/upload/initialize"): ("media.write", self.films.begin),
            ("POST", "/2/media/subtitles"): ("media.write", self.films.caption),
            ("POST", "/2/media/metadata"): ("media.write", self._describe),
            ("GET", f"/2/users/{US}/tweets"): ("tweet.read", self._own),
            ("GET", f"/2/users/{US}/mentions"): ("tweet.read", self._mentions),
        }
        if (call.method, call.path) in where:
            return where[call.method, call.path]
        if call.path.startswith(("/2/dm_events", "/2/dm_conversations/")):
            return x_messages.routed(self, call)
        if call.method == "POST" and call.path.startswith("/2/media/upload/"):
            return "media.write", self.films.append if call.path.endswith("/append") else self.films.finish
        if call.method == "DELETE" and call.path.startswith("/2/tweets/"):
            return "tweet.write", self._delete
        if call.method == "PUT" and call.path.endswith("/hidden"):
            return "tweet.moderate.write", self._hide
        return "", lambda _call: _problem(404, "Not Found")

    def _me(self, _call: Call) -> Said:
        return Said(200, {"data": {"id": US, "username": "storkoping", "name": "Storköping", "description": "Hej"}})

    def _own(self, call: Call) -> Said:
        return self._timeline(call, [each for each in self.posts.values() if each["author_id"] == US])

    def _mentions(self, call: Call) -> Said:
        ours = [
            each for each in self.posts.values()
            if each["author_id"] != US and ("@storkoping" in each["text"] or each.get("in_reply_to_user_id") == US)
        ]  # fmt: skip
        return self._timeline(call, ours)

    def _timeline(self, call: Call, found: list[dict[str, Any]]) -> Said:
        asked = call.query
        known = {
            "max_results", "since_id", "until_id", "pagination_token", "start_time", "end_time", "exclude",
            "tweet.fields", "expansions", "user.fields", "media.fields",
        }  # fmt: skip
        if set(asked) - known or not 5 <= int(asked.get("max_results", "10")) <= 100:
            return _problem(400, "One or more parameters to your request was invalid.")
        if not all(_ID.fullmatch(asked[name]) for name in ("since_id", "until_id") if name in asked):
            return _problem(400, "since_id is not a valid id")
        if "start_time" in asked:
            since = datetime.strptime(asked["start_time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            found = [each for each in found if datetime.fromisoformat(each["created_at"]) >= since]
        newest = sorted(found, key=lambda each: -int(each["id"]))
        newest = [each for each in newest if int(each["id"]) > int(asked.get("since_id", "0"))]
        start = int(asked.get("pagination_token", "p0")[1:])
        size = min(self.page_size, int(asked.get("max_results", "10")))
        page = newest[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if start + size < len(newest):
            meta["next_token"] = f"p{start + size}"
        return Said(200, {**({"data": page, "includes": self._beside(page)} if page else {}), "meta": meta})

    def _lookup(self, call: Call) -> Said:
        ids = call.query.get("ids", "").split(",")
        if not 1 <= len(ids) <= 100 or not all(_ID.fullmatch(each) for each in ids):
            return _problem(400, "ids is not valid")
        found = [self.posts[each] for each in ids if each in self.posts]
        errors = [
            {"resource_type": "tweet", "resource_id": each, "title": "Not Found Error", "type": _MISSING, "value": each}
            for each in ids if each not in self.posts
        ]  # fmt: skip
        body = {**({"data": found, "includes": self._beside(found)} if found else {})}
        return Said(200, {**body, **({"errors": errors} if errors else {})})

    def _search(self, call: Call) -> Said:
        if self.lacks_search:
            return _problem(403, "When authenticating requests to the API v2 you must use an App in a Project.")
        asked = call.query.get("query", "")
        found = [each for each in self.posts.values() if f"conversation_id:{each['conversation_id']}" == asked]
        return Said(200, {"data": found, "includes": self._beside(found), "meta": {"result_count": len(found)}})

    def _create(self, call: Call) -> Said:
        wanted = _json(call)
        if wanted is None or set(wanted) - {"text", "reply", "media", "quote_tweet_id", "poll", "reply_settings"}:
            return _problem(400, "The body has fields that are not known.")
        ids = wanted.get("media", {}).get("media_ids", [])
        if not wanted.get("text") and not ids:
            return _problem(400, "One or more parameters to your request was invalid.")
        if len(ids) > 4 or any(each not in self.media for each in ids) or not self.films.may_stand(ids):
            return _problem(400, "Your media IDs are invalid.")
        poll = wanted.get("poll")
        if poll is not None and (ids or not _is_poll(poll)):
            return _problem(400, "One or more parameters to your request was invalid.")
        if weighted(wanted.get("text", "")) > MOST:
            return _problem(403, "Your post text is too long. For more information on how X determines text length")
        if any(each["author_id"] == US and each["text"] == wanted["text"] for each in self.posts.values()):
            return _problem(403, "You are not allowed to create a Tweet with duplicate content.")
        parent = wanted.get("reply", {}).get("in_reply_to_tweet_id", "")
        if parent and parent not in self.posts:
            return _problem(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
        more: dict[str, Any] = {"attachments": {"media_keys": [f"3_{each}" for each in ids]}} if ids else {}
        more |= {"poll": poll} if poll else {}
        remote_id = self.write(wanted["text"], by=US, reply_to=parent, **more)
        self.made += 1
        data = {"id": remote_id, "text": wanted["text"], "edit_history_tweet_ids": [remote_id]}
        return Said(201, {"data": data}, hang_up=self.breaks_after_post)

    def _upload(self, call: Call) -> Said:
        kind = call.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data") or b'name="media"' not in call.body:
            return _problem(400, "media is required")
        if b'name="media_category"' in call.body and b"subtitles" in call.body:
            return self.films.text(call)
        if b'name="media_category"' not in call.body or b"tweet_image" not in call.body:
            return _problem(400, "media_category is required")
        self._next += 1
        self.media[str(self._next)] = {}
        return Said(200, {"data": {"id": str(self._next), "media_key": f"3_{self._next}", "expires_after_secs": 86400}})

    def _describe(self, call: Call) -> Said:
        wanted = _json(call) or {}
        text = wanted.get("metadata", {}).get("alt_text", {}).get("text")
        if wanted.get("id") not in self.media or not isinstance(text, str) or not 0 < len(text) <= 1000:
            return _problem(400, "One or more parameters to your request was invalid.")
        if self.forgets_alt:
            return Said(200, {"data": {"id": wanted["id"], "associated_metadata": {}}})
        self.media[wanted["id"]]["alt_text"] = text
        return Said(200, {"data": {"id": wanted["id"], "associated_metadata": {"alt_text": {"text": text}}}})

    def _delete(self, call: Call) -> Said:
        remote_id = call.path.rpartition("/")[2]
        if not _ID.fullmatch(remote_id) or remote_id == "0":
            return _problem(400, "The id is not valid")
        if remote_id not in self.posts:
            return _problem(404, "Not Found")
        if self.posts[remote_id]["author_id"] != US:
            return _problem(403, "You are not authorized to delete this Tweet.")
        del self.posts[remote_id]
        return Said(200, {"data": {"deleted": True}})

    def _hide(self, call: Call) -> Said:
        remote_id, wanted = call.path.split("/")[3], _json(call) or {}
        if set(wanted) != {"hidden"} or not isinstance(wanted["hidden"], bool) or remote_id == "0":
            return _problem(400, "The body must hold hidden, and nothing else.")
        post = self.posts.get(remote_id)
        root = self.posts.get(post["conversation_id"]) if post else None
        if post is None or root is None or root["author_id"] != US:
            return _problem(403, "Only the author of the conversation may hide a reply.")
        (self.hidden.add if wanted["hidden"] else self.hidden.discard)(remote_id)
        return Said(200, {"data": {"hidden": wanted["hidden"]}})

    def _beside(self, found: list[dict[str, Any]]) -> dict[str, Any]:
        names = {US: ("storkoping", "Storköping"), THEM: ("boende", "En boende")}
        users = [
            {"id": each, "username": names[each][0], "name": names[each][1]}
            for each in sorted({post["author_id"] for post in found}) if each in names
        ]  # fmt: skip
        keys = [key for post in found for key in post.get("attachments", {}).get("media_keys", [])]
        media = [
            {"media_key": key, "type": "photo", "url": f"https://pbs.twimg.com/media/{key}.jpg", **self._shown(key[2:])}
            for key in keys if key[2:] in self.media
        ]  # fmt: skip
        return {"users": users, **({"media": media} if media else {})}

    def _shown(self, remote_id: str) -> dict[str, Any]:
        return {"type": "video"} if remote_id in self.films.held else self.media[remote_id]


def _is_poll(poll: Mapping[str, Any]) -> bool:
    options, minutes = poll.get("options"), poll.get("duration_minutes")
    return (
        set(poll) == {"options", "duration_minutes"}
        and isinstance(options, list) and 2 <= len(options) <= 4
        and all(isinstance(each, str) and 0 < len(each) <= 25 for each in options)
        and isinstance(minutes, int) and 5 <= minutes <= 10_080
    )  # fmt: skip


def _problem(status: int, detail: str) -> Said:
    return Said(status, {"title": "Problem", "detail": detail, "type": "about:blank", "status": status})


def _json(call: Call) -> Mapping[str, Any] | None:
    if not call.headers.get("content-type", "").startswith("application/json"):
        return None
    found = json.loads(call.body or b"null")
    return found if isinstance(found, dict) else None

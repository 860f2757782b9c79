"""Servers that are not at hand, played after their recorded answers: ids, codes and pages as they do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from narvaro.connectors.mastodon.tests.conftest import Keys
from narvaro.connectors.port import Account
from narvaro.testing.servers.scripted import Call, Said

OURS = "100"
TOKEN = "hemlig-nyckel-71"


def a_person(remote_id: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": remote_id, "username": name, "acct": name, "display_name": name, "note": "", "url": "", **more}


US = a_person(OURS, "kommunen")
THEM = a_person("200", "invanare")


def a_status(remote_id: str, text: str = "Hej", *, by: Mapping[str, Any] = THEM, **more: Any) -> dict[str, Any]:
    return {
        "id": remote_id,
        "created_at": "2026-01-01T12:00:00.000Z",
        "content": f"<p>{text}</p>",
        "visibility": "public",
        "account": dict(by),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "media_attachments": [],
        "mentions": [],
        **more,
    }


def a_mention(remote_id: str, status: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    mention = {"id": remote_id, "type": "mention", "created_at": status["created_at"], "account": status["account"]}
    return {**mention, "status": dict(status), **more}


@dataclass
class Dialect:
    """One server. Lists are newest first; `order` compares ids for max_id and since_id."""

    mentions: list[dict[str, Any]] = field(default_factory=list)
    own: list[dict[str, Any]] = field(default_factory=list)
    conversations: list[dict[str, Any]] | None = None
    requests: list[dict[str, Any]] | None = None
    contexts: dict[str, dict[str, Any]] = field(default_factory=dict)
    instance: dict[str, Any] = field(default_factory=dict)
    bad_token_status: int = 401
    page_size: int = 20
    sends_links: bool = True
    ignores_since: bool = False
    since_gives_nothing: bool = False
    edited: dict[str, Any] = field(default_factory=dict)
    quotes: list[dict[str, Any]] | None = None  # notifications of the kind; None: the server does not know the kind
    api_version: int = 0  # Mastodon's own number for its API, 0 where the server gives none
    instance_status: int = 200

    def __call__(self, call: Call) -> Said:
        if call.path == "/api/v1/instance":
            return Said(body=self.instance)
        if call.path == "/api/v2/instance" and self.api_version:
            return Said(self.instance_status, {**self.instance, "api_versions": {"mastodon": self.api_version}})
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Said(self.bad_token_status, {"error": "The access token is invalid"})
        fixed: Mapping[str, Any] = {
            "/api/v1/accounts/verify_credentials": US,
            "/api/v1/conversations": self.conversations,
            "/api/v1/notifications/requests": self.requests,
        }
        if fixed.get(call.path) is not None:
            return Said(body=fixed[call.path])
        if call.path == "/api/v1/notifications":
            if call.query.get("types[]") != "quote":
                return self._page(call, self.mentions)
            if self.quotes is None:
                return Said(400, {"error": "Invalid value for enum"})
            return self._page(call, self.quotes)
        if call.path == f"/api/v1/accounts/{OURS}/statuses":
            return self._page(call, self.own)
        if call.path.endswith("/context"):
            remote_id = call.path.split("/")[-2]
            return Said(body=self.contexts.get(remote_id, {"ancestors": [], "descendants": []}))
        return Said(404, {"error": "Record not found"})

    def _page(self, call: Call, everything: Sequence[dict[str, Any]]) -> Said:
        ids = [each["id"] for each in everything]
        start = ids.index(call.query["max_id"]) + 1 if call.query.get("max_id") in ids else 0
        end = len(ids)
        since = call.query.get("since_id")
        if since and self.since_gives_nothing:
            return Said(body=[])
        if since in ids and not self.ignores_since:
            end = ids.index(since)
        size = min(self.page_size, int(call.query.get("limit", "20")))
        found = list(everything[start : min(end, start + size)])
        links = {}
        if self.sends_links and found:
            base = f"https://wrong.example{call.path}"
            following = f'<{base}?max_id={found[-1]["id"]}&limit=20>; rel="next", ' if len(found) == size else ""
            links = {"link": f'{following}<{base}?min_id={found[0]["id"]}>; rel="prev"'}
        return Said(body=found, headers=links)


def an_account(base_url: str, token: str = TOKEN) -> Account:
    return Account(base_url, "kommunen@social.example", OURS, Keys({"access_token": token}), allow_private_hosts=True)

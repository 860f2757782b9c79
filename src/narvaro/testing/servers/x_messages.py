"""
Direct messages on the local X server, as strictly as Direct Messages: Lookup and Manage say (read 2026-11-22).

It refuses what the platform refuses: a key without dm.read or dm.write, an unknown parameter, a conversation that is
not ours, a person who takes no messages from us, an empty or too long text. Nothing older than thirty days is given.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from narvaro.base import clock
from narvaro.testing.servers.scripted import Call, Said

if TYPE_CHECKING:
    from narvaro.testing.servers.x import XPlatform

US, THEM = "1001", "2002"
_KNOWN = {
    "dm_event.fields", "event_types", "expansions", "user.fields", "media.fields", "tweet.fields", "max_results",
    "pagination_token",
}  # fmt: skip
_FIELDS = {
    "id", "text", "event_type", "created_at", "dm_conversation_id", "sender_id", "attachments", "participant_ids",
    "referenced_tweets", "entities",
}  # fmt: skip


def told(
    platform: XPlatform, text: str, *, by: str = THEM, to: str = US, at: datetime | None = None, group: str = ""
) -> str:
    """Let somebody write to somebody in private; returns the event's id."""
    platform._next += 1
    pair = "-".join(sorted((by, to), key=int))
    platform.dms.append({
        "id": str(platform._next), "event_type": "MessageCreate", "text": text, "sender_id": by,
        "dm_conversation_id": group or pair,
        "created_at": (at or clock.now()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    })  # fmt: skip
    return str(platform._next)


def routed(platform: XPlatform, call: Call) -> tuple[str, Any]:
    """Return which right a call needs, and what answers it."""
    parts = call.path.split("/")
    if call.method == "GET" and call.path == "/2/dm_events":
        return "dm.read", lambda found: _listed(platform, found, platform.dms)
    if call.method == "GET" and parts[2] == "dm_events" and len(parts) == 4:
        return "dm.read", lambda _found: _one(platform, parts[3])
    if call.method == "GET" and parts[-1] == "dm_events" and len(parts) == 5:
        ours = [each for each in platform.dms if each["dm_conversation_id"] == parts[3]]
        return "dm.read", lambda found: _listed(platform, found, ours)
    if call.method == "POST" and parts[3] == "with" and parts[-1] == "messages":
        return "dm.write", lambda found: _sent(platform, found, parts[4])
    return "", lambda _found: _no(404, "Not Found")


def _listed(platform: XPlatform, call: Call, events: list[dict[str, Any]]) -> Said:
    asked = call.query
    fields = set(asked.get("dm_event.fields", "id,text,event_type").split(","))
    if set(asked) - _KNOWN or fields - _FIELDS or not 1 <= int(asked.get("max_results", "100")) <= 100:
        return _no(400, "One or more parameters to your request was invalid.")
    since = clock.now() - timedelta(days=30)
    newest = [each for each in reversed(events) if datetime.fromisoformat(each["created_at"]) >= since]
    start = int(asked.get("pagination_token", "p0")[1:])
    size = min(platform.page_size, int(asked.get("max_results", "100")))
    page = newest[start : start + size]
    meta = {"result_count": len(page), **({"next_token": f"p{start + size}"} if start + size < len(newest) else {})}
    shown = [{name: each[name] for name in each if name in fields} for each in page]
    return Said(200, {**({"data": shown, "includes": _beside(page)} if page else {}), "meta": meta})


def _one(platform: XPlatform, event_id: str) -> Said:
    found = next((each for each in platform.dms if each["id"] == event_id), None)
    if found is None:
        return _no(404, "Could not find dm_event.")
    return Said(200, {"data": found, "includes": _beside([found])})


def _sent(platform: XPlatform, call: Call, person: str) -> Said:
    wanted = json.loads(call.body or b"null")
    if not re.fullmatch(r"\d{1,19}", person) or not isinstance(wanted, dict) or set(wanted) - {"text", "attachments"}:
        return _no(400, "One or more parameters to your request was invalid.")
    if not wanted.get("text") or len(wanted["text"]) > 10_000:
        return _no(400, "text is missing or too long")
    if person == US or person in platform.closed_to_us:
        return _no(403, "You do not have permission to DM one or more participants.")
    event_id = told(platform, wanted["text"], by=US, to=person)
    platform.made += 1
    data = {"dm_conversation_id": platform.dms[-1]["dm_conversation_id"], "dm_event_id": event_id}
    return Said(201, {"data": data}, hang_up=platform.breaks_after_post)


def _beside(events: list[dict[str, Any]]) -> dict[str, Any]:
    names = {US: ("storkoping", "Storköping"), THEM: ("boende", "En boende")}
    return {
        "users": [
            {"id": each, "username": names[each][0], "name": names[each][1]}
            for each in sorted({event["sender_id"] for event in events}) if each in names
        ]
    }  # fmt: skip


def _no(status: int, detail: str) -> Said:
    return Said(status, {"title": "Problem", "detail": detail, "type": "about:blank", "status": status})

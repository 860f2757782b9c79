"""
Private messages on the local Graph server, as strictly as the Conversations API and the Send API say (2026-11-22).

It refuses what the platforms refuse: a key without the right, another platform's name, a field that is not documented,
an answer to somebody who has not written, outside the windows, or longer than may be. Of a conversation on Instagram
only the twenty newest messages have anything to tell.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from narvaro.base import clock
from narvaro.testing.servers.graph import (
    GraphServer,
    Key,
    Owner,
    Refusal,
    as_json,
    listed,
    needs,
    number_of,
    only,
    shown_fields,
    stamp,
)

Form = dict[str, Any]
RIGHTS = {"page": "pages_messaging", "instagram": "instagram_business_manage_messages"}
_NAMES = {"page": "messenger", "instagram": "instagram"}
_CONVERSATION = dict.fromkeys(("id", "updated_time", "participants", "messages", "link", "name"))
_FILE = {**dict.fromkeys(("id", "mime_type", "name", "size", "file_url", "image_data", "video_data"))}
_MESSAGE: dict[str, dict[str, Any]] = {
    "page": {
        **dict.fromkeys(("id", "created_time", "from", "to", "message", "sticker", "tags")),
        "attachments": _FILE, "shares": dict.fromkeys(("link", "name", "description")),
    },
    "instagram": dict.fromkeys(
        ("id", "created_time", "from", "to", "message", "attachments", "shares", "story", "reactions", "is_unsupported")
    ),
}  # fmt: skip
_WINDOW, _PERSONS_WINDOW, _TOLD_OF = timedelta(hours=24), timedelta(days=7), 20


def told(
    server: GraphServer, owner: Owner, who: str, text: str, *, by_us: bool = False, at: datetime | None = None,
    files: int = 0,
) -> str:  # fmt: skip
    """Let somebody write to the account in private, or the account to them; returns the message's id."""
    conversation = conversation_of(server, owner, who)
    at = at or clock.now()
    server.objects.setdefault(conversation, {
        "kind": f"{owner.kind}_conversation", "owner": owner.remote_id, "who": who, "root": "", "parent": "", "at": at,
    })["at"] = at  # fmt: skip
    number = number_of(server)
    remote_id = f"m_{number}-{'x' * 60}" if owner.kind == "page" else f"aWdfZAG1faXRlbTox{number}ZD"
    server.objects[remote_id] = {
        "kind": f"{owner.kind}_message", "owner": owner.remote_id, "who": who, "text": text, "by_us": by_us, "at": at,
        "in": conversation, "root": "", "parent": "", "files": files,
    }  # fmt: skip
    return remote_id


def conversation_of(server: GraphServer, owner: Owner, who: str) -> str:
    """Return the id of the conversation with somebody."""
    return f"{'t_' if owner.kind == 'page' else 'aWdfZAG06MTpJR01lc3NhZA2VUa'}{server.person_id(who)}{owner.remote_id}"


def _in(server: GraphServer, conversation: str) -> list[str]:
    rows = [(each["at"], remote_id) for remote_id, each in server.objects.items() if each.get("in") == conversation]
    return [remote_id for _at, remote_id in sorted(rows, reverse=True)]


def _conversations(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, RIGHTS[owner.kind])
    only(form, "platform", "fields", "limit", "after", "user_id", "folder")
    if form.get("platform") != _NAMES[owner.kind]:
        raise Refusal(100, "Param platform must be one of {MESSENGER, INSTAGRAM} that the token is for")
    names = shown_fields(form.get("fields", "id,updated_time"), _CONVERSATION, "Conversation")
    rows = [
        (each["at"], remote_id) for remote_id, each in server.objects.items()
        if each["kind"].endswith("_conversation") and each["owner"] == owner.remote_id
    ]  # fmt: skip
    whole = [{"id": remote_id, "updated_time": stamp(at)} for at, remote_id in sorted(rows, reverse=True)]
    return listed([{name: each[name] for name in ["id", *names] if name in each} for each in whole], form)


def _messages(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
    needs(key, RIGHTS[owner.kind])
    only(form, "fields", "limit", "after")
    names = shown_fields(form.get("fields", "id,created_time"), _MESSAGE[owner.kind], "Message")
    rows = []
    for place, remote_id in enumerate(_in(server, node)):
        is_told_of = owner.kind == "page" or place < _TOLD_OF
        rows.append(_shown(server, owner, remote_id, names if is_told_of else ["id", "created_time"]))
    return listed(rows, form)


def _message(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
    needs(key, RIGHTS[owner.kind])
    only(form, "fields")
    names = shown_fields(form.get("fields", "id,created_time"), _MESSAGE[owner.kind], "Message")
    if owner.kind == "instagram" and node not in _in(server, server.objects[node]["in"])[:_TOLD_OF]:
        raise Refusal(100, "This message has been deleted by the user or the business.", subcode=33)
    return _shown(server, owner, node, names)


def _shown(server: GraphServer, owner: Owner, remote_id: str, names: list[str]) -> dict[str, Any]:
    found = server.objects[remote_id]
    ours = {"id": owner.remote_id, **({"name": owner.name} if owner.kind == "page" else {"username": owner.handle})}
    them = {
        "id": server.person_id(found["who"]),
        **({"name": found["who"], "email": "x@facebook.com"} if owner.kind == "page" else {"username": found["who"]}),
    }
    files = [
        {"id": str(place), "mime_type": "image/jpeg", "image_data": {"url": f"{server.base_url}/fil/{place}.jpg"}}
        for place in range(found["files"])
    ]
    whole: dict[str, Any] = {
        "id": remote_id, "created_time": stamp(found["at"]), "message": found["text"],
        "from": ours if found["by_us"] else them, "to": {"data": [them if found["by_us"] else ours]},
        "attachments": {"data": files} if files else None,
    }  # fmt: skip
    return {name: whole[name] for name in dict.fromkeys(["id", *names]) if whole.get(name) is not None}


def _send(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, RIGHTS[owner.kind])
    only(form, "recipient", "message", "messaging_type", "tag")
    to, message, how = as_json(form.get("recipient")), as_json(form.get("message")), form.get("messaging_type")
    text = message.get("text", "") if isinstance(message, dict) and set(message) <= {"text"} else ""
    length = len(text) if owner.kind == "page" else len(text.encode())
    if not text or length > (2000 if owner.kind == "page" else 1000):
        raise Refusal(100, "Length of param message[text] must be less than or equal to what is allowed")
    person = str(to.get("id", "")) if isinstance(to, dict) else ""
    names = {server.person_id(each["who"]): each["who"] for each in server.objects.values() if each.get("in")}
    who = names.get(person, "")
    theirs = [
        each["at"] for each in server.objects.values()
        if each.get("in") == conversation_of(server, owner, who) and not each["by_us"]
    ]  # fmt: skip
    if not theirs:
        raise Refusal(100, "No matching user found", subcode=2018001)
    if person in owner.blocked:
        raise Refusal(551, "This person isn't available right now.", subcode=1545041)
    waited = clock.now() - max(theirs)
    if how == "MESSAGE_TAG" and form.get("tag") == "HUMAN_AGENT":
        if not server.is_human_agent:
            raise Refusal(10, "Application does not have the capability to make this API call: Human Agent")
        window = _PERSONS_WINDOW
    elif how == "RESPONSE" and "tag" not in form:
        window = _WINDOW
    else:
        raise Refusal(100, "Param messaging_type is not one of RESPONSE, MESSAGE_TAG with a tag that is in use")
    if waited > window:
        raise Refusal(10, "This message is sent outside of allowed window.", subcode=2018278)
    return {"recipient_id": person, "message_id": told(server, owner, who, text, by_us=True)}


EDGES: dict[tuple[str, str, str], Callable[..., Any]] = {
    **{(kind, "GET", "conversations"): _conversations for kind in RIGHTS},
    **{(kind, "POST", "messages"): _send for kind in RIGHTS},
}
BELOW: dict[tuple[str, str, str], Callable[..., Any]] = {
    **{(f"{kind}_conversation", "GET", "messages"): _messages for kind in RIGHTS},
    **{(f"{kind}_message", "GET", ""): _message for kind in RIGHTS},
}

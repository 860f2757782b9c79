"""What the nodes of the local Graph server look like when they are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from narvaro.base import clock
from narvaro.testing.servers.graph import GraphServer, Key, stamp


def status_of(server: GraphServer, container: dict[str, Any]) -> str:
    """Return how far the platform has come with a container; each look brings it on."""
    if container["used"]:
        return "PUBLISHED"
    if clock.now() - container["at"] > timedelta(hours=24):
        return "EXPIRED"
    if server.broken_containers:
        return "ERROR"
    return "FINISHED" if container["looks"] >= server.slow_containers else "IN_PROGRESS"


def shown(server: GraphServer, remote_id: str, names: list[str], key: Key) -> dict[str, Any]:
    """Return the fields of a node that were asked for."""
    found = server.objects[remote_id]
    kind = found["kind"]
    if kind.endswith("_container"):
        found["looks"] += 1
        status = status_of(server, found)
        return {"id": remote_id, "status_code" if kind[0] == "i" else "status": status}
    if kind == "photo":
        return {name: {"id": remote_id, "alt_text_custom": found["alt"]}.get(name, "") for name in names}
    make = {"p": _facebook, "i": _instagram, "t": _threads}[kind[0]]
    whole = {"id": remote_id, **make(server, remote_id, found, key)}
    return {name: whole[name] for name in dict.fromkeys(["id", *names]) if whole.get(name) is not None}


def _facebook(server: GraphServer, remote_id: str, found: dict[str, Any], key: Key) -> dict[str, Any]:
    owner = server.owners[found["owner"]]
    is_own = found["who"] in {"", owner.name}
    who = {"id": owner.remote_id, "name": owner.name} if is_own else {
        "id": server.person_id(found["who"]), "name": found["who"]}  # fmt: skip
    seen = "pages_read_user_content" in key.scopes or is_own
    files = [
        {"media_type": "photo", "type": "photo", "description": each["alt"], "target": {"id": "1"},
         "media": {"image": {"src": each["url"]}}} for each in found["files"]
    ]  # fmt: skip
    if found.get("film"):
        source = {"source": f"{server.base_url}/fil/1.mp4", "image": {"src": f"{server.base_url}/fil/1.jpg"}}
        files = [{"media_type": "video", "type": "video_inline", "media": source, "target": {"id": found["film"]}}]
    if found.get("link"):
        files.append({"media_type": "link", "type": "share", "url": found["link"]})
    whole: dict[str, Any] = {
        "message": found["text"] or None, "created_time": stamp(found["at"]), "updated_time": stamp(found["changed"]),
        "permalink_url": f"https://www.facebook.com/{remote_id}", "from": who if seen else None,
    }  # fmt: skip
    if found["kind"] == "page_comment":
        is_nested = found["parent"] != found["root"]
        return {**whole, "is_hidden": found["hidden"], "parent": {"id": found["parent"]} if is_nested else None,
                "like_count": 1, "comment_count": 0}  # fmt: skip
    counted = {"data": [], "summary": {"order": "ranked", "total_count": len(server.beneath(remote_id))}}
    album = {"media_type": "album", "type": "album", "subattachments": {"data": files}}
    several = [album] if len(files) > 1 else files
    return {
        **whole, "attachments": {"data": several} if files else None, "comments": counted,
        "reactions": {"data": [], "summary": {"total_count": 3}}, "status_type": "mobile_status_update",
    }  # fmt: skip


def _instagram(server: GraphServer, remote_id: str, found: dict[str, Any], key: Key) -> dict[str, Any]:
    owner = server.owners[found["owner"]]
    is_own = found["who"] in {"", owner.name}
    name = owner.handle if is_own else found["who"]
    if found["kind"] == "instagram_comment":
        below = [i for i, each in server.objects.items() if each.get("parent") == remote_id]
        all_names = ["text", "timestamp", "username", "from", "hidden", "like_count", "parent_id"]
        return {
            "text": found["text"], "timestamp": stamp(found["at"]), "username": name,
            "from": {"id": owner.remote_id if is_own else server.person_id(name), "username": name},
            "hidden": found["hidden"], "like_count": 0, "media": {"id": found["root"]},
            "parent_id": found["parent"] if found["parent"] != found["root"] else None,
            "replies": {"data": [shown(server, each, all_names, key) for each in below]} if below else None,
        }  # fmt: skip
    files = [
        {
            "id": f"{remote_id}{place}",
            "media_type": each.get("kind", "IMAGE"),
            "media_url": each["url"],
            "alt_text": each["alt"] or None,
        }
        for place, each in enumerate(found["files"])
    ]
    first = files[0] if files else {}
    return {
        **{name: first.get(name) for name in ("media_url", "alt_text")},
        "media_type": "CAROUSEL_ALBUM" if len(files) > 1 else first.get("media_type", "IMAGE"),
        "caption": found["text"],
        "permalink": f"https://www.instagram.com/p/{remote_id}/", "timestamp": stamp(found["at"]), "username": name,
        "comments_count": len(server.beneath(remote_id)), "like_count": 2, "media_product_type": "FEED",
        "children": {"data": files} if len(files) > 1 else None,
    }  # fmt: skip


def _threads(server: GraphServer, remote_id: str, found: dict[str, Any], key: Key) -> dict[str, Any]:
    owner = server.owners[found["owner"]]
    is_own = found["who"] in {"", owner.name}
    is_reply = found["kind"] == "threads_comment"
    files = [
        {
            "id": f"{remote_id}{place}",
            "media_type": each.get("kind", "IMAGE"),
            "media_url": each["url"],
            "alt_text": each["alt"] or None,
        }
        for place, each in enumerate(found["files"])
    ]
    first = files[0] if files else {}
    name = owner.handle if is_own else found["who"]
    return {
        **{each: first.get(each) for each in ("media_url", "alt_text")},
        "media_type": "CAROUSEL_ALBUM" if len(files) > 1 else first.get("media_type", "TEXT_POST"),
        "text": found["text"],
        "permalink": f"https://www.threads.com/@{name}/post/{remote_id}", "timestamp": stamp(found["at"]),
        "username": name, "owner": {"id": owner.remote_id} if is_own else None, "is_quote_post": False,
        "has_replies": any(each.get("parent") == remote_id for each in server.objects.values()), "is_reply": is_reply,
        "root_post": {"id": found["root"]} if is_reply else None,
        "replied_to": {"id": found["parent"]} if is_reply else None,
        "is_reply_owned_by_me": is_own if is_reply else None, "children": {"data": files} if len(files) > 1 else None,
        "hide_status": "HIDDEN" if found["hidden"] else "NOT_HUSHED",
    }  # fmt: skip

"""What each node and edge of the local Graph server gives and takes; the other half of `graph`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from narvaro.testing.servers import graph_containers, graph_films, graph_messages
from narvaro.testing.servers import graph_fields as known
from narvaro.testing.servers.graph import (
    JPEG,
    PNG,
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
)
from narvaro.testing.servers.graph_shown import shown

Form = dict[str, Any]
_NODE = {
    "page_post": known.POST, "page_comment": known.COMMENT, "photo": known.PHOTO,
    "instagram_post": known.IG_MEDIA, "instagram_comment": known.IG_COMMENT, "instagram_container": known.IG_CONTAINER,
    "threads_post": known.TH_MEDIA, "threads_comment": known.TH_MEDIA, "threads_container": known.TH_CONTAINER,
}  # fmt: skip
_USER = {"page": known.PAGE, "instagram": known.IG_USER, "threads": known.TH_USER, "user": {"id": None, "name": None}}


def answer(server: GraphServer, key: Key, owner: Owner | None, method: str, node: str, edge: str, form: Form) -> Any:
    """Answer one call, or refuse it as the platform does."""
    if key.kind == "user":
        return _of_user(server, key, node, edge, form)
    assert owner is not None
    if node == owner.remote_id:
        call = _EDGES.get((owner.kind, method, edge))
        if call is None:
            raise Refusal(100, f"Tried accessing nonexisting edge ({edge})")
        return call(server, key, owner, form)
    found = server.objects.get(node)
    if found is None or found["owner"] != owner.remote_id:
        raise Refusal(100, f"Unsupported {method.lower()} request. Object '{node}' does not exist", subcode=33)
    below = _BELOW.get((found["kind"], method, edge))
    if below is None:
        raise Refusal(100, f"Unsupported {method.lower()} request of {found['kind']} {edge}")
    return below(server, key, owner, node, form)


def _of_user(server: GraphServer, key: Key, node: str, edge: str, form: Form) -> Any:
    if edge != "accounts":
        return {"id": "4242", "name": "Någon"}
    needs(key, "pages_show_list")
    shown_fields(form.get("fields", "id"), known.PAGE, "Page")
    pages = []
    for page in server.owners.values():
        if page.kind == "page":
            server.keys[page.token].scopes = set(key.scopes)
            row = {"id": page.remote_id, "name": page.name, "access_token": page.token, "tasks": ["MODERATE"]}
            pages.append({**row, **({"username": page.handle} if page.handle else {})})
    return listed(pages, form)


# --- accounts ---


def _me(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    names = shown_fields(form.get("fields", "id"), _USER[owner.kind], owner.kind)
    whole = {
        "id": owner.remote_id, "user_id": owner.remote_id, "name": owner.name, "username": owner.handle,
        "about": "Vi svarar vardagar.", "biography": "Vi svarar vardagar.", "threads_biography": "Vi svarar vardagar.",
        "link": f"https://www.facebook.com/{owner.handle or owner.remote_id}", "website": "https://kommunen.example",
    }  # fmt: skip
    return {name: whole[name] for name in names if whole.get(name)}


def _permissions(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    return {"data": [{"permission": scope, "status": "granted"} for scope in sorted(key.scopes)]}


def _posts(server: GraphServer, owner: Owner, *, tagged: bool = False) -> list[str]:
    rows = [
        (each["at"], remote_id) for remote_id, each in server.objects.items()
        if each["owner"] == owner.remote_id and each["kind"].endswith("_post") and each["tagged"] is tagged
    ]  # fmt: skip
    return [remote_id for _at, remote_id in sorted(rows, reverse=True)]


def _list_of(kind: str, scope: str, *, tagged: bool = False) -> Callable[..., Any]:
    def listing(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
        needs(key, scope)
        only(form, "fields", "limit", "after", "since", "until")
        names = shown_fields(form.get("fields", "id"), _NODE[kind], kind)
        return listed([shown(server, each, names, key) for each in _posts(server, owner, tagged=tagged)], form)

    return listing


def _own_answers(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, "threads_read_replies")
    names = shown_fields(form.get("fields", "id"), known.TH_MEDIA, "threads")
    rows = [(each["at"], i) for i, each in server.objects.items()
            if each["kind"] == "threads_comment" and each["who"] == owner.name]  # fmt: skip
    return listed([shown(server, each, names, key) for _at, each in sorted(rows, reverse=True)], form)


# --- Facebook ---


def _to_feed(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, "pages_manage_posts")
    only(form, "message", "link", "attached_media", "published")
    pictures = [as_json(value) for name, value in form.items() if name.startswith("attached_media[")]
    if not (form.get("message") or form.get("link") or pictures):
        raise Refusal(100, "One of message, link or attached_media is required")
    if "link" in form and pictures:
        raise Refusal(100, "A post cannot have both a link and attached media")
    files = []
    for each in pictures:
        photo = server.objects.get(str(each.get("media_fbid")))
        if photo is None or photo["kind"] != "photo" or photo["owner"] != owner.remote_id:
            raise Refusal(100, "Invalid media_fbid")
        if photo["used"]:
            raise Refusal(100, "Photo has already been posted")
        photo["used"] = True
        files.append({"url": f"{server.base_url}/fil/1.jpg", "alt": photo["alt"]})
    remote_id = server.new_post(owner, form.get("message", ""), who=owner.name, files=0, at=None, tagged=False)
    server.objects[remote_id] |= {"files": files, "link": form.get("link", "")}
    return {"id": remote_id}


def _photo(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, "pages_manage_posts")
    only(form, "source", "published", "temporary", "alt_text_custom", "caption")
    if not isinstance(form.get("source"), bytes) or not form["source"].startswith((JPEG, PNG)):
        raise Refusal(324, "Missing or invalid image file")
    if form.get("published") != "false":
        raise Refusal(100, "This server wants photos unpublished, for attached_media")
    number = number_of(server)
    server.objects[number] = {
        "kind": "photo", "owner": owner.remote_id, "used": False, "alt": form.get("alt_text_custom", ""), "root": "",
    }  # fmt: skip
    return {"id": number}


def _blocked(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, "pages_manage_metadata")
    only(form, "user", "fields", "limit", "after")
    rows = [{"id": each} for each in owner.blocked if form.get("user", each) == each]
    return listed(rows, form)


def _block(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, "pages_manage_metadata")
    only(form, "user")
    users = [str(each) for each in as_json(form.get("user", ""))]
    owner.blocked += [each for each in users if each not in owner.blocked]
    return dict.fromkeys(users, True)


def _unblock(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    if form.get("user") not in owner.blocked:
        raise Refusal(100, "User is not blocked")
    owner.blocked.remove(form["user"])
    return {"success": True}


def _node(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
    only(form, "fields")
    kind = server.objects[node]["kind"]
    return shown(server, node, shown_fields(form.get("fields", "id"), _NODE[kind], kind), key)


def _beneath(scope: str) -> Callable[..., Any]:
    def listing(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
        needs(key, scope)
        only(form, "fields", "limit", "after", "filter", "order", "reverse")
        found = server.objects[node]
        kind = found["kind"].replace("_post", "_comment")
        names = shown_fields(form.get("fields", "id"), _NODE[kind], kind)
        is_flat = form.get("filter") == "stream" or kind == "threads_comment"
        rows = server.beneath(node) if found["kind"].endswith("_post") else list(server.objects)
        rows = [i for i in rows if is_flat or server.objects[i].get("parent") == node]
        rows.sort(key=lambda i: server.objects[i]["at"], reverse=True)
        return listed([shown(server, each, names, key) for each in rows], form)

    return listing


def _write_beneath(scope: str, names: tuple[str, ...], most: int) -> Callable[..., Any]:
    def write(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
        needs(key, scope)
        only(form, *names)
        found = server.objects[node]
        if not form.get("message") or len(form["message"]) > most:
            raise Refusal(100, "The message is missing or too long")
        if found["hidden"]:
            raise Refusal(100, "Cannot reply to a hidden comment")
        top = found["parent"] if owner.kind == "instagram" and found["parent"] not in {"", found["root"]} else node
        return {"id": server.comment(found["root"], owner.name, form["message"], parent=top)}

    return write


def _change(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
    only(form, "message", "is_hidden")
    found = server.objects[node]
    if "is_hidden" in form:
        needs(key, "pages_manage_engagement")
        if found["kind"] != "page_comment" or found["who"] == owner.name:
            raise Refusal(200, "This comment cannot be hidden")
        found["hidden"] = form["is_hidden"] == "true"
    if "message" in form:
        if found["who"] != owner.name:
            raise Refusal(200, "Only your own posts can be changed")
        found["text"] = form["message"]
    return {"success": True}


def _delete(scope: str, *, only_own: bool = False) -> Callable[..., Any]:
    def remove(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
        needs(key, scope)
        if only_own and server.objects[node]["who"] not in {owner.name, ""}:
            raise Refusal(10, "Only your own posts can be deleted")
        for each in [node, *[i for i, o in server.objects.items() if node in {o.get("parent"), o["root"]}]]:
            server.objects.pop(each, None)
        return {"success": True}

    return remove


# --- hiding ---


def _hide(field: str, scope: str) -> Callable[..., Any]:
    def hide(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
        needs(key, scope)
        only(form, field)
        found = server.objects[node]
        if owner.kind == "threads" and found["parent"] != found["root"]:
            raise Refusal(100, "Only top-level replies can be hidden")
        if form.get(field) not in {"true", "false"}:
            raise Refusal(100, f"Param {field} must be a boolean")
        found["hidden"] = form[field] == "true"
        return {"success": True}

    return hide


_READS, _ENGAGES = "pages_read_engagement", "pages_manage_engagement"
_COMMENTS, _ANSWERS = "instagram_business_manage_comments", "threads_manage_replies"
_EDGES: dict[tuple[str, str, str], Callable[..., Any]] = {
    **graph_messages.EDGES,
    **{(kind, "GET", ""): _me for kind in ("page", "instagram", "threads")},
    ("page", "GET", "permissions"): _permissions,
    ("page", "GET", "feed"): _list_of("page_post", _READS),
    ("page", "GET", "tagged"): _list_of("page_post", "pages_read_user_content", tagged=True),
    ("page", "POST", "feed"): _to_feed,
    ("page", "POST", "photos"): _photo,
    ("page", "POST", "videos"): graph_films.upload,
    ("page", "GET", "blocked"): _blocked,
    ("page", "POST", "blocked"): _block,
    ("page", "DELETE", "blocked"): _unblock,
    ("instagram", "GET", "media"): _list_of("instagram_post", "instagram_business_basic"),
    ("instagram", "POST", "media"): graph_containers.ig_container,
    ("instagram", "POST", "media_publish"): graph_containers.publish("instagram_business_content_publish"),
    ("instagram", "GET", "content_publishing_limit"): graph_containers.limit(known.LIMIT),
    ("threads", "GET", "threads"): _list_of("threads_post", "threads_basic"),
    ("threads", "GET", "replies"): _own_answers,
    ("threads", "GET", "mentions"): _list_of("threads_post", "threads_manage_mentions", tagged=True),
    ("threads", "POST", "threads"): graph_containers.th_container,
    ("threads", "POST", "threads_publish"): graph_containers.publish("threads_content_publish"),
    ("threads", "GET", "threads_publishing_limit"): graph_containers.limit(known.TH_LIMIT),
}
_BELOW: dict[tuple[str, str, str], Callable[..., Any]] = {
    **graph_messages.BELOW,
    **{(kind, "GET", ""): _node for kind in _NODE},
    ("video", "GET", ""): graph_films.film,
    ("video", "GET", "captions"): graph_films.captions,
    ("video", "POST", "captions"): graph_films.caption,
    ("page_post", "GET", "comments"): _beneath(_READS),
    ("page_comment", "GET", "comments"): _beneath(_READS),
    ("page_post", "POST", "comments"): _write_beneath(_ENGAGES, ("message", "attachment_id"), 8000),
    ("page_comment", "POST", "comments"): _write_beneath(_ENGAGES, ("message", "attachment_id"), 8000),
    ("page_post", "POST", ""): _change,
    ("page_comment", "POST", ""): _change,
    ("page_post", "DELETE", ""): _delete("pages_manage_posts"),
    ("page_comment", "DELETE", ""): _delete(_ENGAGES),
    ("instagram_post", "GET", "comments"): _beneath(_COMMENTS),
    ("instagram_comment", "GET", "replies"): _beneath(_COMMENTS),
    ("instagram_post", "POST", "comments"): _write_beneath(_COMMENTS, ("message",), 2200),
    ("instagram_comment", "POST", "replies"): _write_beneath(_COMMENTS, ("message",), 2200),
    ("instagram_comment", "POST", ""): _hide("hide", _COMMENTS),
    ("instagram_comment", "DELETE", ""): _delete(_COMMENTS),
    ("threads_post", "GET", "conversation"): _beneath("threads_read_replies"),
    ("threads_comment", "GET", "conversation"): _beneath("threads_read_replies"),
    ("threads_comment", "POST", "manage_reply"): _hide("hide", _ANSWERS),
    ("threads_post", "DELETE", ""): _delete("threads_delete", only_own=True),
    ("threads_comment", "DELETE", ""): _delete("threads_delete", only_own=True),
}

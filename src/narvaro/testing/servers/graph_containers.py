"""The containers of the local Graph server: what is made ready first, and published once (Instagram and Threads)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from narvaro.base import clock
from narvaro.testing.servers.graph import (
    FILM,
    JPEG,
    PNG,
    QUOTA,
    GraphServer,
    Key,
    Owner,
    Refusal,
    needs,
    number_of,
    only,
    shown_fields,
)
from narvaro.testing.servers.graph_shown import status_of

Form = dict[str, Any]


def _picture(server: GraphServer, form: Form, kinds: tuple[bytes, ...]) -> dict[str, str]:
    if not server.fetched(form["image_url"]).startswith(kinds):
        raise Refusal(36001, "The image format is not supported", subcode=2207005)
    if len(form.get("alt_text", "")) > 1000:
        raise Refusal(100, "Param alt_text must be at most 1000 characters")
    return {"url": form["image_url"], "alt": form.get("alt_text", "")}


def _film(server: GraphServer, form: Form) -> dict[str, str]:
    if not server.fetched(form["video_url"]).startswith(FILM):
        raise Refusal(352, "The video format is not supported", subcode=2207026)
    return {"url": form["video_url"], "alt": form.get("alt_text", ""), "kind": "VIDEO"}


def _container(server: GraphServer, owner: Owner, files: list[dict[str, str]], text: str, **more: Any) -> Any:
    number = number_of(server)
    server.objects[number] = {
        "kind": f"{owner.kind}_container", "owner": owner.remote_id, "files": files, "text": text, "root": "",
        "at": clock.now(), "looks": 0, "used": False, "is_item": False, **more,
    }  # fmt: skip
    return {"id": number}


def _children(server: GraphServer, form: Form, most: int) -> list[dict[str, str]]:
    files = []
    for each in form.get("children", "").split(","):
        child = server.objects.get(each)
        if child is None or not child.get("is_item") or child["used"] or status_of(server, child) != "FINISHED":
            raise Refusal(100, "Invalid children")
        child["used"] = True
        files += child["files"]
    if not 2 <= len(files) <= most:
        raise Refusal(100, f"A carousel has 2 to {most} items")
    return files


def ig_container(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, "instagram_business_content_publish")
    only(form, "image_url", "caption", "alt_text", "is_carousel_item", "media_type", "children", "video_url",
         "share_to_feed", "cover_url")  # fmt: skip
    if len(form.get("caption", "")) > 2200:
        raise Refusal(36004, "The caption is too long", subcode=2207010)
    if form.get("media_type") == "CAROUSEL":
        return _container(server, owner, _children(server, form, 10), form.get("caption", ""))
    if form.get("media_type") == "REELS":
        if set(form) - {"media_type", "video_url", "caption", "share_to_feed", "cover_url"}:
            raise Refusal(100, "A reel has no alt_text, and no image_url")
        if "cover_url" in form and not server.fetched(form["cover_url"]).startswith(JPEG):
            raise Refusal(36001, "The image format is not supported", subcode=2207005)
        return _container(server, owner, [_film(server, form)], form.get("caption", ""))
    if "image_url" not in form or "media_type" in form:
        raise Refusal(100, "Param image_url is required, and no media_type with it")
    is_item = form.get("is_carousel_item") == "true"
    return _container(server, owner, [_picture(server, form, (JPEG,))], form.get("caption", ""), is_item=is_item)


def th_container(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, "threads_content_publish")
    only(form, "text", "media_type", "image_url", "alt_text", "reply_to_id", "children", "is_carousel_item",
          "link_attachment", "video_url")  # fmt: skip
    kind, parent = form.get("media_type"), form.get("reply_to_id", "")
    if parent and parent not in server.objects:
        raise Refusal(100, "Param reply_to_id is not a valid media", subcode=33)
    if len(form.get("text", "")) > 500:
        raise Refusal(100, "Param text must be at most 500 characters long.")
    if "alt_text" in form and kind not in {"IMAGE", "VIDEO"}:
        raise Refusal(100, "alt_text is only for images and videos")
    if "link_attachment" in form and kind != "TEXT":
        raise Refusal(100, "link_attachment is only for text")
    files: list[dict[str, str]] = []
    if kind == "IMAGE" and "image_url" in form:
        files = [_picture(server, form, (JPEG, PNG))]
    elif kind == "VIDEO" and "video_url" in form:
        files = [_film(server, form)]
    elif kind == "CAROUSEL":
        files = _children(server, form, 20)
    elif kind != "TEXT" or not form.get("text"):
        raise Refusal(100, "Param media_type must be one of TEXT, IMAGE, VIDEO, CAROUSEL, with what it needs")
    is_item = form.get("is_carousel_item") == "true"
    return _container(server, owner, files, form.get("text", ""), parent=parent, is_item=is_item)


def publish(scope: str) -> Callable[..., Any]:
    def publish(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
        needs(key, scope)
        only(form, "creation_id")
        made = server.objects.get(form.get("creation_id", ""))
        if made is None or made["kind"] != f"{owner.kind}_container" or made["is_item"]:
            raise Refusal(24, "The requested resource does not exist", subcode=2207006)
        status = status_of(server, made)
        if status in {"EXPIRED", "PUBLISHED"}:
            raise Refusal(24, f"The media container is {status}", subcode=2207008)
        if status != "FINISHED":
            raise Refusal(9007, "The media is not ready to be published", subcode=2207027)
        counter = "reply" if made.get("parent") else owner.kind
        if owner.used.get(counter, 0) >= QUOTA[counter]:
            raise Refusal(9, "The user reached the maximum number of posts", subcode=2207042, status=403)
        owner.used[counter] = owner.used.get(counter, 0) + 1
        made["used"] = True
        if made.get("parent"):
            parent = server.objects[made["parent"]]
            remote_id = server.comment(parent["root"], owner.name, made["text"], parent=made["parent"])
        else:
            remote_id = server.new_post(owner, made["text"], who=owner.name, files=0, at=None, tagged=False)
        server.objects[remote_id]["files"] = made["files"]
        return {"id": remote_id}

    return publish


def limit(allowed: Mapping[str, Any]) -> Callable[..., Any]:
    def told(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
        needs(
            key, next(s for s in ("instagram_business_content_publish", "threads_content_publish") if owner.kind in s)
        )
        names = shown_fields(form.get("fields", "quota_usage"), allowed, "limit")
        whole = {
            "quota_usage": owner.used.get(owner.kind, 0), "reply_quota_usage": owner.used.get("reply", 0),
            "config": {"quota_total": QUOTA[owner.kind], "quota_duration": 86400},
            "reply_config": {"quota_total": QUOTA["reply"], "quota_duration": 86400},
        }  # fmt: skip
        return {"data": [{name: whole[name] for name in names}]}

    return told

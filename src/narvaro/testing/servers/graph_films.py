"""The films of the local Graph server's pages: sent in the pieces that it asks for, finished once, captioned."""

from __future__ import annotations

from typing import Any

from narvaro.testing.servers.graph import FILM, GraphServer, Key, Owner, Refusal, listed, needs, number_of, only
from narvaro.testing.servers.graph import shown_fields as asked_fields

Form = dict[str, Any]
_FIELDS = dict.fromkeys(["id", "post_id", "status", "title", "description", "published"])


def upload(server: GraphServer, key: Key, owner: Owner, form: Form) -> Any:
    needs(key, "pages_manage_posts")
    phase = {"start": _start, "transfer": _transfer, "finish": _finish}.get(form.get("upload_phase", ""))
    if phase is None:
        raise Refusal(100, "Param upload_phase must be one of start, transfer, finish")
    return phase(server, owner, form)


def _start(server: GraphServer, owner: Owner, form: Form) -> Any:
    only(form, "upload_phase", "file_size")
    total = int(form.get("file_size", "0"))
    if not 0 < total <= 10_737_418_240:
        raise Refusal(6001, "The video is too large")
    number, session = number_of(server), number_of(server)
    server.objects[number] = {
        "kind": "video", "owner": owner.remote_id, "root": "", "session": session, "total": total, "content": b"",
        "texts": {}, "post": "", "looks": 0, "title": "", "text": "",
    }  # fmt: skip
    return {"video_id": number, "upload_session_id": session, **_next(server, server.objects[number])}


def _next(server: GraphServer, film: Form) -> Form:
    at = len(film["content"])
    return {"start_offset": str(at), "end_offset": str(min(at + server.film_piece_bytes, film["total"]))}


def _of_session(server: GraphServer, owner: Owner, form: Form) -> tuple[str, Form]:
    for number, each in server.objects.items():
        is_it = each["kind"] == "video" and each["session"] == form.get("upload_session_id")
        if is_it and each["owner"] == owner.remote_id and not each["post"]:
            return number, each
    raise Refusal(6000, "The upload session does not exist")


def _transfer(server: GraphServer, owner: Owner, form: Form) -> Any:
    only(form, "upload_phase", "upload_session_id", "start_offset", "video_file_chunk")
    _number, film = _of_session(server, owner, form)
    piece = form.get("video_file_chunk")
    if form.get("start_offset") != str(len(film["content"])):
        raise Refusal(6000, "start_offset is not where the film is", subcode=1363037)
    if not isinstance(piece, bytes) or not 0 < len(piece) <= film["total"] - len(film["content"]):
        raise Refusal(6000, "The chunk is missing or too large")
    film["content"] += piece
    return _next(server, film)


def _finish(server: GraphServer, owner: Owner, form: Form) -> Any:
    only(form, "upload_phase", "upload_session_id", "title", "description")
    number, film = _of_session(server, owner, form)
    if len(film["content"]) != film["total"]:
        raise Refusal(6000, "The upload is not complete")
    if film["content"][4:8] != FILM[4:8]:
        raise Refusal(352, "The video format is not supported")
    post = server.new_post(owner, form.get("description", ""), who=owner.name, files=0, at=None, tagged=False)
    server.objects[post]["film"] = number
    film |= {"post": post, "title": form.get("title", ""), "text": form.get("description", "")}
    return {"success": True}


def film(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
    needs(key, "pages_read_engagement")
    names = asked_fields(form.get("fields", "id"), _FIELDS, "Video")
    found = server.objects[node]
    found["looks"] += 1
    is_ready = found["post"] and found["looks"] > server.slow_containers
    whole = {
        "id": node, "title": found["title"], "description": found["text"], "published": bool(found["post"]),
        "status": {"video_status": "ready" if is_ready else "processing"},
        **({"post_id": found["post"].partition("_")[2]} if is_ready else {}),
    }  # fmt: skip
    return {name: whole[name] for name in ["id", *names] if name in whole}


def captions(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
    return listed([{"locale": name, "is_default": True} for name in server.objects[node]["texts"]], form)


def caption(server: GraphServer, key: Key, owner: Owner, node: str, form: Form) -> Any:
    needs(key, "pages_manage_posts")
    only(form, "captions_file", "default_locale")
    found, text = server.objects[node], form.get("captions_file")
    if not isinstance(text, bytes) or b" --> " not in text or len(text) > 200_000:
        raise Refusal(386, "The captions file is not SubRip")
    if not found["post"] and not server.early_captions:
        raise Refusal(100, "The video is not published yet")
    if found["post"] and not server.late_captions:
        raise Refusal(100, "The video takes no captions")
    found["texts"][form["default_locale"]] = text.decode()
    return {"success": True}

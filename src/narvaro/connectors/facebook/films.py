"""
A film on its way to a Facebook page: sent piece by piece as the platform asks for it, published by one call.

Read in the reference of a page's videos (`upload_phase` start, transfer and finish) and of a film's captions, Graph API
v25.0. Captions are offered before the film is published; should the platform not take them that early, they follow as
soon as it does. Facebook keeps no alternative text for films.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace

from narvaro.connectors import films
from narvaro.connectors.client import Json, Reply, part, parts, word
from narvaro.connectors.films import CannotBe
from narvaro.connectors.meta.graph import Graph, error_of, safe_id, told_in
from narvaro.connectors.meta.publishing import Effect
from narvaro.connectors.port import Film, Item, MediaKind, Medium, Outgoing, PlatformError, Transient

KINDS = ("video/mp4", "video/quicktime")
MOST_PIECE = 16_000_000  # bytes that are held at once, however much the platform asks for
MOST_TITLE, MOST_CAPTIONS = 255, 200_000
_AGAIN = 1363037  # the piece did not arrive; what it says besides is where to go on
_REFUSED = {352, 6000, 6001}


def prepared(graph: Graph, post: Outgoing, film: Film) -> Effect:
    """Send a film that is shown nowhere yet; return the call that publishes it. Raises CannotBe besides."""
    texts = _texts(film)
    begun = _phase(graph, {"upload_phase": "start", "file_size": str(film.size_bytes)})
    video_id, session = safe_id(word(begun, "video_id")), safe_id(word(begun, "upload_session_id"))
    with films.Source(film) as source:
        _transferred(graph, source, session, begun, film.size_bytes)
    with contextlib.suppress(PlatformError, CannotBe):
        _captioned(graph, video_id, texts)
    form = {"upload_phase": "finish", "upload_session_id": session, "description": post.text}
    if film.title:
        form["title"] = film.title[:MOST_TITLE]
    return Effect(f"{graph.me}/videos", form, known_id=f"{graph.me}_{video_id}")


def settled_in(graph: Graph, film: Film, video_id: str) -> str:
    """
    Wait until a published film is shown, see that it has its captions, and return the id of its post.

    It is out whatever is found here: the id is "" when the platform does not say.
    """
    texts, post_id = _texts(film), ""
    with contextlib.suppress(PlatformError, CannotBe):
        post_id = films.waited(lambda: _post_of(graph, video_id), "Facebook")
    for _attempt in range(films.PIECE_TRIES):
        with contextlib.suppress(PlatformError, CannotBe):
            held = _locales(graph, video_id)
            _captioned(graph, video_id, {name: text for name, text in texts.items() if name not in held})
            break
        time.sleep(films.WAIT_SECONDS)
    return post_id if not post_id or "_" in post_id else f"{graph.me}_{post_id}"


def told(graph: Graph, item: Item) -> Item:
    """
    Return one of our posts with the languages of its film's captions: none where Facebook shows none.

    Raises:
        Transient: It could not be read now.
    """
    return replace(item, media=tuple(_told(graph, each) for each in item.media))


def _told(graph: Graph, medium: Medium) -> Medium:
    if medium.kind is not MediaKind.VIDEO or not medium.remote_id:
        return medium
    try:
        held = _locales(graph, safe_id(medium.remote_id))
    except Transient:
        raise
    except PlatformError:
        held = set()
    return replace(medium, captions=tuple(sorted(each.replace("_", "-") for each in held)))


def _texts(film: Film) -> dict[str, bytes]:
    texts = {"_".join(films.locale(each.language)): films.srt(each) for each in film.captions}
    if any(len(text) > MOST_CAPTIONS for text in texts.values()):
        raise CannotBe("Facebook tar texter på högst 200 kB till en film. Inget är publicerat.")
    return texts


def _transferred(graph: Graph, source: films.Source, session: str, begun: Json, total: int) -> None:
    """Send what the platform asks for, until it asks for no more."""
    at, end = _span(begun, total)
    for _piece in range(total // 100_000 + 100):
        if at == end:
            return
        piece = source.piece(at, min(end - at, MOST_PIECE))
        form = {"upload_phase": "transfer", "upload_session_id": session, "start_offset": str(at)}
        at, end = _span(_phase(graph, form, piece), total)
    raise Transient("Facebook tog aldrig emot hela filmen.")


def _phase(graph: Graph, form: Mapping[str, str], piece: bytes | None = None) -> Json:
    file = {} if piece is None else {"files": {"video_file_chunk": ("film", piece, "application/octet-stream")}}
    reply = films.sent(lambda: graph.post(f"{graph.me}/videos", form, deadline_seconds=films.PIECE_SECONDS, **file))
    error = error_of(reply)
    if error.get("error_subcode") == _AGAIN and piece is not None:
        told = part(error, "error_data")
        end = str(int(form["start_offset"]) + len(piece))
        return told if word(told, "start_offset") else {**form, "end_offset": end}
    if error.get("code") in _REFUSED:
        raise CannotBe(f"Facebook godtog inte filmen. Inget är publicerat.{told_in(error)}")
    return graph.demand(reply).document()


def _span(found: Json, total: int) -> tuple[int, int]:
    offsets = word(found, "start_offset"), word(found, "end_offset")
    if not all(each.isascii() and each.isdecimal() and len(each) < 16 for each in offsets):
        raise Transient("Facebook bad om filmen på ett sätt som inte går att följa.")
    at, end = int(offsets[0]), int(offsets[1])
    if not 0 <= at <= end <= total or (at == end and at != total):
        raise Transient("Facebook bad om en del av filmen som inte finns.")
    return at, end


def _captioned(graph: Graph, video_id: str, texts: Mapping[str, bytes]) -> None:
    for name, text in texts.items():
        files = {"captions_file": (f"film.{name}.srt", text, "application/octet-stream")}
        reply: Reply = graph.post(f"{video_id}/captions", {"default_locale": name}, files=files)
        if graph.demand(reply).document().get("success") is not True:
            raise CannotBe("Facebook sparade inte filmens texter.")


def _locales(graph: Graph, video_id: str) -> set[str]:
    return {word(row, "locale") for row in parts(graph.read(f"{video_id}/captions").document(), "data")}


def _post_of(graph: Graph, video_id: str) -> str | None:
    found = graph.read(video_id, {"fields": "id,post_id,status"}).document()
    status = word(part(found, "status"), "video_status")
    if status == "error":
        raise CannotBe("Facebook kunde inte visa filmen.")
    return word(found, "post_id") or None if status == "ready" else None

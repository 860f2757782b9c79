"""
Films that go out with a post: the file and its captions are put with the account's server, and the post names them.

Nobody sees what is put there until a post names it, so that may be done over. The network prepares the film for players
once it has seen the post, which takes it some seconds.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

from narvaro.connectors import client
from narvaro.connectors.bluesky.session import Session
from narvaro.connectors.client import Json
from narvaro.connectors.port import Film, Misconfigured

VIDEO = "app.bsky.embed.video"
MAX_BYTES = 100_000_000
MAX_SECONDS = 180
MAX_CAPTIONS, MAX_CAPTION_BYTES = 20, 20_000
FILM_TYPE = "video/mp4"
_USUAL_SECONDS = 120.0
_BYTES_A_SECOND = 100_000  # a slow line is given time


def unfit(film: Film) -> str:
    """Return why the network would never take a film, or ""."""
    if film.media_type != FILM_TYPE:
        return "Bluesky tar bara film i MP4."
    if film.size_bytes > MAX_BYTES:
        return f"Filmen är för stor: Bluesky tar högst {MAX_BYTES // 1_000_000} MB."
    if film.seconds > MAX_SECONDS:
        return "Filmen är för lång: Bluesky tar högst tre minuter."
    if len(film.captions) > MAX_CAPTIONS:
        return f"Bluesky tar högst {MAX_CAPTIONS} språk med undertexter."
    if any(len(each.content) > MAX_CAPTION_BYTES for each in film.captions):
        return "Undertexterna är för långa: Bluesky tar högst 20 kB för varje språk."
    return ""


def embedded(session: Session, film: Film) -> Json:
    """
    Put a film and its captions with the account's server; return how a post names them.

    Raises:
        PlatformError: Nothing is published.
    """
    embed: Json = {"$type": VIDEO, "video": _put(session, film.opened, film.media_type, film.size_bytes)}
    if film.alt:
        embed["alt"] = film.alt
    if film.width > 0 and film.height > 0:
        embed["aspectRatio"] = {"width": film.width, "height": film.height}
    captions = [
        {"lang": each.language, "file": _put_captions(session, each.content)} for each in film.captions
    ]  # fmt: skip
    if captions:
        embed["captions"] = captions
    return embed


def _put_captions(session: Session, content: bytes) -> Json:
    return _put(session, lambda: io.BytesIO(content), "text/vtt", len(content))


def _put(session: Session, opened: Callable[[], BinaryIO], media_type: str, size: int) -> Json:
    with opened() as file:
        reply = session.call(
            "POST", "com.atproto.repo.uploadBlob", content=file, headers={"content-type": media_type},
            deadline_seconds=_USUAL_SECONDS + size / _BYTES_A_SECOND,
        )  # fmt: skip
    if reply.status == 413:
        raise Misconfigured(
            "Kontots server tar inte emot så stora filer. Korta filmen, eller länka till den i stället."
        )
    blob = client.part(session.demand(reply).document(), "blob")
    if not blob:
        raise client.garbled(reply)
    return blob

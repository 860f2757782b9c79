"""
A film on its way to X, before the post: begun, sent in pieces, finished, waited for, and given its captions.

Read in the description of API v2 (2.166): media upload initialize, append, finalize and status; create media
subtitles. X keeps no alternative text for films.
"""

from __future__ import annotations

from narvaro.connectors import films
from narvaro.connectors.client import Json, Reply, part, word
from narvaro.connectors.films import CannotBe
from narvaro.connectors.granted import Line
from narvaro.connectors.port import Film
from narvaro.connectors.x.reading import safe_id

UPLOAD = "/2/media/upload"
SUBTITLES = "/2/media/subtitles"
KINDS = ("video/mp4", "video/quicktime")
_REFUSED = {400, 413, 415, 422}
_WORKING = {"pending", "in_progress"}


def uploaded(line: Line, film: Film) -> str:
    """Return the id of a film that X is ready to show. Raises CannotBe, or as the port says."""
    texts = [(films.locale(each.language)[0], films.srt(each)) for each in film.captions]
    asked = {"media_type": film.media_type, "media_category": "tweet_video", "total_bytes": film.size_bytes}
    remote_id = safe_id(word(part(_taken(line, line.call("POST", f"{UPLOAD}/initialize", json=asked)), "data"), "id"))
    with films.Source(film) as source:
        for number, (_first, piece) in enumerate(source.pieces()):
            _append(line, remote_id, number, piece)
    _finished(line, remote_id)
    for language, text in texts:
        _captioned(line, remote_id, language, text)
    return remote_id


def _append(line: Line, remote_id: str, number: int, piece: bytes) -> None:
    file = {"media": ("film", piece, "application/octet-stream")}
    reply = films.sent(
        lambda: line.call(
            "POST", f"{UPLOAD}/{remote_id}/append", form={"segment_index": str(number)}, files=file,
            deadline_seconds=films.PIECE_SECONDS,
        )
    )  # fmt: skip
    _refuse(line, reply)


def _finished(line: Line, remote_id: str) -> None:
    """Say that all is sent, and wait until X has worked it through."""
    found = part(_taken(line, line.call("POST", f"{UPLOAD}/{remote_id}/finalize")), "data")

    def is_ready() -> bool | None:
        nonlocal found
        work = part(found, "processing_info")
        if word(work, "state") == "failed":
            why = " ".join(word(part(work, "error"), "message").split())[:200]
            raise CannotBe(f"X kunde inte ta emot filmen. Inget är publicerat. {why}".strip())
        if word(work, "state") not in _WORKING:
            return True
        asked = {"command": "STATUS", "media_id": remote_id}
        found = part(_taken(line, line.get(UPLOAD, asked)), "data")
        return None

    films.waited(is_ready, "X")


def _captioned(line: Line, remote_id: str, language: str, text: bytes) -> None:
    """Send captions, and tie them to the film; stop if X does not say that they are."""
    file = {"media": ("text.srt", text, "text/srt")}
    form = {"media_category": "subtitles", "media_type": "text/srt"}
    answer = _taken(line, line.call("POST", UPLOAD, form=form, files=file, deadline_seconds=films.PIECE_SECONDS))
    text_id = word(part(answer, "data"), "id")
    said = {"id": text_id, "language_code": language.upper(), "display_name": films.name_of(language)}
    asked = {"id": remote_id, "media_category": "TweetVideo", "subtitles": said}
    kept = part(_taken(line, line.call("POST", SUBTITLES, json=asked)), "data")
    rows = kept.get("associated_subtitles")
    if not isinstance(rows, list) or not any(isinstance(row, dict) and word(row, "id") == text_id for row in rows):
        raise CannotBe("X sparade inte filmens texter. Inget är publicerat.")


def _taken(line: Line, reply: Reply) -> Json:
    _refuse(line, reply)
    return reply.document()


def _refuse(line: Line, reply: Reply) -> None:
    if reply.status in _REFUSED:
        raise CannotBe(f"X godtog inte filmen. Inget är publicerat. {reply.told()}".strip())
    error = line.refusal(reply)
    if error is not None:
        raise error

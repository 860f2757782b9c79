"""
A film on its way to LinkedIn, before the post: begun, put in the parts that are asked for, finished, waited for.

Read in its Videos API for version 202605. The addresses of the parts are rights in themselves: our key stays at home.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from narvaro.base import http
from narvaro.connectors import films
from narvaro.connectors.client import Api, Json, part, parts, word
from narvaro.connectors.films import CannotBe
from narvaro.connectors.granted import Line
from narvaro.connectors.linkedin.reading import good, in_path
from narvaro.connectors.port import Account, Film, Limits, Transient

MOST_BYTES, LEAST_BYTES = 500_000_000, 75_000
MOST_PART = 16_000_000  # bytes that are held at once; the platform asks for some four million
MOST_PARTS = 1_000


def refuse_unfit(film: Film, limits: Limits) -> None:
    """Raise CannotBe for a film that LinkedIn would refuse."""
    films.refuse_unfit(film, "LinkedIn", limits)
    if film.size_bytes < LEAST_BYTES or film.seconds < 3:
        raise CannotBe("LinkedIn tar filmer som är minst tre sekunder och 75 kB. Inget är publicerat.")
    if len(film.captions) > 1:
        raise CannotBe("LinkedIn tar texter på ett enda språk till en film. Inget är publicerat.")


def uploaded(line: Line, account: Account, film: Film) -> str:
    """Return the URN of a film that LinkedIn is ready to show. Raises CannotBe, or as the port says."""
    texts = [(films.locale(each.language), films.srt(each)) for each in film.captions]
    asked = {"owner": account.remote_id, "fileSizeBytes": film.size_bytes, "uploadCaptions": bool(texts),
             "uploadThumbnail": False}  # fmt: skip
    begun = part(_did(line, "initializeUpload", {"initializeUploadRequest": asked}), "value")
    urn = word(begun, "video")
    places = _places(begun, film)
    if not urn or sum(length for _url, _first, length in places) != film.size_bytes:
        raise Transient("LinkedIn tog inte emot filmen.")
    with films.Source(film) as source:
        kept = [_put(account, url, source.piece(first, length)) for url, first, length in places]
    for locale, text in texts:
        _captioned(account, word(begun, "captionsUploadUrl"), locale, text)
    done = {"video": urn, "uploadToken": word(begun, "uploadToken"), "uploadedPartIds": kept}
    _did(line, "finalizeUpload", {"finalizeUploadRequest": done})
    films.waited(lambda: _is_ready(line, urn), "LinkedIn")
    return urn


def _did(line: Line, action: str, asked: Json) -> Json:
    reply = line.call("POST", "/rest/videos", params={"action": action}, json=asked)
    if reply.status in {400, 413, 422}:
        raise CannotBe(f"LinkedIn godtog inte filmen. Inget är publicerat. {reply.told()}".strip())
    error = line.refusal(reply)
    if error is not None:
        raise error
    return reply.document() if reply.body.strip() else {}


def _places(begun: Json, film: Film) -> list[tuple[str, int, int]]:
    """Return where each part of the film is to be put: the address, its first byte, its length."""
    rows = parts(begun, "uploadInstructions")
    if not 0 < len(rows) <= MOST_PARTS:
        raise Transient("LinkedIn tog inte emot filmen.")
    found, at = [], 0
    for row in rows:
        first, last = row.get("firstByte"), row.get("lastByte")
        if not isinstance(first, int) or not isinstance(last, int) or first != at or not 0 <= last - first < MOST_PART:
            raise Transient("LinkedIn bad om filmen i delar som inte går att skicka.")
        found.append((word(row, "uploadUrl"), first, last - first + 1))
        at = last + 1
    return found


def _put(account: Account, url: str, piece: bytes) -> str:
    """Put one part, as often as it takes; return what the platform calls it."""
    origin, rest = _place(url)
    with Api(origin, http.Guard(allow_private=account.allow_private_hosts)) as api:
        headers = {"content-type": "application/octet-stream"}
        reply = films.sent(lambda: api.put(rest, content=piece, headers=headers, deadline_seconds=films.PIECE_SECONDS))
    tag = reply.headers.get("etag", "").strip('"')
    if not reply.ok or not tag or len(tag) > 500:
        raise CannotBe(f"LinkedIn godtog inte filmen (kod {reply.status}). Inget är publicerat.")
    return tag


def _captioned(account: Account, url: str, locale: tuple[str, str], text: bytes) -> None:
    origin, rest = _place(url)
    said = {
        "format": "SRT", "formattedForEasyReader": True, "largeText": True, "source": "USER_PROVIDED",
        "locale": {"country": locale[1], "language": locale[0].upper()}, "transcriptType": "CLOSED_CAPTION",
    }  # fmt: skip
    files = {
        "metadata": ("metadata.json", json.dumps(said).encode(), "application/json"),
        "file": ("text.srt", text, "application/octet-stream"),
    }
    with Api(origin, http.Guard(allow_private=account.allow_private_hosts)) as api:
        reply = films.sent(lambda: api.post(rest, files=files, deadline_seconds=films.PIECE_SECONDS))
    if not reply.ok:
        raise CannotBe(f"LinkedIn godtog inte filmens texter (kod {reply.status}). Inget är publicerat.")


def _is_ready(line: Line, urn: str) -> bool | None:
    status = word(good(line, line.get(f"/rest/videos/{in_path(urn)}")), "status")
    if status == "PROCESSING_FAILED":
        raise CannotBe("LinkedIn kunde inte ta emot filmen. Inget är publicerat.")
    return True if status == "AVAILABLE" else None


def _place(url: str) -> tuple[str, str]:
    place = urlsplit(url)
    if place.scheme not in {"https", "http"} or not place.netloc:
        raise Transient("LinkedIn tog inte emot filmen.")
    return f"{place.scheme}://{place.netloc}", f"{place.path or '/'}?{place.query}"

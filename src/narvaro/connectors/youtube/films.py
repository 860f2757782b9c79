"""
A film on its way to YouTube: uploaded for nobody to see, captioned, waited for, and only then opened to everybody.

Read in the description of the Data API v3 (revision 20261104) and "Resumable Uploads": videos.insert, captions.insert,
videos.list, videos.update, videos.delete. The one call that people see is the update that makes the film public. An app
that Google has not audited may upload, but its films stay closed: that is told, and the film is taken away again.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timedelta

from narvaro.base import clock
from narvaro.connectors import films
from narvaro.connectors.attempts import essence
from narvaro.connectors.client import Json, Reply, Unanswered, moment, part, parts, serialised, word
from narvaro.connectors.granted import Line
from narvaro.connectors.port import (
    Account,
    Author,
    Film,
    Item,
    Kind,
    Limits,
    MediaKind,
    Medium,
    Misconfigured,
    NotThere,
    Outgoing,
    PlatformError,
    Published,
    Refused,
    Transient,
    Unknown,
)
from narvaro.connectors.youtube.reading import UPLOADS, safe_id
from narvaro.connectors.youtube.session import attempted, meaning

VIDEOS = "/youtube/v3/videos"
UPLOAD, CAPTIONS = "/upload/youtube/v3/videos", "/upload/youtube/v3/captions"
KINDS = ("video/mp4", "video/quicktime", "video/webm")
MOST_TITLE, MOST_TEXT = 100, 5_000  # signs of a title, bytes of a description
PIECE_BYTES = 16 * 262_144  # pieces are whole numbers of 256 kB
SETTLED_AFTER = timedelta(minutes=5)
CLOCKS_DIFFER = timedelta(minutes=1)
NEEDS_FILM = "Ett inlägg på YouTube är en film. Lägg till en film, eller skriv i YouTube Studio och registrera länken."
_STAYS_CLOSED = (
    "YouTube öppnar inte filmen: filmer från en app som Google inte har granskat är stängda. Låt granska appen, eller "
    "lägg upp filmen i YouTube Studio. Inget är publicerat."
)
_RANGE = re.compile(r"bytes=0-(\d{1,15})", re.ASCII)


def publish(line: Line, account: Account, post: Outgoing, limits: Limits) -> Published | Refused | Unknown:
    """Publish a film once. See `Connector.publish`."""
    try:
        film, snippet = _checked(post, limits)
        texts = [(each.language, films.srt(each)) for each in film.captions]
        video_id = _uploaded(line, film, snippet)
    except films.CannotBe as no:
        return Refused(str(no))
    except PlatformError as error:
        return Refused(f"Inget är publicerat. {error}", error)
    outcome = _opened(line, account, post, video_id, texts, snippet)
    if isinstance(outcome, Refused):  # nobody has seen it, and nobody shall find it later
        with contextlib.suppress(PlatformError):
            line.call("DELETE", VIDEOS, params={"id": video_id})
    return outcome


def settle(line: Line, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
    """Find out by reading the newest films, and whether they are open. See `Connector.settle`."""
    since = attempted_at - CLOCKS_DIFFER
    try:
        query = {"part": "contentDetails", "playlistId": f"UU{account.remote_id[2:]}", "maxResults": "20"}
        rows = parts(_answer(line.get(UPLOADS, query)), "items")
        ids = [word(part(row, "contentDetails"), "videoId") for row in rows]
        found = _looked_up(line, account, [each for each in ids if each])
    except PlatformError as error:
        return Unknown(f"Det gick inte att läsa kanalen för att se om filmen finns. {error}")
    ours = [(item, status) for item, status in found if item.published_at >= since]
    for item, status in ours:
        if status == "public" and essence(item.text) == essence(_whole(_snippet(post))):
            return Published(item)
    similar = tuple(item for item, _status in ours[:5])
    return NotThere(certain=clock.now() - attempted_at >= SETTLED_AFTER, similar=similar)


def _checked(post: Outgoing, limits: Limits) -> tuple[Film, Json]:
    if post.film is None:
        raise Misconfigured(NEEDS_FILM)
    if post.pictures or post.poll is not None:
        raise Misconfigured("En film på YouTube har varken bilder eller omröstning.")
    films.refuse_unfit(post.film, "YouTube", limits, KINDS)
    snippet = _snippet(post)
    if not snippet["title"]:
        raise films.CannotBe("En film på YouTube har en rubrik. Skriv en.")
    if any(sign in snippet["title"] + snippet["description"] for sign in "<>"):
        raise films.CannotBe("YouTube tar inte emot tecknen < och > i rubrik och text. Inget är publicerat.")
    if len(snippet["title"]) > MOST_TITLE or len(snippet["description"].encode()) > MOST_TEXT:
        raise films.CannotBe(f"På YouTube är rubriken högst {MOST_TITLE} tecken och texten högst 5 000 byte.")
    return post.film, snippet


def _snippet(post: Outgoing) -> Json:
    """Return title and description: the film's title, else the first line of the text."""
    title, text = post.film.title.strip() if post.film else "", post.text.strip()
    if not title:
        title, _line, text = text.partition("\n")
    return {"title": title.strip(), "description": text.strip(), "defaultLanguage": post.language}


def _uploaded(line: Line, film: Film, snippet: Json) -> str:
    """Upload a film for nobody to see; resumed where it broke off. Return its id."""
    asked = {"snippet": snippet, "status": {"privacyStatus": "private"}}
    headers = {"x-upload-content-length": str(film.size_bytes), "x-upload-content-type": film.media_type}
    params = {"uploadType": "resumable", "part": "snippet,status", "notifySubscribers": "true"}
    begun = line.call("POST", UPLOAD, params=params, json=asked, headers=headers)
    _good(begun)
    place, at = begun.headers.get("location", ""), 0
    if not place.startswith(("https://", "http://")):
        raise Transient("YouTube tog inte emot filmen.")
    with films.Source(film) as source:
        for _piece in range(2 * (film.size_bytes // PIECE_BYTES) + 10):
            reply = _sent(line, place, source.piece(at, PIECE_BYTES), at, film.size_bytes)
            if reply.status != 308:
                break
            at = _kept(reply)
            if at >= film.size_bytes:
                raise Transient("YouTube tog inte emot filmen.")
    if reply.status == 308:
        raise Transient("YouTube tog inte emot filmen.")
    return safe_id(word(_answer(reply), "id"))


def _sent(line: Line, place: str, piece: bytes, at: int, total: int) -> Reply:
    """Send one piece; when it breaks, ask how much arrived."""
    headers = {"content-range": f"bytes {at}-{at + len(piece) - 1}/{total}"}
    try:
        reply = line.call("PUT", place, content=piece, headers=headers, deadline_seconds=films.PIECE_SECONDS)
        if reply.status < 500 and reply.status != 408:
            return reply
    except Unanswered:
        pass
    return films.sent(lambda: line.call("PUT", place, content=b"", headers={"content-range": f"bytes */{total}"}))


def _kept(reply: Reply) -> int:
    found = _RANGE.fullmatch(reply.headers.get("range", ""))
    return int(found[1]) + 1 if found else 0


def _opened(
    line: Line, account: Account, post: Outgoing, video_id: str, texts: list[tuple[str, bytes]], snippet: Json
) -> Published | Refused | Unknown:
    try:
        for language, text in texts:
            _captioned(line, video_id, language, text)
        films.waited(lambda: _is_ready(line, video_id), "YouTube")
    except films.CannotBe as no:
        return Refused(str(no))
    except PlatformError as error:
        return Refused(f"Inget är publicerat. {error}", error)
    asked = {
        "id": video_id,
        "status": {"privacyStatus": "public"},
    }  # for children or not: as the channel says of itself
    reply = attempted(lambda: line.call("PUT", VIDEOS, params={"part": "status"}, json=asked))
    if not isinstance(reply, Reply):
        return reply
    return _outcome(line, account, video_id, reply, snippet)


def _outcome(line: Line, account: Account, video_id: str, reply: Reply, snippet: Json) -> Published | Refused | Unknown:
    try:
        privacy = word(part(reply.document(), "status"), "privacyStatus")
    except PlatformError as error:
        return Unknown(f"Det är oklart om filmen publicerades. {error}")
    if privacy != "public":
        return Refused(_STAYS_CLOSED)
    try:
        found = _looked_up(line, account, [video_id])
    except PlatformError:
        found = []
    return Published(found[0][0] if found else _item({"id": video_id, "snippet": snippet}, account))


def _captioned(line: Line, video_id: str, language: str, text: bytes) -> None:
    said = {"snippet": {"videoId": video_id, "language": language, "name": "", "isDraft": False}}
    files = {
        "snippet": ("snippet.json", serialised(said), "application/json; charset=UTF-8"),
        "media": ("text.srt", text, "application/octet-stream"),
    }
    params = {"uploadType": "multipart", "part": "snippet"}
    reply = line.call("POST", CAPTIONS, params=params, files=files, deadline_seconds=films.PIECE_SECONDS)
    if reply.status == 400:
        raise films.CannotBe("YouTube godtog inte filmens texter. Inget är publicerat.")
    _good(reply)


def _is_ready(line: Line, video_id: str) -> bool | None:
    rows = parts(_answer(line.get(VIDEOS, {"part": "status", "id": video_id})), "items")
    status = word(part(rows[0], "status"), "uploadStatus") if rows else ""
    if not rows or status in {"failed", "rejected", "deleted"}:
        raise films.CannotBe("YouTube kunde inte ta emot filmen. Inget är publicerat.")
    return True if status == "processed" else None


def _looked_up(line: Line, account: Account, ids: list[str]) -> list[tuple[Item, str]]:
    if not ids:
        return []
    query = {"part": "snippet,status", "id": ",".join(map(safe_id, ids))}
    rows = parts(_answer(line.get(VIDEOS, query)), "items")
    return [(_item(row, account), word(part(row, "status"), "privacyStatus")) for row in rows if word(row, "id")]


def _item(row: Json, account: Account) -> Item:
    snippet, film = part(row, "snippet"), word(row, "id")
    at = moment(word(snippet, "publishedAt")) or clock.now()
    name = word(snippet, "channelTitle") or account.handle
    return Item(
        remote_id=film,
        kind=Kind.POST,
        author=Author(account.remote_id, name, name, f"https://www.youtube.com/channel/{account.remote_id}"),
        text=_whole(snippet),
        published_at=min(at, clock.now()),
        raw=serialised(row),
        is_own=True,
        root_remote_id=film,
        url=f"https://www.youtube.com/watch?v={film}",
        media=(Medium(f"https://www.youtube.com/watch?v={film}", MediaKind.VIDEO),),
    )


def _whole(snippet: Json) -> str:
    return "\n\n".join(each for each in (word(snippet, "title"), word(snippet, "description")) if each)


def _good(reply: Reply) -> None:
    error = meaning(reply)
    if error is not None:
        raise error


def _answer(reply: Reply) -> Json:
    _good(reply)
    return reply.document()

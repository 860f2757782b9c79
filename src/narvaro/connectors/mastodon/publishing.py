"""
Publishing once, and finding out afterwards.

Everything that can fail without effect comes first (the post answered is read, pictures are uploaded and
their alt texts read back). Then one call, once. What servers promise about idempotency keys is not relied
on (P3): some keep them an hour, most ignore them.
"""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from narvaro.base import clock
from narvaro.base.text import plain_text
from narvaro.connectors.client import Json, Reply, Unanswered, part, word
from narvaro.connectors.mastodon.reading import own_beneath, own_since
from narvaro.connectors.mastodon.session import VERIFY, Session, safe_id, status_path
from narvaro.connectors.mastodon.statuses import is_same_id, item_of, visibility_of
from narvaro.connectors.port import (
    Film,
    Item,
    Misconfigured,
    NotThere,
    Outgoing,
    Picture,
    PlatformError,
    Published,
    Refused,
    Transient,
    Unknown,
    Visibility,
)

SETTLED_AFTER = timedelta(minutes=2)  # a post not there by then does not come any more
CLOCKS_DIFFER = timedelta(seconds=5)
PICTURE_TRIES = 20
PICTURE_WAIT_SECONDS = 0.5
FILM_TRIES = 300  # with the wait: ten minutes
FILM_WAIT_SECONDS = 2.0
FILM_SECONDS, FILM_BYTES_A_SECOND = 120.0, 100_000  # a slow line is given time
SIMILAR_SHOWN = 5

_WORDS = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.PRIVATE: "direct",
}
_NARROWING = [Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.PRIVATE]
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "video/mp4": "mp4",
    "video/webm": "webm",
}  # fmt: skip
_NAMES = re.compile(r"@[\w.-]+(@[\w.:-]+)?")
_SCHEMES = re.compile(r"https?://(www\.)?")
_NO_LETTERS = re.compile(r"[\W_]+")


def publish(session: Session, post: Outgoing) -> Published | Refused | Unknown:
    """Publish once. See `Connector.publish`."""
    try:
        wanted = _prepared(session, post)
    except _CannotBe as no:
        return Refused(str(no))
    except PlatformError as error:
        return Refused(f"Inget är publicerat. {error}", error)
    # From here on the post may be public: one call, whatever happens.
    try:
        reply = session.api.post("/api/v1/statuses", json=wanted, headers={"idempotency-key": post.key})
    except Unanswered as error:
        return Unknown(f"Det är oklart om inlägget publicerades. {error}")
    except PlatformError as error:
        return Refused(f"Inget är publicerat. {error}", error)
    if reply.ok:
        return _published(session, post, reply)
    if reply.status >= 500 or reply.status in {408, 409, 425}:
        return Unknown(f"Det är oklart om inlägget publicerades. {reply.host} svarade med kod {reply.status}.")
    meaning = session.refusal(reply)
    if meaning is None or isinstance(meaning, Misconfigured):
        return Refused(f"{reply.host} godtog inte inlägget (kod {reply.status}). {reply.told()}".strip(), meaning)
    return Refused(f"Inget är publicerat. {meaning}", meaning)


def settle(session: Session, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
    """
    Find out by reading only. See `Connector.settle`.

    An answer is looked for beneath what it answers as well as in the account: some servers show only the newest
    of an account, or only what is public (snac).
    """
    try:
        since = attempted_at + _ahead(session.read(VERIFY)) - CLOCKS_DIFFER
        beneath, is_whole = own_beneath(session, post.parent_remote_id, since) if post.parent_remote_id else ([], False)
        found = _found(session, post, beneath)
        if found is not None:
            return found
        statuses, is_all = own_since(session, session.us.remote_id, since)
        found = _found(session, post, statuses)
        if found is not None:
            return found
        latest = [item for status, raw in statuses if (item := item_of(status, raw, session.us)) is not None]
    except PlatformError as error:
        return Unknown(f"Det gick inte att läsa kontot för att se om inlägget finns. {error}")
    # Where an account shows what is public only (snac), its silence about the rest says nothing.
    is_shown = post.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}
    if not (is_whole or (is_all and is_shown)):
        return Unknown("Servern lämnar inte ut alla inlägg sedan försöket. Se efter på plattformen.")
    certain = clock.now() - attempted_at >= SETTLED_AFTER
    return NotThere(certain=certain, similar=tuple(latest[:SIMILAR_SHOWN]))


def _found(session: Session, post: Outgoing, statuses: list[tuple[Json, bytes]]) -> Published | None:
    for status, raw in statuses:
        if not _is_same(post, status):
            continue
        session.us.meet(post.parent_remote_id)
        item = item_of(status, raw, session.us)
        if item is not None:
            return Published(_as_asked(item, post))
    return None


class _CannotBe(Exception):
    """The post cannot be published as it is; a Swedish sentence."""


def _prepared(session: Session, post: Outgoing) -> Json:
    """Do everything that has no effect anybody sees, and return what to send."""
    if not post.text.strip() and not post.pictures and post.film is None:
        raise _CannotBe("Inlägget är tomt. Skriv något först.")  # some servers publish emptiness
    wanted: Json = {"status": with_name(session, post), "visibility": _WORDS[post.visibility]}
    if post.language:
        wanted["language"] = post.language
    if post.warning:
        wanted |= {"spoiler_text": post.warning, "sensitive": True}
    if post.poll:
        _refuse_without_polls(session)
        wanted["poll"] = {
            "options": list(post.poll.options), "expires_in": post.poll.hours * 3600, "multiple": post.poll.is_multiple
        }  # fmt: skip
    if post.parent_remote_id:
        wanted["in_reply_to_id"] = post.parent_remote_id
        wanted["visibility"] = _WORDS[_inherited(session, post)]
    if post.pictures:
        wanted["media_ids"] = [_uploaded(session, post, picture) for picture in post.pictures]
    if post.film is not None:
        wanted["media_ids"] = [_uploaded_film(session, post, post.film)]
    return wanted


def with_name(session: Session, post: Outgoing) -> str:
    """Return the text as it is sent. An answer reaches its author only when it names them, on most servers."""
    handle = post.mention_handle.lstrip("@")
    name, _at, domain = handle.partition("@")
    if not name:
        return post.text
    short = name if domain.lower() in {"", session.us.domain.lower()} else handle
    named = re.compile(rf"(?<![\w@])@({re.escape(handle)}|{re.escape(short)})(?![\w@])", re.IGNORECASE)
    return post.text if named.search(post.text) else f"@{short} {post.text}"


def _inherited(session: Session, post: Outgoing) -> Visibility:
    """Read the post that is answered: it must be there (or some servers start a new thread), and it sets the circle."""
    reply = session.api.get(status_path(post.parent_remote_id))
    if reply.status in {404, 410}:
        raise _CannotBe("Inlägget som ska besvaras finns inte kvar på plattformen. Inget är publicerat.")
    error = session.refusal(reply)
    if error is not None:
        raise error
    session.us.lasting_id(reply.document())
    circle = visibility_of(reply.document(), session.us)
    return max(circle, post.visibility, key=_NARROWING.index)


def _refuse_without_polls(session: Session) -> None:
    """Refuse where polls are not told of, and at snac, which tells of them but publishes the text alone."""
    for path in ("/api/v2/instance", "/api/v1/instance"):
        reply = session.api.get(path)
        told = reply.document() if reply.ok and not reply.is_page else {}
        if "snac" not in word(told, "version") and part(part(told, "configuration"), "polls"):
            return
    raise _CannotBe(f"{session.api.host} har inga omröstningar. Inget är publicerat.")


def _uploaded(session: Session, post: Outgoing, picture: Picture) -> str:
    # One line: some servers silently drop all but the first (snac).
    alt = " ".join(picture.alt.split())
    # Two files of one name are one file to some servers (snac): the later takes the place of the earlier, and its text.
    mark = hashlib.sha256(b"\0".join([post.key.encode(), alt.encode(), picture.content])).hexdigest()[:32]
    file = {"file": (f"{mark}.{_ENDINGS.get(picture.media_type, 'bin')}", picture.content, picture.media_type)}
    form = {"description": alt}
    reply = session.api.post("/api/v2/media", form=form, files=file, deadline_seconds=120)
    if reply.status in {404, 405, 410, 501}:
        reply = session.api.post("/api/v1/media", form=form, files=file, deadline_seconds=120)
    if reply.status in {413, 415} or (reply.status in {400, 422} and session.is_known()):
        raise _CannotBe(f"{reply.host} godtog inte bilden. Inget är publicerat. {reply.told()}".strip())
    error = session.refusal(reply)
    if error is not None:
        raise error
    medium = _processed(session, reply)
    _say_alt(session, medium, alt)
    return word(medium, "id")


def _uploaded_film(session: Session, post: Outgoing, film: Film) -> str:
    """Upload a film, sent in pieces, and wait until the server has worked through it; return its id."""
    alt = " ".join(film.alt.split())
    mark = hashlib.sha256(b"\0".join([post.key.encode(), alt.encode()])).hexdigest()[:32]
    seconds = FILM_SECONDS + film.size_bytes / FILM_BYTES_A_SECOND
    with film.opened() as opened:
        file = {"file": (f"{mark}.{_ENDINGS.get(film.media_type, 'bin')}", opened, film.media_type)}
        reply = session.api.post("/api/v2/media", form={"description": alt}, files=file, deadline_seconds=seconds)
    if reply.status in {404, 405, 410, 501}:
        raise _CannotBe(f"{reply.host} tar inte emot film genom Närvaro. Inget är publicerat.")
    if reply.status in {413, 415} or (reply.status in {400, 422} and session.is_known()):
        raise _CannotBe(f"{reply.host} godtog inte filmen. Inget är publicerat. {reply.told()}".strip())
    error = session.refusal(reply)
    if error is not None:
        raise error
    medium = _processed(session, reply, tries=FILM_TRIES, wait_seconds=FILM_WAIT_SECONDS)
    _say_alt(session, medium, alt)
    return word(medium, "id")


def _processed(
    session: Session, reply: Reply, *, tries: int | None = None, wait_seconds: float | None = None
) -> Json:  # fmt: skip
    """Return the medium once the server has worked through it; most have at once."""
    medium = reply.document()
    remote_id = word(medium, "id")
    if not remote_id:
        raise Transient(f"{reply.host} tog emot filen men gav den ingen beteckning.")
    for _try in range(tries or PICTURE_TRIES):
        if reply.status not in {202, 206}:
            return reply.document()
        time.sleep(PICTURE_WAIT_SECONDS if wait_seconds is None else wait_seconds)
        reply = session.api.get(f"/api/v1/media/{safe_id(remote_id)}")
        error = session.refusal(reply)
        if error is not None:
            raise error
    raise Transient(f"{reply.host} blev inte klar med filen i tid.")


def _say_alt(session: Session, medium: Json, alt: str) -> None:
    """See that the alt text arrived; say it once more if not, and stop if it still is not there (P24)."""
    if _squeezed(word(medium, "description")) == _squeezed(alt):
        return
    reply = session.api.put(f"/api/v1/media/{safe_id(word(medium, 'id'))}", json={"description": alt})
    if reply.ok and _squeezed(word(reply.document(), "description")) == _squeezed(alt):
        return
    raise _CannotBe(f"{session.api.host} sparade inte alternativtexten. Inget är publicerat.")


def _published(session: Session, post: Outgoing, reply: Reply) -> Published | Unknown:
    try:
        status = reply.document()
        item = item_of(status, reply.body, session.us)
    except PlatformError as error:
        return Unknown(f"Det är oklart om inlägget publicerades. {error}")
    if item is None:
        return Unknown(f"Det är oklart om inlägget publicerades. {reply.host} gav inget inlägg tillbaka.")
    return Published(_as_asked(item, post))


def _as_asked(item: Item, post: Outgoing) -> Item:
    """Fill in what we know and the answer does not say: the thread, and that a closed circle was asked for."""
    root = item.root_remote_id or (post.root_remote_id if item.parent_remote_id else item.remote_id)
    return replace(item, is_own=True, root_remote_id=root)


def _is_same(post: Outgoing, status: Json) -> bool:
    if not is_same_id(word(status, "in_reply_to_id"), post.parent_remote_id):
        return False
    written = word(status, "text") or plain_text(word(status, "content"))
    return _essence(written) == _essence(post.text)


def _essence(text: str) -> str:
    """Return a text without what servers rewrite: names, schemes of links, marks, space and case."""
    bare = _SCHEMES.sub("", _NAMES.sub("", unicodedata.normalize("NFKC", text)))
    return _NO_LETTERS.sub("", bare).casefold() or _squeezed(bare)


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def _ahead(reply: Reply) -> timedelta:
    """Return how far the server's clock is ahead of ours, from its Date header; nothing when it does not say."""
    try:
        at = parsedate_to_datetime(reply.headers.get("date", ""))
        return at - clock.now() if at.tzinfo else timedelta()
    except (ValueError, TypeError, IndexError, OverflowError):
        return timedelta()

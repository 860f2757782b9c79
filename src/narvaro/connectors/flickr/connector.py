"""Flickr behind the port."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from narvaro.base import clock
from narvaro.base.text import plain_text
from narvaro.connectors import attempts
from narvaro.connectors.client import Json, Reply, moment, part, parts, serialised, word
from narvaro.connectors.cursor import Cursor
from narvaro.connectors.flickr.outgoing import FILM_SHOWS, LIMITS, SHOWS, said, send_film, unfit, whole
from narvaro.connectors.flickr.signed import GONE, SITE, Line, code_of, meaning
from narvaro.connectors.lacking import Lacking
from narvaro.connectors.port import (
    Account,
    Author,
    Capability,
    CapabilityStatus,
    Item,
    Kind,
    Limits,
    MediaKind,
    Medium,
    Misconfigured,
    NotThere,
    Outgoing,
    Page,
    PlatformError,
    Profile,
    Published,
    ReconnectNeeded,
    Refused,
    Thread,
    Transient,
    Unknown,
)
from narvaro.connectors.web import fetch_file

PAGE = 100
NOTHING = "0"
SETTLED_AFTER = timedelta(minutes=10)  # a large picture takes its time
CLOCKS_DIFFER = timedelta(minutes=1)
OVERLAP = timedelta(minutes=5)  # asked for again: the platform's lists lag behind
_EXTRAS = "description,date_upload,last_update,url_o,url_l,media"
_ID = re.compile(r"[\w@-]{1,120}", re.ASCII)
_BEGINNING = datetime(2004, 1, 1, tzinfo=UTC)


@dataclass
class _Progress(Cursor):
    """How far the list of what has changed is read."""

    since: str = ""
    page: str = ""  # the last that was given in this run
    begun: str = ""

    @property
    def pages(self) -> int:
        return int(self.page) if self.page.isdecimal() and len(self.page) < 10 else 0


class Flickr(Lacking):
    """The connector. It keeps nothing between calls, and may be shared by threads."""

    name = "Flickr"

    def profile(self, account: Account) -> Profile:
        with Line(account) as line:
            user = part(line.read("flickr.test.login"), "user")
            person = part(line.read("flickr.people.getInfo", user_id=_safe(word(user, "id"))), "person")
        name = _content(person, "username")
        address = f"{SITE}/photos/{word(user, 'id')}/"
        about = plain_text(_content(person, "description"))
        shown = _content(person, "realname") or name
        return Profile(word(user, "id"), name, shown, about, address, serialised(person))

    def read(self, account: Account, cursor: str) -> Page:
        """Give what was changed or commented since the last time: the platform lists just that (P10)."""
        at = _Progress.opened(cursor)
        since, page = moment(at.since) or _BEGINNING, at.pages + 1
        begun = at.begun or clock.now().isoformat()
        with Line(account) as line:
            answer = part(
                line.read(
                    "flickr.photos.recentlyUpdated", min_date=str(int((since - OVERLAP).timestamp())), extras=_EXTRAS,
                    per_page=str(PAGE), page=str(page),
                ),
                "photos",
            )  # fmt: skip
            items = [item for row in parts(answer, "photo") for item in _with_comments(line, row, account)]
        pages = answer.get("pages")
        more = isinstance(pages, int) and page < pages and bool(parts(answer, "photo"))
        then = _Progress(at.since, str(page), begun) if more else _Progress(begun)
        return Page(tuple(items), then.closed(), has_more=more, complete_to=None if more else moment(begun))

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        with Line(account) as line:
            photo = _photo(line, account, remote_id)
            if photo is None:
                return Thread((), (remote_id, *known))
            items = {item.remote_id: item for item in (photo, *_comments(line, remote_id, account))}
        return Thread(tuple(items.values()), tuple(each for each in known if each not in items))

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        no = unfit(post)
        if no:
            return Refused(no)
        try:
            line = Line(account)
        except PlatformError as error:
            return Refused(f"Inget är publicerat. {error}", error)
        with line:
            reply = attempts.attempted(lambda: _sent(line, post))
            return _outcome(line, account, post, reply) if isinstance(reply, Reply) else reply

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        since = attempted_at - CLOCKS_DIFFER
        try:
            with Line(account) as line:
                if post.parent_remote_id:
                    found = _comments(line, post.root_remote_id or post.parent_remote_id, account)
                else:
                    answer = line.read(
                        "flickr.people.getPhotos", user_id="me", min_upload_date=str(int(since.timestamp())),
                        extras=_EXTRAS, per_page=str(PAGE),
                    )  # fmt: skip
                    found = [_item(row, account) for row in parts(part(answer, "photos"), "photo")]
        except PlatformError as error:
            return Unknown(f"Det gick inte att läsa kontot för att se om inlägget finns. {error}")
        text = plain_text(post.text if post.parent_remote_id else whole(post))
        return attempts.found(found, text, attempted_at, clocks_differ=CLOCKS_DIFFER, settled_after=SETTLED_AFTER)

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """Try each capability by reads, and by writes to a picture that is not there (P8)."""
        with Line(account) as line:
            line.read("flickr.test.login")
            reads = line.call("flickr.photos.recentlyUpdated", min_date="1", per_page="1")
            writes = line.write("flickr.photos.setMeta", photo_id=NOTHING, title="-", description="-")
            removes = line.write("flickr.photos.delete", photo_id=NOTHING)
        return (
            _tried(Capability.READ, reads),
            CapabilityStatus(Capability.READ_PRIVATE, works=False, note="FlickrMail läses inte av Närvaro."),
            _tried(Capability.PUBLISH, writes, to_nothing=True),
            _tried(Capability.PUBLISH_IMAGE, writes, to_nothing=True),
            CapabilityStatus(Capability.HIDE, works=False, note="Flickr kan inte dölja kommentarer, bara ta bort dem."),
            _tried(Capability.REMOVE_OWN, removes, to_nothing=True),
            CapabilityStatus(Capability.BLOCK, works=False, note="Blockera på Flickr, inloggad som kontot."),
        )

    def limits(self, account: Account) -> Limits:
        """Return Flickr's limits; an account without Pro takes films of three minutes at most."""
        return LIMITS

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        return fetch_file(url, max_bytes, allow_private_hosts=account.allow_private_hosts)

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        """Read whether it is gone: nothing can be hidden there."""
        with Line(account) as line:
            if not _is_comment(remote_id):
                return _photo(line, account, remote_id) is None
            return all(each.remote_id != remote_id for each in _comments(line, _photo_of(remote_id), account))

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        """Remove what is ours, and any comment beneath a picture of ours."""
        self.remove(account, remote_id)

    def remove(self, account: Account, remote_id: str) -> None:
        with Line(account) as line:
            if _is_comment(remote_id):
                reply = line.write("flickr.photos.comments.deleteComment", comment_id=_safe(remote_id))
            else:
                reply = line.write("flickr.photos.delete", photo_id=_safe(remote_id))
        error = meaning(reply)
        if error is not None and code_of(reply) not in GONE:
            raise error


def _sent(line: Line, post: Outgoing) -> Reply:
    if post.parent_remote_id:
        asked = {"photo_id": post.root_remote_id or post.parent_remote_id, "comment_text": post.text}
        return line.write("flickr.photos.comments.addComment", **asked)
    if post.film is not None:
        return send_film(line, post, post.film)
    picture = post.pictures[0]
    return line.upload(picture.content, picture.media_type, said(post))


def _outcome(line: Line, account: Account, post: Outgoing, reply: Reply) -> Published | Refused | Unknown:
    if post.parent_remote_id:
        error = meaning(reply)
        if isinstance(error, Transient) and code_of(reply) != "105":
            return Unknown(f"Det är oklart om svaret publicerades. {error}")
        if error is not None:
            return Refused(f"Inget är publicerat. {error}", error)
        made = _comment(part(reply.document(), "comment"), post.root_remote_id or post.parent_remote_id, account)
        return Published(made) if made else Unknown("Det är oklart om svaret publicerades. Flickr gav inget id.")
    photo_id, code = _uploaded(reply)
    if code in {"98", "99", "96", "97"}:
        error = ReconnectNeeded("Flickr godtar inte längre vår nyckel. Anslut kanalen på nytt.")
        return Refused(f"Inget är publicerat. {error}", error)
    if code or (not photo_id and meaning(reply) is not None and not reply.ok):
        return Refused(f"Flickr godtog inte bilden (kod {code or reply.status}). Inget är publicerat.", meaning(reply))
    if not photo_id:
        return Unknown("Det är oklart om bilden publicerades. Flickr gav inget id tillbaka.")
    try:
        found = _photo(line, account, photo_id)
    except PlatformError:
        found = None
    bare = {"id": photo_id, "title": said(post)["title"], "description": {"_content": said(post)["description"]}}
    return Published(found or _item(bare, account))


def _uploaded(reply: Reply) -> tuple[str, str]:
    """Return the id of the picture, or the number of what went wrong, out of the XML that uploading answers with."""
    body = reply.body[:20_000]
    if b"<!" in body:  # no declarations: nothing is expanded out of a stranger's XML
        return "", ""
    try:
        found = ElementTree.fromstring(body)  # noqa: S314 - without declarations there is nothing to expand
    except ElementTree.ParseError:
        return "", ""
    error = found.find("err")
    photo_id = (found.findtext("photoid") or "").strip()
    return photo_id if _ID.fullmatch(photo_id) else "", error.get("code", "") if error is not None else ""


def _with_comments(line: Line, row: Json, account: Account) -> list[Item]:
    photo = _item(row, account)
    return [photo, *_comments(line, photo.remote_id, account)] if photo.remote_id else []


def _comments(line: Line, photo_id: str, account: Account) -> list[Item]:
    reply = line.call("flickr.photos.comments.getList", photo_id=_safe(photo_id))
    if code_of(reply) in GONE:
        return []
    error = meaning(reply)
    if error is not None:
        raise error
    rows = parts(part(reply.document(), "comments"), "comment")
    return [item for row in rows if (item := _comment(row, photo_id, account)) is not None]


def _photo(line: Line, account: Account, photo_id: str) -> Item | None:
    reply = line.call("flickr.photos.getInfo", photo_id=_safe(photo_id))
    if code_of(reply) in GONE:
        return None
    error = meaning(reply)
    if error is not None:
        raise error
    return _item(part(reply.document(), "photo"), account)


def _item(row: Json, account: Account) -> Item:
    """Return a picture of ours as an item; the list and the single picture say the same in two shapes."""
    photo_id = word(row, "id") if _ID.fullmatch(word(row, "id")) else ""
    title, described = _content(row, "title"), plain_text(_content(row, "description"))
    uploaded = _seconds(word(row, "dateupload") or word(row, "dateuploaded")) or clock.now()
    is_film = word(row, "media") == "video"
    before = FILM_SHOWS if is_film else SHOWS
    shows = described.rpartition(before)[2].strip() if before in described else ""
    url = word(row, "url_o") or word(row, "url_l")
    kind = MediaKind.VIDEO if is_film else MediaKind.IMAGE
    return Item(
        remote_id=photo_id,
        kind=Kind.POST,
        author=Author(account.remote_id, account.handle, url=f"{SITE}/photos/{account.remote_id}/"),
        text="\n\n".join(each for each in (title, described) if each),
        published_at=min(uploaded, clock.now()),
        raw=serialised(row),
        is_own=True,
        root_remote_id=photo_id,
        url=f"{SITE}/photos/{account.remote_id}/{photo_id}/",
        media=(Medium(url, kind, alt=shows),) if url.startswith("https://") else (),
    )


def _comment(row: Json, photo_id: str, account: Account) -> Item | None:
    remote_id = word(row, "id")
    if not _ID.fullmatch(remote_id) or not _is_comment(remote_id):
        return None
    author, url = word(row, "author"), word(row, "permalink")
    return Item(
        remote_id=remote_id,
        kind=Kind.COMMENT,
        author=Author(author, word(row, "authorname") or author, word(row, "realname"), f"{SITE}/people/{author}/"),
        text=plain_text(word(row, "_content")),
        published_at=min(_seconds(word(row, "datecreate")) or clock.now(), clock.now()),
        raw=serialised(row),
        is_own=author == account.remote_id,
        parent_remote_id=photo_id,
        root_remote_id=photo_id,
        url=url if url.startswith(("https://", "http://")) else "",
    )


def _content(row: Json, name: str) -> str:
    return word(part(row, name), "_content") or word(row, name)


def _seconds(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _is_comment(remote_id: str) -> bool:
    return remote_id.count("-") >= 2


def _photo_of(comment_id: str) -> str:
    """Return the picture that a comment stands beneath: the second part of its id."""
    return comment_id.split("-")[1]


def _safe(remote_id: str) -> str:
    if not _ID.fullmatch(remote_id):
        raise Misconfigured("Plattformens beteckning på bilden går inte att använda.")
    return remote_id


def _tried(capability: Capability, reply: Reply, *, to_nothing: bool = False) -> CapabilityStatus:
    error = meaning(reply)
    if error is None or (to_nothing and code_of(reply) in GONE):
        return CapabilityStatus(capability, works=True)
    return CapabilityStatus(capability, works=False, note=str(error))

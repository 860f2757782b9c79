"""The Mastodon API behind the port: Mastodon itself, and every other server that speaks its API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin

from narvaro.base.text import plain_text
from narvaro.connectors.afterwards import Deed, Done, Target
from narvaro.connectors.client import Api, Json, Reply, part, parts, problem, word
from narvaro.connectors.mastodon import deeds, moderating, publishing, reading, searching
from narvaro.connectors.mastodon.session import NOTHING, VERIFY, Session, guard_of, status_path
from narvaro.connectors.mastodon.statuses import Us, author_of
from narvaro.connectors.port import (
    Account,
    Capability,
    CapabilityStatus,
    FoundAccount,
    FoundPost,
    Item,
    Limits,
    Misconfigured,
    NotThere,
    Outgoing,
    Page,
    PlatformError,
    Profile,
    Published,
    Refused,
    Thread,
    Transient,
    Unknown,
)
from narvaro.connectors.web import fetch_file

USUAL_FILM_BYTES = 40_000_000  # what Mastodon took before it took 99 MB, and its relatives do
USUAL_LENGTH = 500

_SCOPE = "Nyckeln ger inte rätt till det här. Anslut kanalen på nytt och godkänn det som efterfrågas."


class Mastodon:
    """
    The connector. It keeps nothing between calls, and may be shared by threads.

    Args:
        pages_per_stream: After how many pages a server that never ends is left.
    """

    def __init__(self, *, pages_per_stream: int = reading.PAGES_PER_STREAM) -> None:
        self._pages_per_stream = pages_per_stream

    def profile(self, account: Account) -> Profile:
        with Session(account) as session:
            reply = session.read(VERIFY)
            if reply.is_page:
                raise _not_mastodon(reply)
            found = reply.document()
            author = author_of(found, Us("", Us.of(account).domain))
            if not author.remote_id:
                raise _not_mastodon(reply)
            return Profile(
                remote_id=author.remote_id,
                handle=author.handle,
                display_name=author.display_name,
                about=plain_text(word(found, "note")),
                url=author.url,
                raw=reply.body,
                beside="\n".join(f"{name}: {value}" for name, value, _is_vouched in _rows_of(found)),
                vouched=tuple(value for _name, value, is_vouched in _rows_of(found) if is_vouched),
            )

    def read(self, account: Account, cursor: str) -> Page:
        with Session(account) as session:
            return reading.Reading(session, account, self._pages_per_stream).page(cursor)

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        with Session(account) as session:
            return reading.read_thread(session, remote_id, known)

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        try:
            session = Session(account)
        except PlatformError as error:
            return Refused(f"Inget är publicerat. {error}", error)
        with session:
            return publishing.publish(session, post)

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        try:
            session = Session(account)
        except PlatformError as error:
            return Unknown(f"Det gick inte att läsa kontot för att se om inlägget finns. {error}")
        with session:
            return publishing.settle(session, post, attempted_at)

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """
        Try each capability with a call that changes nothing: reads, and writes to what does not exist.

        A right that works may have a note all the same: a setting of the account that a person should change.

        Raises:
            Transient, ReconnectNeeded, Misconfigured: Nothing works, so no capability is told apart.
        """
        with Session(account) as session:
            session.read(VERIFY)
            edit = session.api.put(status_path(NOTHING), json={"status": "-"})
            upload = session.api.get(f"/api/v1/media/{NOTHING}")
            removal = session.api.delete(status_path(NOTHING))
            reads = _tried(Capability.READ, session.api.get("/api/v1/notifications", {"limit": 1}))
            return (
                replace(reads, note=reads.note or reading.what_is_dropped(session)),
                _tried(Capability.READ_PRIVATE, session.api.get("/api/v1/conversations", {"limit": 1})),
                _tried(Capability.PUBLISH, edit, to_nothing=True),
                _tried(Capability.PUBLISH_IMAGE, upload, to_nothing=True),
                CapabilityStatus(Capability.HIDE, works=False, note=moderating.NO_HIDING),
                # A page instead of an answer: the server has no such call at all (snac).
                CapabilityStatus(Capability.REMOVE_OWN, works=False, note=moderating.REMOVE_BY_HAND)
                if removal.is_page
                else _tried(Capability.REMOVE_OWN, removal, to_nothing=True),
                moderating.may_block(session),
            )

    def limits(self, account: Account) -> Limits:
        """Return what the server says it allows, and Mastodon's own limits for what it does not say."""
        with Api(account.base_url, guard_of(account.allow_private_hosts)) as api:
            instance = _instance(api, "/api/v2/instance")
            if instance is None or not _length_of(instance):  # some tell it in the older description only
                instance = _instance(api, "/api/v1/instance") or instance
        if instance is None:
            raise Transient(f"{api.host} berättar inte vad ett inlägg får vara.")
        return limits_of(instance)

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        address = url if "://" in url else urljoin(account.base_url + "/", url)
        return fetch_file(address, max_bytes, allow_private_hosts=account.allow_private_hosts)

    def hide(self, account: Account, remote_id: str) -> None:
        """No account can hide what others write there."""
        raise Misconfigured(moderating.NO_HIDING)

    def show(self, account: Account, remote_id: str) -> None:
        """Nothing is hidden there by us, so there is nothing to take back."""

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        with Session(account) as session:
            return moderating.is_hidden(session, remote_id, is_own=is_own)

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        with Session(account) as session:
            moderating.take_down(session, remote_id, is_own=is_own, reason=reason)

    def remove(self, account: Account, remote_id: str) -> None:
        with Session(account) as session:
            moderating.remove(session, remote_id)

    def block(self, account: Account, author_remote_id: str) -> None:
        with Session(account) as session:
            moderating.block(session, author_remote_id)

    def unblock(self, account: Account, author_remote_id: str) -> None:
        with Session(account) as session:
            moderating.unblock(session, author_remote_id)

    def is_blocked(self, account: Account, author_remote_id: str) -> bool:
        with Session(account) as session:
            return moderating.is_blocked(session, author_remote_id)

    def search_accounts(self, account: Account, words: str, *, most: int = 25) -> tuple[FoundAccount, ...]:
        with Session(account) as session:
            return searching.accounts(session, words, most)

    def search_posts(self, account: Account, words: str, *, most: int = 40) -> tuple[FoundPost, ...]:
        with Session(account) as session:
            return searching.posts(session, words, most)

    def read_one(self, account: Account, remote_id: str) -> Item | None:
        with Session(account) as session:
            return deeds.read_one(session, remote_id)

    def edit(self, account: Account, remote_id: str, post: Outgoing) -> Published | Refused | Unknown:
        try:
            session = Session(account)
        except PlatformError as error:
            return Refused(f"Inget är ändrat. {error}", error)
        with session:
            return deeds.edit(session, remote_id, post)

    def find(self, account: Account, address: str) -> Target | None:
        with Session(account) as session:
            return deeds.find(session, address)

    def act(self, account: Account, deed: Deed, target: Target, key: str) -> Done | Refused | Unknown:
        with Session(account) as session:
            return deeds.act(session, deed, target, wanted=True)

    def take_back(self, account: Account, deed: Deed, target: Target, key: str) -> Done | Refused | Unknown:
        with Session(account) as session:
            return deeds.act(session, deed, target, wanted=False)

    def stands(self, account: Account, deed: Deed, target: Target, key: str) -> bool:
        with Session(account) as session:
            return deeds.stands(session, deed, target)


def _rows_of(account: Json) -> list[tuple[str, str, bool]]:
    """Return the rows beside a presentation, and whether the server found each to lead back; some have none."""
    rows = parts(account, "fields")[:20]
    return [(word(row, "name"), plain_text(word(row, "value")), bool(word(row, "verified_at"))) for row in rows]


def limits_of(instance: Json) -> Limits:
    """Return the limits in an instance's own description, version 1 or 2, Mastodon's or a relative's."""
    configuration = part(instance, "configuration")
    statuses, media = part(configuration, "statuses"), part(configuration, "media_attachments")
    usual = Limits(max_length=USUAL_LENGTH)
    alt = _told(media, "description_limit") or _told(instance, "description_limit") or usual.max_alt_length
    return Limits(
        max_length=_length_of(instance) or USUAL_LENGTH,
        counted="characters",
        url_length=_told(statuses, "characters_reserved_per_url") or None,
        max_pictures=_told(statuses, "max_media_attachments") or usual.max_pictures,
        max_picture_bytes=_told(media, "image_size_limit") or usual.max_picture_bytes,
        max_alt_length=alt,
        max_film_bytes=_told(media, "video_size_limit") or USUAL_FILM_BYTES,
    )


def _length_of(instance: Json) -> int:
    statuses = part(part(instance, "configuration"), "statuses")
    return _told(statuses, "max_characters") or _told(instance, "max_toot_chars")


def _told(part: Json, name: str) -> int:
    """Return a limit, which some servers write as text; 0 when it is not told."""
    value = word(part, name).strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else 0


def _instance(api: Api, path: str) -> Json | None:
    reply = api.get(path)
    if reply.status >= 500 or reply.status == 429:
        api.demand(reply)
    if not reply.ok or reply.is_page:
        return None
    found = reply.json()
    return found if isinstance(found, dict) else None


def _tried(capability: Capability, reply: Reply, *, to_nothing: bool = False) -> CapabilityStatus:
    if reply.ok or (to_nothing and reply.status in {400, 404, 410, 422}):
        return CapabilityStatus(capability, works=True)
    if reply.status in {401, 403}:
        return CapabilityStatus(capability, works=False, note=_SCOPE)
    if reply.status in {404, 405, 410, 501}:
        return CapabilityStatus(capability, works=False, note="Servern har inte den funktionen.")
    return CapabilityStatus(capability, works=False, note=str(problem(reply)))


def _not_mastodon(reply: Reply) -> Misconfigured:
    return Misconfigured(f"{reply.host} svarar inte som en server för Mastodon. Kontrollera adressen.")

"""YouTube behind the port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from narvaro.connectors import attempts
from narvaro.connectors.client import Json, Reply, part, parts, serialised, word
from narvaro.connectors.granted import Line
from narvaro.connectors.lacking import Lacking
from narvaro.connectors.port import (
    Account,
    Capability,
    CapabilityStatus,
    Item,
    Limits,
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
    Unknown,
)
from narvaro.connectors.web import fetch_file
from narvaro.connectors.youtube import films, reading
from narvaro.connectors.youtube.items import UNSEEN, comment_of
from narvaro.connectors.youtube.login import CHANNELS, GRANT, MINE, handle_of
from narvaro.connectors.youtube.session import GONE, attempted, meaning, reason_of

MODERATE = "/youtube/v3/comments/setModerationStatus"
NOTHING = "UgxNothingHereAtAll"
MOST_LETTERS = 10_000
SETTLED_AFTER = timedelta(minutes=5)
CLOCKS_DIFFER = timedelta(seconds=30)

LIMITS = Limits(
    MOST_LETTERS, max_pictures=0, max_film_bytes=256_000_000_000, max_film_seconds=12 * 3600, takes_captions=True,
    takes_posts=False,
)  # fmt: skip
_NO_RIGHT = "Nyckeln ger inte rätt till det här. Anslut kanalen på nytt."
_BLOCK = "YouTube låter inte Närvaro läsa eller häva vilka som är dolda. Dölj användaren i YouTube Studio."


class YouTube(Lacking):
    """The connector. It keeps nothing between calls, and may be shared by threads."""

    name = "YouTube"

    def profile(self, account: Account) -> Profile:
        with Line(account, GRANT) as line:
            answer = _good(line.get(CHANNELS, MINE))
        rows = parts(answer, "items")
        wanted = account.remote_id or account.options.get("channel", "")
        found = next((each for each in rows if word(each, "id") == wanted), rows[0] if rows and not wanted else {})
        if not word(found, "id"):
            raise Misconfigured("Kontot har ingen kanal på YouTube.")
        snippet = part(found, "snippet")
        address = f"https://www.youtube.com/channel/{word(found, 'id')}"
        return Profile(
            word(found, "id"), handle_of(found), word(snippet, "title"), word(snippet, "description"), address,
            serialised(found),
        )  # fmt: skip

    def read(self, account: Account, cursor: str) -> Page:
        with Line(account, GRANT) as line:
            return reading.read_page(line, account.remote_id, cursor)

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        with Line(account, GRANT) as line:
            return reading.read_thread(line, account.remote_id, reading.safe_id(remote_id), known)

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        """Publish a film, or an answer beneath one. See `Connector.publish`."""
        try:
            path, wanted = _prepared(account, post) if post.parent_remote_id else ("", {})
            line = Line(account, GRANT)
        except PlatformError as error:
            return Refused(f"Inget är publicerat. {error}", error)
        with line:
            if not post.parent_remote_id:
                return films.publish(line, account, post, LIMITS)
            reply = attempted(lambda: line.call("POST", path, params={"part": "snippet"}, json=wanted))
        if not isinstance(reply, Reply):
            return reply
        item = _made(reply, account, post)
        return Published(item) if item else Unknown("Det är oklart om svaret publicerades. YouTube gav inget tillbaka.")

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        """Find out by reading the thread of what was answered, or the newest films; see `Connector.settle`."""
        try:
            with Line(account, GRANT) as line:
                if not post.parent_remote_id:
                    return films.settle(line, account, post, attempted_at)
                items = _beneath(line, account.remote_id, post)
        except PlatformError as error:
            return Unknown(f"Det gick inte att läsa tråden för att se om svaret finns. {error}")
        return attempts.found(items, post.text, attempted_at, clocks_differ=CLOCKS_DIFFER, settled_after=SETTLED_AFTER)

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """Try each capability by reads, and by writes of nothing, which are refused before they do anything (P8)."""
        with Line(account, GRANT) as line:
            _good(line.get(CHANNELS, MINE))
            query = {"part": "id", "allThreadsRelatedToChannelId": account.remote_id, "maxResults": "1"}
            reads = line.get(reading.THREADS, query)
            writes = line.call("POST", reading.COMMENTS, params={"part": "snippet"}, json={"snippet": {}})
            hides = line.call("POST", MODERATE, params={"id": NOTHING, "moderationStatus": "published"})
            removes = line.call("DELETE", reading.COMMENTS, params={"id": NOTHING})
        return (
            _tried(Capability.READ, reads),
            CapabilityStatus(Capability.READ_PRIVATE, works=False, note="YouTube har inga privata meddelanden."),
            _tried(Capability.PUBLISH, writes, to_nothing=True),
            CapabilityStatus(Capability.PUBLISH_IMAGE, works=False, note="Svar på YouTube har inga bilder."),
            _tried(Capability.HIDE, hides, to_nothing=True),
            _tried(Capability.REMOVE_OWN, removes, to_nothing=True),
            CapabilityStatus(Capability.BLOCK, works=False, note=_BLOCK),
        )

    def limits(self, account: Account) -> Limits:
        """Return YouTube's limits; an account that was not verified takes films of a quarter of an hour at most."""
        return LIMITS

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        return fetch_file(url, max_bytes, allow_private_hosts=account.allow_private_hosts)

    def hide(self, account: Account, remote_id: str) -> None:
        """Hold a comment for review: nobody else sees it, and it can be let out again."""
        _moderate(account, remote_id, "heldForReview")

    def show(self, account: Account, remote_id: str) -> None:
        _moderate(account, remote_id, "published")

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        with Line(account, GRANT) as line:
            query = {"part": "snippet", "id": reading.safe_id(remote_id), "textFormat": "plainText"}
            rows = parts(_good(line.get(reading.COMMENTS, query)), "items")
        return not rows or word(part(rows[0], "snippet"), "moderationStatus") in UNSEEN

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        if is_own:
            self.remove(account, remote_id)
        else:
            _moderate(account, remote_id, "rejected")

    def remove(self, account: Account, remote_id: str) -> None:
        with Line(account, GRANT) as line:
            reply = line.call("DELETE", reading.COMMENTS, params={"id": reading.safe_id(remote_id)})
        if reason_of(reply) not in GONE and not reply.ok:
            raise meaning(reply) or Misconfigured("YouTube tog inte bort kommentaren.")


def top_of(remote_id: str) -> str:
    """Return the comment that stands first in a thread: an answer to an answer stands beneath it all the same."""
    return remote_id.partition(".")[0]


def _prepared(account: Account, post: Outgoing) -> tuple[str, Json]:
    if not post.text.strip() or len(post.text) > MOST_LETTERS:
        raise Misconfigured("Svaret är tomt eller för långt.")
    if post.pictures or post.film is not None:
        raise Misconfigured("Svar på YouTube har inga bilder.")
    if post.parent_remote_id == post.root_remote_id:  # the film itself
        written = {"snippet": {"textOriginal": post.text}}
        film = {"channelId": account.remote_id, "videoId": post.parent_remote_id, "topLevelComment": written}
        return reading.THREADS, {"snippet": film}
    return reading.COMMENTS, {"snippet": {"parentId": top_of(post.parent_remote_id), "textOriginal": post.text}}


def _made(reply: Reply, account: Account, post: Outgoing) -> Item | None:
    try:
        found = reply.document()
    except PlatformError:
        return None
    comment = part(part(found, "snippet"), "topLevelComment") or found
    return comment_of(comment, account.remote_id, video_id=post.root_remote_id)


def _beneath(line: Line, our_id: str, post: Outgoing) -> list[Item]:
    if post.parent_remote_id != post.root_remote_id:
        return reading.replies_to(line, our_id, top_of(post.parent_remote_id), post.root_remote_id)
    query = {"part": "snippet", "videoId": reading.safe_id(post.parent_remote_id), "order": "time",
             "textFormat": "plainText", "maxResults": "100"}  # fmt: skip
    rows = parts(_good(line.get(reading.THREADS, query)), "items")
    found = [comment_of(part(part(row, "snippet"), "topLevelComment"), our_id) for row in rows]
    return [item for item in found if item is not None]


def _moderate(account: Account, remote_id: str, status: str) -> None:
    with Line(account, GRANT) as line:
        reply = line.call("POST", MODERATE, params={"id": reading.safe_id(remote_id), "moderationStatus": status})
    if reason_of(reply) in GONE:
        return
    error = meaning(reply)
    if error is not None:
        raise error


def _good(reply: Reply) -> Json:
    error = meaning(reply)
    if error is not None:
        raise error
    return reply.document()


def _tried(capability: Capability, reply: Reply, *, to_nothing: bool = False) -> CapabilityStatus:
    error = meaning(reply)
    if error is None or (to_nothing and isinstance(error, Misconfigured)):
        return CapabilityStatus(capability, works=True)
    note = _NO_RIGHT if isinstance(error, ReconnectNeeded) else str(error)
    return CapabilityStatus(capability, works=False, note=note)

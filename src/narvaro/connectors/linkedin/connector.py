"""LinkedIn behind the port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from narvaro.base import clock, http
from narvaro.connectors import attempts
from narvaro.connectors.client import Api, Json, Reply, moment, part, problem, serialised, word
from narvaro.connectors.films import CannotBe
from narvaro.connectors.granted import Line
from narvaro.connectors.lacking import Lacking
from narvaro.connectors.linkedin import films, reading
from narvaro.connectors.linkedin.items import SITE, comment_of, post_of
from narvaro.connectors.linkedin.login import ACLS, GRANT, OURS
from narvaro.connectors.linkedin.reading import good, id_of, in_path, is_comment
from narvaro.connectors.linkedin.text import MOST, escaped
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
    Picture,
    PlatformError,
    Profile,
    Published,
    ReconnectNeeded,
    Refused,
    Thread,
    Transient,
    Unknown,
)
from narvaro.connectors.web import fetch_file, web_address

MOST_ANSWER = 1250
MOST_TITLE = 400
LIMITS = Limits(
    MOST, max_pictures=20, max_picture_bytes=8_000_000, max_alt_length=4086, max_film_bytes=films.MOST_BYTES,
    max_film_seconds=1800, takes_captions=True,
)  # fmt: skip
SETTLED_AFTER = timedelta(minutes=5)
CLOCKS_DIFFER = timedelta(seconds=30)
TOLD_BEFORE = timedelta(days=14)
_NOTHING = "urn:li:share:0"
_NO_RIGHT = "Nyckeln ger inte rätt till det här. Den som ansluter ska vara administratör för sidan. Anslut på nytt."
_NOT_OURS = "LinkedIn lät inte Närvaro ta bort kommentaren. Ta bort den på sidan, som administratör."


class LinkedIn(Lacking):
    """The connector. It keeps nothing between calls, and may be shared by threads."""

    name = "LinkedIn"

    def profile(self, account: Account) -> Profile:
        with Line(account, GRANT) as line:
            urn = account.remote_id or account.options.get("page", "") or _only_page(line)
            page = good(line, line.get(f"/rest/organizations/{quote(urn.rpartition(':')[2], safe='')}"))
        handle = word(page, "vanityName") or urn.rpartition(":")[2]
        name, about = word(page, "localizedName"), word(page, "localizedDescription")
        return Profile(urn, handle, name, about, f"{SITE}/company/{handle}", serialised(page))

    def read(self, account: Account, cursor: str) -> Page:
        with Line(account, GRANT) as line:
            return reading.read_page(line, account.remote_id, account.handle, cursor)

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        with Line(account, GRANT) as line:
            return reading.read_thread(line, account.remote_id, account.handle, remote_id, known)

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        try:
            with Line(account, GRANT) as line:
                return _publish(line, account, post)
        except CannotBe as no:
            return Refused(str(no))
        except PlatformError as error:  # raised before anything was sent
            return Refused(f"Inget är publicerat. {error}", error)

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        try:
            with Line(account, GRANT) as line:
                items = _where_it_would_be(line, account, post)
        except PlatformError as error:
            return Unknown(f"Det gick inte att läsa sidan för att se om inlägget finns. {error}")
        return attempts.found(items, post.text, attempted_at, clocks_differ=CLOCKS_DIFFER, settled_after=SETTLED_AFTER)

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """Try each capability by reads, and by writes of nothing, which are refused before they do anything (P8)."""
        with Line(account, GRANT) as line:
            good(line, line.get(ACLS, {**OURS}))
            query = {"q": "author", "author": account.remote_id, "count": "1"}
            reads = line.call("GET", "/rest/posts", params=query, headers=reading.FINDER)
            writes = line.call("POST", "/rest/posts", json={})
            images = line.call("POST", "/rest/images", params={"action": "initializeUpload"}, json={})
            removes = line.call("DELETE", f"/rest/posts/{in_path(_NOTHING)}")
        return (
            _tried(Capability.READ, reads, note=_ends_soon(account)),
            CapabilityStatus(
                Capability.READ_PRIVATE, works=False, note="Meddelanden till sidan läses inte av Närvaro."
            ),
            _tried(Capability.PUBLISH, writes, to_nothing=True),
            _tried(Capability.PUBLISH_IMAGE, images, to_nothing=True),
            CapabilityStatus(
                Capability.HIDE, works=False, note="LinkedIn kan inte dölja kommentarer, bara ta bort dem."
            ),
            _tried(Capability.REMOVE_OWN, removes, to_nothing=True),
            CapabilityStatus(Capability.BLOCK, works=False, note="Blockera i LinkedIn, som administratör."),
        )

    def limits(self, account: Account) -> Limits:
        """Return LinkedIn's limits, which are the same for every page."""
        return LIMITS

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        """Fetch a picture of ours: its id is asked for where it lies just now."""
        with Line(account, GRANT) as line:
            picture = good(line, line.get(f"/rest/images/{in_path(url.removeprefix('linkedin:'))}"))
        address = web_address(word(picture, "downloadUrl"))
        if not address:
            raise Transient("LinkedIn har inte gjort klart bilden än.")
        return fetch_file(address, max_bytes, allow_private_hosts=account.allow_private_hosts)

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        """Read whether it is gone: nothing can be hidden there."""
        with Line(account, GRANT) as line:
            return _read(line, remote_id).status == 404

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        """Remove what is ours, and a comment beneath our own post where the platform lets us."""
        self.remove(account, remote_id)

    def remove(self, account: Account, remote_id: str) -> None:
        with Line(account, GRANT) as line:
            if not is_comment(remote_id):
                reply = line.call("DELETE", f"/rest/posts/{in_path(remote_id)}")
            else:
                root, number = id_of(remote_id)
                path = f"/rest/socialActions/{in_path(root)}/comments/{quote(number, safe='')}"
                reply = line.call("DELETE", path, params={"actor": account.remote_id})
            if reply.status == 404 or reply.ok:
                return
            if reply.status == 403 and is_comment(remote_id):
                raise Misconfigured(_NOT_OURS)
            raise line.refusal(reply) or Misconfigured("LinkedIn tog inte bort inlägget.")


def _publish(line: Line, account: Account, post: Outgoing) -> Published | Refused | Unknown:
    path, wanted = _prepared(line, account, post)
    reply = attempts.attempted(lambda: line.call("POST", path, json=wanted))
    if not isinstance(reply, Reply):
        return reply
    if not reply.ok:
        meaning = line.refusal(reply)
        if meaning is None or isinstance(meaning, Misconfigured):
            return Refused(f"LinkedIn godtog inte inlägget (kod {reply.status}). {reply.told()}".strip())
        return Refused(f"Inget är publicerat. {meaning}", meaning)
    item = _made(line, account, post, reply)
    return Published(item) if item else Unknown("Det är oklart om det publicerades. LinkedIn gav inget id tillbaka.")


def _prepared(line: Line, account: Account, post: Outgoing) -> tuple[str, Json]:
    """Do everything that has no effect anybody sees, and return what to send where."""
    if post.parent_remote_id:
        if post.pictures or post.film is not None or len(post.text) > MOST_ANSWER:
            raise CannotBe(f"Ett svar på LinkedIn får vara högst {MOST_ANSWER} tecken, utan bilder.")
        wanted: Json = {"actor": account.remote_id, "object": post.root_remote_id, "message": {"text": post.text}}
        if is_comment(post.parent_remote_id):
            wanted["parentComment"] = post.parent_remote_id
        return f"/rest/socialActions/{in_path(post.parent_remote_id)}/comments", wanted
    if not post.text.strip() or len(post.text) > MOST:
        raise CannotBe(f"Inlägget är tomt eller längre än {MOST} tecken.")
    if post.film is not None:
        films.refuse_unfit(post.film, LIMITS)
    wanted = {
        "author": account.remote_id, "commentary": escaped(post.text), "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": False,
    }  # fmt: skip
    images = [{"id": _uploaded(line, account, each), "altText": each.alt} for each in post.pictures]
    if len(images) == 1:
        wanted["content"] = {"media": images[0]}
    elif images:
        wanted["content"] = {"multiImage": {"images": images}}
    elif post.film is not None:
        title = post.film.title or post.text.strip().partition("\n")[0]
        wanted["content"] = {"media": {"id": films.uploaded(line, account, post.film), "title": title[:MOST_TITLE]}}
    return "/rest/posts", wanted


def _uploaded(line: Line, account: Account, picture: Picture) -> str:
    asked = {"initializeUploadRequest": {"owner": account.remote_id}}
    reply = line.call("POST", "/rest/images", params={"action": "initializeUpload"}, json=asked)
    value = part(good(line, reply), "value")
    place = urlsplit(word(value, "uploadUrl"))
    origin, guard = f"{place.scheme}://{place.netloc}", http.Guard(allow_private=account.allow_private_hosts)
    if place.scheme not in {"https", "http"} or not word(value, "image"):
        raise Transient("LinkedIn tog inte emot bilden.")
    with Api(origin, guard) as api:  # the address itself is the right to it: the key stays at home
        sent = api.put(f"{place.path}?{place.query}", content=picture.content, deadline_seconds=120)
    error = problem(sent)
    if error is not None:
        raise CannotBe("LinkedIn godtog inte bilden. Inget är publicerat.")
    return word(value, "image")


def _made(line: Line, account: Account, post: Outgoing, reply: Reply) -> Item | None:
    """Return what was made, read whole from the platform where it can be, with its pictures' words (P24)."""
    urn = reply.headers.get("x-restli-id", "")
    if post.parent_remote_id:
        try:
            return comment_of(reply.document(), account.remote_id, post.root_remote_id)
        except PlatformError:
            return None
    if not urn:
        return None
    try:
        found = post_of(good(line, line.get(f"/rest/posts/{in_path(urn)}")), account.remote_id, account.handle)
    except PlatformError:
        found = None
    bare = {"id": urn, "commentary": escaped(post.text), "createdAt": int(clock.now().timestamp() * 1000)}
    return found or post_of(bare, account.remote_id, account.handle)


def _where_it_would_be(line: Line, account: Account, post: Outgoing) -> list[Item]:
    if post.parent_remote_id:
        return reading.beneath(line, account.remote_id, post.parent_remote_id, post.root_remote_id)
    rows = reading.posts_of(line, account.remote_id, 0, 20)
    return [item for each in rows if (item := post_of(each, account.remote_id, account.handle)) is not None]


def _read(line: Line, remote_id: str) -> Reply:
    if is_comment(remote_id):
        root, number = id_of(remote_id)
        path = f"/rest/socialActions/{in_path(root)}/comments/{quote(number, safe='')}"
    else:
        path = f"/rest/posts/{in_path(remote_id)}"
    reply = line.get(path)
    if reply.status != 404:
        good(line, reply)
    return reply


def _only_page(line: Line) -> str:
    elements = good(line, line.get(ACLS, {**OURS})).get("elements")
    urns = [word(each, "organization") for each in elements] if isinstance(elements, list) else []
    if not urns:
        raise Misconfigured("Den som anslöt är inte administratör för någon sida på LinkedIn.")
    return urns[0]


def _ends_soon(account: Account) -> str:
    ends_at = moment(account.keeper.secrets().get("ends_at", ""))
    if ends_at is None or account.keeper.secrets().get("refresh_token") or ends_at - clock.now() > TOLD_BEFORE:
        return ""
    return f"Nyckeln går ut {ends_at.date().isoformat()} och kan inte förnyas av sig själv. Anslut på nytt före dess."


def _tried(capability: Capability, reply: Reply, *, to_nothing: bool = False, note: str = "") -> CapabilityStatus:
    if reply.ok or (to_nothing and reply.status in {400, 404, 422}):
        return CapabilityStatus(capability, works=True, note=note)
    error = problem(reply)
    told = _NO_RIGHT if isinstance(error, ReconnectNeeded) else str(error)
    return CapabilityStatus(capability, works=False, note=told)

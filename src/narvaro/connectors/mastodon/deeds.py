"""What is done with what is out: read again, changed once; and likes, boosts and follows in the account's name."""

from __future__ import annotations

from dataclasses import replace

from narvaro.connectors.afterwards import Deed, Done, Target
from narvaro.connectors.client import Json, Params, Reply, Unanswered, part, parts, word
from narvaro.connectors.mastodon.publishing import with_name
from narvaro.connectors.mastodon.session import Session, is_safe_id, safe_id, status_path
from narvaro.connectors.mastodon.statuses import item_of, text_of, visibility_of
from narvaro.connectors.port import (
    Item,
    Misconfigured,
    Outgoing,
    PlatformError,
    Published,
    Refused,
    Unknown,
    Visibility,
)
from narvaro.connectors.web import web_address

_PATHS = {
    Deed.LIKE: ("/api/v1/statuses/{}/favourite", "/api/v1/statuses/{}/unfavourite"),
    Deed.REPOST: ("/api/v1/statuses/{}/reblog", "/api/v1/statuses/{}/unreblog"),
    Deed.FOLLOW: ("/api/v1/accounts/{}/follow", "/api/v1/accounts/{}/unfollow"),
}
_SHOWN = (Visibility.PUBLIC, Visibility.UNLISTED)
_NO_EDITS = "{host} kan inte ändra inlägg åt Närvaro. Inget är ändrat."
_GONE = "Inlägget finns inte kvar på plattformen. Inget är ändrat."
_POLL = "Ett inlägg med omröstning kan inte ändras: rösterna skulle försvinna. Inget är ändrat."


def read_one(session: Session, remote_id: str) -> Item | None:
    """Read one status of ours; gone only when the server says so twice. See `Rereading.read_one`."""
    found = _ours(session, remote_id)
    return item_of(found[0], found[1], session.us) if found else None


def edit(session: Session, remote_id: str, post: Outgoing) -> Published | Refused | Unknown:
    """Change the words, with what else the status holds sent along; see `Editing.edit`."""
    try:
        found = _ours(session, remote_id)
        if found is None:
            return Refused(_GONE)
        status = found[0]
        if part(status, "poll"):
            return Refused(_POLL)
        path, wanted = status_path(remote_id), _kept(session, status, post)
    except PlatformError as error:
        return Refused(f"Inget är ändrat. {error}", error)
    # From here on the change may be public: one call, whatever happens.
    try:
        reply = session.api.put(path, json=wanted)
    except Unanswered as error:
        return Unknown(f"Det är oklart om inlägget ändrades. {error}")
    except PlatformError as error:
        return Refused(f"Inget är ändrat. {error}", error)
    if reply.ok:
        return _changed(session, remote_id, reply)
    if reply.status in {404, 405, 410, 501}:
        return Refused(_NO_EDITS.format(host=session.api.host))
    return _said_no(session, reply, "Det är oklart om inlägget ändrades.")


def find(session: Session, address: str) -> Target | None:
    """Let the server look up an address or a name; see `Acting.find`."""
    wanted: Params = {"q": address.strip(), "resolve": "true", "limit": 1}
    reply = session.read_if_there("/api/v2/search", wanted)
    if reply is None:
        raise Misconfigured("Servern kan inte slå upp adresser åt Närvaro.")
    found = reply.document()
    statuses = parts(found, "statuses")[:1] if web_address(address.strip()) else []  # words are no address
    for status in statuses or _at_home(session, address.strip()):
        if visibility_of(status, session.us) in _SHOWN and word(status, "id"):
            handle = word(part(status, "account"), "acct")
            return Target(word(status, "id"), False, handle, text_of(status), web_address(word(status, "url")))
    for account in parts(found, "accounts")[:1]:
        if word(account, "id"):
            shown = word(account, "display_name") or word(account, "acct")
            return Target(
                word(account, "id"), True, word(account, "acct"), shown, web_address(word(account, "url"))
            )  # fmt: skip
    return None


def act(session: Session, deed: Deed, target: Target, *, wanted: bool) -> Done | Refused | Unknown:
    """Do it or take it back, once; twice is once there. See `Acting.act`."""
    if target.is_account != (deed is Deed.FOLLOW):
        return Refused("Det går inte att göra med det som länken leder till.")
    try:
        path = _PATHS[deed][0 if wanted else 1].format(safe_id(target.remote_id))
        reply = session.api.post(path)
    except Unanswered as error:
        return Unknown(f"Det är oklart om det blev gjort. {error}")
    except PlatformError as error:
        return Refused(str(error), error)
    return Done() if reply.ok else _said_no(session, reply, "Det är oklart om det blev gjort.")


def stands(session: Session, deed: Deed, target: Target) -> bool:
    """Read whether it stands; a follow that waits to be let in counts. See `Acting.stands`."""
    if deed is Deed.FOLLOW:
        reply = session.read("/api/v1/accounts/relationships", {"id[]": [safe_id(target.remote_id)]})
        rows = [each for each, _raw in reply.items() if word(each, "id") == target.remote_id]
        return any(each.get("following") is True or each.get("requested") is True for each in rows)
    status = session.read(status_path(target.remote_id)).document()
    return status.get("favourited" if deed is Deed.LIKE else "reblogged") is True


def _at_home(session: Session, address: str) -> list[Json]:
    """Return the status at an address of our own server, which not every search knows."""
    if not address.startswith(f"{session.api.base_url}/"):
        return []
    remote_id = address.partition("?")[0].rstrip("/").rpartition("/")[2]
    reply = session.read_if_there(status_path(remote_id)) if is_safe_id(remote_id) else None
    return [reply.document()] if reply is not None else []


def _ours(session: Session, remote_id: str) -> tuple[Json, bytes] | None:
    reply = session.api.get(status_path(remote_id))
    if reply.status in {404, 410}:
        if session.gone(remote_id):
            return None
        raise Misconfigured(f"{session.api.host} visar inte inlägget.")
    error = session.refusal(reply)
    if error is not None:
        raise error
    status = reply.document()
    if not session.us.wrote(status):
        raise Misconfigured("Bara kontots egna inlägg kan läsas om så här.")
    return status, reply.body


def _kept(session: Session, status: Json, post: Outgoing) -> Json:
    """Return what to send: new words, and all that a status would lose if it were not said again."""
    media = [each for each in parts(status, "media_attachments") if word(each, "id")]
    wanted: Json = {
        "status": with_name(session, post), "spoiler_text": word(status, "spoiler_text"),
        "sensitive": status.get("sensitive") is True,
    }  # fmt: skip
    if post.language or word(status, "language"):
        wanted["language"] = word(status, "language") or post.language
    if media:
        wanted["media_ids"] = [word(each, "id") for each in media]
        wanted["media_attributes"] = [
            {"id": word(each, "id"), "description": word(each, "description")} for each in media
        ]  # fmt: skip
    return wanted


def _changed(session: Session, remote_id: str, reply: Reply) -> Published | Unknown:
    try:
        item = item_of(reply.document(), reply.body, session.us)
    except PlatformError as error:
        return Unknown(f"Det är oklart om inlägget ändrades. {error}")
    if item is None:
        return Unknown(f"Det är oklart om inlägget ändrades. {reply.host} gav inget inlägg tillbaka.")
    return Published(replace(item, remote_id=remote_id, is_own=True))


def _said_no(session: Session, reply: Reply, unclear: str) -> Refused | Unknown:
    if reply.status >= 500 or reply.status in {408, 409, 425}:
        return Unknown(f"{unclear} {reply.host} svarade med kod {reply.status}.")
    meaning = session.refusal(reply)
    if meaning is None or isinstance(meaning, Misconfigured):
        return Refused(f"{reply.host} sa nej (kod {reply.status}). {reply.told()}".strip(), meaning)
    return Refused(str(meaning), meaning)

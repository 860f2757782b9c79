"""
What an account does in public without writing: likes, reposts and follows. Each is a record of ours.

The record's key is chosen beforehand, so that reading that key tells whether the deed stands.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from narvaro.connectors import client
from narvaro.connectors.afterwards import Deed, Done, Target
from narvaro.connectors.bluesky import items, reading, writing
from narvaro.connectors.bluesky.session import Session, code, trouble
from narvaro.connectors.client import Json, Unanswered
from narvaro.connectors.port import (
    Item,
    Misconfigured,
    PlatformError,
    Refused,
    Unknown,
)

_COLLECTIONS = {
    Deed.LIKE: "app.bsky.feed.like",
    Deed.REPOST: "app.bsky.feed.repost",
    Deed.FOLLOW: "app.bsky.graph.follow",
}
_UNSURE = "Bluesky svarade inte. Det går inte att veta om det blev gjort; Närvaro läser efter."
_NAME = re.compile(r"@?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)", re.ASCII | re.IGNORECASE)


def read_one(session: Session, remote_id: str) -> Item | None:
    """Read one post of ours; see `Rereading.read_one`."""
    if not items.is_post(remote_id) or items.did_of(remote_id) != session.did:
        raise Misconfigured("Bara kontots egna inlägg kan läsas om så här på Bluesky.")
    found = reading.stored_record_of(session, remote_id)
    return writing.own_item(session, *found) if found else None


def find(session: Session, address: str) -> Target | None:
    """Find a post or an account by its address or name; see `Acting.find`."""
    who, key = _named(address.strip())
    if not who:
        return None
    reply = session.call("GET", "app.bsky.actor.getProfile", params={"actor": who})
    if reply.status == 400 and (code(reply) in {"InvalidRequest", "AccountTakedown", "AccountDeactivated"}):
        return None
    profile = session.demand(reply).document()
    did, handle = client.word(profile, "did"), client.word(profile, "handle")
    if not did.startswith("did:"):
        return None
    if not key:
        shown = client.word(profile, "displayName") or handle
        return Target(did, True, handle, shown, items.profile_url(did))
    uri = f"at://{did}/{items.POST}/{key}"
    view = next(iter(client.parts(session.ask("app.bsky.feed.getPosts", {"uris": [uri]}), "posts")), None)
    if view is None or not items.is_post(uri):
        return None
    text = client.word(client.part(view, "record"), "text")
    return Target(uri, False, handle, text, f"{items.profile_url(did)}/post/{key}", client.word(view, "cid"))


def act(session: Session, deed: Deed, target: Target, key: str) -> Done | Refused | Unknown:
    """Put the record, once, where nothing stands; see `Acting.act`."""
    subject: Json | str = {"uri": target.remote_id, "cid": target.version}
    if deed is Deed.FOLLOW:
        subject = target.remote_id
    if target.is_account != (deed is Deed.FOLLOW) or target.remote_id == session.did:
        return Refused("Det går inte att göra med det som länken leder till.")
    record = {"$type": _COLLECTIONS[deed], "subject": subject, "createdAt": writing.now()}
    return _once(session, "putRecord", writing.put(session.did, _COLLECTIONS[deed], key, record))


def take_back(session: Session, deed: Deed, key: str) -> Done | Refused | Unknown:
    """Remove the record; see `Acting.take_back`."""
    wanted = {"repo": session.did, "collection": _COLLECTIONS[deed], "rkey": key}
    return _once(session, "deleteRecord", wanted)


def stands(session: Session, deed: Deed, key: str) -> bool:
    """Read whether our record stands; see `Acting.stands`."""
    return reading.record_of(session, writing.uri_of(session, _COLLECTIONS[deed], key)) is not None


def _once(session: Session, method: str, wanted: Json) -> Done | Refused | Unknown:
    try:
        reply = session.call("POST", f"com.atproto.repo.{method}", json=wanted)
    except Unanswered:
        return Unknown(_UNSURE)
    except PlatformError as error:
        return Refused(str(error), error)
    if reply.status >= 500 or reply.status == 408 or code(reply) == "InvalidSwap":
        return Unknown(_UNSURE)
    refusal = trouble(reply)
    return Refused(str(refusal), refusal) if refusal is not None else Done()


def _named(address: str) -> tuple[str, str]:
    """Return whose account an address leads to (name or DID), and the key of the post there, "" for the account."""
    if address.startswith("at://"):
        return items.did_of(address), items.rkey_of(address) if items.is_post(address) else ""
    name = _NAME.fullmatch(address)
    if name:
        return name[1].lower(), ""
    try:
        parts = [part for part in urlsplit(address).path.split("/") if part]
    except ValueError:
        return "", ""
    if len(parts) >= 4 and parts[0] == "profile" and parts[2] == "post" and re.fullmatch(r"[\w.~:-]{1,512}", parts[3]):
        return parts[1], parts[3]
    return (parts[1], "") if len(parts) == 2 and parts[0] == "profile" else ("", "")

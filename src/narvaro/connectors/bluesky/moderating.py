"""
What the account can do about others' posts, and reading whether it stands.

A reply is hidden in the threadgate of our thread; it stays in its author's own account. A report goes to the
moderation service that our data server answers to. A block is a record of ours, one for each account.
"""

from __future__ import annotations

from dataclasses import dataclass

from narvaro.connectors import client
from narvaro.connectors.bluesky import items, reading, writing
from narvaro.connectors.bluesky.keys import new_key
from narvaro.connectors.bluesky.session import Session, code, message
from narvaro.connectors.client import Json, Params
from narvaro.connectors.port import Misconfigured, Transient

_MOST_HIDDEN = 300
_MOST_REASON = 1000
_MOST_BLOCK_PAGES = 100
_THREADGATE = "app.bsky.feed.threadgate"
_BLOCK = "app.bsky.graph.block"
_UNSEEN = frozenset({"AccountTakedown", "AccountSuspended", "AccountDeactivated"})


@dataclass(frozen=True)
class _Gate:
    """What is hidden in one thread of ours, and the version of the record that says so."""

    root: str
    record: Json
    hidden: tuple[str, ...]
    cid: str | None  # None while there is no record


def hide(session: Session, remote_id: str) -> None:
    """Add a reply to those hidden in our thread; one that is gone is hidden enough. See `Connector.hide`."""
    found = _post(session, remote_id)
    if found is not None:
        _hide(session, remote_id, found)


def show(session: Session, remote_id: str) -> None:
    """Take a reply off those hidden in our thread. See `Connector.show`."""
    found = _post(session, remote_id)
    gate = _gate(session, found) if found is not None else None
    if gate is not None and remote_id in gate.hidden:
        _store(session, gate, [uri for uri in gate.hidden if uri != remote_id])


def is_hidden(session: Session, remote_id: str) -> bool:
    """Read the threadgate; a post that is gone counts as hidden. See `Connector.is_hidden`."""
    found = _post(session, remote_id)
    if found is None:
        return True
    gate = _gate(session, found)
    return gate is not None and remote_id in gate.hidden


def take_down(session: Session, remote_id: str, *, is_own: bool, reason: str) -> None:
    """Remove what is ours; hide and report what is another's. See `Connector.take_down`."""
    if is_own or items.did_of(remote_id) == session.did:
        writing.remove(session, remote_id)
        return
    found = _post(session, remote_id)
    if found is None:
        return
    not_hidden = ""
    try:
        _hide(session, remote_id, found)
    except Misconfigured as error:
        not_hidden = str(error)
    is_reported = _report(session, found, reason)
    if not_hidden and is_reported:
        raise Misconfigured(
            f"{not_hidden} Inlägget är anmält till Bluesky. Blockera kontot om det behövs, och följ upp i appen."
        )
    if not_hidden:
        raise Misconfigured(f"{not_hidden} Anmäl inlägget i Bluesky-appen, och blockera kontot om det behövs.")


def block(session: Session, author_remote_id: str) -> None:
    """Block an account, once however often it is asked for. See `Connector.block`."""
    if not author_remote_id.startswith("did:"):
        raise Misconfigured("Kontots beteckning går inte att använda på Bluesky.")
    if author_remote_id == session.did:
        raise Misconfigured("Kontot kan inte blockera sig självt.")
    if _blocks(session, author_remote_id):
        return
    record = {"$type": _BLOCK, "subject": author_remote_id, "createdAt": writing.now()}
    wanted = writing.put(session.did, _BLOCK, new_key(), record)
    session.demand(session.call("POST", "com.atproto.repo.putRecord", json=wanted))


def unblock(session: Session, author_remote_id: str) -> None:
    """Remove every block of an account that is a record of ours. See `Connector.unblock`."""
    for key in _blocks(session, author_remote_id):
        session.tell("com.atproto.repo.deleteRecord", {"repo": session.did, "collection": _BLOCK, "rkey": key})


def is_blocked(session: Session, author_remote_id: str) -> bool:
    """
    Read whether the network keeps an account from us; of one that it does not show, whether our record stands.

    The network takes in a new record after a moment.
    """
    reply = session.call("GET", "app.bsky.actor.getProfile", params={"actor": author_remote_id})
    if reply.status == 400 and (code(reply) in _UNSEEN or message(reply).startswith("Profile not found")):
        return bool(_blocks(session, author_remote_id))
    viewer = client.part(session.demand(reply).document(), "viewer")
    return bool(client.word(viewer, "blocking") or client.part(viewer, "blockingByList"))


def _post(session: Session, uri: str) -> Json | None:
    """Return the record of a post, None when it is gone."""
    if not items.is_post(uri):
        raise Misconfigured("Inläggets beteckning går inte att använda på Bluesky.")
    return reading.record_of(session, uri)


def _hide(session: Session, uri: str, found: Json) -> None:
    gate = _gate(session, found)
    if gate is None:
        raise Misconfigured("Bara svar i kontots egna trådar kan döljas på Bluesky.")
    if uri in gate.hidden:
        return
    if len(gate.hidden) >= _MOST_HIDDEN:
        raise Misconfigured(f"Bluesky döljer högst {_MOST_HIDDEN} svar i en tråd, och så många är redan dolda.")
    _store(session, gate, [*gate.hidden, uri])


def _gate(session: Session, post: Json) -> _Gate | None:
    """Return what is hidden in the thread that a post answers in; None when that is no thread of ours."""
    root = client.word(client.part(client.part(client.part(post, "value"), "reply"), "root"), "uri")
    if items.did_of(root) != session.did:
        return None
    stored = reading.record_of(session, writing.uri_of(session, _THREADGATE, items.rkey_of(root)))
    record = client.part(stored, "value") if stored else {}
    kept = record.get("hiddenReplies")
    hidden = tuple(uri for uri in kept if isinstance(uri, str)) if isinstance(kept, list) else ()
    return _Gate(root, record, hidden, client.word(stored, "cid") if stored else None)


def _store(session: Session, gate: _Gate, hidden: list[str]) -> None:
    """Store what is hidden, on the condition that nobody changed it since: also who may answer stands there."""
    record = gate.record or {"$type": _THREADGATE, "post": gate.root, "createdAt": writing.now()}
    changed = {**record, "hiddenReplies": hidden}
    wanted = writing.put(session.did, _THREADGATE, items.rkey_of(gate.root), changed, swap=gate.cid)
    reply = session.call("POST", "com.atproto.repo.putRecord", json=wanted)
    if code(reply) == "InvalidSwap":
        raise Transient("Någon ändrade vad som är dolt i tråden just nu. Nytt försök görs.", retry_after_seconds=1)
    session.demand(reply)


def _report(session: Session, found: Json, reason: str) -> bool:
    """
    Report a post to the moderation service, and return whether it was taken in.

    The network does not show what we have reported, so the same post may be reported again after a failure.
    One that the service does not take in holds nothing up; a key that is dead, or a call too many, does.
    """
    subject = {
        "$type": "com.atproto.repo.strongRef",
        "uri": client.word(found, "uri"),
        "cid": client.word(found, "cid"),
    }
    body = {
        "reasonType": "com.atproto.moderation.defs#reasonViolation",
        "reason": reason[:_MOST_REASON],
        "subject": subject,
    }
    reply = session.call("POST", "com.atproto.moderation.createReport", json=body)
    if reply.status in {401, 429} or code(reply) == "RateLimitExceeded":
        session.demand(reply)
    return reply.ok


def _blocks(session: Session, author_remote_id: str) -> list[str]:
    """Return the keys of our records that block an account."""
    keys: list[str] = []
    cursor = ""
    for _page in range(_MOST_BLOCK_PAGES):
        params: Params = {"repo": session.did, "collection": _BLOCK, "limit": 100}
        if cursor:
            params = {**params, "cursor": cursor}
        found = session.ask("com.atproto.repo.listRecords", params)
        for each in client.parts(found, "records"):
            if client.word(client.part(each, "value"), "subject") == author_remote_id:
                keys.append(items.rkey_of(client.word(each, "uri")))
        following = client.word(found, "cursor")
        if not following or following == cursor:
            return keys
        cursor = following
    return keys

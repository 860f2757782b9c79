"""
Publishing, settling and removing what is ours. What is done about others' posts stands in `moderating`.

A post is put under a record key chosen beforehand, on the condition that nothing stands there. So the same
call can never make two posts, and reading that key tells whether an attempt took effect.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, UnidentifiedImageError

from narvaro.base import clock
from narvaro.connectors import client
from narvaro.connectors.bluesky import films, items, reading, text
from narvaro.connectors.bluesky.keys import is_key, new_key
from narvaro.connectors.bluesky.session import Session, code, trouble
from narvaro.connectors.client import Json, Reply, Unanswered
from narvaro.connectors.port import (
    Author,
    Card,
    Item,
    Limits,
    Misconfigured,
    NotThere,
    Outgoing,
    Picture,
    PlatformError,
    Published,
    Refused,
    Unknown,
)

LIMITS = Limits(
    max_length=300, counted="graphemes", max_pictures=4, max_picture_bytes=1_000_000, max_alt_length=2000,
    max_film_bytes=films.MAX_BYTES, max_film_seconds=films.MAX_SECONDS, takes_captions=True,
)  # fmt: skip
_MOST_BYTES = 3000
_IN_FLIGHT = timedelta(minutes=5)  # longer than any call of ours, and any proxy, lasts
_SIMILAR = 5
_UNSURE = "Bluesky svarade inte. Det går inte att veta om inlägget kom ut; Närvaro läser efter."


def publish(session: Session, post: Outgoing) -> Published | Refused | Unknown:
    """Publish once; see `Connector.publish`."""
    reason = _unfit(post)
    if reason:
        return Refused(reason)
    try:
        record = _record(session, post)
    except PlatformError as error:  # all of this is before the post
        return Refused(str(error), error)
    except _Gone:
        return Refused("Inlägget som skulle besvaras finns inte längre på Bluesky.")

    try:
        reply = session.call("POST", "com.atproto.repo.putRecord", json=put(session.did, items.POST, post.key, record))
    except Unanswered:
        return Unknown(_UNSURE)
    except PlatformError as error:
        return Refused(str(error), error)
    if reply.status >= 500 or reply.status == 408:
        return Unknown(f"Bluesky svarade med fel {reply.status}. Det går inte att veta om inlägget kom ut.")
    if code(reply) == "InvalidSwap":
        # Something stands under our key: an earlier attempt with the same key took effect.
        found = settle(session, post, clock.now())
        return found if isinstance(found, Published) else Unknown(_UNSURE)
    refusal = trouble(reply)
    if refusal is not None:
        return Refused(str(refusal), refusal)
    return Published(_published(session, post.key, record, reply))


def settle(session: Session, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
    """Find out by reading the key; see `Connector.settle`."""
    try:
        found = reading.stored_record_of(session, uri_of(session, items.POST, post.key))
        if found is not None:
            return Published(own_item(session, *found))
        certain = clock.now() - attempted_at > _IN_FLIGHT
        return NotThere(certain, _latest(session))
    except PlatformError as error:
        return Unknown(str(error))


def remove(session: Session, remote_id: str) -> None:
    """Remove our own post; one that is gone already stays gone. See `Connector.remove`."""
    if not items.is_post(remote_id) or items.did_of(remote_id) != session.did:
        raise Misconfigured("Bara kontots egna inlägg kan tas bort på Bluesky.")
    wanted = {"repo": session.did, "collection": items.POST, "rkey": items.rkey_of(remote_id)}
    session.tell("com.atproto.repo.deleteRecord", wanted)


def may_write(session: Session) -> None:
    """
    Try a real write that cannot have effect: it is bound to a state of the repository that never was.

    Raises:
        PlatformError: The key may not write.
    """
    never = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"
    record = {"$type": items.POST, "text": "", "createdAt": now()}
    wanted = {**put(session.did, items.POST, new_key(), record), "swapCommit": never}
    reply = session.call("POST", "com.atproto.repo.putRecord", json=wanted)
    if code(reply) != "InvalidSwap":
        session.demand(reply)


class _Gone(Exception):
    """What was to be answered is not there."""


def _unfit(post: Outgoing) -> str:
    """Return why the network would never take the post, or ""."""
    if not is_key(post.key):
        return "Inlägget saknar en giltig nyckel för Bluesky."
    length = text.graphemes(post.text)
    if length > 300 or len(post.text.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
        return f"Texten är för lång: {length} tecken, och Bluesky tar högst 300."
    if not post.text.strip() and not post.pictures and post.film is None:
        return "Inlägget är tomt."
    if post.film is not None and (reason := films.unfit(post.film)):
        return reason
    if len(post.pictures) > LIMITS.max_pictures:
        return f"Bluesky tar högst {LIMITS.max_pictures} bilder i ett inlägg."
    if post.poll is not None:
        return "Bluesky har inga omröstningar."
    if any(len(picture.content) > LIMITS.max_picture_bytes for picture in post.pictures):
        return "En bild är för stor: Bluesky tar högst 1 MB per bild."
    return ""


def _record(session: Session, post: Outgoing) -> Json:
    record: Json = {
        "$type": items.POST,
        "text": post.text,
        "createdAt": now(),
        "langs": [post.language] if post.language else [],
    }
    if post.parent_remote_id:
        record["reply"] = _reply(session, post.parent_remote_id)
    marks = text.facets(post.text, lambda handle: _did_of_handle(session, handle))
    if marks:
        record["facets"] = marks
    if post.film is not None:
        record["embed"] = films.embedded(session, post.film)
    elif post.pictures:
        images = [_uploaded(session, picture) for picture in post.pictures]
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    elif post.card:
        record["embed"] = {"$type": "app.bsky.embed.external", "external": _card(session, post.card)}
    return record


def _reply(session: Session, parent_uri: str) -> Json:
    """Return the references of an answer: the parent as it stands now, and the root that it names."""
    found = reading.record_of(session, parent_uri) if items.is_post(parent_uri) else None
    if found is None:
        raise _Gone
    parent = {"uri": client.word(found, "uri"), "cid": client.word(found, "cid")}
    named = client.part(client.part(client.part(found, "value"), "reply"), "root")
    root = {"uri": client.word(named, "uri"), "cid": client.word(named, "cid")}
    return {"root": root if root["uri"] and root["cid"] else parent, "parent": parent}


def _did_of_handle(session: Session, handle: str) -> str:
    reply = session.call("GET", "com.atproto.identity.resolveHandle", params={"handle": handle})
    if reply.status == 400 and trouble(reply).__class__ is Misconfigured:
        return ""  # nobody has the name; it stays plain text
    did = client.word(session.demand(reply).document(), "did")
    return did if did.startswith("did:") else ""


def _card(session: Session, card: Card) -> Json:
    shown: Json = {"uri": card.url, "title": card.title, "description": card.description}
    if card.picture is not None:
        shown["thumb"] = _uploaded(session, card.picture)["image"]
    return shown


def _uploaded(session: Session, picture: Picture) -> Json:
    reply = session.demand(
        session.call(
            "POST",
            "com.atproto.repo.uploadBlob",
            content=picture.content,
            headers={"content-type": picture.media_type},
            deadline_seconds=120.0,
        )
    )
    blob = client.part(reply.document(), "blob")
    if not blob:
        raise client.garbled(reply)
    image: Json = {"image": blob, "alt": picture.alt}
    size = _size(picture.content)
    if size:
        image["aspectRatio"] = {"width": size[0], "height": size[1]}
    return image


def _size(content: bytes) -> tuple[int, int] | None:
    """Return width and height as people see the picture, None when it cannot be told."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as picture:
                width, height = picture.size
                turned = picture.getexif().get(0x0112, 1) >= 5
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, TypeError):
        return None
    return ((height, width) if turned else (width, height)) if width > 0 and height > 0 else None


def put(did: str, collection: str, key: str, record: Json, *, swap: str | None = None) -> dict[str, Any]:
    """Return a write on the condition that `swap` is the record's version now; None that there is none."""
    return {"repo": did, "collection": collection, "rkey": key, "record": record, "swapRecord": swap}


def _published(session: Session, key: str, record: Json, reply: Reply) -> Item:
    """Return what stands on the network now; as it was sent when it cannot be read at once (P1)."""
    uri = uri_of(session, items.POST, key)
    try:
        found = reading.stored_record_of(session, uri)
    except PlatformError:
        found = None
    if found is not None:
        return own_item(session, *found)
    try:
        cid = client.word(reply.document(), "cid")
    except PlatformError:
        cid = ""
    sent = {"uri": uri, "cid": cid, "value": record}
    return own_item(session, sent, client.serialised(sent))


def own_item(session: Session, found: Json, raw: bytes) -> Item:
    """Return the item of a record of our own."""
    uri = client.word(found, "uri")
    who = Author(session.did, session.account.handle, "", items.profile_url(session.did))
    return items.item_of_record(uri, client.part(found, "value"), who, me=session.did, raw=raw)


def _latest(session: Session) -> tuple[Item, ...]:
    params: dict[str, str | int | Iterable[str]] = {"repo": session.did, "collection": items.POST, "limit": _SIMILAR}
    _answer, told = session.ask_for_items("com.atproto.repo.listRecords", params, "records")
    return tuple(own_item(session, each, raw) for each, raw in told if items.is_post(client.word(each, "uri")))


def uri_of(session: Session, collection: str, key: str) -> str:
    """Return the address of a record of our own."""
    return f"at://{session.did}/{collection}/{key}"


def now() -> str:
    """Return the time as the network writes it."""
    return clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

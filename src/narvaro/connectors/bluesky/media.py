"""Fetching the files of posts, as their authors uploaded them, and checking that they are the ones named."""

from __future__ import annotations

import base64
import hashlib

from narvaro.connectors.bluesky import items
from narvaro.connectors.bluesky.session import Session, home_of
from narvaro.connectors.client import Reply
from narvaro.connectors.port import PlatformError, Transient

_DIRECTORY = "https://plc.directory"
_COPIES = "https://cdn.bsky.app"
_FILE_SECONDS = 120.0  # a film takes longer than an answer; two tries fit in the lease of whoever fetches it
_RAW_SHA256 = b"\x01\x55\x12\x20"  # CID version 1, raw bytes, SHA-256 of 32 bytes


def fetch(session: Session, url: str, max_bytes: int) -> tuple[bytes, str]:
    """Return a file's bytes and media type; see `Connector.fetch_media`."""
    did, cid = items.blob_of(url)
    if not did:
        reply = _fetched(session, url, max_bytes)
        return reply.body, reply.media_type
    try:
        reply = _original(session, did, cid, max_bytes)
    except PlatformError:
        copies = session.account.options.get("cdn", _COPIES).rstrip("/")
        reply = _fetched(session, f"{copies}/img/feed_fullsize/plain/{did}/{cid}@jpeg", max_bytes)
    return reply.body, reply.media_type


def is_named(content: bytes, cid: str) -> bool:
    """Return whether the content is the one a content hash names; True for kinds of hash we do not know."""
    try:
        name = base64.b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8)) if cid.startswith("b") else b""
    except ValueError:
        return True
    return not name.startswith(_RAW_SHA256) or name[4:] == hashlib.sha256(content).digest()


def _original(session: Session, did: str, cid: str, max_bytes: int) -> Reply:
    directory = session.account.options.get("plc", _DIRECTORY)
    home = session.pds if did == session.did else home_of(did, directory, session.api)
    reply = session.demand(
        session.api(home).get(
            "/xrpc/com.atproto.sync.getBlob",
            {"did": did, "cid": cid},
            headers={"accept": "*/*"},
            max_bytes=max_bytes,
            deadline_seconds=_FILE_SECONDS,
        )
    )
    if not is_named(reply.body, cid):
        raise Transient("Filen som hämtades är inte den som inlägget hänvisar till.")
    return reply


def _fetched(session: Session, url: str, max_bytes: int) -> Reply:
    api = session.api(session.account.base_url)  # a whole address gets none of our headers
    reply = api.get(url, headers={"accept": "*/*"}, max_bytes=max_bytes, deadline_seconds=_FILE_SECONDS)
    return session.demand(reply)

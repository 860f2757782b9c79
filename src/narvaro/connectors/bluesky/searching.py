"""Looking for accounts and for what is said, as anybody on the network may."""

from __future__ import annotations

from collections.abc import Iterator

from narvaro.base import clock
from narvaro.connectors import client
from narvaro.connectors.bluesky.items import did_of, is_post, profile_url, rkey_of
from narvaro.connectors.bluesky.session import Session
from narvaro.connectors.client import Json
from narvaro.connectors.port import MOST_AUTHOR_ID, FoundAccount, FoundPost

MOST = 100  # the network gives no more at a time


def accounts(session: Session, words: str, most: int) -> tuple[FoundAccount, ...]:
    """Return the accounts that the network finds by a name, but our own."""
    asked: dict[str, str | int] = {"q": words, "limit": max(1, min(most, MOST))}
    found = client.parts(session.ask("app.bsky.actor.searchActors", asked), "actors")
    return tuple(_account(each) for each in _others(session, found))[:most]


def posts(session: Session, words: str, most: int) -> tuple[FoundPost, ...]:
    """Return what the network finds to have been said with these words, newest first, but by us."""
    asked: dict[str, str | int] = {"q": words, "limit": max(1, min(most, MOST)), "sort": "latest"}
    found = client.parts(session.ask("app.bsky.feed.searchPosts", asked), "posts")
    return tuple(_posts(session, found))[:most]


def _others(session: Session, found: list[Json]) -> Iterator[Json]:
    for each in found:
        did = client.word(each, "did")
        if did.startswith("did:") and len(did) <= MOST_AUTHOR_ID and did != session.did:
            yield each


def _account(found: Json) -> FoundAccount:
    did = client.word(found, "did")
    return FoundAccount(
        did, client.word(found, "handle"), client.word(found, "displayName"), client.word(found, "description"),
        profile_url(did),
    )  # fmt: skip


def _posts(session: Session, found: list[Json]) -> Iterator[FoundPost]:
    for each in found:
        uri, text = client.word(each, "uri"), client.word(client.part(each, "record"), "text")
        if not is_post(uri) or did_of(uri) == session.did or not text.strip():
            continue
        said_at = client.moment(client.word(each, "indexedAt")) or clock.now()
        yield FoundPost(uri, text, f"{profile_url(did_of(uri))}/post/{rkey_of(uri)}", min(said_at, clock.now()))

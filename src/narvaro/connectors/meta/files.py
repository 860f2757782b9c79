"""Pieces that the three connectors share: files, probes, and what we know of an own post besides its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from narvaro.base import http
from narvaro.connectors.client import Api, problem
from narvaro.connectors.mastodon.statuses import web_address
from narvaro.connectors.meta.graph import Graph
from narvaro.connectors.port import Account, Item, Misconfigured, Outgoing, PlatformError, ReconnectNeeded, Transient

FILE_SECONDS = 240.0  # a film takes longer than an answer; whoever fetches it holds a lease of five minutes


def fetched(account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
    """Fetch a public file by the address that the platform gave, without the account's key."""
    if not web_address(url):
        raise Misconfigured("Bildens adress går inte att hämta.")
    place = urlsplit(url)
    origin = f"{place.scheme}://{place.netloc}"
    guard = http.Guard(allow_private=account.allow_private_hosts)
    with Api(origin, guard, {"accept": "*/*"}, max_bytes=max_bytes) as api:
        reply = api.get(url[len(origin) :] or "/", deadline_seconds=FILE_SECONDS)
    error = problem(reply)
    if isinstance(error, ReconnectNeeded):
        # Addresses of files are signed and end after some days; the next reading of the thread gives a new one.
        raise Misconfigured(f"{reply.host} lämnar inte ut filen (kod {reply.status}).")
    if error is not None:
        raise error
    return reply.body, reply.media_type or "application/octet-stream"


def tried(graph: Graph, path: str, params: Mapping[str, str]) -> str:
    """Return why a call does not work, "" when it does."""
    try:
        graph.read(path, params)
    except Transient:
        raise
    except PlatformError as error:
        return str(error)
    return ""


def as_asked(item: Item, post: Outgoing) -> Item:
    """Fill in what we know and an answer does not say: that it is ours, and in which thread."""
    parent = item.parent_remote_id or post.parent_remote_id
    root = post.root_remote_id or item.root_remote_id or parent or item.remote_id
    return replace(item, is_own=True, parent_remote_id=parent, root_remote_id=root)

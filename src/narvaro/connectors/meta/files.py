"""Pieces that the three connectors share: probes, and what we know of an own post besides its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from narvaro.connectors.meta.graph import Graph
from narvaro.connectors.port import Item, Outgoing, PlatformError, Transient


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

"""What a page can do about what others write there: hide, remove, and keep somebody away."""

from __future__ import annotations

from narvaro.connectors.client import parts, word
from narvaro.connectors.meta.graph import Graph, is_missing, safe_id
from narvaro.connectors.port import Misconfigured

HIDDEN_IS = "En dold kommentar syns fortfarande för den som skrev den och dess vänner. Så gör Facebook."
HIDE_BY_HAND = "Öppna inlägget på Facebook och dölj kommentaren där."
REMOVE_BY_HAND = "Öppna inlägget på Facebook och ta bort det där."
BLOCK_BY_HAND = "Öppna sidans inställningar på Facebook och blockera personen där."


def hide(graph: Graph, remote_id: str, *, wanted: bool) -> None:
    """Hide a comment, or take it back; one that is gone is hidden enough. See `Connector.hide`."""
    reply = graph.post(safe_id(remote_id), {"is_hidden": "true" if wanted else "false"})
    if is_missing(reply) and _is_gone(graph, remote_id):
        return
    error = graph.refusal(reply)
    if isinstance(error, Misconfigured):
        raise Misconfigured(f"{error} {HIDE_BY_HAND}")
    if error is not None:
        raise error


def is_hidden(graph: Graph, remote_id: str) -> bool:
    """Read whether a comment is hidden or gone. See `Connector.is_hidden`."""
    reply = graph.get(safe_id(remote_id), {"fields": "id,is_hidden"})
    if is_missing(reply):
        return _is_gone(graph, remote_id)
    return graph.demand(reply).document().get("is_hidden") is True


def remove(graph: Graph, remote_id: str) -> None:
    """Remove a post of ours, or a comment on our page whoever wrote it. Twice is once."""
    reply = graph.delete(safe_id(remote_id))
    if is_missing(reply) and _is_gone(graph, remote_id):
        return
    error = graph.refusal(reply)
    if isinstance(error, Misconfigured):
        raise Misconfigured(f"{error} {REMOVE_BY_HAND}")
    if error is not None:
        raise error


def block(graph: Graph, author: str) -> None:
    """Keep somebody from writing on the page. See `Connector.block`."""
    reply = graph.post(f"{graph.me}/blocked", {"user": f"[{_number(author)}]"})
    error = graph.refusal(reply)
    if isinstance(error, Misconfigured):
        raise Misconfigured(f"{error} {BLOCK_BY_HAND}")
    if error is not None:
        raise error


def unblock(graph: Graph, author: str) -> None:
    """Take a block back; who is not blocked stays so. See `Connector.unblock`."""
    if not is_blocked(graph, author):
        return
    error = graph.refusal(graph.delete(f"{graph.me}/blocked", {"user": _number(author)}))
    if isinstance(error, Misconfigured):
        raise Misconfigured(f"{error} {BLOCK_BY_HAND}")
    if error is not None:
        raise error


def is_blocked(graph: Graph, author: str) -> bool:
    """Read whether the page keeps somebody away. See `Connector.is_blocked`."""
    reply = graph.read(f"{graph.me}/blocked", {"user": _number(author)})
    return any(word(each, "id") == author for each in parts(reply.document(), "data"))


def _number(author: str) -> str:
    if not author.isascii() or not author.isdecimal():
        raise Misconfigured(f"Facebook säger inte vem som skrev, så personen kan inte blockeras. {BLOCK_BY_HAND}")
    return author


def _is_gone(graph: Graph, remote_id: str) -> bool:
    return graph.read_if_there(safe_id(remote_id), {"fields": "id"}) is None

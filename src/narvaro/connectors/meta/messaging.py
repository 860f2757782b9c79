"""
Answering a private message to a page on Facebook or to a professional account on Instagram.

By Meta's Send API (Graph API v25.0: Page Messages, Send Messages with Instagram Login, Common Error Codes; read
2026-11-22, not tried against the live platforms). A conversation begins when a person writes. An answer may be sent
until 24 hours after the person's latest message, and by a person who works here until seven days after it, for which
Meta has to have approved the app ("Human Agent").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from narvaro.base import clock
from narvaro.connectors import private
from narvaro.connectors.client import Unanswered, part, word
from narvaro.connectors.meta import publishing
from narvaro.connectors.meta.conversations import Desk, asked, is_ours, item_of, moment_of, read_one
from narvaro.connectors.meta.graph import Graph, error_of, is_missing, safe_id
from narvaro.connectors.meta.publishing import CannotBe
from narvaro.connectors.meta.reading import after_of, entries
from narvaro.connectors.port import (
    Author,
    Item,
    Kind,
    NotThere,
    Outgoing,
    PlatformError,
    Published,
    Refused,
    Unknown,
    Visibility,
)

WINDOW = timedelta(hours=24)
PERSONS_WINDOW = timedelta(days=7)
OUTSIDE_WINDOW = (10, 2018278)
NOT_THERE = 551


def answer(graph: Graph, desk: Desk, post: Outgoing) -> Published | Refused | Unknown:
    """Answer a message once, in its conversation and nowhere else. See `Connector.publish`."""
    try:
        form = _prepared(graph, desk, post)
    except CannotBe as no:
        return Refused(str(no))
    except PlatformError as error:
        return Refused(f"Inget är skickat. {error}", error)
    try:
        reply = graph.post(f"{graph.me}/messages", form)
    except Unanswered as error:
        return Unknown(f"Det är oklart om svaret skickades. {error}")
    except PlatformError as error:
        return Refused(f"Inget är skickat. {error}", error)
    refused, said = graph.refusal(reply), error_of(reply)
    code = said.get("code")
    if refused is not None and (reply.status >= 500 or reply.status in {408, 409, 425} or code in {1, 2}):
        return Unknown(f"Det är oklart om svaret skickades. {desk.name} svarade med fel {code}.")
    if refused is not None:
        own = _refusal(said, desk, is_tagged="tag" in form)
        return Refused(f"Inget är skickat. {own or refused}", None if own else refused)
    try:
        remote_id = word(reply.document(), "message_id")
    except PlatformError as unreadable:
        return Unknown(f"Det är oklart om svaret skickades. {unreadable}")
    if not remote_id:
        return Unknown(f"Det är oklart om svaret skickades. {desk.name} gav ingen beteckning tillbaka.")
    return Published(_as_sent(graph, desk, post, remote_id, reply.body))


def settle(graph: Graph, desk: Desk, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
    """Look for an answer among our latest messages in its conversation. See `Connector.settle`."""

    def since(moment_before: datetime) -> tuple[list[Item], bool]:
        return _own_since(graph, desk, post, moment_before)

    found = publishing.settled(post, attempted_at, since)
    return Published(publishing.as_asked(found.item, post)) if isinstance(found, Published) else found


def _prepared(graph: Graph, desk: Desk, post: Outgoing) -> dict[str, str]:
    """Find out to whom and how an answer may be sent, and return the form of the one call that sends it."""
    if post.visibility != Visibility.PRIVATE or not private.is_message(post.root_remote_id):
        raise CannotBe(
            f"På {desk.name} kan ni svara privat bara i en konversation som personen själv har börjat. Inget är "
            "skickat."
        )
    if post.pictures or post.film is not None:
        raise CannotBe("Härifrån kan privata svar bara ha text. Inget är skickat.")
    if not post.text.strip():
        raise CannotBe("Svaret är tomt. Skriv något först.")
    over = (len(post.text.encode()) if desk.is_counted_in_bytes else len(post.text)) - desk.most_text
    if over > 0:
        raise CannotBe(
            f"{desk.name} tar högst {desk.most_text} tecken i ett meddelande, och svaret är ungefär {over} för långt. "
            "Inget är skickat."
        )
    person, latest = _person_in(graph, desk, private.platform_id(post.root_remote_id))
    waited = clock.now() - latest
    if waited > PERSONS_WINDOW:
        raise CannotBe(
            f"{desk.name} låter er svara i sju dagar efter personens senaste meddelande, och de har gått. Inget är "
            "skickat. Svara på ett annat sätt, om personen har lämnat en adress eller ett telefonnummer."
        )
    how = {"messaging_type": "RESPONSE"}
    if waited > WINDOW:
        how = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return {"recipient": json.dumps({"id": person}), "message": json.dumps({"text": post.text}), **how}


def _person_in(graph: Graph, desk: Desk, conversation: str) -> tuple[str, datetime]:
    """Return who the other one in a conversation is, and when they wrote last. Raises CannotBe when that is unsure."""
    reply = asked(graph, desk, conversation, "", fields="id,created_time,from")
    if is_missing(reply):
        raise CannotBe(f"Konversationen finns inte kvar på {desk.name}. Inget är skickat.")
    graph.demand(reply)
    theirs = [
        (word(part(each, "from"), "id"), at) for each, _raw in entries(reply)
        if not is_ours(part(each, "from"), graph) and (at := moment_of(word(each, "created_time"))) is not None
    ]  # fmt: skip
    people = {person for person, _at in theirs if person}
    if len(people) != 1:
        raise CannotBe(f"Det går inte att avgöra vem svaret ska till. Svara i {desk.name}s egen app. Inget är skickat.")
    return safe_id(people.pop()), max(at for _person, at in theirs)


def _refusal(error: Mapping[str, Any], desk: Desk, *, is_tagged: bool) -> str:
    """Return what a refusal of the Send API means, where its code says more here than elsewhere; else ""."""
    code, subcode = error.get("code"), error.get("error_subcode")
    if is_tagged and (code in {10, 100, 200} or (code, subcode) == OUTSIDE_WINDOW):
        return (
            f"Mer än ett dygn har gått sedan personen skrev. För att få svara efter det måste Meta ha godkänt "
            f"myndighetens app för ”Human Agent”. Svara i {desk.name}s egen app, och be den som sköter appen ansöka."
        )
    if (code, subcode) == OUTSIDE_WINDOW:
        return f"{desk.name} tar inte längre emot svar i konversationen. Svara på ett annat sätt."
    if code == NOT_THERE:
        return "Personen tar inte emot meddelanden just nu. Svara på ett annat sätt."
    return ""


def _own_since(graph: Graph, desk: Desk, post: Outgoing, since: datetime) -> tuple[list[Item], bool]:
    conversation = private.platform_id(post.root_remote_id)
    reply = graph.demand(asked(graph, desk, conversation, ""))
    made = [item_of(each, raw, conversation, graph) for each, raw in entries(reply)]
    found = [item for item in made if item is not None]
    is_all = not after_of(reply) or any(item.published_at < since for item in found)
    return [item for item in found if item.is_own and item.published_at >= since], is_all


def _as_sent(graph: Graph, desk: Desk, post: Outgoing, remote_id: str, raw: bytes) -> Item:
    """Read what is there now; what was sent stands for it when it cannot be read just now."""
    kept = private.kept_id(remote_id)
    try:
        item = read_one(graph, desk, kept, root=post.root_remote_id)
    except PlatformError:
        item = None
    if item is None:
        author = Author(graph.me, graph.account.handle)
        item = Item(kept, Kind.MESSAGE, author, post.text, clock.now(), raw, visibility=Visibility.PRIVATE)
    return publishing.as_asked(item, post)

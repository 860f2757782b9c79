"""
Looking for accounts and for what is said, as far as a server lets its accounts.

Few servers search all that they know; most know a hashtag. So words are looked for as they stand and, run together, as
a tag, and what either gives is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from narvaro.base import clock
from narvaro.base.text import plain_text
from narvaro.connectors.client import Json, Reply, moment, opaque_id, part, parts, raw_items, word
from narvaro.connectors.mastodon.session import Session
from narvaro.connectors.mastodon.statuses import Us, author_of, text_of, visibility_of
from narvaro.connectors.port import FoundAccount, FoundPost, Misconfigured, Visibility
from narvaro.connectors.web import web_address

MOST = 40  # no server gives more at a time
_SEARCH = "/api/v2/search"
_NOT_OF_A_TAG = re.compile(r"[\W_]+")
_NO_SEARCH = "{host} låter ingen söka efter {what}."


def accounts(session: Session, words: str, most: int) -> tuple[FoundAccount, ...]:
    """Return the accounts that the server finds by a name, but our own; Misconfigured when it cannot search."""
    asked: dict[str, str | int] = {"q": words, "limit": max(1, min(most, MOST))}
    reply = session.read_if_there(_SEARCH, {**asked, "type": "accounts", "resolve": "false"})
    if reply is not None:
        found = parts(reply.document(), "accounts")
    else:
        older = session.read_if_there("/api/v1/accounts/search", {**asked, "resolve": "false"})
        if older is None:
            raise Misconfigured(_NO_SEARCH.format(host=session.api.host, what="konton"))
        found = _listed(older)
    return tuple(_accounts(session.us, found))[:most]


def posts(session: Session, words: str, most: int) -> tuple[FoundPost, ...]:
    """Return what the server finds to have been said in public with these words, newest first, but by us."""
    limit = max(1, min(most, MOST))
    tag = _NOT_OF_A_TAG.sub("", words)
    replies = [
        session.read_if_there(_SEARCH, {"q": words, "type": "statuses", "limit": limit, "resolve": "false"}),
        session.read_if_there(f"/api/v1/timelines/tag/{quote(tag)}", {"limit": limit}) if tag else None,
    ]
    if all(reply is None for reply in replies):
        raise Misconfigured(_NO_SEARCH.format(host=session.api.host, what="det som skrivs"))
    searched, tagged = replies
    found = parts(searched.document(), "statuses") if searched is not None else []
    found += _listed(tagged) if tagged is not None else []
    told = {each.remote_id: each for each in _posts(session.us, found)}
    return tuple(sorted(told.values(), key=lambda each: each.published_at, reverse=True))[:most]


def _listed(reply: Reply) -> list[Json]:
    return [each for each, _raw in raw_items(reply.body)]


def _accounts(us: Us, found: list[Json]) -> Iterator[FoundAccount]:
    for each in found:
        who = author_of(each, us)
        if who.remote_id and who.handle and who.remote_id != us.remote_id:
            yield FoundAccount(who.remote_id, who.handle, who.display_name, plain_text(word(each, "note")), who.url)


def _posts(us: Us, found: list[Json]) -> Iterator[FoundPost]:
    for each in found:
        link = web_address(word(each, "url")) or web_address(word(each, "uri"))
        text = text_of(each)
        is_told = link and text and word(each, "id") and part(each, "account") and not part(each, "reblog")
        if not is_told or us.wrote(each) or visibility_of(each, us) is not Visibility.PUBLIC:
            continue
        said_at = moment(word(each, "created_at")) or clock.now()
        yield FoundPost(opaque_id(word(each, "uri") or link), text, link, min(said_at, clock.now()))

"""Builders for tests: a comment as it stands in the inbox. For tests only."""

from __future__ import annotations

from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.core import ledger
from narvaro.core.models import Authority
from narvaro.core.types import Actor
from narvaro.inbox import actions, queries
from narvaro.inbox.models import Incoming
from narvaro.records.testing import a_kept


def a_comment(
    authority: Authority, text: str = "När öppnar simhallen?", *, channel: Channel | None = None, **values: object
) -> Incoming:
    """Return something that a resident wrote, kept and triaged."""
    channel = channel or a_channel(authority)
    item = a_kept(authority, text, channel=channel, **values)
    take_in(authority)
    return Incoming.objects.everywhere("builder").select_related("channel", "item__channel").get(item=item)


def take_in(authority: Authority) -> None:
    """Give positions to what is kept, and take all of it into the inbox."""
    while ledger.sequence(authority):
        pass
    while actions.triage(authority=authority):
        ledger.sequence(authority)


def reread(incoming: Incoming) -> Incoming:
    """Return the row as it stands now."""
    return (
        Incoming.objects.everywhere("builder")
        .select_related("channel", "item__channel", "unit", "person", "publication")
        .get(pk=incoming.pk)
    )


def uids(actor: Actor, which: str) -> list[str]:
    """Return every item of a list, page by page."""
    found: list[str] = []
    key = ""
    for _ in range(1000):
        page = queries.list_page(actor, which, after=key)
        found += [str(card.incoming.uid) for card in page.cards]
        key = page.next_key
        if not key:
            return found
    raise AssertionError("the list never ends")

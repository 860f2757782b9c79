"""Builders for tests: something a citizen wrote, as a connector gives it, and as it stands when kept."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from typing import Any

from django.db import connection

from narvaro.base.clock import now
from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Author, Item, Kind, Page
from narvaro.core import ledger
from narvaro.core.models import Authority
from narvaro.core.types import Actor
from narvaro.records import actions, guards, models, queries

_numbers = itertools.count(1)
CITIZEN = Author("citizen-1", "medborgare@social.example", "En medborgare", "https://social.example/@medborgare")


def an_item(
    text: str = "När öppnar simhallen?", *, remote_id: str = "", at: datetime | None = None, **values: Any
) -> Item:
    """Return an item as a connector gives it."""
    remote_id = remote_id or f"remote-{next(_numbers)}"
    kind = values.pop("kind", Kind.COMMENT)
    author = values.pop("author", CITIZEN)
    raw = values.pop("raw", json.dumps({"id": remote_id, "content": text}).encode())
    return Item(remote_id=remote_id, kind=kind, author=author, text=text, published_at=at or now(), raw=raw, **values)


def a_page(*items: Item, **values: Any) -> Page:
    return Page(items=items, next_cursor=values.pop("next_cursor", "c"), **values)


def a_kept(
    authority: Authority, text: str = "När öppnar simhallen?", *, channel: Channel | None = None, **values: Any
) -> models.Item:
    """Return a record that is captured and has its place in the ledger."""
    channel = channel or a_channel(authority)
    item = an_item(text, **values)
    actions.capture(channel=channel, page=a_page(item))
    ledger.sequence(authority)
    return (
        models.Item.objects.everywhere("builder")
        .select_related("channel")
        .get(channel=channel, remote_id=item.remote_id)
    )


def records_text(actor: Actor, item_id: int) -> str:
    """Return the latest words of a record, read as pages read them."""
    item = queries.item_by_id(actor, item_id)
    return queries.shown(actor, [item])[0].text


def lift_guards() -> None:
    """
    Take away the guards and the search index's rows, so that a test in real transactions can be cleared after.

    Call it in a fixture that ends before the database is flushed; the flush puts the guards back.
    """
    with connection.cursor() as cursor:
        for statement in guards._statements():
            if statement.startswith("DROP TRIGGER"):
                cursor.execute(statement)
        cursor.execute("DELETE FROM records_search")

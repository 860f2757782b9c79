"""What becomes of items' rows when fewer or more may see the items here than before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection

from narvaro.connectors.port import Visibility
from narvaro.core.types import Actor
from narvaro.inbox.actions.step import store
from narvaro.inbox.models import Incoming
from narvaro.moderation import actions as moderation

if TYPE_CHECKING:
    from narvaro.records.models import Item


def follow_audience(actor: Actor, items: Sequence[Item], waits: bool) -> None:
    """
    Show the rows of some items to those who may see the items now; part of the transaction that decides who may.

    Whoever has one open is told that it has changed: an answer takes over who may see it.

    Args:
        waits: Whether to wait for rows that others have locked; else they are left to the feed.

    Law: TF-4
    """
    private = {item.pk: item.visibility == Visibility.PRIVATE for item in items}
    rows = Incoming.objects.of(actor).filter(item_id__in=private).order_by("pk")
    skips = not waits and connection.features.has_select_for_update_skip_locked
    for row in list(rows.select_for_update(skip_locked=skips)):
        if row.is_private != private[row.item_id]:
            machine = Actor.system(row.authority, "follow who may see it")
            store(machine, row, is_private=private[row.item_id])
    if waits:  # a person has looked and decided
        moderation.note_widened(actor, items)

"""What becomes of an item's row when a person has let more see it: no version comes that the feed could tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narvaro.connectors.port import Visibility
from narvaro.core.types import Actor
from narvaro.inbox.actions.step import store
from narvaro.inbox.models import Incoming

if TYPE_CHECKING:
    from narvaro.records.models import Item


def follow_widened(actor: Actor, item: Item) -> None:
    """
    Show the row of an item to those who may see the item now; part of the transaction of whoever let them.

    Whoever has it open is told that it has changed: what they write may no longer be read by one alone.

    Law: TF-4
    """
    row = Incoming.objects.of(actor).select_for_update().filter(item=item, is_private=True).first()
    if row is not None and item.visibility != Visibility.PRIVATE:
        store(Actor.system(row.authority, "follow who may see it"), row, is_private=False)

"""How many have liked, spread and answered what is kept: no part of what was written, and so of no version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from narvaro.connectors.port import Item as Found
from narvaro.records.models import Item


@transaction.atomic
def store_counts(*, channel: Any, items: Sequence[Found]) -> int:
    """
    Write how the platform counts now, where that has changed; returns of how many items.

    What a platform says nothing of stands as it was told last.

    Law: none.
    """
    told = {item.remote_id: dict(item.counts) for item in items if item.counts}
    rows = Item.objects.everywhere("store counts").filter(
        authority_id=channel.authority_id, channel_id=channel.pk, remote_id__in=list(told)
    )
    changed = [row for row in rows.select_for_update().order_by("pk") if told[row.remote_id] != row.counts]
    for row in changed:
        row.counts = told[row.remote_id]
    Item.objects.everywhere("store counts").bulk_update(changed, ["counts"], batch_size=200)
    return len(changed)

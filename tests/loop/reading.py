"""Reading a channel until what was written has come in."""

from __future__ import annotations

import time
from typing import Any

from narvaro.channels import actions as channels
from narvaro.records import tasks
from narvaro.records.models import Item


def read_until(channel: Any, *, kept: int) -> None:
    """Read the channel until it holds `kept` items; a real server delivers after a moment. At most 15 s."""
    found = Item.objects.everywhere("test").filter(channel=channel)
    for _ in range(60):
        reading = channels.claim_reading(channel_id=channel.pk)
        assert reading is not None
        tasks.read_channel(reading)
        if found.count() >= kept:
            return
        time.sleep(0.25)
    raise AssertionError(f"Only {found.count()} of {kept} items came in.")

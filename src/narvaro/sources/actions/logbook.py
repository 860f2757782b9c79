"""What a source did and why, as rows that people read; the same again is one row that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from narvaro.base.clock import now
from narvaro.core.types import Actor
from narvaro.sources.models import LogRow, Source
from narvaro.sources.types import Did

if TYPE_CHECKING:
    from narvaro.publishing.models import Message

LOOKED_BACK = 12


def log(actor: Actor, source: Source, did: Did, text: str = "", message: Message | None = None) -> None:
    """Write that a source did something; said just now in the same words, it is counted instead."""
    said = text[:500]
    if message is None:
        latest = (
            LogRow.objects.of(actor).filter(source=source).order_by("-id").values_list("pk", flat=True)[:LOOKED_BACK]
        )
        same = LogRow.objects.of(actor).filter(pk__in=list(latest), did=did, text=said, message=None)
        if same.update(count=F("count") + 1, at=now()):
            return
    LogRow.objects.create(authority_id=actor.authority_id, source=source, did=did, text=said, message=message)

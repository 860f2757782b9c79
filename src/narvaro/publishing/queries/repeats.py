"""Every read of texts that come again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from narvaro.core.types import Actor
from narvaro.publishing.models import Repeat, RepeatChannel, RepeatDraft, SavedText

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


def repeat_of(actor: Actor, saved: SavedText, *, lock: bool = False) -> Repeat | None:
    """Return how a text comes again, or None where nobody has said that it does."""
    rows = Repeat.objects.of(actor).filter(saved=saved)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("set_by", "picture")
    found: Repeat | None = rows.first()
    return found


def repeats_of(actor: Actor, texts: Iterable[SavedText]) -> dict[int, Repeat]:
    """Return how several texts come again, by the text's key."""
    rows = Repeat.objects.of(actor).filter(saved__in=[each.pk for each in texts])
    return {row.saved_id: row for row in rows}


def channels_of_repeat(actor: Actor, repeat: Repeat) -> list[Channel]:
    """Return the channels that a text is meant for, by name."""
    rows = RepeatChannel.objects.of(actor).filter(repeat=repeat).select_related("channel")
    return [row.channel for row in rows.order_by("channel__name", "channel_id")]


def drafts_of_repeat(actor: Actor, repeat: Repeat, *, limit: int = 20) -> list[RepeatDraft]:
    """Return the drafts that a text became, newest first."""
    rows = RepeatDraft.objects.of(actor).filter(repeat=repeat).select_related("message")
    return list(rows.order_by("-due_on")[:limit])


def has_draft(repeat: Repeat, due_on: date) -> bool:
    """Whether a text became a draft for a day already."""
    return RepeatDraft.objects.everywhere("propose again").filter(repeat=repeat, due_on=due_on).exists()

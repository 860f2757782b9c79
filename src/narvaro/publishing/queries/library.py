"""Every read of texts to begin from, labels and campaigns."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from narvaro.core.types import ANSWERS, Actor, NotFound
from narvaro.publishing.models import Label, Message, MessageLabel, SavedText


def saved_texts(actor: Actor, *, words: str = "", limit: int = 200) -> list[SavedText]:
    """Return the texts to begin from, by name; with `words` in them when given."""
    if not actor.has_anywhere(*ANSWERS):
        return []
    rows = SavedText.objects.of(actor).filter(put_away_at=None).select_related("made_by")
    if words:
        rows = rows.filter(name__icontains=words) | rows.filter(text__icontains=words)
    return list(rows.order_by("name", "id")[:limit])


def saved_text_for(actor: Actor, uid: UUID | str) -> SavedText:
    """Return one text to begin from. Raises NotFound."""
    found: SavedText | None = None
    if actor.has_anywhere(*ANSWERS):
        found = SavedText.objects.of(actor).filter(uid=uid, put_away_at=None).first()
    if found is None:
        raise NotFound
    return found


def labels(actor: Actor, *, limit: int = 200) -> list[Label]:
    """Return the authority's labels and campaigns, campaigns first, by name."""
    rows = Label.objects.of(actor).filter(put_away_at=None)
    return list(rows.order_by("kind", "name")[:limit])


def label_for(actor: Actor, uid: UUID | str) -> Label:
    """Return one label or campaign. Raises NotFound."""
    found: Label | None = Label.objects.of(actor).filter(uid=uid, put_away_at=None).first()
    if found is None:
        raise NotFound
    return found


def marks_of(actor: Actor, message: Message) -> list[Label]:
    """Return the labels and campaigns of a message, also those put away since; campaigns first."""
    rows = MessageLabel.objects.of(actor).filter(message=message).select_related("marked")
    return [row.marked for row in rows.order_by("marked__kind", "marked__name")]


def marks_of_all(actor: Actor, found: Iterable[Message]) -> dict[int, list[Label]]:
    """Return the labels and campaigns of several messages, by the message's key."""
    listed: dict[int, list[Label]] = {}
    rows = MessageLabel.objects.of(actor).filter(message__in=[each.pk for each in found]).select_related("marked")
    for row in rows.order_by("marked__kind", "marked__name"):
        listed.setdefault(row.message_id, []).append(row.marked)
    return listed

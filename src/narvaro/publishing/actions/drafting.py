"""Steps that every write of a message takes: hold it, take back what was planned, keep its wording, store it."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.publishing import queries, rules
from narvaro.publishing.actions.chains import PLACE
from narvaro.publishing.actions.publications import undo
from narvaro.publishing.models import (
    Message,
    MessageChannel,
    MessageVersion,
)
from narvaro.publishing.types import NOT_BEGUN, MessageState

KIND = queries.MESSAGE_KIND
ADVICE_KIND = "publishing.message.advice"
MOST_PATIENCE_HOURS = 24 * 14


def held(actor: Actor, uid: UUID | str, seen_version: int | None, form_key: UUID | None = None) -> Message:
    """Return a message locked, as it was seen or as the same form left it. Raises NotFound, NotPermitted, Stale."""
    message = queries.message_for(actor, uid, lock=True)
    is_own = actor.person_id is not None and message.written_by_id == actor.person_id
    if not (is_own or any(queries.is_theirs(actor, part.channel) for part in queries.channels_of(actor, message))):
        raise NotPermitted
    is_same_form = form_key is not None and form_key == message.autosave_key
    if seen_version is not None and seen_version != message.version and not is_same_form:
        raise Stale(_("Någon har ändrat inlägget sedan du öppnade det. Läs det nya först."))
    return message


def take_back(actor: Actor, message: Message) -> None:
    """Take back what was asked or planned, so that the message can be changed. Raises Stale when it goes out."""
    if message.state == MessageState.PLANNED:
        sent = queries.sent_of(queries.channels_of(actor, message))
        if any(queries.has_begun(each) for each in sent):
            raise Stale(_("Inlägget har börjat gå ut och kan inte ändras. Skriv en rättelse i stället."))
        for each in sent:
            if each.state in NOT_BEGUN:
                undo(actor=actor, publication=each)
        MessageChannel.objects.of(actor).filter(message=message).update(publication=None)
    if message.state in (MessageState.PLANNED, MessageState.AWAITING):
        audit.note(actor, "publishing.void_approval", message, version=message.version)
    settle(actor, message)
    message.sent_at = None


def store(actor: Actor, message: Message, *, changed: bool = True) -> None:
    """Store a message as its next version.

    Args:
        changed: Whether it says something else than before, and who said so.
    """
    message.version += 1
    if changed:
        message.changed_by_id, message.changed_at = actor.person_id, now()
    message.save()


def keep_version(actor: Actor, message: Message) -> None:
    """Keep what a message says now, beside all that it has said."""
    MessageVersion.objects.create(
        authority_id=actor.authority_id, message=message, number=message.version, by_id=actor.person_id,
        content=queries.content_of(actor, message),
    )  # fmt: skip


def set_time(message: Message, day: date | None, clock: time | None, patience_hours: int | None) -> None:
    """Set when a message goes out and how late it may. Raises Invalid: half a time, or one that never comes."""
    if (day is None) != (clock is None):
        raise Invalid(_("Skriv både dag och klockslag, eller inget av dem."), field="clock" if day else "day")
    if patience_hours is not None and not 0 < patience_hours <= MOST_PATIENCE_HOURS:
        raise Invalid(_("Välj hur sent det får gå ut."), field="patience_hours")
    message.planned_day, message.planned_clock = day, clock
    message.planned_at = rules.moment_of(day, clock) if day and clock else None
    message.patience_hours = patience_hours


def settle(actor: Actor, message: Message) -> None:
    """Let nobody wait for a message any more: neither for its approval nor for advice about it."""
    for kind in (KIND, ADVICE_KIND):
        waiting.settle(actor, PLACE, kind, [message.pk])

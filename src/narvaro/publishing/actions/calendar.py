"""Every write of the calendar: a message moved to another time, the address that follows it, and days of voting."""

from __future__ import annotations

from datetime import date, time
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.publishing import queries
from narvaro.publishing.actions.drafting import held, keep_version, set_time, store, take_back
from narvaro.publishing.actions.messages import send_message
from narvaro.publishing.models import CalendarFeed, ElectionDay, Message
from narvaro.publishing.types import MessageState

MOST_NAME = 80
MOST_ELECTION_DAYS = 20


@transaction.atomic
def reschedule_message(
    *, actor: Actor, uid: UUID | str, day: date, clock: time, seen_version: int | None = None, agreed: bool = False
) -> Message:  # fmt: skip
    """
    Move a message to another time, as a clock on the wall here shows it.

    The time is part of what was approved: where somebody else reads it first the approval is void, and it is asked
    for anew. What needs nobody else is planned anew at once, and passes the gate as any post does. A draft stays one.

    Args:
        agreed: Whoever moves it knows that the approval becomes void, or that the day lies before an election.

    Raises:
        NotFound, NotPermitted
        Invalid: The time has passed or never comes, a channel does not take it, or it was not agreed: says why.
        Stale: Somebody changed it meanwhile, or it has begun to go out.

    Law: TF-5, KL-4, SEC-3
    """
    message = held(actor, uid, seen_version)
    before, state = message.planned_at, message.state
    if state == MessageState.THROWN or (state == MessageState.PLANNED and before is None):
        raise Stale(_("Inlägget har ingen tid att flytta."))
    moving = queries.moving(actor, message, day)
    if not agreed and moving.asks:
        raise Invalid(" ".join(moving.asks), field="agreed")
    set_time(message, day, clock, message.patience_hours)
    if message.planned_at is None or message.planned_at <= now():
        raise Invalid(_("Tiden har passerat. Välj en som kommer."), field="day")
    if message.planned_at == before:
        return message
    take_back(actor, message)
    message.state = MessageState.DRAFT
    store(actor, message)
    keep_version(actor, message)
    audit.note(
        actor, "publishing.reschedule_message", message,
        before=before.isoformat() if before else "", after=message.planned_at.isoformat(),
    )  # fmt: skip
    return message if state == MessageState.DRAFT else send_message(actor=actor, uid=message.uid)


@transaction.atomic
def follow_calendar(*, actor: Actor) -> str:
    """
    Make a new secret with which the actor's own calendar program reads the calendar; an earlier one ends.

    Returns:
        The secret: only what it comes to is kept, so it can never be shown again.

    Raises:
        NotPermitted: The actor reads no messages.
    """
    if actor.person_id is None or not actor.has_anywhere(*queries.READERS):
        raise NotPermitted
    secret = token_urlsafe(32)
    CalendarFeed.objects.of(actor).filter(person_id=actor.person_id).delete()
    CalendarFeed.objects.create(
        authority_id=actor.authority_id, person_id=actor.person_id, secret_hash=sha256(secret.encode()).hexdigest()
    )
    audit.note(actor, "publishing.follow_calendar")
    return secret


@transaction.atomic
def unfollow_calendar(*, actor: Actor) -> None:
    """Let the secret that reads the calendar end. Without one nothing happens."""
    if actor.person_id and CalendarFeed.objects.of(actor).filter(person_id=actor.person_id).delete()[0]:
        audit.note(actor, "publishing.unfollow_calendar")


@transaction.atomic
def add_election_day(*, actor: Actor, on: date, name: str) -> ElectionDay:
    """
    Say a day of voting beside the ordinary elections: to the European Parliament, anew, or a referendum.

    Raises:
        NotPermitted: The actor does not lead communications.
        Invalid: No name, the day has passed or is said already, or there are too many.

    Law: SEC-3
    """
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    name = name.strip()
    if not 0 < len(name) <= MOST_NAME:
        raise Invalid(_("Skriv vad det är för val."), field="name")
    if on < today() or on.year > today().year + 10:
        raise Invalid(_("Välj en dag som kommer, inom tio år."), field="on")
    rows = ElectionDay.objects.of(actor)
    if rows.filter(on=on).exists():
        raise Invalid(_("Den dagen är redan inskriven."), field="on")
    if rows.count() >= MOST_ELECTION_DAYS:
        raise Invalid(_("Det finns redan många dagar. Ta bort någon först."), field="on")
    made: ElectionDay = ElectionDay.objects.create(authority_id=actor.authority_id, on=on, name=name)
    audit.note(actor, "publishing.add_election_day", on=on.isoformat(), name=name)
    return made


@transaction.atomic
def remove_election_day(*, actor: Actor, key: int) -> None:
    """Take back a day of voting. Raises NotFound; NotPermitted: The actor does not lead communications."""
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    row = ElectionDay.objects.of(actor).filter(pk=key).first()
    if row is None:
        raise NotFound
    row.delete()
    audit.note(actor, "publishing.remove_election_day", on=row.on.isoformat(), name=row.name)

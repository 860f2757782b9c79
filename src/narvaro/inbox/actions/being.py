"""Who is at an item now, so that two people on one item see each other."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from narvaro.base.clock import now
from narvaro.core.types import Actor, Invalid
from narvaro.inbox import queries
from narvaro.inbox.models import Presence
from narvaro.inbox.types import Beside, Doing, ThreadPage
from narvaro.moderation import actions as moderation
from narvaro.records import actions as records


@transaction.atomic
def be_present(*, actor: Actor, uid: UUID | str, doing: str = Doing.LOOKS) -> list[Beside]:
    """
    Say that the actor looks or writes at an item; it holds for 45 seconds. Returns who else is there.

    No audit: it is no act, and it is forgotten.

    Raises:
        NotFound: No such item for this actor.
        Invalid: No such doing.
    """
    if doing not in Doing.values:
        raise Invalid
    incoming = queries.incoming_for(actor, uid)
    if actor.person_id is not None:
        Presence.objects.bulk_create(
            [
                Presence(
                    authority_id=actor.authority_id, incoming=incoming, person_id=actor.person_id, doing=str(doing),
                    at=now(),
                )
            ],
            update_conflicts=True, unique_fields=["authority", "incoming", "person"], update_fields=["doing", "at"],
        )  # fmt: skip
    return queries.presence(actor, incoming)


def note_opened(*, actor: Actor, page: ThreadPage) -> None:
    """
    Note that the actor has a thread before them: oversight counts what somebody who can act on it has opened, and a
    report to the police tells who has seen what.

    No audit: each has a row of its own, and reading is no act.

    Law: BBS-3, BBS-4, SM-19
    """
    unopened = page.unopened
    if unopened.items and moderation.note_seen(actor, unopened.items, are_followed=unopened.are_followed):
        return  # that too says who has it before them; the page asks again in seconds, and the rest is noted then
    records.note_opened(actor=actor, items=page.unnoted)


@transaction.atomic
def leave(*, actor: Actor, uid: UUID | str) -> None:
    """Say that the actor is no longer at an item. Raises NotFound."""
    incoming = queries.incoming_for(actor, uid)
    Presence.objects.of(actor).filter(incoming=incoming, person_id=actor.person_id or 0).delete()

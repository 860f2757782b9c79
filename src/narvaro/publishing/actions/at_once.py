"""What cannot wait for somebody else's eyes: one person lets it out with a reason, and it is looked at afterwards."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.publishing import queries
from narvaro.publishing.actions.approval import note_at_once
from narvaro.publishing.actions.drafting import held
from narvaro.publishing.actions.messages import hand_over
from narvaro.publishing.actions.publications import release
from narvaro.publishing.models import Message, Publication
from narvaro.publishing.queries import approval
from narvaro.publishing.types import MessageState, State


@transaction.atomic
def publish_at_once(*, actor: Actor, uid: UUID | str, why: str, seen_version: int | None = None) -> Message:
    """
    Let out a message that somebody else would have read first. It always works, for one who posts in its channels.

    Its planned time counts no more: it goes out now. Somebody else looks at it before the next working day is over.

    Raises:
        NotFound
        NotPermitted: The actor does not post in each of the channels.
        Invalid: No reason, no channel, or a channel does not take it.
        Stale: Changed meanwhile, or it neither waits nor is a draft.

    Law: KL-4, TF-5
    """
    message = held(actor, uid, seen_version)
    if message.state not in (MessageState.DRAFT, MessageState.AWAITING):
        raise Stale(_("Inlägget är redan skickat eller planerat."))
    parts = queries.channels_of(actor, message)
    if not parts:
        raise Invalid(_("Välj minst en kanal."), field="channels")
    if not all(queries.is_theirs(actor, part.channel) for part in parts):
        raise NotPermitted
    if not why.strip():
        raise Invalid(_("Skriv varför det inte kan vänta på att någon annan läser."), field="why")
    if message.state == MessageState.AWAITING:
        audit.note(actor, "publishing.void_approval", message, version=message.version)
    message.planned_day = message.planned_clock = message.planned_at = None
    hand_over(actor, message, parts)
    note_at_once(actor, why=why, message=message)
    return message


@transaction.atomic
def answer_at_once(*, actor: Actor, publication_uid: UUID | str, why: str) -> Publication:
    """
    Let out one's own answer that waits for somebody else's eyes, with a reason; looked at afterwards.

    Raises:
        NotFound
        NotPermitted: It is somebody else's answer, or waits for a crisis.
        Invalid: No reason.
        Stale: It waits no longer.

    Law: KL-4, FL-2
    """
    publication = queries.publication_for(actor, publication_uid)
    if publication.state != State.AWAITING:
        raise Stale(_("Svaret väntar inte längre på godkännande."))
    if not actor.is_person(publication.written_by_id) or not approval.waits_for_another(actor, publication):
        raise NotPermitted
    if not why.strip():
        raise Invalid(_("Skriv varför det inte kan vänta på att någon annan läser."), field="why")
    release(actor=actor, publication=publication, why=why, is_alone=True)
    note_at_once(actor, why=why, publication=publication)
    return queries.publication_for(actor, publication_uid)

"""Answers, acknowledgements and referrals: out through `publishing`, and what their delivery leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotFound
from narvaro.inbox import queries, rules
from narvaro.inbox.actions import bringing
from narvaro.inbox.actions.step import (
    OPENED,
    done_values,
    locked,
    refuse_done,
    refuse_others,
    refuse_underway,
    store,
    tell_who_waits,
)
from narvaro.inbox.models import Incoming, Reply
from narvaro.inbox.types import NotNow, Outcome, Purpose, ReferTo, State
from narvaro.policy import queries as policy
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as publications
from narvaro.publishing.types import NEEDS_PERSON
from narvaro.publishing.types import State as Sending

if TYPE_CHECKING:
    from narvaro.media.models import Picture
    from narvaro.publishing.models import Publication

_DELIVERED_AS = {Purpose.ANSWER: Outcome.ANSWERED, Purpose.REFERRAL: Outcome.REFERRED}


@transaction.atomic
def answer(
    *,
    actor: Actor,
    uid: UUID | str,
    text: str,
    pictures: Sequence[Picture] = (),
    sign: bool = True,
    seen_version: int | None = None,
) -> Publication:
    """
    Answer a resident. It goes out as a publication; the item is done when the platform has it.

    The signature is added by itself, without a name where the person or the item asks for that.

    Raises:
        NotFound: No such item for this actor.
        NotPermitted: The actor does not answer residents, or the channel is not connected.
        NotNow: An answer is on its way already, or the item is done.
        Stale: Somebody changed the item in between.
        Invalid: The text is empty.

    Law: FL-2, FL-9, TF-4, TF-5
    """
    return _send(actor, uid, text, Purpose.ANSWER, pictures=pictures, sign=sign, seen_version=seen_version)


@transaction.atomic
def refer(
    *, actor: Actor, uid: UUID | str, to: str, target: str, text: str = "", sign: bool = True,
    seen_version: int | None = None,
) -> Publication:  # fmt: skip
    """
    Show a resident to an e-service, a phone number, an address or the right authority, out of the open thread.

    Args:
        to: One of `ReferTo`.
        target: The address, number or name.
        text: What to write; "" takes the suggested text.

    Raises:
        NotFound, NotPermitted, NotNow, Stale: As `answer`.
        Invalid: No target.

    Law: FL-5, FL-2
    """
    if to not in ReferTo.values:
        raise Invalid(_("Välj vart du hänvisar."), field="to")
    if not target.strip():
        raise Invalid(_("Fyll i vart du hänvisar."), field="target")
    words = text.strip() or rules.referral_text(to, target.strip())
    return _send(actor, uid, words, Purpose.REFERRAL, sign=sign, seen_version=seen_version)


@transaction.atomic
def acknowledge(
    *, actor: Actor, uid: UUID | str, text: str = "", sign: bool = True, seen_version: int | None = None
) -> Publication:
    """
    Tell a resident that the question is seen. The clock goes on, and the item stays open.

    Raises:
        NotFound, NotPermitted, NotNow, Stale: As `answer`.

    Law: FL-2
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    refuse_underway(incoming)
    if incoming.acknowledged_at is not None:
        raise NotNow(_("Den som skrev har redan fått veta att vi har sett frågan."))
    words = text.strip() or rules.acknowledgement_text()
    publication = _publish(actor, incoming, words, Purpose.ACKNOWLEDGEMENT, sign=sign)
    store(actor, incoming, acknowledged_at=now())
    tell_who_waits(actor, [incoming])
    audit.note(actor, "inbox.acknowledge", incoming, publication=publication.uid)
    return publication


@transaction.atomic
def undo_answer(*, actor: Actor, publication_uid: UUID | str) -> Incoming:
    """
    Take back an answer, a referral or an acknowledgement before it has begun to be sent.

    Raises:
        NotFound: No such publication, or it answers nothing in the inbox.
        Stale: It is being sent, or is out already.
    """
    publication = publications.publication_for(actor, publication_uid)
    reply = queries.replies_of(actor, [publication.pk]).get(publication.pk)
    if reply is None:
        raise NotFound
    incoming = locked(actor, reply.incoming.uid)
    publishing.undo(actor=actor, publication=publication)
    if reply.purpose == Purpose.ACKNOWLEDGEMENT:
        store(actor, incoming, acknowledged_at=None)
    elif incoming.publication_id == publication.pk and incoming.done_at is None:
        store(actor, incoming, **OPENED, publication=None)
    tell_who_waits(actor, [incoming])
    audit.note(actor, "inbox.undo_answer", incoming, publication=publication.uid)
    return incoming


@transaction.atomic
def register_own_link(
    *, actor: Actor, uid: UUID | str, url: str, text: str, seen_version: int | None = None
) -> Incoming:
    """
    Register an answer that the person published themselves where Närvaro is not connected: kept as a record,
    and the item is done.

    Raises:
        NotFound, NotPermitted, NotNow, Stale: As `answer`.
        Invalid: No text, or the link is none.

    Law: TF-5, FL-2
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    refuse_underway(incoming)
    if not text.strip():
        raise Invalid(_("Klistra in svaret som du publicerade."), field="text")
    if url and not url.startswith(("https://", "http://")):
        raise Invalid(_("Klistra in hela länken, med https:// först."), field="url")
    bringing.keep_own(actor, incoming, url=url.strip(), text=text.strip())
    store(actor, incoming, **done_values(actor, Outcome.ANSWERED_IN_APP), answered_at=now())
    tell_who_waits(actor, [incoming])
    audit.note(actor, "inbox.register_own_link", incoming)
    return incoming


def settle_answers(*, limit: int = 500) -> int:
    """
    Follow answers on their way: delivered ones close their item; refused, unclear and undone ones open it
    again, so that a person sees it. Returns how many items changed.

    An unclear answer that turns out to be delivered closes its item then.
    """
    rows = Incoming.objects.everywhere("follow answers").filter(done_at=None, publication__isnull=False)
    seen = list(
        rows.order_by("publication_id").values_list("pk", "state", "publication_id", "publication__state")[:limit]
    )
    again = publications.tries_after(row[2] for row in seen)
    moved = [
        pk
        for pk, state, publication_id, sending in seen
        if publication_id in again
        or sending in (Sending.DELIVERED, Sending.CANCELLED)
        or (state == State.ANSWERING and sending in NEEDS_PERSON)
    ]
    return sum(_settle(pk) for pk in moved)


def _send(
    actor: Actor, uid: UUID | str, text: str, purpose: Purpose, *, pictures: Sequence[Picture] = (), sign: bool,
    seen_version: int | None,
) -> Publication:  # fmt: skip
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    _refuse_underway(incoming)
    refuse_done([incoming])
    publication = _publish(actor, incoming, text, purpose, pictures=pictures, sign=sign)
    store(
        actor, incoming, state=State.ANSWERING.value, publication=publication, person_id=actor.person_id,
        with_communications=False, snoozed_until=None,
    )  # fmt: skip
    tell_who_waits(actor, [incoming])
    audit.note(
        actor, f"inbox.{'refer' if purpose == Purpose.REFERRAL else 'answer'}", incoming, publication=publication.uid
    )
    return publication


def _publish(
    actor: Actor, incoming: Incoming, text: str, purpose: Purpose, *, pictures: Sequence[Picture] = (), sign: bool
) -> Publication:
    if not text.strip():
        raise Invalid(_("Skriv ett svar."), field="text")
    if sign and actor.person_id is not None:
        style = str(policy.decided(actor).get("reply_signature", ""))
        text = rules.signed(text, queries.signature_of(core.person_by_id(actor.person_id), incoming, style=style))
    return publish(actor, incoming, text, purpose, pictures=pictures)


def publish(
    actor: Actor, incoming: Incoming, text: str, purpose: Purpose, *, pictures: Sequence[Picture] = ()
) -> Publication:
    """Commit the intent to publish under an item, with why it answers; part of the caller's transaction."""
    publication = publishing.publish_answer(actor=actor, item=incoming.item, text=text, pictures=pictures)
    Reply.objects.create(
        authority_id=actor.authority_id, incoming=incoming, publication=publication, purpose=purpose.value
    )
    return publication


def _refuse_underway(incoming: Incoming) -> None:
    refuse_underway(incoming)
    sent = incoming.publication
    if incoming.done_at is None and sent is not None and sent.state == Sending.UNKNOWN and sent.settled_at is None:
        raise NotNow(_("Det är oklart om det förra svaret gick fram. Se efter på plattformen och avgör det först."))


@transaction.atomic
def _settle(pk: int) -> bool:
    """Follow one answer: to its newest try, and from there to what became of it."""
    row: Incoming | None = (
        Incoming.objects.everywhere("follow answers")
        .select_for_update(of=("self",))
        .filter(pk=pk, done_at=None, publication__isnull=False)
        .select_related("authority", "channel", "publication")
        .first()
    )
    if row is None or row.publication is None:
        return False
    actor = Actor.system(row.authority, "follow answers")
    newest = publications.tries_after([row.publication.pk]).get(row.publication.pk)
    if newest is not None:
        purpose = queries.purpose_of(actor, newest)
        Reply.objects.bulk_create(
            [Reply(authority_id=row.authority_id, incoming=row, publication=newest, purpose=purpose)],
            ignore_conflicts=True,
        )
        row.publication = newest
    values = _after_sending(actor, row, row.publication)
    if values is None and newest is None:
        return False
    store(actor, row, publication=row.publication, **(values or {"state": State.ANSWERING.value}))
    tell_who_waits(actor, [row], always=True)
    audit.note(actor, "inbox.settle_answer", row, publication=row.publication.uid, state=row.publication.state)
    if row.publication.state == Sending.CANCELLED:
        store(actor, row, publication=None)
    return True


def _after_sending(actor: Actor, row: Incoming, sent: Publication) -> dict[str, Any] | None:
    if sent.state == Sending.DELIVERED:
        purpose = Purpose(queries.purpose_of(actor, sent))
        values = done_values(actor, _DELIVERED_AS.get(purpose, Outcome.ANSWERED))
        return values | {"done_by_id": sent.written_by_id, "answered_at": sent.settled_at or now()}
    if sent.state == Sending.CANCELLED:
        return dict(OPENED)
    if sent.state in NEEDS_PERSON and row.state == State.ANSWERING:
        return OPENED | {"person_id": sent.written_by_id or row.person_id}
    return None

"""Letters on their way: made once for a post, claimed one at a time, each handed to the mail server once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.jobs import real_now
from narvaro.core.types import Actor
from narvaro.outlets import queries, rules
from narvaro.outlets.models import Delivery, Issue, Subscriber
from narvaro.outlets.types import DeliveryState

if TYPE_CHECKING:
    from narvaro.publishing.models import Publication

LEASE = timedelta(minutes=3)
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in our hands, for one attempt."""

    delivery_id: int
    fence: int


def make_issues() -> int:
    """Turn newsletters that are out into one letter for each reader there is now; each once. Returns how many."""
    made = 0
    for publication in queries.unsent()[:20]:
        try:
            with transaction.atomic():
                _make(publication)
            made += 1
        except IntegrityError:  # another worker made it meanwhile
            continue
    return made


def claim_letter() -> Letter | None:
    """Commit "sending" for the next letter that is due; None when there is none."""
    with transaction.atomic():
        rows = _rows().filter(state=DeliveryState.WAITING, due_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row = rows.order_by("due_at", "id").first()
        if row is None:
            return None
        changed = (
            _rows()
            .filter(pk=row.pk, state=DeliveryState.WAITING)
            .update(
                state=DeliveryState.SENDING, fence=F("fence") + 1, tries=F("tries") + 1,
                lease_until=real_now() + LEASE,
            )
        )  # fmt: skip
        return Letter(row.pk, row.fence + 1) if changed else None


def store_letter(letter: Letter, state: DeliveryState, reason: str = "") -> None:
    """Store what became of a letter, at once."""
    _ours(letter).update(state=state, reason=reason[:300], lease_until=None, ended_at=now())


def put_back(letter: Letter, reason: str) -> None:
    """Let a letter that surely was not taken wait for another try; give up after some."""
    row = _ours(letter).first()
    if row is None:
        return
    if row.tries >= rules.MOST_TRIES:
        store_letter(letter, DeliveryState.REFUSED, reason)
        return
    _ours(letter).update(
        state=DeliveryState.WAITING, due_at=now() + rules.wait_after(row.tries), lease_until=None, reason=reason[:300]
    )


def sweep_expired() -> int:
    """Turn letters whose worker vanished into unclear ones; they are never sent again. Returns how many."""
    rows = _rows().filter(state=DeliveryState.SENDING, lease_until__lt=real_now())
    changed: int = rows.update(state=DeliveryState.UNKNOWN, lease_until=None, ended_at=now())
    return changed


def _make(publication: Publication) -> None:
    actor = Actor.system(publication.channel.authority, "send newsletters")
    readers = Subscriber.objects.of(actor).filter(channel_id=publication.channel_id).exclude(confirmed_at=None)
    ids = iter(list(readers.order_by("id").values_list("pk", flat=True)))
    issue = Issue.objects.create(authority_id=actor.authority_id, publication=publication, recipients=0)
    count = 0
    while batch := list(islice(ids, BATCH)):
        Delivery.objects.bulk_create([
            Delivery(authority_id=actor.authority_id, issue=issue, subscriber_id=pk) for pk in batch
        ])  # fmt: skip
        count += len(batch)
    Issue.objects.of(actor).filter(pk=issue.pk).update(recipients=count)
    audit.note(actor, "outlets.make_issue", publication, recipients=count)


def _ours(letter: Letter) -> QuerySet[Delivery]:
    return _rows().filter(pk=letter.delivery_id, fence=letter.fence, state=DeliveryState.SENDING)


def _rows() -> QuerySet[Delivery]:
    return Delivery.objects.everywhere("send newsletters")

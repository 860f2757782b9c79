"""The parts of a thread: each is a publication of its own, and waits until the one before it is out."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core.types import Actor
from narvaro.publishing import queries
from narvaro.publishing.models import Publication
from narvaro.publishing.types import State

PLACE = "publications"
KIND = "publishing.publication"


def link(publications: Sequence[Publication]) -> None:
    """Let each publication of a new thread wait for the one before it; none of them has begun."""
    for number, each in enumerate(publications, 1):
        each.part, each.parts = number, len(publications)
        each.follows = publications[number - 2] if number > 1 else None
    Publication.objects.everywhere("make a thread").bulk_update(publications, ["part", "parts", "follows"])


def take_place(publication: Publication, again: Publication) -> None:
    """Let a new try stand where the part that it tries again stood, so that the rest follows it instead."""
    again.follows_id, again.part, again.parts = publication.follows_id, publication.part, publication.parts
    again.save(update_fields=["follows", "part", "parts"])
    _rows().filter(follows_id=publication.pk).exclude(pk=again.pk).update(follows=again)


def continue_after(publication: Publication) -> None:
    """Let the next part out, now that this one is."""
    _rows().filter(follows_id=publication.pk, state=State.TURN).update(state=State.QUEUED, not_before=now())


def end_rest(actor: Actor, publication: Publication) -> None:
    """Let the parts that wait for this one be: it never goes out, or nobody knows where it stands."""
    rest = queries.rest_of(publication)
    ended = _rows().filter(pk__in=[each.pk for each in rest], state__in=(State.TURN, State.AWAITING))
    if ended.update(state=State.CANCELLED):
        waiting.settle(actor, PLACE, KIND, [each.pk for each in rest])
        audit.note(actor, "publishing.end_thread", publication, parts=len(rest))


def is_its_turn(publication: Publication) -> bool:
    """Whether nothing before a publication is still to go out."""
    return publication.follows is None or publication.follows.state == State.DELIVERED


def _rows() -> QuerySet[Publication]:
    return Publication.objects.everywhere("publish a thread")

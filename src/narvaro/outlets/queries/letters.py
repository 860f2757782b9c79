"""Readers and letters: how many, never who, but for sending."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet

from narvaro.channels.types import ChannelState, Platform
from narvaro.core.types import Actor
from narvaro.outlets.models import Delivery, Issue, Subscriber, Withdrawal
from narvaro.outlets.types import DeliveryState
from narvaro.publishing.queries.delivered import delivered_on

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.publishing.models import Publication


def reader_at(token: str) -> Subscriber | None:
    """Return whom a link in a letter is for, with the authority; None when they have left."""
    rows = Subscriber.objects.everywhere("open a link in a letter").select_related("authority", "channel")
    return rows.filter(token=token).first() if token else None


def readers_of(actor: Actor, found: Iterable[Channel]) -> dict[int, int]:
    """Return how many have confirmed that they want each newsletter, by the channel's key; 0 is left out."""
    rows = Subscriber.objects.of(actor).filter(channel__in=list(found)).exclude(confirmed_at=None)
    return {row["channel_id"]: row["n"] for row in rows.values("channel_id").annotate(n=Count("pk"))}


def issues_of(actor: Actor, posts: Iterable[Publication]) -> dict[int, dict[str, int]]:
    """
    Return of each post that went out as letters how many there were and how they fared, by the post's key.

    What had no readers then is left out.
    """
    rows = Delivery.objects.of(actor).filter(issue__publication__in=list(posts))
    found: dict[int, dict[str, int]] = {}
    for row in rows.values("issue__publication_id", "issue__recipients", "state").annotate(n=Count("pk")):
        fared = found.setdefault(row["issue__publication_id"], {"recipients": row["issue__recipients"]})
        fared[row["state"]] = row["n"]
    return found


def unsent() -> QuerySet[Publication]:
    """Return newsletters that are out and not yet handed to their readers, oldest first, for the sweep."""
    made = Issue.objects.everywhere("send newsletters").values("publication_id")
    gone = Withdrawal.objects.everywhere("send newsletters").values("publication_id")
    rows = delivered_on([Platform.NEWSLETTER]).exclude(channel__state=ChannelState.CLOSED)
    return rows.exclude(pk__in=made).exclude(pk__in=gone)


def delivery_for_sending(pk: int) -> Delivery | None:
    """Return a letter that is in our hands, with all that stands in it; None when its reader has left meanwhile."""
    rows = Delivery.objects.everywhere("send newsletters").filter(pk=pk, state=DeliveryState.SENDING)
    related = ("subscriber__channel", "issue__publication", "authority")
    return rows.exclude(subscriber=None).select_related(*related).first()

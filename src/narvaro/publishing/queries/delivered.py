"""What has gone out in channels of our own, for those who show it and send it on."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from narvaro.core.types import Actor
from narvaro.publishing.models import Publication, PublicationPicture
from narvaro.publishing.types import State


def delivered_in(actor: Actor, channel_ids: Iterable[int]) -> QuerySet[Publication]:
    """Return what is out in some of the authority's channels, newest first; answers to others are left out."""
    rows = Publication.objects.of(actor).filter(channel_id__in=list(channel_ids), state=State.DELIVERED, answers=None)
    return rows.select_related("channel").order_by("-settled_at", "-id")


def delivered_on(platforms: Iterable[str]) -> QuerySet[Publication]:
    """Return what is out in all channels of some platforms, oldest first, for a sweep."""
    rows = Publication.objects.everywhere("send what is out").filter(
        channel__platform__in=list(platforms), state=State.DELIVERED, answers=None
    )
    return rows.select_related("channel__authority").order_by("id")


def pictures_by_post(actor: Actor, posts: Iterable[Publication]) -> dict[int, list[PublicationPicture]]:
    """Return the pictures of each of some publications in their places, by the publication's key; none: absent."""
    rows = PublicationPicture.objects.of(actor).filter(publication__in=list(posts)).select_related("picture")
    found: dict[int, list[PublicationPicture]] = {}
    for row in rows.order_by("publication_id", "place"):
        found.setdefault(row.publication_id, []).append(row)
    return found

"""What stands on our own pages: outlets, and the posts that are out in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from narvaro.channels import queries as channels
from narvaro.channels.types import NOT_BEGUN, OWN
from narvaro.core.types import Actor, NotFound
from narvaro.media import queries as media
from narvaro.outlets.models import Withdrawal
from narvaro.publishing import queries as publishing
from narvaro.publishing.queries.delivered import delivered_in

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.publishing.models import Publication

PAGE = 20


def outlets(actor: Actor) -> list[Channel]:
    """Return the authority's own feeds and newsletters that have begun, by name; closed ones too: what is out stays."""
    return [each for each in channels.channels(actor, include_closed=True) if _is_outlet(each)]


def outlet_for(actor: Actor, uid: UUID | str) -> Channel:
    """Return one of them. Raises NotFound."""
    found = channels.channel_for(actor, uid)
    if not _is_outlet(found):
        raise NotFound
    return found


def posts_of(
    actor: Actor, channel: Channel, *, before: int | None = None, limit: int = PAGE
) -> list[Publication]:  # fmt: skip
    """Return what is out in an outlet, newest first, older than the post with key `before` when given."""
    rows = _out(actor, channel)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-id")[:limit])


def newest_of_each(actor: Actor, found: Sequence[Channel], *, limit: int) -> dict[int, list[Publication]]:
    """Return the newest of what is out in some outlets, at most `limit` of each, by the channel's key."""
    gone = Withdrawal.objects.of(actor).values("publication_id")
    rows = delivered_in(actor, [each.pk for each in found]).exclude(pk__in=gone).order_by("-id")
    by_channel: dict[int, list[Publication]] = {}
    for row in rows[: limit * 20]:
        mine = by_channel.setdefault(row.channel_id, [])
        if len(mine) < limit:
            mine.append(row)
    return by_channel


def post_at(actor: Actor, channel: Channel, key: str) -> Publication:
    """Return the post that an address leads to. Raises NotFound: never out there, or taken away."""
    found = _out(actor, channel).filter(key=key).first()
    if found is None:
        raise NotFound
    return found


def post_to_withdraw(actor: Actor, uid: UUID | str) -> Publication:
    """Return a post that is out in an outlet of the authority. Raises NotFound."""
    found = publishing.publication_for(actor, uid)
    return post_at(actor, outlet_for(actor, found.channel.uid), found.key)


def picture_at(publication: Publication, place: int) -> tuple[bytes, str]:
    """Return the bytes and the media type of a picture of a post. Raises NotFound."""
    for row in publishing.pictures_shown(publication):
        if row.place == place:
            return media.bytes_of(row.picture), row.picture.media_type
    raise NotFound


def _out(actor: Actor, channel: Channel) -> QuerySet[Publication]:
    gone = Withdrawal.objects.of(actor).values("publication_id")
    return delivered_in(actor, [channel.pk]).exclude(pk__in=gone)


def _is_outlet(channel: Channel) -> bool:
    return channel.platform in OWN and channel.state not in NOT_BEGUN

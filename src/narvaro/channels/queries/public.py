"""
The register as anybody may read it: which accounts are the authority's, and whether a certain one is.

Functions, never personal names; nothing of how an account is guarded or what is still lacking.

Law: BBS-2, OSL-5, TF-1
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.db.models.functions import Lower

from narvaro.base import platforms
from narvaro.base.clock import STOCKHOLM
from narvaro.channels import rules
from narvaro.channels.models import Channel, ChannelCard
from narvaro.channels.types import AccountKind, ChannelState, Comments
from narvaro.core import wall
from narvaro.core.types import Actor

_MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class PublicAccount:
    """One account as anybody may know it. `closed_on` is None while it is in use."""

    uid: str
    authority: str
    authority_slug: str
    organisation_number: str
    platform: str
    platform_name: str
    name: str
    handle: str
    url: str
    unit: str
    kind: str
    purpose: str
    audience: str
    languages: tuple[str, ...]
    staffed_hours: str
    comments: str
    elsewhere: str
    function_mailbox: str
    privacy_url: str
    opened_on: date | None
    closed_on: date | None


def public_accounts(actor: Actor) -> list[PublicAccount]:
    """Return the authority's accounts, those in use first and by name, then those that were closed, latest first."""
    rows = Channel.objects.of(actor).select_related("unit", "authority").order_by("name", "id")
    cards = {card.channel_id: card for card in ChannelCard.objects.of(actor)}
    found = [_public(row, cards.get(row.pk)) for row in rows]
    in_use = [each for each in found if each.closed_on is None]
    closed = [each for each in found if each.closed_on is not None]
    return in_use + sorted(closed, key=lambda each: each.closed_on or date.min, reverse=True)


def accounts_named(typed: str, *, actor: Actor | None = None) -> list[PublicAccount]:
    """
    Return the official accounts that somebody may mean by an address or a name; those in use first.

    Args:
        actor: Whose accounts; None for those of every authority here, since an account is asked for by whoever
            doubts it, and what is told is open.
    """
    meant = rules.accounts_meant(typed)
    if not meant:
        return []
    wanted = Q()
    for platform, handle in meant:
        wanted |= Q(low=handle, platform=platform) if platform else Q(low=handle)
    if actor is not None:
        return _of(Channel.objects.of(actor), wanted)
    with wall.widened("answer whose an account is"):
        return _of(Channel.objects.everywhere("answer whose an account is"), wanted)


def _of(rows: object, wanted: Q) -> list[PublicAccount]:
    found = list(
        rows.annotate(low=Lower("handle"))  # type: ignore[attr-defined]
        .filter(wanted)
        .select_related("unit", "authority")
        .order_by("id")[:_MOST_FOUND]
    )
    cards = {
        card.channel_id: card
        for card in ChannelCard.objects.everywhere("answer whose an account is").filter(channel__in=found)
    }
    accounts = [_public(row, cards.get(row.pk)) for row in found]
    return sorted(accounts, key=lambda each: each.closed_on is not None)


def _public(channel: Channel, card: ChannelCard | None) -> PublicAccount:
    card = card or ChannelCard()
    closed_on = channel.closed_at.astimezone(STOCKHOLM).date() if channel.closed_at else None
    return PublicAccount(
        uid=str(channel.uid),
        authority=channel.authority.name,
        authority_slug=channel.authority.slug,
        organisation_number=channel.authority.organisation_number,
        platform=channel.platform,
        platform_name=platforms.platform(channel.platform).name if channel.platform != platforms.OTHER else "",
        name=channel.name,
        handle=channel.handle,
        url=channel.url,
        unit=channel.unit.name,
        kind=AccountKind(card.kind).value,
        purpose=channel.purpose,
        audience=card.audience,
        languages=tuple(card.languages.replace(",", " ").split()),
        staffed_hours=card.staffed_hours,
        comments=Comments(card.comments).value,
        elsewhere=card.elsewhere,
        function_mailbox=card.function_mailbox,
        privacy_url=card.privacy_url,
        opened_on=card.opened_on,
        closed_on=closed_on if channel.state == ChannelState.CLOSED else None,
    )

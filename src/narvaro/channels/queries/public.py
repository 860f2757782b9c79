"""
The register as anybody may read it: which accounts are the authority's, and whether a certain one is.

Functions, never personal names; nothing of how an account is guarded or what is still lacking.

Law: BBS-2, OSL-5, TF-1
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from narvaro.base import platforms
from narvaro.base.clock import STOCKHOLM
from narvaro.channels import rules
from narvaro.channels.models import Channel, ChannelCard
from narvaro.channels.types import NOT_BEGUN, AccountKind, ChannelState, Comments
from narvaro.core import wall
from narvaro.core.types import Actor

_MOST_FOUND = 50
_OF_CHANNEL = (
    "uid", "platform", "name", "handle", "url", "purpose", "state", "closed_at", "unit__name", "authority__name",
    "authority__slug", "authority__organisation_number",
)  # fmt: skip
_OF_CARD = (
    "channel", "kind", "audience", "languages", "staffed_hours", "elsewhere", "comments", "function_mailbox",
    "privacy_url", "opened_on",
)  # fmt: skip


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
    """
    Return the authority's accounts, those in use first and by name, then those that were closed, latest first.

    What is only proposed or decided is not there yet, and nobody outside is told of it.
    """
    rows = Channel.objects.of(actor).exclude(state__in=NOT_BEGUN).select_related("unit", "authority")
    cards = {card.channel_id: card for card in ChannelCard.objects.of(actor).only(*_OF_CARD)}
    found = [_public(row, cards.get(row.pk)) for row in rows.only(*_OF_CHANNEL).order_by("name", "id")]
    in_use = [each for each in found if each.closed_on is None]
    closed = [each for each in found if each.closed_on is not None]
    return in_use + sorted(closed, key=lambda each: each.closed_on or date.min, reverse=True)


def accounts_named(typed: str, *, actor: Actor | None = None) -> list[PublicAccount]:
    """
    Return the official accounts that somebody may mean by an address or a name; those in use first.

    Args:
        actor: Whose accounts; None for those of every authority here but made-up ones, since an account is asked
            for by whoever doubts it, and what is told is open.
    """
    meant = rules.accounts_meant(typed)
    if not meant:
        return []
    wanted = Q()
    for platform, handle in meant:
        wanted |= Q(handle_key=handle, platform=platform) if platform else Q(handle_key=handle)
    if actor is not None:
        return _found(Channel.objects.of(actor), ChannelCard.objects.of(actor), wanted)
    duty = "answer whose an account is"
    with wall.widened(duty):
        rows = Channel.objects.everywhere(duty).filter(authority__is_demo=False)  # what is made up is nobody's
        return _found(rows, ChannelCard.objects.everywhere(duty), wanted)


def _found(rows: QuerySet[Channel], cards: QuerySet[ChannelCard], wanted: Q) -> list[PublicAccount]:
    found = list(
        rows.filter(wanted)
        .exclude(state__in=NOT_BEGUN)
        .select_related("unit", "authority")
        .only(*_OF_CHANNEL)
        .order_by("id")[:_MOST_FOUND]
    )
    by_channel = {card.channel_id: card for card in cards.filter(channel__in=found).only(*_OF_CARD)} if found else {}
    accounts = [_public(row, by_channel.get(row.pk)) for row in found]
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

"""What accounts said of themselves when they were looked at last."""

from __future__ import annotations

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from narvaro.channels.models import Channel, ChannelCard, ChannelCheck, CheckDemands
from narvaro.channels.queries.register import card_of
from narvaro.channels.rules import about
from narvaro.core import queries as core
from narvaro.core.types import Actor


def check_of(actor: Actor, channel: Channel) -> ChannelCheck | None:
    """Return what an account told when it was looked at last; None when nobody has looked."""
    found: ChannelCheck | None = ChannelCheck.objects.of(actor).select_related("by").filter(channel=channel).first()
    return found


def check_in_hand(pk: int) -> ChannelCheck:
    """Return a check that a sweep has claimed, with its channel and authority."""
    rows = ChannelCheck.objects.everywhere("check accounts").select_related("channel__unit", "authority")
    return rows.get(pk=pk)


def demands_of(actor: Actor) -> CheckDemands:
    """Return what the authority wants presentations to say; a blank row with what is usual where nobody has chosen."""
    found: CheckDemands | None = CheckDemands.objects.of(actor).first()
    return found or CheckDemands(
        authority_id=actor.authority_id, items=[item.value for item in about.USUAL_ITEMS]
    )  # fmt: skip


def expected_of(actor: Actor, channel: Channel, card: ChannelCard | None = None) -> about.Expected:
    """Return what the presentation of a channel's account is held against."""
    authority = core.authority_of(actor)
    card = card or card_of(actor, channel)
    pages = (
        _open("house_rules:channel", slug=authority.slug, uid=str(channel.uid)),
        _open("house_rules:page", slug=authority.slug),
    )
    return about.Expected(
        names=(authority.name, authority.organisation.name, channel.unit.name, channel.name),
        website=authority.website, rules_pages=tuple(page for page in pages if page),
        privacy_pages=(card.privacy_url,) if card.privacy_url else (),
    )  # fmt: skip


def _open(name: str, **where: str) -> str:
    try:
        return f"{settings.OPTIONS.base_url}{reverse(name, kwargs=where)}"
    except NoReverseMatch:
        return ""  # that page is not part of this installation

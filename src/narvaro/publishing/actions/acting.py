"""Likes, reposts and follows in the authority's name: official acts, each with a check that it is objective."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import today
from narvaro.channels.types import ChannelState
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.publishing import neutrality, rules
from narvaro.publishing.actions.deeds import MOST_WHY, intend
from narvaro.publishing.models import Deed
from narvaro.publishing.queries import afterwards as queries
from narvaro.publishing.queries.hints import voting
from narvaro.publishing.types.afterwards import ACTS, DeedKind, DeedState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.connectors.afterwards import Target


@transaction.atomic
def act_in_name(
    *, actor: Actor, channel: Channel, kind: str, target: Target, agreed: Collection[str], why: str = ""
) -> Deed:
    """
    Decide to like, repost or follow in the authority's name. It is done once, and stands in the list of acts.

    Near an election, about politics, or where not every question was agreed to, reasons are needed.

    Raises:
        NotPermitted: The actor does not answer for the channel.
        Invalid: It is no such act, it leads elsewhere, or reasons are needed.
        Stale: It is done already.

    Law: RF-1, KL-1, TF-5
    """
    if not rules.may_post(actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted
    if channel.state != ChannelState.ACTIVE or not queries.can_act(channel.platform):
        raise Invalid(_("Det går inte att göra genom Närvaro i den kanalen."), field="channel")
    if kind not in ACTS or target.is_account != (kind == DeedKind.FOLLOW):
        raise Invalid(_("Det går inte att göra med det som länken leder till."), field="kind")
    near, politics = bool(voting(actor, today(), today())), neutrality.is_about_politics(target.handle, target.text)
    agreed = {each.key for each in neutrality.QUESTIONS} & set(agreed)
    asks = neutrality.must_give_reasons(agreed, near_election=near, politics=politics)
    if asks and len(why.strip()) < rules.FEWEST_REASONS:
        raise Invalid(_("Skriv varför det är rätt att göra det ändå."), field="why")
    for each in queries.standing_acts(actor, channel):
        if each.kind == kind and each.target.get("remote_id") == target.remote_id:
            raise Stale(_("Det är redan gjort."))
    deed = intend(
        actor, None, DeedKind(kind), channel=channel, target=asdict(target), why=why.strip()[:MOST_WHY],
        checks=[sorted(agreed), near],
    )  # fmt: skip
    audit.note(actor, "publishing.act_in_name", deed, kind=kind, channel=channel.uid, near_election=near)
    return deed


@transaction.atomic
def take_back_act(*, actor: Actor, deed: Deed) -> Deed:
    """
    Decide to take a like, repost or follow back. Both stand in the list.

    Raises:
        NotPermitted: The actor does not answer for the channel.
        Stale: It does not stand, or is being taken back.

    Law: TF-5
    """
    deed = queries.deed_for(actor, deed.uid, lock=True)
    channel = deed.channel
    if not rules.may_post(actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted
    if deed.kind not in ACTS or deed.takes_back_id is not None or deed.state != DeedState.DONE:
        raise Stale(_("Det står inte kvar."))
    if queries.taken_back(actor, [deed]):
        raise Stale(_("Det tas redan tillbaka."))
    undone = intend(actor, None, DeedKind(deed.kind), channel=channel, target=deed.target, takes_back=deed)
    audit.note(actor, "publishing.take_back_act", deed, by=undone.uid)
    return undone

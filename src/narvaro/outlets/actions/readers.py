"""Who gets a newsletter: asked for, confirmed and left by whoever holds the address, without signing in."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels.types import ChannelState, Platform
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.outlets import rules
from narvaro.outlets.models import Delivery, Subscriber
from narvaro.outlets.types import DeliveryState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


@transaction.atomic
def ask_for_letter(*, actor: Actor, channel: Channel, address: str, language: str = "sv") -> None:
    """
    Write to an address with a link that confirms that its holder wants a newsletter. Nothing else is sent before that.

    The same is said whether the address gets the letter already or not, so that nobody learns who reads it.

    Args:
        actor: Anybody at all: `Actor.visitor`.

    Raises:
        NotPermitted: The channel is no newsletter, or is closed.
        Invalid: It is no address, or so many have asked that somebody seems to misuse the form.

    Law: GDPR-1
    """
    if channel.platform != Platform.NEWSLETTER or channel.state == ChannelState.CLOSED:
        raise NotPermitted
    wanted = rules.address_of(address)
    try:
        validate_email(wanted)
    except ValidationError:
        raise Invalid(_("Skriv hela e-postadressen, till exempel namn@exempel.se."), field="address") from None
    moment = now()
    rows = Subscriber.objects.of(actor).select_for_update().filter(channel=channel)
    row = rows.filter(address=wanted).first()
    if row is not None and not rules.must_ask(row.confirmed_at, row.asked_at, moment):
        return
    if rows.filter(asked_at__gte=moment - timedelta(hours=1), confirmed_at=None).count() >= rules.MOST_ASKED_AN_HOUR:
        raise Invalid(_("Just nu vill väldigt många ha brevet. Försök igen om en timme."))
    if row is None:
        row = Subscriber.objects.create(
            authority_id=actor.authority_id, channel=channel, address=wanted, language=language[:5],
            token=secrets.token_urlsafe(32), asked_at=moment,
        )  # fmt: skip
    else:
        rows.filter(pk=row.pk).update(asked_at=moment, language=language[:5])
    Delivery.objects.create(authority_id=actor.authority_id, subscriber=row)
    audit.note(actor, "outlets.ask_for_letter", channel)


@transaction.atomic
def confirm_reader(*, subscriber: Subscriber) -> None:
    """Begin to send a newsletter to whoever confirmed it. Twice is once. Law: GDPR-1"""
    actor = Actor.visitor(subscriber.authority)
    rows = Subscriber.objects.of(actor).filter(pk=subscriber.pk, confirmed_at=None)
    if rows.update(confirmed_at=now()):
        audit.note(actor, "outlets.confirm_reader", subscriber.channel)


@transaction.atomic
def leave_letter(*, subscriber: Subscriber) -> None:
    """
    Stop sending a newsletter to somebody, and forget their address at once. Twice is once.

    What was sent stays counted, without whose it was.

    Law: GDPR-1
    """
    actor = Actor.visitor(subscriber.authority)
    if _forget(actor, [subscriber.pk]):
        audit.note(actor, "outlets.leave_letter", subscriber.channel)


def forget_unconfirmed() -> int:
    """Forget addresses that nobody confirmed within a week; returns how many. Law: GDPR-1"""
    rows = Subscriber.objects.everywhere("forget unconfirmed addresses").select_related("authority", "channel")
    old = list(rows.filter(confirmed_at=None, asked_at__lt=now() - rules.CONFIRMED_WITHIN).order_by("id")[:500])
    by_channel: dict[int, list[Subscriber]] = {}
    for row in old:
        by_channel.setdefault(row.channel_id, []).append(row)
    for found in by_channel.values():
        actor = Actor.system(found[0].authority, "forget unconfirmed addresses")
        with transaction.atomic():
            _forget(actor, [row.pk for row in found])
            audit.note(actor, "outlets.forget_unconfirmed", found[0].channel, count=len(found))
    return len(old)


def _forget(actor: Actor, subscriber_ids: list[int]) -> int:
    letters = Delivery.objects.of(actor).filter(subscriber_id__in=subscriber_ids)
    letters.filter(state=DeliveryState.WAITING).update(state=DeliveryState.DROPPED, ended_at=now())
    letters.update(subscriber=None)
    gone, _each = Subscriber.objects.of(actor).filter(pk__in=subscriber_ids).delete()
    return gone

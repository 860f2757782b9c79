"""Taking a post away from our own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.outlets.models import Delivery, Withdrawal
from narvaro.outlets.types import DeliveryState
from narvaro.publishing import rules as publishing

if TYPE_CHECKING:
    from narvaro.publishing.models import Publication


@transaction.atomic
def withdraw_post(*, actor: Actor, publication: Publication, why: str) -> None:
    """
    Take a post away from the open page and the feed, and let no more letters with it go out.

    The record of it stays, and so does what readers have had already.

    Raises:
        NotPermitted: The actor may not post in the channel.
        Invalid: No reason was given.
        Stale: Somebody took it away already.

    Law: TF-2, ARK-3
    """
    channel = publication.channel
    if not publishing.may_post(actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted
    if not why.strip():
        raise Invalid(_("Skriv varför inlägget tas bort."), field="why")
    try:
        with transaction.atomic():
            Withdrawal.objects.create(
                authority_id=actor.authority_id, publication=publication, why=why.strip()[:300], by_id=actor.person_id
            )
    except IntegrityError:
        raise Stale from None
    letters = Delivery.objects.of(actor).filter(issue__publication=publication, state=DeliveryState.WAITING)
    letters.update(state=DeliveryState.DROPPED, ended_at=now())
    audit.note(actor, "outlets.withdraw_post", publication, why=why)

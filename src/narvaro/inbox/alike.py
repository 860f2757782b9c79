"""
What screening found, for the view of equal treatment that stands below: which comments had the same found in them.

Law: RF-1, RF-3, RF-4, GDPR-6
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from narvaro.core.types import Actor
from narvaro.inbox.models import Finding
from narvaro.moderation import equal
from narvaro.moderation.equal import Found
from narvaro.screening import Area

if TYPE_CHECKING:
    from narvaro.moderation.equal import Span

COMPARED = (
    Area.THREAT, Area.PRIVACY_INTRUSION, Area.AGITATION, Area.INCITEMENT, Area.VIOLENCE, Area.TERRORISM,
    Area.COPYRIGHT, Area.SPAM, Area.LINKS, Area.PERSONAL_ATTACK, Area.HARASSMENT, Area.OWN,
)  # fmt: skip
"""Where the law or a house rule may ask for a measure. What tells of somebody's health, need or secrets is no part."""


def found_alike(actor: Actor, span: Span) -> list[Found]:
    """
    Return what was found in what came in during a span, latest first: of comments, never of those who wrote them.

    Own words count only where a house rule stands behind them. One more than is looked at is returned when there is.
    """
    rows = Finding.objects.of(actor).filter(
        area__in=COMPARED, version_number=F("incoming__screened_version"), incoming__is_private=False,
        incoming__received_at__gte=span.since, incoming__received_at__lt=span.until,
    ).exclude(ground="own")  # fmt: skip
    if span.channel_id is not None:
        rows = rows.filter(incoming__channel_id=span.channel_id)
    columns = ("incoming__item_id", "rule", "ground", "sentence")
    found = rows.order_by("-incoming__received_at", "-incoming_id", "pk").values_list(*columns)
    return [Found(*row) for row in found[: equal.MOST_FOUND + 1]]

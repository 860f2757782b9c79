"""Every read of paid promotion: the register, and what anybody reads of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from narvaro.base import platforms
from narvaro.core.types import READS_ALL, Actor, NotFound
from narvaro.publishing.models import Promotion, PromotionVersion
from narvaro.publishing.rules import promotion as rules
from narvaro.publishing.types.promotion import Topic

if TYPE_CHECKING:
    from datetime import date

PAGE = 30
MOST_OPEN = 5000
CONTENT = (
    "title", "payer", "function", "amount_kr", "begins_on", "ends_on", "audience", "platform", "post_url", "topic",
    "label_about", "label_url", "fallback",
)  # fmt: skip


def promotion_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Promotion:
    """
    Return one purchase of the actor's authority.

    Args:
        lock: Hold the row until the transaction ends.

    Raises:
        NotFound: Missing, another authority's, or the actor reads no register.
    """
    rows = _readable(actor)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("message", "entered_by")
    found: Promotion | None = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def promotions(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> list[Promotion]:
    """Return purchases, latest entered first, withdrawn ones too; older than id `before` when given."""
    rows = _readable(actor)
    rows = rows.filter(pk__lt=before) if before else rows
    return list(rows.order_by("-id")[:limit])


def paid_by_year(actor: Actor) -> list[tuple[int, int]]:
    """Return what was paid each year that something began, latest first, in kronor; withdrawn ones do not count."""
    rows = Promotion.objects.of(actor).filter(withdrawn_at=None).values("begins_on__year")
    counted = rows.annotate(paid=Sum("amount_kr")).order_by("-begins_on__year")
    return [(row["begins_on__year"], row["paid"]) for row in counted]


def promotion_versions(actor: Actor, promotion: Promotion) -> list[PromotionVersion]:
    """Return what has stood about a purchase, latest first."""
    rows = PromotionVersion.objects.of(actor).filter(promotion=promotion).select_related("by")
    return list(rows.order_by("-number"))


def content_of_promotion(promotion: Promotion) -> dict[str, Any]:
    """Return what a version keeps of a purchase, in words that JSON can say."""
    return {name: _plain(getattr(promotion, name)) for name in CONTENT}


def open_promotions(visitor: Actor) -> Iterator[dict[str, Any]]:
    """
    Yield every purchase as anybody may read it, latest begun first, at most 5,000: functions, never people.

    Law: TTPA-1, TF-1
    """
    rows = Promotion.objects.of(visitor).filter(withdrawn_at=None).order_by("-begins_on", "-id")[:MOST_OPEN]
    for each in rows.iterator():
        told = content_of_promotion(each)
        del told["fallback"]
        flags = rules.flags_of(each.topic, each.platform, each.label_about, each.label_url)
        yield {"uid": str(each.uid), **told, "platform": name_of(each.platform), "flags": flags,
               "topic_name": str(Topic(each.topic).label)}  # fmt: skip


def name_of(platform: str) -> str:
    """Return what people call a platform."""
    return platforms.platform(platform).name


def _plain(value: date | str | int) -> str | int:
    return value if isinstance(value, str | int) else value.isoformat()


def _readable(actor: Actor) -> QuerySet[Promotion]:
    rows = Promotion.objects.of(actor)
    return rows if actor.has_anywhere(*READS_ALL) else rows.none()

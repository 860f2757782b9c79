"""Every read of policy."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from narvaro.core.types import Actor, NotFound
from narvaro.policy import rules
from narvaro.policy.models import HouseRule, NoticeTemplate
from narvaro.policy.types import Catalogue, Ground, Measure


def house_rules(actor: Actor, channel_id: int | None = None) -> list[HouseRule]:
    """Return the rules in force for the authority, and those of one channel when given, in their order."""
    rows = HouseRule.objects.of(actor).filter(ended_at=None)
    rows = rows.filter(Q(channel=None) | Q(channel_id=channel_id)) if channel_id else rows.filter(channel=None)
    return list(rows.order_by("place", "pk"))


def every_house_rule(actor: Actor) -> list[HouseRule]:
    """Return the rules in force for the authority and for each of its channels."""
    rows = HouseRule.objects.of(actor).filter(ended_at=None).select_related("channel")
    return list(rows.order_by("channel_id", "place", "pk"))


def house_rule_for(actor: Actor, uid: UUID | str) -> HouseRule:
    """Return one rule in force. Raises NotFound."""
    found: HouseRule | None = (
        HouseRule.objects.of(actor).filter(uid=uid, ended_at=None).select_related("channel").first()
    )
    if found is None:
        raise NotFound
    return found


def has_chosen_rules(actor: Actor) -> bool:
    """Whether the authority has ever decided about its house rules; until then the starting ones are offered."""
    return bool(HouseRule.objects.of(actor).exists())


def grounds(actor: Actor, channel_id: int | None = None) -> list[Ground]:
    """
    Return every ground that a moderator may give in a channel: crimes, the house rules in force, secrecy.

    Law: BBS-5, BBS-8, OSL-4, RF-2
    """
    house = [ground_of_rule(rule) for rule in house_rules(actor, channel_id)]
    return [*rules.CRIMES, *house, *rules.SECRECY]


def ground_for(actor: Actor, code: str, channel_id: int | None = None) -> Ground:
    """Return one ground by its code. Raises NotFound."""
    found = next((ground for ground in grounds(actor, channel_id) if ground.code == code), None)
    if found is None:
        raise NotFound
    return found


def ground_of_rule(rule: HouseRule) -> Ground:
    """Return a house rule as a ground."""
    return Ground(
        code=rule.code, catalogue=Catalogue.HOUSE, title=rule.title, text=rule.text, law=("BBS-8", "FL-1"),
        first=Measure(rule.first), remove_first=rule.remove_first, rule_id=rule.pk,
    )  # fmt: skip


def notice_for(actor: Actor, ground: Ground) -> str:
    """Return what an author is told under a ground: the authority's own text, else the one that ships."""
    own = NoticeTemplate.objects.of(actor).filter(ground=ground.code).values_list("text", flat=True).first()
    return own or rules.starting_notice(ground)


def notice_template(actor: Actor, code: str) -> NoticeTemplate | None:
    """Return the authority's own text for a ground, or None."""
    found: NoticeTemplate | None = NoticeTemplate.objects.of(actor).filter(ground=code).first()
    return found

"""What is known of platforms: what ships, and what the authority says instead."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from narvaro.base import platforms
from narvaro.base.platforms import PlatformFacts
from narvaro.channels.models import Channel, PlatformAssessment
from narvaro.channels.types import ChannelState
from narvaro.core.types import Actor, NotFound


@dataclass(frozen=True, slots=True)
class Assessed:
    """A platform, what the authority says of it, and how many channels in use it has there."""

    facts: PlatformFacts
    said: PlatformAssessment
    channels: int


def assessment_of(actor: Actor, platform: str) -> PlatformAssessment:
    """Return what the authority says of a platform; a row not kept yet where it says nothing. Raises NotFound."""
    if platform not in platforms.catalogue():
        raise NotFound
    found = PlatformAssessment.objects.of(actor).filter(platform=platform).first()
    return found or PlatformAssessment(authority_id=actor.authority_id, platform=platform)


def platforms_assessed(actor: Actor) -> list[Assessed]:
    """Return every platform, those where the authority has channels in use first, then in the catalogue's order."""
    rows = Channel.objects.of(actor).exclude(state=ChannelState.CLOSED).order_by().values_list("platform")
    used = dict(rows.annotate(count=Count("pk")))
    said = {row.platform: row for row in PlatformAssessment.objects.of(actor)}
    found = [
        Assessed(
            facts, said.get(key) or PlatformAssessment(authority_id=actor.authority_id, platform=key), used.get(key, 0)
        )
        for key, facts in platforms.catalogue().items()
    ]
    return sorted(found, key=lambda each: not each.channels)

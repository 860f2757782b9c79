"""Builders for tests: a short link. For tests only."""

from __future__ import annotations

from typing import Any

from narvaro.core.types import Actor
from narvaro.links import actions
from narvaro.links.models import ShortLink


def a_link(actor: Actor, target: str = "https://storkoping.example/badet", **values: Any) -> ShortLink:
    """Return a short link that the actor has made."""
    return actions.make_link(actor=actor, target=target, agreed=True, **values)

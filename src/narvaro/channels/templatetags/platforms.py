"""Template words for platforms."""

from __future__ import annotations

from django import template

from narvaro.channels import rules

register = template.Library()


@register.filter
def platform_name(platform: str) -> str:
    """Return what a platform is called."""
    return rules.platform_name(platform)


@register.filter
def platform_icon(platform: str) -> str:
    """Return the name of the picture of a platform."""
    return rules.icon_of(platform)

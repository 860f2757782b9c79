"""Template words for the calendar."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from narvaro.publishing.queries import Choice

register = template.Library()
_CHOSEN = mark_safe(" selected")


@register.simple_tag
def options(offered: Iterable[Choice], chosen: str) -> SafeString:
    """Return the options of a list to choose from: a thousand channels in one go and not one by one."""
    rows = ((each.uid, _CHOSEN if each.uid == chosen else "", each.name) for each in offered)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)

"""Template words for the calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from html import escape
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from narvaro.core.moments import clock_time, local
from narvaro.publishing.queries import Choice, Entry

register = template.Library()
MOST_LETTERS = 40
_CHOSEN = mark_safe(" selected")


@register.simple_tag
def options(offered: Iterable[Choice], chosen: str) -> SafeString:
    """Return the options of a list to choose from: a thousand channels in one go and not one by one."""
    rows = [
        f'<option value="{escape(each.uid)}"{" selected" if each.uid == chosen else ""}>{escape(each.name)}</option>'
        for each in offered
    ]
    return mark_safe("".join(rows))  # noqa: S308 - every value is escaped


@register.simple_tag(takes_context=True)
def calendar_entries(context: Mapping[str, Any], found: Iterable[Entry]) -> SafeString:
    """
    Return what stands in one place of the calendar, each moved by its link, with a pointer or by keys.

    A month shows hundreds of them: written as a template each, they take longer than everything else on the page.
    """
    icons, may_post, back = static("core/icons.svg"), context["may_post"], context["back_query"]
    rows = [_entry(each, icons, context["closed"], context["near"], back if may_post else None) for each in found]
    return mark_safe("".join(rows))  # noqa: S308 - every value is escaped in `_entry`


def _entry(each: Entry, icons: str, closed: Collection[int], near: Collection[int], back: str | None) -> str:
    words = escape(each.text if len(each.text) <= MOST_LETTERS else f"{each.text[: MOST_LETTERS - 1]}…")
    said = [escape(each.label), escape(each.where)] if each.channels else [escape(each.label)]
    if each.key in closed:
        said.append(escape(_("ingen kan svara då")))
    if each.key in near:
        said.append(escape(_("tätt inpå ett annat")))
    page = f"/publicerat/utkast/{each.uid}/"
    held, move = "", ""
    if back is not None and each.may_move:
        asks = " data-asks" if each.is_approved else ""
        held = f' data-entry="{each.uid}" data-version="{each.version}" data-clock="{each.clock}"{asks}'
        move = (
            f'<a class="entry__move" href="{page}flytta/?sedan={escape(back)}" data-move>{escape(_("Flytta"))}'
            f'<span class="sr-only">: {words}</span></a>'
        )
    glyph = (
        '<svg class="glyph" aria-hidden="true" focusable="false" width="20" height="20">'
        f'<use href="{escape(icons)}#{each.icon}"/></svg>'
    )
    return (
        f'<li class="entry entry--{each.standing}"{held}><a class="entry__link" href="{page}">'
        f'<time datetime="{local(each.at).isoformat(timespec="minutes")}">{escape(clock_time(each.at))}</time> {words}'
        f'</a><span class="rows__meta">{glyph}{" · ".join(said)}</span>{move}</li>'
    )

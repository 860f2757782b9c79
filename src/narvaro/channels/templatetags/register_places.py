"""The places under Kanaler, as tabs on each of their pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from narvaro.channels.rules import security
from narvaro.core.access import may_enter

register = template.Library()

_FIRST = (
    ("channels:channels", _("Alla kanaler")), ("channels:lacking", _("Det som återstår")),
    ("channels:mine", _("Mina kanaler")), ("plans:plans", _("Planer")), ("watch:around", _("Omvärlden")),
)  # fmt: skip
_MORE = (
    ("channels:shifts", _("Bevakning")), ("channels:vacancies", _("Överlämning")),
    ("channels:tomorrow", _("Om någon slutade i morgon")), ("channels:incidents", _("Incidenter")),
    ("channels:platforms", _("Plattformar")), ("outlets:outlets", _("Eget flöde och nyhetsbrev")),
    ("channels:bring_in", _("Läs in ett register")),
)  # fmt: skip
"""Addresses by name, some of floors above: what is not part of the installation is left out."""


@register.inclusion_tag("channels/places.html", takes_context=True)
def register_places(context: dict[str, Any]) -> dict[str, Any]:
    """Show the places under Kanaler that the reader may enter, with the one that is open marked."""
    request = context["request"]
    actor, here = getattr(request, "actor", None), request.path
    tabs = {name: _open(places, actor, here) for name, places in (("first", _FIRST), ("more", _MORE))}
    return {"tabs": tabs}


def _open(places: tuple[tuple[str, Any], ...], actor: Any, here: str) -> list[dict[str, Any]]:
    found = []
    for name, label in places:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if may_enter(actor, url) and (name != "channels:incidents" or security.may_see_incidents(actor)):
            found.append({"label": label, "url": url, "current": here == url})
    return found

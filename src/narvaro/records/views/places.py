"""The rooms of the records, as tabs over each page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from narvaro.core.types import Actor
from narvaro.records import rules


def places(actor: Actor, current: str) -> list[dict[str, Any]]:
    """Return the tabs that lead where the actor may go."""
    found = [
        ("search", _("Sök"), True),
        ("registry_queue", _("Diariet"), True),
        ("gaps", _("Luckor"), True),
        ("verification", _("Kontroll"), rules.may_verify(actor)),
        ("exports", _("Exporter"), rules.may_export(actor)),
    ]
    return [
        {"label": label, "url": reverse(f"records:{name}"), "current": name == current}
        for name, label, is_open in found
        if is_open
    ]

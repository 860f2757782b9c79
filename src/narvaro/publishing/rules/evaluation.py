"""Decisions about evaluations on plain values: how long answers took, and the figures as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.publishing.types.evaluation import COUNTED

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_HOURS_UNTIL = 2 * _DAY  # longer waits are told in days


def half_within(waits_seconds: Iterable[float]) -> int | None:
    """Return within how many whole seconds half of the answers came; None without any. A wait is never negative."""
    waits = [max(each, 0.0) for each in waits_seconds]
    return round(median(waits)) if waits else None


def wait_words(seconds: int) -> str:
    """Return a wait in the largest unit that says something: minutes, then hours, after two days whole days."""
    if seconds < _HOUR:
        return _("%(n)d min") % {"n": max(seconds // _MINUTE, 1)}
    if seconds < _HOURS_UNTIL:
        return _("%(n)d tim") % {"n": round(seconds / _HOUR)}
    days = round(seconds / _DAY)
    return ngettext("%(n)d dag", "%(n)d dagar", days) % {"n": days}


def figure_words(figures: Mapping[str, Any]) -> list[str]:
    """Return what is known of a message that went out, as sentences; what there was none of is mostly left out."""
    said = [_of_comments(figures)]
    for channel in figures.get("channels", ()):
        counted = [f"{channel[key]} {_counted(key)}" for key in COUNTED if channel.get(key) is not None]
        if counted:
            said.append(f"{channel['name']}: {', '.join(counted)}.")
    if figures.get("links"):
        clicks = figures.get("clicks", 0)
        said.append(ngettext("Korta länkar följdes %(n)d gång.", "Korta länkar följdes %(n)d gånger.", clicks)
                    % {"n": clicks})  # fmt: skip
    if count := figures.get("corrections", 0):
        said.append(ngettext("%(n)d rättelse.", "%(n)d rättelser.", count) % {"n": count})
    if count := figures.get("taken_away", 0):
        said.append(ngettext("Ni har dolt eller tagit bort %(n)d kommentar.",
                             "Ni har dolt eller tagit bort %(n)d kommentarer.", count) % {"n": count})  # fmt: skip
    if count := figures.get("gone", 0):
        said.append(ngettext("%(n)d kommentar finns inte kvar på plattformen.",
                             "%(n)d kommentarer finns inte kvar på plattformen.", count) % {"n": count})  # fmt: skip
    return said


def _of_comments(figures: Mapping[str, Any]) -> str:
    count, answered, wait = figures.get("comments", 0), figures.get("answered", 0), figures.get("answer_seconds")
    if not count:
        return _("Inga kommentarer har kommit.")
    came = ngettext("%(n)d kommentar har kommit.", "%(n)d kommentarer har kommit.", count) % {"n": count}
    if not answered or wait is None:
        return f"{came} {_('Ingen är besvarad.')}"
    words = {"n": answered, "wait": wait_words(wait)}
    if answered == 1:
        return f"{came} {_('1 är besvarad, inom %(wait)s.') % words}"
    return f"{came} {_('%(n)d är besvarade, hälften inom %(wait)s.') % words}"


def _counted(key: str) -> str:
    return str(COUNTED[key]).lower()

"""Which part of the calendar an address asks for, and the addresses of other parts."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM, today
from narvaro.core.types import Actor
from narvaro.publishing import queries

MOST_YEARS = 50
MONTH, WEEK, LIST = "manad", "vecka", "lista"
VIEWS = {MONTH: _("Månad"), WEEK: _("Vecka"), LIST: _("Lista")}


@dataclass(frozen=True, slots=True)
class Asked:
    """A month, a week or a list from a day on, of all channels or some."""

    view: str
    on: date
    only: queries.Only

    @property
    def first(self) -> date:
        """The first day that is shown: a month begins with the Monday of its first week."""
        if self.view == LIST:
            return self.on
        start = self.on.replace(day=1) if self.view == MONTH else self.on
        return start - timedelta(days=start.weekday())

    @property
    def last(self) -> date:
        """The last day that is shown."""
        if self.view == WEEK:
            return self.first + timedelta(days=6)
        if self.view == LIST:
            return self.on + timedelta(days=30)
        end = self.on.replace(day=calendar.monthrange(self.on.year, self.on.month)[1])
        return end + timedelta(days=6 - end.weekday())

    def before(self) -> Asked:
        """Return the part before this one."""
        return self.at(self.on.replace(day=1) - timedelta(1) if self.view == MONTH else self.on - timedelta(7))

    def after(self) -> Asked:
        """Return the part after this one."""
        if self.view != MONTH:
            return self.at(self.on + timedelta(7))
        return self.at((self.on.replace(day=1) + timedelta(31)).replace(day=1))

    def at(self, on: date) -> Asked:
        """Return the part around another day."""
        return replace(self, on=on)

    def seen_as(self, view: str) -> Asked:
        """Return the same time in another shape."""
        return replace(self, view=view)

    def without(self, name: str) -> Asked:
        """Return the same part without one of the things it shows alone ("channel", "unit" or "label")."""
        return replace(self, only=replace(self.only, **{name: ""}))

    def query(self, **more: str) -> str:
        """Return the address's part after the question mark."""
        when = {"manad": f"{self.on:%Y-%m}"} if self.view == MONTH else {"vy": self.view, "dag": f"{self.on}"}
        only = {"kanal": self.only.channel, "enhet": self.only.unit, "etikett": self.only.label}
        return urlencode({**when, **{name: value for name, value in only.items() if value}, **more})

    def address(self, **more: str) -> str:
        """Return where this part stands."""
        return f"{reverse('publishing:calendar')}?{self.query(**more)}"

    @property
    def hints_url(self) -> str:
        """Where it is said what to think of in this part."""
        return f"{reverse('publishing:calendar_hints')}?{self.query()}"

    @property
    def filters_url(self) -> str:
        """Where one chooses what to show alone."""
        return f"{reverse('publishing:calendar_filters')}?{self.query()}"


def asked(actor: Actor, given: Mapping[str, Any], *, moved: UUID | None = None) -> tuple[Asked, queries.Known]:
    """
    Return what an address asks for, and what the calendar shows it by.

    What it does not say, nobody plans for or is not there is this month and all channels.

    Args:
        moved: A message that was just moved, to be known too.
    """
    only = queries.Only(*(_uid(given.get(name, "")) for name in ("kanal", "enhet", "etikett")))
    view = given.get("vy", "")
    on = _day(given.get("dag", ""), "%Y-%m-%d") or _day(given.get("manad", ""), "%Y-%m") or today()
    what = queries.known(actor, moved=moved, only=only)
    there = queries.Only(**{name: getattr(only, name) for name in what.alone})
    return Asked(view if view in VIEWS else MONTH, on, there), what


def chosen(wanted: Asked, what: queries.Known) -> list[dict[str, str]]:
    """Return what the calendar shows alone, in words, each with the address of the calendar without it."""
    return [{"label": label, "remove_url": wanted.without(name).address()} for name, label in what.alone.items()]


def _uid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _day(text: str, form: str) -> date | None:
    try:
        found = datetime.strptime(text, form).replace(tzinfo=STOCKHOLM).date()
    except ValueError:
        return None
    return found if abs(found.year - today().year) <= MOST_YEARS else None

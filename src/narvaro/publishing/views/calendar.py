"""The calendar of what is planned and has gone out: a month, a week, a list, one day, and what to think of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from narvaro.base.clock import STOCKHOLM, now, today
from narvaro.core.access import MemberRequest, access
from narvaro.core.types import ANSWERS, Role
from narvaro.publishing import planning, queries
from narvaro.publishing.calendar_asked import LIST, MONTH, MOST_YEARS, VIEWS, WEEK, Asked, asked, chosen
from narvaro.publishing.forms.calendar import MoveForm, moved_in, undoing
from narvaro.publishing.planning import Standing

MOST_IN_A_DAY = 5
MOST_IN_AN_HOUR = 3
DAY_PAGE = 100
QUARTER = 900
LIST_PAGE = 50
OFFICE = range(7, 18)  # hours that a week shows also when they are empty
_COMING = (Standing.DRAFT, Standing.AWAITING, Standing.PLANNED, Standing.HELD, Standing.BY_HAND)


@dataclass(slots=True)
class Shown:
    """One day as the calendar shows it."""

    date: date
    found: list[queries.Entry] = field(default_factory=list)
    more: int = 0
    is_other: bool = False
    free: str = ""
    election: str = ""

    @property
    def is_today(self) -> bool:
        """Whether it is today."""
        return self.date == today()

    @property
    def may_plan(self) -> bool:
        """Whether something may still be planned for it."""
        return self.date >= today()


@access("member", *queries.READERS)
@require_GET
def calendar(request: MemberRequest) -> HttpResponse:
    """What is planned and has gone out: a month, a week by the hour, or a list; all channels or some."""
    actor = request.actor
    wanted, what = asked(actor, request.GET, moved=moved_in(request.GET))
    may_post = actor.has_anywhere(*ANSWERS)
    voting = queries.elections_in(what, wanted.first, wanted.last)
    page: dict[str, Any] = {
        "asked": wanted, "chosen": chosen(wanted, what), "may_post": may_post, "form": None,
        "shapes": [{"label": label, "url": wanted.seen_as(name).address(), "current": name == wanted.view}
                   for name, label in VIEWS.items()],
        "before": wanted.before().address(), "after": wanted.after().address(), "now_url": wanted.at(today()).address(),
        "is_now": wanted.first <= today() <= wanted.last and wanted.view != LIST,
        "held": what.held, "move_form": MoveForm() if may_post else None,
        "undo": undoing(what.moved, request.GET) if may_post else None,
        "voting": voting, "back_query": quote(wanted.query(), safe=""),
        "may_set": actor.has(Role.COMMUNICATIONS_LEAD),
    }  # fmt: skip
    shape = {MONTH: _month, WEEK: _week, LIST: _list}[wanted.view]
    page |= shape(request, wanted, what)
    return render(request, "publishing/calendar.html", page)


@access("member", *queries.READERS)
@require_GET
def day(request: MemberRequest, on: date) -> HttpResponse:
    """Everything that is planned for a day, or has gone out on it, page by page."""
    wanted, what = asked(request.actor, {**request.GET.dict(), "dag": f"{on}"})
    is_near = abs(on.year - today().year) <= MOST_YEARS
    keys = [key for _at, key in queries.calendar_times(request.actor, on, on, wanted.only)] if is_near else []
    past = request.GET.get("forbi", "")
    past_count = int(past) if past.isdigit() and len(past) < 9 else 0
    here = keys[past_count : past_count + DAY_PAGE]
    found = queries.entries(request.actor, here, what)
    page = {
        "on": on, "rows": [found[key] for key in here if key in found], "count": len(keys),
        "may_post": request.actor.has_anywhere(*ANSWERS), "query": wanted.seen_as(MONTH).query(),
        "back_query": quote(wanted.seen_as(MONTH).query(), safe=""),
        "later": past_count + DAY_PAGE if len(keys) > past_count + DAY_PAGE else "",
        "back": wanted.seen_as(MONTH).address(), "free": queries.free_days(on, on).get(on, ""),
    }  # fmt: skip
    return render(request, "publishing/day.html", page)


@access("member", *queries.READERS)
@require_GET
def calendar_hints(request: MemberRequest) -> HttpResponse:
    """What to think of in a part of the calendar: what lies close, what is missing. Nothing of it stops anything."""
    wanted, what = asked(request.actor, request.GET)
    page = {
        "hints": queries.hints(request.actor, what, wanted.first, wanted.last, wanted.only),
        "back": wanted.address(),
    }
    part = "publishing/hints_part.html" if request.headers.get("HX-Request") else "publishing/hints.html"
    return render(request, part, page)


@access("member", *queries.READERS)
@require_GET
def calendar_filters(request: MemberRequest) -> HttpResponse:
    """What the calendar can show alone; by itself, or for the calendar's page when somebody opens its filter there."""
    wanted, what = asked(request.actor, request.GET)
    page = {"asked": wanted, "choices": queries.calendar_choices(request.actor, what)}
    name = "calendar_choices" if request.headers.get("HX-Request") else "choose_calendar"
    return render(request, f"publishing/{name}.html", page)


# --- Shapes ---------------------------------------------------------------------------------------------------------


def _month(
    request: MemberRequest,
    wanted: Asked,
    what: queries.Known,
) -> dict[str, Any]:
    """Return a month of whole weeks; of a day that holds much the first, and how many more."""
    by_day = queries.calendar_days(request.actor, wanted.first, wanted.last, wanted.only, most=MOST_IN_A_DAY)
    shown = queries.entries(request.actor, [key for each in by_day.values() for key in each.keys], what)
    days = _days(wanted, what)
    for on, each in by_day.items():
        days[on].found = [shown[key] for key in each.keys if key in shown]
        days[on].more = max(each.count - len(each.keys), 0)
    listed = list(days.values())
    return {
        "title": date_format(wanted.on, "F Y"), "weeks": [listed[n : n + 7] for n in range(0, len(listed), 7)],
        "names": [date_format(each.date, "D") for each in listed[:7]], "is_month": True,
        "is_this_month": wanted.on.replace(day=1) == today().replace(day=1),
        "has_any": any(each.found and not each.is_other for each in listed), **_marks(what, shown.values()),
    }  # fmt: skip


def _week(
    request: MemberRequest,
    wanted: Asked,
    what: queries.Known,
) -> dict[str, Any]:
    """Return a week by the hour; hours outside the office only where they hold something."""
    places: dict[tuple[int, date], list[int]] = {}
    quarters: dict[int, list[int]] = {}  # no clock here is set by less, so one look at it serves all within
    for at, key in queries.calendar_times(request.actor, wanted.first, wanted.last, wanted.only):
        quarters.setdefault(at // QUARTER, []).append(key)
    for quarter, keys in quarters.items():
        wall = datetime.fromtimestamp(quarter * QUARTER, STOCKHOLM)
        places.setdefault((wall.hour, wall.date()), []).extend(keys)
    shown = queries.entries(request.actor, [key for keys in places.values() for key in keys[:MOST_IN_AN_HOUR]], what)
    days = list(_days(wanted, what).values())
    hours = sorted({hour for hour, _on in places} | set(OFFICE))
    rows = [
        {"hour": hour, "clock": f"{hour:02d}:00", "cells": [_cell(each, hour, places, shown) for each in days]}
        for hour in hours
    ]
    return {
        "title": date_format(wanted.first, "j F Y"), "number": wanted.first.isocalendar().week, "days": days,
        "rows": rows, "is_week": True, "has_any": bool(places), **_marks(what, shown.values()),
    }  # fmt: skip


def _cell(
    each: Shown, hour: int, places: Mapping[tuple[int, date], Sequence[int]], shown: Mapping[int, queries.Entry]
) -> dict[str, Any]:  # fmt: skip
    keys = places.get((hour, each.date), ())
    found = [shown[key] for key in keys[:MOST_IN_AN_HOUR] if key in shown]
    return {"day": each, "found": found, "more": max(len(keys) - len(found), 0)}


def _list(
    request: MemberRequest,
    wanted: Asked,
    what: queries.Known,
) -> dict[str, Any]:
    """Return what goes out from a day on, in order, page by page."""
    after = _after(request.GET.get("efter", ""))
    placed = queries.calendar_list(request.actor, wanted.on, wanted.only, after=after, limit=LIST_PAGE)
    found = queries.entries(request.actor, [key for _at, key in placed], what)
    listed = [found[key] for _at, key in placed if key in found]
    by_day: dict[date, list[queries.Entry]] = {}
    for each in listed:
        by_day.setdefault(each.at.date(), []).append(each)
    at, key = placed[-1] if len(placed) == LIST_PAGE else (None, 0)
    return {
        "title": date_format(wanted.on, "j F Y"), "by_day": list(by_day.items()), "is_list": True,
        "has_any": bool(listed), **_marks(what, listed),
        "later": wanted.address(efter=f"{at.timestamp():.6f}_{key}") if at else "",
    }  # fmt: skip


def _after(text: str) -> tuple[datetime, int] | None:
    """Return the moment and the key that a list goes on after."""
    at, _, key = text.partition("_")
    try:
        return datetime.fromtimestamp(float(at), now().tzinfo), int(key[:18])
    except (ValueError, OverflowError, OSError):
        return None


def _days(wanted: Asked, what: queries.Known) -> dict[date, Shown]:
    """Return every day that is shown, with its holiday, and whether it lies before an election."""
    free, voting = queries.free_days(wanted.first, wanted.last), queries.elections_in(what, wanted.first, wanted.last)
    found = {}
    for number in range((wanted.last - wanted.first).days + 1):
        on = wanted.first + timedelta(days=number)
        named = next((each.name for each in voting if each.on == on), "")
        is_other = wanted.view == MONTH and on.month != wanted.on.month
        found[on] = Shown(on, is_other=is_other, free=free.get(on, ""), election=named)
    return found


def _marks(what: queries.Known, found: Iterable[queries.Entry]) -> dict[str, Any]:
    """Return what is said beside what is shown: what goes out when nobody can answer, and what lies close."""
    coming = [each for each in found if each.standing in _COMING and each.at >= now()]
    near = planning.collisions([(channel, each.at, each.key) for each in coming for channel in each.channel_keys])
    return {
        "closed": {each.key for each in coming if not what.working.is_open(each.at)},
        "near": {key for each in near for key in (each.first, each.second)},
    }  # fmt: skip

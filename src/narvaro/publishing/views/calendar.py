"""The calendar of what is planned in the channels and has gone out."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from narvaro.base.clock import STOCKHOLM, today
from narvaro.core.access import MemberRequest, access
from narvaro.core.moments import local
from narvaro.core.types import ANSWERS, Actor
from narvaro.publishing import queries

MOST_YEARS = 50
MOST_IN_A_DAY = 8
DAY_PAGE = 100


@access("member", *queries.READERS)
@require_GET
def calendar(request: MemberRequest) -> HttpResponse:
    """What is planned and has gone out, month by month; of a day that holds much the first, and how many more."""
    chosen, channel = queries.calendar_channels(request.actor), request.GET.get("kanal", "")
    channel = channel if channel in {uid for uid, _name in chosen} else ""
    first = _month(request.GET.get("manad", ""))
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    by_day = _by_day(request.actor, weeks[0][0], weeks[-1][-1], channel)
    shown = queries.entries(request.actor, [key for keys in by_day.values() for key in keys[:MOST_IN_A_DAY]])
    page = {
        "month": date_format(first, "F Y"), "this": f"{first:%Y-%m}", "channel": channel, "channels": chosen,
        "weeks": [[_day(day, first, by_day.get(day, []), shown, channel) for day in week] for week in weeks],
        "names": [date_format(day, "D") for day in weeks[0]],
        "before": f"{first - timedelta(1):%Y-%m}", "after": f"{first + timedelta(31):%Y-%m}",
        "is_this_month": first == today().replace(day=1), "may_post": request.actor.has_anywhere(*ANSWERS),
        "has_any": any(day.month == first.month for day in by_day),
    }  # fmt: skip
    return render(request, "publishing/calendar.html", page)


@access("member", *queries.READERS)
@require_GET
def day(request: MemberRequest, on: date) -> HttpResponse:
    """Everything that is planned for a day, or has gone out on it, page by page."""
    channel = request.GET.get("kanal", "")
    channel = channel if channel in {uid for uid, _name in queries.calendar_channels(request.actor)} else ""
    keys = _by_day(request.actor, on, on, channel).get(on, []) if abs(on.year - today().year) <= MOST_YEARS else []
    past = request.GET.get("forbi", "")
    past_count = int(past) if past.isdigit() and len(past) < 9 else 0
    here = keys[past_count : past_count + DAY_PAGE]
    found = queries.entries(request.actor, here)
    page = {
        "on": on, "rows": [found[key] for key in here if key in found], "count": len(keys), "channel": channel,
        "later": past_count + DAY_PAGE if len(keys) > past_count + DAY_PAGE else "", "month": f"{on:%Y-%m}",
    }  # fmt: skip
    return render(request, "publishing/day.html", page)


# --- Steps ----------------------------------------------------------------------------------------------------------


def _month(text: str) -> date:
    """Return the first of the month that an address names, this month's for none; within what anybody plans."""
    try:
        found = datetime.strptime(text, "%Y-%m").replace(tzinfo=STOCKHOLM).date()
    except ValueError:
        found = date.min
    return found if abs(found.year - today().year) <= MOST_YEARS else today().replace(day=1)


def _by_day(actor: Actor, first: date, last: date, channel: str) -> dict[date, list[int]]:
    """Return the keys of what stands on each day from `first` to `last`, in order of time."""
    since, until = (datetime.combine(each, time(), STOCKHOLM) for each in (first, last + timedelta(1)))
    by_day: dict[date, list[int]] = {}
    for at, key in queries.planned_at(actor, since, until, channel):
        by_day.setdefault(local(at).date(), []).append(key)
    return by_day


def _day(
    day: date, first: date, keys: Sequence[int], shown: Mapping[int, queries.Entry], channel: str
) -> dict[str, Any]:  # fmt: skip
    more = len(keys) - MOST_IN_A_DAY
    return {
        "date": day, "month": date_format(day, "F"), "found": [shown[key] for key in keys if key in shown],
        "is_other": day.month != first.month, "is_today": day == today(), "may_plan": day >= today(),
        "plan_url": f"{reverse('publishing:new_post')}?dag={day}&kanal={channel}".removesuffix("&kanal="),
        "more": max(more, 0), "more_url": f"{reverse('publishing:day', args=[day])}?kanal={channel}",
    }  # fmt: skip

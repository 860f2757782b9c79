"""Who watches which channels when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from narvaro.base.clock import STOCKHOLM, today
from narvaro.channels import queries, rules
from narvaro.channels.forms import (
    RemoveShiftForm,
    ShiftForm,
)
from narvaro.channels.views import showing
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import perform, posted
from narvaro.core.moments import hours
from narvaro.core.types import Actor, Invalid, NotPermitted

if TYPE_CHECKING:
    pass


@access("member")
@require_http_methods(["GET", "POST"])
def shifts(request: MemberRequest) -> HttpResponse:
    """Who watches which channels when, a week at a time, and who has duty for what cannot wait."""
    may_change = rules.may_register(request.actor)
    form = ShiftForm(*posted(request), actor=request.actor)
    if form.is_bound and not may_change:
        raise NotPermitted
    if form.is_valid():
        try:
            shift = perform(request.actor, form.cleaned_data["intent"], form.act)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Passet är inlagt."))
            return redirect(
                f"{reverse('channels:shifts')}?vecka={_week_key(shift.from_at.astimezone(STOCKHOLM).date())}"
            )
    monday = _monday(request.GET.get("vecka", ""))
    people = {person.pk: person.name for person in core.people(request.actor)}
    page = {
        "days": _days(request.actor, monday),
        "monday": monday,
        "week": monday.isocalendar().week,
        "earlier": _week_key(monday - timedelta(days=7)),
        "later": _week_key(monday + timedelta(days=7)),
        "on_duty": [people[pk] for pk in queries.duty_contacts(request.actor) if pk in people],
        "groups": _groups(request.actor, people),
        "may_change": may_change,
    }
    return showing.formed(request, "channels/shifts.html", form, **page)


@access("member")
@require_POST
def remove_shift(request: MemberRequest) -> HttpResponse:
    """Take back a watch."""
    form = RemoveShiftForm(request.POST)
    if form.is_valid():
        perform(request.actor, form.cleaned_data["intent"], partial(form.act, request.actor))
        messages.success(request, _("Passet är borttaget."))
    monday = _monday(request.GET.get("vecka", ""))
    return redirect(f"{reverse('channels:shifts')}?vecka={_week_key(monday)}")


def _days(actor: Actor, monday: date) -> list[dict[str, Any]]:
    midnights = [datetime.combine(monday + timedelta(days=n), datetime.min.time(), STOCKHOLM) for n in range(8)]
    found = queries.shifts_between(actor, midnights[0], midnights[7])
    return [
        {
            "on": begin.date(),
            "is_today": begin.date() == today(),
            "shifts": [
                {
                    "shift": shift,
                    "form": RemoveShiftForm(initial={"shift": shift.pk}, auto_id=f"d{begin:%d}-{shift.pk}-%s"),
                    "times": hours(max(shift.from_at, begin), min(shift.until_at, end)),
                }
                for shift in found
                if shift.from_at < end and shift.until_at > begin
            ],
        }
        for begin, end in pairwise(midnights)
    ]


def _groups(actor: Actor, people: dict[int, str]) -> list[dict[str, Any]]:
    """Each group with its channels, and who has them now."""
    found = [channel for channel in queries.channels(actor) if channel.watch_group]
    holders = queries.holders(actor, found)
    return [
        {
            "name": name,
            "channels": [
                {"channel": c, "holder": people.get(holders[c.pk] or 0, "")} for c in found if c.watch_group == name
            ],
        }
        for name in sorted({c.watch_group for c in found})
    ]


def _monday(key: str) -> date:
    try:
        year, week = int(key[:4]), int(key[6:8])
        return date.fromisocalendar(min(max(year, 2000), 2200), week, 1)
    except ValueError:
        return today() - timedelta(days=today().weekday())


def _week_key(day: date) -> str:
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02d}"

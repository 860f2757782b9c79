"""The next free time, beside where a post is written; and pages of when channels usually post."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.moments import full_time
from narvaro.core.types import ANSWERS
from narvaro.publishing import queries
from narvaro.publishing.actions import queueing
from narvaro.publishing.forms.messages import MessageForm
from narvaro.publishing.forms.queueing import TimesForm
from narvaro.publishing.queries.slots import channel_with_times, next_time, usual_times

NEXT, QUEUE = "next", "queue"


@access("member", *ANSWERS)
@require_POST
def propose(request: MemberRequest, uid: UUID | None = None) -> HttpResponse:
    """The fields for the time of a post, with the next free time in them. Nothing is kept."""
    found = queries.message_for(request.actor, uid) if uid else None
    form = MessageForm(request.POST, actor=request.actor, message=found)
    fill_in_time(form)
    return render(request, "publishing/times.html", {"form": form, "message": found, "is_part": True})


@access("member", *ANSWERS)
@require_GET
def usual(request: MemberRequest) -> HttpResponse:
    """When each channel usually posts."""
    found = queries.channels_to_post_in(request.actor)
    times = usual_times(request.actor, [each.pk for each in found])
    rows = [{"channel": each, "days": _by_day(sorted(times.get(each.pk, ())))} for each in found]
    return render(request, "publishing/usual_times.html", {"rows": rows})


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def times_of(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say when a channel usually posts."""
    channel = channel_with_times(request.actor, uid)
    known = usual_times(request.actor, [channel.pk]).get(channel.pk, frozenset())
    form = TimesForm(*posted(request), times=known)
    if done(request, form, lambda: queueing.set_posting_times(actor=request.actor, uid=uid, times=form.times)):
        messages.success(request, _("Tiderna är sparade. De föreslås när någon planerar ett inlägg."))
        return redirect("publishing:usual_times")
    page = {"form": form, "channel": channel}
    return render(request, "publishing/times_of.html", page, status=422 if form.is_bound else 200)


def fill_in_time(form: MessageForm, *, is_judged: bool = False) -> None:
    """
    Write the next free time of the chosen channels in the time's fields.

    Args:
        is_judged: Whether the rest of the form is judged; else only what keeps a time from being proposed is said.
    """
    form.judge_nothing()
    chosen = [channel for channel, _own in form.said()]
    at = next_time(form.actor, chosen, message=form.message) if chosen else None
    if at is not None:
        day, clock = queueing.wall_of(at)
        data = cast("QueryDict", form.data).copy()
        data["day"], data["clock"] = f"{day}", f"{clock:%H:%M}"
        form.data = data
        said = {"weekday": WEEKDAYS[day.weekday()], "at": full_time(at)}
        form.proposed = _("Nästa lediga tid: %(weekday)s %(at)s.") % said
    if is_judged:
        form.full_clean()
    elif not chosen:
        form.add_error("channels", _("Välj minst en kanal, så går det att se vilken tid som är ledig."))
    elif at is None:
        form.add_error("day", _("Inget är ledigt de närmaste tre månaderna. Välj en tid själv."))


def queued_time(form: MessageForm) -> dict[str, Any]:
    """Return when what is put in the queue goes out; nobody else is given that time before the transaction ends."""
    values = form.cleaned_data
    day, clock = queueing.time_in_queue(
        actor=form.actor, channels=[channel for channel, _own in form.said()], purpose=values["purpose"],
        message=form.message, checked_on=values["day"],
    )  # fmt: skip
    return {"day": day, "clock": clock}


def _by_day(times: list[Any]) -> list[tuple[str, str]]:
    found: dict[int, list[str]] = {}
    for weekday, clock in times:
        found.setdefault(weekday, []).append(f"{clock:%H:%M}")
    return [(capfirst(str(WEEKDAYS[day])), ", ".join(clocks)) for day, clocks in found.items()]

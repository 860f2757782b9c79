"""Moving a message to another time, by a form: what dragging it in the calendar comes down to."""

from __future__ import annotations

from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.types import ANSWERS
from narvaro.publishing import actions, queries
from narvaro.publishing.calendar_asked import asked
from narvaro.publishing.forms.calendar import MoveForm, moved
from narvaro.publishing.models import Message
from narvaro.publishing.types import MessageState


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def move(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Choose another day and time for a message; says before what the move ends."""
    actor = request.actor
    message = queries.message_for(actor, uid)
    before = (message.planned_day, message.planned_clock)
    form = MoveForm(request.POST) if request.method == "POST" else MoveForm.begun(message, request.GET)
    made: list[Message] = []

    def act() -> None:
        values = form.cleaned_data
        made.append(actions.reschedule_message(
            actor=actor, uid=uid, day=values["day"], clock=values["clock"], seen_version=values["seen_version"],
            agreed=values["agreed"],
        ))  # fmt: skip

    if done(request, form, act):
        (after,) = made
        messages.success(request, _told(after))
        return redirect(_calendar(request, form, after, before))
    day = form.cleaned_data.get("day") if form.is_bound and hasattr(form, "cleaned_data") else form.initial.get("day")
    page = {"message": message, "form": form, "asks": queries.moving(actor, message, day).asks}
    return render(request, "publishing/move.html", page, status=422 if form.is_bound else 200)


def _told(after: Message) -> str:
    if after.state == MessageState.AWAITING:
        return _("Flyttat. Någon annan läser det innan det går ut.")
    if after.state == MessageState.DRAFT:
        return _("Flyttat. Det är fortfarande ett utkast.")
    return _("Flyttat. Det går ut på den nya tiden.")


def _calendar(request: MemberRequest, form: MoveForm, after: Message, before: tuple) -> str:  # type: ignore[type-arg]
    """Return the part of the calendar where it stands now, seen as it was seen before."""
    given = dict(parse_qsl(form.cleaned_data["back"], max_num_fields=12)) if form.cleaned_data["back"] else {}
    wanted, _what = asked(request.actor, given)
    on = after.planned_day or wanted.on
    wanted = wanted if wanted.first <= on <= wanted.last else wanted.at(on)
    day, clock = before
    return wanted.address(**(moved(after, day, clock) if day and clock else {}))

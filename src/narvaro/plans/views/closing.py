"""The checklists of a channel: before it starts, and when it is closed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.channels import queries as channels
from narvaro.channels import rules as register
from narvaro.channels.types import ChannelState
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.types import NotFound, NotPermitted
from narvaro.plans import actions, queries, rules
from narvaro.plans.forms import CloseForm, LessonsForm, TickForm
from narvaro.plans.models import Plan
from narvaro.plans.types import Routine
from narvaro.plans.views import showing


@access("member")
@require_GET
def starting(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What is arranged before a channel starts, step by step; it can be left and gone on with by anybody."""
    plan = queries.plan_for(request.actor, uid)
    page = {"plan": plan, "channel": plan.channel, **_list(request, plan, Routine.START)}
    return render(request, "plans/starting.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def closing(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Close a channel: the decision, then the steps, then what was learnt."""
    plan = queries.plan_for(request.actor, uid)
    state = plan.channel.state
    may_decide = rules.is_open(plan.state, plan.channel) and register.may_decide(request.actor, plan.channel.unit_id)
    if request.method == "POST" and not may_decide:
        raise NotPermitted
    page = {"plan": plan, "channel": plan.channel, "may_decide": may_decide, "state": state}
    if state != ChannelState.CLOSING:
        form = CloseForm(request.POST or None)
        if done(request, form, lambda: actions.begin_closing(actor=request.actor, uid=uid, **form.values)):
            messages.success(request, _("Avslutet är beslutat. Gå igenom stegen; listan väntar på er."))
            return redirect("plans:closing", uid)
        return showing.formed(request, "plans/closing.html", form, may_begin=rules.may_close(plan.channel), **page)
    lessons = LessonsForm(request.POST or None)
    if done(request, lessons, lambda: actions.finish_closing(actor=request.actor, uid=uid, **lessons.values)):
        messages.success(request, _("Kanalen är avslutad. Allt som är bevarat finns kvar."))
        return redirect("plans:plan", uid)
    return showing.formed(request, "plans/closing.html", lessons, **page, **_list(request, plan, Routine.CLOSE))


@access("member")
@require_GET
def closing_of_channel(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Lead to where a channel is closed: the list of its plan, or the register where nobody has written one."""
    channel = channels.channel_for(request.actor, uid)
    plan = queries.plan_of(request.actor, channel)
    if plan is not None and rules.is_open(plan.state, channel):
        return redirect("plans:closing", plan.uid)
    return redirect("channels:close" if channel.state == ChannelState.CLOSING else "channels:begin_closing", uid)


@access("member")
@require_POST
def tick(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Tick a step, or take the tick back."""
    form = TickForm(request.POST)
    if not done(request, form, lambda: actions.tick_step(actor=request.actor, uid=uid, **form.values)):
        raise NotFound
    page = "starting" if form.cleaned_data["routine"] == Routine.START else "closing"
    return redirect(f"{_address(page, uid)}#{form.cleaned_data['step']}")


def _address(page: str, uid: UUID) -> str:
    return redirect(f"plans:{page}", uid).url


def _list(request: MemberRequest, plan: Plan, routine: Routine) -> dict[str, object]:
    ticks = queries.ticks(request.actor, plan, routine)
    rows = [
        {"step": step, "tick": ticks.get(step.key), "law": showing.law_page(step.law),
         "url": showing.place(step.place),
         "form": TickForm(initial={"step": step.key, "routine": routine}, auto_id=f"{step.key}-%s")}
        for step in rules.ROUTINES[routine]
    ]  # fmt: skip
    left = [step.key for step in rules.ROUTINES[routine] if step.key not in ticks]
    return {
        "rows": rows, "count": len(rows), "done": len(rows) - len(left), "first": left[0] if left else "",
        "routine": routine.value, "may_write": showing.may_write(request.actor, plan),
    }  # fmt: skip

"""Pages where a plan is found, started and written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.channels import queries as channels
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotPermitted
from narvaro.plans import actions, queries, rules
from narvaro.plans.forms import ButtonForm, ChangeForm, StartForm
from narvaro.plans.models import Plan
from narvaro.plans.types import PlanState
from narvaro.plans.views import showing


@access("member")
@require_GET
def plans(request: MemberRequest) -> HttpResponse:
    """Every plan with how it stands and when it is looked over next, and the channels that have none."""
    found = queries.plans(request.actor)
    page = {
        "rows": [
            {"plan": plan, "kind": showing.KINDS[PlanState(plan.state)], "review": showing.review_words(plan)}
            for plan in found
        ],
        "without": [
            (channel, rules.may_write(request.actor, channel, None))
            for channel in queries.channels_without_plan(request.actor)
        ],
        "may_start": rules.may_start(request.actor),
    }
    return render(request, "plans/plans.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def start(request: MemberRequest) -> HttpResponse:
    """Propose a channel and its plan in one short form; whoever leads the unit decides in the same press."""
    if not rules.may_start(request.actor):
        raise NotPermitted
    chosen = next((each for each in rules.BEGINNINGS if each.key == request.GET.get("mall")), None)
    form = StartForm(*posted(request), actor=request.actor, answers=chosen.answers if chosen else None)
    if done(request, form, form.act):
        return _told(request, form.made)
    return showing.formed(request, "plans/start.html", form, beginnings=rules.BEGINNINGS, chosen=chosen)


@access("member")
@require_http_methods(["GET", "POST"])
def of_channel(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The plan of a channel; where there is none, it is written here."""
    channel = channels.channel_for(request.actor, uid)
    plan = queries.plan_of(request.actor, channel)
    if plan is not None:
        return redirect("plans:plan", plan.uid)
    if not rules.may_write(request.actor, channel, None) or not rules.is_open(PlanState.DRAFT, channel):
        return render(request, "plans/none.html", {"channel": channel})
    chosen = next((each for each in rules.BEGINNINGS if each.key == request.GET.get("mall")), None)
    begun: dict[str, Any] = dict(chosen.answers) if chosen else {"aim": channel.purpose} if channel.purpose else {}
    form = ChangeForm(*posted(request), actor=request.actor, channel=channel, answers=begun)
    if done(request, form, form.act):
        return _told(request, form.made)
    page = {"channel": channel, "beginnings": rules.BEGINNINGS, "chosen": chosen}
    return showing.formed(request, "plans/change.html", form, **page)


@access("member")
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Write a new version of a plan."""
    plan = queries.plan_for(request.actor, uid)
    if not showing.may_write(request.actor, plan):
        raise NotPermitted
    answers = queries.version_of(request.actor, plan, plan.latest).answers
    form = ChangeForm(*posted(request), actor=request.actor, channel=plan.channel, plan=plan, answers=answers)
    if done(request, form, form.act):
        return _told(request, form.made)
    return showing.formed(request, "plans/change.html", form, plan=plan, channel=plan.channel)


@access("member")
@require_POST
def send(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Put a draft, as it stands, before whoever decides."""
    plan = queries.plan_for(request.actor, uid)
    form = ButtonForm(request.POST)

    def act() -> Plan:
        answers = queries.version_of(request.actor, plan, plan.latest).answers
        return actions.change_plan(
            actor=request.actor, uid=uid, answers=answers, seen_version=form.cleaned_data["seen_version"]
        )

    if done(request, form, act):
        messages.success(request, _("Planen är lämnad för beslut."))
        return redirect("plans:plan", uid)
    messages.error(request, _("Svara på de sju frågorna först. En mening räcker på varje."))
    return redirect("plans:change", uid)


@access("member")
@require_GET
def difference(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Two versions of a plan side by side, word by word: `?fran=1&till=2`, by default the two latest."""
    plan = queries.plan_for(request.actor, uid)
    written = queries.written(request.actor, plan)
    after = written.numbered(_number(request.GET.get("till", ""), plan.latest))
    before = written.numbered(_number(request.GET.get("fran", ""), max(after.number - 1, 1)))
    page = {
        "plan": plan, "before": before, "after": after, "versions": written.versions,
        "rows": rules.differences(before.answers, after.answers),
    }  # fmt: skip
    return render(request, "plans/difference.html", page)


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else default


def _told(request: MemberRequest, plan: Plan) -> HttpResponse:
    sentence = {
        PlanState.DECIDED: _("Kanalen och planen är beslutade."),
        PlanState.PROPOSED: _("Planen är lämnad för beslut."),
    }
    words = sentence.get(PlanState(plan.state), _("Planen är sparad som utkast."))
    messages.success(request, words)
    return redirect("plans:plan", plan.uid)

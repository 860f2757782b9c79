"""The page of a plan: read, commented, advised upon, decided about and looked over; and as a document."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from narvaro.base.clock import today
from narvaro.channels import rules as register
from narvaro.channels.types import ChannelState
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.types import Actor
from narvaro.decisions.rules import content_hash
from narvaro.decisions.types import Outcome
from narvaro.plans import actions, document, queries, rules
from narvaro.plans.forms import AdviceForm, ApproveForm, ButtonForm, CommentForm, RefuseForm, ReviewForm, WhyForm
from narvaro.plans.models import Plan
from narvaro.plans.types import PlanState
from narvaro.plans.views import showing


@access("member")
@require_GET
def plan(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One plan: how it stands, what it says, what is said in its margin, what is decided; `?version=2` an older one."""
    return _page(request, uid)


@access("member")
@require_GET
def pdf(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The plan that holds, else the latest version, as PDF/A with everything decided about it."""
    found = queries.plan_for(request.actor, uid)
    made = document.as_pdf(request.actor, queries.written(request.actor, found))
    name = f"plan-{found.channel.uid.hex[-8:]}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


@access("member")
@require_POST
def approve(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Approve plan and channel: the one decision."""
    form = ApproveForm(request.POST)
    act = partial(actions.decide_plan, outcome=Outcome.APPROVED)
    return _acted(request, uid, form, act, _("Beslutet är fattat. Det gäller planen och kanalen."), approve_form=form)


@access("member")
@require_POST
def refuse(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Send the plan back, or reject it, with the reasons."""
    form = RefuseForm(request.POST)
    return _acted(request, uid, form, actions.decide_plan, _("Beslutet är fattat. De som skrev planen får veta det."),
                  refuse_form=form)  # fmt: skip


@access("member")
@require_POST
def recuse(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Leave the decision to others."""
    form = WhyForm(request.POST)
    return _acted(request, uid, form, actions.recuse, _("Beslutet är lämnat vidare."), recuse_form=form)


@access("member")
@require_POST
def review(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that the plan still holds."""
    form = ReviewForm(request.POST)

    def act(*, actor: Any, uid: UUID, seen_hash: str) -> object:
        return actions.review_plan(
            actor=actor, uid=uid, seen_hash=seen_hash, seen_version=form.cleaned_data["seen_version"]
        )

    return _acted(request, uid, form, act, _("Planen är översedd och gäller ett år till."))


@access("member")
@require_POST
def ask(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Ask for advice."""
    return _acted(request, uid, ButtonForm(request.POST), actions.ask_advice,
                  _("Kommunikationsavdelningen har fått frågan. Beslutet väntar inte på rådet."))  # fmt: skip


@access("member")
@require_POST
def advise(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Give advice."""
    form = AdviceForm(request.POST)
    return _acted(request, uid, form, actions.give_advice, _("Rådet är sparat vid planen."), advice_form=form)


@access("member")
@require_POST
def comment(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say something in the margin."""
    form = CommentForm(request.POST, auto_id=f"{request.POST.get('part', '')[:30]}-%s")
    return _acted(request, uid, form, actions.comment_plan, _("Kommentaren står i marginalen."), comment_form=form)


@access("member")
@require_POST
def settle(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a remark out of the margin."""
    plan = queries.comment_for(request.actor, uid).plan
    done(request, ButtonForm(request.POST), lambda: actions.settle_comment(actor=request.actor, uid=uid))
    return redirect("plans:plan", plan.uid)


def _acted(
    request: MemberRequest, uid: UUID, form: ActingForm, act: Callable[..., object], says: str, **bound: ActingForm
) -> HttpResponse:
    if done(request, form, lambda: act(actor=request.actor, uid=uid, **form.values)):
        messages.success(request, says)
        return redirect("plans:plan", uid)
    return _page(request, uid, form=form, **bound)


def _may_open(actor: Actor, found: Plan) -> bool:
    """Whether the actor may begin to use the plan's channel now: it is decided, and not yet in use."""
    channel = found.channel
    may = register.may_open(actor, channel.responsible_id, channel.deputy_id, channel.unit_id)
    return channel.state == ChannelState.DECIDED and may


def _page(request: MemberRequest, uid: UUID, *, form: ActingForm | None = None, **bound: Any) -> HttpResponse:
    actor, found = request.actor, queries.plan_for(request.actor, uid)
    written = queries.written(actor, found)
    asked = request.GET.get("version", "")
    shown = written.numbered(int(asked)) if asked.isdecimal() and len(asked) < 6 else written.latest
    is_open = rules.is_open(found.state, found.channel)
    may_write = showing.may_write(actor, found)
    is_decider = is_open and rules.may_decide(actor, found.channel, written.recused)
    may_decide = is_decider and found.state == PlanState.PROPOSED
    needs_names = found.state == PlanState.PROPOSED and not is_decider
    names = (
        _(" eller ").join(person.name for person in queries.deciders(actor, found, written.recused))
        if needs_names
        else ""
    )
    exact = content_hash(written.latest.content)
    page = {
        "plan": found, "channel": found.channel, "version": shown, "is_latest": shown.number == found.latest,
        "kind": showing.KINDS[PlanState(found.state)], "review": showing.review_words(found),
        "standing": showing.standing(
            found, may_decide=may_decide, may_write=may_write, deciders=names or _("Kommunikationsansvarig")
        ),
        "sections": showing.sections(
            shown.answers, written.comments, may_comment=may_write and shown is written.latest,
            bound=bound.get("comment_form"),
        ),
        "unwritten": rules.missing(shown.answers),
        "needs_assessment": rules.is_assessment_needed(shown.answers) and not shown.answers.get("assessment"),
        "decided": showing.decided(written.decisions), "versions": written.versions,
        "may_write": may_write, "may_decide": may_decide,
        "may_send": may_write and found.state == PlanState.DRAFT,
        "may_open": _may_open(actor, found),
        "may_close": is_decider and rules.may_close(found.channel),
        "may_advise": is_open and rules.may_advise(actor),
        "may_ask": may_write and not rules.may_advise(actor) and found.advice_asked_at is None,
        "may_recuse": may_decide, "button": ButtonForm(version=found.version, auto_id="button-%s"),
        "approve_form": ApproveForm(initial={"seen_hash": exact}, auto_id="approve-%s"),
        "refuse_form": RefuseForm(initial={"seen_hash": exact}, auto_id="refuse-%s"),
        "advice_form": AdviceForm(initial={"seen_hash": exact}, auto_id="advice-%s"),
        "recuse_form": WhyForm(auto_id="recuse-%s"),
        "review_form": None, "is_review_near": rules.is_review_near(found.next_review_on, today()),
        "form": form, **bound,
    }  # fmt: skip
    in_force = written.in_force
    if is_decider and in_force is not None:
        page["review_form"] = ReviewForm(
            version=found.version, initial={"seen_hash": content_hash(in_force.content)}, auto_id="review-%s"
        )
    return render(request, "plans/plan.html", page, status=422 if form is not None and form.errors else 200)

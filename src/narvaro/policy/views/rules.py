"""Pages where the house rules are read, ordered, written and ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.ids import uuid7
from narvaro.channels import queries as channels
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import Invalid, NotPermitted
from narvaro.policy import actions, lint, queries, rules
from narvaro.policy.forms import ButtonForm, MoveForm, RuleForm
from narvaro.policy.models import HouseRule
from narvaro.policy.types import Measure, Remark
from narvaro.policy.views.showing import (
    READERS,
    is_looking,
    list_marks,
    marks,
    may_administer_pages,
    once,
    open_path,
    whole,
)

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

CHANNELS_SHOWN = 50
_WORDING = ("title", "text", "title_en", "text_en", "first", "remove_first")


@access("member", *READERS)
@require_GET
def house_rules(request: MemberRequest) -> HttpResponse:
    """The authority's rules in their order, and the channels that have rules of their own."""
    after = request.GET.get("efter", "")
    found = queries.channels_with_rules(
        request.actor, after=int(after) if after.isdecimal() else 0, limit=CHANNELS_SHOWN + 1
    )
    page = {
        "channels": found[:CHANNELS_SHOWN],
        "older_url": f"?efter={found[CHANNELS_SHOWN - 1].channel_id}" if len(found) > CHANNELS_SHOWN else "",
        "newer_url": "?" if after else "",
        "has_chosen": queries.has_chosen_rules(request.actor),
        "notices_url": reverse("policy:notices"),
        "button": ButtonForm(),
    }
    return _listed(request, None, **page)


@access("member", *READERS)
@require_GET
def channel_rules(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The rules that one channel has besides the authority's."""
    return _listed(request, channels.channel_for(request.actor, uid))


@access("member", *READERS)
@require_POST
def begin(request: MemberRequest) -> HttpResponse:
    """Begin with the rules that ship, where nobody has decided about rules yet."""
    once(request, partial(actions.take_starting_rules, actor=request.actor))
    messages.success(request, _("Reglerna gäller från nu. Ändra dem som ni vill ha dem."))
    return redirect("policy:rules")


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """A new rule for every channel."""
    return _adding(request, None)


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def add_in_channel(request: MemberRequest, uid: UUID) -> HttpResponse:
    """A new rule for one channel."""
    return _adding(request, channels.channel_for(request.actor, uid))


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def rule(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One rule: what it says, how it is changed, and every wording it has had."""
    found = queries.any_rule_for(request.actor, uid)
    may_change = rules.may_change_rules(request.actor)
    if request.method == "POST" and not may_change:
        raise NotPermitted
    form = RuleForm(*posted(request), initial={name: getattr(found, name) for name in _WORDING})
    if not is_looking(request) and done(
        request, form, lambda: actions.change_rule(actor=request.actor, uid=uid, **form.values)
    ):
        messages.success(request, _("Regeln är sparad och gäller från nu. Den gamla lydelsen är bevarad."))
        return redirect(_list_of(found))
    page = {
        "rule": found, "form": form, "marks": marks(_remarks(form, found)), "back_url": _list_of(found),
        "wordings": queries.wordings(request.actor, found), "may_change": may_change and found.ended_at is None,
        "first": Measure(found.first).label,
    }  # fmt: skip
    return render(request, "policy/rule.html", page, status=_status(form))


@access("member", *READERS)
@require_POST
def look(request: MemberRequest) -> HttpResponse:
    """What a rule that is being written may collide with; nothing is stored."""
    return render(request, "policy/remarks.html", {"marks": marks(_remarks(RuleForm(request.POST), None))})


@access("member", *READERS)
@require_POST
def move(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Move a rule one step up or down."""
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Invalid
    found = queries.any_rule_for(request.actor, uid)
    act = partial(actions.move_rule, actor=request.actor, uid=uid, direction=form.cleaned_data["direction"])
    perform(request.actor, form.cleaned_data["intent"], act)
    return redirect(f"{_list_of(found)}#r-{found.code}")


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def end(request: MemberRequest, uid: UUID) -> HttpResponse:
    """End a rule, after a question."""
    found = queries.house_rule_for(request.actor, uid) if request.method == "GET" else None
    if not rules.may_change_rules(request.actor):
        raise NotPermitted
    if found is None:
        found = queries.any_rule_for(request.actor, uid)
        once(request, partial(actions.end_rule, actor=request.actor, uid=uid))
        messages.success(request, _("Regeln är avslutad. Det som redan är beslutat efter den står kvar."))
        return redirect(_list_of(found))
    page = {"rule": found, "back_url": _list_of(found), "fields": [("intent", str(uuid7()))]}
    return render(request, "policy/end.html", page)


def _listed(request: MemberRequest, channel: Channel | None, **page: Any) -> HttpResponse:
    actor = request.actor
    found = queries.own_rules(actor, channel.pk if channel else None)
    public = open_path(actor, channel.uid if channel else None)
    rows = [
        {
            "rule": each, "marks": list_marks(_remarks_on(each)), "first": Measure(each.first).label,
            "move": MoveForm(auto_id=False), "is_top": number == 0, "is_bottom": number == len(found) - 1,
        }
        for number, each in enumerate(found)
    ]  # fmt: skip
    page |= {
        "channel": channel, "rows": rows, "may_change": rules.may_change_rules(actor), "open_url": public,
        "open_address": whole(public), "has_administration": may_administer_pages(actor),
        "collisions": sum(bool(row["marks"]) for row in rows),
        "add_url": reverse("policy:add_in_channel", args=[channel.uid]) if channel else reverse("policy:add"),
    }  # fmt: skip
    return render(request, "policy/rules.html", page)


def _adding(request: MemberRequest, channel: Channel | None) -> HttpResponse:
    if not rules.may_change_rules(request.actor):
        raise NotPermitted
    form = RuleForm(*posted(request))
    back = reverse("policy:channel_rules", args=[channel.uid]) if channel else reverse("policy:rules")
    if not is_looking(request) and done(
        request, form, lambda: actions.add_rule(actor=request.actor, channel=channel, **form.values)
    ):
        messages.success(request, _("Regeln gäller från nu och står på den öppna sidan."))
        return redirect(back)
    page = {"form": form, "channel": channel, "back_url": back, "marks": marks(_remarks(form, None))}
    return render(request, "policy/add.html", page, status=_status(form))


def _remarks(form: RuleForm, stored: HouseRule | None) -> list[Remark]:
    """Return the remarks on what stands in the form, else on what is stored."""
    if not form.is_bound:
        return _remarks_on(stored) if stored else []
    said = {name: str(form[name].value() or "") for name in ("title", "text", "title_en", "text_en")}
    return lint.remarks_on_rule(**said, remove_first=bool(form["remove_first"].value()))


def _remarks_on(rule: HouseRule) -> list[Remark]:
    return lint.remarks_on_rule(rule.title, rule.text, rule.title_en, rule.text_en, remove_first=rule.remove_first)


def _list_of(rule: HouseRule) -> str:
    return reverse("policy:channel_rules", args=[rule.channel.uid]) if rule.channel else reverse("policy:rules")


def _status(form: RuleForm) -> int:
    return 422 if form.is_bound and form.errors else 200

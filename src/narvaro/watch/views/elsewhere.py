"""What was found elsewhere: the list, bringing in, the manager's decision, our reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.channels import queries as channels
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.rules import may_read_records
from narvaro.core.types import Actor, NotPermitted
from narvaro.watch import actions, forms, queries, rules
from narvaro.watch.types import ElsewhereState

if TYPE_CHECKING:
    from narvaro.watch.models import Elsewhere


@access("member", *rules.READERS)
@require_GET
def found(request: MemberRequest) -> HttpResponse:
    """What somebody has found on pages that are not ours."""
    is_over = request.GET.get("lista") == "klara"
    page = {
        "rows": queries.found_elsewhere(request.actor, over=is_over), "is_over": is_over,
        "may_add": rules.may_add(request.actor),
    }  # fmt: skip
    return render(request, "watch/elsewhere.html", page)


@access("member", *rules.READERS)
@require_http_methods(["GET", "POST"])
def bring(request: MemberRequest) -> HttpResponse:
    """Put something before the nearest manager, in one short form."""
    if not rules.may_add(request.actor):
        raise NotPermitted
    units = [(str(unit.uid), unit.name) for unit in core.units(request.actor)]
    form = forms.ElsewhereForm(*posted(request), units=units)
    made: list[Elsewhere] = []

    def act() -> None:
        values = {name: form.values[name] for name in ("sort", "text", "link")}
        made.append(actions.bring_elsewhere(actor=request.actor, unit_uid=form.values["unit"], **values))

    if done(request, form, act):
        messages.success(request, _("Det ligger hos chefen, som avgör om ni svarar."))
        return redirect("watch:one_elsewhere", made[0].uid)
    return render(request, "watch/bring.html", {"form": form}, status=422 if form.is_bound else 200)


@access("member", *rules.READERS)
@require_GET
def one(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One thing: what stands where, what is next and who does it."""
    return _shown(request, queries.elsewhere_for(request.actor, uid))


@access("member", *rules.READERS)
@require_POST
def decide(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Decide whether we answer."""
    row = queries.elsewhere_for(request.actor, uid)
    form = forms.DecideForm(request.POST, version=row.version)
    if done(request, form, lambda: actions.decide_elsewhere(
        actor=request.actor, uid=uid, is_answered=form.values["is_answered"] == "yes", why=form.values["why"],
        seen_version=form.cleaned_data["seen_version"],
    )):  # fmt: skip
        messages.success(request, _("Avgjort."))
        return redirect("watch:one_elsewhere", uid)
    return _shown(request, row, decide_form=form, form=form)


@access("member", *rules.READERS)
@require_POST
def keep_reply(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Keep what we answered there as a record."""
    row = queries.elsewhere_for(request.actor, uid)
    form = forms.ReplyForm(request.POST, version=row.version, channels=_channels(request.actor))
    if done(request, form, lambda: actions.keep_reply(
        actor=request.actor, uid=uid, channel_uid=form.values["channel"], text=form.values["text"],
        link=form.values["link"], seen_version=form.cleaned_data["seen_version"],
    )):  # fmt: skip
        messages.success(request, _("Svaret är bevarat som allmän handling."))
        return redirect("watch:one_elsewhere", uid)
    return _shown(request, row, reply_form=form, form=form)


def _shown(request: MemberRequest, row: Elsewhere, **refused: Any) -> HttpResponse:
    actor = request.actor
    page: dict[str, Any] = {
        "row": row,
        "host": rules.host_of(row.link),
        "is_doubtful": rules.doubt_about(row.link),
        "manager": core.nearest_manager(actor, row.unit_id),
        "history": audit.timeline(actor, row),
        "may_read_record": row.item_id is not None and may_read_records(actor),
    }
    if row.state == ElsewhereState.WAITING and rules.may_decide_elsewhere(actor, row.unit_id):
        page["decide_form"] = forms.DecideForm(version=row.version)
    if row.state == ElsewhereState.TO_ANSWER and rules.may_add(actor):
        page["reply_form"] = forms.ReplyForm(version=row.version, channels=_channels(actor))
    return render(request, "watch/one_elsewhere.html", {**page, **refused}, status=422 if refused else 200)


def _channels(actor: Actor) -> list[tuple[str, str]]:
    return [(str(each.uid), each.name) for each in channels.channels(actor)]

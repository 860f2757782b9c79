"""Pages where it is decided what an author is told under each ground."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.connectors.bluesky import graphemes
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import Actor, NotPermitted
from narvaro.policy import actions, queries, rules
from narvaro.policy.forms import ButtonForm, NoticeForm
from narvaro.policy.types import Catalogue, Ground
from narvaro.policy.views.showing import READERS, is_looking, marks, may_administer_pages, once


@access("member", *READERS)
@require_GET
def notices(request: MemberRequest) -> HttpResponse:
    """Every ground with whether it has a text of its own, by catalogue."""
    own = queries.own_notices(request.actor)
    grounds = queries.every_ground(request.actor)
    groups = [
        {"label": catalogue.label, "rows": [(g, g.code in own) for g in grounds if g.catalogue is catalogue]}
        for catalogue in Catalogue
    ]
    groups.append({"label": rules.BLOCKING.title, "rows": [(rules.BLOCKING, rules.BLOCKING.code in own)]})
    page = {
        "groups": groups, "own_count": len(own), "has_administration": may_administer_pages(request.actor),
        "placeholders": rules.PLACEHOLDERS,
    }  # fmt: skip
    return render(request, "policy/notices.html", page)


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def notice(request: MemberRequest, code: str) -> HttpResponse:
    """What an author is told under one ground: the text, what it becomes, and changing it."""
    actor = request.actor
    ground = queries.any_ground_for(actor, code)
    may_change = rules.may_change_rules(actor)
    if request.method == "POST" and not may_change:
        raise NotPermitted
    stored = queries.notice_template(actor, code)
    version = stored.version if stored else 0
    shown = stored.text if stored and stored.text else queries.shipped_notice(ground)
    form = NoticeForm(*posted(request), version=version, initial={"text": shown})
    seen = form.cleaned_data["seen_version"] if form.is_bound and form.is_valid() else None
    change = partial(actions.change_notice, actor=actor, ground=code, seen_version=seen)
    if not is_looking(request) and done(request, form, lambda: change(text=form.cleaned_data["text"])):
        messages.success(request, _("Beskedet är sparat."))
        return redirect("policy:notices")
    text = str(form["text"].value() or "")
    page = {
        "ground": ground, "form": form, "may_change": may_change, "placeholders": rules.PLACEHOLDERS,
        "restore": ButtonForm(version=version) if stored and stored.text and may_change else None,
        **_preview(actor, ground, text),
    }  # fmt: skip
    return render(request, "policy/notice.html", page, status=422 if form.is_bound and form.errors else 200)


@access("member", *READERS)
@require_POST
def preview(request: MemberRequest, code: str) -> HttpResponse:
    """What a notice that is being written becomes; nothing is stored."""
    ground = queries.any_ground_for(request.actor, code)
    page = _preview(request.actor, ground, request.POST.get("text", "")[: rules.MOST_NOTICE_LENGTH])
    return render(request, "policy/preview.html", page)


@access("member", *READERS)
@require_POST
def restore(request: MemberRequest, code: str) -> HttpResponse:
    """Use the text that ships again."""
    form = ButtonForm(request.POST)
    seen = form.cleaned_data["seen_version"] if form.is_valid() else None
    once(request, partial(actions.restore_notice, actor=request.actor, ground=code, seen_version=seen))
    messages.success(request, _("Texten som följer med används igen."))
    return redirect("policy:notice", code)


def _preview(actor: Actor, ground: Ground, text: str) -> dict[str, Any]:
    problem = rules.problem_with_notice(text)
    if problem:
        return {"problem": problem}
    example = queries.example_notice(actor, ground, text)
    remarks = rules.remarks_on_notice(ground, text, example)
    return {"example": example, "length": graphemes(example), "marks": marks(remarks)}

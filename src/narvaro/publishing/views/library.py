"""Pages of texts to begin from, labels and campaigns."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import ANSWERS, Role
from narvaro.publishing import actions, queries
from narvaro.publishing.forms.library import LabelForm, PutAwayForm, TextForm
from narvaro.publishing.queries.evaluation import evaluations
from narvaro.publishing.queries.repeats import repeats_of
from narvaro.publishing.views.evaluation import listed, summary


@access("member", *ANSWERS)
@require_GET
def texts(request: MemberRequest) -> HttpResponse:
    """Texts to begin from, how often each was used and when last."""
    words = request.GET.get("q", "").strip()[:100]
    found = queries.saved_texts(request.actor, words=words)
    again = repeats_of(request.actor, found)
    for each in found:
        each.repeat = again.get(each.pk)  # type: ignore[attr-defined]
    page = {"texts": found, "q": words}
    return render(request, "publishing/texts.html", page)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def new_text(request: MemberRequest) -> HttpResponse:
    """Write a text to begin from, or keep that of a message."""
    begun = {}
    if request.method == "GET" and (uid := request.GET.get("fran", "")):
        begun["text"] = queries.message_for(request.actor, uid).text if len(uid) == 36 else ""
    return _text(request, TextForm(*posted(request), initial=begun))


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def text(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change a text to begin from."""
    found = queries.saved_text_for(request.actor, uid)
    form = TextForm(*posted(request), initial={"name": found.name, "text": found.text})
    return _text(request, form, uid)


@access("member", *ANSWERS)
@require_POST
def put_away_text(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a text out of the list."""
    form = PutAwayForm(request.POST)
    if done(request, form, lambda: actions.put_away_text(actor=request.actor, uid=uid)):
        messages.success(request, _("Texten är borta ur listan. Det som skrevs med den finns kvar."))
    return redirect("publishing:texts")


@access("member", Role.COMMUNICATIONS_LEAD)
@require_http_methods(["GET", "POST"])
def labels(request: MemberRequest) -> HttpResponse:
    """The authority's labels and campaigns, and a new one."""
    return _label(request, LabelForm(*posted(request)))


@access("member", Role.COMMUNICATIONS_LEAD)
@require_http_methods(["GET", "POST"])
def label(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change a label or a campaign."""
    found = queries.label_for(request.actor, uid)
    names = ("name", "kind", "begins_on", "ends_on", "is_read_first")
    form = LabelForm(*posted(request), initial={name: getattr(found, name) for name in names})
    return _label(request, form, uid)


@access("member", Role.COMMUNICATIONS_LEAD)
@require_POST
def put_away_label(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a label out of the lists."""
    form = PutAwayForm(request.POST)
    if done(request, form, lambda: actions.put_away_label(actor=request.actor, uid=uid)):
        messages.success(request, _("Borta ur listan. Inlägg som har den behåller den."))
    return redirect("publishing:labels")


def _text(request: MemberRequest, form: TextForm, uid: UUID | None = None) -> HttpResponse:
    act = partial(actions.save_text, actor=request.actor, uid=uid)
    if done(request, form, lambda: act(**form.values)):
        messages.success(request, _("Texten är sparad."))
        return redirect("publishing:texts")
    page = {"form": form, "uid": uid, "away": PutAwayForm()}
    return render(request, "publishing/text.html", page, status=422 if form.is_bound else 200)


def _label(request: MemberRequest, form: LabelForm, uid: UUID | None = None) -> HttpResponse:
    act = partial(actions.save_label, actor=request.actor, uid=uid)
    if done(request, form, lambda: act(**form.values)):
        messages.success(request, _("Sparat."))
        return redirect("publishing:labels")
    page: dict[str, Any] = {"form": form, "uid": uid, "labels": queries.labels(request.actor), "away": PutAwayForm()}
    if uid:
        found = evaluations(request.actor, marked=uid)
        page |= {"rows": listed(found), "summary": summary(request.actor, str(uid))}
    return render(request, "publishing/labels.html", page, status=422 if form.is_bound else 200)

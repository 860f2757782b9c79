"""Pages of short links: the list, one link with how it is followed, and what anybody meets at the link itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from narvaro.core import audit, openly, spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import ANSWERS, READS_ALL
from narvaro.links import actions, queries, rules
from narvaro.links.forms import LinkForm, RetireForm, TargetForm
from narvaro.links.models import ShortLink

GONE = 410


@access("member", *READS_ALL)
@require_http_methods(["GET", "POST"])
def links(request: MemberRequest) -> HttpResponse:
    """The authority's short links, and a form for a new one."""
    actor = request.actor
    form = LinkForm(*posted(request))
    made: list[ShortLink] = []
    if done(request, form, lambda: made.append(actions.make_link(actor=actor, **form.values))):
        messages.success(request, _("Länken är klar att använda."))
        return redirect("links:link", made[0].uid)
    text, before = request.GET.get("q", "").strip()[:200], request.GET.get("fore", "")
    key = int(before) if before.isdigit() and len(before) < 19 else None
    found = queries.links(actor, text=text, before=key)
    counted = queries.totals(actor, found)
    page = {
        "rows": [(each, queries.address_of(each), counted.get(each.pk, 0)) for each in found], "q": text,
        "older": found[-1].pk if len(found) == queries.PAGE else "", "form": form,
        "may_make": actor.has_anywhere(*ANSWERS),
    }  # fmt: skip
    return render(request, "links/links.html", page, status=422 if form.is_bound else 200)


@access("member", *READS_ALL)
@require_GET
def link(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One link: where it leads and has led, and how often it is followed."""
    return _shown(request, uid)


@access("member", *ANSWERS)
@require_POST
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a link lead elsewhere."""
    form = TargetForm(request.POST)
    if done(request, form, lambda: actions.change_target(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Sparat. Länken leder dit från och med nu."))
        return redirect("links:link", uid)
    return _shown(request, uid, target_form=form, form=form)


@access("member", *ANSWERS)
@require_POST
def retire(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a link lead nowhere."""
    form = RetireForm(request.POST)
    if done(request, form, lambda: actions.retire_link(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Länken är indragen. Den som följer den får veta det."))
        return redirect("links:link", uid)
    return _shown(request, uid, form=form)


@access("member", *READS_ALL)
@require_GET
def as_csv(request: MemberRequest, uid: UUID) -> HttpResponse:
    """How often a link was followed, hour by hour, for a spreadsheet."""
    found = queries.link_for(request.actor, uid)
    lines = [spreadsheet.line([_("Timme"), _("Klick")])]
    lines += [spreadsheet.line([hour, str(count)]) for hour, count in queries.hours(request.actor, found)]
    response = HttpResponse(spreadsheet.MARK + "".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.code}.csv"'
    return response


# --- Anybody ----------------------------------------------------------------------------------------------------------


@csrf_exempt  # nothing can be sent here: whoever tries is told so, and not that a form is too old
@access("link")
@never_cache
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Lead whoever follows a link to its page. Only codes that exist lead anywhere, and only where we said."""
    found, _authority = queries.link_at(code)
    if found.retired_at is not None:
        return _told(request, code)
    if request.method == "GET":
        actions.clicks.add(found)
    response = HttpResponseRedirect(found.target)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt
@access("link")
@never_cache
@require_safe
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """Where a link leads, for whoever wants to see before they follow it. Not counted."""
    return _told(request, code)


def _told(request: HttpRequest, code: str) -> HttpResponse:
    found, authority = queries.link_at(code)
    with translation.override(openly.language(request)):
        page = {
            "link": found, "authority": authority, "shell": {"authority_name": authority.name},
            "address": queries.address_of(found), "host": rules.host_of(found.target),
            "language_links": openly.other_languages(f"{rules.ROOT}{found.code}+"),
        }  # fmt: skip
        response = render(request, "links/open/told.html", page, status=GONE if found.retired_at else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


def _shown(request: MemberRequest, uid: UUID, **refused: Any) -> HttpResponse:
    actor = request.actor
    found = queries.link_for(actor, uid)
    counted = queries.followed(actor, found)
    in_span = sum(clicks for _day, clicks in counted.days)
    page = {
        "link": found, "address": queries.address_of(found), "targets": counted.targets,
        "total": counted.total, "is_foreign": queries.is_foreign(actor, found.target),
        "days": [(date_format(day, "j F"), count, str(count)) for day, count in counted.days if count],
        "heads": [_("Dag"), _("Klick")],
        "sentence": ngettext(
            "Länken har följts %(n)d gång de senaste trettio dagarna.",
            "Länken har följts %(n)d gånger de senaste trettio dagarna.", in_span,
        ) % {"n": in_span},
        "target_form": TargetForm(initial={"target": found.target}, version=found.version),
        "retire_form": RetireForm(version=found.version),
        "may_change": actor.has_anywhere(*ANSWERS) and found.retired_at is None,
        "history": audit.timeline(actor, found),
    }  # fmt: skip
    return render(request, "links/link.html", {**page, **refused}, status=422 if refused else 200)

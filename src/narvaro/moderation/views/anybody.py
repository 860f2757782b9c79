"""
What anybody reaches without signing in: to report, to complain, to fetch the answer, and the statistics.

Codes come and go in forms and never in addresses, so that no log and no history keeps them.

Law: BBS-4, FL-1, FL-8, TF-1
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import openly
from narvaro.core import queries as core
from narvaro.core.access import OpenRequest, access
from narvaro.core.forms import done
from narvaro.core.forms.acting import offer
from narvaro.core.types import Actor, Invalid
from narvaro.moderation import actions, queries, rules, tries
from narvaro.moderation.actions import Heard
from narvaro.moderation.forms import ComplaintForm, PickUpForm, ReportForm
from narvaro.moderation.models import Complaint
from narvaro.moderation.types import ReportKind, UnknownCode
from narvaro.policy import queries as policy
from narvaro.policy.types import Measure as Kind

MONTHS_SHOWN = timedelta(days=365)


@never_cache
@access("open")
@require_http_methods(["GET", "POST"])
def complain(request: OpenRequest) -> HttpResponse:
    """Ask for a decision to be looked at again, with the code of its notice or what tells what it was about."""
    form = ComplaintForm(request.POST or None)
    heard: list[Heard] = []
    keep = partial(actions.keep_complaint, actor=request.visitor)
    # A code is counted outside the transaction: what is undone in there would not be.
    counted = tries.one_try if request.POST.get("code", "").strip() else tries.one_report
    if done(request, form, lambda: heard.append(keep(**form.values)), within=counted(request)):
        return _page(request, "moderation/open/heard.html", {"heard": heard[0], "is_complaint": True})
    return _page(request, "moderation/open/complain.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@access("open")
@require_http_methods(["GET", "POST"])
def report(request: OpenRequest) -> HttpResponse:
    """Report something as against the law or the rules, or as violating somebody."""
    form = ReportForm(request.POST or None)
    known = [(str(one.uid), one.name) for one in channels.channels(request.visitor)]
    offer(form, "channel", [("", _("Välj kanal")), *known])
    heard: list[Heard] = []

    def keep() -> None:
        values = {name: form.values[name] for name in ("kind", "text", "url")}
        channel_uid = UUID(form.values["channel"]) if form.values["channel"] else None
        heard.append(actions.keep_report(actor=request.visitor, channel_uid=channel_uid, **values))

    if done(request, form, keep, within=tries.one_report(request)):
        return _page(request, "moderation/open/heard.html", {"heard": heard[0], "is_complaint": False})
    return _page(request, "moderation/open/report.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@access("open")
@require_http_methods(["GET", "POST"])
def pick_up(request: OpenRequest) -> HttpResponse:
    """Fetch what became of a report or a complaint, with the code that was given for it."""
    form = PickUpForm(request.POST or None)
    if form.is_valid():
        try:
            with tries.one_try(request):
                found = queries.heard_by_code(request.visitor, actions.hashed(form.cleaned_data["code"]))
                if found is None:
                    raise UnknownCode(_("Koden finns inte här. Kontrollera den, bokstav för bokstav."))
        except Invalid as error:
            form.add_error("code", str(error))
        else:
            page = {
                "found": found,
                "is_complaint": isinstance(found, Complaint),
                "is_about_decision": isinstance(found, Complaint) or found.kind == ReportKind.DECISION,
            }
            return _page(request, "moderation/open/answer.html", page)
    return _page(request, "moderation/open/pick_up.html", {"form": form}, status=422 if form.is_bound else 200)


@access("open")
@require_safe
def statistics(request: OpenRequest) -> HttpResponse:
    """How many measures were decided each month, of whom nothing is told."""
    return _page(request, "moderation/open/statistics.html", {"rows": _counted(request.visitor)})


@access("open")
@require_safe
def statistics_json(request: OpenRequest) -> HttpResponseBase:
    """The same as data: null is one to four."""
    rows = [
        {
            **one,
            "month": f"{localtime(one['month']):%Y-%m}",
            "title": str(one["title"]),
            "kind_title": str(one["kind_title"]),
        }
        for one in _counted(request.visitor)
    ]
    body = {
        "authority": core.authority_of(request.visitor).name,
        "null_means_fewer_than": rules.FEWEST_SHOWN,
        "measures": rows,
    }
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 1})
    return openly.kept_by_caches(request, openly.as_data(response))


def _counted(actor: Actor) -> list[dict[str, Any]]:
    since = localtime(now() - MONTHS_SHOWN).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    titles = {rule.code: rule.title for rule in policy.every_house_rule(actor)}
    titles |= {ground.code: str(ground.title) for ground in policy.grounds(actor)}
    numbers = ("count", "undone", "complaints", "changed")
    return [
        {
            "month": row["month"], "ground": row["ground"], "kind": row["kind"], "kind_title": Kind(row["kind"]).label,
            "title": titles.get(row["ground"], _("En regel som inte längre gäller")),
            **{name: rules.shown_number(row[name]) for name in numbers},
        }
        for row in queries.statistics(actor, since)
    ]  # fmt: skip


def _page(request: OpenRequest, template: str, values: dict[str, Any], *, status: int = 200) -> HttpResponse:
    authority = core.authority_of(request.visitor)
    return render(request, template, {"authority": authority, **values}, status=status)

"""Evidence packages for a report to the police: made, handed out, followed, and the records held meanwhile."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.core import audit, keys
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.types import READS_ALL, NotPermitted
from narvaro.moderation import actions, package, queries, rules
from narvaro.moderation.forms import CaseNumberForm, EndHoldForm, MakePackageForm
from narvaro.records import actions as kept
from narvaro.records import queries as records
from narvaro.records import rules as keeping

if TYPE_CHECKING:
    from narvaro.moderation.models import Measure, Package
    from narvaro.records.models import Item

_IN_MEMORY_BYTES = 8 * 1024 * 1024


@access("member", *READS_ALL)
@require_GET
def packages(request: MemberRequest) -> HttpResponse:
    """Every evidence package with the police's number, and whether its records are held."""
    text = request.GET.get("fore", "")
    before = int(text) if text.isdigit() and len(text) < 19 else None
    found = queries.packages(request.actor, before=before)
    page = {"packages": found, "older_from": found[-1].pk if len(found) == queries.PAGE else None}
    return render(request, "moderation/packages.html", page)


@access("member", *READS_ALL)
@require_http_methods(["GET", "POST"])
def make_of_item(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Make a package about something that was written."""
    item = records.item_for(request.actor, uid)
    return _make(request, item=item, measure=None, back_url=reverse("records:record", args=[uid]))


@access("member", *READS_ALL)
@require_http_methods(["GET", "POST"])
def make_of_measure(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Make a package about what a measure was about."""
    measure = queries.measure_for(request.actor, uid)
    return _make(request, item=measure.item, measure=measure, back_url=reverse("moderation:measure", args=[uid]))


def _make(request: MemberRequest, *, item: Item | None, measure: Measure | None, back_url: str) -> HttpResponse:
    if not rules.may_package(request.actor):
        raise NotPermitted
    form = MakePackageForm(request.POST or None)
    made: list[Package] = []
    if done(request, form, lambda: made.append(
        actions.make_package(actor=request.actor, item=item, measure=measure, **form.values)
    )):  # fmt: skip
        messages.success(request, _("Paketet är gjort, och handlingarna hålls kvar. Hämta det här."))
        return redirect("moderation:package", made[0].uid)
    measures = queries.measures_about(request.actor, item=item, measure=measure)
    page = {
        "form": form,
        "is_bare": package.is_bare(request.actor, item, measures),
        "shown": records.shown(request.actor, [item])[0] if item is not None else None,
        "measure": measures[0] if measures else None,
        "before": queries.packages_about(request.actor, item=item, measure=measure),
        "back_url": back_url,
    }
    return render(request, "moderation/make_package.html", page, status=422 if form.is_bound else 200)


@access("member", *READS_ALL)
@require_GET
def package_page(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One package: to fetch, with the police's number and the hold."""
    return _page(request, uid)


@access("member", *READS_ALL)
@require_POST
def fetch(request: MemberRequest, uid: UUID) -> HttpResponseBase:
    """The package as a zip, made now; that it was taken out is written before a byte leaves."""
    found = queries.package_for(request.actor, uid)
    if not rules.may_package(request.actor):
        raise NotPermitted
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the answer closes it
    digest = package.write(file, request.actor, found)
    actions.take_out_package(actor=request.actor, uid=uid, digest=digest)
    name = f"{package.folder_name(found)}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@access("member", *READS_ALL)
@require_POST
def case_number(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Keep the police's number."""
    form = CaseNumberForm(request.POST, prefix="number")
    act = partial(actions.note_case_number, actor=request.actor, uid=uid)
    return _change(request, uid, form, act, _("Ärendenumret är sparat."), number_form=form)


@access("member", *READS_ALL)
@require_POST
def end_hold(request: MemberRequest, uid: UUID) -> HttpResponse:
    """End that the records are held."""
    found = queries.package_for(request.actor, uid)
    form = EndHoldForm(request.POST, prefix="hold")
    hold = found.hold.uid if found.hold else uid

    def act(*, why: str, seen_version: int | None) -> object:
        return kept.end_hold(actor=request.actor, uid=hold, why=why)

    return _change(request, uid, form, act, _("Handlingarna hålls inte längre kvar."), hold_form=form)


def _change(
    request: MemberRequest, uid: UUID, form: ActingForm, act: Callable[..., object], says: str, **bound: ActingForm
) -> HttpResponse:
    if done(request, form, lambda: act(**form.values, seen_version=form.cleaned_data["seen_version"])):
        messages.success(request, says)
        return redirect("moderation:package", uid)
    return _page(request, uid, form=form, **bound)


def _page(request: MemberRequest, uid: UUID, *, form: ActingForm | None = None, **bound: Any) -> HttpResponse:
    actor, found = request.actor, queries.package_for(request.actor, uid)
    events = audit.timeline(actor, found) + (audit.timeline(actor, found.hold) if found.hold else [])
    page = {
        "package": found,
        "form": form,
        "number_form": CaseNumberForm(
            prefix="number", version=found.version, initial={"case_number": found.case_number}
        ),
        "hold_form": EndHoldForm(prefix="hold"),
        "may_package": rules.may_package(actor),
        "may_end_hold": found.hold is not None and found.hold.ended_at is None and keeping.may_end_hold(actor),
        "fingerprint": package.fingerprint_of(keys.public_signing_key()[1]),
        "count": len(found.as_made.get("items", [])),
        "history": sorted(events, key=lambda event: event["at"]),
        **bound,
    }
    return render(request, "moderation/package.html", page, status=422 if form is not None else 200)

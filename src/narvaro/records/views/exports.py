"""Copies to hand out or to archive."""

from __future__ import annotations

import tempfile
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform
from narvaro.core.types import NotFound, NotPermitted
from narvaro.records import actions, export, queries, rules
from narvaro.records.forms import ConfirmForm, ExportRequestForm
from narvaro.records.types import ExportForm, ExportScope, WorkState
from narvaro.records.views.places import places

_IN_MEMORY_BYTES = 8 * 1024 * 1024


@access("member", *rules.EXPORTS)
@require_http_methods(["GET", "POST"])
def exports(request: MemberRequest) -> HttpResponse:
    """Ask for a copy of a channel or of everything, and fetch what is ready."""
    known = queries.channels_for_reading(request.actor)
    form = ExportRequestForm(
        request.POST or None, [channel for channel, _ in known.values()], chosen=request.GET.get("kanal", "")
    )
    if done(request, form, lambda: actions.request_export(actor=request.actor, **form.wanted)):
        messages.success(request, _("Exporten är beställd. Den kan hämtas här när den är klar."))
        return redirect("records:exports")
    rows = queries.exports(request.actor)
    token = "-".join(f"{row.pk}:{row.state}:{row.done}" for row in rows) or "none"
    if request.GET.get("token") == token:
        return HttpResponse(status=204)
    page = {
        "places": places(request.actor, "exports"),
        "form": form, "rows": rows, "token": token, "me": request.actor.person_id,
        "keep_days": rules.KEEP_EXPORTS.days,
        "is_going": any(row.state in (WorkState.WAITING, WorkState.RUNNING) for row in rows),
    }  # fmt: skip
    return render(request, "records/exports.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_POST
def fetch_export(request: MemberRequest, uid: UUID) -> HttpResponseBase:
    """The file of a finished export, to the one who asked for it."""
    found = queries.export_for(request.actor, uid)
    path = export.path_of(found.uid, found.form)
    if found.state != WorkState.DONE or found.removed_at is not None or not path.exists():
        raise NotFound(_("Exporten finns inte längre. Beställ en ny."))
    if not rules.may_export(request.actor):
        raise NotPermitted
    actions.note_export(actor=request.actor, scope=found.scope, form=found.form, subject=found)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"narvaro-{found.uid}{path.suffix}")


@access("member")
@require_POST
def export_thread(request: MemberRequest, uid: UUID) -> HttpResponseBase:
    """The thread of a record as JSON or as pages in a zip, at once."""
    item = queries.item_for(request.actor, uid)
    form = ConfirmForm(request.POST)
    wanted = request.POST.get("form", "")
    if wanted not in ExportForm.values or not form.is_valid():
        return redirect("records:record", item.uid)
    selection = export.Selection(thread_of=item)
    perform(
        request.actor,
        form.cleaned_data["intent"],
        lambda: actions.note_export(actor=request.actor, scope=ExportScope.THREAD, form=wanted, subject=item),
    )
    name = f"narvaro-{item.uid}"
    if wanted == ExportForm.JSON:
        response = StreamingHttpResponse(export.json_pieces(request.actor, selection), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return response
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the answer closes it
    export.write_zip(file, request.actor, selection)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.zip")

"""An account taken over: opened in one press, what is done first, who is told by when, and the report."""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import now
from narvaro.channels import incident_pdf, queries, rules
from narvaro.channels.actions import incidents as actions
from narvaro.channels.keeping_forms import (
    CloseIncidentForm,
    IncidentForm,
    LineForm,
    LogForm,
    MeasureForm,
    PressForm,
    SettleForm,
    log_form,
)
from narvaro.channels.queries import custody, incidents
from narvaro.channels.rules import security
from narvaro.channels.types import EntryKind
from narvaro.channels.views import showing
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import IncidentEntry, SecurityIncident


@access("member", *security.SEES_INCIDENTS)
@require_GET
def listed(request: MemberRequest) -> HttpResponse:
    """Every incident, open ones first."""
    page = {"incidents": incidents.incidents(request.actor)}
    return render(request, "channels/incidents.html", page)


@access("member")
@require_POST
def open_incident(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Open an incident about a channel: one press."""
    found, form = queries.channel_for(request.actor, uid), PressForm(request.POST)
    if not form.is_valid():
        return redirect("channels:channel", uid)
    act = partial(actions.open_incident, actor=request.actor, channel=found)
    incident = perform(request.actor, form.cleaned_data["intent"], act)
    messages.success(request, _("Incidenten är öppnad, och de som behöver veta får ett brev. Börja uppifrån."))
    return redirect("channels:incident", incident.uid)


@access("member", *security.SEES_INCIDENTS)
@require_GET
def incident(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One incident: what is to be told when, what is done first, and the log."""
    return _page(request, incidents.incident_for(request.actor, uid))


@access("member")
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say more exactly what has happened."""
    found = _open(request, uid)
    form = IncidentForm(posted(request)[0], incident=found)
    if done(request, form, lambda: actions.change_incident(
        actor=request.actor, incident=found, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Uppgifterna är sparade, och tiderna är räknade på nytt."))
        return redirect("channels:incident", uid)
    return showing.formed(request, "channels/change_incident.html", form, incident=found)


@access("member")
@require_POST
def write(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Write a line in the log: a measure, a report, somebody told, or a note."""
    found, form = _open(request, uid), log_form(request.POST)
    if done(request, form, lambda: actions.write_in_log(
        actor=request.actor, incident=found, **{**form.values, "at": form.cleaned_data["at"] or None}
    )):  # fmt: skip
        messages.success(request, _("Det står i loggen."))
        return redirect("channels:incident", uid)
    return _page(request, found, form)


@access("member")
@require_POST
def revoke(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Throw away the key that Närvaro has to the account."""
    found, form = _open(request, uid), PressForm(request.POST)
    if form.is_valid():
        act = partial(actions.revoke_key, actor=request.actor, channel=found.channel, incident=found)
        if perform(request.actor, form.cleaned_data["intent"], act):
            messages.success(request, _("Nyckeln är kastad. Dra också in den på plattformen."))
        else:
            messages.success(request, _("Närvaro hade ingen nyckel till kontot. Det står i loggen."))
    return redirect("channels:incident", uid)


@access("member")
@require_http_methods(["GET", "POST"])
def close(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that it is over, and what was learnt."""
    found = _open(request, uid)
    if not security.may_close_incident(request.actor, found.channel.unit_id):
        raise NotPermitted
    form = CloseIncidentForm(posted(request)[0], version=found.version)
    if done(request, form, lambda: actions.close_incident(
        actor=request.actor, incident=found, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Incidenten är avslutad. Rapporten finns kvar att hämta."))
        return redirect("channels:incident", uid)
    return showing.formed(request, "channels/close_incident.html", form, incident=found)


@access("member", *security.SEES_INCIDENTS)
@require_POST
def as_json(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The report as JSON; that it was taken out is written before it leaves."""
    found = incidents.incident_for(request.actor, uid)
    content = json.dumps(incidents.as_report(request.actor, found), ensure_ascii=False, indent=2).encode()
    return _taken_out(request, found, content, "json", "application/json")


@access("member", *security.SEES_INCIDENTS)
@require_POST
def as_pdf(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The report as PDF/A; that it was taken out is written before it leaves."""
    found = incidents.incident_for(request.actor, uid)
    content = incident_pdf.render(request.actor, found, at=now())
    return _taken_out(request, found, content, "pdf", "application/pdf")


def _taken_out(
    request: MemberRequest, found: SecurityIncident, content: bytes, form: str, content_type: str
) -> HttpResponse:
    digest = sha256(content).hexdigest()
    actions.take_out_report(actor=request.actor, incident=found, form=form, digest=digest)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="incident-{found.uid}.{form}"'
    return response


def _open(request: MemberRequest, uid: UUID) -> SecurityIncident:
    found = incidents.incident_for(request.actor, uid)
    if not security.may_work_on_incident(request.actor):
        raise NotPermitted
    return found


def _page(request: MemberRequest, found: SecurityIncident, form: LineForm | None = None) -> HttpResponse:
    actor = request.actor
    entries = incidents.log(actor, found)
    may_work = security.may_work_on_incident(actor) and found.closed_at is None
    sees_custody = security.may_see_custody(
        actor, found.channel.responsible_id, found.channel.deputy_id, found.channel.unit_id
    )
    page: dict[str, Any] = {
        "incident": found, "channel": found.channel, "may_work": may_work,
        "may_close": may_work and security.may_close_incident(actor, found.channel.unit_id),
        "platform": rules.platform_name(found.channel.platform),
        "custody": custody.custody_of(actor, found.channel) if sees_custody else None,
        "dues": [
            {
                "due": due, "words": _settled(due.settled),
                "form": form if _is_about(form, due.timer.key) else SettleForm(
                    initial={"key": due.timer.key}, auto_id=f"t-{due.timer.key}-%s"
                ),
            }
            for due in incidents.dues(found, entries)
        ],
        "measures": [
            {
                "measure": measure, "entry": entry,
                "form": MeasureForm(initial={"key": measure.key}, auto_id=f"m-{measure.key}-%s"),
            }
            for measure, entry in incidents.measures(entries)
        ],
        "log": [_line(entry) for entry in entries],
        "form": form, "log_form": form if isinstance(form, LogForm) else LogForm(),
        "press_form": PressForm(),
    }  # fmt: skip
    return render(request, "channels/incident.html", page, status=422 if form is not None else 200)


def _is_about(form: LineForm | None, key: str) -> bool:
    return isinstance(form, SettleForm) and form.data.get("key") == key


def _settled(entry: IncidentEntry | None) -> str:
    if entry is None:
        return ""
    return _("Anmält") if entry.kind == EntryKind.REPORTED else _("Bedömt som onödigt")


def _line(entry: IncidentEntry) -> dict[str, Any]:
    names = {measure.key: measure.title for measure in security.MEASURES}
    names |= {timer.key: timer.title for timer in security.TIMERS}
    about = names.get(entry.key, "")
    parts = [str(part) for part in (entry.get_kind_display(), about, entry.to_whom) if part]
    return {"at": entry.at, "who": entry.by_name, "text": ": ".join(parts), "detail": entry.text}

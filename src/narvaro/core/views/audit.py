"""The audit log, as sentences and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from narvaro.base.clock import STOCKHOLM
from narvaro.core import audit_words, queries, spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms.audit import AuditFilterForm
from narvaro.core.types import Actor, Role

READERS = (Role.AUDITOR, Role.ADMINISTRATOR, Role.ARCHIVIST, Role.DPO)
PAGE = 50
_FILE_PAGE = 1000


@access("member", *READERS)
@require_GET
def audit_log(request: MemberRequest) -> HttpResponse:
    """Who did what, newest first, by key."""
    actor = request.actor
    form, chosen = _filter(request)
    before, after = _number(request.GET.get("fore", "")), _number(request.GET.get("efter", ""))
    entries = queries.audit_log(actor, before=before, after=after, limit=PAGE + 1, **_span(chosen))
    has_more = len(entries) > PAGE
    shown = entries[1:] if after is not None and has_more else entries[:PAGE]
    kept = {key: request.GET[key] for key in chosen}
    has_newer = (has_more if after is not None else before is not None) and bool(shown)
    has_older = (after is not None or has_more) and bool(shown)
    page = {
        "told": audit_words.tell(actor, shown), "filter": form, "chosen": _chips(form, chosen, kept),
        "newer_url": f"?{urlencode({**kept, 'efter': shown[0].pk})}" if has_newer else "",
        "older_url": f"?{urlencode({**kept, 'fore': shown[-1].pk})}" if has_older else "",
        "file_query": urlencode(kept),
    }  # fmt: skip
    return render(request, "core/audit/audit_log.html", page)


@access("member", *READERS)
@require_GET
def audit_file(request: MemberRequest) -> HttpResponse:
    """The same as a file for a spreadsheet: UTF-8 with a mark, semicolons, no cell that a spreadsheet would run."""
    actor = request.actor
    _form, chosen = _filter(request)
    queries.audit_log(actor, limit=1)  # refused before the first byte is sent
    response = StreamingHttpResponse(_lines(actor, _span(chosen)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="handelselogg.csv"'
    return cast("HttpResponse", response)


def _lines(actor: Actor, span: dict[str, Any]) -> Iterator[str]:
    heads = [_("Tid"), _("Vem"), _("Vad"), _("Varför"), _("Åtgärd"), _("Gäller"), _("Uppgifter")]
    yield spreadsheet.MARK + spreadsheet.line(heads)
    before: int | None = None
    while entries := queries.audit_log(actor, before=before, limit=_FILE_PAGE, **span):
        for told in audit_words.tell(actor, entries):
            facts = ", ".join(f"{key}={value}" for key, value in told.facts)
            yield spreadsheet.line([told.at, told.who, told.text, told.why, told.verb, told.subject, facts])
        before = entries[-1].pk


def _filter(request: MemberRequest) -> tuple[AuditFilterForm, dict[str, Any]]:
    verbs = sorted(
        ((verb, audit_words.label_of(verb)) for verb in queries.audit_verbs(request.actor)), key=lambda v: v[1]
    )
    past_too = queries.members(request.actor, past_too=True, limit=1000)
    form = AuditFilterForm(request.GET or None, people=past_too, verbs=verbs)
    chosen = {key: value for key, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    return form, chosen


def _span(chosen: dict[str, Any]) -> dict[str, Any]:
    first, last, who = chosen.get("fran"), chosen.get("till"), chosen.get("vem", "")
    return {
        "verb": chosen.get("vad", ""), "by_system": who == "system", "person_uid": who if who != "system" else None,
        "since": datetime.combine(first, time.min, STOCKHOLM) if first else None,
        "until": datetime.combine(last + timedelta(days=1), time.min, STOCKHOLM) if last else None,
    }  # fmt: skip


def _chips(form: AuditFilterForm, chosen: dict[str, Any], kept: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "label": f"{form.fields[key].label}: {dict(getattr(form.fields[key], 'choices', [])).get(value, value)}",
            "remove_url": f"?{urlencode({k: v for k, v in kept.items() if k != key})}",
        }
        for key, value in chosen.items()
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None

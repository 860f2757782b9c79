"""Bringing in a plan out of a spreadsheet, and taking the calendar's list out as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.core import spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import ANSWERS, Invalid
from narvaro.formats import workbook
from narvaro.publishing import queries, rules
from narvaro.publishing.actions import plan_files as actions
from narvaro.publishing.calendar_asked import LIST, asked
from narvaro.publishing.forms.plan_files import PLANNED, BringInForm, PlanForm
from narvaro.publishing.models import PlanFile
from narvaro.publishing.queries.plan_files import judged, plan_file, plan_files, table_of, taken_out
from narvaro.publishing.rules import plan_rows
from narvaro.publishing.rules.plan_rows import COLUMNS, STANDS, WHY, Fate

XLSX = "xlsx"
FATES = {
    Fate.REFUSED: gettext_lazy("Ska rättas"),
    Fate.READY: gettext_lazy("Läses in"),
    Fate.PLANNED: gettext_lazy("Planerat"),
    Fate.AWAITING: gettext_lazy("Väntar på godkännande"),
    Fate.DRAFT: gettext_lazy("Utkast"),
    Fate.SAME: gettext_lazy("Finns redan"),
}
"""What becomes of a row, in the order that rows are shown."""


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def start(request: MemberRequest) -> HttpResponse:
    """Choose a file with a plan; nothing of it is brought in yet."""
    form = PlanForm(*posted(request))
    if form.is_valid():
        given = form.cleaned_data["file"]
        try:
            file = perform(
                request.actor, form.cleaned_data["intent"],
                lambda: actions.keep_plan(actor=request.actor, name=given.name or "", content=given.read()),
            )  # fmt: skip
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect("publishing:plan_file", file.uid)
    page = {"form": form, "earlier": plan_files(request.actor), "headings": plan_rows.headings()}
    return render(request, "publishing/plan_files.html", page, status=422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_GET
def template(request: MemberRequest) -> HttpResponse:
    """An empty plan with the columns that are known, and one row that shows how they are filled in."""
    mine = queries.channels_to_post_in(request.actor)
    names = "; ".join(each.name for each in mine[:2]) or _("Kanalens namn")
    row = [_("Badet är öppet på lördag."), names, "2030-12-24", "09:30", "", "", ""]
    return _file(request, [plan_rows.headings(), row], _("plan-mall"))


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def one_file(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What each row of a plan would become, or became. What is to be put right is a file with `?fil=fel`."""
    file = plan_file(request.actor, uid)
    if file.done_at is not None:
        return _told(request, file, file.fates)
    form = BringInForm(*posted(request), version=file.version)
    made: list[PlanFile] = []

    def act() -> None:
        seen = made[-1].version if made else form.cleaned_data["seen_version"]
        plans = form.cleaned_data["become"] == PLANNED
        made.append(actions.bring_in_plan(actor=request.actor, uid=uid, plans=plans, seen_version=seen))

    if done(request, form, act):
        while made[-1].done_at is None:  # each portion is a transaction of its own
            act()
        messages.success(request, _("Raderna är inlästa."))
        return redirect("publishing:plan_file", uid)
    table = table_of(file)
    before = {each["n"]: each for each in file.fates}
    rows: list[dict[str, Any]] = [
        before.get(each.number)
        or {"n": each.number, "fate": each.fate.value, "text": rules.beginning(each.text), "why": each.why,
            "counts": each.counts, "cells": each.cells, "day": each.day, "clock": each.clock}
        for each in judged(request.actor, table)
    ]  # fmt: skip
    return _told(request, file, rows, form=form, table=table, unknown=plan_rows.unknown_columns(table))


@access("member", *queries.READERS)
@require_GET
def take_out(request: MemberRequest) -> HttpResponse:
    """The calendar's list as a plan in a spreadsheet, from the day on that is shown."""
    wanted, _what = asked(request.actor, {**request.GET.dict(), "vy": LIST})
    heads = [*plan_rows.headings(), str(STANDS)]
    return _file(request, [heads, *taken_out(request.actor, wanted.first, wanted.only)], _("kalender"))


def _told(request: MemberRequest, file: PlanFile, rows: list[dict[str, Any]], **more: Any) -> HttpResponse:
    bad = [each for each in rows if each["fate"] == Fate.REFUSED]
    if request.GET.get("fil") == "fel":
        lines = [[*(each["cells"].get(key, "") for key in COLUMNS), each["why"]] for each in bad]
        return _file(request, [[*plan_rows.headings(), str(WHY)], *lines], _("att-ratta"))
    counts = Counter(each["fate"] for each in rows)
    order = [fate.value for fate in FATES]
    page = {
        "file": file, "rows": sorted(rows, key=lambda each: (order.index(each["fate"]), each["n"])),
        "counts": [(label, counts[fate.value]) for fate, label in FATES.items() if counts[fate.value]],
        "labels": {fate.value: label for fate, label in FATES.items()}, "has_bad": bool(bad),
        "has_effect": bool(counts[Fate.READY.value]), **more,
    }  # fmt: skip
    for each in page["rows"]:
        each["label"] = FATES[Fate(each["fate"])]
    form = more.get("form")
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "publishing/plan_file.html", page, status=status)


def _file(request: MemberRequest, lines: Iterable[Sequence[str]], name: str) -> HttpResponse:
    """Return rows as CSV, or as a workbook with `?typ=xlsx`."""
    if request.GET.get("typ") == XLSX:
        content, kind, ending = workbook.written(lines, name=name), workbook.MEDIA_TYPE, XLSX
    else:
        text = spreadsheet.MARK + "".join(spreadsheet.line(line) for line in lines)
        content, kind, ending = text.encode(), "text/csv; charset=utf-8", "csv"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response

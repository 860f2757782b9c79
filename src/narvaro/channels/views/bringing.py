"""Bringing in a register: the file, what would become of each row, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.channels import actions, queries, rules
from narvaro.channels.models import RegisterFile
from narvaro.channels.register_forms import RegisterForm, UnderstandForm
from narvaro.channels.rules.bringing import FIELDS, PASSED_OVER, Fate
from narvaro.channels.views import showing
from narvaro.core import queries as core
from narvaro.core import spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import Invalid

MOST_SHOWN = 200

FATES = {
    Fate.REFUSED: gettext_lazy("Läses inte in"),
    Fate.NEW: gettext_lazy("Ny"),
    Fate.CHANGED: gettext_lazy("Ändras"),
    Fate.SAME: gettext_lazy("Finns redan"),
}
"""What becomes of a row, in the order that rows are shown."""


@access("member", *rules.REGISTERS)
@require_http_methods(["GET", "POST"])
def start(request: MemberRequest) -> HttpResponse:
    """Choose a file with a register; nothing of it is brought in yet."""
    form = RegisterForm(*posted(request))
    if form.is_valid():
        given = form.cleaned_data["file"]
        try:
            file = perform(
                request.actor, form.cleaned_data["intent"],
                lambda: actions.keep_register(actor=request.actor, name=given.name or "", content=given.read()),
            )  # fmt: skip
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect("channels:register_file", file.uid)
    earlier = queries.register_files(request.actor)
    return showing.formed(request, "channels/bring_in.html", form, earlier=earlier)


@access("member", *rules.REGISTERS)
@require_GET
def example(request: MemberRequest) -> HttpResponse:
    """An empty register with the columns that are known, for a spreadsheet."""
    heads = [str(each.label) for key, each in FIELDS.items() if key != PASSED_OVER]
    return _file([heads], "kanaler-mall.csv")


@access("member", *rules.REGISTERS)
@require_http_methods(["GET", "POST"])
def one_file(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What would become of each row, chosen anew until it is right; or what became of it. As a file with `?fil=csv`."""
    file = queries.register_file(request.actor, uid)
    if file.done_at is not None:
        rows = [(number, Fate(fate), name, why) for number, fate, name, why in file.fates]
        return _told(request, file, rows)
    table = queries.table_in(file)
    fields = rules.columns_of(table, file.columns)
    units, people = core.units(request.actor), core.people(request.actor)
    form = UnderstandForm(
        *posted(request), file=file, columns=table.columns, fields=fields, people=people,
        units=[unit for unit in units if rules.may_register(request.actor, unit.pk)],
    )  # fmt: skip
    is_wanted = request.POST.get("do") == "las-in"

    def act() -> None:
        seen = form.cleaned_data["seen_version"]
        if is_wanted and form.is_as_it_was:
            actions.bring_in_register(actor=request.actor, uid=uid, seen_version=seen)
        else:
            actions.understand_register(actor=request.actor, uid=uid, seen_version=seen, **form.understood)

    if done(request, form, act):
        if is_wanted and form.is_as_it_was:
            messages.success(request, _("Registret är inläst."))
        elif is_wanted:
            messages.info(request, _("Du ändrade valen. Så här blir det nu; läs in om det stämmer."))
        return redirect("channels:register_file", uid)
    how = queries.understanding_of(file)
    judged = queries.judged_rows(request.actor, table, how, units=units, people=people)
    rows = [(each.number, each.fate, each.name, each.why) for each in judged]
    unknown = [column for column, key in zip(table.columns, fields, strict=True) if not key]
    return _told(request, file, rows, form=form, table=table, unknown=unknown)


def _told(
    request: MemberRequest, file: RegisterFile, rows: list[tuple[int, Fate, str, str]], **more: Any
) -> HttpResponse:  # fmt: skip
    if request.GET.get("fil") == "csv":
        heads = [_("Rad"), _("Vad som sker"), _("Kanal"), _("Varför")]
        return _file([heads, *([str(n), str(FATES[fate]), name, why] for n, fate, name, why in rows)], "inlasning.csv")
    counts = Counter(fate for _number, fate, _name, _why in rows)
    order = list(FATES)
    shown = sorted(rows, key=lambda row: (order.index(row[1]), row[0]))[:MOST_SHOWN]
    page = {
        "file": file,
        "counts": [(fate.value, FATES[fate], counts[fate]) for fate in order],
        "rows": [{"number": n, "fate": fate.value, "label": FATES[fate], "name": name, "why": why}
                 for n, fate, name, why in shown],
        "left": len(rows) - len(shown),
        "total": len(rows),
        "has_effect": bool(counts[Fate.NEW] or counts[Fate.CHANGED]),
        **more,
    }  # fmt: skip
    form = more.get("form")
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "channels/register_file.html", page, status=status)


def _file(lines: Iterable[list[str]], name: str) -> HttpResponse:
    text = spreadsheet.MARK + "".join(spreadsheet.line(line) for line in lines)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

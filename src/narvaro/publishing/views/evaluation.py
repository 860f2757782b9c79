"""Pages of evaluations: what a message's page shows of how it went, and the list of what was evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from narvaro.core import spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.types import Actor
from narvaro.publishing import queries as publishing
from narvaro.publishing.forms.evaluation import EvaluationForm
from narvaro.publishing.models import Evaluation, Message, MessageChannel
from narvaro.publishing.queries import evaluation as queries
from narvaro.publishing.rules.evaluation import figure_words
from narvaro.publishing.types import COUNTED, Went


def shown_evaluation(
    actor: Actor, found: Message, parts: Sequence[MessageChannel], form: EvaluationForm | None = None
) -> dict[str, Any]:
    """Return what the page of a message shows of how it went: nothing before it is out."""
    if not queries.is_out(parts):
        return {}
    known = queries.evaluated(actor, found, parts)
    page: dict[str, Any] = {
        "figures": figure_words(known.figures), "evaluation": known.evaluation, "earlier": known.versions[1:],
    }  # fmt: skip
    if queries.may_evaluate(actor, parts):
        page["evaluation_form"] = form or EvaluationForm(known=known)
    return page


@access("member", *publishing.READERS)
@require_GET
def evaluations(request: MemberRequest) -> HttpResponse:
    """What was evaluated: what was wanted, how it went, what was learned and what was known then."""
    actor, before = request.actor, request.GET.get("fore", "")
    went, marked, labels = _asked(request)
    found = queries.evaluations(
        actor, went=went, marked=marked, before=int(before) if before.isdigit() and len(before) < 19 else None
    )
    page = {
        "rows": listed(found), "labels": labels, "marked": marked, "went": went,
        "ways": [("", _("Alla")), *Went.choices], "summary": summary(actor, marked),
        "older": found[-1].pk if len(found) == queries.PAGE else "",
    }  # fmt: skip
    return render(request, "publishing/evaluations.html", page)


@access("member", *publishing.READERS)
@require_GET
def as_csv(request: MemberRequest) -> HttpResponse:
    """The same for a spreadsheet, with figures in columns and without who wrote what."""
    went, marked, _labels = _asked(request)
    found = queries.evaluations(request.actor, went=went, marked=marked, limit=queries.MOST_LISTED)
    lines = [spreadsheet.line([
        _("Inlägg"), _("Skickat"), _("Mål ur planen"), _("Vad ni ville"), _("Hur det gick"), _("Vad ni lärde er"),
        _("Utvärderat"), _("Kommentarer"), _("Besvarade"), _("Minuter till svar, hälften inom"),
        *(str(each) for each in COUNTED.values()), _("Klick på korta länkar"), _("Rättelser"),
        _("Dolda eller borttagna kommentarer"),
    ])]  # fmt: skip
    lines += [spreadsheet.line(_cells(each)) for each in found]
    response = HttpResponse(spreadsheet.MARK + "".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="utvarderingar.csv"'
    return response


def listed(found: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Return evaluations with their figures as sentences, for a list."""
    return [{"evaluation": each, "figures": figure_words(each.figures)} for each in found]


def summary(actor: Actor, marked: str = "") -> list[tuple[str, int]]:
    """Return how many went each way, with the words for it; [] where nothing is evaluated."""
    counted = queries.counted_by_went(actor, marked=marked)
    return [(str(Went(key).label), count) for key, count in counted.items()] if any(counted.values()) else []


# --- Steps ------------------------------------------------------------------------------------------------------------


def _asked(request: MemberRequest) -> tuple[str, str, list[Any]]:
    went, marked, labels = request.GET.get("gick", ""), request.GET.get("etikett", ""), publishing.labels(request.actor)
    went = went if went in Went.values else ""
    return went, marked if marked in {str(each.uid) for each in labels} else "", labels


def _cells(row: Evaluation) -> list[Any]:
    figures = row.figures
    wait = figures.get("answer_seconds")
    counted = [
        sum(channel.get(key) or 0 for channel in figures.get("channels", ()))
        if any(key in channel for channel in figures.get("channels", ())) else ""
        for key in COUNTED
    ]  # fmt: skip
    return [
        row.message.text, row.message.sent_at, row.goal, row.wanted, str(Went(row.went).label), row.learned, row.at,
        *(str(each) for each in (
            figures.get("comments", 0), figures.get("answered", 0), "" if wait is None else round(wait / 60),
            *counted, figures.get("clicks", 0) if figures.get("links") else "", figures.get("corrections", 0),
            figures.get("taken_away", 0),
        )),
    ]  # fmt: skip

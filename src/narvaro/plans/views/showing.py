"""How a plan stands, in words, and what its page shows field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from narvaro.base.clock import today
from narvaro.core.types import Actor, Role
from narvaro.decisions.types import Outcome
from narvaro.plans import rules
from narvaro.plans.forms import CommentForm
from narvaro.plans.models import Plan, PlanComment
from narvaro.plans.types import PlanState

if TYPE_CHECKING:
    from narvaro.decisions.models import Decision

KINDS = {
    PlanState.DRAFT: "default", PlanState.PROPOSED: "info", PlanState.SENT_BACK: "warning",
    PlanState.REJECTED: "error", PlanState.DECIDED: "success", PlanState.CLOSED: "default",
}  # fmt: skip
_ICONS = {
    Outcome.APPROVED: "check", Outcome.REJECTED: "close", Outcome.SENT_BACK: "undo", Outcome.ADVICE: "note",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How a plan stands: the kind of message, a sentence, and what is next and who does it."""

    kind: str
    sentence: str
    next: str


def standing(plan: Plan, *, may_decide: bool, may_write: bool, deciders: str) -> Standing:
    """Return how a plan stands in words: never only a state, always what is next."""
    if not rules.is_open(plan.state, plan.channel):
        return Standing("info", _("Kanalen är avslutad."), _("Planen finns kvar så som den var."))
    if plan.state == PlanState.PROPOSED:
        told = _("Beslutet gäller både planen och kanalen.") if may_decide else (
            _("%(names)s beslutar. Råd hindrar inget: beslutet väntar inte på det.") % {"names": deciders}
        )  # fmt: skip
        return Standing("info", _("Planen väntar på beslut."), told)
    if plan.state == PlanState.SENT_BACK:
        return Standing("warning", _("Planen är skickad tillbaka."), _("Läs skälen, ändra den och lämna den igen."))
    if plan.state == PlanState.REJECTED:
        return Standing("error", _("Planen är avslagen."), _("Skälen står nedan."))
    if plan.state == PlanState.DECIDED:
        words = _("Planen är beslutad och gäller.")
        if rules.is_review_near(plan.next_review_on, today()):
            return Standing("warning", words, _("Det är dags att se över den."))
        return Standing("success", words, _("Den ses över varje år."))
    words = _("Planen är ett utkast.")
    if plan.in_force:
        words = _("En ny version är på gång. Den förra gäller till dess att den nya är beslutad.")
    return Standing("info", words, _("Lämna den för beslut när den är klar.") if may_write else "")


def sections(
    answers: Mapping[str, Any], comments: Iterable[PlanComment], *, may_comment: bool, bound: CommentForm | None
) -> list[dict[str, Any]]:
    """Return a plan as its page shows it: sections with the fields that say something, each with its margin."""
    margin: dict[str, list[PlanComment]] = {}
    for comment in comments:
        margin.setdefault(comment.part, []).append(comment)
    shown = []
    for section in rules.SECTIONS:
        rows = [
            {"key": part.key, "label": part.label, "words": rules.words_of(answers, part.key), "is_list": part.kind in
             rules.MANY, "law": law_page(part.law), "comments": margin.get(part.key, []),
             "form": _comment_form(part.key, bound) if may_comment else None}
            for part in section.parts
            if answers.get(part.key) or margin.get(part.key) or section is rules.QUESTIONS
        ]  # fmt: skip
        if rows:
            shown.append({"key": section.key, "label": section.label, "rows": rows})
    return shown


def _comment_form(key: str, bound: CommentForm | None) -> CommentForm:
    if bound is not None and bound.data.get("part") == key:
        return bound
    return CommentForm(initial={"part": key}, auto_id=f"{key}-%s")


def decided(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Return what was decided and advised, as the timeline takes it, oldest first."""
    return [
        {"at": row.at, "who": row.by.name, "icon": _ICONS[Outcome(row.outcome)], "text": _sentence(row),
         "detail": "\n".join(filter(None, (row.reference and _("Diarienummer %(n)s") % {"n": row.reference}, row.why)))}
        for row in sorted(decisions, key=lambda row: row.pk)
    ]  # fmt: skip


def _sentence(row: Decision) -> str:
    role = Role(row.role).label.lower() if row.role else ""
    named = {"role": role}
    if row.occasion:
        return _("(%(role)s) såg över planen: den stämmer") % named
    return {
        Outcome.APPROVED: _("(%(role)s) godkände planen"), Outcome.REJECTED: _("(%(role)s) avslog planen"),
        Outcome.SENT_BACK: _("(%(role)s) skickade tillbaka planen"), Outcome.ADVICE: _("(%(role)s) gav råd"),
    }[Outcome(row.outcome)] % named  # fmt: skip


def review_words(plan: Plan) -> str:
    """Return when a plan in force is looked over next; "" when none is in force."""
    return date_format(plan.next_review_on, "j F Y") if plan.in_force and plan.next_review_on else ""


def law_page(law_id: str) -> str:
    """Return the handbook's page about a provision; "" where there is none."""
    try:
        return reverse("handbook_law", args=[law_id]) if law_id else ""
    except NoReverseMatch:
        return ""  # the handbook is not part of this installation


def place(name: str) -> str:
    """Return the address of a page by its name; "" where its capability is not here."""
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


def formed(request: HttpRequest, template: str, form: Any, **page: Any) -> HttpResponse:
    """Show a page with its form; refused forms are told so by their status."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **page}, status=status)


def may_write(actor: Actor, plan: Plan) -> bool:
    """Whether the actor may write in a plan now."""
    return rules.is_open(plan.state, plan.channel) and rules.may_write(actor, plan.channel, plan.proposed_by_id)

"""Words for plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

PLACE = "plans"
"""Where what waits about plans stands (core.waiting)."""

PLAN_KIND = "plans.plan"
"""What decisions call a plan, and what a decision that is waited for stands under."""

ADVICE_KIND, REVIEW_KIND = "plans.advice", "plans.review"
"""What advice that is asked for, and a review that is due, stand under among what waits."""


class PlanState(models.TextChoices):
    """How the latest version of a plan stands. The version in force holds until another one is approved."""

    DRAFT = "draft", _("Utkast")
    PROPOSED = "proposed", _("Väntar på beslut")
    SENT_BACK = "sent_back", _("Skickad tillbaka")
    REJECTED = "rejected", _("Avslagen")
    DECIDED = "decided", _("Beslutad")
    CLOSED = "closed", _("Avslutad")


class Routine(models.TextChoices):
    """The two checklists of a channel."""

    START = "start", _("Inför starten")
    CLOSE = "close", _("Avslutet")


@dataclass(frozen=True, slots=True)
class Part:
    """
    One field of a plan.

    Args:
        kind: `text`, `lines` (one goal a line), `choices` (several of `options`) or `choice` (one of them).
        help: An example, or what to think of.
        law: The provision that it comes from; "" is good practice.
    """

    key: str
    label: Any
    help: Any = ""
    kind: str = "text"
    options: tuple[tuple[str, Any], ...] = ()
    law: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Some fields under one heading."""

    key: str
    label: Any
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a checklist: what, a word on how, the provision, and the name of the address where it is done."""

    key: str
    label: Any
    help: Any
    law: str = ""
    place: str = ""


VERBS = {
    "plans.write_plan": _("skrev planen"),
    "plans.change_plan": _("skrev en ny version av planen"),
    "plans.propose_plan": _("lämnade planen för beslut"),
    "plans.ask_advice": _("bad kommunikationsavdelningen om råd"),
    "plans.give_advice": _("gav råd om planen"),
    "plans.comment_plan": _("kommenterade planen"),
    "plans.settle_comment": _("markerade en kommentar som klar"),
    "plans.recuse": _("anmälde jäv och lämnade beslutet vidare"),
    "plans.approve_plan": _("godkände planen"),
    "plans.reject_plan": _("avslog planen"),
    "plans.send_back_plan": _("skickade tillbaka planen"),
    "plans.review_plan": _("såg över planen utan att ändra den"),
    "plans.tick_step": _("markerade ett steg i checklistan"),
    "plans.begin_closing": _("började avsluta kanalen enligt planen"),
    "plans.finish_closing": _("avslutade planen med lärdomar"),
}
"""What each of plans' audit verbs means, after the actor's name."""

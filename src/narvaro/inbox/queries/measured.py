"""The figures of a channel that the guideline names: those that Närvaro has, and which it cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from narvaro.base.clock import now
from narvaro.core.gathering import gathered
from narvaro.core.types import Actor
from narvaro.inbox.models import Incoming
from narvaro.plans import queries as plans
from narvaro.policy import queries as policy

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

DAYS = 90
_MOST_TIMES = 2000  # as many of the latest answers tell how long they mostly take

_NOT_HERE: dict[str, Any] = {
    "visitors": gettext_lazy("Unika besökare räknar bara plattformen, och det går inte att läsa härifrån."),
    "views": gettext_lazy("Visningar står i plattformens egen statistik. Närvaro läser dem inte."),
    "followers": gettext_lazy("Antalet följare står på kontots egen sida. Närvaro läser det inte."),
    "links": gettext_lazy("Vilka andra som länkar till kanalen vet Närvaro inte."),
    "sign_ups": gettext_lazy("Anmälningar och ansökningar räknas i det system som tar emot dem."),
}
"""What may be named in a guideline but is not known here, and where it is."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that the guideline names: what it is called, what it says, and whether Närvaro has it."""

    key: str
    label: Any
    says: str
    is_known: bool = True
    lines: tuple[str, ...] = ()


def measured(actor: Actor, channel: Channel) -> list[Figure] | None:
    """
    Return what the guideline in force says is measured, for one channel and the last `DAYS` days, in its order.

    It tells of the channel, never of anybody's work. None where no guideline is in force. Five statements at most.

    Law: RF-4; what is measured is the authority's own choice
    """
    named = policy.figures_named(actor)
    return None if named is None else [_figure(actor, channel, key, label) for key, label in named]


def _figure(actor: Actor, channel: Channel, key: str, label: Any) -> Figure:
    if key in _NOT_HERE:
        return Figure(key, label, str(_NOT_HERE[key]), is_known=False)
    since = now() - timedelta(days=DAYS)
    rows = Incoming.objects.of(actor).filter(channel=channel, received_at__gte=since)
    if key == "comments":
        count = rows.count()
        return Figure(key, label, ngettext("En kommentar kom in.", "%(n)d kommentarer kom in.", count) % {"n": count})
    if key == "answer_times":
        return Figure(key, label, _answers(rows))
    goals = plans.goals_from(gathered({"versions": plans.goals_part(actor, [channel.pk])})["versions"])
    if not goals:
        return Figure(key, label, _("Planen har inga mål än."))
    return Figure(key, label, _("Det här är målen i planen. Om de nåddes avgör ni."), lines=tuple(goals))


def _answers(rows: Any) -> str:
    answered: list[tuple[datetime, datetime]] = list(
        rows.filter(answered_at__isnull=False)
        .order_by("-received_at")
        .values_list("received_at", "answered_at")[:_MOST_TIMES]
    )
    if not answered:
        return _("Inget har besvarats härifrån.")
    hours = median((at - came).total_seconds() / 3600 for came, at in answered)
    late = Q(answered_at=None, done_at=None, due_at__lte=now()) | Q(answered_at__gt=F("due_at"))
    found = rows.filter(due_at__isnull=False).aggregate(asked=Count("pk"), late=Count("pk", filter=late))
    says = _("Hälften av svaren kom inom %(hours)s timmar.") % {"hours": max(1, round(hours))}
    if not found["asked"]:
        return says
    in_time = _("%(in_time)d av %(asked)d frågor togs om hand i tid.") % {
        "in_time": found["asked"] - found["late"], "asked": found["asked"],
    }  # fmt: skip
    return f"{says} {in_time}"

"""What waits for whom about a plan, and the letters that say so. Nothing of what a plan says stands in a letter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from narvaro.base.clock import STOCKHOLM
from narvaro.core import letters, waiting
from narvaro.core import queries as core
from narvaro.core.types import Actor, Role
from narvaro.plans import queries
from narvaro.plans.types import ADVICE_KIND, PLACE, PLAN_KIND, REVIEW_KIND

if TYPE_CHECKING:
    from narvaro.core.models import Person
    from narvaro.plans.models import Plan

_OUTCOMES = {
    "approved": gettext_lazy("Planen för %(name)s är godkänd"),
    "rejected": gettext_lazy("Planen för %(name)s är avslagen"),
    "sent_back": gettext_lazy("Planen för %(name)s är skickad tillbaka"),
}


def kept_words(words: Any) -> str:
    """Return words that are kept in a row, in Swedish whoever acts. Law: SL-1"""
    with translation.override(settings.LANGUAGE_CODE):
        return str(words)


def link_of(plan: Plan) -> str:
    """Return the address of a plan's page, without the host."""
    return reverse("plans:plan", args=[plan.uid])


def ask_for_decision(actor: Actor, plan: Plan) -> None:
    """Put a plan before whoever decides about it, with a letter."""
    found = queries.deciders(actor, plan)
    title = gettext_lazy("Besluta om planen för %(name)s")
    _put(actor, plan, PLAN_KIND, title, found[0] if found else None)
    others = [person for person in found if person.pk != actor.person_id]
    body = gettext_lazy("Någon vill starta en kanal, eller ändra planen för en. Läs den och besluta:\n\n%(link)s")
    _write(actor, plan, others, "plans.decide", str(plan.latest), title, body)


def ask_for_advice(actor: Actor, plan: Plan) -> None:
    """Put a plan before the communications department for advice, with a letter; nothing waits for the advice."""
    title = gettext_lazy("Råd om planen för %(name)s")
    _put(actor, plan, ADVICE_KIND, title, None)
    found = [p for p in core.people_with(actor, Role.COMMUNICATIONS_LEAD) if p.pk != actor.person_id]
    body = gettext_lazy(
        "Någon vill ha råd om en plan. Skriv det vid planen:\n\n%(link)s\n\nBeslutet väntar inte på rådet."
    )
    _write(actor, plan, found, "plans.advice", str(plan.version), title, body)


def tell_advised(actor: Actor, plan: Plan) -> None:
    """Tell whoever proposed a plan, and who answers for the channel, that there is advice."""
    settle(actor, plan, ADVICE_KIND)
    title, body = gettext_lazy("Det finns råd om planen för %(name)s"), gettext_lazy("Läs det vid planen:\n\n%(link)s")
    _write(actor, plan, _writers(actor, plan), "plans.advised", str(plan.version), title, body)


def tell_decided(actor: Actor, plan: Plan, outcome: str) -> None:
    """Let nothing wait for a decision any more, and tell those who wrote the plan how it went."""
    settle(actor, plan, PLAN_KIND)
    if outcome == "sent_back":
        _put(actor, plan, PLAN_KIND, gettext_lazy("Skriv om planen för %(name)s"), plan.proposed_by)
    body = gettext_lazy("Skälen och vad som är nästa steg står vid planen:\n\n%(link)s")
    _write(actor, plan, _writers(actor, plan), f"plans.{outcome}", str(plan.latest), _OUTCOMES[outcome], body)


def tell_of_review(actor: Actor, plan: Plan) -> None:
    """Put the yearly review before whoever decides, and remind who answers for the channel; once a review."""
    assert plan.next_review_on is not None
    found = queries.deciders(actor, plan)
    title = gettext_lazy("Se över planen för %(name)s")
    _put(actor, plan, REVIEW_KIND, title, found[0] if found else None, due=plan.next_review_on)
    people = {person.pk: person for person in (*found[:1], plan.channel.responsible)}
    body = gettext_lazy("Planen ska ses över varje år. Stämmer den räcker ett klick:\n\n%(link)s")
    _write(actor, plan, people.values(), "plans.review", plan.next_review_on.isoformat(), title, body)


def settle(actor: Actor, plan: Plan, *kinds: str) -> None:
    """Let what waits about a plan wait no more."""
    for kind in kinds:
        waiting.settle(actor, PLACE, kind, [plan.pk])


def _writers(actor: Actor, plan: Plan) -> list[Person]:
    people = {person.pk: person for person in (plan.proposed_by, plan.channel.responsible)}
    return [person for key, person in people.items() if key != actor.person_id]


def _put(actor: Actor, plan: Plan, kind: str, title: Any, person: Person | None, *, due: date | None = None) -> None:
    with translation.override(person.language if person else settings.LANGUAGE_CODE):
        words = title % {"name": plan.channel.name}
    wait = waiting.Wait(
        place=PLACE, subject_kind=kind, subject_id=plan.pk, title=words, link=link_of(plan),
        due_at=datetime.combine(due, time(12), STOCKHOLM) if due else None, person_id=person.pk if person else None,
        role="" if person else Role.COMMUNICATIONS_LEAD.value,
    )  # fmt: skip
    waiting.put(actor, [wait])


def _write(actor: Actor, plan: Plan, people: Iterable[Person], kind: str, once: str, title: Any, body: Any) -> None:
    notes = []
    for person in people:
        with translation.override(person.language):
            subject = title % {"name": plan.channel.name}
            words = body % {"link": f"{settings.OPTIONS.base_url.rstrip('/')}{link_of(plan)}"}
        key = f"{kind}:{plan.uid.hex}:{once}:{person.pk}"
        notes.append(letters.Note(kind, key, subject, words, to_person_id=person.pk))
    letters.write(actor, notes)

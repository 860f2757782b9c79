"""Builders for tests: a purchase of reach, a delegation, what went out at once. For tests only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from narvaro.base.clock import today
from narvaro.core.testing import person_of
from narvaro.core.types import Actor
from narvaro.publishing.actions.approval import add_delegation, note_at_once
from narvaro.publishing.actions.plan_files import keep_plan
from narvaro.publishing.actions.promotion import enter_promotion
from narvaro.publishing.models import AtOnce, Delegation, Message, PlanFile, Promotion


def a_promotion(actor: Actor, **values: Any) -> Promotion:
    """Return a purchase that the actor has entered, begun a week ago unless something else is said."""
    begun = today() - timedelta(days=7)
    usual = {
        "title": "Sök till gymnasiet", "payer": "Storköpings kommun", "function": "Kommunikationsenheten",
        "amount_kr": 4000, "begins_on": begun, "ends_on": begun + timedelta(days=5), "platform": "instagram",
        "audience": "De som bor i kommunen, 15–19 år. Valda efter ort och ålder.",
    }  # fmt: skip
    return enter_promotion(actor=actor, **(usual | values))


def a_delegation(actor: Actor) -> Delegation:
    """Return a right to approve that the actor has given themselves."""
    return add_delegation(actor=actor, person_uid=person_of(actor).uid, reference="4.2", from_on=today())


def let_out_at_once(actor: Actor, message: Message) -> AtOnce:
    """Return the note that a message went out at once."""
    return note_at_once(actor, why="Vår hemlighet", message=message)


def a_plan_file(actor: Actor) -> PlanFile:
    """Return a plan of one row that the actor is looking through."""
    return keep_plan(actor=actor, name="Vår hemlighet.csv", content="Text;Kanaler\nVår hemlighet;Ingen\n".encode())

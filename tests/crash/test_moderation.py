"""
SIGKILL between any two steps of a moderation, on both databases, against a real Bluesky network.

At every moment what is hidden or blocked has its record and its reason; in the end no decision is forgotten, none is
made or carried out twice, and each author is told once.
"""

from __future__ import annotations

import pytest

from narvaro.testing.servers.bluesky import BlueskyNetwork
from tests.crash.afterwards import all_is_well, drained
from tests.crash.desk import Decision, Desk
from tests.crash.house import House
from tests.crash.inside import CARRYING, DECIDING, TAKING_BACK, UNDOING
from tests.crash.towns import BlueskyTown, Unwanted

pytestmark = [pytest.mark.crash, pytest.mark.server, pytest.mark.seldom]

OF_WORDS = ("publishing.after_claim", "publishing.during_call", "publishing.after_call", "publishing.before_record")
# Hiding and blocking part ways only where the platform is asked.
OF_BLOCKS = [step for step in CARRYING if not step.startswith("confirming.") or step == "confirming.after_call"]
UNDOING_BLOCKS = ("undoing.during_call", "undoing.after_call")


def a_decision(step: str, about: Unwanted) -> Decision:
    """Return a decision that comes by a step."""
    if step == "deciding.after_seal":
        return Decision(about, "remove", words="", ground="BBS-5e")
    if step == "deciding.after_note":
        return Decision(about, "remove", words="", how="emergency")
    return Decision(about, "hide")


def test_bbs_5_p13_killed_between_any_two_steps_nothing_is_removed_without_its_reason_and_no_decision_is_forgotten(
    house: House, network: BlueskyNetwork
):
    town = BlueskyTown(network)
    town.connect(house)
    desk = Desk(house, town)
    hides, blocks = len(DECIDING) + len(OF_WORDS) + len(CARRYING), len(OF_BLOCKS)
    unwanted = iter(town.provoke(hides + blocks - 1))
    drained(house, town)
    (unread,) = town.provoke(1)

    for step in DECIDING:
        desk.decide(a_decision(step, unread if step == "deciding.after_note" else next(unwanted)), die_at=step)
    for step in (*OF_WORDS, *CARRYING):
        desk.decide(Decision(next(unwanted), "hide"))
        desk.carry_out(step, "hide")
    for number, step in enumerate(OF_BLOCKS):
        # With words to its author a block waits until they are out.
        desk.decide(Decision(next(unwanted), "block", **({} if number == 0 else {"words": ""})))
        desk.carry_out(step, "block")
    drained(house, town)
    desk.nothing_is_done_without_its_record_and_reason()

    hidden = iter([each for each in desk.decided if each.kind == "hide"])
    blocked = iter([each for each in desk.decided if each.kind == "block"])
    for step in TAKING_BACK:
        desk.take_back(next(hidden), die_at=step)
    for step in UNDOING:
        desk.take_back(next(hidden))
        desk.carry_out(step, "hide")
    for step in UNDOING_BLOCKS:
        desk.take_back(next(blocked))
        desk.carry_out(step, "block")
    drained(house, town)

    desk.all_is_done_once()
    all_is_well(house, town)

"""
SIGKILL at random moments and at named steps, on both databases, against real platform servers.

After each run everything that citizens wrote is kept once, the ledger holds, and each answer is on the
server at most once, with a remote id that we know or a row that a person is shown.

`NARVARO_TEST_CRASH_ROUNDS` says how many rounds (12); `NARVARO_TEST_CRASH_SEED` repeats the dice of an earlier run.
"""

from __future__ import annotations

import random
import secrets
import time

import pytest

from narvaro.testing.servers.bluesky import BlueskyNetwork
from narvaro.testing.servers.snac import Snac
from tests.crash.afterwards import all_is_well, assert_some_of_everything, drained, states
from tests.crash.desk import Decision, Desk
from tests.crash.house import ROUNDS, House
from tests.crash.inside import DECIDING, STEPS
from tests.crash.killing import a_round_of_violence, killed_by_itself, until
from tests.crash.towns import BlueskyTown, SnacTown

pytestmark = [pytest.mark.crash, pytest.mark.server, pytest.mark.seldom]

ON_THE_WAY = [step for step in DECIDING if "before" in step or "commit" in step]  # those that every decision comes by


def test_p01_p04_p11_killed_at_any_moment_nothing_is_lost_and_nothing_is_done_twice(
    house: House, snac: Snac, dice: random.Random
):
    town = SnacTown(snac)
    town.connect(house)
    desk, unwanted, to_moderate = Desk(house, town), [], []
    for number in range(ROUNDS):
        if number % 20 == 0:  # enough to answer: a round may be over before anything of its own was read
            town.write(40)
            provoked = town.provoke(min(ROUNDS, 20) // 2)
            unwanted += [each.remote_id for each in provoked]
            drained(house, town)
            to_moderate = [each for each in provoked if each.remote_id in town.comments]  # what the server did not lose
        town.write(dice.randint(1, 4))
        house.do("answer", token=f"r{number}{secrets.token_hex(3)}", most=3, besides=unwanted)
        if number % 2 == 0 and to_moderate:
            decision = Decision(to_moderate.pop(), dice.choice(["block", "block", "remove"]))
            desk.decide(decision, die_at=dice.choice(["", *ON_THE_WAY]))
        a_round_of_violence(house, dice)
        house.after_a_kill()
        desk.nothing_is_done_without_its_record_and_reason()
    drained(house, town)

    all_is_well(house, town)
    desk.all_is_done_once()
    assert_some_of_everything(house, least_answers=ROUNDS // 2)


def test_p01_p04_p11_killed_at_every_named_step_nothing_is_lost_and_nothing_is_done_twice(
    house: House, snac: Snac, dice: random.Random
):
    town = SnacTown(snac)
    town.connect(house)
    town.write(40)
    drained(house, town)
    steps = sorted(STEPS)
    dice.shuffle(steps)

    for step in steps:
        town.write(2)
        assert house.do("answer", token=f"s{secrets.token_hex(3)}", most=2)["words"]
        if step.startswith("settling"):  # needs something unclear
            killed_by_itself(house, die_at="publishing.after_call")
            house.after_a_kill()
        assert killed_by_itself(house, die_at=step, after_seconds=0.002), f"{step} was never reached:\n{house.log()}"
        house.after_a_kill()
    drained(house, town)

    all_is_well(house, town)
    assert_some_of_everything(house, least_answers=len(STEPS))


def test_p01_the_product_itself_is_killed_and_started_again(house: House, snac: Snac, dice: random.Random):
    town = SnacTown(snac)
    town.connect(house)
    town.write(6)
    drained(house, town)

    for _ in range(2):
        house.do("answer", token=f"p{secrets.token_hex(3)}", most=3)
        house.start_product()
        until(lambda: "queued" not in states(house), 20, "the worker to take the answers")
        time.sleep(dice.random() * 0.2)
        house.kill_product()
        house.after_a_kill()
    drained(house, town)

    all_is_well(house, town)


@pytest.mark.parametrize("step", ["publishing.during_call", "publishing.after_call"])
def test_p03_a_killed_answer_on_bluesky_is_settled_by_the_key_chosen_before(
    house: House, network: BlueskyNetwork, step: str
):
    town = BlueskyTown(network)
    town.connect(house)
    town.write(2)
    drained(house, town)
    house.do("answer", token=f"b{secrets.token_hex(3)}", most=2)

    assert killed_by_itself(house, platform="bluesky", die_at=step, after_seconds=0.01)

    house.after_a_kill()
    drained(house, town)
    all_is_well(house, town)
    if step == "publishing.after_call":  # the attempt whose call had come back; another thread's may not have gone out
        assert house.in_hand & {p["id"] for p in house.do("look")["publications"] if p["state"] == "delivered"}

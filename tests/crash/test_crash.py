"""
SIGKILL at random moments and at named steps, on both databases, against real platform servers.

After each run everything that citizens wrote is kept once, the ledger holds, and each answer is on the
server at most once, with a remote id that we know or a row that a person is shown.

`NARVARO_TEST_CRASH_ROUNDS` says how many rounds (20); `NARVARO_TEST_CRASH_SEED` repeats the dice of an earlier run.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from narvaro.testing.servers.bluesky import BlueskyNetwork
from narvaro.testing.servers.postgres import PostgresServer
from narvaro.testing.servers.snac import Snac
from tests.crash.house import House
from tests.crash.inside import STEPS
from tests.crash.towns import BlueskyTown, SnacTown, Town, give_hands_enough

pytestmark = [pytest.mark.crash, pytest.mark.server]

ROUNDS = int(os.environ.get("NARVARO_TEST_CRASH_ROUNDS", "20"))
SEED = int(os.environ.get("NARVARO_TEST_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
# Each database is tried by a worker of its own, where there are several.
DATABASES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("sqlite", "postgresql")]
DRAIN_SECONDS = 60.0 + ROUNDS  # each round may leave answers in doubt, and each is looked for several times
HANDED_OVER_SECONDS = 20.0  # three rounds of snac's queue, and its own deadline for a call, several times over
PAST_DOUBT_SECONDS = 330  # so far the clock is put forward while draining: past every connector's "it may still come"


@pytest.fixture(scope="module")
def snac() -> Iterator[Snac]:
    with Snac() as server:
        give_hands_enough(server)
        yield server


@pytest.fixture(scope="module")
def network() -> Iterator[BlueskyNetwork]:
    with BlueskyNetwork() as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module", params=DATABASES)
def model(request: pytest.FixtureRequest) -> Iterator[House]:
    """An installation that was started once and is at rest: making the tables takes longer than copying them."""
    url = request.getfixturevalue("postgres").fresh_database() if request.param == "postgresql" else ""
    with House(url) as made:
        made.do("prepare")
        yield made


@pytest.fixture
def house(request: pytest.FixtureRequest, model: House) -> Iterator[House]:
    url = model.database_url and copied(request.getfixturevalue("postgres"), model.database_url)
    with House(url, like=model) as made:
        yield made


def copied(postgres: PostgresServer, url: str) -> str:
    server, _slash, name = url.rpartition("/")
    copy = f"t{secrets.token_hex(6)}"
    postgres.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    return f"{server}/{copy}"


@pytest.fixture
def dice() -> random.Random:
    sys.stdout.write(f"NARVARO_TEST_CRASH_SEED={SEED}\n")  # pytest shows it with a failure
    return random.Random(SEED)


def test_p01_p04_p11_killed_at_any_moment_nothing_is_lost_and_nothing_is_done_twice(
    house: House, snac: Snac, dice: random.Random
):
    town = SnacTown(snac)
    town.connect(house)
    for number in range(ROUNDS):
        if number % 20 == 0:  # enough to answer: a round may be over before anything of its own was read
            town.write(40)
            drained(house, town)
        town.write(dice.randint(1, 4))
        house.do("answer", token=f"r{number}{secrets.token_hex(3)}", most=3)
        a_round_of_violence(house, dice)
        house.after_a_kill()
    drained(house, town)

    all_is_well(house, town)
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


# --- Violence -------------------------------------------------------------------------------------------------------


def a_round_of_violence(house: House, dice: random.Random) -> None:
    """Two workers: one dies by its own hand at a step, or both by ours at a moment that the dice choose."""
    step = dice.choice([*STEPS, ""])
    pids = [
        house.start_worker(die_at=step, time_of=dice.randint(1, 3), after_seconds=dice.random() * 0.01),
        house.start_worker(),
    ]
    for pid in pids:
        time.sleep(dice.random() * 0.6)  # the moment itself is what is tried
        assert house.kill(pid) == signal.SIGKILL


def killed_by_itself(house: House, **how: Any) -> bool:
    """Let one worker work until it dies at the step that was asked for; False when it never came there."""
    pid = house.start_worker(**how)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if is_dead(pid):
            return house.kill(pid) == signal.SIGKILL
        time.sleep(0.02)
    house.kill(pid)
    return False


def is_dead(pid: int) -> bool:
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as about:
        return about.read().rpartition(")")[2].split()[0] in "ZX"


# --- Afterwards -----------------------------------------------------------------------------------------------------


def drained(house: House, town: Town) -> None:
    """Let the work go on in peace until all that the server holds is kept, and no publication is on its way."""
    began = time.monotonic()
    later = 0
    while time.monotonic() < began + DRAIN_SECONDS:
        house.do("drain", later_seconds=later)
        seen = house.do("look")
        missing = town.written() - {item["remote_id"] for item in seen["items"]}
        unfinished = [p for p in seen["publications"] if is_on_its_way(p)]
        untaken = set(received(seen)) - set(seen["incoming"])
        if not missing and not unfinished and not untaken:
            return
        if any(p["looked"] >= 3 for p in unfinished):
            later = PAST_DOUBT_SECONDS
        if missing and time.monotonic() > began + HANDED_OVER_SECONDS:
            bear_the_servers_own_loss(town)
        time.sleep(0.1)
    what = f"{unfinished=} {missing=} {untaken=} {seen['errors']=}"
    pytest.fail(f"Not done in {DRAIN_SECONDS} s: {what}\n{house.log()}")


def bear_the_servers_own_loss(town: Town) -> None:
    """Ask no longer for what the server took from a citizen and lost before it was ours to read; never for much."""
    lost = town.lost()
    assert len(lost) <= 1 + len(town.comments) // 20, lost
    for remote_id, words in lost.items():
        sys.stdout.write(f"The server lost {remote_id}: {words}\n")
        del town.comments[remote_id]


def received(seen: dict[str, Any]) -> list[int]:
    return [item["id"] for item in seen["items"] if item["origin"] == "received"]


def is_on_its_way(publication: dict[str, Any]) -> bool:
    """Whether the machine has more to do about it."""
    if publication["state"] == "delivered":
        return publication["kept_item"] is None
    return publication["state"] in ("queued", "attempting", "unknown")


def all_is_well(house: House, town: Town) -> None:
    seen = house.do("look")
    items = Counter(item["remote_id"] for item in seen["items"])
    texts = {item["remote_id"]: item["text"] for item in seen["items"]}

    # Every comment on the server is kept once, in its own words, in one version.
    assert {remote_id: items[remote_id] for remote_id in town.comments} == dict.fromkeys(town.comments, 1)
    assert {remote_id for remote_id, words in town.comments.items() if words not in texts[remote_id]} == set()
    assert {item["remote_id"]: item["versions"] for item in seen["items"] if item["versions"] != 1} == {}
    assert max(Counter(map(tuple, seen["versions"])).values()) == 1

    # The ledger has no hole and nothing in it was changed.
    assert seen["fault"] == ""
    assert seen["leaves"] == seen["size"]

    # Each answer is on the server at most once, and we know which one it is. What is not there was in the hands of
    # somebody who was killed: it is never sent again by a machine, and a person is told. All others went out.
    on_server = town.answers_on_server()
    assert {token: found for token, found in on_server.items() if len(found) > 1} == {}
    for publication in seen["publications"]:
        found = on_server.get(token_of(publication["text"]), [])
        if found:
            assert publication["state"] == "delivered", publication
            assert town.same(found, publication["remote_id"]), publication
            assert items[publication["remote_id"]] == 1, publication
        else:
            assert publication["state"] == "absent", publication
            assert publication["id"] in house.in_hand, publication
            assert publication["id"] in seen["waiting"], publication
    kept_by = Counter(p["kept_item"] for p in seen["publications"] if p["state"] == "delivered")
    assert max(kept_by.values(), default=1) == 1
    assert sorted(seen["incoming"]) == sorted(received(seen))
    assert seen["errors"] == []


def assert_some_of_everything(house: House, *, least_answers: int) -> None:
    """A run that did nothing proves nothing."""
    assert states(house)["delivered"] >= least_answers


def states(house: House) -> Counter[str]:
    return Counter(house.do("states"))


def token_of(text: str) -> str:
    return text.split()[1]


def until(ready: Any, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.05)
    pytest.fail(f"Waited {seconds} s for {what}")

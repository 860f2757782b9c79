"""Killing workers: by their own hand at a named step, or by ours at a moment that the dice choose."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Collection
from typing import Any

import pytest

from tests.crash.house import House
from tests.crash.inside import CARRYING, STEPS

LONGEST_SECONDS = 3.0


def a_round_of_violence(
    house: House, dice: random.Random, steps: Collection[str] = (*STEPS, *CARRYING), platform: str = "mastodon",
    calls: Callable[[], int] | None = None,
) -> None:  # fmt: skip
    """
    Two workers: one dies by its own hand at a step, or both by ours at a moment that the dice choose.

    Args:
        calls: How many calls the platform has had. Three moments of four then begin with the next one: however slow
            the machine is, a worker is killed while it works, and no time goes to waiting for one that has nothing
            left to do.
    """
    step = dice.choice([*steps, ""])
    how = {"time_of": dice.randint(1, 3), "after_seconds": dice.random() * 0.01, "kind": "block", "platform": platform}
    pids = [house.start_worker(die_at=step, **how), house.start_worker()]
    for pid in pids:
        if calls is not None and dice.random() < 0.75:
            _wait_for_a_call(calls)
        time.sleep(dice.random() * (0.6 if calls is None else 0.3))  # the moment itself is what is tried
        assert house.kill(pid) == signal.SIGKILL


def _wait_for_a_call(calls: Callable[[], int]) -> None:
    before, end = calls(), time.monotonic() + LONGEST_SECONDS
    while calls() == before and time.monotonic() < end:
        time.sleep(0.005)


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


def until(ready: Any, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.05)
    pytest.fail(f"Waited {seconds} s for {what}")

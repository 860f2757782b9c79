"""How much work something is, told alike on a machine that is slow or shared with others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_USUAL = 0.04  # seconds of a processor for what `_measure` does
_ROUNDS = 1_000_000


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """
    Fail where what is done inside takes more of the processor than it may.

    Args:
        seconds: Of a usual processor's time; on a slower one as much more as a plain loop takes more there.

    Raises:
        AssertionError: It took more; says how much it took and how much slower the machine is.
    """
    before = _measure()
    began = time.process_time()
    yield
    took = time.process_time() - began
    slower = max(1.0, before / _USUAL, _measure() / _USUAL)
    assert took < seconds * slower, f"took {took:.2f} s of {seconds:.2f} s, on a machine {slower:.1f} times slower"


def _measure() -> float:
    began = time.process_time()
    for _ in range(_ROUNDS):
        pass
    return time.process_time() - began

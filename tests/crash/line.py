"""A line to a platform that is slow, loses calls, fails and repeats, as the dice choose."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from narvaro.testing.servers.person import call
from narvaro.testing.servers.scripted import Call, Said

_OF_THE_HOP = {"content-length", "connection", "transfer-encoding", "host"}
_HANG_UP = Said(hang_up=True)


def is_status(sent: Call) -> bool:
    """Whether something new is posted in the way of Mastodon."""
    return sent.method == "POST" and sent.path == "/api/v1/statuses"


def never(_sent: Call) -> bool:
    return False


@dataclass
class RudeLine:
    """
    Carries calls to a platform, as the dice choose: slowly, not at all, without the answer, with a failure instead.

    `is_write` says what does something there, and `is_spared` what is always carried: a sign-in that is renewed, of
    which the answer is lost, ends the connection for good, and that is tried elsewhere. `seen` counts what it did, so
    that a run in which nothing went wrong is no proof.
    """

    base_url: str
    dice: random.Random
    is_calm: bool = False
    is_write: Callable[[Call], bool] = is_status
    is_spared: Callable[[Call], bool] = never
    seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, sent: Call) -> Said:
        how = "calm" if self.is_calm or self.is_spared(sent) else self._chosen(sent)
        self.seen[how] += 1
        if how == "slow":
            time.sleep(self.dice.random() * 0.4)
        if how == "lost before":
            return _HANG_UP
        if how == "failed before":
            return Said(500, {"error": "Internal Server Error"})
        said = self._passed_on(sent)
        if how == "lost after":
            return _HANG_UP
        if how == "failed after":
            return Said(500, {"error": "Internal Server Error"})
        if how == "repeated" and isinstance(said.body, list):
            return Said(said.status, [each for one in said.body for each in (one, one)], said.headers)
        return said

    def _chosen(self, sent: Call) -> str:
        if self.is_write(sent):
            ways = ("calm", "slow", "lost before", "failed before", "lost after", "failed after")
            return self.dice.choices(ways, (6, 3, 1, 1, 1, 1))[0]
        return self.dice.choices(("calm", "slow", "failed before", "repeated"), (12, 2, 1, 3))[0]

    def _passed_on(self, sent: Call) -> Said:
        url = self.base_url + sent.path + (f"?{sent.asked}" if sent.asked else "")
        headers = {name: value for name, value in sent.headers.items() if name not in _OF_THE_HOP}
        content = (headers.pop("content-type", ""), sent.body) if sent.body else None
        status, answered, body = call(sent.method, url, raw=content, headers=headers)
        return Said(status, body, {name: value for name, value in answered.items() if name.lower() not in _OF_THE_HOP})

"""Somebody who decides about comments, is interrupted by SIGKILL and sends the same form again; and the truth of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.crash.afterwards import token_of
from tests.crash.house import House
from tests.crash.inside import REASONS
from tests.crash.killing import killed_by_itself
from tests.crash.towns import Town, Unwanted


def new_intent() -> str:
    """Return what a form carries, so that it has its effect once however often it is sent."""
    return str(uuid4())


def new_words() -> str:
    """Return what an author is told, so that it is found again on the platform."""
    return f"Svar m{secrets.token_hex(4)}-0 till er som frågar. {{klaga}}"


@dataclass(frozen=True)
class Decision:
    """A form that somebody has filled in; `words` are what the author is told, "" for nothing."""

    about: Unwanted
    kind: str
    words: str = field(default_factory=new_words)
    ground: str = "BBS-5a"
    how: str = ""
    intent: str = field(default_factory=new_intent)

    def values(self) -> dict[str, str]:
        return {
            "intent": self.intent, "remote_id": self.about.remote_id, "kind": self.kind, "words": self.words,
            "ground": self.ground, "how": self.how,
        }  # fmt: skip


class Desk:
    """Where the decisions of one run are made, and known apart from what the installation knows."""

    def __init__(self, house: House, town: Town) -> None:
        self._house = house
        self._town = town
        self.decided: list[Decision] = []
        self.taken_back: list[Decision] = []

    def decide(self, decision: Decision, *, die_at: str = "") -> None:
        """Decide; with `die_at` the process that answers the browser dies there, and the form is sent again."""
        self.decided.append(decision)
        self._act("decide", decision.values(), decision.kind, die_at)

    def take_back(self, decision: Decision, *, die_at: str = "") -> None:
        """Take a measure back, in the same way."""
        self.taken_back.append(decision)
        values = {"intent": new_intent(), "remote_id": decision.about.remote_id, "kind": decision.kind}
        self._act("take_back", values, decision.kind, die_at)

    def carry_out(self, step: str, kind: str) -> None:
        """Let the worker die at a step of what is decided."""
        how = {"die_at": step, "kind": kind, "platform": self._town.platform, "after_seconds": 0.002}
        assert killed_by_itself(self._house, **how), f"{step} ({kind}) was never reached:\n{self._house.log()}"
        self._house.after_a_kill()
        self.nothing_is_done_without_its_record_and_reason()

    def nothing_is_done_without_its_record_and_reason(self) -> None:
        """At any moment: what our account hides or blocks is decided, with a reason, about something that is kept."""
        seen = self._house.do("decisions")
        lawful = {
            (m["kind"] == "block", m["remote_id"])
            for m in seen["measures"]
            if m["reasons"].startswith(REASONS) and m["ground"] and m["record"] in seen["records"]
        }
        of_author = {each.about.author: each.about.remote_id for each in self.decided}
        for remote_id in self._town.hidden():
            assert (False, remote_id) in lawful, remote_id
        for author in self._town.blocked():
            assert (True, of_author[author]) in lawful, author
        # What is sealed is sealed by a decision that stands, and the other way round (BBS-10).
        assert sorted(seen["sealed"]) == sorted(
            m["remote_id"] for m in seen["measures"] if m["ground"] == "BBS-5e"
        )  # fmt: skip

    def all_is_done_once(self) -> None:
        """At the end: each decision is one measure, carried out, with its words out once, and so on the platform."""
        seen = self._house.do("look")
        assert len(seen["measures"]) == len(self.decided)
        found = {(m["remote_id"], m["kind"]): m for m in seen["measures"]}
        for decision in self.decided:
            self._is_done_once(decision, found[decision.about.remote_id, decision.kind], seen)
        stand = [each for each in self.decided if each not in self.taken_back]
        hidden = [each.about.remote_id for each in stand if each.kind != "block" and self._town.can_hide]
        assert sorted(self._town.hidden()) == sorted(hidden)
        assert sorted(self._town.blocked()) == sorted(each.about.author for each in stand if each.kind == "block")

    def _is_done_once(self, decision: Decision, measure: dict[str, Any], seen: dict[str, Any]) -> None:
        deeds = measure["deeds"]
        assert deeds.count("decide_measure") == 1, measure
        if decision in self.taken_back:
            assert measure["state"] == "undone", measure
            assert deeds.count("undo_measure") == 2, measure  # decided by a person, done by the sweep
        elif decision.kind == "block" or self._town.can_hide:
            assert measure["state"] == "confirmed", measure
            assert deeds.count("confirm_measure") == 1, measure
        else:
            assert measure["state"] == "by_hand", measure
        told = [p["id"] for p in seen["publications"] if decision.words and token_of(p["text"]) in decision.words]
        assert told == ([measure["notice"]] if decision.words else []), measure

    def _act(self, errand: str, values: dict[str, str], kind: str, die_at: str) -> None:
        if die_at:
            person = {"do": errand, "with": values}
            died = killed_by_itself(self._house, person=person, die_at=die_at, kind=kind, platform=self._town.platform)
            assert died, f"{die_at} was never reached:\n{self._house.log()}"
            self.nothing_is_done_without_its_record_and_reason()
        self._house.do(errand, **values)
        self.nothing_is_done_without_its_record_and_reason()

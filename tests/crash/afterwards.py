"""Letting the work go on in peace after the killing, and what must then be true."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Any

import pytest

from tests.crash.house import ROUNDS, House
from tests.crash.towns import Town

DRAIN_SECONDS = 60.0 + ROUNDS  # each round may leave answers in doubt, and each is looked for several times
HANDED_OVER_SECONDS = 20.0  # three rounds of snac's queue, and its own deadline for a call, several times over
LOOKS = 8
PAST_DOUBT_SECONDS = 330  # so far the clock is put forward while draining: past every connector's "it may still come"
PAST_QUOTAS_SECONDS = 4 * 3600  # and so far where there is no room for so many posts: past what Mastodon counts over


def drained(house: House, town: Town, *, shown_is_enough: bool = False) -> None:
    """
    Let the work go on in peace until all that the server holds is kept, and nothing of ours is on its way.

    Args:
        shown_is_enough: What stays unclear, since the server does not hand out all that it has, need only be shown.
    """
    began = time.monotonic()
    later = 0
    while time.monotonic() < began + DRAIN_SECONDS:
        house.do("drain", later_seconds=later)
        seen = house.do("look")
        missing = town.written() - {item["remote_id"] for item in seen["items"]}
        shown = seen["waiting"] if shown_is_enough else []
        unfinished = [p for p in seen["publications"] if is_on_its_way(p) and not stays_unclear(p, shown)]
        undone = [m for m in seen["measures"] if m["state"] in ("decided", "carried_out", "undoing")]
        untaken = set(received(seen)) - set(seen["incoming"])
        if not missing and not unfinished and not undone and not untaken:
            return
        if any(p["looked"] >= 3 for p in unfinished):
            later = max(later, PAST_DOUBT_SECONDS)
        if any(p["state"] == "queued" for p in unfinished) and time.monotonic() > began + HANDED_OVER_SECONDS:
            later = PAST_QUOTAS_SECONDS
        if missing and time.monotonic() > began + HANDED_OVER_SECONDS:
            bear_the_servers_own_loss(town)
        time.sleep(0.1)
    what = f"{unfinished=} {undone=} {missing=} {untaken=} {seen['errors']=}"
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


def stays_unclear(publication: dict[str, Any], shown: list[int]) -> bool:
    """Whether it was looked for as often as a machine does at first, and is before a person."""
    return publication["state"] == "unknown" and publication["looked"] >= LOOKS and publication["id"] in shown


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

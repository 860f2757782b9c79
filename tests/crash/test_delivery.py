"""
SIGKILL at random moments while messages and threads go out over a line that is slow, loses calls, fails and repeats.

Each post is on the server once at most; what is there we know by its id, and what is not there is before a person.
`make crash ROUNDS=600` kills at three hundred moments, on each database: two workers in every fourth round.
"""

from __future__ import annotations

import random
import secrets
from typing import Any

import pytest

from narvaro.testing.servers.scripted import Scripted
from narvaro.testing.servers.snac import Snac
from tests.crash.afterwards import drained, token_of
from tests.crash.house import ROUNDS, House
from tests.crash.killing import a_round_of_violence
from tests.crash.line import RudeLine
from tests.crash.towns import SnacTown

pytestmark = [pytest.mark.crash, pytest.mark.server, pytest.mark.seldom]

KILLINGS = max(ROUNDS // 4, 5)


def test_p01_p02_p03_p04_killed_while_messages_go_out_over_a_bad_line_none_is_doubled_or_forgotten(
    house: House, snac: Snac, dice: random.Random
):
    line = RudeLine(snac.base_url, random.Random(dice.random()), is_calm=True)  # until the channel is connected
    with Scripted(line) as server:
        town = SnacTown(snac)
        town.connect(house, through=server.base_url)
        line.is_calm = False
        posted: list[str] = []
        for number in range(KILLINGS):
            token = f"d{number}{secrets.token_hex(3)}"
            posted += house.do("post", token=token, single=dice.randint(1, 2), parts=dice.choice([0, 3]))["words"]
            a_round_of_violence(house, dice, calls=line.seen.total)
            house.after_a_kill()
        line.is_calm = True
        drained(house, town, shown_is_enough=True)

    seen = house.do("look")
    on_server = town.answers_on_server()
    assert {token: found for token, found in on_server.items() if len(found) > 1} == {}
    assert sorted(on_server.keys() - set(posted)) == []
    by_words = {token_of(each["text"]): each for each in seen["publications"]}
    assert sorted(by_words) == sorted(posted), "each is there once, however it went"
    ended = {each["id"]: each["state"] for each in seen["publications"]}
    for token, publication in by_words.items():
        _is_known_or_shown(publication, on_server.get(token, []), town, seen, ended)
    assert seen["fault"] == ""
    assert seen["errors"] == []
    assert {how for how in line.seen if how != "calm"} >= {"slow", "repeated"}
    assert list(ended.values()).count("delivered") >= KILLINGS


def _is_known_or_shown(
    publication: dict[str, Any], found: list[str], town: SnacTown, seen: dict[str, Any], ended: dict[int, str]
) -> None:
    if publication["state"] == "unknown":
        assert publication["id"] in seen["waiting"], publication
        return
    if found:
        assert publication["state"] == "delivered", publication
        assert town.same(found, publication["remote_id"]), publication
        assert publication["kept_item"] is not None, publication
        return
    if publication["state"] == "turn":  # the rest of a thread waits for what a person decides about the part before
        assert ended[publication["follows"]] != "delivered", publication
        return
    assert publication["state"] in ("absent", "refused"), publication
    assert publication["id"] in seen["waiting"], publication

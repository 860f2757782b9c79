"""
SIGKILL at random moments while what is out is changed, removed and corrected, and others' posts are liked and shared.

The line to the server is as bad as in `test_delivery`. Nothing is done twice and nothing is forgotten: what was decided
is done, or stands before a person; and what stood there is kept before it was touched, and what stands there after.
"""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from narvaro.testing.servers.bluesky import BlueskyNetwork, Citizen
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.scripted import Call, Scripted
from tests.crash.afterwards import DRAIN_SECONDS, PAST_DOUBT_SECONDS, drained, token_of
from tests.crash.house import ROUNDS, House
from tests.crash.inside_deeds import DOING, RIGHT
from tests.crash.killing import a_round_of_violence
from tests.crash.line import RudeLine
from tests.crash.towns import BlueskyTown

pytestmark = [pytest.mark.crash, pytest.mark.server, pytest.mark.seldom]

KILLINGS = max(ROUNDS // 4, 5)
OPEN = ("awaiting", "queued", "attempting", "unknown")


class Place(Protocol):
    """A platform as these tests need it: our account there, and the truth as the server holds it."""

    platform: str
    kinds: tuple[str, ...]
    comments: dict[str, str]

    def connect(self, house: House, *, through: str = "") -> None: ...

    def written(self) -> set[str]: ...

    def lost(self) -> dict[str, str]: ...

    def target(self) -> dict[str, Any]:
        """Let somebody else post, and return it as a person sees it who would like or share it."""
        ...

    def said(self) -> list[tuple[str, str]]:
        """Return every post of ours: its remote id and its words."""
        ...

    def acts(self) -> Counter[tuple[str, str]]:
        """Return how often we like and share what, by kind and remote id."""
        ...


class OnBluesky(BlueskyTown):
    """On a real Bluesky network, where we choose each record's key and nothing can be changed."""

    kinds = ("remove", "like", "anew", "repost", "answer")

    def __init__(self, network: BlueskyNetwork) -> None:
        super().__init__(network)
        self._other: Citizen = network.citizen()

    def target(self) -> dict[str, Any]:
        words = "Vi har öppet hus på torsdag."
        made = self._other.post(words)
        return {"remote_id": made.uri, "is_account": False, "handle": self._other.handle, "text": words,
                "version": made.cid}  # fmt: skip

    def said(self) -> list[tuple[str, str]]:
        return [(each["uri"], each["value"]["text"]) for each in self._every("app.bsky.feed.post")]

    def acts(self) -> Counter[tuple[str, str]]:
        return Counter(
            (kind, each["value"]["subject"]["uri"])
            for kind in ("like", "repost")
            for each in self._every(f"app.bsky.feed.{kind}")
        )

    def _every(self, collection: str) -> Iterator[Any]:
        given = {"repo": self._account.did, "collection": collection, "limit": "100"}
        while True:
            page = self._account.ask("com.atproto.repo.listRecords", **given)
            yield from page["records"]
            if not page.get("cursor"):
                return
            given["cursor"] = page["cursor"]


class OnMastodon:
    """On a server that speaks Mastodon's API, where a post is changed in its place."""

    platform, kinds = "mastodon", ("edit", "like", "mend", "repost", "remove", "answer")

    def __init__(self, server: MastodonMock) -> None:
        self.comments: dict[str, str] = {}
        self._server = server
        self._account = server.person(f"kommun{secrets.token_hex(4)}")
        self._other = server.person(f"museum{secrets.token_hex(4)}")
        self._targets: list[str] = []

    def connect(self, house: House, *, through: str = "") -> None:
        house.do(
            "set_up", platform="mastodon", base_url=through or self._server.base_url, handle=self._account.handle,
            secrets={"access_token": self._account.token}, options={},
        )  # fmt: skip

    def written(self) -> set[str]:
        return set()

    def lost(self) -> dict[str, str]:
        return {}

    def target(self) -> dict[str, Any]:
        self._targets.append(self._other.post("Vi har öppet hus på torsdag."))
        found = self._other.statuses()[0]
        return {"remote_id": found["id"], "is_account": False, "handle": self._other.handle, "text": "Öppet hus"}

    def said(self) -> list[tuple[str, str]]:
        found = [each for each in self._account.statuses() if not each.get("reblog")]
        return [(each["id"], each["content"].replace("<p>", "").replace("</p>", "")) for each in found]

    def acts(self) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for each in self._other.statuses():
            found["like", each["id"]] = each["favourites_count"]
            found["repost", each["id"]] = each["reblogs_count"]
        return +found


def is_write_to_a_repository(sent: Call) -> bool:
    return sent.method == "POST" and sent.path.startswith("/xrpc/com.atproto.repo.")


def is_sign_in(sent: Call) -> bool:
    return sent.path.startswith("/xrpc/com.atproto.server.")


def is_not_reading(sent: Call) -> bool:
    return sent.method != "GET"


@pytest.fixture(scope="session")
def mock() -> Iterator[MastodonMock]:
    with MastodonMock() as server:
        yield server


def test_p01_p03_p13_killed_while_posts_are_removed_corrected_liked_and_shared_on_bluesky_each_is_done_once_or_shown(
    house: House, network: BlueskyNetwork, dice: random.Random
):
    line = RudeLine(
        network.pds_url, random.Random(dice.random()), is_calm=True, is_write=is_write_to_a_repository,
        is_spared=is_sign_in,
    )  # fmt: skip
    _killed_while_deeds_are_done(house, OnBluesky(network), line, dice)


def test_p01_p03_p13_killed_while_posts_are_changed_corrected_and_removed_on_mastodon_each_is_done_once_or_shown(
    house: House, mock: MastodonMock, dice: random.Random
):
    line = RudeLine(mock.base_url, random.Random(dice.random()), is_calm=True, is_write=is_not_reading)
    _killed_while_deeds_are_done(house, OnMastodon(mock), line, dice)


def _killed_while_deeds_are_done(house: House, place: Place, line: RudeLine, dice: random.Random) -> None:
    steps = [step for step, (_where, called, *_how) in DOING.items() if place.platform != "bluesky" or called != "edit"]
    decided: dict[str, str] = {}  # by the token of the post, or the remote id of the target
    corrections: list[str] = []
    with Scripted(line) as server:
        place.connect(house, through=server.base_url)
        todo = [place.kinds[number % len(place.kinds)] for number in range(2 * KILLINGS)]
        tokens = house.do("post", token=f"e{secrets.token_hex(3)}", single=len(todo), parts=0)["words"]
        drained(house, place)
        line.is_calm = False
        for number in range(KILLINGS):
            for kind, token in zip(todo[number::KILLINGS], tokens[number::KILLINGS], strict=True):
                if kind in ("like", "repost"):
                    target = place.target()
                    house.do("deed", kind=kind, target=target)
                    decided[target["remote_id"]] = kind
                    continue
                corrections.append(f"k{secrets.token_hex(4)}-0")
                house.do("deed", kind=kind, token=token, words=corrections[-1])
                decided[token] = kind
            a_round_of_violence(house, dice, steps, place.platform, line.seen.total)
            house.after_a_kill()
        line.is_calm = True
        _deeds_drained(house)
        drained(house, place, shown_is_enough=True)

    seen, kept = house.do("look"), house.do("deeds")
    assert seen["fault"] == ""
    assert seen["errors"] == []
    assert line.seen.total() > line.seen["calm"]
    _each_is_done_once_or_shown(place, decided, kept)
    _corrections_are_out_or_shown(place, decided, corrections, seen, kept)


def _deeds_drained(house: House) -> None:
    began, later = time.monotonic(), 0
    while time.monotonic() < began + DRAIN_SECONDS:
        house.do("drain", later_seconds=later)
        found = house.do("deeds")["deeds"]
        if not [each for each in found if each["state"] in OPEN]:
            return
        later += PAST_DOUBT_SECONDS
    pytest.fail(f"Not done in {DRAIN_SECONDS} s: {found}\n{house.log()}")


def _each_is_done_once_or_shown(place: Place, decided: dict[str, str], kept: dict[str, Any]) -> None:
    said, acts = dict(place.said()), place.acts()
    expected = [about for about, kind in decided.items() if kind != "answer"]
    assert sorted(each["token"] or each["remote_id"] for each in kept["deeds"]) == sorted(expected)
    assert {about: count for about, count in acts.items() if count > 1} == {}
    for deed in kept["deeds"]:
        is_done, remote_id = deed["state"] == "done", deed["remote_id"]
        assert is_done or (deed["state"] in ("refused", "absent") and deed["shown"]), deed
        assert deed["noted"] == is_done, deed
        if not deed["token"]:
            assert acts[deed["kind"], remote_id] == is_done, deed
            continue
        texts = kept["texts"][remote_id]
        assert deed["token"] in texts[0], deed  # the words that were approved were kept first
        if deed["kind"] == "remove":
            assert (remote_id not in said, remote_id in kept["gone"]) == (is_done, is_done), deed
        else:
            right = RIGHT.format(token=deed["token"])
            assert (said[remote_id] == right, texts[-1] == right) == (is_done, is_done), deed
        if is_done:
            assert deed["before"] == 1, deed
    assert [each["state"] for each in kept["deeds"]].count("done") >= len(kept["deeds"]) // 3


def _corrections_are_out_or_shown(
    place: Place, decided: dict[str, str], corrections: list[str], seen: dict[str, Any], kept: dict[str, Any]
) -> None:
    corrected = [token for token, kind in decided.items() if kind in ("answer", "mend", "anew")]
    assert sorted(token_of(each["publication__text"]) for each in kept["corrections"]) == sorted(corrected)
    words = Counter(token_of(text) for _remote_id, text in place.said())
    assert {token: count for token, count in words.items() if count > 1} == {}
    publications = {token_of(each["text"]): each for each in seen["publications"]}
    for token in set(corrections) & publications.keys():
        publication = publications[token]
        if publication["state"] == "delivered":
            assert words[token] == 1, publication
            assert publication["kept_item"] is not None, publication
        else:
            assert publication["id"] in seen["waiting"], publication
            assert publication["state"] == "unknown" or words[token] == 0, publication

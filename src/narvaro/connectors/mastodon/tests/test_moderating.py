"""What an account can do about others' statuses, on two real servers and on those that are played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from narvaro.connectors.mastodon import Mastodon
from narvaro.connectors.mastodon.tests import dialects
from narvaro.connectors.mastodon.tests.conftest import an_account, read_all, until
from narvaro.connectors.mastodon.tests.dialects import OURS, THEM, TOKEN, US, Dialect, a_status
from narvaro.connectors.port import Capability, Misconfigured, ReconnectNeeded, Transient
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.person import Person, call, lasting
from narvaro.testing.servers.scripted import Call, Said, Scripted
from narvaro.testing.servers.snac import Snac

mastodon = Mastodon()
MISSING = Said(404, {"error": "Record not found"})


def seen(person: Person, remote_id: str) -> bool:
    url = f"{person.base_url}/api/v1/statuses/{remote_id}"
    return call("GET", url, token=person.token)[0] == 200


def arrived(person: Person, *remote_ids: str) -> None:
    until(lambda: all(seen(person, each) for each in remote_ids), "what was written")


def told_of(person: Person, remote_id: str) -> None:
    until(lambda: remote_id in {lasting(each["status"]) for each in person.notifications()}, "the notification")


# on real servers


@pytest.mark.server
def test_a_commenter_is_blocked_and_let_in_again(server: Snac | MastodonMock):
    us, them, neighbour = server.person("blockerar"), server.person("blockeras"), server.person("grannen")
    account, post = an_account(us), us.post("Vattnet stängs av.")
    before = them.post("@blockerar Före", answers=post)
    arrived(us, before)
    author = us.status(before)["account"]["id"]
    assert not mastodon.is_blocked(account, author)

    for _twice in range(2):
        mastodon.block(account, author)
    blocked = mastodon.is_blocked(account, author)
    unwanted = them.post("@blockerar Under tiden", answers=post)
    if isinstance(server, Snac):  # the mock says that somebody is blocked, and lets their posts in all the same
        told_of(us, neighbour.post("@blockerar Grannen når fram", answers=post))
        during = {item.remote_id for item in read_all(account)[0]}
        assert unwanted not in during
    for _twice in range(2):
        mastodon.unblock(account, author)
    wanted = them.post("@blockerar Efteråt", answers=post)
    told_of(us, wanted)

    assert blocked
    assert not mastodon.is_blocked(account, author)
    assert wanted in {item.remote_id for item in read_all(account)[0]}


@pytest.mark.server
def test_what_a_blocked_author_wrote_is_neither_hidden_nor_gone(server: Snac | MastodonMock):
    us, them = server.person("ser_inte"), server.person("osedd")
    account, post = an_account(us), us.post("Vattnet stängs av.")
    reply, mention = them.post("@ser_inte Ett svar", answers=post), them.post("@ser_inte Ett omnämnande")
    arrived(us, reply, mention)
    author = us.status(reply)["account"]["id"]
    before = [mastodon.is_hidden(account, each) for each in (reply, mention, post)]

    mastodon.block(account, author)

    assert before == [False, False, False]
    assert [mastodon.is_hidden(account, each) for each in (reply, mention, post)] == [False, False, False]
    for known in (reply, mention):
        assert not mastodon.read_thread(account, post, [known]).gone


@pytest.mark.server
def test_what_its_author_removed_is_hidden_and_needs_nothing_more(server: Snac | MastodonMock):
    us, them = server.person("ser_borta"), server.person("tar_bort")
    account, post = an_account(us), us.post("Vattnet stängs av.")
    reply = them.post("@ser_borta Jag ångrar mig", answers=post)
    arrived(us, reply)

    if isinstance(server, Snac):
        server.delete(them, reply)
    else:
        them.delete(reply)
    until(lambda: not seen(us, reply), "the removal")

    assert mastodon.is_hidden(account, reply)
    mastodon.take_down(account, reply, is_own=False, reason="Hot")


@pytest.mark.server
def test_anothers_status_is_reported_where_that_can_be_and_the_rest_is_for_a_person(server: Snac | MastodonMock):
    us, them = server.person("anmaler"), server.person("anmals")
    account, reply = an_account(us), them.post("@anmaler Ett hot", answers=us.post("Vattnet stängs av."))
    arrived(us, reply)

    with pytest.raises(Misconfigured) as raised:
        mastodon.take_down(account, reply, is_own=False, reason="Olaga hot")

    expected = "tar inte emot anmälningar" if isinstance(server, Snac) else "är anmält till dem som sköter"
    assert expected in str(raised.value)
    assert seen(us, reply)


@pytest.mark.server
def test_our_own_is_taken_down_where_the_server_can(server: Snac | MastodonMock):
    us = server.person("eget")
    account, post = an_account(us), us.post("Fel tid.")
    assert not mastodon.is_hidden(account, post, is_own=True)

    for _twice in range(2):
        if isinstance(server, Snac):
            with pytest.raises(Misconfigured, match="egen app"):
                mastodon.take_down(account, post, is_own=True, reason="GDPR")
        else:
            mastodon.take_down(account, post, is_own=True, reason="GDPR")

    assert mastodon.is_hidden(account, post, is_own=True) is not isinstance(server, Snac)


@pytest.mark.server
def test_ours_is_removed_also_when_nobody_told_that_it_is_ours(mock: MastodonMock):
    us = mock.person("eget_ovetande")
    post = us.post("Fel tid.")

    mastodon.take_down(an_account(us), post, is_own=False, reason="GDPR")

    assert not seen(us, post)


def test_to_show_again_what_was_never_hidden_asks_the_server_for_nothing():
    with Scripted(a_house()) as server:
        mastodon.show(dialects.an_account(server.base_url), "1")

        assert server.calls == []


@pytest.mark.server
def test_p08_the_probe_of_blocking_blocks_nobody(server: Snac | MastodonMock):
    us = server.person("provar")
    us.post("Vattnet stängs av.")

    tried = {each.capability: each for each in mastodon.probe(an_account(us))}

    assert tried[Capability.BLOCK].works
    assert not mastodon.is_blocked(an_account(us), us.remote_id)


@pytest.mark.server
def test_p08_what_cannot_be_tried_yet_is_not_said_to_work(snac: Snac):
    tried = {each.capability: each for each in mastodon.probe(an_account(snac.person("tyst")))}

    assert not tried[Capability.BLOCK].works
    assert "när kontot har skrivit något" in tried[Capability.BLOCK].note


# on servers that are played


@dataclass
class House(Dialect):
    """
    A server with statuses, blocks and reports.

    `shown_to_all`: without a key it answers like Mastodon, else 401 as GoToSocial. `blocked_are_unseen`: what the
    blocked wrote is 404 to us (GoToSocial). `lacks` are ends of paths that it does not have.
    """

    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    reports: list[dict[str, Any]] = field(default_factory=list)
    lists_reports: bool = False
    shown_to_all: bool = True
    blocked_are_unseen: bool = False
    lacks: tuple[str, ...] = ()
    lacking: Said = MISSING

    def __call__(self, call: Call) -> Said:
        if call.path.endswith(self.lacks):
            return self.lacking
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            if call.headers.get("authorization") or not self.shown_to_all:
                return Said(self.bad_token_status, {"error": "The access token is invalid"})
            return self._read(call, set())
        if call.path == "/api/v1/blocks":
            return Said(body=[{"id": each} for each in self.blocked])
        if call.path == "/api/v1/accounts/relationships":
            who = call.query["id[]"]
            return Said(body=[{"id": who, "blocking": who in self.blocked}])
        if call.path == "/api/v1/reports":
            return self._reported(call)
        if call.method == "POST" and call.path.endswith(("/block", "/unblock")):
            who, verb = call.path.split("/")[-2:]
            (self.blocked.add if verb == "block" else self.blocked.discard)(who)
            return Said(body={"id": who, "blocking": who in self.blocked})
        if call.path.startswith("/api/v1/statuses/"):
            return self._read(call, self.blocked if self.blocked_are_unseen else set())
        return super().__call__(call)

    def _read(self, call: Call, unseen: set[str]) -> Said:
        remote_id = call.path.split("/")[4]
        status = self.statuses.get(remote_id)
        if status is None or status["account"]["id"] in unseen:
            return MISSING
        if call.path.endswith("/context"):
            below = [each for each in self.statuses.values() if each["in_reply_to_id"] == remote_id]
            return Said(body={"ancestors": [], "descendants": below})
        return Said(body=status)

    def _reported(self, call: Call) -> Said:
        if call.method == "GET":
            return Said(body=self.reports) if self.lists_reports else MISSING
        self.reports.append({"id": "1", **call.json()})
        return Said(body=self.reports[-1])


def a_house(**how: Any) -> House:
    post = a_status("1", "Vattnet stängs av.", by=US)
    reply = a_status("2", "Ett hot", in_reply_to_id="1", in_reply_to_account_id=OURS)
    return House(statuses={"1": post, "2": reply}, **how)


def test_only_what_a_visitor_misses_is_hidden_when_its_author_is_blocked():
    house = a_house()
    with Scripted(house) as server:
        account = dialects.an_account(server.base_url)
        mastodon.block(account, THEM["id"])

        still_shown = mastodon.is_hidden(account, "2")
        house.contexts = {}
        house._read = lambda call, unseen: (  # type: ignore[method-assign]
            Said(body={"ancestors": [], "descendants": []})
            if call.path.endswith("/context")
            else Said(body=house.statuses["2"])
        )
        dropped = mastodon.is_hidden(account, "2")

    assert not still_shown
    assert dropped


@pytest.mark.parametrize(
    ("how", "is_own", "hidden"),
    [
        ({"shown_to_all": True}, False, False),
        ({"shown_to_all": False}, False, False),  # it cannot be told: everybody else may see it
        ({"shown_to_all": False}, True, False),
    ],
)
def test_what_only_we_do_not_see_is_not_hidden(how: dict[str, Any], is_own: bool, hidden: bool):
    house = a_house(blocked_are_unseen=True, **how)
    with Scripted(house) as server:
        account = dialects.an_account(server.base_url)
        mastodon.block(account, THEM["id"])

        assert mastodon.is_hidden(account, "1" if is_own else "2", is_own=is_own) is hidden


@pytest.mark.parametrize("shown_to_all", [True, False])
def test_what_is_gone_is_hidden_on_every_kind_of_server(shown_to_all: bool):
    house = a_house(shown_to_all=shown_to_all)
    del house.statuses["2"]
    with Scripted(house) as server:
        assert mastodon.is_hidden(dialects.an_account(server.base_url), "2")


def test_our_own_that_is_gone_is_hidden_though_we_block_others_on_a_closed_server():
    house = a_house(shown_to_all=False, blocked={THEM["id"]})
    del house.statuses["1"]
    with Scripted(house) as server:
        assert mastodon.is_hidden(dialects.an_account(server.base_url), "1", is_own=True)


def test_a_report_names_author_and_status_and_is_sent_on_to_where_the_author_lives():
    house = a_house()
    with Scripted(house) as server, pytest.raises(Misconfigured, match="är anmält"):
        mastodon.take_down(dialects.an_account(server.base_url), "2", is_own=False, reason="Olaga hot " * 200)

    (report,) = house.reports
    assert (report["account_id"], report["status_ids"], report["forward"]) == (THEM["id"], ["2"], True)
    assert report["comment"].startswith("Olaga hot")
    assert len(report["comment"]) <= 1000


def test_a_status_is_reported_once_where_the_server_lists_what_we_reported():
    house = a_house(lists_reports=True)
    with Scripted(house) as server:
        for _twice in range(2):
            with pytest.raises(Misconfigured, match="är anmält"):
                mastodon.take_down(dialects.an_account(server.base_url), "2", is_own=False, reason="Hot")

    assert len(house.reports) == 1


@pytest.mark.parametrize(
    "said",
    [
        Said(404, b"<h1>404</h1>"),
        Said(422, b""),
        Said(403, {"error": "This action is outside the authorized scopes"}),
        Said(501, {"error": "Not implemented"}),
        Said(405, {}),
    ],
)
def test_where_nothing_can_be_reported_a_person_is_told_to(said: Said):
    house = a_house(lacks=("/reports",), lacking=said)
    with Scripted(house) as server, pytest.raises(Misconfigured, match="Anmäl inlägget i plattformens app"):
        mastodon.take_down(dialects.an_account(server.base_url), "2", is_own=False, reason="Hot")


Doing = Callable[[Any], object]
EVERY: list[Doing] = [
    lambda account: mastodon.take_down(account, "2", is_own=False, reason="Hot"),
    lambda account: mastodon.is_hidden(account, "2"),
    lambda account: mastodon.block(account, "200"),
    lambda account: mastodon.unblock(account, "200"),
    lambda account: mastodon.is_blocked(account, "200"),
]


@pytest.mark.parametrize("doing", EVERY)
@pytest.mark.parametrize("status", [400, 401, 422])
def test_p06_a_dead_key_is_told_as_one(doing: Doing, status: int):
    with Scripted(a_house(bad_token_status=status)) as server, pytest.raises(ReconnectNeeded):
        doing(dialects.an_account(server.base_url, token="gammal"))


@pytest.mark.parametrize("doing", EVERY)
@pytest.mark.parametrize("said", [Said(503), Said(429, headers={"retry-after": "9"}), Said(hang_up=True)])
def test_trouble_at_the_server_may_pass(doing: Doing, said: Said):
    with Scripted(lambda call: said) as server, pytest.raises(Transient):
        doing(dialects.an_account(server.base_url))


def test_a_report_that_may_have_arrived_is_made_again():
    house = a_house(lacks=("/reports",), lacking=Said(hang_up=True))
    with Scripted(house) as server, pytest.raises(Transient):
        mastodon.take_down(dialects.an_account(server.base_url), "2", is_own=False, reason="Hot")


@pytest.mark.parametrize("doing", [mastodon.block, mastodon.unblock])
def test_a_server_without_blocking_says_that_a_person_does_it(doing: Callable[[Any, str], None]):
    blocked = {"200"} if doing == mastodon.unblock else set()
    house = a_house(lacks=("/block", "/unblock"), blocked=blocked)
    with Scripted(house) as server:
        account = dialects.an_account(server.base_url)

        with pytest.raises(Misconfigured, match="plattformens egen app"):
            doing(account, "200")
        tried = {each.capability: each for each in mastodon.probe(account)}

    assert not tried[Capability.BLOCK].works


def test_of_an_account_that_is_gone_no_block_is_left_to_take_back():
    house = a_house(lacks=("/unblock",))
    with Scripted(house) as server:
        mastodon.unblock(dialects.an_account(server.base_url), "200")

        assert [call.path.rpartition("/")[2] for call in server.calls if call.method == "POST"] == ["unblock"]


def test_p08_a_key_that_may_not_read_whom_we_block_is_told():
    house = a_house(lacks=("/relationships",), lacking=Said(403, {"error": "outside the authorized scopes"}))
    with Scripted(house) as server:
        tried = {each.capability: each for each in mastodon.probe(dialects.an_account(server.base_url))}

    assert not tried[Capability.BLOCK].works
    assert "Anslut kanalen på nytt" in tried[Capability.BLOCK].note

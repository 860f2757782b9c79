"""What is done about others' posts, on the real network and on servers that answer as told."""

from __future__ import annotations

import pytest

from narvaro.connectors.bluesky import Bluesky
from narvaro.connectors.bluesky.tests.accounts import (
    ME,
    OTHER,
    Losing,
    Scripted,
    an_account,
    an_unreal_account,
    read_round,
)
from narvaro.connectors.port import Misconfigured, ReconnectNeeded, Transient
from narvaro.testing.servers.bluesky import BlueskyNetwork

bluesky = Bluesky()
ROOT = f"at://{ME}/app.bsky.feed.post/3laaaaaaaaaaa"
REPLY = f"at://{OTHER}/app.bsky.feed.post/3lbbbbbbbbbbb"
REPORT = "com.atproto.moderation.createReport"


def a_reply(_query: str) -> tuple[int, object]:
    return 200, {"uri": REPLY, "cid": "bafyreply", "value": {"text": "Hot", "reply": {"root": {"uri": ROOT}}}}


def hidden_already(query: str) -> tuple[int, object]:
    if "threadgate" in query:
        return 200, {"uri": ROOT, "cid": "bafygate", "value": {"post": ROOT, "hiddenReplies": [REPLY]}}
    return a_reply(query)


# on the real network


@pytest.mark.server
def test_what_is_hidden_is_read_so_and_shown_again(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    reply, other = citizen.post("Ett", reply_to=ours), citizen.post("Två", reply_to=ours)
    assert not bluesky.is_hidden(account, reply.uri)

    bluesky.hide(account, reply.uri)
    bluesky.hide(account, other.uri)
    hidden = [bluesky.is_hidden(account, each.uri) for each in (reply, other, ours)]
    for _twice in range(2):
        bluesky.show(account, reply.uri)
    shown = [bluesky.is_hidden(account, each.uri) for each in (reply, other, ours)]

    assert hidden == [True, True, False]
    assert shown == [False, True, False]
    (gate,) = us.records("app.bsky.feed.threadgate")
    assert gate["value"]["hiddenReplies"] == [other.uri]


@pytest.mark.server
def test_who_may_answer_is_left_as_it_was_when_replies_are_hidden_and_shown(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    reply = citizen.post("Ett", reply_to=ours)
    chosen = [{"$type": "app.bsky.feed.threadgate#followerRule"}]
    gate = {"$type": "app.bsky.feed.threadgate", "post": ours.uri, "allow": chosen, "createdAt": "2026-01-01T00:00:00Z"}
    us.call(
        "com.atproto.repo.putRecord", repo=us.did, collection="app.bsky.feed.threadgate", rkey=ours.rkey, record=gate
    )

    bluesky.hide(account, reply.uri)
    bluesky.show(account, reply.uri)

    (stored,) = us.records("app.bsky.feed.threadgate")
    assert stored["value"] == {**gate, "hiddenReplies": []}


@pytest.mark.server
def test_a_reply_that_is_gone_is_hidden_and_needs_nothing_more(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    reply = citizen.post("Ett", reply_to=us.post("Hej"))
    citizen.delete(reply)

    bluesky.hide(account, reply.uri)
    bluesky.show(account, reply.uri)
    bluesky.take_down(account, reply.uri, is_own=False, reason="Hot")

    assert bluesky.is_hidden(account, reply.uri)
    assert us.records("app.bsky.feed.threadgate") == []


@pytest.mark.server
def test_what_is_taken_down_is_hidden_and_reported(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    reply = citizen.post("Ett hot", reply_to=us.post("Hej"))

    bluesky.take_down(account, reply.uri, is_own=False, reason="Olaga hot")

    assert bluesky.is_hidden(account, reply.uri)
    assert bluesky_network.reports(reply.uri) == ["Olaga hot"]
    bluesky.take_down(account, reply.uri, is_own=False, reason="Olaga hot")
    (gate,) = us.records("app.bsky.feed.threadgate")
    assert gate["value"]["hiddenReplies"] == [reply.uri]


@pytest.mark.server
def test_what_stands_outside_our_threads_is_reported_and_said_what_a_person_does(
    bluesky_network: BlueskyNetwork,
) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    mention = citizen.post(f"Ett hot mot @{us.handle}", mention=us)

    with pytest.raises(Misconfigured, match="anmält till Bluesky"):
        bluesky.take_down(account, mention.uri, is_own=False, reason="Olaga hot")

    assert bluesky_network.reports(mention.uri) == ["Olaga hot"]
    assert not bluesky.is_hidden(account, mention.uri)


@pytest.mark.server
def test_our_own_is_taken_down_once(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Fel")

    for _twice in range(2):
        bluesky.take_down(account, ours.uri, is_own=True, reason="GDPR")

    assert us.posts() == []
    assert bluesky.is_hidden(account, ours.uri, is_own=True)


@pytest.mark.server
def test_a_block_keeps_replies_out_until_it_is_taken_back(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    before = citizen.post("Före", reply_to=ours)
    assert not bluesky.is_blocked(account, citizen.did)

    for _twice in range(2):
        bluesky.block(account, citizen.did)
    bluesky_network.until(lambda: bluesky.is_blocked(account, citizen.did), "the block")
    unwanted = citizen.post("Under tiden", reply_to=ours)
    during = {item.remote_id for item in read_round(account)[0]}
    assert len(us.records("app.bsky.graph.block")) == 1
    for _twice in range(2):
        bluesky.unblock(account, citizen.did)
    bluesky_network.until(lambda: not bluesky.is_blocked(account, citizen.did), "the end of the block")
    wanted = citizen.post("Efteråt", reply_to=ours)

    assert unwanted.uri not in during
    assert us.records("app.bsky.graph.block") == []
    assert {before.uri, wanted.uri} <= {item.remote_id for item in read_round(account)[0]}


@pytest.mark.server
def test_blocks_made_in_the_app_are_taken_back_too(bluesky_network: BlueskyNetwork) -> None:
    us, citizen, other = (bluesky_network.citizen() for _each in range(3))
    account = an_account(bluesky_network, us)
    us.block(citizen)
    us.block(citizen)
    us.block(other)

    bluesky.unblock(account, citizen.did)

    assert [each["value"]["subject"] for each in us.records("app.bsky.graph.block")] == [other.did]


@pytest.mark.server
def test_whether_a_closed_account_is_blocked_is_read_in_our_own_records(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    bluesky_network.take_down(citizen.did)
    bluesky_network.until(lambda: not bluesky_network.profile(citizen.did), "the account to be closed")

    before = bluesky.is_blocked(account, citizen.did)
    bluesky.block(account, citizen.did)

    assert not before
    assert bluesky.is_blocked(account, citizen.did)


@pytest.mark.server
@pytest.mark.parametrize("after", [False, True])
def test_an_answer_lost_on_the_way_may_be_asked_for_again(bluesky_network: BlueskyNetwork, after: bool) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    reply = citizen.post("Ett", reply_to=us.post("Hej"))
    with Losing(bluesky_network.pds_url, "putRecord", after=after) as server:
        losing = an_account(bluesky_network, us, pds=server.url)
        for call in (lambda: bluesky.hide(losing, reply.uri), lambda: bluesky.block(losing, citizen.did)):
            with pytest.raises(Transient):
                call()

    account = an_account(bluesky_network, us)
    bluesky.hide(account, reply.uri)
    bluesky.block(account, citizen.did)

    (gate,) = us.records("app.bsky.feed.threadgate")
    assert gate["value"]["hiddenReplies"] == [reply.uri]
    assert [each["value"]["subject"] for each in us.records("app.bsky.graph.block")] == [citizen.did]


# on servers that answer as told


def test_showing_is_bound_to_what_was_read(scripted: Scripted) -> None:
    scripted.told["com.atproto.repo.getRecord"] = hidden_already
    scripted.told["com.atproto.repo.putRecord"] = 400, {"error": "InvalidSwap", "message": "Record was at another"}

    with pytest.raises(Transient):
        bluesky.show(an_unreal_account(scripted.url), REPLY)


@pytest.mark.parametrize(
    "said",
    [
        (501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"}),
        (502, {"error": "UpstreamFailure", "message": "Upstream server responded with an error"}),
        (400, {"error": "InvalidRequest", "message": "No service configured for createReport"}),
        (403, b"<h1>Forbidden</h1>"),
    ],
)
def test_a_moderation_service_that_does_not_answer_holds_nothing_up(
    scripted: Scripted, said: tuple[int, object]
) -> None:
    scripted.told |= {"com.atproto.repo.getRecord": hidden_already, REPORT: said}

    bluesky.take_down(an_unreal_account(scripted.url), REPLY, is_own=False, reason="Hot")

    assert REPORT in scripted.calls


def test_a_report_too_many_is_made_later(scripted: Scripted) -> None:
    scripted.told |= {
        "com.atproto.repo.getRecord": hidden_already,
        REPORT: (429, {"error": "RateLimitExceeded"}, {"retry-after": "40"}),
    }

    with pytest.raises(Transient) as raised:
        bluesky.take_down(an_unreal_account(scripted.url), REPLY, is_own=False, reason="Hot")

    assert raised.value.retry_after_seconds == 40


@pytest.mark.parametrize("address", ["", "1", f"at://{ME}/app.bsky.feed.like/3l", "https://bsky.app/profile/x"])
def test_what_is_no_address_of_a_post_is_never_called_hidden(scripted: Scripted, address: str) -> None:
    account = an_unreal_account(scripted.url)

    for call in (bluesky.is_hidden, bluesky.hide, bluesky.show):
        with pytest.raises(Misconfigured):
            call(account, address)

    assert scripted.calls == []


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (503, {"error": "NotEnoughResources"}, Transient),
        (429, {"error": "RateLimitExceeded"}, Transient),
        (401, {"error": "AuthMissing"}, ReconnectNeeded),
        (501, {"error": "MethodNotImplemented"}, Misconfigured),
    ],
)
def test_p06_refusals_are_told_apart(scripted: Scripted, status: int, answer: object, error: type[Exception]) -> None:
    for method in ("com.atproto.repo.getRecord", "com.atproto.repo.listRecords", "app.bsky.actor.getProfile"):
        scripted.told[method] = status, answer
    account = an_unreal_account(scripted.url)

    for call in (
        lambda: bluesky.is_hidden(account, REPLY),
        lambda: bluesky.take_down(account, REPLY, is_own=False, reason="Hot"),
        lambda: bluesky.block(account, OTHER),
        lambda: bluesky.unblock(account, OTHER),
        lambda: bluesky.is_blocked(account, OTHER),
    ):
        with pytest.raises(error):
            call()


def test_blocks_are_looked_for_on_every_page_and_pages_that_go_round_are_left(scripted: Scripted) -> None:
    def page(query: str) -> tuple[int, object]:
        block = {"uri": f"at://{ME}/app.bsky.graph.block/3lc", "value": {"subject": OTHER}}
        return 200, {"records": [block] if "cursor=two" in query else [], "cursor": "two"}

    scripted.told["com.atproto.repo.listRecords"] = page
    scripted.told["com.atproto.repo.deleteRecord"] = 200, {}

    bluesky.unblock(an_unreal_account(scripted.url), OTHER)

    assert scripted.calls.count("com.atproto.repo.listRecords") == 2
    assert scripted.calls.count("com.atproto.repo.deleteRecord") == 1


def test_who_is_blocked_by_a_list_of_ours_is_blocked(scripted: Scripted) -> None:
    viewer = {"blockingByList": {"uri": f"at://{ME}/app.bsky.graph.list/3ld", "name": "Robotar"}}
    scripted.told["app.bsky.actor.getProfile"] = 200, {"did": OTHER, "viewer": viewer}

    assert bluesky.is_blocked(an_unreal_account(scripted.url), OTHER)


def test_nobody_blocks_themselves(scripted: Scripted) -> None:
    for author in (ME, "medborgare.test", ""):
        with pytest.raises(Misconfigured):
            bluesky.block(an_unreal_account(scripted.url), author)

    assert scripted.calls == []

"""X against a server that is as strict as its description: capture and publish, and what may go wrong on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors.oauth import App, way_in
from narvaro.connectors.port import (
    Account,
    Capability,
    Kind,
    Misconfigured,
    NotThere,
    Outgoing,
    Picture,
    Published,
    ReconnectNeeded,
    Refused,
    Transient,
    Unknown,
)
from narvaro.connectors.x import X, weighted
from narvaro.testing.servers.scripted import Said, Scripted
from narvaro.testing.servers.strict import CLIENT_ID, CLIENT_SECRET, REDIRECT, Keys, query_of
from narvaro.testing.servers.x import US, XPlatform

pytestmark = pytest.mark.one_database


@pytest.fixture
def platform():
    return XPlatform()


@pytest.fixture
def server(platform):
    with Scripted(platform) as running:
        yield running


@pytest.fixture
def app(server):
    return App(CLIENT_ID, CLIENT_SECRET, REDIRECT, server.base_url, allow_private_hosts=True)


@pytest.fixture
def account(app, platform):
    way = way_in("x")
    begun = way.begin(app, "läge")
    (choice,) = way.finish(app, begun.kept, platform.tokens.allow(query_of(begun.url)))
    keys = Keys(dict(choice.secrets))
    return Account("", choice.handle, choice.remote_id, keys, allow_private_hosts=True, options=choice.options)


def read_all(account, cursor=""):
    items, connector = [], X()
    for _page in range(50):
        page = connector.read(account, cursor)
        items += page.items
        cursor = page.next_cursor
        if not page.has_more:
            return items, page
    pytest.fail("Reading never came to an end.")


def later(cursor):
    """Return a cursor as it is when it is time to read again."""
    return json.dumps({**json.loads(cursor), "completed": (clock.now() - timedelta(hours=1)).isoformat()})


def outgoing(text="Badet är öppet.", **how):
    return Outgoing(key="k1", text=text, **how)


def test_p07_a_person_lets_the_app_in_and_a_code_works_once(app, platform, account):
    assert (account.handle, account.remote_id) == ("storkoping", US)
    assert account.keeper.kept["refresh_token"]
    way = way_in("x")
    begun = way.begin(app, "läge")
    answer = platform.tokens.allow(query_of(begun.url))
    way.finish(app, begun.kept, answer)

    with pytest.raises(ReconnectNeeded):
        way.finish(app, begun.kept, answer)
    with pytest.raises(ReconnectNeeded):
        way.finish(app, {"verifier": "fel"}, platform.tokens.allow(query_of(begun.url)))
    with pytest.raises(Misconfigured):
        way.finish(replace(app, client_secret="fel"), begun.kept, platform.tokens.allow(query_of(begun.url)))


def test_p06_a_key_that_ended_is_renewed_once_and_a_refused_renewal_asks_for_a_person(platform, account):
    platform.tokens.end_all()

    X().profile(account)

    assert (platform.tokens.renewals, account.keeper.renewals) == (1, 1)
    platform.tokens.end_all()
    platform.tokens.refreshing.clear()
    with pytest.raises(ReconnectNeeded):
        X().profile(account)
    account.keeper.kept["client_secret"] = "bytt"
    with pytest.raises(Misconfigured):
        X().profile(account)


def test_p10_reading_pages_down_to_what_was_given_and_then_gives_only_what_is_new(server, platform, account):
    platform.page_size = 3
    ours = platform.write("Vattnet är avstängt.", by=US)
    told = [platform.write(f"@storkoping fråga {n}") for n in range(7)]
    answer = platform.write("När är det på igen?", reply_to=ours)

    items, last = read_all(account)
    calls = len(server.calls)
    paused, _page = read_all(account, last.next_cursor)
    assert (paused, len(server.calls)) == ([], calls), "each call costs: some minutes pass between two runs"
    again, _page = read_all(account, later(last.next_cursor))
    fresh = platform.write("@storkoping en till")
    news, _page = read_all(account, later(last.next_cursor))

    kinds = {item.remote_id: item.kind for item in items}
    assert set(kinds) == {ours, answer, *told}
    assert (kinds[ours], kinds[answer], kinds[told[0]]) == (Kind.POST, Kind.COMMENT, Kind.MENTION)
    assert again == []
    assert [item.remote_id for item in news] == [fresh]
    assert last.complete_to is not None
    assert next(item for item in items if item.remote_id == answer).root_remote_id == ours


def test_what_lies_behind_the_eight_hundredth_mention_is_a_gap_that_is_said(platform, account):
    for n in range(820):
        platform.write(f"@storkoping {n}")

    items, connector, cursor, gaps = [], X(), "", []
    for _page in range(20):
        page = connector.read(account, cursor)
        items, cursor = [*items, *page.items], page.next_cursor
        gaps += [page.gap_reason] if page.gap_reason else []
        if not page.has_more:
            break

    assert gaps == ["X lämnar bara ut de 800 senaste omnämnandena. Äldre har inte kunnat läsas."]
    assert len(items) == 800


def test_a_change_is_a_version_and_words_are_as_they_were_typed(platform, account):
    first = platform.write("@storkoping bra")
    platform.write(
        "@storkoping bra &amp; länge https://t.co/abc https://t.co/bild", edit_history_tweet_ids=[first, "5002"],
        entities={"urls": [
            {"url": "https://t.co/abc", "expanded_url": "https://exempel.se/sida"},
            {"url": "https://t.co/bild", "expanded_url": "https://x.com/1/photo/1", "media_key": "3_1"},
        ]},
    )  # fmt: skip

    (item,), _page = read_all(account)

    assert item.remote_id == first
    assert item.edited_at is not None
    assert item.text == "@storkoping bra & länge https://exempel.se/sida"


def test_p24_four_pictures_arrive_with_their_words_and_nothing_goes_out_without(platform, account):
    pictures = tuple(Picture(b"bild", "image/png", f"Bild {n} av badet") for n in range(4))

    published = X().publish(account, outgoing(pictures=pictures))
    platform.forgets_alt = True
    refused = X().publish(account, outgoing("Ett annat", pictures=pictures[:1]))

    assert isinstance(published, Published)
    assert [medium.alt for medium in published.item.media] == [picture.alt for picture in pictures]
    assert isinstance(refused, Refused)
    assert platform.made == 1


def test_p01_one_attempt_whatever_happens_and_p03_settling_finds_it_by_reading(platform, account):
    platform.breaks_after_post = True
    at = clock.now()

    outcome = X().publish(account, outgoing("Torget & parken stängs https://exempel.se"))
    settled = X().settle(account, outgoing("Torget & parken stängs https://exempel.se"), at)
    other = X().settle(account, outgoing("Något annat"), at)
    later = X().settle(account, outgoing("Något annat"), at - timedelta(minutes=5))

    assert isinstance(outcome, Unknown)
    assert platform.made == 1
    assert isinstance(settled, Published)
    assert isinstance(other, NotThere)
    assert (other.certain, len(other.similar)) == (False, 1)
    assert isinstance(later, NotThere)
    assert later.certain


def test_p06_what_the_platform_refuses_is_said_and_the_key_is_not_blamed_for_the_words(platform, account):
    X().publish(account, outgoing())
    twice = X().publish(account, outgoing())
    gone = X().publish(account, outgoing("Svar", parent_remote_id="99"))
    platform.without = {"tweet.write"}
    no_right = X().publish(account, outgoing("Nytt"))

    assert isinstance(twice, Refused)
    assert "duplicate" in twice.reason
    assert twice.error is None
    assert isinstance(gone, Refused)
    assert isinstance(no_right, Refused)
    assert isinstance(no_right.error, ReconnectNeeded)


def test_p08_each_capability_is_tried_by_a_call_that_changes_nothing(platform, account):
    platform.without = {"tweet.moderate.write", "media.write"}

    able = {each.capability: each.works for each in X().probe(account)}

    assert (platform.posts, platform.made) == ({}, 0)
    assert able == {
        Capability.READ: True, Capability.READ_PRIVATE: False, Capability.PUBLISH: True,
        Capability.PUBLISH_IMAGE: False, Capability.HIDE: False, Capability.REMOVE_OWN: True, Capability.BLOCK: False,
    }  # fmt: skip


def test_hiding_is_for_our_own_threads_and_that_it_stands_a_person_sees(platform, account):
    ours = platform.write("Vattnet är avstängt.", by=US)
    rude = platform.write("Idioter", reply_to=ours)
    elsewhere = platform.write("@storkoping idioter")

    X().hide(account, rude)
    X().hide(account, rude)
    with pytest.raises(Misconfigured):
        X().hide(account, elsewhere)
    with pytest.raises(Misconfigured, match="se efter"):
        X().is_hidden(account, rude)
    X().remove(account, ours)
    X().remove(account, ours)

    assert platform.hidden == {rude}
    assert X().is_hidden(account, ours, is_own=True)
    thread = X().read_thread(account, ours, [rude])
    assert (thread.gone, [item.remote_id for item in thread.items]) == ((ours,), [rude])


@pytest.mark.parametrize(
    "said",
    [
        Said(200, b"<html>"), Said(200, b"{"), Said(200, []), Said(200, {"data": "x", "meta": 7}),
        Said(200, {"data": [{"id": {}, "author_id": []}, 7, {"id": "1"}]}), Said(503, b""), Said(429, {}),
        Said(200, {"data": [{"id": "1", "author_id": "2", "created_at": "9999-99-99", "text": "\ud800\0",
                             "edit_history_tweet_ids": [{}], "entities": {"urls": [None, {"url": 7}]},
                             "attachments": {"media_keys": [7]}}], "meta": {"next_token": "p"}}),
    ],
)  # fmt: skip
def test_hostile_answers_end_in_items_that_can_be_kept_or_in_one_of_the_three_errors(said):
    with Scripted(lambda _call: said) as server:
        keys = Keys({"access_token": "a"})
        account = Account("", "a", US, keys, allow_private_hosts=True, options={"service": server.base_url})
        try:
            page = X().read(account, "{skräp")
        except Transient:
            return
        assert all("\0" not in item.text and item.published_at <= clock.now() for item in page.items)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("åäö", 3), ("https://exempel.se/en/mycket/lang/adress?med=fragor", 23), ("Se exempel.se.", 27),
        ("日本", 4), ("👩‍👩‍👧‍👦", 2), ("🇸🇪!", 3), ("t.ex. nu", 8), ("“citat” – ja", 12), ("a@exempel.se", 12),
        ("e\u0301", 1),
    ],
)  # fmt: skip
def test_text_is_weighed_as_the_platform_weighs_it(text, length):
    assert weighted(text) == length

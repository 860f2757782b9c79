"""Private messages on X against a server that is as strict as its description: read, answered, never made public."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors import private
from narvaro.connectors.oauth import App, way_in
from narvaro.connectors.port import (
    Account,
    Capability,
    Kind,
    NotThere,
    Outgoing,
    Published,
    Refused,
    Unknown,
    Visibility,
)
from narvaro.connectors.x import X
from narvaro.testing.servers.scripted import Scripted
from narvaro.testing.servers.strict import CLIENT_ID, CLIENT_SECRET, REDIRECT, Keys, Tokens, query_of
from narvaro.testing.servers.x import SCOPES, THEM, US, XPlatform
from narvaro.testing.servers.x_messages import told

pytestmark = [pytest.mark.one_database, pytest.mark.server]
WITH_MESSAGES = f"{SCOPES} dm.read dm.write"
TALK = f"dm:{US}-{THEM}"


@pytest.fixture
def platform():
    return XPlatform(tokens=Tokens(WITH_MESSAGES, has_basic=True, has_challenge=True))


@pytest.fixture
def server(platform):
    with Scripted(platform) as running:
        yield running


@pytest.fixture
def account(server, platform):
    app = App(CLIENT_ID, CLIENT_SECRET, REDIRECT, server.base_url, allow_private_hosts=True, wants_messages=True)
    begun = way_in("x").begin(app, "läge")
    (choice,) = way_in("x").finish(app, begun.kept, platform.tokens.allow(query_of(begun.url)))
    keys = Keys(dict(choice.secrets))
    options = private.chosen(choice.options, is_read=True)
    return Account("", choice.handle, choice.remote_id, keys, allow_private_hosts=True, options=options)


def read_all(account, cursor=""):
    items, gaps = {}, []
    for _page in range(50):
        page = X().read(account, cursor)
        items |= {item.remote_id: item for item in page.items}
        gaps += [page.gap_reason] if page.gap_reason else []
        cursor = page.next_cursor
        if not page.has_more:
            return items, gaps, page
    pytest.fail("Reading never came to an end.")


def later(cursor):
    """Return a cursor as it is when it is time to read both again."""
    both, past = json.loads(cursor), (clock.now() - timedelta(hours=1)).isoformat()
    for name, key in (("public", "completed"), ("private", "done")):
        if both.get(name):
            both[name] = json.dumps({**json.loads(both[name]), key: past})
    return json.dumps(both)


def an_answer(text="Ring växeln.", *, to="dm:1", root=TALK, visibility=Visibility.PRIVATE):
    return Outgoing("nyckel", text, parent_remote_id=to, root_remote_id=root, visibility=visibility)


def test_tf_2_p10_messages_are_read_beside_the_mentions_down_to_what_was_given(platform, account):
    platform.page_size = 2
    mention = platform.write("@storkoping hej")
    ids = [told(platform, f"Hemligt {n}") for n in range(5)]
    ours = told(platform, "Tack &amp; hej", by=US, to=THEM)
    told(platform, "Äldre än plattformen minns", at=clock.now() - timedelta(days=40))
    platform.dms.sort(key=lambda each: each["created_at"])

    first, gaps, page = read_all(account)
    fresh = told(platform, "En till")
    news, later_gaps, _page = read_all(account, later(page.next_cursor))

    assert set(first) == {mention, *(f"dm:{each}" for each in [*ids, ours])}
    item = first[f"dm:{ids[0]}"]
    assert (item.kind, item.visibility, item.root_remote_id) == (Kind.MESSAGE, Visibility.PRIVATE, TALK)
    assert (item.author.handle, item.text, item.is_own) == ("boende", "Hemligt 0", False)
    assert (first[f"dm:{ours}"].is_own, first[f"dm:{ours}"].text) == (True, "Tack & hej")
    assert first[mention].visibility == Visibility.PUBLIC
    assert json.loads(item.raw)["event"]["text"] == "Hemligt 0"
    assert page.complete_to is not None
    assert [gap for gap in gaps if "30" in gap]
    assert f"dm:{fresh}" in news
    assert mention not in news
    assert later_gaps == []


def test_p08_without_the_right_the_mentions_are_read_all_the_same_and_it_is_told_once(platform, account):
    platform.without = {"dm.read"}
    mention = platform.write("@storkoping hej")
    told(platform, "Hemligt")

    found, gaps, page = read_all(account)
    again, more, _page = read_all(account, later(page.next_cursor))
    probe = {each.capability: each for each in X().probe(account)}
    platform.without = set()
    mended, _gaps, _page = read_all(account, later(page.next_cursor))

    assert set(found) == {mention}
    assert ["privata meddelanden" in gap for gap in gaps] == [True]
    assert (again, more) == ({}, [])
    assert (probe[Capability.READ].works, probe[Capability.READ_PRIVATE].works) == (True, False)
    assert [item.text for item in mended.values()] == ["Hemligt"]


def test_p25_what_nobody_has_chosen_is_neither_asked_for_nor_read(server, platform, account):
    told(platform, "Hemligt")
    app = App(CLIENT_ID, CLIENT_SECRET, REDIRECT, server.base_url, allow_private_hosts=True)
    not_chosen = replace(account, options=private.chosen(account.options, is_read=False))
    _items, _gaps, page = read_all(account)

    found, _gaps, _page = read_all(not_chosen)
    stopped, told_of, page = read_all(not_chosen, page.next_cursor)
    _again, told_again, _page = read_all(not_chosen, page.next_cursor)
    status = next(each for each in X().probe(not_chosen) if each.capability == Capability.READ_PRIVATE)

    assert "dm." not in query_of(way_in("x").begin(app, "läge").url)["scope"]
    assert (found, stopped) == ({}, {})
    assert ["inte längre" in each for each in told_of] == [True]
    assert told_again == []
    assert (status.works, status.note) == (False, private.NOT_CHOSEN)


def test_p01_p03_an_answer_goes_to_the_one_who_wrote_once_and_is_found_by_reading(platform, account):
    asked = told(platform, "Var är nyckeln?")

    sent = X().publish(account, an_answer(to=f"dm:{asked}"))
    platform.breaks_after_post = True
    at = clock.now()
    unclear = X().publish(account, an_answer("Igen.", to=f"dm:{asked}"))
    settled = X().settle(account, an_answer("Igen.", to=f"dm:{asked}"), at)
    absent = X().settle(account, an_answer("Något annat", to=f"dm:{asked}"), at)

    assert isinstance(sent, Published)
    assert (sent.item.visibility, sent.item.parent_remote_id, sent.item.root_remote_id, sent.item.is_own) == (
        Visibility.PRIVATE, f"dm:{asked}", TALK, True)  # fmt: skip
    assert isinstance(unclear, Unknown)
    assert isinstance(settled, Published)
    assert isinstance(absent, NotThere)
    assert [each["text"] for each in platform.dms if each["sender_id"] == US] == ["Ring växeln.", "Igen."]
    assert platform.posts == {}


@pytest.mark.parametrize(
    ("post", "words"),
    [
        (an_answer(visibility=Visibility.PUBLIC), "privat bara i en konversation"),
        (an_answer(to="5001", root="5001"), "privat bara i en konversation"),
        (an_answer(root="dm:778899"), "flera deltagare"),
        (an_answer(root=f"dm:{THEM}-3003"), "gäller inte kontot"),
        (an_answer("x" * 10_001), "högst 10000"),
        (an_answer(" "), "tomt"),
    ],
)
def test_tf_4_what_is_private_never_becomes_a_post_and_goes_to_nobody_else(platform, account, post, words):
    outcome = X().publish(account, post)

    assert isinstance(outcome, Refused)
    assert words in outcome.reason
    assert (platform.posts, platform.dms, platform.made) == ({}, [], 0)


def test_p06_who_takes_no_messages_from_us_is_told_and_the_key_is_not_blamed(platform, account):
    asked = told(platform, "Hej")
    platform.closed_to_us = {THEM}
    closed = X().publish(account, an_answer(to=f"dm:{asked}"))
    platform.without = {"dm.write"}
    no_right = X().publish(account, an_answer(to=f"dm:{asked}"))

    assert isinstance(closed, Refused)
    assert "permission" in closed.reason
    assert isinstance(no_right, Refused)
    assert (closed.error, no_right.error) == (None, None)

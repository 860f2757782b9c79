"""Looking for accounts and for what is said: on the real network, and with answers that no honest one gives."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from narvaro.connectors.bluesky import Bluesky
from narvaro.connectors.bluesky.tests.accounts import ME, OTHER, Scripted, an_account, an_unreal_account
from narvaro.connectors.port import Misconfigured, Transient
from narvaro.testing.servers.bluesky import BlueskyNetwork

bluesky = Bluesky()
ACTORS, POSTS = "app.bsky.actor.searchActors", "app.bsky.feed.searchPosts"
A_POST = f"at://{OTHER}/app.bsky.feed.post/3aaaaaaaaaaaa"


@pytest.mark.server
def test_accounts_and_what_is_said_are_found_on_the_network_but_not_our_own(bluesky_network: BlueskyNetwork) -> None:
    # The network of the tests finds accounts by a part of their handle; the public one by shown names too.
    mark = secrets.token_hex(3)
    us, other = bluesky_network.citizen(f"simhall-{mark}-a"), bluesky_network.citizen(f"simhall-{mark}-b")
    account = an_account(bluesky_network, us)
    other.set_profile("Simhallen", "Inte officiell")
    ours, theirs = us.post(f"Simhallen {mark} stänger"), other.post(f"Simhallen {mark} är fin")
    bluesky_network.wait_for(ours.uri)
    bluesky_network.wait_for(theirs.uri)

    (found,) = bluesky.search_accounts(account, f"simhall-{mark}")
    said = bluesky.search_posts(account, mark)

    assert (found.remote_id, found.handle) == (other.did, other.handle)
    assert (found.display_name, found.about) == ("Simhallen", "Inte officiell")
    assert theirs.uri in [each.remote_id for each in said]
    assert ours.uri not in [each.remote_id for each in said]
    assert all(not hasattr(each, "author") for each in said)  # RF-4


@pytest.mark.parametrize(
    "body",
    [
        {}, {"actors": None, "posts": "x"}, {"actors": [None, 7, {}, {"did": "x"}], "posts": [{}, {"uri": "http://x"}]},
        {"actors": [{"did": ME}], "posts": [{"uri": A_POST.replace(OTHER, ME), "record": {"text": "a"}}]},
        {"actors": [{"did": f"did:{'x' * 5000}"}], "posts": [{"uri": A_POST, "record": {"text": 7}}, {"uri": A_POST}]},
    ],
)  # fmt: skip
def test_odd_answers_give_nothing_and_cost_nothing(scripted: Scripted, body: dict[str, Any]) -> None:
    account = an_unreal_account(scripted.url)
    scripted.told[ACTORS] = scripted.told[POSTS] = (200, body)

    assert bluesky.search_accounts(account, "x") == ()
    assert [each.text for each in bluesky.search_posts(account, "x")] in ([], ["7"])


def test_more_than_was_asked_for_is_not_taken_and_times_are_never_in_the_future(scripted: Scripted) -> None:
    account = an_unreal_account(scripted.url)
    posts = [
        {
            "uri": f"at://{OTHER}/app.bsky.feed.post/3a{n}",
            "record": {"text": "x\x00"},
            "indexedAt": "2999-01-01T00:00:00Z",
        }
        for n in range(90)
    ]
    scripted.told[POSTS] = (200, {"posts": posts})

    found = bluesky.search_posts(account, "x", most=10)

    assert len(found) == 10
    assert found[0].text == "x\ufffd"
    assert found[0].published_at.year < 2999


def test_a_server_that_cannot_search_says_so_in_words(scripted: Scripted) -> None:
    account = an_unreal_account(scripted.url)
    with pytest.raises(Misconfigured):
        bluesky.search_accounts(account, "x")
    scripted.told[POSTS] = (502, {"error": "UpstreamFailure"})
    with pytest.raises(Transient):
        bluesky.search_posts(account, "x")

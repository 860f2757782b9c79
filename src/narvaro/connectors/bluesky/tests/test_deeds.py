"""What is done with what is out, on the real network: read again, removed, liked, reposted and followed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narvaro.connectors.afterwards import Acting, Deed, Done, Editing, Rereading
from narvaro.connectors.bluesky import Bluesky, new_key
from narvaro.connectors.bluesky.tests.accounts import an_account, outgoing
from narvaro.connectors.port import Allowance, Misconfigured, Published, Refused
from narvaro.testing.servers.bluesky import BlueskyNetwork

pytestmark = pytest.mark.server
bluesky = Bluesky()


def test_what_is_out_is_read_again_as_it_stands_and_gone_when_it_is_gone(bluesky_network: BlueskyNetwork) -> None:
    us, other = bluesky_network.citizen(), bluesky_network.citizen()
    heard: list[Allowance] = []
    account = replace(an_account(bluesky_network, us), meter=heard.append)
    sent = bluesky.publish(account, outgoing("Vattnet kommer kl 8."))
    assert isinstance(sent, Published)
    theirs = other.post("Nej.")

    found = bluesky.read_one(account, sent.item.remote_id)
    bluesky.remove(account, sent.item.remote_id)

    assert found is not None
    assert (found.text, found.is_own) == ("Vattnet kommer kl 8.", True)
    assert bluesky.read_one(account, sent.item.remote_id) is None
    with pytest.raises(Misconfigured):
        bluesky.read_one(account, theirs.uri)
    assert all(each.left <= each.limit for each in heard)


def test_a_like_a_repost_and_a_follow_are_done_seen_and_taken_back(bluesky_network: BlueskyNetwork) -> None:
    us, other = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ref = other.post("Vi samarbetar om badet.")
    bluesky_network.wait_for(ref.uri)
    post = bluesky.find(account, f"https://bsky.app/profile/{other.handle}/post/{ref.rkey}")
    who = bluesky.find(account, f"@{other.handle}")

    assert post is not None
    assert who is not None
    assert (post.remote_id, post.version, post.text) == (ref.uri, ref.cid, "Vi samarbetar om badet.")
    assert (who.remote_id, who.is_account) == (other.did, True)
    assert bluesky.find(account, "https://bsky.app/profile/finns-inte.test") is None
    assert bluesky.find(account, "inte en adress") is None
    for deed, target in ((Deed.LIKE, post), (Deed.REPOST, post), (Deed.FOLLOW, who)):
        key = new_key()
        assert not bluesky.stands(account, deed, target, key)
        assert isinstance(bluesky.act(account, deed, target, key), Done), deed
        assert bluesky.stands(account, deed, target, key), deed
        assert isinstance(bluesky.take_back(account, deed, target, key), Done), deed
        assert not bluesky.stands(account, deed, target, key), deed
    assert isinstance(bluesky.act(account, Deed.FOLLOW, post, new_key()), Refused)


def test_posts_there_are_never_changed() -> None:
    assert isinstance(bluesky, Acting)
    assert isinstance(bluesky, Rereading)
    assert not isinstance(bluesky, Editing)

"""What is done with what is out, on two servers that disagree: read again, changed once, removed, liked, followed."""

from __future__ import annotations

import pytest

from narvaro.base import clock
from narvaro.connectors.afterwards import Acting, Deed, Done, Editing, Rereading
from narvaro.connectors.mastodon import Mastodon
from narvaro.connectors.mastodon.session import Session
from narvaro.connectors.mastodon.tests.conftest import Keys, a_picture, an_account
from narvaro.connectors.port import Account, Allowance, Outgoing, Picture, Published, Refused, Unknown
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.scripted import Said, Scripted
from narvaro.testing.servers.snac import Snac

pytestmark = pytest.mark.server
mastodon = Mastodon()


def test_p24_a_change_keeps_pictures_and_their_descriptions_and_is_read_back(server: Snac | MastodonMock) -> None:
    account = an_account(server.person("rattar"))
    picture = Picture(a_picture(), "image/png", "En avstängd gata.")
    sent = mastodon.publish(account, Outgoing("a1", "Vattnet kommer kl 8.", pictures=(picture,)))
    assert isinstance(sent, Published)

    changed = mastodon.edit(account, sent.item.remote_id, Outgoing("a2", "Vattnet kommer kl 18."))
    assert isinstance(changed, Published)
    found = mastodon.read_one(account, sent.item.remote_id)

    assert found is not None
    assert (found.remote_id, found.text, found.is_own) == (sent.item.remote_id, "Vattnet kommer kl 18.", True)
    assert [each.alt for each in found.media] == ["En avstängd gata."]
    if isinstance(server, Snac):  # it cannot remove by this API
        return
    mastodon.remove(account, sent.item.remote_id)
    assert mastodon.read_one(account, sent.item.remote_id) is None
    assert isinstance(mastodon.edit(account, sent.item.remote_id, Outgoing("a3", "Igen")), Refused)


def test_p01_a_change_whose_answer_is_lost_is_unclear_and_tried_once(mock: MastodonMock) -> None:
    account = an_account(mock.person("oklart"))
    sent = mastodon.publish(account, Outgoing("b1", "Först."))
    assert isinstance(sent, Published)

    with mock.fault("/api/v1/statuses/*", {"type": "status", "status": 503}, methods=("PUT",)):
        assert isinstance(mastodon.edit(account, sent.item.remote_id, Outgoing("b2", "Sedan.")), Unknown)

    found = mastodon.read_one(account, sent.item.remote_id)
    assert found is not None
    assert found.text == "Först."


def test_a_like_a_boost_and_a_follow_are_done_seen_and_taken_back(mock: MastodonMock) -> None:
    us, other = mock.person("myndigheten"), mock.person("grannen")
    account = an_account(us)
    remote_id = other.post("Vi samarbetar om badet.")
    post = mastodon.find(account, other.status(remote_id)["url"])
    who = mastodon.find(account, "grannen")

    assert post is not None
    assert who is not None
    assert (post.remote_id, post.is_account, who.is_account, who.handle) == (remote_id, False, True, "grannen")
    for deed, target in ((Deed.LIKE, post), (Deed.REPOST, post), (Deed.FOLLOW, who)):
        assert not mastodon.stands(account, deed, target, "")
        assert isinstance(mastodon.act(account, deed, target, ""), Done), deed
        assert mastodon.stands(account, deed, target, ""), deed
        assert isinstance(mastodon.take_back(account, deed, target, ""), Done), deed
        assert not mastodon.stands(account, deed, target, ""), deed
    assert isinstance(mastodon.act(account, Deed.FOLLOW, post, ""), Refused)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ({"x-ratelimit-limit": "300", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "2100-01-01T00:00:00Z"}, 7),
        ({"ratelimit-limit": "5000", "ratelimit-remaining": "0", "ratelimit-reset": "4102444800"}, 0),
        ({"ratelimit-limit": "x", "ratelimit-remaining": "7", "ratelimit-reset": "9"}, None),
        ({"ratelimit-limit": "9" * 99, "ratelimit-remaining": "1", "ratelimit-reset": "9"}, None),
        ({"retry-after": "9", "ratelimit-limit": "3", "ratelimit-remaining": "1"}, None),
    ],
)
def test_what_is_left_is_told_from_the_head_of_an_answer_however_odd(head: dict[str, str], told: int | None) -> None:
    heard: list[Allowance] = []
    with Scripted(lambda _call: Said(404, {"error": "x"}, headers=head)) as server:
        account = Account(server.base_url, "a@b.example", "1", Keys({"access_token": "t"}), True, meter=heard.append)
        with Session(account) as session:
            session.api.get("/api/v1/statuses/1")

    assert [each.left for each in heard] == ([] if told is None else [told])
    assert all(each.window == "reads" and each.resets_at > clock.now() for each in heard)


def test_both_connectors_offer_it() -> None:
    assert isinstance(mastodon, Acting)
    assert isinstance(mastodon, Editing)
    assert isinstance(mastodon, Rereading)

"""Flickr against a server that checks every signature: pictures, what is written beneath, and our answers."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors.flickr import Flickr
from narvaro.connectors.flickr import connector as flickr
from narvaro.connectors.oauth import App, way_in
from narvaro.connectors.port import (
    Account,
    Capability,
    Kind,
    MediaKind,
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
from narvaro.testing.reels import Reel, a_film
from narvaro.testing.servers.flickr import US, FlickrPlatform
from narvaro.testing.servers.scripted import Said, Scripted
from narvaro.testing.servers.strict import CLIENT_ID, CLIENT_SECRET, REDIRECT, Keys, query_of

pytestmark = pytest.mark.one_database
PICTURE = Picture(b"\x89PNG", "image/png", "Två änder vid ån & en bro")


@pytest.fixture
def platform():
    return FlickrPlatform()


@pytest.fixture
def app(platform):
    with Scripted(platform) as server:
        platform.base_url = server.base_url
        yield App(CLIENT_ID, CLIENT_SECRET, REDIRECT, server.base_url, allow_private_hosts=True)


@pytest.fixture
def account(app, platform):
    way = way_in("flickr")
    begun = way.begin(app, "läge")
    answer = platform.allow(query_of(begun.url)["oauth_token"])
    (choice,) = way.finish(app, begun.kept, answer)
    with pytest.raises(ReconnectNeeded):
        way.finish(app, begun.kept, answer)
    keys = Keys(dict(choice.secrets))
    return Account("", choice.handle, choice.remote_id, keys, allow_private_hosts=True, options=choice.options)


def a_post(text="Vår i parken\n\nFoto från i går.", **how):
    return Outgoing(key="k", text=text, **how)


def read_all(account, cursor=""):
    items = []
    for _page in range(30):
        page = Flickr().read(account, cursor)
        items, cursor = [*items, *page.items], page.next_cursor
        if not page.has_more:
            return items, page
    pytest.fail("Reading never came to an end.")


def test_p06_a_wrong_app_a_wrong_answer_and_a_dead_key_are_told_apart(app, platform, account):
    way = way_in("flickr")
    with pytest.raises(Misconfigured):
        way.begin(App("fel", CLIENT_SECRET, REDIRECT, app.service, allow_private_hosts=True), "läge")
    begun = way.begin(app, "läge")
    with pytest.raises(ReconnectNeeded):
        way.finish(app, begun.kept, {"oauth_token": begun.kept["token"], "oauth_verifier": "fel"})
    assert (account.handle, account.remote_id) == ("storkoping", US)
    platform.secrets.clear()
    with pytest.raises(ReconnectNeeded):
        Flickr().profile(account)


def test_p10_pictures_and_comments_are_read_page_by_page_and_then_what_was_changed(platform, account, monkeypatch):
    monkeypatch.setattr(flickr, "PAGE", 4)
    photos = [platform.photo(f"Bild {n}") for n in range(11)]
    asked = platform.comment("Var är det?", on=photos[0])

    items, last = read_all(account)
    for row in platform.photos.values():
        row["lastupdate"] = "1000000000"
    again, _page = read_all(account, last.next_cursor)
    fresh = platform.comment("Fint", on=photos[1])
    news, _page = read_all(account, last.next_cursor)

    found = {item.remote_id: item for item in items}
    assert set(found) == {*photos, asked}
    assert (found[asked].kind, found[asked].root_remote_id) == (Kind.COMMENT, photos[0])
    assert last.complete_to is not None
    assert again == []
    assert {item.remote_id for item in news} == {photos[1], fresh}


def test_p24_a_picture_goes_out_once_with_what_it_shows_and_never_without(platform, account):
    published = Flickr().publish(account, a_post(pictures=(PICTURE,)))
    refused = [
        Flickr().publish(account, a_post(pictures=pictures))
        for pictures in ((), (PICTURE, PICTURE), (Picture(b"x", "image/png", " "),))
    ]

    assert isinstance(published, Published)
    assert published.item.media[0].alt == PICTURE.alt
    assert published.item.text.startswith("Vår i parken\n\nFoto från i går.")
    assert all(isinstance(each, Refused) for each in refused)
    assert platform.made == 1


def test_p01_one_attempt_of_pictures_and_answers_and_settling_by_reading(platform, account):
    photo = platform.photo("Bron")
    asked = platform.comment("Var?", on=photo)
    answer = a_post("Vid ån.", parent_remote_id=asked, root_remote_id=photo)
    at = clock.now()
    answered = Flickr().publish(account, answer)
    platform.breaks_after_write = True

    lost = Flickr().publish(account, a_post(pictures=(PICTURE,)))
    found = Flickr().settle(account, a_post(pictures=(PICTURE,)), at)
    other = Flickr().settle(account, a_post("Annat", pictures=(PICTURE,)), at - timedelta(hours=1))

    assert isinstance(answered, Published)
    assert isinstance(Flickr().settle(account, answer, at), Published)
    assert isinstance(lost, Unknown)
    assert isinstance(found, Published)
    assert isinstance(other, NotThere)
    assert other.certain
    assert platform.made == 2


def test_p08_the_probe_changes_nothing_and_tells_a_key_that_may_only_read(platform, account):
    able = {each.capability: each.works for each in Flickr().probe(account)}
    platform.perms = "read"
    narrow = {each.capability: each.works for each in Flickr().probe(account)}
    refused = Flickr().publish(account, a_post(pictures=(PICTURE,)))

    written = (Capability.PUBLISH, Capability.PUBLISH_IMAGE, Capability.REMOVE_OWN)
    assert [able[each] for each in (Capability.READ, *written, Capability.BLOCK)] == [True, True, True, True, False]
    assert [narrow[each] for each in (Capability.READ, *written)] == [True, False, False, False]
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, ReconnectNeeded)
    assert platform.made == 0


def test_comments_beneath_our_pictures_and_our_pictures_are_removed_each_twice(platform, account):
    photo = platform.photo("Bron")
    rude = platform.comment("Fult", on=photo)

    there = Flickr().is_hidden(account, rude)
    for _twice in range(2):
        Flickr().take_down(account, rude, is_own=False, reason="Hot")
    gone = Flickr().is_hidden(account, rude)
    thread = Flickr().read_thread(account, photo, [rude])
    for _twice in range(2):
        Flickr().remove(account, photo)

    assert (there, gone) == (False, True)
    assert thread.gone == (rude,)
    assert Flickr().is_hidden(account, photo, is_own=True)
    with pytest.raises(Misconfigured):
        Flickr().hide(account, rude)


@pytest.mark.parametrize(
    "said",
    [
        Said(200, b"<html>"), Said(200, b"{"), Said(200, []), Said(503, b""), Said(429, {}),
        Said(200, {"stat": "fail"}),
        Said(200, {"stat": "ok", "photos": {"pages": "x", "photo": [7, {"id": {}}, {"id": "../x", "title": []}]}}),
        Said(200, {"stat": "ok", "comments": {"comment": [
            {"id": "1-2-3", "datecreate": "9" * 40, "_content": "\ud800\0"}]},
                   "photos": {"photo": [{"id": "2", "title": "x\0"}], "pages": 10**9}}),
    ],
)  # fmt: skip
def test_hostile_answers_end_in_items_that_can_be_kept_or_in_one_of_the_three_errors(said):
    with Scripted(lambda _call: said) as server:
        keys = Keys({"access_token": "a", "token_secret": "b"})
        account = Account("", "a", US, keys, allow_private_hosts=True, options={"service": server.base_url})
        try:
            page = Flickr().read(account, json.dumps({"page": "x"}))
        except (Transient, ReconnectNeeded, Misconfigured):
            return
        assert all("\0" not in item.text and item.published_at <= clock.now() for item in page.items)


def test_a_film_is_sent_once_read_as_it_is_sent_and_says_what_it_shows(account, platform):
    reel = Reel(bytes(range(250)) * 2000)
    post = a_post("Vi bjöd på tårta.", film=a_film(reel))

    published = Flickr().publish(account, post)
    settled = Flickr().settle(account, post, clock.now())

    assert isinstance(published, Published)
    assert (published.item.text, published.item.media[0].kind) == (
        "Invigningen\n\nVi bjöd på tårta. Filmen visar: Borgmästaren inviger badet.", MediaKind.VIDEO)  # fmt: skip
    assert isinstance(settled, Published)
    assert [each["content"] for each in platform.photos.values()] == [reel.content]
    assert reel.most < len(reel.content)
    assert (reel.opened, reel.closed, platform.made) == (1, 1, 1)


@pytest.mark.parametrize(
    "changed", [{"size_bytes": 1_000_000_001}, {"seconds": 601.0}, {"media_type": "video/avi"}, {"alt": " "}]
)
def test_a_film_that_flickr_would_refuse_is_not_sent(account, platform, changed):
    refused = Flickr().publish(account, a_post(film=a_film(Reel(b"film"), **changed)))
    both = Flickr().publish(account, a_post(film=a_film(Reel(b"film")), pictures=(Picture(b"b", "image/png", "A"),)))

    assert isinstance(refused, Refused)
    assert isinstance(both, Refused)
    assert platform.made == 0

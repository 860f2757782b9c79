"""LinkedIn against a server that is as strict as its pages: our posts, what is written beneath, and our answers."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors.linkedin import LinkedIn, escaped, unescaped
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
from narvaro.testing.servers.linkedin import US, VERSIONS, LinkedInPlatform
from narvaro.testing.servers.scripted import Said, Scripted
from narvaro.testing.servers.strict import CLIENT_ID, CLIENT_SECRET, REDIRECT, Keys, query_of

pytestmark = pytest.mark.one_database


@pytest.fixture
def platform():
    return LinkedInPlatform()


@pytest.fixture
def account(platform):
    with Scripted(platform) as server:
        platform.base_url = server.base_url
        app = App(CLIENT_ID, CLIENT_SECRET, REDIRECT, server.base_url, allow_private_hosts=True)
        way = way_in("linkedin")
        begun = way.begin(app, "läge")
        (choice,) = way.finish(app, begun.kept, platform.tokens.allow(query_of(begun.url)))
        keys = Keys(dict(choice.secrets))
        yield Account("", choice.handle, choice.remote_id, keys, allow_private_hosts=True, options=choice.options)


def read_all(account, cursor=""):
    items, pages = [], []
    for _page in range(300):
        page = LinkedIn().read(account, cursor)
        items, pages, cursor = [*items, *page.items], [*pages, page], page.next_cursor
        if not page.has_more:
            return items, pages
    pytest.fail("Reading never came to an end.")


def later(cursor):
    """Return a cursor as it is when it is time to read again."""
    at = json.loads(cursor)
    return json.dumps({**at, "completed": (clock.now() - timedelta(hours=1)).isoformat()})


def test_p10_posts_comments_and_answers_are_read_and_later_only_a_few_calls_are_made(platform, account):
    posts = [platform.post(f"Inlägg {n}") for n in range(130)]
    first = platform.comment("När då?", on=posts[0])
    under = platform.comment("Ja, när?", on=posts[0], under=first)

    items, pages = read_all(account)
    before = platform.calls
    paused, _pages = read_all(account, pages[-1].next_cursor)
    fresh = platform.comment("Bra.", on=posts[-1])
    news, _pages = read_all(account, later(pages[-1].next_cursor))

    found = {item.remote_id: item for item in items}
    assert set(found) == {*posts, first, under}
    assert (found[under].parent_remote_id, found[under].root_remote_id) == (first, posts[0])
    assert (found[posts[0]].kind, found[first].kind) == (Kind.POST, Kind.COMMENT)
    assert paused == []
    assert fresh in {item.remote_id for item in news}
    assert platform.calls - before < 30
    assert "bara ett id" in pages[-1].gap_reason


def test_p24_what_was_approved_arrives_whole_though_it_holds_signs_that_cut_posts_off(platform, account):
    text = "Öppet (lör–sön) [9–15] * {alla} välkomna_hit ~ se #badet @ 100 % <nu> \\ | slut"
    pictures = (Picture(b"a", "image/png", "En bassäng"), Picture(b"b", "image/png", "En dusch"))

    published = LinkedIn().publish(account, Outgoing(key="k", text=text, pictures=pictures))

    assert isinstance(published, Published)
    assert published.item.text == text
    assert [medium.alt for medium in published.item.media] == ["En bassäng", "En dusch"]
    assert sorted(platform.images.values()) == [b"a", b"b"]
    assert unescaped(escaped(text)) == text
    assert unescaped("Hej @[Storköping](urn:li:organization:4711) {hashtag|\\#|bad}") == "Hej Storköping #bad"


def test_p01_one_attempt_of_posts_and_answers_and_settling_by_reading(platform, account):
    post = platform.post("Fråga på")
    asked = platform.comment("När?", on=post)
    answer = Outgoing(key="k", text="Klockan nio.", parent_remote_id=asked, root_remote_id=post)
    at = clock.now()

    answered = LinkedIn().publish(account, answer)
    platform.breaks_after_post = True
    lost = LinkedIn().publish(account, Outgoing(key="k", text="Nytt (i dag)"))
    found = LinkedIn().settle(account, Outgoing(key="k", text="Nytt (i dag)"), at)
    other = LinkedIn().settle(account, Outgoing(key="k", text="Aldrig"), at - timedelta(hours=1))

    assert isinstance(answered, Published)
    assert answered.item.parent_remote_id == asked
    assert isinstance(LinkedIn().settle(account, answer, at), Published)
    assert isinstance(lost, Unknown)
    assert isinstance(found, Published)
    assert isinstance(other, NotThere)
    assert other.certain
    assert platform.made == 2


def test_p06_each_class_of_refusal_is_told_apart(platform, account):
    platform.lacks_right = True
    refused = LinkedIn().publish(account, Outgoing(key="k", text="Nej"))
    able = {each.capability: each.works for each in LinkedIn().probe(account)}
    VERSIONS.clear()
    try:
        with pytest.raises(Misconfigured, match="Uppdatera"):
            read_all(account)
    finally:
        VERSIONS.add("202605")
    account.keeper.kept["refresh_token"] = ""  # most apps get none
    platform.tokens.end_all()
    with pytest.raises(ReconnectNeeded):
        LinkedIn().profile(account)

    assert isinstance(refused, Refused)
    assert isinstance(refused.error, ReconnectNeeded)
    assert able[Capability.READ]
    assert not able[Capability.PUBLISH]


def test_p08_the_probe_changes_nothing_and_warns_before_a_key_that_cannot_be_renewed_ends(platform, account):
    account.keeper.kept |= {"refresh_token": "", "ends_at": (clock.now() + timedelta(days=5)).isoformat()}

    able = {each.capability: each for each in LinkedIn().probe(account)}

    works = [able[each].works for each in (Capability.PUBLISH, Capability.PUBLISH_IMAGE, Capability.REMOVE_OWN)]
    assert works == [True, True, True]
    assert "går ut" in able[Capability.READ].note
    assert (platform.posts, platform.made) == ({}, 0)


def test_what_is_ours_and_what_stands_beneath_it_is_removed_and_nothing_can_be_hidden(platform, account):
    post = platform.post("Fel")
    rude = platform.comment("Fult", on=post)

    with pytest.raises(Misconfigured):
        LinkedIn().hide(account, rude)
    there = LinkedIn().is_hidden(account, rude)
    for _twice in range(2):
        LinkedIn().take_down(account, rude, is_own=False, reason="Hot")
    gone = LinkedIn().is_hidden(account, rude)
    thread = LinkedIn().read_thread(account, post, [rude])
    LinkedIn().remove(account, post)
    LinkedIn().remove(account, post)

    assert (there, gone) == (False, True)
    assert thread.gone == (rude,)
    assert LinkedIn().read_thread(account, post, [rude]).gone == (post, rude)


@pytest.mark.parametrize(
    "said",
    [
        Said(200, b"<html>"), Said(200, b"{"), Said(200, []), Said(503, b""), Said(429, {}),
        Said(200, {"elements": [{"id": 7}, {"id": "urn:li:share:../x", "createdAt": 10**30, "commentary": "\ud800\0"},
                                None]}),
    ],
)  # fmt: skip
def test_hostile_answers_end_in_items_that_can_be_kept_or_in_one_of_the_three_errors(said):
    with Scripted(lambda _call: said) as server:
        keys = Keys({"access_token": "a"})
        account = Account("", "a", US, keys, allow_private_hosts=True, options={"service": server.base_url})
        try:
            page = LinkedIn().read(account, "{skräp")
        except Transient:
            return
        assert all("\0" not in item.text and item.published_at <= clock.now() for item in page.items)

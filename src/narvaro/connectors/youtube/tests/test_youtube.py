"""YouTube against a server that is as strict as its description: what is written beneath films, and our answers."""

from __future__ import annotations

import json

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
    Published,
    ReconnectNeeded,
    Refused,
    Transient,
    Unknown,
)
from narvaro.connectors.youtube import YouTube
from narvaro.connectors.youtube.session import READING_UNITS, quota_day, quota_ends_at
from narvaro.testing.servers.scripted import Said, Scripted
from narvaro.testing.servers.strict import CLIENT_ID, CLIENT_SECRET, REDIRECT, Keys, query_of
from narvaro.testing.servers.youtube import US, YouTubePlatform

pytestmark = pytest.mark.one_database


@pytest.fixture
def platform():
    return YouTubePlatform()


@pytest.fixture
def account(platform):
    with Scripted(platform) as server:
        app = App(CLIENT_ID, CLIENT_SECRET, REDIRECT, server.base_url, allow_private_hosts=True)
        way = way_in("youtube")
        begun = way.begin(app, "läge")
        assert query_of(begun.url)["access_type"] == "offline"
        # the window is at another host than the token: on the server for tests both are paths
        (choice,) = way.finish(app, begun.kept, platform.tokens.allow(query_of(begun.url)))
        keys = Keys(dict(choice.secrets))
        yield Account("", choice.handle, choice.remote_id, keys, allow_private_hosts=True, options=choice.options)


def read_all(account, cursor=""):
    items, pages = [], []
    for _page in range(60):
        page = YouTube().read(account, cursor)
        items, pages, cursor = [*items, *page.items], [*pages, page], page.next_cursor
        if not page.has_more:
            return items, pages
    pytest.fail("Reading never came to an end.")


def answer_to(comment, film, text="Klockan nio."):
    return Outgoing(key="k", text=text, parent_remote_id=comment, root_remote_id=film)


def test_p10_films_comments_and_all_answers_are_read_and_then_only_what_is_new(platform, account):
    platform.page_size = 3
    film = platform.film()
    tops = [platform.write(f"Fråga {n}", film=film) for n in range(8)]
    below = [platform.write(f"Svar {n}", under=tops[0]) for n in range(7)]
    held = platform.write("Fult ord", film=film, state="heldForReview")

    items, pages = read_all(account)
    again, _pages = read_all(account, pages[-1].next_cursor)
    late = platform.write("Ett sent svar", under=tops[6])
    news, _pages = read_all(account, pages[-1].next_cursor)

    kinds = {item.remote_id: item.kind for item in items}
    assert set(kinds) == {film, held, *tops, *below}
    assert kinds[film] == Kind.POST
    assert {item.root_remote_id for item in items} == {film}
    assert next(item for item in items if item.remote_id == below[0]).parent_remote_id == tops[0]
    assert again == []
    assert late in {item.remote_id for item in news}
    assert "community-inlägg" in pages[-1].gap_reason
    assert pages[-1].complete_to is not None


def test_reading_leaves_of_the_days_quota_for_answers_and_goes_on_the_next_day(platform, account):
    film = platform.film()
    spent = json.dumps({"day": quota_day(), "units": READING_UNITS})

    with pytest.raises(Transient) as waits:
        YouTube().read(account, spent)
    assert waits.value.retry_after_seconds <= 25 * 3600
    assert YouTube().read(account, json.dumps({"day": "2026-01-01", "units": READING_UNITS})).next_cursor
    platform.units = 0
    refused = YouTube().publish(account, answer_to(film, film))

    assert isinstance(refused, Refused)
    assert isinstance(refused.error, Transient), "nothing was sent, so it goes out when the quota is filled"
    assert quota_ends_at() > clock.now()


def test_p06_a_key_is_renewed_and_keeps_its_renewal_p07(platform, account):
    before = account.keeper.kept["refresh_token"]
    platform.tokens.end_all()

    YouTube().profile(account)

    assert account.keeper.kept["refresh_token"] == before, "Google gives none anew, and nothing empty replaces it"
    platform.tokens.end_all()
    platform.tokens.refreshing.clear()
    with pytest.raises(ReconnectNeeded):
        YouTube().profile(account)


def test_p01_an_answer_goes_out_once_beneath_the_first_comment_and_is_settled_by_reading(platform, account):
    film = platform.film()
    top = platform.write("När öppnar det?", film=film)
    reply = platform.write("Undrar jag med", under=top)

    published = YouTube().publish(account, answer_to(reply, film))
    platform.breaks_after_insert = True
    at = clock.now()
    lost = YouTube().publish(account, answer_to(film, film, "Tack för alla frågor."))
    found = YouTube().settle(account, answer_to(film, film, "Tack för alla frågor."), at)
    other = YouTube().settle(account, answer_to(reply, film, "Aldrig sagt"), at)

    assert isinstance(published, Published)
    assert (published.item.parent_remote_id, published.item.is_own) == (top, True)
    assert isinstance(lost, Unknown)
    assert isinstance(found, Published)
    assert isinstance(other, NotThere)
    assert not other.certain
    assert platform.made == 2


def test_what_the_interface_does_not_take_is_refused_before_anything_is_sent(platform, account):
    film = platform.film()

    post = YouTube().publish(account, Outgoing(key="k", text="Nyhet"))
    gone = YouTube().publish(account, answer_to("UgxBorta", film))

    assert isinstance(post, Refused)
    assert "YouTube Studio" in post.reason
    assert isinstance(gone, Refused)
    assert platform.made == 0
    assert not YouTube().limits(account).takes_posts


def test_a_comment_is_held_back_let_out_rejected_and_ours_removed_each_twice(platform, account):
    film = platform.film()
    rude, ours = platform.write("Fult", film=film), platform.write("Fel av oss", film=film, by=US)
    connector = YouTube()

    for _twice in range(2):
        connector.hide(account, rude)
    hidden = connector.is_hidden(account, rude)
    connector.show(account, rude)
    shown = connector.is_hidden(account, rude)
    connector.take_down(account, rude, is_own=False, reason="Hot")
    for _twice in range(2):
        connector.remove(account, ours)

    assert (hidden, shown) == (True, False)
    assert platform.comments[rude]["state"] == "rejected"
    assert connector.is_hidden(account, ours, is_own=True)
    assert connector.read_thread(account, film, [rude, ours]).gone == (ours,)
    platform.closed_films.add(film)
    assert connector.read_thread(account, film, [rude]).gone == ()
    with pytest.raises(Misconfigured):
        connector.block(account, "UCboende")


def test_p08_each_capability_is_tried_by_a_call_that_changes_nothing(platform, account):
    able = {each.capability: each.works for each in YouTube().probe(account)}
    platform.lacks_right = True
    narrow = {each.capability: each.works for each in YouTube().probe(account)}

    written = (Capability.PUBLISH, Capability.HIDE, Capability.REMOVE_OWN)
    assert [able[each] for each in (Capability.READ, *written, Capability.BLOCK)] == [True, True, True, True, False]
    assert [narrow[each] for each in (Capability.READ, *written)] == [True, False, False, False]
    assert (platform.made, platform.comments) == (0, {})


@pytest.mark.parametrize(
    "said",
    [
        Said(200, b"<html>"), Said(200, b"{"), Said(200, []), Said(503, b""), Said(429, {}), Said(403, b"<html>"),
        Said(200, {"items": [{"id": {}, "snippet": 7}, 7, {"id": "a", "snippet": {"topLevelComment": {
            "id": "a", "snippet": {"publishedAt": "9999-99-99", "authorChannelId": "x",
                "textDisplay": "\ud800\0", "parentId": ["x"]}}}}],
            "nextPageToken": {"x": 1}}),
        Said(403, {"error": {"errors": "x", "message": []}}),
    ],
)  # fmt: skip
def test_hostile_answers_end_in_items_that_can_be_kept_or_in_one_of_the_three_errors(said):
    with Scripted(lambda _call: said) as server:
        keys = Keys({"access_token": "a"})
        account = Account("", "a", US, keys, allow_private_hosts=True, options={"service": server.base_url})
        try:
            page = YouTube().read(account, "{skräp")
        except (Transient, ReconnectNeeded, Misconfigured):
            return
        assert all("\0" not in item.text and item.published_at <= clock.now() for item in page.items)

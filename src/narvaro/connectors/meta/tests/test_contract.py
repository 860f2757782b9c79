"""The promises of the port, kept on Facebook, Instagram and Threads as their documentation describes them."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors.meta import reading
from narvaro.connectors.meta.graph import usage
from narvaro.connectors.meta.tests.conftest import Keys, Site, a_site
from narvaro.connectors.port import (
    Capability,
    Kind,
    Misconfigured,
    NotThere,
    Published,
    ReconnectNeeded,
    Refused,
    Transient,
    Unknown,
)
from narvaro.testing.servers.graph import GraphServer
from narvaro.testing.servers.scripted import Said

pytestmark = [pytest.mark.one_database, pytest.mark.server]


def read_all(site: Site, cursor: str = "") -> tuple[dict[str, object], str, list]:
    """Read until nothing more is new; returns the items by id, the cursor and the pages."""
    found, pages = {}, []
    for _turn in range(50):
        page = site.connector.read(site.account, cursor)
        pages.append(page)
        cursor = page.next_cursor
        found |= {item.remote_id: item for item in page.items}
        if not page.has_more:
            return found, cursor, pages
    raise AssertionError("it never ends")


# --- reading ---


def test_p10_everything_is_read_to_the_watermark_and_then_only_what_is_new(site, monkeypatch):
    monkeypatch.setattr(reading, "PAGE_SIZE", 4)
    now = clock.now()
    posts = [site.owner.post(f"Inlägg {n}", at=now - timedelta(hours=30 - n)) for n in range(11)]
    comment = site.server.comment(posts[2], "anna", "Hej!", at=now - timedelta(hours=2))
    answer = site.server.comment(posts[2], "bo", "Hej själv!", parent=comment, at=now - timedelta(hours=1))

    first, cursor, pages = read_all(site)
    late = site.server.comment(posts[-1], "cilla", "Sent svar.")
    asked = len(site.server.calls)
    second, cursor, _pages = read_all(site, cursor)
    third, _cursor, _pages = read_all(site, cursor)

    assert set(first) == {*posts, comment, answer}
    assert pages[-1].complete_to is not None
    assert late in second
    assert posts[0] not in second
    assert not {*posts} & set(third)
    assert len(site.server.calls) - asked <= 12, "what is known is not asked for again"


def test_a_comment_says_who_what_where_and_holds_its_own_bytes_alone(site):
    post = site.owner.post("Öppet hus", files=1)
    comment = site.server.comment(post, "anna", "Fint! 🎈 åäö")
    answer = site.server.comment(post, "bo", "Håller med.", parent=comment)

    found, _cursor, _pages = read_all(site)

    first, second = found[comment], found[answer]
    assert (first.kind, first.text, first.parent_remote_id, first.root_remote_id) == (
        Kind.COMMENT, "Fint! 🎈 åäö", post, post)  # fmt: skip
    assert (first.is_own, "anna" in (first.author.handle, first.author.display_name)) == (False, True)
    assert (second.parent_remote_id, second.root_remote_id) == (comment, post)
    assert json.loads(first.raw)["id"] == comment
    assert "Håller med" not in first.raw.decode()
    assert found[post].is_own
    assert len(found[post].media) == 1


def test_what_the_platform_never_gives_is_told_once(site):
    _found, cursor, pages = read_all(site)
    _again, _cursor, later = read_all(site, cursor)

    assert "lämnar inte ut" in pages[-1].gap_reason
    assert [page.gap_reason for page in later] == [""]


@pytest.mark.parametrize("platform", ["facebook", "threads"])
def test_who_names_us_elsewhere_is_read_where_the_app_may(server, platform):
    site = a_site(server, platform)
    named = site.owner.post("Kom till @storkoping", who="anna", tagged=True)
    found, _cursor, _pages = read_all(site)
    kept = {"threads": "threads_manage_mentions", "facebook": "pages_read_user_content"}[platform]
    server.keys[site.owner.token].scopes.discard(kept)

    lacking, _cursor, pages = read_all(site)

    assert found[named].kind == Kind.MENTION
    assert not found[named].is_own
    assert named not in lacking
    assert "nämner" in pages[-1].gap_reason


def test_what_a_visitor_writes_on_the_page_is_never_taken_for_ours_though_the_name_is_withheld(server):
    site = a_site(server, "facebook")
    named, ours = site.owner.post("Varför svarar ingen?", who="anna"), site.owner.post("Öppet hus")
    seen, _cursor, _pages = read_all(site)
    server.keys[site.owner.token].scopes.discard("pages_read_user_content")
    withheld, _cursor, _pages = read_all(site)

    for found in (seen, withheld):
        assert (found[named].kind, found[named].is_own) == (Kind.MENTION, False)
        assert found[ours].is_own
    assert (seen[named].author.display_name, withheld[named].author.remote_id) == ("anna", "")


def test_a_thread_read_again_shows_changes_and_what_is_gone(site):
    post = site.owner.post("Öppet hus")
    stays, goes = site.server.comment(post, "anna", "Hej"), site.server.comment(post, "bo", "Nej")
    read_all(site)
    site.server.objects[stays]["text"] = "Hej igen"
    site.server.objects.pop(goes)

    thread = site.connector.read_thread(site.account, post, [stays, goes])
    site.server.objects.clear()
    empty = site.connector.read_thread(site.account, post, [stays])

    assert {item.remote_id: item.text for item in thread.items}[stays] == "Hej igen"
    assert thread.gone == (goes,)
    assert set(empty.gone) == {post, stays}


def test_reading_rests_when_the_quota_is_nearly_spent_and_goes_on_where_it_stopped(site, monkeypatch):
    posts = [site.owner.post(f"Inlägg {n}") for n in range(6)]
    for post in posts:
        site.server.comment(post, "anna", "Hej")
    told = [{"type": "pages", "call_count": 95, "total_cputime": 2, "total_time": 3,
             "estimated_time_to_regain_access": 10}]  # fmt: skip
    site.server.headers = {"x-business-use-case-usage": json.dumps({"1": told})}
    heard = []
    account = replace(site.account, meter=heard.append)

    page = site.connector.read(account, "")
    with pytest.raises(Transient) as rest:
        site.connector.read(account, page.next_cursor)
    site.server.headers = {}
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    found, _cursor, _pages = read_all(site, page.next_cursor)

    assert page.has_more
    assert 500 < rest.value.retry_after_seconds <= 600
    assert (heard[0].limit, heard[0].left) == (100, 5)
    assert len({*found, *(item.remote_id for item in page.items)}) == 12


def test_every_counter_in_the_heads_is_counted():
    assert usage({}) == (None, 0.0)
    assert usage({"x-app-usage": '{"call_count":28,"total_time":91,"total_cputime":25}'}) == (91, 0.0)
    assert usage({"x-app-usage": "[1]", "x-business-use-case-usage": "{"}) == (None, 0.0)
    assert (
        usage({"x-business-use-case-usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":9e9}]}'})[0]
        == 100
    )


# --- publishing ---


def test_p24_a_post_goes_out_once_with_its_alternative_texts_and_is_read_back(site):
    wanted = site.post(pictures=2)

    answer = site.connector.publish(site.account, wanted)

    assert isinstance(answer, Published), answer
    there = site.server.objects[answer.item.remote_id]
    assert there["text"] == wanted.text
    assert [each["alt"] for each in there["files"]] == [picture.alt for picture in wanted.pictures]
    assert [medium.alt for medium in answer.item.media] == [picture.alt for picture in wanted.pictures]
    assert (answer.item.is_own, answer.item.text) == (True, wanted.text)
    assert site.calls("POST", site.effect) == 1
    assert site.connector.read_one(site.account, answer.item.remote_id).text == wanted.text


def test_an_answer_stands_beneath_the_comment_it_answers(site):
    post = site.owner.post("Öppet hus")
    comment = site.server.comment(post, "anna", "När?")

    answer = site.connector.publish(
        site.account, site.post("Klockan tio.", parent_remote_id=comment, root_remote_id=post)
    )

    assert isinstance(answer, Published), answer
    assert site.server.objects[answer.item.remote_id]["parent"] == comment
    assert (answer.item.parent_remote_id, answer.item.root_remote_id) == (comment, post)
    assert answer.item.kind == Kind.COMMENT


def test_what_is_answered_and_gone_is_told_before_anything_is_sent(site):
    answer = site.connector.publish(site.account, site.post("Hej", parent_remote_id="999", root_remote_id="998"))

    assert isinstance(answer, Refused)
    assert "finns inte kvar" in answer.reason


@pytest.mark.parametrize("after_effect", [True, False])
def test_p1_p3_an_attempt_without_an_answer_is_unclear_and_settled_by_reading_alone(site, after_effect):
    wanted, at = site.post(), clock.now()
    site.server.fault("POST", site.effect, Said(hang_up=True), after_effect=after_effect)

    answer = site.connector.publish(site.account, wanted)
    settled = site.connector.settle(site.account, wanted, at)

    assert isinstance(answer, Unknown)
    assert site.calls("POST", site.effect) == 1
    assert isinstance(settled, Published if after_effect else NotThere), settled
    assert site.calls("POST", site.effect) == 1, "settling only reads"
    if isinstance(settled, NotThere):
        assert not settled.certain
        assert site.connector.settle(site.account, wanted, at - timedelta(minutes=3)).certain


@pytest.mark.parametrize(("said", "kind"), [
    (Said(500, {"error": {"code": 1, "message": "An unknown error occurred"}}), Unknown),
    (Said(502, b"<html>"), Unknown),
    (Said(400, {"error": {"code": 2, "message": "Service temporarily unavailable"}}), Unknown),
    (Said(400, {"error": {"code": 368, "message": "Blocked"}}), Refused),
    (Said(200, b"{}"), Unknown),
])  # fmt: skip
def test_p2_only_a_clear_no_is_told_as_one(server, said, kind):
    site = a_site(server, "facebook")
    server.fault("POST", "/feed", said)

    assert isinstance(site.connector.publish(site.account, site.post()), kind)


def test_a_quota_that_is_spent_is_told_before_anything_is_published(server):
    for platform in ("instagram", "threads"):
        site = a_site(server, platform)
        site.owner.used = {platform: 10_000}

        answer = site.connector.publish(site.account, site.post())

        assert isinstance(answer, Refused)
        assert isinstance(answer.error, Transient)
        assert site.calls("POST", site.effect) == 0


def test_a_container_is_waited_for_and_one_that_fails_publishes_nothing(server):
    site = a_site(server, "instagram")
    server.slow_containers = 3
    slow = site.connector.publish(site.account, site.post())
    server.fault("GET", "", Said(200, {"id": "1", "quota_usage": 0, "data": []}))
    no_picture = site.connector.publish(site.account, site.post(pictures=0))
    picture = replace(site.post().pictures[0], url="https://127.0.0.1:9/x.jpg")
    unreachable = site.connector.publish(site.account, replace(site.post(), pictures=(picture,)))
    png = replace(picture, media_type="image/png")
    wrong_kind = site.connector.publish(site.account, replace(site.post(), pictures=(png,)))

    assert isinstance(slow, Published), slow
    assert isinstance(no_picture, Refused)
    assert "måste ha en bild" in no_picture.reason
    assert isinstance(unreachable, Refused)
    assert "could not be fetched" in unreachable.reason
    assert "JPEG" in wrong_kind.reason
    assert site.calls("POST", site.effect) == 1


def test_what_the_platform_would_refuse_is_refused_here(site):
    too_long = site.connector.publish(site.account, site.post("x" * 70_000))
    empty = site.connector.publish(site.account, site.post("  ", pictures=0))
    alt = replace(site.post(pictures=1).pictures[0], alt="x" * 2000)
    long_alt = site.connector.publish(site.account, replace(site.post(), pictures=(alt,)))

    assert all(isinstance(each, Refused) for each in (too_long, empty, long_alt))
    assert not [call for call in site.server.calls if call.method == "POST"]


def test_threads_counts_an_emoji_as_the_bytes_it_is_written_with(server):
    site = a_site(server, "threads")

    assert isinstance(site.connector.publish(site.account, site.post("🎈" * 126)), Refused)
    assert isinstance(site.connector.publish(site.account, site.post("🎈" * 125)), Published)


def test_a_link_in_a_page_post_becomes_its_card(server):
    site = a_site(server, "facebook")

    answer = site.connector.publish(site.account, site.post("Läs mer: https://kommunen.example/simhall."))

    assert server.objects[answer.item.remote_id]["link"] == "https://kommunen.example/simhall"


def test_a_page_post_is_changed_in_place_and_read_back(server):
    site = a_site(server, "facebook")
    first = site.connector.publish(site.account, site.post("Öppet hus på lördga."))

    changed = site.connector.edit(site.account, first.item.remote_id, site.post("Öppet hus på lördag."))

    assert (changed.item.remote_id, changed.item.text) == (first.item.remote_id, "Öppet hus på lördag.")


# --- what others write ---


def test_bbs_5_a_comment_is_hidden_and_shown_again_and_twice_is_once(site):
    comment = site.server.comment(site.owner.post("Öppet hus"), "anna", "Elakt.")

    for wanted in (True, True, False, False):
        (site.connector.hide if wanted else site.connector.show)(site.account, comment)
        assert site.connector.is_hidden(site.account, comment) is wanted
    site.server.objects.pop(comment)
    site.connector.hide(site.account, comment)

    assert site.connector.is_hidden(site.account, comment)


def test_what_is_taken_down_is_no_longer_seen(site):
    comment = site.server.comment(site.owner.post("Öppet hus"), "anna", "Elakt.")

    for _twice in range(2):
        site.connector.take_down(site.account, comment, is_own=False, reason="Hot.")

    assert site.connector.is_hidden(site.account, comment)


def test_our_own_is_removed_or_a_person_is_told_how(site):
    post = site.owner.post("Fel.")
    if site.platform == "instagram":
        with pytest.raises(Misconfigured, match="Öppna Instagram"):
            site.connector.remove(site.account, post)
        return

    for _twice in range(2):
        site.connector.remove(site.account, post)

    assert post not in site.server.objects


def test_a_page_keeps_somebody_away_and_the_others_say_what_a_person_does(site):
    anna = site.server.person_id("anna")
    if site.platform != "facebook":
        for call in (site.connector.block, site.connector.unblock, site.connector.is_blocked):
            with pytest.raises(Misconfigured, match="blockera där"):
                call(site.account, anna)
        return

    before = site.connector.is_blocked(site.account, anna)
    for _twice in range(2):
        site.connector.block(site.account, anna)
    during = site.connector.is_blocked(site.account, anna)
    for _twice in range(2):
        site.connector.unblock(site.account, anna)

    assert (before, during, site.connector.is_blocked(site.account, anna)) == (False, True, False)


# --- keys ---


@pytest.mark.parametrize(("code", "kind"), [
    (190, ReconnectNeeded), (102, ReconnectNeeded), (4, Transient), (17, Transient), (32, Transient), (613, Transient),
    (80001, Transient), (2, Transient), (10, Misconfigured), (200, Misconfigured), (100, Misconfigured),
])  # fmt: skip
def test_p6_each_error_of_the_platform_is_one_of_three(server, code, kind):
    site = a_site(server, "facebook")
    server.fault("GET", "/feed", Said(400, {"error": {"code": code, "message": "No", "type": "OAuthException"}}))

    with pytest.raises(kind):
        site.connector.read(site.account, "")


def test_p7_a_key_that_ends_is_renewed_in_good_time_and_never_with_nothing(server):
    for platform in ("instagram", "threads"):
        site = a_site(server, platform)
        ends_soon = (clock.now() + timedelta(days=5)).isoformat()
        keys = Keys({"access_token": site.owner.token, "expires_at": ends_soon})
        account = replace(site.account, keeper=keys)
        server.fault("GET", "/refresh_access_token", Said(503, b""))

        site.connector.profile(account)
        held = dict(keys.held)
        site.connector.profile(account)
        site.connector.profile(account)

        assert held["access_token"] == site.owner.token, "a fault of theirs leaves the key that still holds"
        assert keys.held["access_token"] not in {"", site.owner.token}
        assert keys.renewals == 2


def test_p8_each_right_is_tried_by_itself(site):
    whole = {each.capability: each for each in site.connector.probe(site.account)}
    scopes = site.server.keys[site.owner.token].scopes
    scopes -= {"pages_manage_posts", "instagram_business_content_publish", "threads_content_publish"}
    less = {each.capability: each for each in site.connector.probe(site.account)}
    site.server.keys[site.owner.token].is_dead = True

    assert whole[Capability.READ].works
    assert whole[Capability.PUBLISH].works
    assert less[Capability.READ].works
    assert not less[Capability.PUBLISH].works
    assert less[Capability.PUBLISH].note
    assert not [call for call in site.server.calls if call.method != "GET"]
    with pytest.raises(ReconnectNeeded):
        site.connector.probe(site.account)


def test_the_account_says_who_it_is(site):
    found = site.connector.profile(site.account)

    assert (found.remote_id, found.about) == (site.owner.remote_id, "Vi svarar vardagar.")
    assert site.connector.limits(site.account).max_pictures >= 10


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data": 7}', b'{"data": [7, {"id": 1}]}', b'{"data":[{}]}',
                                  b'{"data":[{"id":"1","created_time":"9999-99"}],"paging":{"cursors":7,"next":1}}',
                                  b'{"error": 7}', b'{"data":' + b"[" * 5000])  # fmt: skip
def test_an_answer_that_is_not_what_was_promised_harms_nothing(server, body):
    site = a_site(server, "facebook")
    server.fault("GET", "/feed", Said(200, body))

    with contextlib.suppress(Transient):
        assert site.connector.read(site.account, "").items == ()


def test_an_id_never_leads_out_of_its_path(site: Site, server: GraphServer):
    for odd in ("../me", "1?fields=access_token", "", "1/comments", "å"):
        with pytest.raises(Misconfigured):
            site.connector.read_thread(site.account, odd, [])

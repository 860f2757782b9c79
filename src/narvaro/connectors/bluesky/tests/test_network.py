"""What the connector promises, kept against the real network on loopback."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from narvaro.base import clock
from narvaro.connectors.bluesky import Bluesky, connect, new_key, service_for
from narvaro.connectors.bluesky.tests.accounts import Losing, an_account, keeper_of, outgoing, read_round
from narvaro.connectors.port import (
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
    Visibility,
)
from narvaro.testing.servers.bluesky import BlueskyNetwork, Ref

pytestmark = pytest.mark.server
bluesky = Bluesky()


def a_picture(width: int = 24, height: int = 16, colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def test_replies_mentions_and_quotes_are_read_word_for_word(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen(display_name="Invånare åäö <b>")
    account = an_account(bluesky_network, us)
    ours = us.post("Biblioteket stänger tidigare på fredag.")
    reply = citizen.post("Varför det?  \n\nHälsar någon\u200b.", reply_to=ours)
    mention = citizen.post(f"Läs vad @{us.handle} skriver", mention=us)
    quote = citizen.post("Tycker ni om det här?", quote=ours)

    found, _cursor, last = read_round(account)

    items = {item.remote_id: item for item in found}
    assert set(items) == {ours.uri, reply.uri, mention.uri, quote.uri}
    assert items[reply.uri].text == "Varför det?  \n\nHälsar någon\u200b."
    assert items[reply.uri].kind is Kind.COMMENT
    assert (items[reply.uri].parent_remote_id, items[reply.uri].root_remote_id) == (ours.uri, ours.uri)
    assert items[reply.uri].author.display_name == "Invånare åäö <b>"
    assert items[reply.uri].author.remote_id == citizen.did
    assert items[reply.uri].author.handle == citizen.handle
    assert items[reply.uri].language == "sv"
    assert items[reply.uri].visibility is Visibility.PUBLIC
    assert items[mention.uri].kind is Kind.MENTION
    assert items[quote.uri].kind is Kind.QUOTE
    assert items[ours.uri].kind is Kind.POST
    assert [item.remote_id for item in found if item.is_own] == [ours.uri]
    assert b"app.bsky.feed.post" in items[reply.uri].raw
    assert abs(items[reply.uri].published_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert last.complete_to is not None
    assert last.complete_to <= clock.now()
    assert last.gap_reason == ""


def test_what_we_answer_in_the_networks_own_app_is_read_as_ours(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    question = citizen.post(f"@{us.handle} när öppnar ni?", mention=us)
    answer = us.post("Klockan nio.", reply_to=question)

    found, _cursor, _last = read_round(account)

    (item,) = [each for each in found if each.remote_id == answer.uri]
    assert item.is_own
    assert item.kind is Kind.COMMENT
    assert item.parent_remote_id == question.uri


def test_a_quiet_round_gives_nothing_and_the_next_one_only_what_is_new(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Ett")
    citizen.post("Två", reply_to=ours)
    _found, cursor, _last = read_round(account)

    quiet, cursor, last = read_round(account, cursor)
    new = citizen.post("Tre", reply_to=ours)
    later, _cursor, _last = read_round(account, cursor)

    assert quiet == []
    assert last.complete_to is not None
    assert [item.remote_id for item in later] == [new.uri]


def test_p10_the_first_read_pages_back_over_all_there_is(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Fråga oss om snöröjningen.")
    reply = {"root": ours.value, "parent": ours.value}
    record = {"$type": "app.bsky.feed.post", "reply": reply}
    records = {
        new_key(): {**record, "text": f"Svar {n}", "createdAt": f"2026-01-01T00:{n % 60:02}:00Z"} for n in range(120)
    }
    made = citizen.create_many("app.bsky.feed.post", records)
    bluesky_network.wait_for(made[-1].uri)

    pages = []
    cursor = ""
    for _ in range(20):
        pages.append(bluesky.read(account, cursor))
        cursor = pages[-1].next_cursor
        if not pages[-1].has_more:
            break

    assert {item.remote_id for page in pages for item in page.items} == {ours.uri, *(each.uri for each in made)}
    assert len(pages) > 1
    assert all(page.complete_to is None for page in pages[:-1])
    assert pages[-1].complete_to is not None
    assert read_round(account, cursor)[0] == []


def test_a_reply_whose_clock_is_wrong_is_read_too(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    citizen.post("I tid", reply_to=ours)
    _found, cursor, before = read_round(account)

    reply = {"root": ours.value, "parent": ours.value}
    record = {"$type": "app.bsky.feed.post", "text": "Sent", "createdAt": "2026-01-01T08:00:00Z", "reply": reply}
    late = citizen.create("app.bsky.feed.post", record)
    bluesky_network.wait_for(late.uri)
    found, _cursor, _last = read_round(account, cursor)

    assert [item.remote_id for item in found] == [late.uri]
    assert before.complete_to
    assert before.complete_to <= found[0].published_at <= clock.now()  # TF-2, FL-6: not when its clock says


def test_reading_a_thread_again_shows_every_answer_and_its_counts(bluesky_network: BlueskyNetwork) -> None:
    us, citizen, friend = (bluesky_network.citizen() for _ in range(3))
    account = an_account(bluesky_network, us)
    ours = us.post("Nya badplatsen är öppen.")
    first = citizen.post("Var ligger den?", reply_to=ours)
    second = friend.post("Vid sjön.", reply_to=first, root=ours)
    friend.like(ours)
    friend.repost(ours)
    bluesky_network.until(lambda: bluesky_network.seen(ours.uri).get("repostCount") == 1, "the repost")

    thread = bluesky.read_thread(account, second.uri, [])

    items = {item.remote_id: item for item in thread.items}
    assert set(items) == {ours.uri, first.uri, second.uri}
    assert items[second.uri].parent_remote_id == first.uri
    assert items[second.uri].kind is Kind.COMMENT
    assert items[ours.uri].counts == {"likes": 1, "reposts": 1, "replies": 1, "quotes": 0}
    assert thread.gone == ()


def test_a_long_conversation_is_read_to_its_end(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    parent, records = ours.value, {}
    for n in range(130):
        key = new_key()
        records[key] = {
            "$type": "app.bsky.feed.post",
            "text": str(n),
            "createdAt": "2026-01-01T08:00:00Z",
            "reply": {"root": ours.value, "parent": parent},
        }
        parent = {"uri": f"at://{citizen.did}/app.bsky.feed.post/{key}", "cid": ours.cid}
    citizen.create_many("app.bsky.feed.post", records)
    bluesky_network.wait_for(parent["uri"])

    thread = bluesky.read_thread(account, ours.uri, [])

    assert {item.text for item in thread.items} == {"Hej", *map(str, range(130))}


def test_a_deleted_comment_is_gone_and_its_neighbours_are_not(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    regretted, kept = citizen.post("Dumt skrivet", reply_to=ours), citizen.post("Klokt skrivet", reply_to=ours)
    citizen.delete(regretted)

    thread = bluesky.read_thread(account, ours.uri, [regretted.uri, kept.uri])

    assert thread.gone == (regretted.uri,)
    assert kept.uri in {item.remote_id for item in thread.items}


def test_answers_under_a_deleted_first_post_are_still_read(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    reply = citizen.post("Svar", reply_to=ours)
    us.delete(ours)

    thread = bluesky.read_thread(account, ours.uri, [ours.uri, reply.uri])

    assert thread.gone == (ours.uri,)
    assert [item.remote_id for item in thread.items] == [reply.uri]


def test_a_comment_by_somebody_who_blocks_us_is_not_taken_for_gone(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    reply = citizen.post("Nu blockerar jag er", reply_to=ours)
    citizen.block(us)
    bluesky_network.until(lambda: "blocked" in str(us.ask("app.bsky.feed.getPostThread", uri=reply.uri)), "the block")

    assert bluesky.read_thread(account, ours.uri, [reply.uri]).gone == ()
    unknown = bluesky.read_thread(account, reply.uri, [])
    assert "Nu blockerar jag er" in {item.text for item in unknown.items}


def test_a_new_display_name_changes_nothing_that_was_written(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen(display_name="Före")
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    reply = citizen.post("Svar", reply_to=ours)
    (before,) = [each for each in bluesky.read_thread(account, ours.uri, []).items if each.remote_id == reply.uri]
    citizen.set_profile("Efter")

    (after,) = [each for each in bluesky.read_thread(account, ours.uri, []).items if each.remote_id == reply.uri]

    assert (before.author.display_name, after.author.display_name) == ("Före", "Efter")
    assert before.author.remote_id == after.author.remote_id
    assert (before.text, before.published_at, before.edited_at) == (after.text, after.published_at, after.edited_at)


def test_the_profile_is_read_with_our_own_key(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen(display_name="Storköpings kommun")

    profile = bluesky.profile(an_account(bluesky_network, us))

    assert (profile.remote_id, profile.handle, profile.display_name) == (us.did, us.handle, "Storköpings kommun")
    assert b"Stork\xc3\xb6pings" in profile.raw


def test_a_profile_that_is_too_new_to_be_known_is_tried_again(bluesky_network: BlueskyNetwork) -> None:
    name = f"ny-{new_key()[-8:]}.test"
    bluesky_network.create_account(name, f"{name}@example.test", "ett lösenord")
    made = connect(bluesky_network.pds_url, name, "ett lösenord", allow_private_hosts=True)
    account = an_account(bluesky_network, bluesky_network.citizen())
    account = type(account)(made.base_url, name, made.remote_id, type(keeper_of(account))(made.secrets), True)

    found = ""
    for _ in range(200):
        try:
            found = bluesky.profile(account).handle
            break
        except Transient:
            continue

    assert found == name


def test_an_answer_is_published_once_with_links_mentions_and_tags(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    question = citizen.post("Var?", reply_to=ours)
    text = f"Åh 👩‍🚀! @{citizen.handle} se https://lillköping.example/båt?x=1. #Öppettider, @ingen.example"

    made = bluesky.publish(account, outgoing(text, parent_remote_id=question.uri, root_remote_id=ours.uri))

    assert isinstance(made, Published)
    assert made.item.text == text
    assert made.item.is_own
    assert (made.item.parent_remote_id, made.item.root_remote_id) == (question.uri, ours.uri)
    assert made.item.language == "sv"
    (record,) = [each["value"] for each in us.posts() if each["uri"] == made.item.remote_id]
    assert record["reply"] == {"root": ours.value, "parent": question.value}
    marked = [
        (text.encode()[each["index"]["byteStart"] : each["index"]["byteEnd"]].decode(), each["features"][0])
        for each in record["facets"]
    ]
    assert [(words, feature["$type"].partition("#")[2]) for words, feature in marked] == [
        (f"@{citizen.handle}", "mention"),
        ("https://lillköping.example/båt?x=1", "link"),
        ("#Öppettider", "tag"),
    ]
    assert marked[0][1]["did"] == citizen.did
    bluesky_network.wait_for(made.item.remote_id)
    assert made.item.remote_id in {item.remote_id for item in bluesky.read_thread(account, ours.uri, []).items}


def test_p24_pictures_go_out_with_the_approved_alt_text_and_come_back_the_same(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    first, second = a_picture(40, 30), a_picture(10, 20, "red")
    pictures = (Picture(first, "image/png", "En blå brygga vid sjön"), Picture(second, "image/png", 'Röd "skylt"'))

    made = bluesky.publish(account, outgoing("Badplatsen", pictures=pictures))

    assert isinstance(made, Published)
    assert [medium.alt for medium in made.item.media] == ["En blå brygga vid sjön", 'Röd "skylt"']
    (record,) = [each["value"] for each in us.posts()]
    sent = record["embed"]["images"]
    assert [each["alt"] for each in sent] == [picture.alt for picture in pictures]
    assert sent[0]["aspectRatio"] == {"width": 40, "height": 30}
    bluesky_network.wait_for(made.item.remote_id)
    (item,) = read_round(account)[0]
    assert item.media == made.item.media
    assert [bluesky.fetch_media(account, each.url, 1_000_000) for each in item.media] == [
        (first, "image/png"),
        (second, "image/png"),
    ]


def test_a_citizens_picture_is_fetched_as_it_was_uploaded(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours, content = us.post("Hej"), a_picture()
    citizen.post("Titta", reply_to=ours, pictures=[(content, "Ett hål i vägen")])

    (item,) = [each for each in read_round(account)[0] if not each.is_own]

    assert [(each.kind, each.alt) for each in item.media] == [(MediaKind.IMAGE, "Ett hål i vägen")]
    assert bluesky.fetch_media(account, item.media[0].url, 1_000_000) == (content, "image/png")
    with pytest.raises(Transient):
        bluesky.fetch_media(account, item.media[0].url, 10)


def test_p03_the_same_call_twice_makes_one_post(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    post = outgoing("En gång")

    first = bluesky.publish(account, post)
    second = bluesky.publish(account, post)

    assert isinstance(first, Published)
    assert isinstance(second, Published)
    assert first.item.remote_id == second.item.remote_id
    assert len(us.posts()) == 1


def test_p03_four_at_once_with_one_key_make_one_post(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account, post = an_account(bluesky_network, us), outgoing("Bara en")

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: bluesky.publish(account, post), range(4)))

    assert {type(each) for each in outcomes} <= {Published, Unknown}
    assert len(us.posts()) == 1


def test_p01_a_lost_answer_is_unknown_and_settled_by_reading_the_key(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    post = outgoing("Kom det ut?")
    with Losing(bluesky_network.pds_url, "repo.putRecord", after=True) as between:
        account = an_account(bluesky_network, us, pds=between.url)

        outcome = bluesky.publish(account, post)
        settled = bluesky.settle(account, post, clock.now())

        assert between.lost == 1

    assert isinstance(outcome, Unknown)
    assert isinstance(settled, Published)
    assert settled.item.text == "Kom det ut?"
    assert settled.item.remote_id.endswith(post.key)
    assert len(us.posts()) == 1


def test_p02_settling_shows_the_latest_posts_when_the_post_is_not_there(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    earlier, post = us.post("Något liknande"), outgoing("Kom det ut?")
    with Losing(bluesky_network.pds_url, "repo.putRecord", after=False) as between:
        account = an_account(bluesky_network, us, pds=between.url)

        outcome = bluesky.publish(account, post)
        soon = bluesky.settle(account, post, clock.now())
        later = bluesky.settle(account, post, clock.now() - timedelta(hours=1))

    assert isinstance(outcome, Unknown)
    assert isinstance(soon, NotThere)
    assert isinstance(later, NotThere)
    assert (soon.certain, later.certain) == (False, True)
    assert [item.remote_id for item in soon.similar] == [earlier.uri]


def test_p01_a_failure_after_the_post_does_not_hide_that_it_was_made(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    with Losing(bluesky_network.pds_url, "repo.getRecord", after=False) as between:
        account = an_account(bluesky_network, us, pds=between.url)

        outcome = bluesky.publish(account, outgoing("Ute"))

    assert isinstance(outcome, Published)
    assert outcome.item.text == "Ute"
    assert [each["uri"] for each in us.posts()] == [outcome.item.remote_id]


def test_what_the_network_would_refuse_is_refused_and_the_longest_is_taken(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)

    longest = bluesky.publish(account, outgoing("å" * 299 + "👩‍👩‍👧"))
    refused = [
        bluesky.publish(account, outgoing("å" * 301)),
        bluesky.publish(account, outgoing("  ")),
        bluesky.publish(account, Outgoing(key="../../x", text="Hej")),
        bluesky.publish(account, outgoing("x", pictures=(Picture(b"x" * 1_000_001, "image/png", ""),))),
    ]

    assert isinstance(longest, Published)
    assert [type(each) for each in refused] == [Refused] * 4
    assert len(us.posts()) == 1


def test_an_answer_to_what_is_gone_is_refused(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    question = citizen.post("Ångrar mig")
    citizen.delete(question)

    outcome = bluesky.publish(account, outgoing("Svar", parent_remote_id=question.uri))

    assert isinstance(outcome, Refused)
    assert us.posts() == []


def test_hidden_replies_stand_in_a_threadgate_and_are_still_read(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours = us.post("Hej")
    first, second = citizen.post("Ett", reply_to=ours), citizen.post("Två", reply_to=ours)

    for uri in (first.uri, second.uri, first.uri):
        bluesky.hide(account, uri)

    (gate,) = us.records("app.bsky.feed.threadgate")
    assert gate["value"]["hiddenReplies"] == [first.uri, second.uri]
    assert gate["value"]["post"] == ours.uri
    assert "allow" not in gate["value"]
    thread = bluesky.read_thread(account, ours.uri, [first.uri])
    assert first.uri in {item.remote_id for item in thread.items}
    with pytest.raises(Misconfigured):
        bluesky.hide(account, citizen.post("Egen tråd").uri)


def test_our_own_post_is_removed_and_anothers_is_not(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    ours, theirs = us.post("Fel"), citizen.post("Rätt")

    bluesky.remove(account, ours.uri)
    bluesky.remove(account, ours.uri)

    assert us.posts() == []
    with pytest.raises(Misconfigured):
        bluesky.remove(account, theirs.uri)


def test_an_account_is_blocked_once(bluesky_network: BlueskyNetwork) -> None:
    us, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)

    bluesky.block(account, citizen.did)
    bluesky_network.until(
        lambda: "blocking" in us.ask("app.bsky.actor.getProfile", actor=citizen.did)["viewer"], "the block"
    )
    bluesky.block(account, citizen.did)

    assert [each["value"]["subject"] for each in us.records("app.bsky.graph.block")] == [citizen.did]


def test_p28_a_session_is_made_once_and_then_refreshed(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    keeper = keeper_of(account)

    for _ in range(5):
        bluesky.read(account, "")
    unchanged = keeper.renewals
    keeper.spoil()
    bluesky.read(account, "")

    assert unchanged == 0
    assert keeper.renewals == 1
    assert keeper.stored["renewals_made"] == "1"
    assert "sessions_made" not in keeper.stored


def test_p28_many_at_once_renew_once(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    keeper_of(account).spoil()

    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(lambda _: bluesky.read(account, ""), range(6)))

    assert len(pages) == 6
    assert keeper_of(account).renewals == 1


def test_p28_a_dead_refresh_token_is_replaced_with_the_app_password(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    keeper = keeper_of(account)
    keeper.spoil()
    keeper.stored["refreshJwt"] = "dead"

    assert bluesky.profile(account).remote_id == us.did
    assert keeper.stored["sessions_made"] == "1"


def test_p06_a_revoked_app_password_asks_for_reconnection(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    password = us.app_password("narvaro")
    account = an_account(bluesky_network, us, password=password)
    us.call("com.atproto.server.revokeAppPassword", name="narvaro")
    keeper_of(account).spoil()

    with pytest.raises(ReconnectNeeded):
        bluesky.read(account, "")
    outcome = bluesky.publish(account, outgoing("Hej"))

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, ReconnectNeeded)
    assert keeper_of(account).stored["app_password"] == password


def test_p06_an_account_the_network_closed_is_not_a_dead_key(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    bluesky_network.take_down(us.did)
    keeper_of(account).spoil()

    with pytest.raises(Misconfigured, match="stängt av kontot"):
        bluesky.read(account, "")


def test_p06_a_key_to_somebody_elses_account_is_not_used(bluesky_network: BlueskyNetwork) -> None:
    us, other = bluesky_network.citizen(), bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    keeper = keeper_of(account)
    keeper.stored |= {"accessJwt": "", "refreshJwt": "", "identifier": other.did, "app_password": other.app_password()}

    with pytest.raises(ReconnectNeeded, match="annat Bluesky-konto"):
        bluesky.read(account, "")


def test_p08_the_probe_tries_each_right_and_leaves_nothing_behind(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()

    with_app_password = bluesky.probe(an_account(bluesky_network, us))
    with_own_password = bluesky.probe(an_account(bluesky_network, us, password=us.password))

    assert {each.capability for each in with_app_password if each.works} == set(Capability) - {Capability.READ_PRIVATE}
    assert not any(each.note for each in with_app_password if each.works)
    assert "applösenord" in {each.capability: each.note for each in with_own_password}[Capability.PUBLISH]
    assert us.posts() == []


def test_connecting_gives_what_is_to_be_stored(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    password = us.app_password()

    made = connect(bluesky_network.pds_url, f"@{us.handle}", f" {password} ", allow_private_hosts=True)

    assert (made.remote_id, made.handle) == (us.did, us.handle)
    assert made.secrets["app_password"] == password
    assert made.secrets["pds"] == bluesky_network.pds_url
    with pytest.raises(ReconnectNeeded):
        connect(bluesky_network.pds_url, us.handle, "fel", allow_private_hosts=True)
    with pytest.raises(Misconfigured):
        connect(bluesky_network.plc_url, us.handle, password, allow_private_hosts=True)
    with pytest.raises(Misconfigured):
        connect(bluesky_network.pds_url, us.handle, password)


def test_the_service_of_an_account_is_found_by_its_handle(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    places = {"resolver": bluesky_network.pds_url, "directory": bluesky_network.plc_url, "allow_private_hosts": True}

    assert service_for(f"@{us.handle}", **places) == bluesky_network.pds_url
    assert service_for(us.did, **places) == bluesky_network.pds_url
    with pytest.raises(Misconfigured, match="inget Bluesky-konto"):
        service_for("ingen-alls.test", **places)


def test_p08_the_probe_tells_of_settings_that_hide_what_people_write(bluesky_network: BlueskyNetwork) -> None:
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    us.call("app.bsky.notification.putPreferencesV2", reply={"include": "follows", "list": True, "push": False})

    def note() -> str:
        return {each.capability: each.note for each in bluesky.probe(account)}[Capability.READ]

    bluesky_network.until(lambda: "begränsade" in note(), "the setting")

    assert "begränsade" in note()


def test_keys_are_taken_by_the_network_and_never_repeat() -> None:
    keys = [new_key() for _ in range(1000)]

    assert len(set(keys)) == 1000
    assert keys == sorted(keys)
    assert Ref(f"at://did:plc:x/app.bsky.feed.post/{keys[0]}", "").rkey == keys[0]

"""Servers that are not at hand: GoToSocial, Takahē, Pleroma, new and old Mastodon. Shapes after recorded answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from narvaro.base import clock
from narvaro.connectors.client import raw_items
from narvaro.connectors.mastodon import Mastodon
from narvaro.connectors.mastodon.connector import limits_of
from narvaro.connectors.mastodon.statuses import Us, item_of
from narvaro.connectors.mastodon.tests.conftest import read_all
from narvaro.connectors.mastodon.tests.dialects import OURS, US, Dialect, a_mention, a_person, a_status, an_account
from narvaro.connectors.port import (
    Account,
    Item,
    Kind,
    Outgoing,
    Published,
    ReconnectNeeded,
    Refused,
    Unknown,
    Visibility,
)
from narvaro.testing.servers.scripted import Call, Said, Scripted

RECORDED = Path(__file__).parent / "recorded"


@contextmanager
def talking(dialect: Dialect) -> Iterator[tuple[Account, Scripted]]:
    with Scripted(dialect) as server:
        yield an_account(server.base_url), server


def mentions(numbers: range, shape: str = "{}") -> list[dict[str, Any]]:
    """Mentions newest first."""
    return [a_mention(shape.format(n), a_status("s" + shape.format(n), f"Fråga {n}")) for n in reversed(numbers)]


SHAPES = {"number": "{:06}", "ulid": "01M7WYK2BA58JY5J5PDXZXG{:03X}", "flake": "AsKwzO{:05}Z", "hex": "f{:x}"}


@pytest.mark.parametrize("sends_links", [True, False])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_p10_every_shape_of_id_is_paged_down_to_the_known(shape: str, sends_links: bool):
    dialect = Dialect(mentions(range(95), shape), sends_links=sends_links, page_size=20)
    with talking(dialect) as (account, _server):
        first, page = read_all(account)
        dialect.mentions = mentions(range(160), shape)
        second, page = read_all(account, page.next_cursor)
        third, _page = read_all(account, page.next_cursor)

    assert len({item.remote_id for item in first}) == 95
    assert {item.text for item in second} == {f"Fråga {n}" for n in range(95, 160)}
    assert not third
    assert not page.gap_reason


def test_ids_without_any_order_lose_nothing():
    ids = [f"{(number * 7919) % 100003:x}" for number in range(150)]
    told = [a_mention(f"n{each}", a_status(each)) for each in ids]
    dialect = Dialect(told[50:], sends_links=False)
    with talking(dialect) as (account, _server):
        first, page = read_all(account)
        dialect.mentions = told
        second, _page = read_all(account, page.next_cursor)

    assert [item.remote_id for item in first] == ids[50:]
    assert [item.remote_id for item in second] == ids[:50]


def a_quote(remote_id: str, status: dict[str, Any]) -> dict[str, Any]:
    """Mastodon 4.5's notification: the quoted status may be told by its id alone."""
    return a_mention(remote_id, {**status, "quote": {"state": "pending", "quoted_status_id": "1"}}, type="quote")


@pytest.mark.parametrize("quote", [a_status("1", by=US), {"state": "accepted", "quoted_status": a_status("1", by=US)}])
def test_a_quote_of_ours_is_one_however_the_server_shows_it(quote: dict[str, Any]):
    """Akkoma gives the quoted status itself, Mastodon wraps it."""
    told = a_mention("n1", a_status("s1", "Titta", quote=quote))
    with talking(Dialect([told])) as (account, _server):
        found, _page = read_all(account)

    assert [item.kind for item in found] == [Kind.QUOTE]


@pytest.mark.parametrize(("mends", "is_told"), [("drop", True), ("filter", False), (None, False)])
def test_p08_a_setting_that_throws_mentions_away_is_told(mends: str | None, is_told: bool):
    dialect = Dialect()

    def answers(call: Call) -> Said:
        if call.path == "/api/v2/notifications/policy" and mends:
            return Said(body={"for_not_following": mends, "for_new_accounts": "accept", "summary": {}})
        return dialect(call)

    with Scripted(answers) as server:
        reads = next(each for each in Mastodon().probe(an_account(server.base_url)) if each.capability == "read")

    assert reads.works
    assert ("kastar bort" in reads.note) is is_told


def asked_of(server: Scripted, kind: str) -> int:
    return sum(call.query.get("types[]") == kind for call in server.calls)


def test_who_quotes_us_is_read_where_the_server_tells_of_it():
    quotes = [a_quote(f"q{n:02}", a_status(f"sq{n:02}", f"Se här {n}")) for n in reversed(range(30))]
    dialect = Dialect(mentions(range(3)), quotes=quotes[10:], api_version=7, page_size=20)
    with talking(dialect) as (account, server):
        first, page = read_all(account)
        dialect.quotes = quotes
        second, page = read_all(account, page.next_cursor)
        third, _page = read_all(account, page.next_cursor)

    assert sorted(item.text for item in first if item.kind is Kind.QUOTE) == sorted(f"Se här {n}" for n in range(20))
    assert {item.text for item in first if item.kind is Kind.MENTION} == {f"Fråga {n}" for n in range(3)}
    assert {item.text for item in second} == {f"Se här {n}" for n in range(20, 30)}
    assert not third
    assert not page.gap_reason
    assert sum(call.path == "/api/v2/instance" for call in server.calls) == 1  # not at every reading


@pytest.mark.parametrize(
    "how",
    [
        {},  # no number at all: GoToSocial, Pleroma, Takahē, snac
        {"api_version": 6},  # Mastodon 4.4
        {"api_version": 7, "instance_status": 500},  # cannot say just now
        {"api_version": 7},  # says so, and refuses all the same
    ],
)
def test_a_server_that_does_not_know_quotes_loses_no_mention(how: dict[str, int]):
    dialect = Dialect(mentions(range(30)), **how)
    with talking(dialect) as (account, server):
        found, page = read_all(account)

    assert len(found) == 30
    assert page.complete_to is not None
    assert not page.gap_reason
    assert asked_of(server, "quote") == (how == {"api_version": 7})


def test_a_server_that_ignores_kinds_tells_of_quotes_among_the_mentions():
    quote = a_quote("n9", a_status("s9", "Titta vad de skriver"))
    with talking(Dialect([quote, *mentions(range(2))])) as (account, _server):
        found, _page = read_all(account)

    assert {item.kind for item in found if item.text == "Titta vad de skriver"} == {Kind.QUOTE}
    assert len(found) == 3


@pytest.mark.parametrize("how", [{"ignores_since": True}, {"since_gives_nothing": True}])
def test_a_server_that_misunderstands_since_loses_nothing(how: dict[str, bool]):
    dialect = Dialect(mentions(range(60)), **how)
    with talking(dialect) as (account, _server):
        _first, page = read_all(account)
        dialect.mentions = mentions(range(105))
        second, _page = read_all(account, page.next_cursor)

    assert len(second) == 45


def test_one_that_became_visible_late_and_out_of_order_is_given():
    told = mentions(range(40))
    late = told.pop(3)
    dialect = Dialect(told)
    with talking(dialect) as (account, _server):
        _first, page = read_all(account)
        dialect.mentions = [*told[:3], late, *told[3:]]
        second, _page = read_all(account, page.next_cursor)

    assert [item.remote_id for item in second] == [late["status"]["id"]]


def test_a_list_cut_before_anything_known_is_told_as_a_gap_once():
    dialect = Dialect(mentions(range(30)), ignores_since=True, sends_links=False)
    with talking(dialect) as (account, _server):
        _first, before = read_all(account)
        dialect.mentions = mentions(range(50, 114))
        given, reasons, cursor = [], [], before.next_cursor
        for _page in range(20):
            page = Mastodon().read(account, cursor)
            given += page.items
            reasons += [page.gap_reason] if page.gap_reason else []
            cursor = page.next_cursor
            if not page.has_more:
                break
        _again, after = read_all(account, cursor)

    assert len(given) == 64
    assert len(reasons) == 1
    assert "senaste inläggen" in reasons[0]
    assert after.gap_reason == ""


def test_a_few_new_after_the_known_were_dismissed_are_no_gap():
    dialect = Dialect(mentions(range(30)))
    with talking(dialect) as (account, _server):
        _first, page = read_all(account)
        dialect.mentions = mentions(range(30, 40))
        given, page = read_all(account, page.next_cursor)

    assert len(given) == 10
    assert page.gap_reason == ""


def test_p10_favourites_and_boosts_are_never_items_even_when_the_server_sends_them():
    told = mentions(range(10))
    for number, each in enumerate(told):
        if number % 2:
            each["type"] = "favourite"
    with talking(Dialect(told)) as (account, _server):
        items, _page = read_all(account)

    assert len(items) == 5


def test_tf_2_what_is_dated_back_or_comes_late_was_received_when_our_server_told_of_it():
    """Else it would look like something from before the channel was in operation, and nobody would see it."""
    told_at = clock.now().replace(microsecond=0) - timedelta(minutes=3)
    late = a_mention("n2", a_status("2", "Sen", created_at="2019-01-01T00:00:00Z"), created_at=told_at.isoformat())
    odd = a_mention("n1", a_status("1", "Udda"), created_at=(clock.now() + timedelta(days=9)).isoformat())
    plain = a_mention("n0", a_status("0", "Vanlig"), created_at=None)
    with talking(Dialect([late, odd, plain])) as (account, _server):
        found = {item.text: item.published_at for item in read_all(account)[0]}

    assert found["Sen"] == told_at
    assert found["Udda"] <= clock.now()
    assert found["Vanlig"] == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_p10_mentions_that_mastodon_puts_aside_as_requests_are_read():
    aside = a_mention("9", a_status("900", "Från en främling"))
    request = {"id": "r1", "notifications_count": "1", "account": aside["account"], "last_status": aside["status"]}
    dialect = Dialect(mentions(range(3)), requests=[request])
    with talking(dialect) as (account, server):
        items, page = read_all(account)
        again, _page = read_all(account, page.next_cursor)

    assert "900" in {item.remote_id for item in items}
    assert not again
    asked = [call for call in server.calls if call.path == "/api/v1/notifications"]
    assert all(call.query["include_filtered"] == "true" for call in asked)
    assert all(call.query["types[]"] == "mention" for call in asked)


def test_an_answer_deep_in_our_thread_knows_its_first_post():
    post = a_status("1", by=US)
    first = a_status("2", in_reply_to_id="1", in_reply_to_account_id=OURS)
    deep = a_status("3", "@kommunen", in_reply_to_id="2", in_reply_to_account_id="200")
    dialect = Dialect([a_mention("n3", deep)], contexts={"3": {"ancestors": [post, first], "descendants": []}})
    with talking(dialect) as (account, _server):
        items, _page = read_all(account)

    assert [(item.kind, item.root_remote_id) for item in items] == [(Kind.COMMENT, "1")]


def test_a_mention_in_somebody_elses_thread_is_a_mention():
    other = a_status("1")
    deep = a_status("3", "@kommunen", in_reply_to_id="1", in_reply_to_account_id="200")
    dialect = Dialect([a_mention("n3", deep)], contexts={"3": {"ancestors": [other], "descendants": []}})
    with talking(dialect) as (account, _server):
        items, _page = read_all(account)

    assert [(item.kind, item.root_remote_id) for item in items] == [(Kind.MENTION, "1")]


def test_the_first_reading_walks_every_old_thread_that_has_answers():
    own = [a_status(f"p{number}", by=US, replies_count=number % 2) for number in range(60)]
    answers = {
        f"p{number}": {"ancestors": [], "descendants": [a_status(f"a{number}", in_reply_to_id=f"p{number}")]}
        for number in range(1, 60, 2)
    }
    with talking(Dialect(own=own, contexts=answers)) as (account, _server):
        items, _page = read_all(account)

    assert {f"a{number}" for number in range(1, 60, 2)} <= {item.remote_id for item in items}


def test_conversations_give_direct_messages_that_were_never_notified():
    message = a_status("m1", "Hemligt", visibility="direct")
    talk = {"id": "c1", "unread": True, "accounts": [a_person("200", "invanare")], "last_status": message}
    with talking(Dialect(conversations=[talk])) as (account, _server):
        items, page = read_all(account)
        again, _page = read_all(account, page.next_cursor)

    assert [(item.remote_id, item.visibility, item.kind) for item in items] == [
        ("m1", Visibility.PRIVATE, Kind.MESSAGE)
    ]
    assert not again


@pytest.mark.parametrize("status", [401, 422, 400])
def test_p06_a_dead_key_is_told_apart_from_a_bad_post_by_asking_who_we_are(status: int):
    dialect = Dialect(bad_token_status=status)
    with talking(dialect) as (_account, server):
        dead = an_account(server.base_url, "en-annan-nyckel")

        with pytest.raises(ReconnectNeeded):
            Mastodon().read(dead, "")
        outcome = Mastodon().publish(dead, Outgoing("n", "Hej"))

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, ReconnectNeeded)


@pytest.mark.parametrize("status", [400, 422])
def test_a_post_that_is_too_long_is_refused_without_blaming_the_key(status: int):
    dialect = Dialect()

    def answers(call: Call) -> Said:
        if call.method == "POST":
            return Said(status, {"error": "Validation failed: Text limit of 500 exceeded"})
        return dialect(call)

    with Scripted(answers) as server:
        outcome = Mastodon().publish(an_account(server.base_url), Outgoing("n", "Hej" * 400))

    assert isinstance(outcome, Refused)
    assert "Text limit" in outcome.reason
    assert not isinstance(outcome.error, ReconnectNeeded)


@pytest.mark.parametrize(
    "said",
    [
        Said(503),
        Said(500, {"error": "x"}),
        Said(504, b"<html>Gateway</html>"),
        Said(200, b"<html>ok</html>"),
        Said(200, b'{"id": "1", "acc'),
        Said(200, {"ok": True}),
        Said(200, []),
        Said(hang_up=True),
        Said(200, b"{}", length=5000),
    ],
)
def test_p01_whatever_goes_wrong_after_sending_is_unknown_and_sent_once(said: Said):
    dialect = Dialect()

    with Scripted(lambda call: said if call.method == "POST" else dialect(call)) as server:
        outcome = Mastodon().publish(an_account(server.base_url), Outgoing("n", "Hej"))

    assert isinstance(outcome, Unknown)
    assert "oklart" in outcome.reason
    assert len([call for call in server.calls if call.method == "POST"]) == 1


@pytest.mark.parametrize("status", [302, 403, 404, 413, 429])
def test_a_no_before_anything_happened_is_a_refusal(status: int):
    dialect = Dialect()
    no = Said(status, {"error": "nej"}, headers={"retry-after": "30", "location": "https://annan.example/"})

    with Scripted(lambda call: no if call.method == "POST" else dialect(call)) as server:
        outcome = Mastodon().publish(an_account(server.base_url), Outgoing("n", "Hej"))

    assert isinstance(outcome, Refused)
    assert len([call for call in server.calls if call.method == "POST"]) == 1


def test_a_server_that_is_not_there_refuses_and_nothing_was_sent():
    with Scripted(Dialect()) as server:
        account = an_account(server.base_url)

    assert isinstance(Mastodon().publish(account, Outgoing("n", "Hej")), Refused)


def test_an_answer_is_never_wider_than_what_it_answers():
    sent: list[dict[str, Any]] = []
    dialect = Dialect()

    def answers(call: Call) -> Said:
        if call.method == "POST":
            sent.append(call.json())
            return Said(body=a_status("9", by=US, in_reply_to_id="m1", visibility=call.json()["visibility"]))
        if call.path == "/api/v1/statuses/m1":
            return Said(body=a_status("m1", visibility="direct"))
        return dialect(call)

    with Scripted(answers) as server:
        post = Outgoing("n", "Hej", parent_remote_id="m1", mention_handle="invanare@annan.example")
        outcome = Mastodon().publish(an_account(server.base_url), post)

    assert isinstance(outcome, Published)
    assert sent[0]["visibility"] == "direct"
    assert sent[0]["status"] == "@invanare@annan.example Hej"
    assert "scheduled_at" not in sent[0]


def test_the_name_is_not_said_twice():
    sent: list[str] = []

    def answers(call: Call) -> Said:
        if call.method == "POST":
            sent.append(call.json()["status"])
            return Said(body=a_status("9", by=US))
        return Said(body=a_status("m1"))

    with Scripted(answers) as server:
        for text in ("@invanare Hej", "Hej @Invanare@social.example!", "@invanare2 hej", "a@invanare hej"):
            post = Outgoing("n", text, parent_remote_id="m1", mention_handle="invanare@social.example")
            Mastodon().publish(an_account(server.base_url), post)

    assert sent == [
        "@invanare Hej",
        "Hej @Invanare@social.example!",
        "@invanare @invanare2 hej",
        "@invanare a@invanare hej",
    ]


@pytest.mark.parametrize("name", ["gotosocial-public", "mock-public"])
def test_recorded_timelines_become_items_with_their_exact_bytes(name: str):
    body = (RECORDED / f"{name}.json").read_bytes()

    items = [item_of(status, raw, Us("nobody", "social.example")) for status, raw in raw_items(body)]

    assert items
    for item in items:
        assert isinstance(item, Item)
        assert item.raw in body
        assert item.text
        assert item.author.handle.count("@") == 1


def test_a_length_that_only_the_older_description_tells_is_found_there():
    dialect = Dialect(instance={"max_toot_chars": 3000, "description_limit": 2000})

    def answers(call: Call) -> Said:
        return Said(body={"title": "Ny"}) if call.path == "/api/v2/instance" else dialect(call)

    with Scripted(answers) as server:
        assert Mastodon().limits(an_account(server.base_url)).max_length == 3000


def test_limits_are_read_from_every_kind_of_instance():
    mock = json.loads((RECORDED / "mock-instance2.json").read_bytes())

    assert limits_of(mock).max_length == 500
    assert limits_of(mock).url_length == 23
    assert limits_of(mock).max_picture_bytes == 10_485_760
    assert limits_of({"max_toot_chars": 5000, "description_limit": 5000}).max_length == 5000
    assert limits_of({"max_toot_chars": 5000, "description_limit": 5000}).max_alt_length == 5000
    assert limits_of({}).max_length == 500
    assert limits_of({"configuration": {"statuses": {"max_characters": "många"}}}).max_length == 500
    assert limits_of({"configuration": {"statuses": {"max_characters": "2000"}}}).max_length == 2000
    assert limits_of({"max_toot_chars": "5000"}).max_length == 5000

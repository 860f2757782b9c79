"""What a broken, slow or hostile server can do: a clear error or a kept item, never a lost neighbour."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from narvaro.base import clock
from narvaro.connectors.bluesky import Bluesky, graphemes
from narvaro.connectors.bluesky.tests.accounts import (
    ME,
    OTHER,
    Scripted,
    an_unreal_account,
    keeper_of,
    outgoing,
    read_round,
)
from narvaro.connectors.port import (
    Misconfigured,
    NotThere,
    PlatformError,
    Published,
    ReconnectNeeded,
    Refused,
    Transient,
    Unknown,
)

bluesky = Bluesky()
LIST = "app.bsky.notification.listNotifications"
POSTS = "app.bsky.feed.getPosts"
PUT = "com.atproto.repo.putRecord"
GET = "com.atproto.repo.getRecord"
REFRESH = "com.atproto.server.refreshSession"
SIGN_IN = "com.atproto.server.createSession"
EXPIRED = (400, {"error": "ExpiredToken", "message": "Token has expired"})


def a_notice(key: str = "3aaaaaaaaaaaa", text: Any = "Hej", **fields: Any) -> dict[str, Any]:
    return {
        "uri": f"at://{OTHER}/app.bsky.feed.post/{key}",
        "cid": "bafy",
        "author": {"did": OTHER, "handle": "invanare.test", "displayName": "Invånare"},
        "reason": "reply",
        "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-01-01T08:00:00Z"},
        "indexedAt": "2026-01-01T08:00:00Z",
        **fields,
    }


def told(*notices: Any, **more: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"notifications": list(notices), **more}


def test_an_author_who_dates_a_post_back_moves_no_deadline(scripted: Scripted) -> None:
    """Received when it was there for us to read, not when the author's app says. Law: TF-2, FL-6."""
    account, begun = an_unreal_account(scripted.url), datetime(2026, 11, 24, 8, tzinfo=UTC)
    with clock.frozen(begun):
        _found, cursor, _last = read_round(account)
    with clock.frozen(begun + timedelta(hours=1)):
        _found, cursor, last = read_round(account, cursor)

    backdated = a_notice(indexedAt="2020-01-01T08:00:00Z")  # an AppView sorts by the earlier of its own time and theirs
    scripted.told[LIST] = told(backdated)
    with clock.frozen(begun + timedelta(hours=2)):
        (item,), cursor, _last = read_round(account, cursor)
        again, _cursor, _last = read_round(account, cursor)

    assert item.published_at == last.complete_to == begun + timedelta(hours=1, seconds=-10)
    assert json.loads(item.raw)["record"]["createdAt"] == "2026-01-01T08:00:00Z"  # the claim is kept as it was made
    assert not again


def test_the_network_s_own_time_is_when_a_post_came_in(scripted: Scripted) -> None:
    """What the platform attests is never moved. Law: TF-2, FL-6."""
    account, begun = an_unreal_account(scripted.url), datetime(2026, 11, 24, 8, tzinfo=UTC)
    with clock.frozen(begun):
        _found, cursor, _last = read_round(account)
    notice = a_notice(indexedAt="2026-11-24T08:00:30Z")
    scripted.told[LIST] = told(notice)
    scripted.told[POSTS] = 200, {"posts": [notice | {"indexedAt": "2026-11-24T08:00:40Z"}]}
    with clock.frozen(begun + timedelta(hours=1)):
        (item,), _cursor, _last = read_round(account, cursor)

    assert item.published_at == begun + timedelta(seconds=40)  # the later: either may be the author's own


def test_nothing_has_come_in_later_than_it_was_read(scripted: Scripted) -> None:
    """A network whose clock is ahead gives no longer deadline. Law: TF-2, FL-6."""
    moment = datetime(2026, 11, 24, 8, tzinfo=UTC)
    scripted.told[LIST] = told(a_notice(indexedAt="2026-11-24T09:00:00Z"))

    with clock.frozen(moment):
        (item,), _cursor, _last = read_round(an_unreal_account(scripted.url))

    assert item.published_at == moment


def test_the_first_reading_takes_the_network_at_its_word(scripted: Scripted) -> None:
    scripted.told[LIST] = told(a_notice(indexedAt="2020-01-01T08:00:00Z"))

    (item,), _cursor, _last = read_round(an_unreal_account(scripted.url))

    assert item.published_at == datetime(2020, 1, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"{"),
        (200, b""),
        (200, b"[]"),
        (200, b"null"),
        (200, b"\xff\xfe\x00"),
        (200, b"[" * 200_000),
        (200, b'{"a":' * 200_000),
        (200, b"<html>Inloggning</html>", {"content-type": "text/html"}),
        (500, b"<html>502</html>"),
        (503, {"error": "NotEnoughResources"}),
        (502, {"error": "UpstreamFailure"}),
        (400, {"error": "UpstreamTimeout"}),
        (302, b"", {"location": "http://169.254.169.254/"}),
        (418, {"error": ["x"], "message": {"y": 1}}),
    ],
)
def test_a_broken_answer_is_an_error_in_words(scripted: Scripted, answer: Any) -> None:
    scripted.told[LIST] = answer

    with pytest.raises(PlatformError) as caught:
        bluesky.read(an_unreal_account(scripted.url), "")

    assert str(caught.value)
    assert not isinstance(caught.value, ReconnectNeeded)


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, [[]], True, 1e400])
@pytest.mark.parametrize("field", ["uri", "author", "record", "reason", "indexedAt", "cid"])
def test_a_broken_neighbour_loses_nobody(scripted: Scripted, field: str, wrong: Any) -> None:
    whole = a_notice("3bbbbbbbbbbbb")
    scripted.told[LIST] = told(a_notice(**{field: wrong}), wrong, whole)

    found, _cursor, _last = read_round(an_unreal_account(scripted.url))

    assert whole["uri"] in {item.remote_id for item in found}


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, [7], True])
def test_a_record_with_anything_in_its_fields_is_still_read(scripted: Scripted, wrong: Any) -> None:
    names = ("text", "createdAt", "reply", "embed", "facets", "langs", "labels", "tags")
    record = {"$type": "app.bsky.feed.post", **dict.fromkeys(names, wrong)}
    nested = {"reply": {"root": wrong, "parent": wrong}, "embed": {"$type": "app.bsky.embed.images", "images": [wrong]}}
    scripted.told[LIST] = told(a_notice("3aaaaaaaaaaaa", record=record), a_notice(record={**record, **nested}))

    found, _cursor, _last = read_round(an_unreal_account(scripted.url))

    assert found


@pytest.mark.parametrize(
    "text",
    [
        "\u202eomvänd\u202c \u2066isolerad\u2069 \u200b\u200d\ufeff",
        "<script>alert(1)</script>",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍",
        "å" * 3_000_000,
    ],
)
def test_strange_text_is_kept_as_it_is(scripted: Scripted, text: str) -> None:
    name = {"did": OTHER, "handle": "x.test", "displayName": text[:200]}
    scripted.told[LIST] = told(a_notice(text=text, author=name), a_notice("3bbbbbbbbbbbb"))

    found, _cursor, _last = read_round(an_unreal_account(scripted.url))

    assert [item.text for item in found] == [text, "Hej"]
    assert found[0].author.display_name == text[:200]


def test_signs_no_database_can_hold_are_replaced_in_the_text_and_kept_in_the_bytes(scripted: Scripted) -> None:
    body = json.dumps(told(a_notice(text="noll\x00halv\ud83d"))[1]).encode()
    scripted.told[LIST] = (200, body)

    (item,) = read_round(an_unreal_account(scripted.url))[0]

    assert item.text == "noll\ufffdhalv\ufffd"
    item.text.encode()
    assert b"noll" in item.raw


def test_the_bytes_of_a_post_are_those_the_network_sent(scripted: Scripted) -> None:
    """Spaces, order and escapes too, whether the post comes in a list, a notification, a feed or a thread."""

    def odd(post: str, **outside: Any) -> bytes:
        key, by = post.rpartition("/")[2], json.dumps({"did": post.split("/")[2], "handle": "x.test"})
        record = '{"text":"r\\u00e5v","createdAt":"2026-01-01T08:00:00Z"}'
        more = "".join(f", {json.dumps(name)}: {json.dumps(value)}" for name, value in outside.items())
        return (
            f'{{ "indexedAt" :"2026-01-01T08:00:00Z","x":1.0e0, "uri":"{post}", "cid":"{key}","author":{by},'
            f'"reason":"reply","record":{record}{more}}}'
        ).encode()

    theirs, gone, ours = (
        f"at://{did}/app.bsky.feed.post/3{key * 12}" for did, key in ((OTHER, "a"), (OTHER, "b"), (ME, "c"))
    )
    scripted.told[LIST] = 200, b'{"notifications": [' + odd(theirs) + b" ,\n" + odd(gone) + b"]}"
    scripted.told[POSTS] = 200, b'{"posts":[ ' + odd(theirs, likeCount=2) + b"]}"
    scripted.told["app.bsky.feed.getAuthorFeed"] = 200, b'{"feed":[{"post" : ' + odd(ours) + b"}]}"

    found = {item.remote_id: item.raw for item in read_round(an_unreal_account(scripted.url))[0]}

    assert found == {theirs: odd(theirs, likeCount=2), gone: odd(gone), ours: odd(ours)}


def test_an_author_who_is_not_the_one_of_the_address_is_not_believed(scripted: Scripted) -> None:
    scripted.told[LIST] = told(a_notice(author={"did": ME, "handle": "kommunen.test"}))

    assert read_round(an_unreal_account(scripted.url))[0] == []


def test_p10_pages_without_end_are_ended_and_said(scripted: Scripted) -> None:
    scripted.told[LIST] = told(a_notice(), cursor="samma")

    found, cursor, last = read_round(an_unreal_account(scripted.url))

    assert {item.remote_id for item in found} == {a_notice()["uri"]}
    assert last.gap_reason
    assert last.gap_from is None  # from the beginning
    assert last.complete_to is not None  # until when
    assert read_round(an_unreal_account(scripted.url), cursor)[0] == []


def test_p10_empty_pages_with_ever_new_cursors_are_ended_and_said(scripted: Scripted) -> None:
    numbers = iter(range(10_000))
    scripted.told[LIST] = lambda _query: told(cursor=str(next(numbers)))

    found, _cursor, last = read_round(an_unreal_account(scripted.url), most=100)

    assert found == []
    assert last.gap_reason


@pytest.mark.parametrize("cursor", ["x", "[]", "null", '{"v":2}', '{"v":1,"feed":7,"notifications":{"page":[]}}'])
def test_a_cursor_that_is_not_ours_starts_anew(scripted: Scripted, cursor: str) -> None:
    scripted.told[LIST] = told(a_notice())

    assert [item.text for item in read_round(an_unreal_account(scripted.url), cursor)[0]] == ["Hej"]


def test_a_page_the_network_has_forgotten_is_read_from_the_top(scripted: Scripted) -> None:
    bad = (400, {"error": "InvalidRequest", "message": "Malformed cursor"})
    scripted.told[LIST] = lambda query: bad if "cursor" in query else told(a_notice(), cursor="sida-2")
    account = an_unreal_account(scripted.url)
    first = bluesky.read(account, "")

    second = bluesky.read(account, first.next_cursor)

    assert first.has_more
    assert [item.text for item in second.items] == ["Hej"]


def test_p06_a_rate_limit_is_waited_for_as_long_as_it_says(scripted: Scripted) -> None:
    reset = str(int(clock.now().timestamp()) + 90)
    scripted.told[LIST] = (429, {"error": "RateLimitExceeded"}, {"ratelimit-reset": reset})

    with pytest.raises(Transient) as caught:
        bluesky.read(an_unreal_account(scripted.url), "")

    assert 80 < (caught.value.retry_after_seconds or 0) <= 90


def test_p06_a_busy_server_while_renewing_is_not_a_dead_key(scripted: Scripted) -> None:
    scripted.told |= {LIST: EXPIRED, REFRESH: (503, b"")}
    account = an_unreal_account(scripted.url)

    with pytest.raises(Transient):
        bluesky.read(account, "")

    assert SIGN_IN not in scripted.calls
    assert keeper_of(account).stored["refreshJwt"] == "r"


def test_p06_an_own_password_with_a_second_factor_is_told_apart(scripted: Scripted) -> None:
    scripted.told |= {LIST: EXPIRED, REFRESH: EXPIRED, SIGN_IN: (401, {"error": "AuthFactorTokenRequired"})}

    with pytest.raises(ReconnectNeeded, match="engångskod"):
        bluesky.read(an_unreal_account(scripted.url), "")


@pytest.mark.parametrize("token", ["", None, [], "rad\nbrytning", "åäö"])
def test_p07_an_empty_or_broken_token_never_replaces_a_stored_one(scripted: Scripted, token: Any) -> None:
    answer = (200, {"accessJwt": token, "refreshJwt": token, "did": ME})
    scripted.told |= {LIST: EXPIRED, REFRESH: answer, SIGN_IN: answer}
    account = an_unreal_account(scripted.url)
    before = dict(keeper_of(account).stored)

    with pytest.raises(PlatformError):
        bluesky.read(account, "")

    after = keeper_of(account).stored
    assert after["refreshJwt"] == before["refreshJwt"]
    assert after["app_password"] == before["app_password"]
    assert all(after.values())


def test_p07_a_renewal_without_a_refresh_token_keeps_the_stored_one(scripted: Scripted) -> None:
    scripted.told[LIST] = EXPIRED
    scripted.told[REFRESH] = (200, {"accessJwt": "ny", "refreshJwt": "", "did": ME})
    account = an_unreal_account(scripted.url)

    with pytest.raises(ReconnectNeeded):  # this server never accepts any token
        bluesky.read(account, "")

    assert (keeper_of(account).stored["accessJwt"], keeper_of(account).stored["refreshJwt"]) == ("ny", "r")
    assert scripted.calls.count(LIST) == 2


def test_p28_a_server_that_never_accepts_a_token_is_not_signed_in_to_without_end(scripted: Scripted) -> None:
    scripted.told |= {LIST: EXPIRED, REFRESH: EXPIRED, SIGN_IN: (200, {"accessJwt": "n", "refreshJwt": "m", "did": ME})}
    account = an_unreal_account(scripted.url)

    for _ in range(60):
        with pytest.raises(PlatformError):
            bluesky.read(account, "")

    assert scripted.calls.count(SIGN_IN) <= 40


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_p01_a_failing_server_at_the_moment_of_publishing_leaves_it_unknown(scripted: Scripted, status: int) -> None:
    scripted.told[PUT] = (status, {"error": "InternalServerError"})

    assert isinstance(bluesky.publish(an_unreal_account(scripted.url), outgoing("Hej")), Unknown)
    assert scripted.calls.count(PUT) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 302])
def test_p01_a_refusal_is_a_refusal_after_one_attempt(scripted: Scripted, status: int) -> None:
    scripted.told[PUT] = (status, {"error": "InvalidRequest", "message": "Nej"})

    assert isinstance(bluesky.publish(an_unreal_account(scripted.url), outgoing("Hej")), Refused)
    assert scripted.calls.count(PUT) == 1


@pytest.mark.parametrize("body", [b"{", b"", b"<html>", b"[]", b"{}"])
def test_p01_a_success_in_broken_words_is_still_a_success(scripted: Scripted, body: bytes) -> None:
    scripted.told[PUT] = (200, body)
    post = outgoing("Ute")

    outcome = bluesky.publish(an_unreal_account(scripted.url), post)

    assert isinstance(outcome, Published)
    assert outcome.item.remote_id == f"at://{ME}/app.bsky.feed.post/{post.key}"
    assert outcome.item.text == "Ute"


def test_p02_settling_says_unknown_when_it_cannot_read(scripted: Scripted) -> None:
    scripted.told[GET] = (500, b"")

    assert isinstance(bluesky.settle(an_unreal_account(scripted.url), outgoing("Hej"), clock.now()), Unknown)


def test_p02_only_the_networks_own_word_makes_a_post_not_there(scripted: Scripted) -> None:
    scripted.told["com.atproto.repo.listRecords"] = (200, {"records": []})
    scripted.told[GET] = (400, {"error": "InvalidRequest", "message": "Something else"})
    other = bluesky.settle(an_unreal_account(scripted.url), outgoing("Hej"), clock.now())
    scripted.told[GET] = (400, {"error": "RecordNotFound", "message": "Could not locate record"})
    missing = bluesky.settle(an_unreal_account(scripted.url), outgoing("Hej"), clock.now())

    assert isinstance(other, Unknown)
    assert isinstance(missing, NotThere)


def test_a_server_in_trouble_does_not_make_comments_gone(scripted: Scripted) -> None:
    uri = a_notice()["uri"]
    scripted.told["app.bsky.feed.getPostThread"] = (400, {"error": "NotFound", "message": "Post not found"})
    scripted.told[GET] = (502, {"error": "UpstreamFailure"})

    with pytest.raises(Transient):
        bluesky.read_thread(an_unreal_account(scripted.url), uri, [uri])


def test_a_file_that_is_not_the_one_named_is_not_taken(scripted: Scripted) -> None:
    cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"  # of an empty file
    scripted.told["com.atproto.sync.getBlob"] = (200, b"", {"content-type": "image/png"})
    account = an_unreal_account(scripted.url)
    right = bluesky.fetch_media(account, f"at://{ME}/blob/{cid}", 1000)
    scripted.told["com.atproto.sync.getBlob"] = (200, b"annat", {"content-type": "image/png"})

    assert right == (b"", "image/png")
    with pytest.raises(PlatformError):
        bluesky.fetch_media(account, f"at://{ME}/blob/{cid}", 1000)


def test_an_unprotected_address_is_refused_unless_private_hosts_are_allowed(scripted: Scripted) -> None:
    account = an_unreal_account(scripted.url)
    account = type(account)(account.base_url, account.handle, ME, account.keeper)

    with pytest.raises(Misconfigured):
        bluesky.read(account, "")

    assert scripted.calls == []


def test_a_post_is_measured_as_readers_count() -> None:
    assert graphemes("Åh, 👨‍👩‍👧‍👦🇸🇪e\u0301\r\n") == 8

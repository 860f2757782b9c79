"""Answers no honest server gives: a clear error or a kept item, never a crash, never a lost neighbour."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from narvaro.base import clock
from narvaro.connectors import client
from narvaro.connectors.mastodon import Mastodon
from narvaro.connectors.mastodon.statuses import Us, item_of
from narvaro.connectors.mastodon.tests.conftest import read_all
from narvaro.connectors.mastodon.tests.dialects import (
    OURS,
    THEM,
    TOKEN,
    US,
    Dialect,
    a_mention,
    a_status,
    an_account,
)
from narvaro.connectors.port import (
    Misconfigured,
    NotThere,
    Outgoing,
    Picture,
    PlatformError,
    Published,
    ReconnectNeeded,
    Refused,
    Transient,
    Unknown,
    Visibility,
)
from narvaro.testing.effort import within
from narvaro.testing.servers.scripted import Call, Said, Scripted

GARBAGE = {
    "empty": b"",
    "null": b"null",
    "number": b"17",
    "object": b"{}",
    "cut": b'[{"id": "1", "type": "mention", "stat',
    "trailing": b"[] []",
    "comma": b'[{"id": "1"},]',
    "binary": bytes(range(256)) * 10,
    "utf16": "[]".encode("utf-16"),
    "deep": b"[" * 200_000,
    "deep objects": b'[{"a":' * 100_000,
    "page": b"<!doctype html><html><body>Underh\xc3\xa5ll</body></html>",
    "huge number": b"[" + b"9" * 1_000_000 + b"]",
}


def always(path: str, said: Callable[[Call], Said], dialect: Dialect | None = None) -> Callable[[Call], Said]:
    """Answer one path in a hostile way, and the rest as an honest server does."""
    honest = dialect or Dialect()
    return lambda call: said(call) if call.path == path else honest(call)


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("path", ["/api/v1/notifications", f"/api/v1/accounts/{OURS}/statuses"])
def test_garbage_is_a_sentence_and_may_work_later(path: str, body: bytes):
    with (
        Scripted(always(path, lambda _call: Said(body=body))) as server,
        pytest.raises(Transient, match=r"svarade med en webbsida|inte går att tolka") as error,
    ):
        read_all(an_account(server.base_url))

    assert TOKEN not in str(error.value)


def test_garbage_in_one_stream_does_not_cost_what_another_gave():
    dialect = Dialect(own=[a_status("1", by=US)])
    with Scripted(always("/api/v1/notifications", lambda _call: Said(body=b"{"), dialect)) as server:
        account = an_account(server.base_url)

        page = Mastodon().read(account, "")

        assert [item.remote_id for item in page.items] == ["1"]
        assert page.has_more
        with pytest.raises(Transient):
            Mastodon().read(account, page.next_cursor)


WRONG: list[Any] = [
    None,
    17,
    "text",
    [],
    {},
    {"id": None},
    {"id": "5", "type": "mention"},
    {"id": "5", "type": "mention", "status": []},
    {"id": "5", "type": "mention", "status": {"id": "6"}},
    {"id": "5", "type": "mention", "status": {"id": "6", "account": "x"}},
    {"id": {"a": 1}, "type": ["mention"], "status": {"id": [1], "account": {"id": {}}}},
    a_mention("7", a_status("w1", created_at=17, content=None, visibility=["x"], media_attachments="x", mentions=7)),
    a_mention("8", a_status("w2", created_at="9999999-99", edited_at="igår", poll=[], quote=3, language={"a": 1})),
    a_mention("9", a_status("w3", created_at="0001-01-01T00:00:00+23:59", url="javascript:alert(1)", uri={})),
    a_mention("10", a_status("w4", media_attachments=[None, {"url": "file:///etc/passwd"}, {"type": 7, "url": 7}])),
    a_mention("11", a_status("w5", created_at="2999-01-01T00:00:00Z", favourites_count=-5, replies_count="många")),
]


def test_a_misshapen_neighbour_takes_nobody_along():
    before, after = a_mention("n1", a_status("good1")), a_mention("n2", a_status("good2"))
    body = json.dumps([before, *WRONG, after]).encode()

    def said(call: Call) -> Said:
        return Said(body=b"[]" if "max_id" in call.query else body)

    with Scripted(always("/api/v1/notifications", said)) as server:
        items, _page = read_all(an_account(server.base_url))

    assert {"good1", "good2", "w1", "w2", "w3", "w4", "w5"} == {item.remote_id for item in items}
    assert all(item.published_at <= clock.now() for item in items)
    assert all(not item.url.startswith("javascript") for item in items)
    assert all(not item.media for item in items)


def test_ten_megabytes_of_text_are_kept_whole():
    text = "a" * 10_000_000 + "SLUT"
    both = Dialect([a_mention("n1", a_status("1", text)), a_mention("n0", a_status("0"))])
    with Scripted(both) as server, within(20):
        items, _page = read_all(an_account(server.base_url))

    assert [len(item.text) for item in items] == [10_000_004, 3]


def test_texts_that_together_weigh_too_much_are_asked_for_one_by_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client.Api.__init__, "__kwdefaults__", {"max_bytes": 50_000, "deadline_seconds": 10.0})
    told = [a_mention(f"n{number}", a_status(f"s{number}", "a" * 30_000)) for number in range(4)]
    with Scripted(Dialect([*told, a_mention("n9", a_status("s9"))])) as server:
        items, page = read_all(an_account(server.base_url))

    assert {item.remote_id for item in items} == {"s0", "s1", "s2", "s3", "s9"}
    assert not page.gap_reason


def test_one_that_alone_weighs_too_much_is_told_as_a_gap(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client.Api.__init__, "__kwdefaults__", {"max_bytes": 50_000, "deadline_seconds": 10.0})
    told = [a_mention("n2", a_status("s2")), a_mention("n1", a_status("s1", "a" * 90_000))]
    with Scripted(Dialect(told, own=[a_status("p1", by=US)])) as server:
        account = an_account(server.base_url)
        first = Mastodon().read(account, "")
        second = Mastodon().read(account, first.next_cursor)
        rest, _page = read_all(account, second.next_cursor) if second.has_more else ([], second)

    assert "orimligt stort" in first.gap_reason + second.gap_reason
    assert {item.remote_id for item in [*first.items, *second.items, *rest]} == {"s2", "p1"}


def test_an_answer_above_the_cap_is_a_sentence():
    with (
        Scripted(lambda _call: Said(body=b"{" + b" " * 40_000_000 + b"}")) as server,
        pytest.raises(Transient, match="mer än Närvaro tar emot"),
    ):
        Mastodon().profile(an_account(server.base_url))


SNEAKY = {
    "right to left": "\u202egnirts\u202c \u0645\u0631\u062d\u0628\u0627",
    "zero width": "h\u200be\u200dj\ufeff \u2060",
    "combining": "Z" + "\u0301" * 3000,
    "nul": "a\0b",
    "half a character": "a\ud83db",
    "noncharacters": "\uffff\ufdd0\U0010ffff",
    "script": "&lt;script&gt;alert(1)&lt;/script&gt;",
}


@pytest.mark.parametrize("text", SNEAKY.values(), ids=SNEAKY)
def test_sneaky_text_and_names_are_kept_and_can_be_stored(text: str):
    who = {
        "id": "200",
        "username": text,
        "acct": f"{text}@annan.example",
        "display_name": text,
        "url": f"javascript:{text}",
    }
    status = a_status("1", text, by=who, spoiler_text=text, language=text)
    with Scripted(Dialect([a_mention("n1", status)])) as server:
        items, _page = read_all(an_account(server.base_url))

    item = items[0]
    for kept in (item.text, item.author.display_name, item.author.handle):
        kept.encode("utf-8")
        assert kept
        assert "\0" not in kept
    assert (item.author.url, item.language) == ("", "")
    assert json.loads(item.raw.decode("utf-8", "surrogatepass"))["account"]["display_name"] == text


def test_every_naughty_string_is_kept_by_any_field():
    strings = json.loads((Path(__file__).parent / "blns.json").read_text(encoding="utf-8"))
    told = [
        a_mention(f"n{at}", a_status(f"s{at}", text.replace("&", "&amp;").replace("<", "&lt;"), spoiler_text=text))
        for at, text in enumerate(strings)
    ]
    with Scripted(Dialect(told, page_size=40)) as server:
        items, _page = read_all(an_account(server.base_url))

    assert len(items) == len(strings)


def test_bytes_that_are_no_utf8_are_kept_as_they_came():
    body = json.dumps([a_mention("n1", a_status("1", "XX"))]).encode().replace(b"XX", b"r\xe4v")
    with Scripted(
        always("/api/v1/notifications", lambda call: Said(body=b"[]" if "max_id" in call.query else body))
    ) as server:
        items, _page = read_all(an_account(server.base_url))

    assert items[0].text == "r\ufffdv"
    assert b"r\xe4v" in items[0].raw


@pytest.mark.parametrize("links", [True, False])
def test_a_page_that_repeats_is_left_and_the_gap_is_told(links: bool):
    page = [a_mention(str(number), a_status(f"s{number}")) for number in range(40)]
    header = {"link": '<https://x.example/?max_id=17>; rel="next"'} if links else {}

    with Scripted(always("/api/v1/notifications", lambda _call: Said(body=page, headers=header))) as server:
        account, gaps, cursor = an_account(server.base_url), [], ""
        for _page in range(20):
            given = Mastodon().read(account, cursor)
            gaps += [given] if given.gap_reason else []
            cursor = given.next_cursor
            if not given.has_more:
                break

    assert not given.has_more
    assert len(gaps) == 1
    assert "senaste inläggen" in gaps[0].gap_reason
    assert gaps[0].gap_from is None
    assert gaps[0].complete_to == client.moment(page[0]["status"]["created_at"])
    assert len(server.calls) < 20


def test_pages_that_go_round_are_left():
    pages = [[a_mention(f"{each}{n}", a_status(f"s{each}{n}")) for n in range(20)] for each in "abc"]
    turn = itertools.count()

    def said(_call: Call) -> Said:
        at = next(turn)
        return Said(body=pages[at % 3], headers={"link": f'<https://x.example/?max_id=x{at}>; rel="next"'})

    with Scripted(always("/api/v1/notifications", said)) as server:
        items, _page = read_all(an_account(server.base_url))

    assert len({item.remote_id for item in items}) == 60


def test_pages_that_never_end_are_left_after_a_bounded_number():
    turn = itertools.count()

    def said(_call: Call) -> Said:
        at = next(turn)
        body = [a_mention(f"{at}-{n}", a_status(f"s{at}-{n}")) for n in range(5)]
        return Said(body=body, headers={"link": f'<https://x.example/?max_id={at}>; rel="next"'})

    connector = Mastodon(pages_per_stream=30)
    with Scripted(always("/api/v1/notifications", said)) as server:
        account, reasons, cursor = an_account(server.base_url), set(), ""
        for _page in range(100):
            page = connector.read(account, cursor)
            reasons.add(page.gap_reason)
            cursor = page.next_cursor
            if not page.has_more:
                break

    assert not page.has_more
    assert any("slutade aldrig" in reason for reason in reasons)
    assert next(turn) <= 31


def test_a_next_page_at_another_server_gets_no_key():
    page = [a_mention(str(number), a_status(f"s{number}")) for number in range(20)]
    with Scripted(lambda _call: Said(body=[])) as thief:
        header = {"link": f'<{thief.base_url}/stjal?max_id=5>; rel="next"'}

        def said(call: Call) -> Said:
            return Said(body=[] if call.query.get("max_id") else page, headers=header)

        with Scripted(always("/api/v1/notifications", said)) as server:
            read_all(an_account(server.base_url))

    assert not thief.calls


def test_a_redirect_to_another_server_gets_no_key():
    with Scripted(lambda _call: Said(body=US)) as thief:
        moved = Said(302, headers={"location": f"{thief.base_url}/api"})
        with Scripted(lambda _call: moved) as server, pytest.raises(PlatformError):
            Mastodon().read(an_account(server.base_url), "")

    assert all("authorization" not in call.headers for call in thief.calls)


def in_(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        (lambda: {"retry-after": "17"}, 17),
        (lambda: {"retry-after": in_(3600).strftime("%a, %d %b %Y %H:%M:%S GMT")}, 3600),
        (lambda: {"x-ratelimit-reset": in_(300).isoformat()}, 300),
        (lambda: {"ratelimit-reset": str(int(in_(120).timestamp()))}, 120),
        (lambda: {"x-ratelimit-reset": str(int(in_(90).timestamp() * 1000))}, 90),
        (lambda: {"x-rate-limit-reset": "42"}, 42),
        (lambda: {"x-ratelimit-reset-after": "1.5"}, 1.5),
        (lambda: {"ratelimit": '"default";r=0;t=30', "ratelimit-policy": '"default";q=300;w=300'}, 30),
        (lambda: {"ratelimit": "limit=300, remaining=0, reset=55"}, 55),
        (lambda: {"ratelimit": "limit=300"}, None),
        (lambda: {"retry-after": "-5"}, 0),
        (lambda: {"retry-after": "9e999"}, None),
        (lambda: {"retry-after": "nan"}, None),
        (lambda: {"retry-after": "snart"}, None),
        (lambda: {"retry-after": "99999999"}, 86400),
        (dict, None),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(headers: Callable[[], dict[str, str]], wait: float | None):
    with (
        Scripted(lambda _call: Said(429, {"error": "Throttled"}, headers=headers())) as server,
        pytest.raises(Transient) as error,
    ):
        Mastodon().read(an_account(server.base_url), "")

    assert error.value.retry_after_seconds == (None if wait is None else pytest.approx(wait, abs=5))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 408])
def test_trouble_at_the_server_is_temporary(status: int):
    with Scripted(lambda _call: Said(status, b"<html>fel</html>")) as server, pytest.raises(Transient):
        Mastodon().read(an_account(server.base_url), "")


def test_a_firewalls_page_is_not_a_dead_key():
    with Scripted(lambda _call: Said(403, b"<html>Checking your browser</html>")) as server, pytest.raises(Transient):
        Mastodon().read(an_account(server.base_url), "")


def test_a_web_site_that_is_no_mastodon_is_said_to_be_none():
    with Scripted(lambda _call: Said(200, b"<html>V\xc3\xa4lkommen</html>")) as server, pytest.raises(Misconfigured):
        Mastodon().profile(an_account(server.base_url))
    with Scripted(lambda _call: Said(404, b"<html>Saknas</html>")) as server, pytest.raises(Misconfigured):
        Mastodon().profile(an_account(server.base_url))


def test_a_slow_drip_is_left_in_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client.Api.__init__, "__kwdefaults__", {"max_bytes": 1_000_000, "deadline_seconds": 1.0})
    drip = Said(drip=itertools.repeat(b" "), pause_seconds=0.05)
    begun = time.perf_counter()

    with Scripted(lambda _call: drip) as server, pytest.raises(Transient, match="långsamt"):
        Mastodon().read(an_account(server.base_url), "")

    assert time.perf_counter() - begun < 5


def test_a_slow_drip_after_publishing_is_unknown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client.Api.__init__, "__kwdefaults__", {"max_bytes": 1_000_000, "deadline_seconds": 1.0})
    drip = Said(drip=itertools.repeat(b" "), pause_seconds=0.05)

    with Scripted(lambda _call: drip) as server:
        outcome = Mastodon().publish(an_account(server.base_url), Outgoing("n", "Hej"))

    assert isinstance(outcome, Unknown)
    assert len(server.calls) == 1


def test_a_private_network_is_not_called_unless_allowed():
    with Scripted(Dialect()) as server:
        account = an_account(server.base_url)
        outside = type(account)(account.base_url, account.handle, account.remote_id, account.keeper)

        with pytest.raises(Misconfigured, match="får inte anropa"):
            Mastodon().read(outside, "")
        assert isinstance(Mastodon().publish(outside, Outgoing("n", "Hej")), Refused)

    assert not server.calls


@pytest.mark.parametrize("token", ["", "två rader\nX-Evil: 1", "å"])
def test_a_key_that_is_none_is_never_sent(token: str):
    with Scripted(Dialect()) as server, pytest.raises(ReconnectNeeded):
        Mastodon().read(an_account(server.base_url, token), "")

    assert not server.calls


@pytest.mark.parametrize("remote_id", ["../../admin", "1/context?x=", "", "..", "a b", "1" * 500, "1\r\nX: y"])
def test_an_id_never_leads_out_of_its_path(remote_id: str):
    with Scripted(Dialect()) as server:
        account = an_account(server.base_url)
        with pytest.raises(Misconfigured):
            Mastodon().read_thread(account, remote_id, [])
        with pytest.raises(Misconfigured):
            Mastodon().remove(account, remote_id)

    assert not server.calls


@pytest.mark.parametrize("cursor", ["x", "[]", '{"v": 99}', '{"v":1,"steps":7,"seen":[]}', '{"v":1,"steps":["okänt"]}'])
def test_a_cursor_that_is_not_ours_starts_anew(cursor: str):
    with Scripted(Dialect([a_mention("n1", a_status("1"))])) as server:
        items, page = read_all(an_account(server.base_url), cursor)
        again, _page = read_all(an_account(server.base_url), page.next_cursor)

    assert {item.remote_id for item in [*items, *again]} == {"1"}


def test_p24_a_picture_whose_alt_text_did_not_stick_is_not_published():
    def answers(call: Call) -> Said:
        return Said(body={"id": "5", "type": "image", "description": None})

    with Scripted(answers) as server:
        picture = Picture(b"\x89PNG", "image/png", "En ko.")
        outcome = Mastodon().publish(an_account(server.base_url), Outgoing("n", "Hej", pictures=(picture,)))

    assert isinstance(outcome, Refused)
    assert "alternativtext" in outcome.reason
    assert not [call for call in server.calls if call.path == "/api/v1/statuses"]


def test_a_broken_picture_is_refused_before_anything_is_published():
    dialect = Dialect()

    def answers(call: Call) -> Said:
        return Said(422, {"error": "Unprocessable image"}) if "media" in call.path else dialect(call)

    with Scripted(answers) as server:
        picture = Picture(b"inte en bild", "image/png", "En ko.")
        outcome = Mastodon().publish(an_account(server.base_url), Outgoing("n", "Hej", pictures=(picture,)))

    assert isinstance(outcome, Refused)
    assert "godtog inte bilden" in outcome.reason
    assert not [call for call in server.calls if call.path == "/api/v1/statuses"]


def test_a_picture_the_server_works_on_is_waited_for():
    polls = itertools.count()

    def answers(call: Call) -> Said:
        if call.path == "/api/v2/media":
            return Said(202, {"id": "5", "description": "En ko.", "url": None})
        if call.path == "/api/v1/media/5":
            return Said(206 if next(polls) == 0 else 200, {"id": "5", "description": "En ko."})
        return Said(body=a_status("9", by=US))

    with Scripted(answers) as server:
        picture = Picture(b"\x89PNG", "image/png", "En ko.")
        outcome = Mastodon().publish(an_account(server.base_url), Outgoing("n", "Hej", pictures=(picture,)))

    assert isinstance(outcome, Published)
    sent = [call.json() for call in server.calls if call.path == "/api/v1/statuses"]
    assert sent[0]["media_ids"] == ["5"]


def test_p02_settling_cannot_say_no_when_the_server_hides_older_posts():
    page = [a_status(f"s{n}", f"Nytt {n}", by=US, created_at=clock.now().isoformat()) for n in range(40)]

    def said(_call: Call) -> Said:
        return Said(body=page)

    with Scripted(always(f"/api/v1/accounts/{OURS}/statuses", said)) as server:
        account = an_account(server.base_url)
        outcome = Mastodon().settle(account, Outgoing("n", "Saknas"), clock.now() - timedelta(minutes=5))
        found = Mastodon().settle(account, Outgoing("n", "nytt 7"), clock.now() - timedelta(minutes=5))

    assert isinstance(outcome, Unknown)
    assert isinstance(found, Published)


def test_p03_an_answer_is_settled_beneath_what_it_answers_when_the_account_does_not_show_it():
    attempted_at = clock.now() - timedelta(minutes=5)
    answer = a_status("s9", "Tack, vi ringer.", by=US, in_reply_to_id="s1", created_at=clock.now().isoformat())
    older = a_status("s2", "Nej.", by=US, in_reply_to_id="s1")
    others = a_status("s3", "Ja.", in_reply_to_id="s1", created_at=clock.now().isoformat())
    dialect = Dialect(contexts={"s1": {"ancestors": [], "descendants": [older, others, answer]}})

    with Scripted(dialect) as server:
        account = an_account(server.base_url)
        settled = {
            text: Mastodon().settle(account, Outgoing("n", text, parent_remote_id="s1"), attempted_at)
            for text in ("Tack, vi ringer.", "Nej.", "Ja.")
        }

    found = settled.pop("Tack, vi ringer.")
    assert isinstance(found, Published)
    assert (found.item.remote_id, found.item.parent_remote_id) == ("s9", "s1")
    assert [isinstance(each, NotThere) and each.certain for each in settled.values()] == [True, True]


@pytest.mark.parametrize("replies", [0, 30])
def test_p02_settling_cannot_say_no_to_a_closed_answer_by_what_the_account_shows(replies: int):
    thread = {"ancestors": [], "descendants": [a_status(f"s{n}", in_reply_to_id="s1") for n in range(replies)]}
    post = Outgoing("n", "Tack, vi ringer.", parent_remote_id="s1", visibility=Visibility.PRIVATE)

    with Scripted(Dialect(contexts={"s1": thread})) as server:
        outcome = Mastodon().settle(an_account(server.base_url), post, clock.now() - timedelta(minutes=5))

    assert isinstance(outcome, Unknown if replies else NotThere)


@pytest.mark.parametrize("hours", [-3, 3])
def test_settling_bears_with_a_server_whose_clock_is_wrong(hours: int):
    attempted_at = clock.now()
    theirs = attempted_at + timedelta(hours=hours)
    dialect = Dialect(own=[a_status("s1", "Hej på er", by=US, created_at=theirs.isoformat())])

    def answers(call: Call) -> Said:
        said = dialect(call)
        return Said(said.status, said.body, headers={"date": theirs.strftime("%a, %d %b %Y %H:%M:%S GMT")})

    with Scripted(answers) as server:
        account = an_account(server.base_url)
        found = Mastodon().settle(account, Outgoing("n", "Hej på er"), attempted_at)
        older = Mastodon().settle(account, Outgoing("n", "Hej på er"), attempted_at + timedelta(minutes=2))

    assert isinstance(found, Published)
    assert isinstance(older, NotThere)


def test_one_404_is_not_proof_that_a_status_is_gone():
    turn = itertools.count()
    dialect = Dialect()

    def answers(call: Call) -> Said:
        if call.path == "/api/v1/statuses/7":
            return Said(404) if next(turn) < 2 else Said(body=a_status("7"))
        if call.path == "/api/v1/statuses/1":
            return Said(body=a_status("1", by=US))
        return dialect(call)

    with Scripted(answers) as server:
        thread = Mastodon().read_thread(an_account(server.base_url), "1", ["7"])

    assert thread.gone == ()


def test_a_server_that_does_not_know_us_proves_nothing_gone():
    def answers(call: Call) -> Said:
        return Said(404, b"<html>Saknas</html>")

    with Scripted(answers) as server:
        thread = Mastodon().read_thread(an_account(server.base_url), "1", ["7"])

    assert thread.gone == ()


def test_media_are_fetched_without_the_key_and_within_the_cap():
    def answers(call: Call) -> Said:
        return Said(body=b"x" * 5000, headers={"content-type": "image/png; a=b"})

    with Scripted(answers) as server:
        account = an_account(server.base_url)
        content, media_type = Mastodon().fetch_media(account, f"{server.base_url}/bild.png?a=1", 10_000)
        with pytest.raises(Transient):
            Mastodon().fetch_media(account, f"{server.base_url}/bild.png", 1000)
        for address in ("file:///etc/passwd", "gopher://x/", "javascript:alert(1)"):
            with pytest.raises(Misconfigured):
                Mastodon().fetch_media(account, address, 1000)

    assert (len(content), media_type) == (5000, "image/png")
    assert all("authorization" not in call.headers for call in server.calls)


def test_an_id_or_a_language_of_any_length_can_be_kept():
    """Columns end somewhere, and PostgreSQL refuses the whole page for one sign too many."""
    long = "x" * 10_000
    parent = a_status(long, by={**THEM, "id": long}, language=long)
    answer = a_status("2", in_reply_to_id=long, in_reply_to_account_id=OURS, language="sv")

    items = [item_of(each, b"{}", Us(OURS, "social.example")) for each in (parent, answer, a_status("3"))]

    assert all(item and len(item.remote_id) <= 600 and len(item.author.remote_id) <= 300 for item in items)
    assert [item.language for item in items if item] == ["", "sv", ""]
    assert items[1].parent_remote_id == items[0].remote_id
    assert items[0].remote_id != item_of(a_status(long + "y"), b"{}", Us(OURS, "social.example")).remote_id


def test_what_another_server_knows_by_an_address_stops_no_thread_from_being_read_again():
    known = ["https://annan.example/users/x/statuses/5", "2"]
    with Scripted(Dialect(contexts={"1": {"ancestors": [], "descendants": [a_status("2")]}})) as server:
        account = an_account(server.base_url)
        found = Mastodon().read_thread(account, known[0], known)

    assert found.gone == ("2",)

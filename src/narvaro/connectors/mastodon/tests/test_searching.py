"""Looking for accounts and for what is said: on snac, and on servers that answer in odd ways or not at all."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from narvaro.connectors.mastodon import Mastodon
from narvaro.connectors.mastodon.tests.conftest import an_account as connected
from narvaro.connectors.mastodon.tests.conftest import until
from narvaro.connectors.mastodon.tests.dialects import THEM, US, a_status, an_account
from narvaro.connectors.port import Misconfigured, Transient
from narvaro.testing.servers.scripted import Call, Said, Scripted
from narvaro.testing.servers.snac import Snac

mastodon = Mastodon()
SEARCH, OLD, TAG = "/api/v2/search", "/api/v1/accounts/search", "/api/v1/timelines/tag/badet"


def answering(**told: Any):
    """Answer the paths that are told; everything else is missing."""
    paths = {"search": SEARCH, "old": OLD, "tag": TAG, "me": "/api/v1/accounts/verify_credentials"}
    bodies = {paths[name]: body for name, body in told.items()} | {paths["me"]: US}

    def answers(call: Call) -> Said:
        body = bodies.get(call.path)
        return Said(404, {"error": "not found"}) if body is None else Said(body=body(call) if callable(body) else body)

    return answers


@pytest.mark.server
def test_snac_finds_an_account_by_its_whole_name_and_what_is_said_by_its_tag(snac: Snac):
    us, other = snac.person("kommunen"), snac.person("bibliotekarien")
    account = connected(us)
    other.post("Nu är #badet öppet")
    us.post("Välkomna till #badet")

    found = mastodon.search_accounts(account, other.handle)
    said = until(lambda: mastodon.search_posts(account, "badet"), "what is said by its tag")

    assert [each.handle for each in found] == [other.handle]
    assert ["Nu är #badet öppet" in each.text for each in said] == [True]  # not our own


def test_a_search_by_kind_gives_accounts_but_our_own():
    body = {"accounts": [{**THEM, "note": "<p>Inte officiell</p>"}, US, None, {"id": ""}], "statuses": [1]}
    with Scripted(answering(search=body)) as server:
        (found,) = mastodon.search_accounts(an_account(server.base_url), "kommunen")

    assert (found.remote_id, found.about) == ("200", "Inte officiell")
    assert server.calls[0].query["type"] == "accounts"


def test_an_older_server_is_asked_in_the_older_way():
    with Scripted(answering(old=[THEM])) as server:
        assert [each.remote_id for each in mastodon.search_accounts(an_account(server.base_url), "x")] == ["200"]


def test_what_is_said_comes_once_in_public_only_and_never_by_us():
    said = a_status("1", "Badet är fint", url="https://social.example/@x/1")
    closed = [
        a_status("2", "hemligt", visibility="private", url="https://social.example/@x/2"),
        a_status("3", "vårt", by=US, url="https://social.example/@x/3"),
        {**a_status("4", "", url="https://social.example/@x/4"), "reblog": a_status("5")},
        a_status("6", "ingen länk", url="javascript:alert(1)", uri="tag:x"),
    ]
    with Scripted(answering(search={"statuses": [said, *closed]}, tag=[said, *closed])) as server:
        found = mastodon.search_posts(an_account(server.base_url), "badet")

    assert [each.text for each in found] == ["Badet är fint"]


@pytest.mark.parametrize("body", [b"[", b"null", b"<html>", b"[[[]]]", b'{"accounts": 7}'])
def test_odd_answers_are_a_sentence_or_nothing(body: bytes):
    with Scripted(answering(search=lambda _call: body, tag=lambda _call: body)) as server:
        account = an_account(server.base_url)
        for look in (mastodon.search_accounts, mastodon.search_posts):
            with suppress(Transient, Misconfigured):
                assert look(account, "badet") == ()


def test_a_server_without_search_says_so_in_words():
    with Scripted(answering()) as server:
        account = an_account(server.base_url)
        for look in (mastodon.search_accounts, mastodon.search_posts):
            with pytest.raises(Misconfigured, match="söka efter"):
                look(account, "badet")

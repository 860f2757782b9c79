"""Pages, feeds and files of the open web: fetched without our keys, only where we may go, never more than enough."""

from __future__ import annotations

import pytest

from narvaro.connectors import web
from narvaro.connectors.port import Misconfigured, Transient
from narvaro.testing.servers.scripted import Said, Scripted

pytestmark = pytest.mark.one_database


def test_a_page_is_fetched_with_its_query_and_without_its_anchor():
    with Scripted(lambda call: Said(body=b"<p>Hej</p>")) as server:
        found = web.fetch(f"{server.base_url}/a?u=https://b.example/#c", allow_private_hosts=True)

    assert (found.media_type, found.body) == ("text/html", b"<p>Hej</p>")
    (call,) = server.calls
    assert (call.path, call.query) == ("/a", {"u": "https://b.example/"})
    assert not {"authorization", "cookie"} & set(call.headers)


@pytest.mark.parametrize(
    "address",
    ["", "x", "file:///etc/passwd", "javascript:alert(1)", "ftp://a.example/", "https://", "http://[", "http://a:b@c.example/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Misconfigured):
        web.fetch(address, allow_private_hosts=True)


def test_our_own_network_is_not_asked_nor_by_being_sent_on_to_it():
    with Scripted(lambda call: Said(302, headers={"location": "http://169.254.169.254/"})) as server:
        with pytest.raises(Misconfigured, match="får inte anropa"):
            web.fetch(f"{server.base_url}/")
        assert server.calls == []
        with pytest.raises(Misconfigured, match="får inte anropa"):
            web.fetch(f"{server.base_url}/", allow_private_hosts=True)


@pytest.mark.parametrize(("status", "error"), [(404, Misconfigured), (403, Misconfigured), (503, Transient)])
def test_what_is_not_there_is_told_in_words(status, error):
    with Scripted(lambda call: Said(status, b"x")) as server, pytest.raises(error, match=r"127\.0\.0\.1"):
        web.fetch(server.base_url, allow_private_hosts=True)


def test_an_endless_page_is_not_taken_in(monkeypatch):
    monkeypatch.setattr(web, "MOST_BYTES", 10_000)
    with Scripted(lambda call: Said(body=b"x" * 20_000)) as server, pytest.raises(Transient, match="mer än"):
        web.fetch(server.base_url, allow_private_hosts=True)


@pytest.mark.parametrize("address", ["https://a.example/", "HTTP://a.example/"])
def test_an_address_that_a_page_may_link_to_is_left_as_it_is(address):
    assert web.web_address(address) == address


@pytest.mark.parametrize(
    "text", ["", "a.example", "//a.example/", " https://a.example/", "javascript:alert(1)//https://"]
)
def test_what_a_page_may_not_link_to_is_nothing(text):
    assert web.web_address(text) == ""


def test_a_file_is_fetched_without_our_key_wherever_it_lies():
    with Scripted(lambda call: Said(body=b"film", headers={"content-type": "video/mp4; codecs=avc1"})) as server:
        found = web.fetch_file(f"{server.base_url}/film?signed=1", 10, allow_private_hosts=True)

    assert found == (b"film", "video/mp4")
    (call,) = server.calls
    assert (call.path, call.query) == ("/film", {"signed": "1"})
    assert not {"authorization", "cookie"} & set(call.headers)


@pytest.mark.parametrize("address", ["", "cid:1", "file:///etc/passwd", "https://", "http://["])
def test_a_file_at_no_address_is_refused(address):
    with pytest.raises(Misconfigured, match="går inte att hämta"):
        web.fetch_file(address, 10, allow_private_hosts=True)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Misconfigured), (404, Misconfigured), (408, Transient), (429, Transient), (503, Transient)],
)
def test_a_file_that_is_not_given_out_says_nothing_of_our_key(status, error):
    """A key that is good is not called dead because an address of a file has ended (P6)."""
    with Scripted(lambda call: Said(status, b"x")) as server, pytest.raises(error, match=r"127\.0\.0\.1"):
        web.fetch_file(f"{server.base_url}/film", 10, allow_private_hosts=True)


def test_a_file_in_our_own_network_or_too_large_is_not_taken_in():
    with Scripted(lambda call: Said(body=b"x" * 20)) as server:
        with pytest.raises(Misconfigured, match="får inte anropa"):
            web.fetch_file(f"{server.base_url}/film", 10)
        assert server.calls == []
        with pytest.raises(Transient, match="mer än"):
            web.fetch_file(f"{server.base_url}/film", 10, allow_private_hosts=True)

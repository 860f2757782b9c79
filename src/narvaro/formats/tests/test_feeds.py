"""Feeds of others: what is read, and what a hostile one costs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from narvaro.formats import feeds
from narvaro.testing.effort import within

pytestmark = pytest.mark.one_database
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Bladet</title>
<item><title>Badet &amp; ån</title><link>/nyhet/1</link><guid>a1</guid><author>anna@bladet.example</author>
<dc:creator>Anna</dc:creator><description>&lt;p&gt;Simhallen &lt;b&gt;öppnar&lt;/b&gt;.&lt;/p&gt;</description>
<pubDate>Mon, 02 Nov 2026 10:00:00 +0100</pubDate></item></channel></rss>""".encode()
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Bladet</title><entry><id>b1</id><title>Badet</title>
<author><name>Anna</name></author><link rel="edit" href="https://fel.example/"/><link href="https://bladet.example/1"/>
<updated>2026-11-02T10:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Simhallen
<b>öppnar</b></div></content></entry></feed>""".encode()


@pytest.mark.parametrize(("body", "hour"), [(RSS, 9), (ATOM, 10)], ids=["rss", "atom"])
def test_rf_4_a_feed_gives_words_link_and_time_and_no_author(body, hour):
    (entry,) = feeds.entries(body, address="https://bladet.example/flode")

    assert entry.title.startswith("Badet")
    assert " ".join(entry.text.split()).startswith("Simhallen öppnar")
    assert entry.link.startswith("https://bladet.example/")
    assert entry.published_at == datetime(2026, 11, 2, hour, tzinfo=UTC)
    assert "Anna" not in repr(entry)
    assert feeds.entries(body, address="https://bladet.example/flode")[0].key == entry.key


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe<", b"<html><body/></html>", b"{}", b"<rss><channel><item>", b"<a>" * 10_000,
        b'<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel/></rss>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>',
        '<!DOCTYPE rss [<!ENTITY a "b">]><rss/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="hemlig"?><rss/>',
    ],
)  # fmt: skip
def test_what_is_no_feed_is_one_sentence(body):
    with pytest.raises(feeds.NotAFeed, match=r"Flödet|flöde"):
        feeds.entries(body)


def test_an_endless_feed_gives_its_first_items_and_no_more():
    item = (
        b"<item><title>x</title><link>javascript:alert(1)</link><description>"
        + b"y" * 30_000
        + b"</description></item>"
    )
    with within(5):
        found = feeds.entries(b"<rss><channel>" + item * 400)

    assert len(found) == feeds.MOST_ITEMS
    assert len(found[0].text) <= 20_000
    assert {each.link for each in found} == {""}

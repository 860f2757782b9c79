"""Web pages of others: which links stand there, under what, and what a hostile page costs."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest

from narvaro.formats import happenings, pagelists, pages

pytestmark = pytest.mark.one_database
HERE = "https://storkoping.example/jobb"
PAGE = """<!doctype html><html><head><title>Jobb <a href="/fel">x</a></title></head><body>
<header><a href="/">Start</a><nav><a href="/jobb/">Jobb</a></nav></header><main><h1>Arbeta hos oss</h1>
<p>Vi är <a href="/om">många</a>. Uppdaterad <time datetime="2026-01-01">i år</time></p>
<h2>Lediga jobb (3)</h2><div class="lista">
<div class="kort"><div><time datetime="2026-12-01T23:59">1 december</time></div>
<h3><a href="/jobb/1#topp">L&auml;rare &amp; mentor</a></h3>
<a href="/jobb/1">Läs mer</a></div>
<div class="kort"><a href="annons/2"><h3>Kock</h3> Till Björkens skola
<time datetime="2026-12-24">på julafton</time></a></div>
<div class="kort"><h3>Badvakt</h3><p>Du är lugn.</p>
<a href="HTTPS://Jobb.Storkoping.example/jobb/3?a=1&amp;b=2">Läs mer</a></div>
</div><h2>Så söker du</h2><ul><li><a href="/jobb/guide">Guiden</a><li><a href="/jobb/mall">Mallen</a></ul></main>
<footer><a href="/jobb/kakor">Kakor</a> <a href="https://x.example/om">Om</a></footer></body></html>"""


def listed(html: str | bytes, *, address: str = HERE, **asked) -> list[tuple[str, str]]:
    page = pages.read(html.encode() if isinstance(html, str) else html, address=address)
    return [(each.title, each.address) for each in pagelists.matching(page, **asked)]


def test_the_links_under_a_heading_come_once_each_with_their_own_words_and_days():
    page = pages.read(PAGE.encode(), address=HERE)
    found = pagelists.matching(page, heading="lediga  JOBB")

    assert [(each.title, each.address, each.days) for each in found] == [
        ("Lärare & mentor", "https://storkoping.example/jobb/1", [date(2026, 12, 1)]),
        ("Kock", "https://storkoping.example/annons/2", [date(2026, 12, 24)]),
        ("Badvakt", "https://jobb.storkoping.example/jobb/3?a=1&b=2", []),
    ]
    assert page.headings == ("Arbeta hos oss", "Lediga jobb (3)", "Badvakt", "Så söker du")


def test_without_a_heading_menus_and_feet_are_left_out_unless_only_they_hold_what_is_asked_for():
    assert [title for title, _address in listed(PAGE, holds=("/jobb/",))] == [
        "Lärare & mentor", "Badvakt", "Guiden", "Mallen"
    ]  # fmt: skip
    assert ("Start", "https://storkoping.example/") not in listed(PAGE)
    assert len(listed(PAGE)) == 6
    assert listed(PAGE, holds=("KAKOR",)) == [("Kakor", "https://storkoping.example/jobb/kakor")]


@pytest.mark.parametrize(
    ("html", "asked", "said"),
    [
        (PAGE, {"heading": "Nämnder"}, "Rubriken ”Nämnder” finns inte på sidan. Där finns: ”Arbeta hos oss”"),
        (PAGE, {"holds": ("kallelse",)}, "Ingen av sidans 10 länkar stämmer"),
        ('<body><div id="app"></div><script>document.write("<a href=/jobb/1>Jobb</a>")</script>', {}, "ritas troligen"),
        ('<a href="javascript:alert(1)">x</a><a href="data:text/html,x">x</a><a href="#b">x</a><a>x</a>'
         '<a href="mailto:a@b.example">x</a><a href="http://[">x</a><a href="//a:b@x.example/">x</a>'
         '<a href=" java\nscript:alert(1)">x</a>', {}, "inga länkar"),
        ("{}", {}, "ingen webbsida"),
        (b"<a href=/x>y</a>" + b" " * pages.MOST_BYTES, {}, "större än vad som läses"),
    ],
)  # fmt: skip
def test_where_nothing_is_found_it_is_said_what_may_be_wrong(html, asked, said):
    with pytest.raises(pages.NotAPage, match=said):
        listed(html, **asked)


@pytest.mark.parametrize(
    "body",
    [
        '<meta charset="iso-8859-1"><a href="/å">Skötare på ön</a>'.encode(),  # says another than it is
        '<meta charset="utf-8"><a href="/å">Skötare på ön</a>'.encode("latin-1"),
        '<a href="/å">Skötare på ön</a>'.encode("utf-16"), '\ufeff<a href="/å">Skötare på ön</a>'.encode(),
        '<a href="/å">Skötare på ön</a>'.encode() + b"\xff",  # one byte gone wrong
    ],
    ids=["utf-8 as latin-1", "latin-1 as utf-8", "utf-16", "with a mark", "one broken byte"],
)  # fmt: skip
def test_letters_are_read_right_whatever_the_page_declares(body):
    assert listed(body) == [("Skötare på ön", "https://storkoping.example/å")]


def test_a_page_says_itself_where_its_links_begin_and_only_the_web_may_be_there():
    html = '<base href="javascript:x"><base href="https://annat.example/b/"><base href="/c/"><a href="1">Ett</a>'

    assert listed(html) == [("Ett", "https://annat.example/b/1")]
    assert listed('<!-- <a href="/dolt">Dolt</a> --><a href="/1" title=\'a>b\'>Ett</a>') == [
        ("Ett", "https://storkoping.example/1")
    ]


def test_what_the_page_says_of_itself_in_json_ld_is_given_flat_and_broken_json_is_left_out():
    graph = {"@graph": [{"@type": "ItemList", "itemListElement": [{"item": {"@type": ["Event"], "name": "Möte"}}]}]}
    html = f"""<script type="application/ld+json">{{</script><!-- <script type="application/ld+json">[{{"@type":
    "Event"}}]</script> --><script type='Application/LD+JSON'>{json.dumps(graph)}</script>
    <script type="application/ld+json">{"[" * 90_000}</script>"""

    found = happenings.told(pages.read(html.encode(), address=HERE).scripts, frozenset({"Event"}))

    assert [each["name"] for each in found] == ["Möte"]


@pytest.mark.parametrize(
    "piece",
    [
        "<", "<a", "<a href='", '<a href="x', "<!--", "<script>", "</div>", "<div>", "<div><a href=/x>", "<p><li><td>",
        '<a"<a"', "<a href=/x>y<time datetime=2026-01-01>", "<b>&#999999999999", "<h2>y", "<a x=' y=\" ", "<li><ul>",
        "<script type=ld+json>[", "<a href='x'" + "b=c " * 50,
    ],
)  # fmt: skip
def test_a_hostile_page_costs_no_more_than_its_length(piece):
    html = (piece * (200_000 // len(piece)) + "\"> '>").encode()
    started = time.process_time()

    page = pages.read(html, address=HERE)

    assert time.process_time() - started < 2
    assert len(page.links) <= pages.MOST_LINKS


def test_no_more_links_than_are_read():
    page = pages.read("".join(f"<a href=/{n}>{n}</a>" for n in range(5_000)).encode(), address=HERE)

    assert (len(page.links), page.is_cut) == (pages.MOST_LINKS, True)

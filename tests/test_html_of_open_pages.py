"""Every page that is open to anybody is HTML without a fault, in both languages, whatever stands in the register."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.test import Client
from html5rdf import HTMLParser
from html5rdf.html5parser import ParseError

from narvaro.channels import actions as channels
from narvaro.channels.testing import a_channel
from tests.test_open_to_anybody import open_addresses

pytestmark = pytest.mark.django_db

ODD = "Å \"citat\" & <b>fet</b> \u202e'x' </p></li><script>"


def faults_of(html: str) -> list[str]:
    """Return what is wrong with a page: what no parser has to guess about, names used twice, and leads to nothing."""
    parser = HTMLParser(strict=True)
    try:
        tree = parser.parse(html)
    except ParseError as fault:
        return [f"{fault} at {parser.tokenizer.stream.position()}"]
    every = list(tree.iter())
    names = Counter(each.get("id") for each in every if each.get("id"))
    found = [f"the id {name} stands {count} times" for name, count in names.items() if count > 1]
    for each in every:
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list"):
            lost = [name for name in (each.get(attribute) or "").split() if name not in names]
            found += [f"{attribute} leads to no {name}" for name in lost]
    return found


@pytest.fixture
def addresses(authority, lead):
    """Every open page of an authority with accounts that say all they can, one of them closed and one called oddly."""
    whole, closed, odd = (a_channel(authority, platform="facebook", purpose=text) for text in ("Tips", "", ODD))
    channels.describe_channel(
        actor=lead, channel=whole, audience="Alla", languages="svenska", staffed_hours="Vardagar", elsewhere="Ring.",
        function_mailbox="oss@storkoping.example", privacy_url="https://storkoping.example/?a=1&b=2",
        opened_on=date(2020, 1, 1),
    )  # fmt: skip
    channels.describe_channel(actor=lead, channel=odd, audience=ODD, staffed_hours=ODD, elsewhere=ODD, languages=ODD)
    channels.change_channel(actor=lead, channel=odd, name=ODD[:120])
    channels.close_channel(actor=lead, channel=closed, why="Ingen läser.")
    news = a_channel(authority, platform="newsletter", purpose=ODD)
    found = sorted(open_addresses(authority.slug, whole.uid, news.uid))
    asked = f"/{authority.slug}/kanaler/vart/?konto="
    return [*found, f"{asked}{whole.handle}", f"{asked}{closed.handle}", f"{asked}%22%3E%3Cscript%3E", f"{asked}okänt"]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_open_page_is_html_without_a_fault(addresses, language):
    anybody, seen, problems = Client(), 0, []
    for address in addresses:
        answer = anybody.get(f"{address}{'&' if '?' in address else '?'}sprak={language}")
        if answer["Content-Type"].startswith("text/html"):
            seen += 1
            problems += [f"{address}: {fault}" for fault in faults_of(answer.content.decode())]

    assert seen > 10
    assert not problems, "\n".join(problems)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "body",
    ["<p><div></p>", "<a href=x href=y>", "<b><i></b></i>", "&nosuch;", "<p id=a></p><p id=a></p>",
     "<label for=nothing></label>", "<div/>"],
)  # fmt: skip
def test_a_fault_is_seen(body):
    assert faults_of(f"<!doctype html><html><head><title>x</title></head><body>{body}</body></html>")
    assert not faults_of("<!doctype html><html><head><title>x</title></head><body><p>x</p></body></html>")

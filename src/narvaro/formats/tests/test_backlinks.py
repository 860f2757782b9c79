"""How a website names its accounts."""

from __future__ import annotations

import pytest

from narvaro.formats import backlinks
from narvaro.testing.effort import within

pytestmark = pytest.mark.one_database
ACCOUNT = "https://social.example/@kommunen"
HOME = "https://www.storkoping.example/"


def test_od_6_links_that_a_page_calls_its_own_are_found():
    page = (
        f'<link href="/rss" rel="alternate"><a class="x" rel="noopener ME" href="{ACCOUNT}">Vi</a><a href="/om">Om</a>'
    )

    assert backlinks.rel_me(page, HOME) == [ACCOUNT]
    assert backlinks.linked(page, HOME) == [f"{HOME}rss", ACCOUNT, f"{HOME}om"]


@pytest.mark.parametrize(
    "page",
    [
        f'<script type="application/ld+json">{{"@graph": [{{"a": {{"sameAs": ["{ACCOUNT}"]}}}}]}}</script>',
        f'<script nonce=1 type=\'application/ld+json\'>{{"sameAs": "{ACCOUNT}"}}</script>',
        f'<script type="application/ld+json">nej</script><a itemprop="sameAs" href="{ACCOUNT}">x</a>',
    ],
)
def test_od_6_the_same_organisation_is_found_in_each_way_of_saying_it(page):
    assert backlinks.same_as(page) == [ACCOUNT]


def test_od_6_trust_txt_names_accounts():
    assert backlinks.trusted(f"# våra\nmember=x\nSocial={ACCOUNT} # konto\ncontact=mailto:a@b.example") == [ACCOUNT]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.social.example/@Kommunen/", ACCOUNT, True),
        ("social.example/@kommunen", ACCOUNT, True),
        ("https://social.example/@kommunen2", ACCOUNT, False),
        ("https://social.example.evil.example/@kommunen", ACCOUNT, False),
        ("", "", False),
        ("https://[", ACCOUNT, False),
    ],
)
def test_the_same_place_is_the_same_however_it_is_written(one, other, same):
    assert backlinks.is_same_place(one, other) is same


def test_a_page_stands_within_a_website_only_under_its_name():
    assert backlinks.is_within("https://bibliotek.storkoping.example/x", HOME)
    assert not backlinks.is_within("https://xstorkoping.example/", HOME)
    assert not backlinks.is_within("https://storkoping.example.evil.example/", HOME)
    assert not backlinks.is_within("https://x.example/", "")


@pytest.mark.parametrize(
    "piece", ["<a ", "<a href='", '<a rel="me" ', "<script type=application/ld+json>", "<", '<a href="x']
)
def test_a_hostile_page_costs_no_more_than_its_length(piece):
    page = piece * (1_000_000 // len(piece))

    with within(4):
        backlinks.rel_me(page)
        backlinks.same_as(page)

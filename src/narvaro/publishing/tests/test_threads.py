"""A text too long for a platform as a thread: whole words, whole links, whole signs, and nothing lost."""

from __future__ import annotations

import random

import pytest

from narvaro.connectors.port import Limits
from narvaro.core.types import Invalid
from narvaro.publishing import rules, threads

pytestmark = pytest.mark.one_database
BLUESKY = Limits(300)
MASTODON = Limits(500, url_length=23)
WORDS = (
    "badet",
    "öppnar.",
    "Välkomna!",
    "👨‍👩‍👧‍👦",
    "https://stad.example/bad?dag=1&tid=2",
    "i",
    "på\n\nNästa",
    "åäö,",
    "e\u0301l",
)


@pytest.mark.parametrize("limits", [BLUESKY, MASTODON])
@pytest.mark.parametrize("is_numbered", [False, True])
def test_every_part_fits_nothing_is_lost_and_no_link_or_sign_is_cut(limits, is_numbered):
    chance = random.Random(5)
    for _ in range(20):
        text = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 350)))

        found = threads.parts_of(text, limits, may_split=True, is_numbered=is_numbered)

        assert max(rules.length_of(part, limits) for part in found) <= limits.max_length
        if is_numbered and len(found) > 1:
            endings = [f" {n}/{len(found)}" for n in range(1, len(found) + 1)]
            assert all(part.endswith(end) for part, end in zip(found, endings, strict=True))
            found = [part.removesuffix(end) for part, end in zip(found, endings, strict=True)]
        assert " ".join(found).split() == text.split()


def test_a_thread_breaks_where_the_meaning_does():
    first, second = "Badet öppnar igen på lördag. " * 7, "Ta med handduk. " * 10

    found = threads.parts_of(f"{first.strip()}\n\n{second.strip()}", BLUESKY, may_split=True)

    assert found == [first.strip(), second.strip()]


def test_a_line_of_dashes_divides_and_what_is_too_long_is_left_so_where_it_may_not_be_split():
    text = "Först.\n---\n" + "Sedan. " * 60

    assert threads.parts_of(text, BLUESKY, is_numbered=True)[0] == "Först. 1/2"
    assert [len(part) > 300 for part in threads.parts_of(text, BLUESKY)] == [False, True]
    assert len(threads.parts_of(text, BLUESKY, may_split=True)) == 3
    assert threads.parts_of("x" * 900, Limits(None), may_split=True) == ["x" * 900]


def test_a_word_longer_than_a_post_is_cut_between_signs_and_a_link_is_refused():
    family = "👨‍👩‍👧‍👦" * 301

    assert [rules.length_of(part, BLUESKY) for part in threads.parts_of(family, BLUESKY, may_split=True)] == [300, 1]
    with pytest.raises(Invalid, match="länk"):
        threads.parts_of("https://stad.example/" + "a" * 400, BLUESKY, may_split=True)
    with pytest.raises(Invalid, match="högst 25"):
        threads.parts_of("ord " * 5000, BLUESKY, may_split=True)


@pytest.mark.parametrize(
    ("text", "most", "begins"),
    [
        ("Badet öppnar.", 20, "Badet öppnar."),
        ("Badet\n\nöppnar  nu", 20, "Badet öppnar nu"),
        ("Badet öppnar, äntligen igen", 14, "Badet öppnar …"),
        ("Vattenläckanpåstorgatan", 10, "Vattenläck …"),
        ("", 10, ""),
    ],
)
def test_a_title_is_how_a_text_begins_on_one_line_ended_at_a_word(text, most, begins):
    assert rules.beginning(text, most) == begins

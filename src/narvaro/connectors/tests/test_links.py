"""What a link says of when something was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors.bluesky.keys import new_key
from narvaro.connectors.links import written_at


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        # The example of Mastodon's own documentation, and one of snac's and GoToSocial's kind.
        ("https://mastodon.example/@nagon/103704874086360371", datetime(2020, 2, 22, 22, 33, tzinfo=UTC)),
        ("https://snac.example/nagon/p/1700000000.123456", datetime(2023, 11, 14, 22, 13, tzinfo=UTC)),
        # The example of the specification of keys.
        ("https://bsky.app/profile/granne.example/post/3jzfcijpj2z2a", datetime(2023, 6, 30, 15, 3, tzinfo=UTC)),
        ("https://gts.example/@nagon/statuses/01HF7XJZ00AAAAAAAAAAAAAAAA", datetime(2023, 11, 14, 22, 0, tzinfo=UTC)),
    ],
)
def test_an_id_that_holds_the_time_tells_it(link, expected):
    found = written_at(link)

    assert found is not None
    assert abs(found - expected) < timedelta(minutes=1), found


def test_the_key_of_a_post_on_bluesky_tells_when_it_was_made():
    found = written_at(f"https://bsky.app/profile/granne.example/post/{new_key()}")

    assert found is not None
    assert abs(found - clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "link",
    [
        "", "ingen länk", "https://social.example/", "https://social.example/@nagon/42", "https://[ogiltig/",
        "https://social.example/notes/9abcdefgh", "https://social.example/@nagon/9999999999999999999",
        "https://social.example/@nagon/1000000000000000", "https://snac.example/nagon/p/9999999999.1",
        "https://social.example/@nagon/\u0661\u0660\u0663\u0667\u0660\u0664\u0668\u0667\u0664\u0660\u0668\u0666\u0663\u0666\u0660\u0663\u0667\u0661",
    ],
)  # fmt: skip
def test_an_id_that_holds_no_time_tells_none(link):
    assert written_at(link) is None

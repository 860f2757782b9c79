"""Films on YouTube: uploaded for nobody to see, captioned and ready, and opened by one call that is made once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narvaro.base import clock
from narvaro.connectors import films
from narvaro.connectors.port import Account, Captions, NotThere, Outgoing, Picture, Published, Refused, Unknown
from narvaro.connectors.youtube import YouTube
from narvaro.testing.reels import SRT, Reel, a_film
from narvaro.testing.servers.scripted import Scripted
from narvaro.testing.servers.strict import Keys
from narvaro.testing.servers.youtube import US, YouTubePlatform

pytestmark = pytest.mark.one_database

CONTENT = bytes(range(250)) * 40_000  # three pieces


@pytest.fixture
def platform():
    return YouTubePlatform()


@pytest.fixture
def account(platform, monkeypatch):
    monkeypatch.setattr(films, "WAIT_SECONDS", 0)
    with Scripted(platform) as server:
        keys = Keys(platform.tokens.issue())
        yield Account("", "@storkoping", US, keys, allow_private_hosts=True, options={"service": server.base_url})


def outgoing(film, text="Badet är öppet.\n\nVälkomna!", **how):
    return Outgoing(key="k1", text=text, film=film, **how)


def test_p01_a_film_is_whole_captioned_and_ready_before_it_is_opened_once(platform, account):
    reel = Reel(CONTENT)
    platform.uploads.slow, platform.uploads.breaks = 2, 2

    outcome = YouTube().publish(account, outgoing(a_film(reel)))

    ((video_id, content),) = platform.uploads.contents.items()
    assert isinstance(outcome, Published)
    assert outcome.item.remote_id == video_id
    assert outcome.item.text == "Invigningen\n\nBadet är öppet.\n\nVälkomna!"
    assert content == CONTENT
    assert platform.uploads.texts == {video_id: [("sv", SRT)]}
    assert platform.films[video_id]["privacy"] == "public"
    assert reel.most <= max(platform.uploads.pieces) <= 4 * 1024 * 1024
    assert reel.opened == reel.closed
    assert platform.made == 1


def test_without_a_title_the_first_line_of_the_text_is_one(platform, account):
    outcome = YouTube().publish(account, outgoing(a_film(Reel(b"film"), title="")))

    assert isinstance(outcome, Published)
    assert outcome.item.text == "Badet är öppet.\n\nVälkomna!"


def test_p03_an_opening_that_nobody_answered_is_found_by_reading_and_a_closed_film_is_not_out(platform, account):
    at = clock.now()
    platform.uploads.breaks_after_opening = True
    post = outgoing(a_film(Reel(b"film")))

    outcome = YouTube().publish(account, post)
    settled = YouTube().settle(account, post, at)
    for film in platform.films.values():
        film["privacy"] = "private"
    closed = YouTube().settle(account, post, at)

    assert isinstance(outcome, Unknown)
    assert isinstance(settled, Published)
    assert isinstance(closed, NotThere)
    assert not closed.certain
    assert platform.made == 1


def test_a_film_that_stays_closed_or_cannot_be_shown_is_taken_away_and_told(platform, account):
    platform.uploads.is_unaudited = True
    closed = YouTube().publish(account, outgoing(a_film(Reel(b"film"))))
    platform.uploads.is_unaudited, platform.uploads.fails = False, True
    broken = YouTube().publish(account, outgoing(a_film(Reel(b"film"))))

    assert isinstance(closed, Refused)
    assert "granskat" in closed.reason
    assert isinstance(broken, Refused)
    assert platform.films == {}


@pytest.mark.parametrize(
    ("film", "post"),
    [
        ({"seconds": 50_000.0}, {}), ({"media_type": "video/avi"}, {}), ({"size_bytes": 5}, {}),
        ({"size_bytes": 0}, {}), ({"title": "å" * 101}, {}), ({"title": "a < b"}, {}),
        ({"title": ""}, {"text": " "}), ({}, {"text": "å" * 2501}),
        ({"captions": (Captions("sv", b"hej"),)}, {}), ({}, {"pictures": (Picture(b"b", "image/png", "Bild"),)}),
        ({}, {"film": None}), ({}, {"parent_remote_id": "film0000001", "root_remote_id": "film0000001"}),
    ],
)  # fmt: skip
def test_a_film_that_youtube_would_refuse_is_never_opened(platform, account, film, post):
    wanted = replace(outgoing(replace(a_film(Reel(b"film")), **film)), **post)

    assert isinstance(YouTube().publish(account, wanted), Refused)
    assert platform.made == 0
    assert platform.uploads.contents == {}

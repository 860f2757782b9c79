"""Films on LinkedIn: put part by part before the post, and refused where LinkedIn would refuse them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narvaro.connectors import films
from narvaro.connectors.linkedin import LinkedIn
from narvaro.connectors.port import Account, Captions, Outgoing, Published, Refused, Transient
from narvaro.testing.reels import SRT, VTT, Reel, a_film
from narvaro.testing.servers.linkedin import US, LinkedInPlatform
from narvaro.testing.servers.scripted import Scripted
from narvaro.testing.servers.strict import Keys

pytestmark = pytest.mark.one_database

CONTENT = bytes(range(250)) * 400


@pytest.fixture
def platform():
    return LinkedInPlatform()


@pytest.fixture
def account(platform, monkeypatch):
    monkeypatch.setattr(films, "WAIT_SECONDS", 0)
    with Scripted(platform) as server:
        platform.base_url = server.base_url
        keys = Keys(platform.tokens.issue())
        yield Account("", "storkoping", US, keys, allow_private_hosts=True, options={"service": server.base_url})


def outgoing(film, **how):
    return Outgoing(key="k1", text="Badet är öppet.", film=film, **how)


def test_p01_a_film_arrives_whole_in_its_parts_with_its_captions_before_the_one_post(platform, account):
    reel = Reel(CONTENT)
    platform.films.slow, platform.films.breaks = 2, 1

    outcome = LinkedIn().publish(account, outgoing(a_film(reel, seconds=9.0)))

    ((urn, film),) = platform.films.held.items()
    (post,) = platform.posts.values()
    assert isinstance(outcome, Published)
    assert film.content == CONTENT
    assert film.texts == [({"country": "SE", "language": "SV"}, SRT)]
    assert (reel.most, reel.closed) == (40_000, 1)
    assert post["content"] == {"media": {"id": urn, "title": "Invigningen"}}
    assert platform.made == 1


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"size_bytes": 501_000_000}, "500 MB"), ({"size_bytes": 74_999}, "75 kB"), ({"seconds": 1801.0}, "30 minuter"),
        ({"media_type": "video/quicktime"}, "MP4"), ({"captions": (Captions("sv", VTT), Captions("en", VTT))}, "enda"),
        ({"captions": (Captions("sv", b"hej"),)}, "WebVTT"), ({"size_bytes": 100_001}, "inte hel"),
    ],
)  # fmt: skip
def test_a_film_that_linkedin_would_refuse_leaves_no_post_behind(platform, account, changed, word):
    film = replace(a_film(Reel(CONTENT), seconds=9.0), **changed)

    outcome = LinkedIn().publish(account, outgoing(film))
    answer = LinkedIn().publish(account, outgoing(film, parent_remote_id="urn:li:share:1"))

    assert isinstance(outcome, Refused)
    assert word in outcome.reason
    assert isinstance(answer, Refused)
    assert platform.made == 0


def test_a_film_that_linkedin_cannot_show_or_asks_for_in_odd_parts_is_not_posted(platform, account, monkeypatch):
    monkeypatch.setattr(films, "LOOKS", 2)
    film = a_film(Reel(CONTENT), seconds=9.0)
    platform.films.slow = 9
    slow = LinkedIn().publish(account, outgoing(film))
    platform.films.slow, platform.films.fails = 0, True
    broken = LinkedIn().publish(account, outgoing(film))
    platform.films._spans = lambda total: [(0, 5), (4, total - 1)]
    odd = LinkedIn().publish(account, outgoing(film))

    assert isinstance(slow, Refused)
    assert isinstance(slow.error, Transient)
    assert isinstance(broken, Refused)
    assert isinstance(odd, Refused)
    assert platform.made == 0

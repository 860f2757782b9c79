"""Films and polls on X: sent in pieces before the post, and refused before anything is sent where X would refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narvaro.connectors import films
from narvaro.connectors.port import Account, Captions, Outgoing, Picture, Poll, Published, Refused, Transient
from narvaro.connectors.x import X
from narvaro.testing.reels import SRT, Reel, a_film
from narvaro.testing.servers.scripted import Scripted
from narvaro.testing.servers.strict import Keys
from narvaro.testing.servers.x import US, XPlatform

pytestmark = pytest.mark.one_database


@pytest.fixture
def platform():
    return XPlatform()


@pytest.fixture
def account(platform, monkeypatch):
    monkeypatch.setattr(films, "WAIT_SECONDS", 0)
    monkeypatch.setattr(films, "PIECE_BYTES", 1000)
    with Scripted(platform) as server:
        keys = Keys(platform.tokens.issue())
        yield Account("", "storkoping", US, keys, allow_private_hosts=True, options={"service": server.base_url})


def outgoing(text="Badet är öppet.", **how):
    return Outgoing(key="k1", text=text, **how)


def test_p01_a_film_arrives_whole_in_pieces_with_its_captions_before_the_one_post(platform, account):
    reel = Reel(bytes(range(256)) * 20)
    platform.films.slow, platform.films.breaks = 2, 1

    outcome = X().publish(account, outgoing(film=a_film(reel)))

    (film,) = platform.films.held.values()
    assert isinstance(outcome, Published)
    assert (film.content, film.texts) == (reel.content, {"SV": SRT})
    assert (reel.most, reel.opened, reel.closed) == (1000, 1, 1)
    assert platform.made == 1
    assert len(outcome.item.media) == 1


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"size_bytes": 513_000_000}, "512 MB"),
        ({"seconds": 141.0}, "140 sekunder"),
        ({"media_type": "video/webm"}, "MP4"),
        ({"captions": (Captions("sv", b"hej"),)}, "WebVTT"),
        ({"captions": (Captions("tlh", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHej"),)}, "språk"),
        ({"size_bytes": 6000}, "inte hel"),
    ],
)
def test_a_film_that_x_would_refuse_leaves_no_post_behind(platform, account, changed, word):
    outcome = X().publish(account, outgoing(film=replace(a_film(Reel(b"film" * 1000)), **changed)))

    assert isinstance(outcome, Refused)
    assert word in outcome.reason
    assert platform.made == 0


def test_a_film_that_x_cannot_show_or_never_gets_ready_is_not_posted(platform, account, monkeypatch):
    monkeypatch.setattr(films, "LOOKS", 3)
    film = a_film(Reel(b"film" * 1000))
    platform.films.slow = 10
    slow = X().publish(account, outgoing(film=film))
    platform.films.slow, platform.films.fails = 0, True
    broken = X().publish(account, outgoing(film=film))
    platform.films.breaks = films.PIECE_TRIES
    lost = X().publish(account, outgoing(film=film))

    assert isinstance(slow, Refused)
    assert isinstance(slow.error, Transient)
    assert isinstance(broken, Refused)
    assert "Unsupported video" in broken.reason
    assert isinstance(lost, Refused)
    assert platform.made == 0


def test_a_poll_goes_out_with_its_choices_and_time(platform, account):
    outcome = X().publish(account, outgoing(poll=Poll(("Ja", "Nej", "Vet inte", "Kanske"), 48)))

    assert isinstance(outcome, Published)
    (post,) = platform.posts.values()
    assert post["poll"] == {"options": ["Ja", "Nej", "Vet inte", "Kanske"], "duration_minutes": 2880}


@pytest.mark.parametrize(
    "poll",
    [
        Poll(("Ja",), 24), Poll(("1", "2", "3", "4", "5"), 24), Poll(("Ja", "Ja"), 24), Poll(("Ja", "å" * 26), 24),
        Poll(("Ja", " "), 24), Poll(("Ja", "Nej"), 0), Poll(("Ja", "Nej"), 169),
        Poll(("Ja", "Nej"), 24, is_multiple=True),
    ],
)  # fmt: skip
def test_a_poll_that_x_would_refuse_is_refused_before_it_is_sent(platform, account, poll):
    with_picture = outgoing(poll=Poll(("Ja", "Nej"), 24), pictures=(Picture(b"bild", "image/png", "Badet"),))

    assert isinstance(X().publish(account, outgoing(poll=poll)), Refused)
    assert isinstance(X().publish(account, with_picture), Refused)
    assert platform.made == 0

"""Films on Facebook, Instagram and Threads: ready before the one call that is seen, refused where they would be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narvaro.base import clock
from narvaro.connectors import films
from narvaro.connectors.meta import publishing
from narvaro.connectors.meta.tests.conftest import a_site
from narvaro.connectors.port import Captions, MediaKind, Published, Refused, Transient, Unknown
from narvaro.testing.reels import SRT, VTT, Reel, a_film
from narvaro.testing.servers.graph import FILM
from narvaro.testing.servers.scripted import Said

pytestmark = [pytest.mark.one_database, pytest.mark.server]

CONTENT = FILM + bytes(range(250)) * 10


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(films, "WAIT_SECONDS", 0)


def a_post(site, reel=None, **how):
    film = a_film(reel or Reel(CONTENT), seconds=9.0, url=f"{site.server.base_url}/fil/1.mp4")
    return site.post(pictures=0, film=replace(film, **how))


def test_p01_a_film_goes_out_once_and_is_read_back(site):
    site.server.slow_containers = 2

    outcome = site.connector.publish(site.account, a_post(site))
    found = site.connector.read(site.account, "")

    assert isinstance(outcome, Published)
    (medium,) = outcome.item.media
    assert (medium.kind, outcome.item.text) == (MediaKind.VIDEO, "Öppet hus på lördag.")
    assert [item.remote_id for item in found.items if item.is_own] == [outcome.item.remote_id]
    assert medium.alt == ("Borgmästaren inviger badet." if site.platform == "threads" else "")


def test_p03_an_answer_that_never_came_is_not_repeated_and_the_film_is_found_by_reading(site):
    at, ending = clock.now(), "/videos" if site.platform == "facebook" else site.effect
    prepared = site.connector._prepared
    site.connector._prepared = lambda graph, post: _then_broken(site, prepared(graph, post), ending)
    post = a_post(site)

    outcome = site.connector.publish(site.account, post)
    settled = site.connector.settle(site.account, post, at)

    assert isinstance(outcome, Unknown)
    assert isinstance(settled, Published)
    assert sum(each["kind"].endswith("_post") for each in site.server.objects.values()) == 1


def _then_broken(site, effect, ending):
    site.server.fault("POST", ending, Said(hang_up=True), after_effect=True)
    return effect


@pytest.mark.parametrize(
    "changed",
    [{"size_bytes": 20_000_000_000}, {"seconds": 20_000.0}, {"media_type": "video/webm"}],
    ids=["bytes", "seconds", "kind"],
)
def test_a_film_that_would_be_refused_is_not_sent(site, changed):
    outcome = site.connector.publish(site.account, a_post(site, **changed))

    assert isinstance(outcome, Refused)
    assert not [call for call in site.server.calls if call.method == "POST"]


@pytest.mark.parametrize("platform", ["instagram", "threads"])
def test_what_the_platform_cannot_fetch_or_use_or_is_slow_with_is_not_published(server, platform, monkeypatch):
    site = a_site(server, platform)
    monkeypatch.setattr(publishing, "FILM_TRIES", 2)
    unseen = site.connector.publish(site.account, a_post(site, url="http://inne.example/film.mp4"))
    gone = site.connector.publish(site.account, a_post(site, url=f"{server.base_url}/fil/1.jpg"))
    server.slow_containers = 9
    slow = site.connector.publish(site.account, a_post(site))
    server.broken_containers = True
    broken = site.connector.publish(site.account, a_post(site))

    assert all(isinstance(each, Refused) for each in (unseen, gone, slow, broken))
    assert isinstance(slow.error, Transient)
    assert not site.calls("POST", site.effect)


@pytest.mark.parametrize("is_early", [True, False])
def test_facebook_gets_the_film_in_the_pieces_it_asks_for_and_its_captions_as_soon_as_it_takes_them(server, is_early):
    site, reel = a_site(server, "facebook"), Reel(CONTENT)
    server.early_captions = is_early
    both = (Captions("sv", VTT), Captions("en-GB", VTT))
    server.fault("POST", "/videos", Said(503, {"error": {"code": 2}}))

    outcome = site.connector.publish(site.account, a_post(site, reel, captions=both))

    (film,) = (each for each in server.objects.values() if each["kind"] == "video")
    assert isinstance(outcome, Published)
    assert (film["content"], film["title"]) == (CONTENT, "Invigningen")
    assert film["texts"] == {"sv_SE": SRT, "en_GB": SRT}
    assert reel.most <= 1000
    assert (reel.opened, reel.closed) == (1, 1)


@pytest.mark.parametrize("offsets", [("0", "9999999"), ("5", "5"), ("x", "7"), ("9", "3"), ("-1", "3")])
def test_facebook_asking_for_what_is_not_there_publishes_nothing(server, offsets):
    site = a_site(server, "facebook")
    server.fault("POST", "/videos", Said(200, {
        "video_id": "1", "upload_session_id": "2", "start_offset": offsets[0], "end_offset": offsets[1]}))  # fmt: skip

    outcome = site.connector.publish(site.account, a_post(site))

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, Transient)
    assert site.calls("POST", "/videos") == 1

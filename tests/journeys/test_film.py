"""A film by keyboard: put in the library with progress, given its captions, played on its page, taken out of use."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from narvaro.testing.films import a_film_file
from tests.journeys.colleague import until
from tests.journeys.hands import Keys

pytestmark = [pytest.mark.journey, pytest.mark.server, pytest.mark.xdist_group("by_keyboard")]

SAID = "00:00.200 --> 00:01.800\nVälkommen till badet."
HAS_WORDS = "video => [...(video.textTracks[0]?.cues ?? [])].some(each => each.text)"


def test_dos_2_a_film_is_uploaded_captioned_played_and_taken_out_of_use_with_keys(demo, browser):
    worker = Keys(browser, demo.url, storage_state=demo.state)
    film = {"name": "Badhuset.mp4", "mimeType": "video/mp4", "buffer": a_film_file(seconds=2, size=(320, 180))}

    worker.open("/bilder/film/lagg-till/")
    worker.page.set_input_files("[name=film]", [film])  # the system's own window is nobody's to press keys in
    with worker.page.expect_request(lambda asked: asked.method == "POST") as sent:
        worker.press_on("main form[data-upload] button.button--primary")
    assert sent.value.headers["accept"] == "application/json"  # by the script, which shows how far it is
    worker.shows("Utan undertexter går filmen inte ut")

    worker.press_on("main a[href$='/undertexter/']")
    worker.write_in("[name=captions]", SAID)
    worker.press_on("main form button.button--primary")
    worker.shows("Hämta som WebVTT")
    worker.look(name="film with captions", everything=False)

    player = worker.page.locator("video[controls]")
    expect(player.locator("track[kind=captions][srclang=sv]")).to_have_count(1)
    worker.tab_to("video")
    worker.key("Space")
    until(lambda: player.evaluate("video => video.currentTime > 0"), "the film to play")
    until(lambda: player.evaluate(HAS_WORDS), "its captions to be there")

    worker.press_on("details.more:has([name=why]) > summary", leads=False)
    worker.write_in("[name=why]", "Badet är rivet.")
    worker.press_on("form[action$='/ur-bruk/'] button")
    worker.shows("tagen ur bruk")
    worker.go_home()

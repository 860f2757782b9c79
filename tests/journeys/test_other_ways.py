"""Other ways through the day: without scripts, with large text, in a hurry, with a copy to take away."""

from __future__ import annotations

import zipfile

import pytest

from tests.journeys.browser import NARROW
from tests.journeys.colleague import Colleague, until
from tests.journeys.library import COLLEAGUE, LEAD

pytestmark = [
    pytest.mark.seldom,
    pytest.mark.journey,
    pytest.mark.server,
    pytest.mark.xdist_group("other_ways"),
]  # they share what they look at

TEXT = "#composer textarea[name=text]"


def test_an_answer_is_written_without_scripts(library, browser):
    library.ask("Säljer ni utgallrade böcker?")
    lead = Colleague(browser, library.url, java_script_enabled=False).sign_in(LEAD)

    lead.open_thread("Säljer ni utgallrade böcker?", within="alla")
    lead.answer("Ja, i entrén.")
    until(lambda: library.said("Ja, i entrén.") == 1, "the answer on the platform", seconds=60)

    lead.open_thread("Säljer ni utgallrade böcker?", within="alla")
    done = lead.page.locator("#thread-actions form[action*='/steg/oppna/']")
    until(lambda: bool(lead.page.reload()) and done.count() == 1, "the item to be done", pause=0.5)
    lead.step("registrator")
    lead.send()
    assert lead.page.locator("#thread-state [href*=registrar], #thread-state use").count() > 0
    lead.satisfied()


def test_nothing_runs_over_with_text_at_twice_its_size(library, browser):
    library.ask("Finns det parkering?")
    lead = Colleague(browser, library.url).sign_in(LEAD)
    lead.open_thread("Finns det parkering?", within="alla")
    thread = lead.page.url
    lead.page.set_viewport_size({"width": 640, "height": 900})

    wide = {}
    for path in (thread, "/inkorg/?lista=alla", "/att-gora/", "/kanaler/", "/handlingar/sok/", "/franvaro/"):
        lead.open(path)
        lead.page.evaluate("document.documentElement.style.fontSize = '200%'")
        over = lead.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 1:
            wide[path] = over

    assert wide == {}


def test_a_phone_shows_every_menu_whole_and_how_to_take_a_step_back(library, browser):
    for words in ("Finns det kaffe?", "Finns det te?"):
        library.ask(words)
    lead = Colleague(browser, library.url).sign_in(LEAD)
    page = lead.page
    page.set_viewport_size(NARROW)

    lead.await_row("Finns det te?", within="alla")
    page.locator(".tabs--lists summary").click()
    is_whole(page.locator(".tabs--lists .menu__panel"))
    page.locator("[data-row] .thread-row__choose").first.click()
    page.locator(".bulk__bar summary").click()
    is_whole(page.locator(".bulk__bar .menu__panel"))
    lead.open_thread("Finns det te?", within="alla")
    page.locator("#thread-actions summary").click()
    is_whole(page.locator("#thread-actions .menu__panel"))
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.locator("#thread-actions form[action*='/steg/inget-svar/'] button").first.click()
    with page.expect_navigation():
        page.locator(".pane__toast form button:visible").click()

    assert page.locator("h1:visible").count() == 1
    assert page.locator("#thread-actions form[action*='/steg/inget-svar/']").count() > 0
    lead.satisfied()


def is_whole(panel):
    """See that what unfolds can be reached: its first and last thing lie on top, within the page's width."""
    for thing in (panel.locator(".menu__item").first, panel.locator(".menu__item").last):
        thing.scroll_into_view_if_needed()
        box = thing.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= NARROW["width"], "cut off at a side"  # noqa: PT018
        thing.click(trial=True)


def test_an_urgent_item_is_taken_by_one_and_shows_whom_to_call(library, browser):
    library.ask("Jag orkar inte leva längre. Jag har bestämt mig för att ta mitt liv i kväll.")
    lead = Colleague(browser, library.url).sign_in(LEAD)
    colleague = Colleague(browser, library.url).sign_in(COLLEAGUE)

    lead.open_thread("Jag orkar inte leva längre", within="akuta")
    assert lead.page.locator("#urgent a[href='tel:112']").count() == 1
    lead.shoot_in_both("akut")
    with lead.page.expect_navigation():
        lead.page.locator("#urgent form[action*='/steg/akut/'] button").click()
    assert lead.page.locator("#urgent form[action*='/steg/akut/']").count() == 0
    colleague.open_thread("Jag orkar inte leva längre", within="alla")
    assert colleague.page.locator("#urgent form[action*='/steg/akut/']").count() == 0
    lead.satisfied()


def test_a_thread_is_fetched_as_pages(library, browser):
    library.ask("Får man ta med hund?")
    lead = Colleague(browser, library.url).sign_in(LEAD)
    lead.open_thread("Får man ta med hund?", within="alla")
    lead.page.locator("#history summary").click()
    lead.follow("/handlingar/")

    with lead.page.expect_download() as coming:
        lead.page.locator("form[action*='/trad/'] button[value=html]").click()

    with zipfile.ZipFile(coming.value.path()) as archive:
        pages = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".html")]
    assert any("Får man ta med hund?" in page for page in pages)
    lead.satisfied()

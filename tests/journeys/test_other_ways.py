"""Other ways through the day: without scripts, with large text, in a hurry, with a copy to take away, in two steps."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
import zipfile

import pytest

from tests.journeys.browser import NARROW
from tests.journeys.colleague import PASSWORD, Colleague, until
from tests.journeys.library import COLLEAGUE, LEAD, MANAGER

pytestmark = [pytest.mark.journey, pytest.mark.server]

TEXT = "#composer textarea[name=text]"


def code_now(secret: str) -> str:
    """Return the six figures that an authenticator shows (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


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


def test_a_second_step_is_asked_for_at_sign_in(library, browser):
    colleague = Colleague(browser, library.url).sign_in(MANAGER)
    colleague.open("/accounts/2fa/totp/activate/")
    colleague.fill(password=PASSWORD)
    colleague.send("main form")
    secret = re.search(r"\b[A-Z2-7]{32}\b", colleague.page.locator("main").inner_html())
    assert secret
    colleague.fill(code=code_now(secret[0]))
    colleague.send("main form")
    assert colleague.page.locator(".error-summary").count() == 0

    again = Colleague(browser, library.url)
    again.open("/accounts/login/")
    again.fill(login=MANAGER, password=PASSWORD)
    again.send("form[action*=login]:not([data-passkey])")
    assert "/2fa/authenticate/" in again.page.url
    again.fill(code="000000")
    again.send("main form")
    assert "/2fa/authenticate/" in again.page.url
    again.fill(code=code_now(secret[0]))
    again.send("main form")
    again.page.wait_for_url("**/att-gora/")
    again.satisfied()

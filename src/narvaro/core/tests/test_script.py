"""Promises of narvaro.js, kept in a real browser under the strict content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import Context, Template
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.journey

STATIC = Path(__file__).parents[1] / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

HTML = "text/html; charset=utf-8"
HEADINGS = {"/done": "Klart</h1>"}

BODY = """
{% extends "core/page.html" %}{% load kit %}{% block main %}
<h1>Inkorg</h1>
<form method="post" action="/sent" data-bulk>
  <label><input type="checkbox" data-bulk-all> Alla</label>
  <div class="bulk__bar" data-bulk-bar><span data-bulk-count></span></div>
  <ul id="threads" data-poll="/news" data-poll-token="1">
    <li id="t-1" data-row><input type="checkbox" name="item" value="1" aria-label="1">
      <a data-row-link href="#1">Ett</a></li>
    <li id="t-2" data-row><input type="checkbox" name="item" value="2" aria-label="2">
      <a data-row-link href="#2">Två</a></li>
    <li id="t-3" data-row><input type="checkbox" name="item" value="3" aria-label="3">
      <a data-row-link href="#3">Tre</a></li>
  </ul>
</form>
<form method="post" action="/sent" id="reply">
  <textarea id="text" name="text" aria-label="Svar" data-draft="reply-1" data-limit="5"></textarea>
  <p class="counter" data-counter-for="text"></p>
  <button id="send" data-key="s" data-key-label="Skicka">Skicka</button>
</form>
<form method="post" action="/sent"><button id="remove" data-confirm="Det går inte att ångra.">Ta bort</button></form>
{% endblock %}
"""


class AServer(ThreadingHTTPServer):
    """Serves the kit's files and one page, and notes what was posted."""

    posted: list[dict[str, list[str]]]
    news: str
    asked: list[str]
    next: str


class Answer(BaseHTTPRequestHandler):
    """The page at /, what is new at /news, and a next page at /sent."""

    server: AServer

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path.startswith("/static/"):
            file = STATIC / path.path.removeprefix("/static/")
            self.reply(file.read_bytes(), TYPES[file.suffix])
        elif path.path == "/news":
            self.server.asked.append(path.query)
            self.reply(self.server.news.encode(), HTML, 200 if self.server.news else 204)
        else:
            shell = {"places": [{"label": "Inkorg", "url": "/", "count": 2, "current": True}], "search_url": "/search"}
            html = Template(BODY.strip()).render(Context({"shell": shell}))
            self.reply(html.replace("Inkorg</h1>", HEADINGS.get(path.path, "Inkorg</h1>")).encode(), HTML)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append(parse_qs(body))
        if not self.server.next:
            self.reply(b"<!doctype html><h1>Bad Gateway</h1>", HTML)
            return
        self.send_response(303)
        self.send_header("Location", self.server.next)
        self.end_headers()

    def reply(self, content: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        if status != 204:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    # Nothing is collected for a unit test, so addresses carry no digest.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def server() -> Iterator[AServer]:
    running = AServer(("127.0.0.1", 0), Answer)
    running.posted, running.asked, running.news, running.next = [], [], "", "/done"
    Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def page(browser: Browser, server: AServer) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.goto(f"http://127.0.0.1:{server.server_address[1]}/")
    yield opened
    context.close()
    assert complaints == []


def poll_now(page: Page) -> None:
    with page.expect_response("**/news*"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_is_new_comes_in_and_the_token_follows(page, server):
    server.news = '<ul id="threads" data-poll="/news" data-poll-token="2"><li id="t-9">Nytt</li></ul>'

    poll_now(page)

    expect(page.locator("#t-9")).to_have_text("Nytt")
    expect(page.locator("#t-1")).to_have_count(0)
    assert server.asked == ["token=1"]
    expect(page.locator("#threads")).to_have_attribute("data-poll-token", "2")


def test_a_row_with_the_focus_and_a_ticked_row_are_never_replaced(page, server):
    page.locator("#t-2 a").focus()
    page.locator("#t-3 input").check()
    page.locator("#t-2 a").focus()
    server.news = (
        '<ul id="threads" data-poll="/news" data-poll-token="2"><li id="t-9">Nytt</li><li id="t-1">Ändrat</li></ul>'
    )

    poll_now(page)

    expect(page.locator("#t-1")).to_have_text("Ändrat")
    expect(page.locator("#t-9")).to_have_count(1)
    expect(page.locator("#t-2 a")).to_be_focused()
    expect(page.locator("#t-3 input")).to_be_checked()


def test_nothing_new_changes_nothing(page, server):
    poll_now(page)

    expect(page.locator("#threads > li")).to_have_count(3)


def test_keys_move_between_rows_but_never_while_typing(page):
    page.keyboard.press("j")
    expect(page.locator("#t-1 a")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#t-2 a")).to_be_focused()

    page.locator("#text").focus()
    page.keyboard.type("jks")

    expect(page.locator("#text")).to_have_value("jks")
    expect(page.locator("#text")).to_be_focused()


def test_the_keys_are_listed_from_the_page(page):
    page.keyboard.press("?")

    dialog = page.locator("#keys")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Skicka")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_draft_stays_in_the_tab_until_it_is_sent(page, server):
    server.next = "/"
    page.locator("#text").fill("Hej")
    page.reload()
    expect(page.locator("#text")).to_have_value("Hej")

    with page.expect_navigation():
        page.locator("#send").click()

    expect(page.locator("#text")).to_have_value("")
    assert server.posted[0]["text"] == ["Hej"]


def test_a_draft_survives_a_gateway_that_answers_for_us(page, server):
    address, server.next = page.url, ""
    page.locator("#text").fill("Hej")
    page.locator("#send").click()
    expect(page.locator("h1")).to_have_text("Bad Gateway")

    page.goto(address)

    expect(page.locator("#text")).to_have_value("Hej")


def test_the_counter_counts_what_people_see_as_characters(page):
    page.locator("#text").fill("👩‍👩‍👧‍👦åä")
    expect(page.locator(".counter")).to_have_text("2 tecken kvar")

    page.locator("#text").fill("abcdefg")
    expect(page.locator(".counter")).to_have_text("2 tecken för mycket")


def test_what_cannot_be_undone_asks_first(page, server):
    page.locator("#remove").click()
    page.get_by_role("button", name="Avbryt").click()
    assert server.posted == []

    page.locator("#remove").click()
    page.get_by_role("button", name="Ja, fortsätt").click()
    expect(page.locator("h1")).to_have_text("Klart")
    assert len(server.posted) == 1


def test_a_span_of_rows_is_chosen_with_shift(page):
    expect(page.locator("[data-bulk-bar]")).to_be_hidden()
    page.locator("#t-1 input").click()
    page.locator("#t-3 input").click(modifiers=["Shift"])

    expect(page.locator("[data-bulk-count]")).to_have_text("3 valda")
    expect(page.locator("[data-bulk-all]")).to_be_checked()


def test_a_form_is_sent_once_however_often_it_is_pressed(page, server):
    page.locator("#text").fill("Hej")
    page.evaluate(
        "() => { const form = document.getElementById('reply'); form.requestSubmit(); form.requestSubmit(); }"
    )

    expect(page.locator("h1")).to_have_text("Klart")
    assert len(server.posted) == 1


def test_the_places_stand_under_one_button_on_a_phone(page):
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.locator("#places")).to_be_hidden()

    menu = page.get_by_role("button", name="Meny")
    menu.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#places")).to_be_visible()
    expect(menu).to_have_attribute("aria-expanded", "true")


def test_without_javascript_the_places_are_shown(browser, server):
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.server_address[1]}/")

    expect(page.locator("#places")).to_be_visible()
    expect(page.locator("#keys")).to_be_hidden()
    context.close()

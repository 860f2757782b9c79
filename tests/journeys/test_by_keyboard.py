"""
The work without a mouse: the first day, a day of whoever answers, what manager, registrar and archivist do, signing in.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import expect

from narvaro.testing.servers.mastodon_mock import MastodonMock
from tests.journeys.colleague import PASSWORD, PATIENCE, add_by_command, added
from tests.journeys.keyboard import Keyboard
from tests.journeys.library import COLLEAGUE, LEAD, MANAGER

pytestmark = [
    pytest.mark.seldom,
    pytest.mark.journey,
    pytest.mark.server,
    pytest.mark.xdist_group("by_keyboard"),
]  # they share what they look at


def code_now(secret: str) -> str:
    """Return the six figures that an authenticator shows (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


def test_everything_of_a_day_is_done_with_keys(library, browser):
    for words in ("Kan man låna spel?", "Har ni en skrivare?", "När är det sagostund?", "Var står deckarna?"):
        library.ask(words)
    worker = Keyboard(browser, library.url)

    worker.signs_in(LEAD)
    worker.key("Tab")
    assert worker.page.evaluate("document.activeElement.getAttribute('href')").startswith("#"), "no way past the menu"
    worker.tab_to("a[href='/inkorg/']")
    worker.enter()

    worker.await_row("Var står deckarna?", within="alla")
    worker.key("j", "j")
    second = worker.row_with_focus()
    worker.key("k")
    assert worker.row_with_focus() not in ("", second)
    worker.key("?")
    expect(worker.page.locator("dialog#keys")).to_be_visible()
    worker.key("Escape")
    expect(worker.page.locator("dialog#keys")).to_be_hidden()

    worker.go_to("Kan man låna spel?")
    worker.key("r")
    worker.write("Ja, på alla bibliotek.")
    worker.tab_to("#composer .composer__foot > button.only-answer.button--primary")
    worker.enter()
    expect(worker.page.locator("#thread-state form[action*='/angra/']")).to_be_visible()

    worker.go_to("Har ni en skrivare?")
    worker.leads_on("n")
    expect(worker.page.locator(".toast").first).to_be_visible()

    worker.go_to("När är det sagostund?")
    worker.leads_on("b")
    expect(worker.page.locator(".toast").first).to_be_visible()

    worker.go_to("Var står deckarna?")
    worker.leads_on("e")
    worker.tab_to("[name=text]")
    worker.write("Vad säger vi om flytten?")
    worker.tab_to("main button.button--primary")
    worker.enter()
    expect(worker.page.locator("#samtal")).to_be_visible()

    worker.go_to("Var står deckarna?")
    worker.leads_on("a")
    worker.tab_to("[name=person_uid]")
    worker.key("ArrowDown")
    worker.tab_to("main button.button--primary")
    worker.enter()
    expect(worker.page.locator("#thread-state")).to_be_visible()
    worker.satisfied()


def test_the_first_day_is_done_with_keys(product, browser):
    with MastodonMock() as platform:
        office = platform.person("kansliet")
        founder = Keyboard(browser, product.url)
        founder.open("/")
        founder.fills(organisation="Lillköpings kommun", authority="Kommunstyrelsen")
        founder.fills(admin_name="Kommunikationsansvarig", admin_email=LEAD, admin_password=PASSWORD)
        founder.enter()
        founder.page.wait_for_url("**/att-gora/")

        founder.open("/kanaler/ny/")
        founder.tab_to("[name=platform]")
        founder.key("ArrowLeft", "ArrowRight")
        founder.fills(account=f"{platform.base_url}/@{office.name}", name="Kansliet", new_unit="Kansliet")
        founder.tab_to("[name=responsible]")
        founder.key("ArrowDown")
        founder.sends()
        founder.page.wait_for_url("**/anslut/")
        founder.tab_to("main details.more > summary")
        founder.key("Enter")
        founder.fills(access_token=office.token)
        founder.enter()

        founder.page.wait_for_url("**/kanaler/*/")
        expect(founder.page.locator("main form[action*='/las-nu/']")).to_be_visible()
        founder.satisfied()
        founder.go_home()


def test_what_manager_registrar_and_archivist_do_is_done_with_keys(library, browser, tmp_path):
    registrar, archivist = "registrator@lillkoping.example", "arkivarie@lillkoping.example"
    library.product.commands(
        added(tmp_path, registrar, "Registrator", "registrar"), added(tmp_path, archivist, "Arkivarie", "archivist")
    )
    for words in ("Varför flyttade ni tidningarna?", "Får jag se avtalet om kaféet?"):
        library.ask(words)

    worker = Keyboard(browser, library.url).signs_in(COLLEAGUE)
    worker.go_to("Får jag se avtalet om kaféet?")
    worker.takes("registrator")
    worker.sends()
    worker.go_to("Varför flyttade ni tidningarna?")
    worker.leads_on("e")
    worker.fills(text="Vad säger vi?")
    worker.sends()
    worker.open("/franvaro/")
    worker.tab_to("button[name=when][value=tomorrow]")
    worker.enter()
    expect(worker.page.locator(".toast").first).to_be_visible()

    manager = Keyboard(browser, library.url).signs_in(MANAGER)
    manager.go_to("Varför flyttade ni tidningarna?")
    manager.tab_to("#samtal [name=decide-decision]")
    manager.key("Space")
    manager.sends("#samtal form[action*='/beslut/']")
    expect(manager.page.locator("#samtal .kept")).to_be_visible()

    clerk = Keyboard(browser, library.url).signs_in(registrar)
    clerk.open("/handlingar/diarium/")
    clerk.key("j")
    clerk.enter()
    clerk.fills(registry_number="KS 2026/9", summary="Avtalet om kaféet")
    clerk.sends("main .panel form[method=post]")
    clerk.open("/handlingar/diarium/lista/")
    expect(clerk.page.locator("main")).to_contain_text("KS 2026/9")

    keeper = Keyboard(browser, library.url).signs_in(archivist)
    keeper.open("/handlingar/kontroll/")
    keeper.sends("main form.no-print")
    expect(keeper.page.locator("#verification .state")).to_be_visible()
    for person in (worker, manager, clerk, keeper):
        person.satisfied()


def test_passing_on_exports_and_administration_are_done_with_keys(library, browser):
    library.ask("Vem lagar bänken utanför?")
    lead = Keyboard(browser, library.url).signs_in(LEAD)
    lead.open("/administration/enheter/ny/")
    lead.fills(name="Gata och park")
    lead.enter()
    lead.open("/administration/personer/ny/")
    lead.fills(name="Gata och park ansvarig", email="gata@lillkoping.example")
    lead.tab_to("[name=role]")
    lead.key("ArrowDown")
    lead.tab_to("[name=unit_uid]")
    lead.write("Gata")
    lead.sends()
    lead.open("/administration/personer/")
    expect(lead.page.locator("main")).to_contain_text("gata@lillkoping.example")

    lead.go_to("Vem lagar bänken utanför?")
    lead.takes("vidare")
    lead.tab_to("[name=unit_uid]")
    lead.write("Gata")
    lead.fills(why="Bänken är er.")
    lead.sends()
    expect(lead.page.locator(".toast").first).to_contain_text("Skickad vidare")

    lead.open("/handlingar/exporter/")
    lead.tab_to("[name=scope]")
    lead.key("ArrowDown")
    lead.sends()
    expect(lead.page.locator("#exports form button").first).to_be_visible(timeout=PATIENCE * 1000)
    with lead.page.expect_download() as fetched:
        lead.tab_to("#exports form button")
        lead.key("Enter")
    assert fetched.value.suggested_filename.endswith((".zip", ".tar", ".gz"))
    lead.satisfied()


def test_a_second_step_is_switched_on_and_asked_for_with_keys(library, browser, tmp_path):
    careful = "forsiktig@lillkoping.example"
    add_by_command(library.product, tmp_path, careful, "Försiktig", "employee")
    person = Keyboard(browser, library.url).signs_in(careful)
    person.open("/accounts/2fa/totp/activate/")
    person.fills(password=PASSWORD)
    person.enter()
    secret = re.search(r"\b[A-Z2-7]{32}\b", person.page.locator("main").inner_html())
    assert secret
    person.fills(code=code_now(secret[0]))
    person.enter()
    assert person.page.locator(".error-summary").count() == 0

    again = Keyboard(browser, library.url)
    again.open("/accounts/login/")
    again.fills(login=careful, password=PASSWORD)
    again.enter()
    assert "/2fa/authenticate/" in again.page.url
    again.fills(code="000000")
    again.enter()
    assert "/2fa/authenticate/" in again.page.url
    again.fills(code=code_now(secret[0]))
    again.enter()
    again.page.wait_for_url("**/att-gora/")
    again.satisfied()

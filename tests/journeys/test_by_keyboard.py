"""
The work without a mouse: the first day, a day of whoever answers, and what manager, registrar and archivist do.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from narvaro.testing.servers.mastodon_mock import MastodonMock
from tests.journeys.colleague import PASSWORD, Colleague, add_by_command
from tests.journeys.library import COLLEAGUE, LEAD, MANAGER

pytestmark = [pytest.mark.journey, pytest.mark.server]

MOST_TABS = 80


class Keyboard(Colleague):
    """A colleague who only ever presses keys. Every focused thing must be seen to be focused."""

    def key(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)

    def signs_in(self, email: str) -> Keyboard:
        self.open("/accounts/login/")
        self.fills(login=email, password=PASSWORD)
        self.enter()
        self.page.wait_for_url("**/att-gora/")
        return self

    def fills(self, **fields: str) -> None:
        """Walk to each field in turn and write in it, over what stands there."""
        for name, words in fields.items():
            self.tab_to(f"[name={name.replace('__', '-')}]")
            self.key("ControlOrMeta+a")
            self.write(words)

    def takes(self, step: str) -> None:
        """Open the further steps of a thread and choose one."""
        self.tab_to("#thread-actions details.menu > summary")
        self.key("Enter")
        self.tab_to(f"#thread-actions .menu__panel [href*='/steg/{step}/']")
        self.enter()

    def sends(self, form: str = "main form") -> None:
        """Walk to a form's main button and press it."""
        self.tab_to(f"{form} button.button--primary")
        self.enter()

    def tab_to(self, selector: str) -> None:
        """Press Tab until the first visible thing that matches has the focus."""
        for _press in range(MOST_TABS):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                assert self.page.evaluate(_IS_SEEN), f"{selector} does not show that it has the focus"
                return
            self.key("Tab")
        raise AssertionError(f"{selector} is not reached within {MOST_TABS} presses of Tab at {self.page.url}")

    def enter(self) -> None:
        """Press Enter, and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.key("Enter")

    def leads_on(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            self.key(key)

    def row_with_focus(self) -> str:
        return str(self.page.evaluate("document.activeElement.closest('[data-row]')?.innerText ?? ''"))

    def go_to(self, words: str) -> None:
        """Open the inbox and walk with j to something with these words."""
        self.await_row(words, within="alla")
        for _press in range(MOST_TABS):
            if words in self.row_with_focus():
                self.enter()
                return
            self.key("j")
        raise AssertionError(f"“{words}” is not reached with j")


# A box or a round button may be drawn by its label, which then shows that it has the focus.
_IS_SEEN = """(() => {
  const element = document.activeElement, drawn = [element, ...(element.labels ?? [])];
  const isMarked = (style) => style.outlineStyle !== "none" || style.boxShadow !== "none";
  const marks = drawn.flatMap((one) => [null, "::before", "::after"].map((part) => getComputedStyle(one, part)));
  return element.matches(":focus-visible") && marks.some(isMarked);
})()"""


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
    add_by_command(library.product, tmp_path, registrar, "Registrator", "registrar")
    add_by_command(library.product, tmp_path, archivist, "Arkivarie", "archivist")
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

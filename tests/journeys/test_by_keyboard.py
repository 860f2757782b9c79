"""A day's work without a mouse: signing in, finding, reading, answering and the one-key steps."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.colleague import PASSWORD, Colleague
from tests.journeys.library import LEAD

pytestmark = [pytest.mark.journey, pytest.mark.server]

MOST_TABS = 80


class Keyboard(Colleague):
    """A colleague who only ever presses keys. Every focused thing must be seen to be focused."""

    def key(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)

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


_IS_SEEN = """(() => {
  const element = document.activeElement, style = getComputedStyle(element);
  return element.matches(":focus-visible") && (style.outlineStyle !== "none" || style.boxShadow !== "none");
})()"""


def test_everything_of_a_day_is_done_with_keys(library, browser):
    for words in ("Kan man låna spel?", "Har ni en skrivare?", "När är det sagostund?", "Var står deckarna?"):
        library.ask(words)
    worker = Keyboard(browser, library.url)

    worker.open("/accounts/login/")
    worker.tab_to("[name=login]")
    worker.write(LEAD)
    worker.tab_to("[name=password]")
    worker.write(PASSWORD)
    worker.enter()
    worker.page.wait_for_url("**/att-gora/")
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

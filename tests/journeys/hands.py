"""The same steps by mouse, by keys alone and by touch on a phone; each counts what it takes."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Locator

from tests.journeys.browser import NARROW
from tests.journeys.colleague import Colleague
from tests.journeys.keyboard import Keyboard


def _named(name: str, value: str) -> str:
    return f"[name={name}][value='{value}']" if value else f"[name={name}]"


class Mouse(Colleague):
    """A colleague with a mouse. `presses` counts every click; what is written costs one, to get into its field."""

    presses = 0

    def press_on(self, selector: str, *, leads: bool = True) -> None:
        """Press the first visible thing that matches; wait for the page it leads to, where it leads on."""
        target = self.page.locator(f"{selector} >> visible=true").first
        if not leads:
            self.touch(target)
            return
        with self.page.expect_navigation():
            self.touch(target)

    def write_in(self, selector: str, words: str) -> None:
        """Write in a field, over what stands there."""
        self.touch(self.page.locator(f"{selector} >> visible=true").first)
        self.page.locator(f"{selector} >> visible=true").first.fill(words)

    def empties(self, *selectors: str) -> None:
        """Empty fields."""
        for selector in selectors:
            self.write_in(selector, "")

    def pick(self, name: str, value: str = "") -> None:
        """Choose a box or a round button, which its label may draw."""
        box = self.page.locator(f"main {_named(name, value)}")
        if not box.is_checked():
            self.touch(self.page.locator(f"label[for='{box.get_attribute('id')}']"))

    def drags(self, what: str, onto: str) -> None:
        """Take hold of something, carry it in steps as a hand does, let go; wait for the page it leads to."""
        self.presses += 1
        self.page.locator(what).hover()
        self.page.mouse.down()
        box = self.page.locator(onto).bounding_box()
        assert box
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
        with self.page.expect_navigation():
            self.page.mouse.up()

    def touch(self, target: Locator) -> None:
        self.presses += 1
        target.click()

    def shows(self, words: str) -> None:
        """Find words on the open page."""
        assert words in self.page.locator("main").inner_text(), self.page.locator("main").inner_text()


class Finger(Mouse):
    """A colleague with a phone: 360 px wide, and no pointer but a finger."""

    def __init__(self, browser: Browser, base_url: str, **context: Any) -> None:
        super().__init__(browser, base_url, has_touch=True, is_mobile=True, **context)
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]

    def look(self, **asked: Any) -> None:
        super().look(**asked)
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]

    def touch(self, target: Locator) -> None:
        self.presses += 1
        target.tap()


class Keys(Keyboard):
    """A colleague without a mouse. `presses` counts every key but those that write."""

    presses = 0

    def key(self, *keys: str) -> None:
        self.presses += len(keys)
        super().key(*keys)

    def tab_to(self, selector: str) -> None:
        """Walk to something; on a page that was just opened past the menu, by the way that leads past it."""
        if self.page.evaluate("document.activeElement === document.body && !location.hash"):
            self.key("Tab", "Enter")
        super().tab_to(selector)

    def press_on(self, selector: str, *, leads: bool = True) -> None:
        """Walk to the first thing that matches and press Enter."""
        self.tab_to(selector)
        if leads:
            self.enter()
        else:
            self.key("Enter")

    def write_in(self, selector: str, words: str) -> None:
        """Walk to a field, and write over what stands there; a date and a time as the browser divides them."""
        self.tab_to(selector)
        kind = self.page.locator(selector).first.get_attribute("type")
        if kind == "date":
            year, month, day = words.split("-")
            words = f"{month}/{day}/{year}"  # Debian's Chromium, whatever language its pages are in
        elif kind == "time":
            words += "AM"
        else:
            self.key("ControlOrMeta+a")
        self.write(words)

    def empties(self, *selectors: str) -> None:
        """Empty fields, each part of a date or a time by itself."""
        for selector in selectors:
            self.tab_to(selector)
            while self.page.locator(selector).input_value():
                self.key("Backspace", "Tab")

    def pick(self, name: str, value: str = "") -> None:
        """Walk to a box or to a group of round buttons, and choose."""
        box = self.page.locator(f"main {_named(name, value)}")
        if box.is_checked():
            return
        if box.get_attribute("type") == "checkbox":
            self.tab_to(_named(name, value))
            self.key("Space")
            return
        self.tab_to(f"[name={name}]")
        self.key("Space")
        while not box.is_checked():
            self.key("ArrowDown")

    def shows(self, words: str) -> None:
        """Find words on the open page."""
        assert words in self.page.locator("main").inner_text(), self.page.locator("main").inner_text()

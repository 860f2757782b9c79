"""Somebody who works without a mouse."""

from __future__ import annotations

from tests.journeys.colleague import PASSWORD, Colleague

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


# A box or a round button may be drawn by its label, and a link by its whole row, which then show that it has the focus.
_IS_SEEN = """(() => {
  const element = document.activeElement, row = element.closest(".rows__row") ?? element;
  const drawn = [element, row, ...(element.labels ?? [])];
  const isMarked = (style) => style.outlineStyle !== "none" || style.boxShadow !== "none";
  const marks = drawn.flatMap((one) => [null, "::before", "::after"].map((part) => getComputedStyle(one, part)));
  return element.matches(":focus-visible") && marks.some(isMarked);
})()"""

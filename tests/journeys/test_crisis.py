"""
A crisis by keys alone, with a connected channel: begun, one text to many, read by somebody else, let out, and over.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.colleague import until
from tests.journeys.keyboard import MOST_TABS, Keyboard
from tests.journeys.library import COLLEAGUE, LEAD

pytestmark = [
    pytest.mark.seldom,
    pytest.mark.journey,
    pytest.mark.server,
    pytest.mark.xdist_group("crisis"),
]  # while it lasts, what everybody writes there waits

APPROVALS = "/moderering/kris/godkanna/"
ASKED = ("Är vattnet i kaféet tjänligt?", "Kan man fylla flaskor hos er?", "Har ni stängt toaletterna?")
TO_ALL = "Vattnet går att dricka igen sedan klockan tolv."
HASTY = "Allt är lugnt."
MENDED = "Toaletterna är öppna, utom på plan två."


class Hands(Keyboard):
    """Somebody who goes backwards with the keys, too."""

    def back_to(self, selector: str) -> None:
        """Press Shift and Tab until the first visible thing that matches has the focus."""
        for _press in range(MOST_TABS):
            self.key("Shift+Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached backwards at {self.page.url}")

    def marks(self, words: str) -> None:
        """Walk to the box of what was written with these words, and mark it."""
        row = self.page.locator("[data-row]").filter(has_text=words).locator("input[name=item]")
        self.tab_to(f"input[name=item][value='{row.get_attribute('value')}']")
        self.key("Space")

    def answers(self, asked: str, words: str) -> None:
        """Answer one comment, and see that it waits for somebody."""
        self.go_to(asked)
        self.key("r")
        self.write(words)
        self.tab_to("#composer .composer__foot > button.only-answer.button--primary")
        self.enter()
        expect(self.page.locator("main")).to_contain_text("Väntar på godkännande")


def test_a_crisis_is_begun_answered_in_approved_and_ended_with_keys(library, browser):
    for words in ASKED:
        library.ask(words)
    lead, colleague = Hands(browser, library.url), Hands(browser, library.url)

    lead.signs_in(LEAD)
    lead.open("/moderering/kris/")
    lead.fills(why="Vattnet kan vara otjänligt.")
    lead.sends("form[action$='/moderering/kris/']")
    expect(lead.page.locator("main .state--warning")).to_contain_text("Vattnet kan vara otjänligt.")
    lead.look(name="crisis", everything=False)

    colleague.signs_in(COLLEAGUE)
    for words in ASKED[:2]:
        colleague.await_row(words, within="alla")
    expect(colleague.page.locator("body")).to_contain_text("Vattnet kan vara otjänligt.")  # it stands on every page
    for words in sorted(ASKED[:2], key=lambda words: place_of(colleague, words)):
        colleague.marks(words)
    colleague.back_to("[data-bulk-bar] button[name=steg][value=svara]")
    colleague.enter()
    colleague.fills(text=TO_ALL)
    colleague.sends("form.panel")
    expect(colleague.page.locator("#progress")).to_contain_text("2 väntar på godkännande.")
    followed = colleague.page.url
    colleague.answers(ASKED[2], HASTY)

    lead.open(APPROVALS)
    lead.look(name="approvals", everything=False)
    assert (library.said(TO_ALL), library.said(HASTY)) == (0, 0)
    lead.sends("form[action*='/godkanna/alla/']")
    expect(lead.page.locator(".toast").first).to_contain_text("2 svar går ut nu")
    lead.tab_to("main details > summary")
    lead.key("Enter")
    lead.tab_to("form[action$='/tillbaka/'] textarea")
    lead.write("Säg vilka som är stängda.")
    lead.tab_to("form[action$='/tillbaka/'] button")
    lead.enter()
    expect(lead.page.locator("main .empty, main form[action*='/godkanna/']").first).to_be_visible()
    until(lambda: library.said(TO_ALL) == 2, "both answers to be out")
    colleague.open(followed)
    until(
        lambda: "2 av 2 är publicerade" in str(colleague.page.reload() and colleague.page.inner_text("#progress")),
        "the page to say so", pause=0.5,
    )  # fmt: skip

    again = colleague.await_row(ASKED[2], within="alla")
    until(
        lambda: bool(colleague.page.reload()) and again.locator(".badge").count() == 0, "it to be open", pause=0.5
    )  # fmt: skip
    colleague.answers(ASKED[2], MENDED)
    lead.open(APPROVALS)
    lead.sends("form[action*='/godkanna/']")
    until(lambda: library.said(MENDED) == 1, "the mended answer to be out")
    assert (library.said(TO_ALL), library.said(HASTY)) == (2, 0)

    lead.open("/moderering/kris/")
    lead.tab_to("form[action$='/avsluta/'] textarea")
    lead.write("Provet är bra.")
    lead.tab_to("form[action$='/avsluta/'] button")
    lead.enter()
    expect(lead.page.locator("main form[action$='/avsluta/']")).to_have_count(0)
    for person in (lead, colleague):
        person.satisfied()


def place_of(colleague: Hands, words: str) -> int:
    """Return how far down in the open list something stands: with Tab one goes downwards."""
    rows = colleague.page.locator("[data-row]").all_inner_texts()
    return next(place for place, row in enumerate(rows) if words in row)

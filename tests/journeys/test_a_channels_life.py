"""A channel from "I want to start" to closed: planned, advised upon, decided, in use, reviewed, and what was learnt."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from narvaro.testing.axe import OF_WORDS
from tests.journeys.colleague import Colleague, add_by_command
from tests.journeys.keyboard import Keyboard
from tests.journeys.library import COLLEAGUE, LEAD, MANAGER

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("a_channels_life"), pytest.mark.seldom]

NEW = "/planer/ny/"
ASKED = ("message", "audience", "aim", "why_channel", "evaluate", "website_enough", "website_link")
STEPS = 7


class Hands(Keyboard):
    """Somebody who presses keys, and looks at each page they come to."""

    def presses(self, selector: str) -> None:
        """Walk to something and press Enter on it; it leads on."""
        self.tab_to(selector)
        self.enter()

    def comes_to_what_waits(self) -> None:
        """From what is to be done today to the plan that waits: its whole row shows that it has the focus."""
        with self.page.expect_navigation():
            self.page.locator("#waits a[href*='/planer/']").first.press("Enter")

    def sees(self, words: str) -> None:
        """Find words on the open page."""
        expect(self.page.locator("main")).to_contain_text(words)


def test_a_unit_gets_its_channel_and_lets_it_go_with_keys(library, browser):
    worker, lead, manager = (Hands(browser, library.url) for _person in range(3))

    worker.signs_in(COLLEAGUE)
    worker.open("/kanaler/")
    worker.presses("main a[href='/planer/']")
    worker.look(name="plans", everything=False)
    worker.presses(f"main a[href='{NEW}']")
    worker.tab_to("[name=platform]")
    worker.write("Annan")
    worker.fills(name="Sagostunden")
    worker.tab_to("[name=responsible]")
    worker.write("Biblioteket enhetschef")
    worker.tab_to("[name=deputy]")
    worker.write("Biblioteket ers")
    worker.fills(**{name: f"Svar på {name}." for name in ASKED})
    worker.sends()
    worker.sees("Planen väntar på beslut.")
    plan = worker.page.url
    worker.presses("form[action$='/rad/'] button")
    worker.sees("Beslutet väntar inte på det.")
    worker.look(name="a proposed plan", everything=False)

    lead.signs_in(LEAD)
    lead.comes_to_what_waits()
    lead.fills(text="Börja med en månad.")
    lead.presses("form[action$='/rad/ge/'] button")
    lead.sees("Börja med en månad.")
    lead.open("/policy/protokoll/")
    lead.fill(body="Ledningsgruppen", held_on="2026-01-15", diary_number="KS 2026/41", agreed="Svara inom ett dygn.")
    lead.send()

    manager.signs_in(MANAGER)
    manager.comes_to_what_waits()
    manager.look(name="a plan to decide about")
    manager.presses("form[action$='/godkann/'] button.button--primary")
    manager.sees("Planen är beslutad och gäller.")
    manager.presses("main a[href$='/i-drift/']")
    manager.fills(account="https://sagostunden.example/")
    manager.sends()
    assert "/i-drift/" not in manager.page.url, manager.page.inner_text("main")
    manager.open(plan)
    manager.presses("form[action$='/oversyn/'] button")
    manager.sees("såg över planen")

    manager.open(f"{plan}avslut/")
    manager.fills(why="Barnen har slutat titta.")
    manager.sends()
    manager.look(name="closing", everything=False)
    for _step in range(STEPS):
        manager.presses("li[aria-current=step] form[action$='/checklista/'] button")
    manager.fills(lessons="Börja mindre.")
    manager.presses("main form button.button--danger")
    manager.sees("Börja mindre.")
    manager.sees("Kanalen är avslutad.")
    for person in (worker, lead, manager):
        person.satisfied()


def test_whoever_leads_the_unit_starts_reviews_and_changes_in_english(library, browser, tmp_path):
    email = "head@lillkoping.example"
    add_by_command(library.product, tmp_path, email, "Head of the library", "unit_manager", "Biblioteket")
    head = Colleague(browser, library.url, language="en").sign_in(email)

    head.open(f"{NEW}?mall=museum")
    head.look(name="start", rules=OF_WORDS)
    head.fill(platform="manual", name="The museum's corner", deputy="=Biblioteket ersättare")
    head.send()
    expect(head.page.locator("main h1 .badge--success-inverted")).to_be_visible()
    head.look(name="a decided plan", rules=OF_WORDS)
    plan = head.page.url
    head.open(f"{plan}andra/")
    head.look(name="change", rules=OF_WORDS)
    head.fill(message="What the things tell.")
    head.page.locator("main button[name=step][value=send]").click()
    head.page.wait_for_url(plan)
    head.follow("/skillnad/")
    expect(head.page.locator("main ins").first).to_be_visible()
    head.look(name="difference", rules=OF_WORDS)
    head.open(f"{plan}infor-start/")
    head.look(name="starting", rules=OF_WORDS)
    head.satisfied()

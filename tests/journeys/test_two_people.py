"""Two people, several tabs and impatient hands: one effect each, and no word lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.colleague import PATIENCE, Colleague, until
from tests.journeys.library import COLLEAGUE, LEAD

pytestmark = [
    pytest.mark.seldom,
    pytest.mark.journey,
    pytest.mark.server,
    pytest.mark.xdist_group("two_people"),
]  # they share what they look at

TEXT = "#composer textarea[name=text]"
PUBLISH = "#composer .composer__foot > button.only-answer.button--primary"
WAIT = PATIENCE * 1000


@pytest.fixture
def two(library, browser):
    """Give the lead and a colleague, each at a browser of their own."""
    lead, colleague = (Colleague(browser, library.url).sign_in(email) for email in (LEAD, COLLEAGUE))
    yield lead, colleague
    lead.satisfied()
    colleague.satisfied()


def ask(library, words, *people, answers="") -> str:
    """Let the resident ask, and open the thread at everybody's; returns the post's id."""
    made = library.ask(words, answers=answers)
    for person in people:
        person.open_thread(words, within="alla")
    return made


def look_again(person) -> None:
    """Let the page ask for news at once, as it does every few seconds and when its tab is shown again."""
    person.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def is_out_once(library, person, words) -> None:
    """Wait until an answer is out, and see that the platform has one and that no other is on its way."""
    until(lambda: library.said(words) >= 1, f"“{words}” on the platform", seconds=60)
    person.open("/publicerat/")
    assert person.page.locator("li.rows__row", has_text=words).count() == 1
    assert library.said(words) == 1


def test_a_double_click_publishes_once(library, two):
    lead, _colleague = two
    ask(library, "Lånar ni ut cyklar?", lead)

    lead.page.locator(TEXT).fill("Ja, lådcyklar.")
    with lead.page.expect_navigation():
        lead.page.locator(PUBLISH).dblclick()

    is_out_once(library, lead, "Ja, lådcyklar.")


def test_going_back_and_sending_again_publishes_once_and_keeps_the_text(library, two):
    lead, _colleague = two
    ask(library, "Lånar ni ut verktyg?", lead)

    lead.answer("Ja, i makerspace.")
    lead.page.go_back()
    lead.answer("Ja, i makerspace, sa jag.")

    expect(lead.page.locator("#trouble")).to_be_visible()
    assert lead.page.locator(TEXT).input_value() == "Ja, i makerspace, sa jag."
    is_out_once(library, lead, "Ja, i makerspace.")


def test_a_stale_tab_keeps_its_text_and_shows_what_is_new_first(library, two):
    lead, colleague = two
    ask(library, "Har ni läxhjälp?", lead, colleague)

    lead.page.locator(TEXT).fill("Min påbörjade text om läxhjälp.")
    colleague.answer("Läxhjälp har vi på tisdagar.")
    lead.answer("Min påbörjade text om läxhjälp.")

    expect(lead.page.locator("#trouble")).to_be_visible()
    assert lead.page.locator(TEXT).input_value() == "Min påbörjade text om läxhjälp."
    is_out_once(library, lead, "Läxhjälp har vi på tisdagar.")
    assert library.said("Min påbörjade text") == 0


def test_gdpr_7_a_text_that_was_kept_in_the_tab_is_judged_again(library, two):
    lead, _colleague = two
    ask(library, "Vem har mitt lånekort?", lead)
    stop = lead.page.locator("#checks .check--stop")

    lead.page.locator(TEXT).press_sequentially("Kortet hör till 19811218-9876.", delay=5)
    expect(stop).to_be_visible()
    lead.page.reload()

    assert "19811218-9876" in lead.page.locator(TEXT).input_value()
    expect(stop).to_be_visible()


def test_the_steps_of_a_thread_follow_what_a_colleague_does(library, two):
    lead, colleague = two
    ask(library, "Kan man låna en symaskin?", lead, colleague)
    open_again = lead.page.locator("#thread-actions form[action*='/steg/oppna/']")

    with colleague.page.expect_navigation():
        colleague.page.locator("#thread-actions form[action*='/steg/inget-svar/'] button").first.click()

    def has_followed() -> bool:
        look_again(lead)
        return open_again.count() == 1

    until(has_followed, "the steps of an item that is done", pause=0.5)


def test_two_people_at_one_item_see_each_other(library, two):
    lead, colleague = two
    ask(library, "Har ni wifi?", lead, colleague)

    colleague.page.locator(TEXT).press_sequentially("Ja, det", delay=20)
    seen = lead.page.locator("#thread-state .presence", has_text="Biblioteket ersättare")

    def is_seen() -> bool:
        look_again(lead)
        return seen.count() == 1

    until(is_seen, "the colleague to be seen", pause=0.5)


def test_p06_what_comes_in_while_somebody_types_shows_and_loses_nothing(library, two):
    lead, _colleague = two
    first = ask(library, "Har ni gymnastiksal?", lead)

    lead.page.locator(TEXT).press_sequentially("Nej, men", delay=10)
    library.ask("Eller en scen?", answers=first)
    news = lead.page.locator("#conversation", has_text="Eller en scen?")

    def has_come() -> bool:
        look_again(lead)
        return news.count() == 1

    until(has_come, "the new comment in the open thread", pause=0.5)
    assert lead.page.locator(TEXT).input_value() == "Nej, men"
    lead.page.keyboard.type(" i skolan.")
    assert lead.page.locator(TEXT).input_value() == "Nej, men i skolan."
    lead.page.reload()
    assert lead.page.locator(TEXT).input_value() == "Nej, men i skolan."

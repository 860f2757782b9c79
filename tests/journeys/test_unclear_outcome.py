"""An answer whose fate is unclear, because the line to the platform breaks at the one attempt."""

from __future__ import annotations

import pytest

from tests.journeys.colleague import Colleague, until
from tests.journeys.library import LEAD

pytestmark = [
    pytest.mark.seldom,
    pytest.mark.journey,
    pytest.mark.server,
    pytest.mark.xdist_group("unclear_outcome"),
]  # they share what they look at


@pytest.fixture
def lead(library, browser):
    yield Colleague(browser, library.url).sign_in(LEAD)
    library.line.cut = ""


def answer_on_a_broken_line(library, lead, question, answer, *, cut) -> None:
    library.ask(question)
    lead.open_thread(question, within="alla")
    before, library.line.cut = library.line.posts, cut
    lead.answer(answer)
    until(lambda: library.line.posts == before + 1, "the attempt", seconds=45)


def test_p03_an_answer_that_got_through_is_found_by_reading_and_never_sent_again(library, lead):
    before = library.line.posts

    answer_on_a_broken_line(library, lead, "När öppnar ni på lördag?", "Klockan tio på lördag.", cut="after")
    lead.await_answer("Klockan tio på lördag.", "success")

    assert library.line.posts == before + 1
    assert library.said("Klockan tio på lördag.") == 1
    lead.open_record()
    assert "Klockan tio på lördag." in lead.page.locator("blockquote.quote").first.inner_text()
    lead.satisfied()


def test_p03_an_answer_that_never_got_through_is_decided_by_a_person(library, lead):
    before = library.line.posts

    answer_on_a_broken_line(library, lead, "Har ni öppet på söndag?", "Nej, på söndag är det stängt.", cut="before")
    doubt = lead.page.locator("#thread-state .message-box--warning a")
    until(lambda: bool(lead.page.reload()) and doubt.count() == 1, "the doubt to be shown", pause=0.5)
    with lead.page.expect_navigation():
        doubt.click()
    lead.look(name="unclear", everything=False)
    lead.shoot_in_both("oklart")
    assert library.line.posts == before + 1
    assert library.said("på söndag är det stängt") == 0

    library.line.cut = ""
    lead.send("form[action*='/igen/']")  # without having looked, nothing happens
    assert lead.page.locator(".error-summary").count() == 1
    assert library.line.posts == before + 1
    lead.fill("form[action*='/igen/']", has_looked="yes")
    lead.send("form[action*='/igen/']")
    until(lambda: library.said("på söndag är det stängt") == 1, "the answer sent by a person's decision")
    done = lead.page.locator(".state--success")
    until(lambda: bool(lead.page.reload()) and done.count() == 1, "the delivery", pause=0.5)
    assert library.line.posts == before + 2
    lead.satisfied()

"""What the first page of the project shows: a thread of the plainly fictional town, as the product shows it."""

from __future__ import annotations

import os

import pytest

from tests.journeys.browser import ROOT, WIDE, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("every_page_2")]  # they share what they look at

FRONT_PICTURE = ROOT / "docs/pictures/inbox.png"
QUESTION = "Kan man låna spel också, eller bara böcker?"


def test_the_inbox_of_the_fictional_town_names_no_machine(demo, browser):
    visitor = Visitor(browser, demo.url, storage_state=demo.state)
    visitor.open("/inkorg/?lista=alla")
    row = visitor.page.locator(".thread-row", has_text=QUESTION)
    with visitor.page.expect_navigation():
        row.locator("[data-row-link]").click()

    shown = visitor.page.locator("body").inner_text()

    assert QUESTION in shown
    assert "localhost" not in shown
    if os.environ.get("NARVARO_TEST_PICTURES"):
        visitor.page.set_viewport_size({"width": 1280, "height": 800})
        visitor.page.screenshot(path=FRONT_PICTURE)
        visitor.page.set_viewport_size(WIDE)
    visitor.satisfied()

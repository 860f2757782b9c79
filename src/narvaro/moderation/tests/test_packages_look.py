"""Packages and the page for what must go at once, in a real browser: axe wide and narrow, and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from narvaro.channels.tests.pages import a_lead
from narvaro.channels.tests.test_look import a_page, context, judged
from narvaro.core.testing import an_authority
from narvaro.moderation import actions, queries
from narvaro.moderation.tests.test_packages import a_threat, decided

__all__ = ["context"]
pytestmark = [pytest.mark.journey, pytest.mark.server, pytest.mark.django_db(transaction=True), pytest.mark.seldom]


def test_every_page_of_packages_and_of_haste_is_for_everybody(context: BrowserContext, live_server):
    authority = an_authority()
    lead = a_lead(authority)
    item = a_threat(authority)
    measure = decided(lead, item)
    made = actions.make_package(actor=lead, measure=measure)
    page = a_page(context, live_server.url, lead)

    found = []
    for name, place in {
        "paket": "moderering/polispaket/", "ett-paket": f"moderering/polispaket/{made.uid}/",
        "gor-paket": f"moderering/{measure.uid}/polispaket/", "beslut": f"moderering/{measure.uid}/",
        "nodatgard": "moderering/nodatgard/", "moderering": "moderering/",
    }.items():  # fmt: skip
        page.goto(f"{live_server.url}/{place}")
        found += judged(page, name)
    page.goto(f"{live_server.url}/moderering/nodatgard/")
    page.get_by_role("button", name="Ta bort på plattformen").click()
    found += judged(page, "nodatgard-fel")

    assert found == []


def test_what_must_go_at_once_goes_by_keyboard_alone(context: BrowserContext, live_server):
    authority = an_authority()
    lead = a_lead(authority)
    channel = a_threat(authority).channel
    page = a_page(context, live_server.url, lead)
    page.goto(f"{live_server.url}/moderering/nodatgard/?kanal={channel.uid}")

    page.get_by_label("Länk till det som ska bort").focus()
    page.keyboard.type("https://social.example/@nagon/110000000000000042")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Jag kommer till skolan. Sedd av två.")
    page.keyboard.press("Tab")
    page.keyboard.type("Hot mot en elev.")
    page.keyboard.press("Enter")  # a new line in the reasons: nothing is sent by mistake
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ta bort: Olaga hot").wait_for()

    (measure,) = queries.measures(lead)
    assert measure.evidence == "Jag kommer till skolan. Sedd av två."


def test_a_package_is_fetched_from_its_page(context: BrowserContext, live_server):
    authority = an_authority()
    lead = a_lead(authority)
    made = actions.make_package(actor=lead, item=a_threat(authority))
    page = a_page(context, live_server.url, lead)
    page.goto(f"{live_server.url}/moderering/polispaket/{made.uid}/")

    with page.expect_download() as fetched:
        page.get_by_role("button", name="Hämta paketet").click()

    assert fetched.value.suggested_filename == f"narvaro-bevispaket-{made.uid}.zip"

"""Reports and complaints in a real browser: axe on every page, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from narvaro.channels.tests.pages import a_lead
from narvaro.channels.tests.test_look import a_page, context, judged
from narvaro.core.testing import an_authority
from narvaro.core.types import Actor
from narvaro.moderation import actions
from narvaro.moderation.tests.test_hearing import decided, reported

__all__ = ["context"]
pytestmark = [pytest.mark.journey, pytest.mark.server, pytest.mark.django_db(transaction=True), pytest.mark.seldom]


def test_every_page_of_reports_and_complaints_is_for_everybody(context: BrowserContext, live_server):
    authority = an_authority()
    lead, other, visitor = a_lead(authority), a_lead(authority), Actor.visitor(authority)
    first = decided(lead, authority, remote_id="110000000000000007")
    heard = actions.keep_complaint(actor=visitor, code=first.code, text="Jag citerade en film.")
    report = reported(visitor, "child", url="https://social.example/@x/110000000000000007").row
    page, slug = a_page(context, live_server.url, other), authority.slug

    found = []
    for name, place in {
        "anmal": f"{slug}/anmal/", "klaga": f"{slug}/klaga/", "statistik": f"{slug}/modereringsstatistik/",
        "anmalningar": "moderering/anmalningar/", "klagomal": "moderering/klagomal/", "moderering": "moderering/",
        "anmalan": f"moderering/anmalningar/{report.uid}/", "ett-klagomal": f"moderering/klagomal/{heard.row.uid}/",
        "inga": "moderering/klagomal/?visa=avgjorda",
    }.items():  # fmt: skip
        page.goto(f"{live_server.url}/{place}")
        found += judged(page, name)
    page.goto(f"{live_server.url}/{slug}/anmal/")
    page.get_by_role("button", name="Skicka anmälan").click()
    found += judged(page, "anmal-fel")
    page.get_by_text("Hot eller uppmaning till våld").click()
    page.get_by_label("Länk till inlägget").fill("https://social.example/1")
    page.get_by_label("Vad är fel?").fill("Det är ett hot.")
    page.get_by_role("button", name="Skicka anmälan").click()
    page.get_by_role("heading", name="Spara din hämtkod").wait_for()
    found += judged(page, "mottaget")
    page.goto(f"{live_server.url}/{slug}/klaga/svar/")
    page.get_by_label("Din hämtkod").fill(heard.code)
    page.get_by_role("button", name="Visa svaret").click()
    page.get_by_role("heading", name="Ditt klagomål").wait_for()
    found += judged(page, "svar")

    assert found == []

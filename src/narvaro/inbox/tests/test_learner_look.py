"""The learner's pages in a real browser: axe wide and narrow, switched on and deleted by its buttons."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead
from narvaro.channels.tests.test_look import a_page, context, judged
from narvaro.core.testing import an_authority
from narvaro.inbox import actions, tasks
from narvaro.inbox.testing import a_comment
from narvaro.inbox.tests.test_learner import decided

__all__ = ["context"]
pytestmark = [pytest.mark.journey, pytest.mark.server, pytest.mark.django_db(transaction=True), pytest.mark.seldom]


def test_the_learners_pages_are_for_everybody(context: BrowserContext, live_server):
    authority = an_authority()
    lead, channel = a_lead(authority), a_channel(authority)
    decided(authority, lead, channel)
    page = a_page(context, live_server.url, lead)

    page.goto(f"{live_server.url}/administration/forslag/")
    found = judged(page, "forslag-av")
    page.get_by_role("button", name="Slå på").click()
    page.get_by_text("Inget är inlärt än.").wait_for()
    found += judged(page, "forslag-borjar")
    tasks.suggest.call()
    actions.learn(authority=authority)
    incoming = a_comment(authority, "När öppnar ishallen", channel=channel)
    tasks.suggest.call()
    page.reload()
    found += judged(page, "forslag")
    page.goto(f"{live_server.url}/inkorg/{incoming.uid}/")
    page.locator("#suggestion").wait_for()
    found += judged(page, "forslag-trad")
    page.goto(f"{live_server.url}/administration/forslag/")
    page.get_by_role("link", name="Radera det inlärda").click()
    found += judged(page, "forslag-radera")
    page.get_by_role("button", name="Radera").click()
    page.get_by_text("Allt som förslagen hade lärt sig är raderat.").wait_for()

    assert found == []

"""The register in a real browser: axe on every page, and connecting at a real server under the strict policy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from narvaro.base.clock import now
from narvaro.channels import actions, queries
from narvaro.channels.models import ChannelReading
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, signed_in
from narvaro.channels.tests.test_connecting import a_bluesky, a_mastodon, an_authority_of
from narvaro.channels.types import Connection, Platform
from narvaro.core.testing import a_person, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.testing.axe import OF_WORDS, violations
from narvaro.testing.servers.snac import Snac

pytestmark = [pytest.mark.journey, pytest.mark.server, pytest.mark.django_db(transaction=True), pytest.mark.seldom]

PICTURES = os.environ.get("NARVARO_TEST_PICTURES", "")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as opened:
        opened.set_default_timeout(15_000)
        yield opened


def a_page(context: BrowserContext, url: str, actor) -> Page:
    client = signed_in(actor)
    context.add_cookies(
        [{"name": "narvaro_session", "value": client.cookies["narvaro_session"].value, "url": url}]
    )  # fmt: skip
    return context.new_page()


def judged(page: Page, name: str) -> list[str]:
    """What axe finds, wide and narrow, and whether anything reaches outside a phone."""
    found = []
    for width, rules in ((1280, ()), (360, OF_WORDS)):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{name} {width}: {each['id']} {each['nodes'][0]['html']}" for each in violations(page, rules)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{name} {width}: reaches outside")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def test_every_page_of_the_register_is_for_everybody(context: BrowserContext, live_server):
    lead = a_lead(an_authority())
    authority = an_authority_of(lead)
    deputy = person_of(an_actor(authority, role=Role.DEPUTY))
    channel = a_channel(authority, deputy=deputy, watch_group="Kvällar och helger", purpose="Öppettider och läslust.")
    able = [{"capability": "read", "works": True, "note": ""}, {"capability": "hide", "works": False, "note": "Nej."}]
    actions.store_probe(actor=lead, channel=channel, capabilities=able)
    ChannelReading.objects.everywhere("test").filter(channel=channel).update(complete_to=now())
    for connection in (Connection.RECONNECT, Connection.TRANSIENT, Connection.NOT_CONNECTED):
        a_channel(authority, connection=connection)
    by_hand = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)
    bluesky = a_bluesky(authority, "kommunen.example")
    actions.add_shift(
        actor=lead, watch_group="Kvällar och helger", person=deputy, from_at=now(),
        until_at=now().replace(year=now().year + 1), is_duty=True,
    )  # fmt: skip
    a_person(authority)
    page = a_page(context, live_server.url, lead)

    found = []
    for name, place in {
        "kanaler": "", "ny": "ny/", "kanal": f"{channel.uid}/", "andra": f"{channel.uid}/andra/",
        "avsluta": f"{channel.uid}/avsluta/", "anslut": f"{channel.uid}/anslut/", "hand": f"{by_hand.uid}/",
        "bluesky": f"{bluesky.uid}/anslut/", "bevakning": "bevakning/",
    }.items():  # fmt: skip
        page.goto(f"{live_server.url}/kanaler/{place}")
        found += judged(page, name)
    page.goto(f"{live_server.url}/kanaler/ny/")
    page.get_by_role("button", name="Lägg till").click()
    found += judged(page, "ny-fel")

    assert found == []


def test_a_channel_is_added_and_connected_by_clicking(context: BrowserContext, live_server, snac: Snac):
    lead = a_lead(an_authority())
    resident = snac.person("storkoping")
    page = a_page(context, live_server.url, lead)
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None)

    page.goto(f"{live_server.url}/kanaler/")
    page.get_by_role("link", name="Lägg till kanal").click()
    page.get_by_label("Konto", exact=True).fill(f"{snac.base_url}/{resident.name}")
    page.get_by_label("Enhet", exact=True).select_option(label="En ny enhet")
    page.get_by_label("Namn på den nya enheten").fill("Biblioteket")
    page.get_by_label("Ansvarig", exact=True).select_option(label=lead.name)
    page.get_by_role("button", name="Lägg till").click()
    page.get_by_role("button", name="Fråga servern").click()
    page.get_by_role("link", name="Öppna localhost").click()
    page.locator("input[name=login]").fill(resident.name)
    page.locator("input[name=passwd]").fill(resident.password)
    page.locator("input[type=submit]").click()
    page.wait_for_url(f"{live_server.url}/kanaler/*/")

    (channel,) = queries.channels(lead)
    assert queries.reading_of(lead, channel).connection == Connection.CONNECTED
    assert channel.remote_id == resident.remote_id
    assert page.get_by_text("Kanalen är ansluten och läses in nu.").is_visible()
    assert refused == []


def test_the_page_that_leads_to_the_server_is_for_everybody(context: BrowserContext, live_server, snac: Snac):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), snac)
    page = a_page(context, live_server.url, lead)
    page.goto(f"{live_server.url}/kanaler/{channel.uid}/anslut/")
    page.get_by_text("Andra sätt att ansluta").click()
    page.get_by_role("button", name="Låt servern visa en kod").click()

    found = judged(page, "anslut-steg-2")
    page.get_by_text("Andra sätt att ansluta").click()
    page.get_by_label("Åtkomstnyckel", exact=True).fill("fel")
    page.get_by_role("button", name="Anslut med nyckeln").click()

    assert found + judged(page, "anslut-fel") == []
    assert page.evaluate("document.activeElement.id") == "trouble"

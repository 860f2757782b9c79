"""The pages for bringing in, in a real browser: axe, a phone's width, and a thread kept by clicking."""

from __future__ import annotations

import pytest

from narvaro.channels.tests.pages import a_lead, signed_in
from narvaro.channels.tests.test_look import a_page, context, judged
from narvaro.core.testing import an_authority
from narvaro.records.models import Item
from narvaro.records.tests.test_bringing import (
    PASTED,
    a_manual,
    a_mastodon,
    a_note,
    a_picture,
    an_archive,
    uploaded,
    worked,
)

__all__ = ["context"]

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True), pytest.mark.seldom]


@pytest.fixture(autouse=True)
def own_addresses(settings):
    settings.ROOT_URLCONF = "narvaro.records.tests.import_addresses"


def test_the_pages_of_an_archive_are_for_everybody(context, live_server):
    authority = an_authority()
    lead = a_lead(authority)
    channel = a_mastodon(authority)
    client = signed_in(lead)
    going = uploaded(client, channel, an_archive(a_note(1), a_note(2)))
    page = a_page(context, live_server.url, lead)

    page.goto(live_server.url + going.url)
    found = judged(page, "inlasning-pagar")
    worked()
    page.goto(live_server.url + going.url)
    found += judged(page, "inlasning-klar")
    failed = uploaded(client, channel, b"inget arkiv")
    worked()
    page.goto(live_server.url + failed.url)
    found += judged(page, "inlasning-fel")
    page.goto(f"{live_server.url}/kanaler/{channel.uid}/arkiv/")
    found += judged(page, "arkiv")

    assert found == []


def test_a_thread_is_kept_by_clicking(context, live_server):
    authority = an_authority()
    lead = a_lead(authority)
    channel = a_manual(authority)
    page = a_page(context, live_server.url, lead)
    page.goto(f"{live_server.url}/kanaler/{channel.uid}/")
    page.get_by_role("link", name="Lägg in en tråd").click()
    found = judged(page, "lagg-in")

    page.get_by_label("Klistra in tråden").fill(PASTED)
    page.get_by_label("Skärmbilder").set_input_files(
        [{"name": "bild.png", "mimeType": "image/png", "buffer": a_picture()}]
    )
    page.get_by_role("button", name="Dela upp").click()
    found += judged(page, "delar")
    page.get_by_role("button", name="Lägg till en del").click()
    page.get_by_label("Text").last.fill("Ett till")
    page.get_by_role("button", name="Ta bort del 2").click()
    page.get_by_role("button", name="Bevara").last.click()
    page.wait_for_url(f"{live_server.url}/handlingar/*/")
    page.goto(f"{live_server.url}/kanaler/{channel.uid}/publicerat/")
    found += judged(page, "publicerat")

    assert Item.objects.of(lead).count() == 3
    assert found == []

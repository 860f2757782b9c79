"""Messages in a real browser: axe on every page, counting while one writes, and from draft to approved by keys."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from narvaro.base.clock import today
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead
from narvaro.channels.tests.test_look import a_page, context, judged
from narvaro.channels.types import Platform
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.publishing import actions
from narvaro.publishing.models import Publication
from narvaro.publishing.types import Extras

__all__ = ["context"]
POLL = {"options": ["Ja", "Nej"], "hours": 24, "is_multiple": False}
pytestmark = [
    pytest.mark.journey, pytest.mark.server, pytest.mark.one_database, pytest.mark.django_db(transaction=True),
    pytest.mark.seldom,
]  # fmt: skip


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab as people do, until what is wanted has the focus; it must not be too far away."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail("Never reached by Tab.")


def test_the_calendar_shows_one_channel_alone_by_keys_whose_names_come_when_they_are_asked_for(
    context: BrowserContext, live_server
):
    unit = a_unit(authority := an_authority())
    first, second = (a_channel(authority, unit=unit) for _ in range(2))
    page = a_page(context, live_server.url, a_lead(authority))
    page.goto(f"{live_server.url}/publicerat/kalender/?vy=vecka")

    tab_to(page, page.locator(".filters summary"))
    page.keyboard.press("Enter")
    page.get_by_label("Kanal", exact=True).wait_for()
    found = judged(page, "kalender-filter")
    tab_to(page, page.get_by_label("Kanal", exact=True))
    page.keyboard.type(second.name)
    tab_to(page, page.get_by_role("button", name="Visa", exact=True))
    page.keyboard.press("Enter")
    page.get_by_text("Filtrera (1)").wait_for()

    assert page.locator(".chip", has_text=second.name).is_visible()
    assert f"kanal={second.uid}" in page.url
    assert "vy=vecka" in page.url
    assert first.name not in page.locator("main").inner_text()
    page.goto(f"{live_server.url}/publicerat/kalender/filter/?vy=vecka&kanal={second.uid}")
    assert found + judged(page, "kalender-filter-for-sig") == []


def test_a_post_is_written_and_planned_by_keys_and_every_page_is_for_everybody(context: BrowserContext, live_server):
    authority = an_authority()
    unit, lead = a_unit(authority), a_lead(authority)
    people = [an_actor(authority, role=role, unit=unit) for role in (Role.REPRESENTATIVE, Role.DEPUTY)]
    values = {"unit": unit, "responsible": person_of(people[0]), "deputy": person_of(people[1])}
    channel, _other = (a_channel(authority, **values) for _ in range(2))
    actions.change_four_eyes(actor=lead, everywhere=True)
    message = actions.save_message(
        actor=people[0], text="Öppet på lördag.", channels={channel: ""}, day=today() + timedelta(days=3),
        clock=time(9, 0),
    )  # fmt: skip
    actions.send_message(actor=people[0], uid=message.uid)
    board = a_channel(authority, platform=Platform.MANUAL, **values)
    actions.save_text(actor=lead, name="Sandning", text="I natt sandar vi.")
    actions.save_label(actor=lead, name="Sommar")
    actions.publish_post(actor=lead, channel=board, text="Först.\n---\nSedan.", extras=Extras(poll=POLL))
    by_hand = Publication.objects.of(lead).get()
    page = a_page(context, live_server.url, lead)

    found = []
    for name, place in {
        "inlagg-vantar": f"utkast/{message.uid}/", "andra": f"utkast/{message.uid}/andra/", "utkast": "utkast/",
        "vantar": "utkast/?lista=vantar", "kalender": "kalender/", "fyra-ogon": "fyra-ogon/",
        "for-hand": f"{by_hand.uid}/", "texter": "texter/", "text": "texter/ny/", "etiketter": "etiketter/",
        "nytt": "nytt/",
    }.items():  # fmt: skip
        page.goto(f"{live_server.url}/publicerat/{place}")
        found += judged(page, name)
    tab_to(page, page.get_by_label(channel.name, exact=True))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Vad vill ni berätta?"))
    page.keyboard.type("Nya tider på #badet")
    page.get_by_text("481 tecken kvar").wait_for()
    page.locator("#previews").get_by_text("#badet").wait_for()
    page.get_by_text("Utkastet sparades").wait_for()
    tab_to(page, page.get_by_role("button", name="Publicera"))
    page.keyboard.press("Enter")
    page.get_by_text("Det går ut när det är godkänt.").first.wait_for()
    found += judged(page, "skickat")

    assert found == []

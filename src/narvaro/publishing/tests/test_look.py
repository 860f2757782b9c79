"""Messages in a real browser: axe on every page, counting while one writes, and from draft to approved by keys."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from playwright.sync_api import BrowserContext

from narvaro.base.clock import today
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead
from narvaro.channels.tests.test_look import a_page, context, judged
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.publishing import actions

__all__ = ["context"]
pytestmark = [
    pytest.mark.journey, pytest.mark.server, pytest.mark.one_database, pytest.mark.django_db(transaction=True),
]  # fmt: skip


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
    page = a_page(context, live_server.url, lead)

    found = []
    for name, place in {
        "inlagg-vantar": f"utkast/{message.uid}/", "andra": f"utkast/{message.uid}/andra/", "utkast": "utkast/",
        "vantar": "utkast/?lista=vantar", "kalender": "kalender/", "fyra-ogon": "fyra-ogon/", "nytt": "nytt/",
    }.items():  # fmt: skip
        page.goto(f"{live_server.url}/publicerat/{place}")
        found += judged(page, name)
    page.get_by_label(channel.name, exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("Vad vill ni berätta?").focus()
    page.keyboard.type("Nya tider på badet")
    page.get_by_text("482 tecken kvar").wait_for()
    page.get_by_role("button", name="Publicera").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Det går ut när det är godkänt.").first.wait_for()
    found += judged(page, "skickat")

    assert found == []

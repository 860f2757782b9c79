"""Hand-overs, custody and incidents in a real browser: axe on the pages that hold most, wide and on a phone."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext

from narvaro.base.clock import now
from narvaro.channels import actions
from narvaro.channels.actions import custody, incidents
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead
from narvaro.channels.tests.test_look import a_page, context, judged
from narvaro.core import waiting
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Role

pytestmark = [
    pytest.mark.journey, pytest.mark.server, pytest.mark.one_database, pytest.mark.django_db(transaction=True),
    pytest.mark.seldom,
]  # fmt: skip
__all__ = ["context"]
EVERYTHING = bool(os.environ.get("NARVARO_TEST_PICTURES", ""))  # the others are judged where the demo is walked


def test_the_pages_that_hold_most_are_for_everybody(context: BrowserContext, live_server):
    authority = an_authority()
    lead = a_lead(authority)
    an_actor(authority, role=Role.UNIT_MANAGER, unit=None, person=person_of(lead))
    deputy = person_of(an_actor(authority, role=Role.DEPUTY))
    channel = a_channel(authority, deputy=deputy, watch_group="Kvällar")
    leaving = channel.responsible
    custody.keep_custody(actor=lead, channel=channel, vault="Bitwarden, posten Instagram", recovery_owner="Webbmaster")
    for person in (leaving, deputy):
        custody.note_access(actor=lead, channel=channel, function="Redaktör", person=person, reaches_password=True)
    waiting.put(lead, [waiting.Wait("inbox", "x.y", 1, "En öppen fråga", "/", person_id=leaving.pk, due_at=now())])
    actions.add_shift(
        actor=lead, watch_group="Kvällar", person=leaving, from_at=now(), until_at=now() + timedelta(days=1)
    )
    incident = incidents.open_incident(actor=lead, channel=channel)
    page = a_page(context, live_server.url, lead)
    places = {"incident": f"kanaler/incident/{incident.uid}/", "overlamning": f"kanaler/overlamning/{leaving.uid}/"}
    if EVERYTHING:
        one = f"kanaler/{channel.uid}"
        places |= {
            "mina": "kanaler/mina/", "i-morgon": "kanaler/om-nagon-slutade/", "tomma": "kanaler/overlamning/",
            "incidenter": "kanaler/incidenter/", "for-alla": "for-alla/", "inloggning": f"{one}/inloggning/",
            "losenord": f"{one}/inloggning/andra/", "lagg-till": f"{one}/inloggning/lagg-till/", "kanal": f"{one}/",
            "genomgang": f"{one}/inloggning/genomgang/", "sakerhet": f"{one}/sakerhet/", "kanaler": "kanaler/",
            "andra-incident": f"kanaler/incident/{incident.uid}/andra/",
            "avsluta-incident": f"kanaler/incident/{incident.uid}/avsluta/",
        }  # fmt: skip

    found = []
    for name, place in places.items():
        page.goto(f"{live_server.url}/{place}")
        found += judged(page, name)
    page.goto(f"{live_server.url}/{places['incident']}")
    page.get_by_role("button", name="Skriv i loggen").last.click()
    page.wait_for_load_state()
    found += judged(page, "incident-fel")

    assert found == []
    assert page.get_by_text("Skriv vem som fick veta.").first.is_visible()

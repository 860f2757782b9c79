"""Oversight and crisis mode in a real browser: axe on every page, wide and narrow, and the one press."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext

from narvaro.base import clock
from narvaro.channels.models import ChannelReading
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead
from narvaro.channels.tests.test_look import a_page, context, judged
from narvaro.channels.types import Platform
from narvaro.core.testing import an_authority
from narvaro.moderation import actions
from narvaro.moderation.tests.test_hearing import decided
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind
from narvaro.records.testing import a_kept

__all__ = ["context"]
pytestmark = [pytest.mark.journey, pytest.mark.server, pytest.mark.django_db(transaction=True), pytest.mark.seldom]


def test_every_page_of_oversight_and_crisis_is_for_everybody(context: BrowserContext, live_server):
    begun = clock.now() - timedelta(days=9)
    with clock.frozen(begun):
        authority = an_authority()
        lead = a_lead(authority)
        read, by_hand = a_channel(authority), a_channel(authority, platform=Platform.MANUAL)
        actions.oversee(authority=authority)
    ChannelReading.objects.everywhere("test").filter(channel=read).update(complete_to=clock.now())
    with clock.frozen(begun + timedelta(days=1)):
        decided(lead, authority, channel=read)
    a_kept(authority, "Hej", channel=read)
    actions.decide_measure(
        actor=lead, item=a_kept(authority, "Din idiot", channel=read), kind=Kind.HIDE, ground=a_rule(authority).code,
        reasons="Ett påhopp.", waive_notice_why="Ett automatiskt konto.",
    )  # fmt: skip
    actions.oversee(authority=authority)
    page = a_page(context, live_server.url, lead)

    found = []
    for name, place in {
        "uppsikt": "uppsikt/", "tider": "uppsikt/tider/", "egna-tider": f"uppsikt/tider/{by_hand.uid}/",
        "inget-krislage": "kris/", "moderering": "", "delegationsbeslut": "delegationsbeslut/",
        "inga-delegationsbeslut": "delegationsbeslut/?manad=2020-01", "ta-bort-nu": "nodatgard/",
    }.items():  # fmt: skip
        page.goto(f"{live_server.url}/moderering/{place}")
        found += judged(page, name)
    page.goto(f"{live_server.url}/moderering/uppsikt/")
    page.get_by_role("button", name="Jag har sett över mina kanaler").click()
    page.get_by_text("Alla kanaler är sedda över.").wait_for()
    found += judged(page, "sett-over")
    page.goto(f"{live_server.url}/moderering/kris/")
    page.get_by_role("button", name="Starta krisläget").click()
    found += judged(page, "krislage-fel")
    page.get_by_label("Varför").fill("Översvämning i centrum.")
    page.get_by_role("button", name="Starta krisläget").click()
    page.get_by_text("Automatiska meddelanden hålls inne.").first.wait_for()
    found += judged(page, "krislage")
    page.get_by_role("button", name="Avsluta krisläget").click()
    found += judged(page, "krislage-slut-fel")
    page.get_by_label("Varför det är slut").fill("Vattnet har sjunkit.")
    page.get_by_role("button", name="Avsluta krisläget").click()
    page.get_by_role("heading", name="Tidigare").wait_for()
    found += judged(page, "krislage-slut")

    assert found == []

"""What the pages of the inbox cost."""

from __future__ import annotations

import pytest
from django.urls import reverse

from narvaro.channels.testing import a_channel
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Role
from narvaro.inbox import actions
from narvaro.inbox.testing import a_comment
from narvaro.inbox.tests.pages.desk import EVERY_QUERY, HEAVIEST_BYTES, cost, seen, signed_in, thread_url

pytestmark = pytest.mark.django_db


def test_a_list_costs_the_same_few_queries_whatever_it_shows(client, authority, channel, worker):
    empty = cost(client, f"{reverse('inbox:inbox')}?lista=alla")
    for n in range(12):
        a_comment(authority, f"Fråga {n}?", channel=channel)
    a_comment(authority, "Jag ska ta mitt liv i kväll.", channel=channel)
    full = cost(client, f"{reverse('inbox:inbox')}?lista=alla")

    assert len(full) <= EVERY_QUERY, "\n".join(full)
    assert len(full) <= len(empty) + 3


def test_a_thread_costs_few_queries_whatever_hangs_there(client, authority, unit, channel, worker):
    an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    asked = a_comment(authority, "Första frågan?", channel=channel, remote_id="root", root_remote_id="root")
    plain = cost(client, thread_url(asked))
    for n in range(8):
        a_comment(
            authority, f"Följdfråga {n}?", channel=channel, remote_id=f"f{n}", parent_remote_id="root",
            root_remote_id="root",
        )  # fmt: skip
    actions.add_note(actor=worker, uid=asked.uid, text="En anteckning.")
    actions.escalate(actor=worker, uid=asked.uid, text="Vad tycker du?")
    actions.ask_expert(actor=worker, uid=asked.uid, to_address="vet@storkoping.example", question="När?")
    actions.answer(actor=worker, uid=asked.uid, text="Nio.")
    full = cost(client, thread_url(asked))

    assert len(full) <= EVERY_QUERY, "\n".join(full)
    assert len(plain) <= EVERY_QUERY


def test_pages_are_light(client, authority, channel):
    for n in range(25):
        a_comment(authority, f"Fråga {n}, med en rad text som är lagom lång för att likna en riktig?", channel=channel)
    asked = a_comment(authority, "Den sista frågan?", channel=channel)

    assert len(client.get(f"{reverse('inbox:inbox')}?lista=alla").content) < HEAVIEST_BYTES
    assert len(client.get(thread_url(asked, "?lista=alla")).content) < 2 * HEAVIEST_BYTES


@pytest.mark.parametrize("name", ["mina", "enhet", "utan", "alla"])
def test_somebody_in_four_units_costs_no_more(authority, name):
    units = [a_unit(authority, unit) for unit in ("Biblioteket", "Simhallen", "Gatukontoret", "Kansliet")]
    in_four = an_actor(authority, role=Role.REPRESENTATIVE, unit=units[0])
    for unit in units[1:]:
        an_actor(authority, role=Role.DEPUTY, unit=unit, person=person_of(in_four))
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    for unit in units:
        channel = a_channel(authority, unit=unit)
        asked = a_comment(authority, f"När öppnar {unit.name}?", channel=channel)
    a_comment(authority, "Jag ska ta mitt liv i kväll.", channel=channel)

    for actor in (in_four, lead):
        client = signed_in(actor)
        for url in (f"{reverse('inbox:inbox')}?lista={name}", thread_url(asked, f"?lista={name}")):
            spent = cost(client, url)
            assert len(spent) <= EVERY_QUERY, "\n".join(spent)
        if name == "enhet":
            html = seen(client, f"{reverse('inbox:inbox')}?lista=enhet")
            assert all(f"När öppnar {unit.name}?" in html for unit in units)

"""What the registrar's pages promise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Visibility
from narvaro.core import waiting
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Role
from narvaro.records import actions, queries
from narvaro.records.models import RegistryEntry
from narvaro.records.testing import a_kept
from narvaro.records.tests.test_pages import body, page, post, signed_in

pytestmark = pytest.mark.django_db


def queued(actor, item, **more):
    return actions.queue_for_registrar(actor=actor, item=item, **more)


ENTRY = {"registry_number": "KS 2026/12", "summary": "Klagomål på snöröjning", "counterparty": "Kim Exempel"}


def test_the_queue_shows_what_is_due_soonest_first_with_the_suggested_note(authority, registrar):
    later = queued(registrar, a_kept(authority, "Sen"), why="Senare", due_at=now() + timedelta(days=2))
    sooner = queued(registrar, a_kept(authority, "Snar"), suggested_note="Ringde om avgiften", due_at=now())

    response = page(signed_in(registrar), "registry_queue")

    assert [row["entry"].pk for row in response.context["rows"]] == [sooner.pk, later.pk]
    assert "Ringde om avgiften" in body(response)


def test_the_address_in_what_waits_leads_to_the_entry(authority, registrar):
    entry = queued(registrar, a_kept(authority))
    (wait,) = waiting.for_actor(registrar)

    assert signed_in(registrar).get(wait.link).context["entry"] == entry


def test_osl_6_entering_needs_a_number_and_what_it_is_about(authority, registrar):
    entry = queued(registrar, a_kept(authority))
    client = signed_in(registrar)

    refused = post(client, "registry_entry", entry.uid, seen_version=1, registry_number=" ", summary="")
    entered = post(client, "registry_entry", entry.uid, seen_version=1, **ENTRY)

    assert refused.status_code == 422
    assert entered.status_code == 302
    assert waiting.counts(registrar) == {}
    row = queries.registry_entry_for(registrar, entry.uid)
    assert (row.state, row.registry_number) == (RegistryEntry.State.ENTERED, "KS 2026/12")


def test_a_stale_entry_is_refused_with_what_happened(authority, registrar):
    entry = queued(registrar, a_kept(authority))
    client = signed_in(registrar)
    post(client, "registry_entry", entry.uid, seen_version=1, **ENTRY)

    again = post(client, "registry_entry", entry.uid, seen_version=1, **{**ENTRY, "registry_number": "KS 2026/13"})

    assert again.status_code == 409
    assert queries.registry_entry_for(registrar, entry.uid).registry_number == "KS 2026/12"


def test_only_the_registrar_enters_and_others_may_read(authority, registrar):
    entry = queued(registrar, a_kept(authority))
    representative = signed_in(an_actor(authority, role=Role.REPRESENTATIVE))

    assert page(representative, "registry_entry", entry.uid).status_code == 200
    assert post(representative, "registry_entry", entry.uid, seen_version=1, **ENTRY).status_code == 403
    assert page(representative, "refuse_registration", entry.uid).status_code == 403


def test_osl_2_not_needed_takes_a_reason(authority, registrar):
    entry = queued(registrar, a_kept(authority))
    client = signed_in(registrar)

    assert post(client, "refuse_registration", entry.uid, why="").status_code == 422
    assert post(client, "refuse_registration", entry.uid, why="Hålls ordnad").status_code == 302
    assert queries.registry_queue(registrar) == []


def test_osl_4_what_may_be_secret_is_always_registered(authority, registrar):
    item = a_kept(authority)
    actions.suspect_secrecy(actor=registrar, item_ids=[item.pk])
    entry = queued(registrar, item)

    response = post(signed_in(registrar), "refuse_registration", entry.uid, why="Vill inte")

    assert response.status_code == 422
    assert "alltid diarieföras" in body(response)
    assert len(queries.registry_queue(registrar)) == 1


def test_several_entries_are_refused_at_once_or_not_at_all(authority, registrar):
    plain = [queued(registrar, a_kept(authority)) for _ in range(2)]
    secret = a_kept(authority)
    actions.suspect_secrecy(actor=registrar, item_ids=[secret.pk])
    waits = queued(registrar, secret)
    client = signed_in(registrar)

    refused = post(client, "refuse_several", entries=[str(e.uid) for e in [*plain, waits]], why="Spam")
    done = post(client, "refuse_several", entries=[str(e.uid) for e in plain], why="Spam")

    assert refused.status_code == 422
    assert done.status_code == 302
    assert [entry.pk for entry in queries.registry_queue(registrar)] == [waits.pk]


def test_osl_6_the_public_registry_shows_the_public_variants_only(authority, registrar):
    client = signed_in(registrar)
    open_entry = queued(registrar, a_kept(authority))
    post(client, "registry_entry", open_entry.uid, seen_version=1, counterparty_is_public="on", **ENTRY)
    hidden = queued(registrar, a_kept(authority))
    post(
        client, "registry_entry", hidden.uid, seen_version=1, registry_number="KS 2026/14",
        summary="Orosanmälan om granne", counterparty="Robin Exempel", summary_public="Begäran om kontakt",
    )  # fmt: skip
    secret_item = a_kept(authority)
    actions.suspect_secrecy(actor=registrar, item_ids=[secret_item.pk])
    secret = queued(registrar, secret_item)
    post(
        client, "registry_entry", secret.uid, seen_version=1, registry_number="KS 2026/15",
        summary="Sjukdom hos elev", counterparty="Alex Exempel", counterparty_is_public="on",
    )  # fmt: skip

    shown = body(page(client, "registry_list", allmanhet="1"))
    inside = body(page(client, "registry_list"))

    for word in (
        "KS 2026/12",
        "KS 2026/14",
        "KS 2026/15",
        "Klagomål på snöröjning",
        "Kim Exempel",
        "Begäran om kontakt",
    ):
        assert word in shown
    for word in ("Orosanmälan", "Robin Exempel", "Sjukdom", "Alex Exempel"):
        assert word not in shown
        assert word in inside


def test_a_record_is_put_before_the_registrar_from_its_own_page(authority, registrar):
    item = a_kept(authority, channel=a_channel(authority))
    client = signed_in(an_actor(authority, role=Role.REPRESENTATIVE))

    assert post(client, "queue", item.uid, suggested_note="Anteckning", whole_thread="on").status_code == 302
    (entry,) = queries.registry_queue(registrar)
    assert (entry.suggested_note, entry.counterparty, entry.whole_thread) == ("Anteckning", "En medborgare", True)


def test_tf_4_the_note_about_a_private_message_is_for_those_who_may_read_it(authority, registrar):
    unit, other = a_unit(authority, "Biblioteket"), a_unit(authority, "Badhuset")
    channel = a_channel(authority, unit=unit)
    item = a_kept(authority, "Min son är sjuk", channel=channel, visibility=Visibility.PRIVATE)
    entry = queued(registrar, item, suggested_note="Kim Exempel skrev om sin son")
    stranger = signed_in(an_actor(authority, role=Role.REPRESENTATIVE, unit=other))

    theirs = [body(page(stranger, "registry_queue")), body(page(stranger, "registry_entry", entry.uid))]
    ours = [
        body(page(signed_in(registrar), "registry_queue")),
        body(page(signed_in(registrar), "registry_entry", entry.uid)),
    ]

    assert not any("Kim Exempel" in shown or "Min son" in shown for shown in theirs)
    assert all("Kim Exempel" in shown for shown in ours)

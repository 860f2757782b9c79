"""Who watches what when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from narvaro.base.clock import STOCKHOLM, frozen, now
from narvaro.channels import actions, queries
from narvaro.channels.models import ChannelReading
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import Connection
from narvaro.connectors.port import Misconfigured, ReconnectNeeded, Transient
from narvaro.core.testing import a_person, an_actor, an_authority, person_of
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 20, 12, tzinfo=STOCKHOLM)


def a_shift_form(client, person, **values):
    page = client.get("/kanaler/bevakning/")
    return filled(
        page, person=str(person.uid), **{"from_at": "2026-11-20T16:00", "until_at": "2026-11-21T08:00", **values}
    )  # fmt: skip


def test_a_shift_goes_before_responsible_and_deputy_and_shows_on_both_days():
    authority = an_authority()
    channel = a_channel(authority, watch_group="Kvällar")
    lead = a_lead(authority)
    watcher = person_of(an_actor(authority, role=Role.REPRESENTATIVE))
    client = signed_in(lead)
    with frozen(FRIDAY):
        client.post("/kanaler/bevakning/", a_shift_form(client, watcher, watch_group="Kvällar"))
        page = client.get("/kanaler/bevakning/?vecka=2026-W47").content.decode()

    with frozen(FRIDAY.replace(hour=20)):
        assert queries.holders(lead, [channel])[channel.pk] == watcher.pk
    assert "16.00–24.00" in page
    assert "00.00–08.00" in page


def test_duty_needs_no_group_and_is_named_while_it_lasts():
    authority = an_authority()
    lead = a_lead(authority)
    client = signed_in(lead)
    with frozen(FRIDAY):
        client.post("/kanaler/bevakning/", a_shift_form(client, person_of(lead), is_duty="on"))
    with frozen(FRIDAY.replace(hour=23)):
        page = client.get("/kanaler/bevakning/").content.decode()

    assert f"Jour just nu: {lead.name}" in page


@pytest.mark.parametrize(
    "values",
    [
        {"is_duty": ""},
        {"until_at": "2026-11-20T15:00", "is_duty": "on"},
        {"from_at": "9999-99-99T99:99", "is_duty": "on"},
        {"watch_group": "En grupp som inte finns"},
    ],
)
def test_a_shift_that_cannot_be_is_refused_in_words(values):
    lead = a_lead(an_authority())
    client = signed_in(lead)

    answer = client.post("/kanaler/bevakning/", a_shift_form(client, person_of(lead), **values))

    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_a_shift_is_removed_and_others_are_let_be():
    authority, elsewhere = an_authority("Storköping"), an_authority("Lillköping")
    lead, stranger = a_lead(authority), a_lead(elsewhere)
    shift = actions.add_shift(
        actor=lead, watch_group="", person=person_of(lead), from_at=now(), until_at=now() + timedelta(hours=1),
        is_duty=True,
    )  # fmt: skip
    their_client, client = signed_in(stranger), signed_in(lead)
    day = next(day for day in client.get("/kanaler/bevakning/").context["days"] if day["shifts"])
    data = {field.html_name: field.value() or "" for field in day["shifts"][0]["form"]}

    their_client.post("/kanaler/bevakning/ta-bort/", data)
    assert [s.pk for s in queries.shifts(lead)] == [shift.pk]
    client.post("/kanaler/bevakning/ta-bort/", data)

    assert queries.shifts(lead) == []


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.AUDITOR])
def test_others_see_the_rota_and_change_nothing(role):
    authority = an_authority()
    client = signed_in(an_actor(authority, role=role))

    assert client.get("/kanaler/bevakning/").status_code == 200
    assert client.post("/kanaler/bevakning/", {}).status_code == 403


def test_somebody_of_another_organisation_cannot_be_put_on_watch():
    lead, stranger = a_lead(an_authority("Storköping")), a_person(an_authority("Lillköping"))
    client = signed_in(lead)

    assert client.post("/kanaler/bevakning/", a_shift_form(client, stranger, is_duty="on")).status_code == 422


@pytest.mark.parametrize(
    "week", ["", "2026-W47", "9999-W99", "javascript:", "2026-W00", "\u202e", "0000-W01", "0001-W01", "9999-W52"]
)
def test_any_week_that_is_asked_for_gives_a_page(week):
    assert signed_in(a_lead(an_authority())).get("/kanaler/bevakning/", {"vecka": week}).status_code == 200


@pytest.mark.parametrize(
    ("error", "connection", "comes_back"),
    [
        (Transient("Servern svarar inte."), Connection.TRANSIENT, True),
        (ReconnectNeeded("Nyckeln är död."), Connection.RECONNECT, False),
        (Misconfigured("Fel adress."), Connection.MISCONFIGURED, True),
    ],
)
def test_p6_a_dead_key_waits_for_a_person_and_everything_else_is_tried_again(error, connection, comes_back):
    channel = a_channel(an_authority())
    actions.end_reading(actions.claim_reading(), error=error)

    with frozen(now() + timedelta(days=1)):
        again = actions.claim_reading()

    assert ChannelReading.objects.everywhere("test").get(channel=channel).connection == connection
    assert (again is not None) is comes_back

"""An account taken over: one press, clocks that are told of, a log that is never changed, and a report to send."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from narvaro.base.clock import frozen, now
from narvaro.channels import queries, tasks
from narvaro.channels.actions import incidents as actions
from narvaro.channels.actions import store_secrets
from narvaro.channels.models import ChannelSecret, IncidentEntry
from narvaro.channels.queries import incidents as reads
from narvaro.channels.rules.security import a_month_after, dues
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import Concerns, Connection, EntryKind, IncidentKind
from narvaro.core import waiting
from narvaro.core.models import AuditEntry, Letter
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotPermitted, Role

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
FOUND = datetime(2026, 1, 31, 10, tzinfo=UTC)


@pytest.fixture
def lead(authority):
    return a_lead(authority)


@pytest.fixture
def channel(authority):
    return a_channel(authority)


@pytest.mark.one_database
def test_sec_1_the_clocks_run_from_when_it_was_understood_and_the_final_from_the_notice():
    noticed = FOUND + timedelta(hours=30)

    plain = dues(FOUND, {}, concerns_people=False)
    told = dues(FOUND, {"notice": noticed}, concerns_people=True)

    assert {key: at - FOUND for key, at in plain.items() if key != "final"} == {
        "early": timedelta(hours=24), "notice": timedelta(hours=72),
    }  # fmt: skip
    assert plain["final"] == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert told["final"] == a_month_after(noticed) == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert told["breach"] == FOUND + timedelta(hours=72)
    assert a_month_after(FOUND) == datetime(2026, 2, 28, 10, tzinfo=UTC)


def test_one_press_opens_an_incident_tells_those_who_must_know_and_lets_the_clocks_wait(authority, lead, channel):
    officer = an_actor(authority, role=Role.DPO)
    answering = an_actor(authority, role=Role.REPRESENTATIVE, unit=channel.unit)
    client, page = signed_in(answering), f"/kanaler/{channel.uid}/"
    shown = client.get(page)
    address = f"/kanaler/{channel.uid}/incident/"
    assert address in shown.content.decode()

    first = client.post(address, filled(shown, "read_form"))
    second = client.post(address, filled(client.get(page), "read_form"))

    (incident,) = reads.incidents(lead)
    assert first["Location"] == second["Location"] == f"/kanaler/incident/{incident.uid}/"
    assert sorted(wait.subject_kind.rpartition(".")[2] for wait in waiting.today(lead)) == ["early", "final", "notice"]
    assert [wait.subject_kind.rpartition(".")[2] for wait in waiting.today(officer)] == ["breach"]
    told = Letter.objects.of(lead).filter(kind="channels.incident")
    assert {letter.to_person_id for letter in told} >= {lead.person_id, officer.person_id}
    assert told.count() == len({letter.to_person_id for letter in told})


def test_reminders_come_before_and_after_each_clock_and_stop_when_it_is_settled(lead, channel):
    incident = actions.open_incident(actor=lead, channel=channel)

    def told():
        tasks.remind_of_incidents.call()
        rows = Letter.objects.of(lead).filter(to_person_id=lead.person_id, kind="channels.incident")
        return [letter.once_key.split(":", 2)[2].rsplit(":", 1)[0] for letter in rows.order_by("pk")][1:]

    assert told() == []
    with frozen(incident.found_at + timedelta(hours=19)):
        assert told() == ["early:soon"]
    with frozen(incident.found_at + timedelta(hours=25)):
        assert told() == ["early:soon", "early:late"]
        for key in ("notice", "breach"):
            actions.write_in_log(actor=lead, incident=incident, kind=EntryKind.NOT_NEEDED, key=key, text="Ingen skada.")
    with frozen(incident.found_at + timedelta(hours=80)):
        assert told() == ["early:soon", "early:late"]

    assert {wait.subject_kind.rpartition(".")[2] for wait in waiting.today(lead)} == {"early", "final"}


def test_gdpr_3_the_clock_of_personal_data_stops_when_none_are_concerned(authority, lead, channel):
    officer = an_actor(authority, role=Role.DPO)
    incident = actions.open_incident(actor=lead, channel=channel)
    earlier = incident.found_at - timedelta(hours=5)

    actions.change_incident(
        actor=lead, incident=incident, kind=IncidentKind.PUBLISHED, found_at=earlier, concerns_people=Concerns.NO
    )

    assert waiting.today(officer) == []
    changed = reads.incident_for(lead, incident.uid)
    assert reads.dues(changed, reads.log(lead, changed))[0].at == earlier + timedelta(hours=24)
    assert "Rör personuppgifter: Nej." in reads.log(lead, changed)[-1].text


def test_the_key_is_thrown_away_from_the_page_and_the_channel_says_so(lead, channel):
    store_secrets(actor=lead, channel=channel, secrets={"access_token": "hemlig"})
    incident = actions.open_incident(actor=lead, channel=channel)
    client, page = signed_in(lead), f"/kanaler/incident/{incident.uid}/"

    client.post(f"{page}kasta-nyckeln/", filled(client.get(page), "press_form"))

    assert not ChannelSecret.objects.of(lead).filter(channel=channel).exists()
    assert queries.reading_of(lead, channel).connection == Connection.RECONNECT
    assert queries.connected_ids() == []
    assert [(entry.kind, entry.key) for entry in reads.log(lead, incident)] == [("opened", ""), ("measure", "revoke")]


def test_the_log_is_written_from_the_page_never_changed_and_each_line_is_proven(
    lead, channel, django_assert_max_num_queries
):
    incident = actions.open_incident(actor=lead, channel=channel)
    client, page = signed_in(lead), f"/kanaler/incident/{incident.uid}/"
    with django_assert_max_num_queries(MOST_QUERIES):
        shown = client.get(page)
    client.post(f"{page}logg/", filled(shown, "log_form", to_whom="Kommundirektören", text="Ringde upp."))
    nameless = client.post(f"{page}logg/", filled(client.get(page), "log_form", text="Någon."))
    measure = client.get(page).context["measures"][0]["form"]
    client.post(f"{page}logg/", {field.html_name: field.value() or "" for field in measure})

    entries = reads.log(lead, incident)
    assert nameless.status_code == 422
    assert [(entry.kind, entry.to_whom or entry.key) for entry in entries[1:]] == [
        ("told", "Kommundirektören"), ("measure", "keep"),
    ]  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        IncidentEntry.objects.of(lead).filter(pk=entries[1].pk).update(text="Ringde inte.")
    with pytest.raises(DatabaseError), transaction.atomic():
        IncidentEntry.objects.of(lead).filter(pk=entries[1].pk).delete()
    noted = AuditEntry.objects.of(lead).filter(verb="channels.write_in_log").order_by("pk").first()
    assert noted.facts["entry"] == entries[1].pk
    assert len(noted.facts["digest"]) == 64
    assert "Ringde" not in json.dumps(noted.facts)


def test_it_is_closed_with_lessons_when_all_is_settled_and_then_stands_still(authority, lead, channel):
    incident = actions.open_incident(actor=lead, channel=channel)
    answering = an_actor(authority, role=Role.REPRESENTATIVE, unit=channel.unit)
    with pytest.raises(Invalid, match="Tidig varning"):
        actions.close_incident(actor=lead, incident=incident, lessons="Slå på tvåstegsverifiering.")
    for key in ("early", "notice", "final", "breach"):
        actions.write_in_log(actor=lead, incident=incident, kind=EntryKind.REPORTED, key=key)
    with pytest.raises(NotPermitted):
        actions.close_incident(actor=answering, incident=incident, lessons="Slå på tvåstegsverifiering.")
    with pytest.raises(Invalid):
        actions.close_incident(actor=lead, incident=incident, lessons=" ")

    actions.close_incident(actor=lead, incident=incident, lessons="Slå på tvåstegsverifiering.")

    assert waiting.today(lead) == []
    with pytest.raises(Invalid):
        actions.write_in_log(actor=lead, incident=incident, kind=EntryKind.NOTE, text="Efteråt.")
    assert reads.open_incidents(lead) == []
    assert actions.open_incident(actor=lead, channel=channel).pk != incident.pk


def test_the_report_is_taken_out_as_json_and_as_pdf_a_and_that_is_noted(lead, channel):
    incident = actions.open_incident(actor=lead, channel=channel)
    actions.write_in_log(actor=lead, incident=incident, kind=EntryKind.TOLD, to_whom="Polisen 👮", text="K 123")
    client, page = signed_in(lead), f"/kanaler/incident/{incident.uid}/"

    report = json.loads(client.post(f"{page}rapport-json/").content)
    document = client.post(f"{page}rapport-pdf/")

    assert report["log"][-1]["to_whom"] == "Polisen 👮"
    assert [due["what"] for due in report["due"]] == ["early", "notice", "breach", "final"]
    assert document.content.startswith(b"%PDF-")
    assert b"pdfaid" in document.content
    noted = AuditEntry.objects.of(lead).filter(verb="channels.take_out_report").order_by("pk")
    assert [entry.facts["form"] for entry in noted] == ["json", "pdf"]


def test_who_answers_nobody_opens_no_incident_and_employees_read_none(authority, lead, channel):
    incident = actions.open_incident(actor=lead, channel=channel)
    employee, auditor = an_actor(authority, role=Role.EMPLOYEE), an_actor(authority, role=Role.AUDITOR)

    for actor in (employee, auditor):
        with pytest.raises(NotPermitted):
            actions.open_incident(actor=actor, channel=channel)
    assert signed_in(employee).get("/kanaler/incidenter/").status_code == 403
    assert signed_in(employee).get(f"/kanaler/incident/{incident.uid}/").status_code == 403
    assert signed_in(auditor).get(f"/kanaler/incident/{incident.uid}/").status_code == 200
    assert signed_in(a_lead(an_authority())).get(f"/kanaler/incident/{incident.uid}/").status_code == 404
    with pytest.raises(Invalid):
        actions.write_in_log(
            actor=lead, incident=incident, kind=EntryKind.NOTE, text="Sen.", at=now() + timedelta(hours=1)
        )

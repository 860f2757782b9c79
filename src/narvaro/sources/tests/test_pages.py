"""Pages of sources: set up, tried without anything being saved, and read by those who work there."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Role
from narvaro.publishing.models import Message
from narvaro.sources import queries
from narvaro.sources.models import Entry, LogRow, Source
from narvaro.sources.testing import a_source, worked
from narvaro.sources.types import Did, Kind, SourceState

pytestmark = pytest.mark.django_db
HERE = "/publicerat/kallor/"
REPORT = json.dumps([{"nr": "1", "rubrik": "Läcka <b>på</b> torget"}, {"nr": "2", "rubrik": "Snö", "plats": "Skogen"}])


@pytest.fixture
def channel(authority):
    return a_channel(authority, unit=a_unit(authority))


def test_a_source_is_set_up_tried_changed_paused_and_ended_from_its_pages(authority, lead, channel):
    browser = signed_in(lead)
    page = browser.get(f"{HERE}ny/incident/")
    values = filled(
        page, name="Driften", way="file", file=SimpleUploadedFile("fel.json", b"nej"), channels=[str(channel.uid)],
        responsible=str(channel.responsible.uid), name_id="nr", name_title="rubrik", name_area="plats", areas="torget",
    )  # fmt: skip
    refused = browser.post(f"{HERE}ny/incident/", values)
    values |= {"file": SimpleUploadedFile("rapport.json", REPORT.encode()), "areas": ""}
    made = browser.post(f"{HERE}ny/incident/", values, follow=True)
    source = Source.objects.of(lead).get()
    tried = browser.post(f"{HERE}{source.uid}/prova/")

    assert (refused.status_code, made.status_code) == (422, 200)
    assert "inte JSON" in refused.content.decode()
    assert "Läcka &lt;b&gt;på&lt;/b&gt; torget" in tried.content.decode()
    assert (Entry.objects.of(lead).count(), Message.objects.of(lead).count()) == (0, 0)

    values["file"].seek(0)
    twice = browser.post(f"{HERE}ny/incident/", values)  # the same form again
    changing = filled(browser.get(f"{HERE}{source.uid}/andra/"), name="Driften igen", file="")
    browser.post(f"{HERE}{source.uid}/andra/", changing)
    button = filled(browser.get(f"{HERE}{source.uid}/"), "button")
    browser.post(f"{HERE}{source.uid}/pausa/", button)
    paused = browser.get(f"{HERE}{source.uid}/")
    browser.post(f"{HERE}{source.uid}/avsluta/", filled(paused, "button"))

    assert twice.status_code == 409
    assert "Källan är pausad" in paused.content.decode()
    found = queries.source_for(lead, source.uid)
    assert (found.name, found.state) == ("Driften igen", SourceState.ENDED)


def test_a_secret_is_shown_once_and_only_to_who_sets_up(authority, lead, channel):
    source = a_source(authority, channel=channel, way="hook")
    browser = signed_in(lead)
    values = filled(browser.get(f"{HERE}{source.uid}/"), "button")
    shown = browser.post(f"{HERE}{source.uid}/hemlighet/", values)
    secret = queries.secrets_of(queries.source_for(lead, source.uid))["hook"]
    writer = signed_in(an_actor(authority, role=Role.REPRESENTATIVE))

    assert secret in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert secret not in browser.get(f"{HERE}{source.uid}/").content.decode()
    assert "X-Narvaro-Signature" not in writer.get(f"{HERE}{source.uid}/").content.decode()
    assert [writer.get(f"{HERE}{each}").status_code for each in ("", "ny/", f"{source.uid}/andra/")] == [200, 403, 403]


def test_the_page_of_a_source_turns_leaf_by_leaf_and_asks_little(authority, lead, channel):
    source = a_source(authority, Kind.INCIDENT, b"[]", channel=channel)
    worked()
    LogRow.objects.bulk_create(
        LogRow(authority=authority, source=source, did=Did.FAILED, text=f"Nummer {n}") for n in range(70)
    )
    browser = signed_in(lead)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        first = browser.get(f"{HERE}{source.uid}/")
    second = browser.get(first.context["older_url"])
    third = browser.get(second.context["older_url"])

    said = [[row.text for row in each.context["log"]] for each in (first, second, third)]
    assert [len(each) for each in said] == [30, 30, 11]
    assert said[0][0] == "Nummer 69"
    assert said[2][-1] == "Läste 0, varav 0 nya."
    assert third.context["older_url"] == ""
    assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) <= 12

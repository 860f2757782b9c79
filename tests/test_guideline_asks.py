"""What a guideline asks of people and channels in time: taken out for the archive, duties seen, figures named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base import clock
from narvaro.base.ids import uuid7
from narvaro.channels import actions as channel_actions
from narvaro.channels.testing import a_channel
from narvaro.core import waiting
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Actor, NotFound, Role
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment
from narvaro.policy import actions, tasks
from narvaro.policy.actions.duties import REMINDED_AFTER
from narvaro.records import actions as records
from narvaro.records.types import ExportForm, ExportScope
from tests.test_guideline_is_obeyed import in_force

pytestmark = pytest.mark.django_db

BEGUN, LATER = (datetime(2026, month, 10, 9, 0, tzinfo=UTC) for month in (1, 7))


def signed_in(actor: Actor) -> Client:
    browser = Client()
    browser.force_login(person_of(actor))
    return browser


def waits(actor: Actor, place: str) -> list[str]:
    return [each.title for each in waiting.for_actor(actor) if each.place == place]


def taken_out(actor: Actor, scope: str, channel=None) -> None:
    records.request_export(actor=actor, scope=scope, form=ExportForm.JSON, channel=channel)
    records.end_export(records.claim_export(), size_bytes=1)


@pytest.fixture
def lead(authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def test_ark_11_a_channel_not_taken_out_for_as_long_as_the_guideline_lets_pass_waits_for_the_archivist(authority, lead):
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    with clock.frozen(BEGUN):
        first, second = a_channel(authority), a_channel(authority)
        channel_actions.change_channel(actor=lead, channel=second, name="Badet")
        in_force(lead, archive_interval_months=6)
        tasks.hold_to_guideline.func()
        before = waits(archivist, "snapshot")
    with clock.frozen(LATER):
        tasks.hold_to_guideline.func()
        due = waits(archivist, "snapshot")
        taken_out(archivist, ExportScope.CHANNEL, first)
        after_one = waits(archivist, "snapshot")
        taken_out(archivist, ExportScope.EVERYTHING)
        after_all = waits(archivist, "snapshot")
        tasks.hold_to_guideline.func()
        stays = waits(archivist, "snapshot")
        chosen = signed_in(archivist).get(reverse("records:exports"), {"kanal": str(second.uid)}).content.decode()
        others = waits(lead, "snapshot")

    assert before == after_all == stays == others == []
    assert len(due) == 2
    assert [("Badet" in title) for title in after_one] == [True]
    assert f'<option value="{second.uid}" selected>' in chosen


def test_whoever_becomes_responsible_is_shown_what_it_means_and_says_so_with_one_click(authority, lead):
    unit = a_unit(authority)
    channel = a_channel(authority, unit=unit)
    in_force(lead, responsible_duties=["planning", "answering"])
    new = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
    channel_actions.change_channel(actor=lead, channel=channel, responsible=person_of(new))
    tasks.hold_to_guideline.func()
    browser, address = signed_in(new), reverse("policy:duties")
    waited, page = waits(new, "policy"), browser.get(address)
    row = page.context["rows"][0]
    with clock.frozen(clock.now() + REMINDED_AFTER):
        tasks.hold_to_guideline.func()
        tasks.hold_to_guideline.func()
    letters = Letter.objects.of(lead).filter(kind="policy_duties", to_person=person_of(new)).count()

    stale = browser.post(f"{address}{row['uid']}/", {"intent": uuid7(), "seen": "planning"}).status_code
    said = browser.post(f"{address}{row['uid']}/", {"intent": uuid7(), "seen": row["seen"]}).status_code
    tasks.hold_to_guideline.func()
    done = waits(new, "policy")
    in_force(lead, responsible_duties=["planning"])

    assert [str(duty) for duty in row["duties"]] == ["Planera", "Svara"]
    assert len([title for title in waited if channel.name in title]) == 1
    assert letters == 1
    assert (stale, said) == (409, 302)
    assert [title for title in done if channel.name in title] == []
    assert [channel.name in title for title in waits(new, "policy") if "ansvarig" in title] == [True]  # it says another
    assert "Jag har sett" in browser.get(address).content.decode()
    with pytest.raises(NotFound):  # nobody says it for somebody else
        actions.see_duties(actor=lead, uid=row["uid"], seen=row["seen"])


def test_rf_4_the_page_of_figures_holds_those_that_the_guideline_names_and_says_which_are_not_here(authority, lead):
    comment = a_comment(authority)
    a_comment(authority, channel=comment.channel)
    address = reverse("inbox:measured", args=[comment.channel.uid])
    browser = signed_in(lead)
    nothing = browser.get(address).content.decode()

    in_force(lead, metrics=["comments", "answer_times", "followers"])
    Incoming.objects.of(lead).filter(pk=comment.pk).update(answered_at=comment.received_at + timedelta(hours=3))
    page = browser.get(address).content.decode()

    assert "Ingen riktlinje gäller" in nothing
    assert "2 kommentarer kom in." in page
    assert "Hälften av svaren kom inom 3 timmar." in page
    assert "Antalet följare står på kontots egen sida." in page
    assert "Visningar" not in page  # only what is named
    assert "Om målen" not in page
    assert person_of(lead).name not in page.split("<main", 1)[1].split("</main>", 1)[0]

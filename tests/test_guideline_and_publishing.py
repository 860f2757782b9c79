"""What a guideline says about our own posts is obeyed: how strictly they are read, and that each belongs to a page."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from narvaro import screening
from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import waiting
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Invalid, Role
from narvaro.policy import outgoing
from narvaro.publishing import actions, queries
from narvaro.publishing.actions.at_once import publish_at_once
from narvaro.publishing.actions.screening_again import hold_what_rules_stop_now
from narvaro.publishing.actions.website import name_page
from narvaro.publishing.models import AtOnce, Publication
from narvaro.publishing.queries.website import page_of
from narvaro.publishing.rules import as_decided
from narvaro.publishing.types import MessageState, Purpose, State
from narvaro.screening import Severity

from .test_guideline_is_obeyed import in_force

pytestmark = pytest.mark.django_db
PAGE = "https://www.storkoping.example/badet"
IRONY = "Jaha, vi jobbar väl gratis då också ;)"
EMOJI = "🎉🎉🎉🎉🎉 Nu firar vi badet!"


@pytest.fixture
def lead(authority):
    authority.website = "https://storkoping.example/"
    authority.save(update_fields=["website"])
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


@pytest.fixture
def channel(authority, lead):
    return a_channel(authority, responsible=person_of(lead))


def draft(lead, channel, text="Badet öppnar.", **values):
    return actions.save_message(actor=lead, text=text, channels={channel: ""}, **values)


@pytest.mark.one_database
def test_each_area_of_the_rules_for_what_goes_out_can_be_settled_and_no_other():
    areas = {each.value for each in screening.Area if each.value.startswith("outgoing_")}

    assert {f"outgoing_{name}" for name, *_rest in outgoing.AREAS} == areas
    assert outgoing.levels({"screening_emoji": "block", "screening_irony": "shipped"}) == {"outgoing_emoji": "block"}


@pytest.mark.one_database
def test_gdpr_7_what_stops_by_itself_is_never_made_milder():
    assert as_decided(Severity.BLOCK, "note") is Severity.BLOCK
    assert [as_decided(Severity.ASK, level) for level in ("", "note", "block")] == [
        Severity.ASK, Severity.NOTE, Severity.BLOCK,
    ]  # fmt: skip


@pytest.mark.parametrize("level", ["shipped", "note", "ask", "block"])
def test_how_strictly_an_area_is_read_is_what_the_guideline_says(lead, level):
    in_force(lead, screening_emoji=level, screening_personal_data="note")

    checks = queries.checks_of(lead, f"{EMOJI} Fråga 19121212-1212.", kind=screening.Kind.POST)

    about_emoji = {"block": checks.stops, "ask": checks.asks}.get(level, [note.sentence for note in checks.notes])
    assert any("emojier" in each for each in about_emoji)
    assert any("personnummer" in each for each in checks.stops)


def test_a_guideline_that_became_stricter_holds_what_was_planned_though_it_was_agreed_to(lead, channel):
    with clock.frozen(datetime(2026, 10, 1, 8, 0, tzinfo=UTC)):
        message = draft(
            lead, channel, "Beslutet är fattat, vi avslår din ansökan.", day=date(2026, 10, 2), clock=time(8, 0)
        )
        actions.send_message(actor=lead, uid=message.uid)
        in_force(lead, screening_decision="block")

    with clock.frozen(datetime(2026, 10, 2, 5, 59, 30, tzinfo=UTC)):
        assert (hold_what_rules_stop_now(), hold_what_rules_stop_now()) == (1, 0)

    assert "vi avslår din ansökan" in Publication.objects.of(lead).get(state=State.AWAITING).reason


def test_where_the_guideline_asks_for_a_page_of_the_website_nothing_goes_out_without_and_the_words_are_kept(
    lead, channel
):
    in_force(lead, website_page_required=True)
    desk, new = signed_in(lead), "/publicerat/nytt/"
    given = {"text": "Badet öppnar.", "channels": [str(channel.uid)]}

    page = desk.post(new, filled(desk.get(new), **given))
    refused = page.context["form"].errors["page_url"][0]
    foreign = desk.post(new, filled(desk.get(new), page_url="https://ond.example/", **given))

    assert (page.status_code, page.context["form"]["text"].value()) == (422, "Badet öppnar.")
    assert "Skriv sidans adress" in refused
    assert "storkoping.example" in foreign.context["form"].errors["page_url"][0]
    assert not Publication.objects.of(lead).exists()

    desk.post(new, filled(desk.get(new), page_url=PAGE, **given))
    message = queries.messages(lead, MessageState.PLANNED)[0]
    assert page_of(lead, message).url == PAGE
    with pytest.raises(Invalid):
        name_page(actor=lead, uid=message.uid, url="")


def test_what_people_need_to_know_now_goes_out_without_a_page_and_is_looked_at_afterwards(lead, channel):
    in_force(lead, website_page_required=True)
    urgent, mended = (
        draft(lead, channel, purpose=Purpose.CRISIS), draft(lead, channel, purpose=Purpose.CORRECTION)
    )  # fmt: skip
    alone = draft(lead, channel)

    for each in (urgent, mended):
        actions.send_message(actor=lead, uid=each.uid)
    publish_at_once(actor=lead, uid=alone.uid, why="Vattnet är otjänligt.")

    assert {row.message_id for row in AtOnce.objects.of(lead)} == {urgent.pk, alone.pk}
    assert Publication.objects.of(lead).filter(state=State.QUEUED).count() == 3
    assert sum("Se igenom" in each.title for each in waiting.today(lead)) == 2


def test_where_the_guideline_says_nothing_of_pages_none_is_asked_for(lead, channel):
    in_force(lead)

    assert "page_url" not in signed_in(lead).get("/publicerat/nytt/").context["form"].fields
    assert actions.send_message(actor=lead, uid=draft(lead, channel).uid).state == MessageState.PLANNED

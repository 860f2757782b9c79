"""The gate: light by default, says what is missing and who mends it, and stops nothing that the law asks for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from narvaro.base.clock import today
from narvaro.channels import actions, queries, rules
from narvaro.channels.models import Channel, ChannelAssignment, Condition
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import ChannelState, Level
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotPermitted, Role, Stale

pytestmark = pytest.mark.django_db

WRITTEN = ("decision", "plan", "policy", "notified")
A_DAY = date(2026, 11, 20)


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def manager(authority, unit):
    return an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)


def proposed(authority, unit, **changed):
    """A channel that an employee has proposed."""
    people = [person_of(an_actor(authority, role=Role.EMPLOYEE)) for _ in range(2)]
    values = {"responsible": people[0], "deputy": people[1], "handle": "biblioteket@social.example", **changed}
    return actions.propose_channel(
        actor=an_actor(authority, role=Role.EMPLOYEE), platform="mastodon", name="Biblioteket", unit=unit,
        base_url="https://social.example", purpose="Öppettider", **values,
    )  # fmt: skip


def met(actor, channel, *keys):
    for key in keys:
        actions.set_condition(actor=actor, key=key, met=True, channel=channel)


def stopping(actor, channel):
    return [lack.key for lack in queries.stops(actor, queries.channel_by_id(actor, channel.pk))]


def test_from_proposal_to_use_takes_one_decision_and_one_plan(authority, unit, manager):
    channel = proposed(authority, unit)
    met(manager, None, "policy")
    met(manager, channel, "plan")

    decided = actions.take_decision(actor=manager, channel=channel, reference="KS 2026/12")
    opened = actions.open_channel(actor=manager, channel=decided)

    assert opened.state == ChannelState.ACTIVE
    assert stopping(manager, opened) == []
    assert {row.given_by_id for row in ChannelAssignment.objects.of(manager)} == {manager.person_id}
    steps = queries.steps_of(manager, opened)
    assert [(step.state, step.reference) for step in steps] == [
        ("proposed", ""), ("decided", "KS 2026/12"), ("active", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("key", WRITTEN)
def test_each_missing_condition_stops_by_itself_and_is_told_in_words(authority, unit, manager, key):
    channel = proposed(authority, unit)
    met(manager, None, "policy")
    met(manager, channel, "plan")
    actions.take_decision(actor=manager, channel=channel)
    Condition.objects.of(manager).filter(key=key).delete()

    with pytest.raises(Invalid) as refused:
        actions.open_channel(actor=manager, channel=channel)

    assert stopping(manager, channel) == [key]
    assert str(rules.REQUIREMENTS[key].text) in str(refused.value)


def test_sec_2_without_a_deputy_with_an_assignment_nothing_begins(authority, unit, manager):
    channel = proposed(authority, unit, deputy=None)
    met(manager, None, "policy")
    met(manager, channel, "plan")
    actions.take_decision(actor=manager, channel=channel)

    with pytest.raises(Invalid, match="Utse en ersättare"):
        actions.open_channel(actor=manager, channel=channel)


def test_what_only_reminds_stops_nothing_however_late_it_is(authority, manager, unit):
    channel = a_channel(authority, unit=unit, papers_by=today() - timedelta(days=400))

    late = {lack.key for lack in queries.lacks(manager, [channel])[channel.pk] if not lack.stops}

    assert {"administrators", "two_step", "mailbox", "access", "about_text", "retention"} <= late


def test_a_channel_that_was_there_before_gets_ninety_days_and_then_what_is_strict_stops(authority, unit):
    lead = a_lead(authority)
    channel = actions.add_channel(
        actor=lead, platform="mastodon", name="Kommunen", handle="k@social.example", unit=unit,
        responsible=person_of(an_actor(authority, role=Role.EMPLOYEE)),
    )  # fmt: skip

    first = stopping(lead, channel)
    Channel.objects.of(lead).update(papers_by=today())
    then = stopping(lead, channel)

    assert first == []
    assert set(then) == {"decision", "plan", "policy", "deputy"}
    assert channel.papers_by == today() + timedelta(days=90)


def test_a_condition_holds_until_its_day_and_not_on_it(authority, manager, unit):
    channel = a_channel(authority, unit=unit)
    day = today()
    for key, until in (("plan", day), ("policy", day + timedelta(days=1))):
        actions.set_condition(actor=manager, key=key, met=True, channel=channel, valid_until=until)

    found = {lack.key: lack.due for lack in queries.lacks(manager, [channel])[channel.pk]}

    assert found["plan"] == day
    assert "policy" not in found


def test_what_is_asked_of_people_is_asked_of_each_of_those_who_answer(authority, manager, unit):
    deputy = person_of(an_actor(authority, role=Role.EMPLOYEE))
    channel = a_channel(authority, unit=unit, deputy=deputy)
    asked = "acknowledgement"

    def lacking():
        return asked in {lack.key for lack in queries.lacks(manager, [channel])[channel.pk]}

    before = lacking()
    actions.set_condition(actor=manager, key=asked, met=True, person=channel.responsible)
    half = lacking()
    actions.set_condition(actor=manager, key=asked, met=True, person=deputy)

    assert (before, half, lacking()) == (True, True, False)


def test_a_condition_written_again_replaces_the_one_before(authority, manager, unit):
    channel = a_channel(authority, unit=unit)

    actions.set_condition(actor=manager, key="plan", met=True, channel=channel)
    actions.set_condition(actor=manager, key="plan", met=False, channel=channel, says="Planen är inte beslutad.",
                          mender=Role.COMMUNICATIONS_LEAD.value, link="/planer/1/")  # fmt: skip

    (lack,) = (each for each in queries.lacks(manager, [channel])[channel.pk] if each.key == "plan")
    assert (lack.text, lack.mender, lack.link) == ("Planen är inte beslutad.", "communications_lead", "/planer/1/")
    assert Condition.objects.of(manager).filter(key="plan").count() == 1


def test_an_authority_chooses_what_stops_what_reminds_and_what_is_not_asked_for(authority, manager, unit):
    lead = a_lead(authority)
    channel = a_channel(authority, unit=unit, papers_by=today())
    levels = {"training": Level.STOP, "plan": Level.OFF, "policy": Level.REMIND}

    actions.change_gate(actor=lead, levels=levels, days_for_live=30, days_for_policy=14)

    keys = {lack.key: lack.stops for lack in queries.lacks(manager, [channel])[channel.pk]}
    assert (keys["training"], keys["policy"], "plan" in keys) == (True, False, False)


def test_approval_in_advance_is_asked_for_only_where_the_authority_wants_it(authority, unit, manager):
    lead = a_lead(authority)
    actions.change_gate(actor=lead, levels={"approval": Level.STOP}, days_for_live=90, days_for_policy=30)
    channel = proposed(authority, unit)

    with pytest.raises(Invalid, match="godkänna kanalen"):
        actions.take_decision(actor=manager, channel=channel)
    with pytest.raises(NotPermitted):
        actions.approve_channel(actor=manager, channel=channel)
    actions.approve_channel(actor=lead, channel=channel)

    assert actions.take_decision(actor=manager, channel=channel).state == ChannelState.DECIDED


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COMMUNICATIONS_LEAD,)])
def test_kl_4_only_who_leads_the_unit_or_communications_decides(authority, unit, role):
    channel = proposed(authority, unit)
    actor = an_actor(authority, role=role, unit=a_unit(authority, "Skolan") if role == Role.UNIT_MANAGER else None)

    with pytest.raises(NotPermitted):
        actions.take_decision(actor=actor, channel=channel)

    assert queries.channel_by_id(actor, channel.pk).state == ChannelState.PROPOSED


def test_a_second_decision_and_a_stale_one_are_refused(authority, unit, manager):
    channel = proposed(authority, unit)
    actions.take_decision(actor=manager, channel=channel, seen_version=channel.version)

    with pytest.raises(Stale):
        actions.take_decision(actor=manager, channel=channel, seen_version=channel.version)
    with pytest.raises(Invalid, match="redan beslutad"):
        actions.take_decision(actor=manager, channel=channel)


def test_communications_know_of_every_channel_and_get_a_letter_unless_they_entered_it(authority, unit):
    lead = a_lead(authority)
    proposed(authority, unit)
    a_letter = list(Letter.objects.of(lead).filter(kind="channel_entered").values_list("to_person_id", flat=True))

    actions.add_channel(
        actor=lead,
        platform="bluesky",
        name="K",
        handle="k.example",
        unit=unit,
        responsible=person_of(an_actor(authority, role=Role.EMPLOYEE)),
    )

    assert a_letter == [lead.person_id]
    assert Letter.objects.of(lead).filter(kind="channel_entered").count() == 1


def test_a_resting_channel_wakes_and_a_closing_one_is_closed_for_good(authority, unit, manager):
    channel = a_channel(authority, unit=unit)

    resting = actions.rest_channel(actor=manager, channel=channel, why="Sommar.")
    awake = actions.wake_channel(actor=manager, channel=resting)
    closing = actions.begin_closing(actor=manager, channel=awake, why="Få följer oss.")
    with pytest.raises(Invalid):
        actions.wake_channel(actor=manager, channel=closing)
    actions.close_channel(actor=manager, channel=closing, why="Klart.")

    states = [step.state for step in queries.steps_of(manager, channel)]
    assert states == ["dormant", "active", "closing", "closed"]
    assert not ChannelAssignment.objects.of(manager).filter(channel=channel, ended_at=None).exists()


def test_the_whole_way_can_be_clicked(authority, unit, manager):
    channel = proposed(authority, unit, handle="")
    met(manager, None, "policy")
    met(manager, channel, "plan")
    client = signed_in(manager)
    page = f"/kanaler/{channel.uid}/"

    assert "Besluta" in client.get(page).content.decode()
    client.post(f"{page}besluta/", filled(client.get(f"{page}besluta/"), reference="KS 2026/9"))
    wrong = client.post(f"{page}i-drift/", filled(client.get(f"{page}i-drift/"), account=" "))
    client.post(f"{page}i-drift/", filled(client.get(f"{page}i-drift/"), account="bib@social.example"))

    found = queries.channel_by_id(manager, channel.pk)
    assert wrong.status_code == 422
    assert (found.state, found.handle) == (ChannelState.ACTIVE, "bib@social.example")


def test_the_page_of_a_channel_that_is_stopped_says_by_what_and_that_answers_go_out(authority, unit, manager):
    channel = a_channel(authority, unit=unit, papers_by=today())

    page = signed_in(manager).get(f"/kanaler/{channel.uid}/").content.decode()

    assert "Hindrar nya inlägg" in page
    assert "Svar, uppsikt, rättelser och kris hindras aldrig." in page
    assert str(rules.REQUIREMENTS["plan"].text) in page


def test_what_is_asked_is_changed_on_its_page_and_a_stale_page_is_refused(authority):
    lead = a_lead(authority)
    client = signed_in(lead)
    first = client.get("/administration/grind/")

    client.post("/administration/grind/", filled(first, plan="off"))
    again = client.post("/administration/grind/", filled(first, plan="stop"))

    assert queries.gate_of(lead).levels == {"plan": "off"}
    assert again.status_code in (200, 409, 422)


def test_the_auditor_reads_what_is_asked_and_changes_nothing(authority):
    client = signed_in(an_actor(authority, role=Role.AUDITOR))

    page = client.get("/administration/grind/")

    assert page.status_code == 200
    assert client.post("/administration/grind/", filled(page, plan="off")).status_code == 403


def test_another_authoritys_channel_looks_missing(manager):
    other = an_authority()
    channel = a_channel(other)

    for step in ("besluta", "i-drift", "vila", "vack", "borja-avsluta"):
        assert signed_in(manager).get(f"/kanaler/{channel.uid}/{step}/").status_code == 404

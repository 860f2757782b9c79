"""Posts of our own: the gate stops new ones until the channel has what is asked of it, and nothing the law asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base.clock import today
from narvaro.channels import actions as channels
from narvaro.channels import rules as register
from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import ChannelState, Level
from narvaro.core import queries as core
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Invalid, NotPermitted, Replayed, Role
from narvaro.publishing import actions, queries
from narvaro.publishing.models import Publication
from narvaro.publishing.types import Purpose, State
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db

PAGE = "/publicerat/nytt/"


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def manager(authority, unit):
    return an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def channel(authority, unit, manager):
    """A channel whose time for papers is over, with everything that stops when it is missing."""
    people = [person_of(an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)) for _ in range(2)]
    made = a_channel(
        authority, unit=unit, responsible=people[0], deputy=people[1], papers_by=today() - timedelta(days=1)
    )
    for key in ("decision", "plan", "policy", "notified"):
        channels.set_condition(actor=manager, key=key, met=True, channel=made)
    channels.change_channel(actor=manager, channel=made)  # gives the assignments
    return made


def posted(actor, channel, **values):
    return actions.publish_post(actor=actor, channel=channel, text="Biblioteket är öppet på lördag.", **values)


def test_tf_5_a_post_of_a_channel_with_its_papers_waits_only_for_being_undone(manager, channel):
    post = posted(manager, channel)

    assert (post.state, post.purpose, post.answers_id, post.visibility) == (State.QUEUED, Purpose.POST, None, "public")


@pytest.mark.parametrize("key", ["decision", "plan", "policy", "notified"])
def test_each_missing_condition_stops_everybody_and_names_who_mends_it(authority, manager, lead, channel, key):
    answering = [core.actor_for(person, authority.pk) for person in (channel.responsible, channel.deputy)]
    channels.set_condition(actor=manager, key=key, met=False, channel=channel)
    requirement = register.REQUIREMENTS[key]
    mender = Role(requirement.mender).label if requirement.mender else person_of(manager).name

    for who in (manager, lead, *answering):
        with pytest.raises(Invalid) as refused:
            posted(who, channel)
        assert f"{requirement.text} ({mender})" in str(refused.value)

    assert not Publication.objects.of(manager).exists()


def test_sec_2_without_a_deputy_nothing_new_goes_out(manager, channel):
    Channel.objects.of(manager).update(deputy=None)

    with pytest.raises(Invalid, match="Utse en ersättare"):
        posted(manager, Channel.objects.of(manager).get())


@pytest.mark.parametrize("key", [key for key, each in register.REQUIREMENTS.items() if each.level != Level.STOP])
def test_what_an_authority_makes_strict_stops_and_only_then(lead, manager, channel, key):
    first = posted(manager, channel)
    usual = {"days_for_live": 90, "days_for_policy": 30}
    channels.change_gate(actor=lead, levels={key: Level.STOP}, **usual)

    with pytest.raises(Invalid):
        posted(manager, channel)

    assert first.state == State.QUEUED
    assert Publication.objects.of(manager).count() == 1


@pytest.mark.parametrize("purpose", [Purpose.CORRECTION, Purpose.CRISIS])
@pytest.mark.parametrize("state", [ChannelState.ACTIVE, ChannelState.DORMANT, ChannelState.CLOSING])
def test_corrections_and_crisis_posts_go_out_whatever_is_missing(manager, channel, purpose, state):
    channels.set_condition(actor=manager, key="plan", met=False, channel=channel)
    Channel.objects.of(manager).update(state=state, deputy=None)

    post = posted(manager, Channel.objects.of(manager).get(), purpose=purpose)

    assert (post.state, post.purpose) == (State.QUEUED, purpose)


def test_fl_2_answers_go_out_whatever_is_missing(manager, channel):
    channels.set_condition(actor=manager, key="plan", met=False, channel=channel)
    Channel.objects.of(manager).update(state=ChannelState.DORMANT, deputy=None)
    item = a_kept(channel.authority, channel=Channel.objects.of(manager).get())

    answer = actions.publish_answer(actor=manager, item=item, text="På lördag klockan tio.")

    assert (answer.state, answer.purpose) == (State.QUEUED, Purpose.ANSWER)


@pytest.mark.parametrize("state", [ChannelState.PROPOSED, ChannelState.DECIDED, ChannelState.CLOSED])
@pytest.mark.parametrize("purpose", [Purpose.POST, Purpose.CRISIS])
def test_a_channel_that_has_not_begun_or_has_ended_says_nothing(manager, channel, state, purpose):
    Channel.objects.of(manager).update(state=state)

    with pytest.raises(NotPermitted):
        posted(manager, Channel.objects.of(manager).get(), purpose=purpose)


def test_a_resting_channel_is_woken_before_something_new_goes_out(manager, channel):
    channels.rest_channel(actor=manager, channel=channel, why="Sommar.")

    with pytest.raises(Invalid, match="vilar"):
        posted(manager, Channel.objects.of(manager).get())


@pytest.mark.parametrize(
    "role", [Role.EMPLOYEE, Role.AUDITOR, Role.REGISTRAR, Role.ARCHIVIST, Role.DPO, Role.ADMINISTRATOR,
             Role.REPRESENTATIVE]
)  # fmt: skip
def test_only_those_who_answer_for_the_channel_or_lead_post_in_it(authority, manager, channel, role):
    other = an_actor(authority, role=role)

    with pytest.raises(NotPermitted):
        posted(other, channel)

    assert queries.channels_to_post_in(other) == []


def test_a_post_is_written_on_its_page_seen_through_and_sent_once(manager, channel):
    client = signed_in(manager)
    form = filled(client.get(f"{PAGE}?kanal={channel.uid}"), text="Öppet på lördag.")

    sent = client.post(PAGE, form)
    again = client.post(PAGE, form)

    post = Publication.objects.of(manager).get()
    page = client.get(sent["Location"]).content.decode()
    assert again.status_code == Replayed.status
    assert f"/publicerat/{post.uid}/" in page
    assert "Öppet på lördag." in page


def test_gdpr_7_an_identity_number_is_stopped_before_it_goes_out(manager, channel):
    client = signed_in(manager)

    refused = client.post(
        PAGE, filled(client.get(PAGE), channels=[str(channel.uid)], text="Ring om 19811218-9876 i dag.")
    )

    assert refused.status_code == 422
    assert not Publication.objects.of(manager).exists()


def test_a_post_that_is_stopped_keeps_its_text_and_says_what_is_missing(manager, channel):
    channels.set_condition(actor=manager, key="plan", met=False, channel=channel)
    client = signed_in(manager)

    refused = client.post(PAGE, filled(client.get(PAGE), channels=[str(channel.uid)], text="Öppet på lördag."))

    page = refused.content.decode()
    assert (refused.status_code, "Öppet på lördag." in page) == (422, True)
    assert "Det här saknas: Skriv planen" in page


def test_whoever_has_no_channel_to_post_in_is_told_so(authority):
    client = signed_in(an_actor(authority, role=Role.REPRESENTATIVE))

    assert "Ingen kanal att skriva i" in client.get(PAGE).content.decode()


def test_each_thing_that_stops_leads_from_the_channels_page_to_where_it_is_mended(manager, channel):
    for key in ("decision", "plan", "policy"):
        channels.set_condition(actor=manager, key=key, met=False, channel=channel)

    page = signed_in(manager).get(f"/kanaler/{channel.uid}/").content.decode()

    own = f"/kanaler/{channel.uid}/besluta/"
    for key, address in {"plan": f"/planer/kanal/{channel.uid}/", "policy": "/policy/", "decision": own}.items():
        assert f'href="{address}">{register.REQUIREMENTS[key].text}' in page

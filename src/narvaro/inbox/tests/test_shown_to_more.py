"""A private message that its author shows to more is before anybody from that moment, whoever may see it here."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Visibility
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Actor, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment, take_in
from narvaro.inbox.types import List
from narvaro.moderation import actions as moderation
from narvaro.moderation import oversight
from narvaro.moderation.models import Look
from narvaro.records import actions as records
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db
THREAT = "Jag ska slå dig på käften i morgon"
PRIVATE, PUBLIC = Visibility.PRIVATE, Visibility.PUBLIC
DAY, HOUR = timedelta(hours=24), timedelta(hours=1)


@pytest.fixture
def message(authority: Authority, at: datetime) -> Incoming:
    """A threat that came as a private message, in a channel whose oversight has begun."""
    with clock.frozen(at - HOUR):
        channel = a_channel(authority)
        moderation.oversee(authority=authority)
    with clock.frozen(at):
        found = a_comment(authority, THREAT, channel=channel, remote_id="1", visibility=PRIVATE)
        moderation.oversee(authority=authority)
    return found


@pytest.fixture
def at() -> datetime:
    return clock.now()


def shown_to(incoming: Incoming, visibility: Visibility, text: str = THREAT) -> None:
    records.capture(channel=incoming.channel, page=a_page(an_item(text, remote_id="1", visibility=visibility)))
    take_in(incoming.channel.authority)
    moderation.oversee(authority=incoming.channel.authority)


def opened(actor: Actor, incoming: Incoming) -> None:
    actions.note_opened(actor=actor, page=queries.thread_page(actor, incoming.uid))


def known(actor: Actor) -> list[tuple]:
    return [(one.uid, one.knowledge_at, one.due_at) for one in oversight.clocks(actor)]


def dues(actor: Actor) -> list[datetime | None]:
    return [card.removal_due for card in queries.list_page(actor, List.ALL).cards]


def test_bbs_1_a_private_message_has_no_clock_however_often_it_is_read(lead, message, at):
    with clock.frozen(at + HOUR):
        opened(lead, message)
        moderation.oversee(authority=message.channel.authority)

    assert known(lead) == []
    assert dues(lead) == [None]
    assert not Look.objects.of(lead).exists()


def test_bbs_4_the_clock_of_a_message_shown_to_more_runs_from_its_first_opening_before_any_registrar(lead, message, at):
    with clock.frozen(at + HOUR):
        shown_to(message, PUBLIC)
        before = known(lead)
    with clock.frozen(at + 2 * HOUR):
        opened(lead, message)
        running, shown = known(lead), dues(lead)

    message.item.refresh_from_db()
    assert message.item.visibility == PRIVATE
    assert before == []
    assert running == [(message.uid, at + 2 * HOUR, at + 2 * HOUR + DAY)]
    assert shown == [at + 2 * HOUR + DAY]


def test_bbs_4_what_was_read_while_it_was_private_is_known_when_it_is_kept_that_others_can_read_it(lead, message, at):
    with clock.frozen(at + HOUR):
        opened(lead, message)
    with clock.frozen(at + 3 * HOUR):
        shown_to(message, PUBLIC)
        running = known(lead)

    assert running == [(message.uid, at + 3 * HOUR, at + 3 * HOUR + DAY)]


def test_bbs_4_other_words_than_those_that_were_read_are_known_when_they_are_opened(lead, message, at):
    with clock.frozen(at + HOUR):
        opened(lead, message)
    with clock.frozen(at + 3 * HOUR):
        shown_to(message, PUBLIC, f"{THREAT}, och din chef")

    assert known(lead) == []


def test_bbs_4_whoever_may_not_act_knew_nothing_for_the_authority(authority, lead, message, at):
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    with clock.frozen(at + HOUR):
        records.note_opened(actor=archivist, items=[message.item])
    with clock.frozen(at + 3 * HOUR):
        shown_to(message, PUBLIC)

    assert known(lead) == []


def test_bbs_4_a_registrar_who_lets_more_see_it_has_read_it(authority, lead, message, at):
    registrar = an_actor(authority, role=Role.REGISTRAR)
    with clock.frozen(at + HOUR):
        shown_to(message, PUBLIC)
    with clock.frozen(at + 5 * HOUR):
        records.widen_item(actor=registrar, item=message.item, why="Hon har själv gjort det öppet.")
    with clock.frozen(at + 6 * HOUR):
        opened(lead, message)

    assert known(lead) == [(message.uid, at + 5 * HOUR, at + 5 * HOUR + DAY)]


def test_bbs_1_what_is_drawn_back_from_others_has_no_clock_and_waits_for_nobodys_eyes(lead, message, at):
    with clock.frozen(at + HOUR):
        shown_to(message, PUBLIC)
        opened(lead, message)
        running = known(lead)
    with clock.frozen(at + 2 * HOUR):
        shown_to(message, PRIVATE)
        page = queries.thread_page(lead, message.uid)

    assert len(running) == 1
    assert known(lead) == []
    assert dues(lead) == [None]
    assert page.unopened.items == ()


def test_bbs_3_a_round_waits_for_a_message_shown_to_more(lead, message, at):
    with clock.frozen(at + HOUR):
        shown_to(message, PUBLIC)

    assert oversight.unseen_counts(lead, [message.channel_id]) == {message.channel_id: 1}


def test_the_lists_show_until_when_it_must_be_gone(lead, client, message, at):
    with clock.frozen(at + HOUR):
        shown_to(message, PUBLIC)
        opened(lead, message)
        client.force_login(person_of(lead))
        page = client.get(reverse("inbox:inbox") + "?lista=alla").content.decode()

    assert page.count("Kan vara olagligt:") == 1

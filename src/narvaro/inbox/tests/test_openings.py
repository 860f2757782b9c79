"""Who had what before them is noted once a person, and told in the package for the police."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.core import ledger
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment, take_in
from narvaro.inbox.tests.pages.desk import seen, signed_in
from narvaro.moderation import actions as moderation
from narvaro.moderation.tests.test_packages import unpacked, zipped
from narvaro.records import actions as records
from narvaro.records import queries as kept
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db
THREAT = "Jag ska slå dig på käften i morgon"


def opened(actor: Actor, incoming: Incoming) -> None:
    """Open the page, and let it ask once for what is new there."""
    for _page_and_first_poll in range(2):
        actions.note_opened(actor=actor, page=queries.thread_page(actor, incoming.uid))


def rows(actor: Actor, incoming: Incoming) -> list[tuple]:
    return [
        (one.person.name, one.first_at, one.last_at, one.first_version, one.last_version, one.times)
        for one in kept.openings_of(actor, incoming.item)
    ]


def test_sm_19_each_person_who_opens_something_is_noted_with_the_first_time_and_the_latest(authority, lead):
    other, at = an_actor(authority, role=Role.REPRESENTATIVE), clock.now()
    incoming = a_comment(authority, THREAT)

    for minutes in (0, 5, 14, 20, 60):
        with clock.frozen(at + timedelta(minutes=minutes)):
            opened(lead, incoming)
    with clock.frozen(at + timedelta(minutes=90)):
        opened(other, incoming)

    assert rows(lead, incoming) == [
        (lead.name, at, at + timedelta(minutes=60), 1, 1, 3),
        (other.name, at + timedelta(minutes=90), at + timedelta(minutes=90), 1, 1, 1),
    ]


def test_a_new_version_is_seen_anew_and_machines_and_visitors_see_nothing(authority, lead):
    channel, at = a_channel(authority), clock.now()
    incoming = a_comment(authority, THREAT, channel=channel, remote_id="1")
    with clock.frozen(at):
        opened(lead, incoming)
    records.capture(channel=channel, page=a_page(an_item(f"{THREAT} igen", remote_id="1")))
    take_in(authority)
    with clock.frozen(at + timedelta(minutes=2)):
        opened(lead, incoming)
    records.note_opened(actor=Actor.system(authority, "look"), items=[incoming.item])
    records.note_opened(actor=Actor.visitor(authority), items=[incoming.item])

    assert rows(lead, incoming) == [(lead.name, at, at + timedelta(minutes=2), 1, 2, 2)]


def test_bbs_10_what_is_sealed_is_seen_by_nobody(authority, lead):
    incoming = a_comment(authority, THREAT)
    records.seal_item(actor=lead, item=incoming.item, why="Ska inte ses.")

    opened(lead, incoming)

    assert rows(lead, incoming) == []


def test_the_page_of_a_record_is_an_opening_too_and_a_list_is_none(authority, lead):
    incoming = a_comment(authority, THREAT)
    client = signed_in(lead)
    seen(client, f"{reverse('inbox:inbox')}?lista=alla")
    in_list = rows(lead, incoming)

    seen(client, reverse("records:record", args=[incoming.item.uid]))

    assert in_list == []
    assert [row[0] for row in rows(lead, incoming)] == [lead.name]


def test_another_authoritys_openings_are_not_ours(authority, lead):
    elsewhere = an_authority("Lillköping")
    stranger = an_actor(elsewhere, role=Role.COMMUNICATIONS_LEAD)
    theirs = a_comment(elsewhere, THREAT)
    opened(stranger, theirs)

    assert kept.openings_of(lead, theirs.item) == []


def test_sm_11a_the_package_tells_everybody_who_has_opened_it_however_often(authority, lead):
    channel, at = a_channel(authority), clock.now()
    incoming = a_comment(authority, THREAT, channel=channel, remote_id="1")
    others = [an_actor(authority, role=Role.REPRESENTATIVE) for _each in range(3)]
    for hour in range(8):
        with clock.frozen(at + timedelta(hours=hour)):
            opened(lead, incoming)
    records.capture(channel=channel, page=a_page(an_item(f"{THREAT} igen", remote_id="1")))
    take_in(authority)
    with clock.frozen(at + timedelta(hours=9)):
        for other in others:
            opened(other, incoming)
        opened(lead, incoming)
    ledger.sequence(authority)

    made = moderation.make_package(actor=lead, item=incoming.item)
    files = unpacked(zipped(lead, made))
    with clock.frozen(at + timedelta(days=1)):
        opened(lead, incoming)
    again = unpacked(zipped(lead, made))

    told = json.loads(files["handelser.json"])["openings"]
    assert [(one["who"], one["times"], one["first_version"], one["last_version"]) for one in told] == [
        (lead.name, 9, 1, 2), *sorted((other.name, 1, 2, 2) for other in others)
    ]  # fmt: skip
    assert told[0]["first_at"] == at.isoformat().replace("+00:00", "Z")
    assert files == again
    assert files["sammanstallning.pdf"].startswith(b"%PDF")


def test_who_oversight_noted_before_openings_were_is_told_too(authority, lead):
    incoming, at = a_comment(authority, THREAT), clock.now()
    with clock.frozen(at):
        moderation.note_seen(lead, [incoming.item])

    made = moderation.make_package(actor=lead, item=incoming.item)

    (only,) = made.as_made["openings"]
    assert (only["who"], only["times"], only["first_at"]) == (lead.name, 1, at.isoformat().replace("+00:00", "Z"))

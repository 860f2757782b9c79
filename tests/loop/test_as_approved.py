"""What was approved goes out on real servers: four pictures, at the clock on the wall, when there is room for it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channels
from narvaro.channels import queries as channel_queries
from narvaro.connectors import bluesky
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.decisions.rules import content_hash
from narvaro.media import actions as media
from narvaro.media.testing import a_photo
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as published
from narvaro.publishing import tasks
from narvaro.publishing.models import Publication
from narvaro.publishing.queries import afterwards
from narvaro.publishing.types import Purpose, State
from narvaro.records import queries as records
from narvaro.records.verify import verify
from narvaro.testing.servers.snac import Snac

pytestmark = [pytest.mark.server, pytest.mark.one_database, pytest.mark.django_db(transaction=True), pytest.mark.seldom]
TEXT = "Vattnet är avstängt på söndag morgon."
ALTS = [f"Brunn {number} av fyra" for number in range(4)]
SATURDAY = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)  # the clocks go back in the night
AT_EIGHT = datetime(2026, 10, 25, 7, 0, tzinfo=UTC)  # by the clock on the wall on Sunday


@pytest.fixture(scope="module")
def snac():
    with Snac() as server:
        yield server


@contextmanager
def on_bluesky(network):
    office = network.citizen()
    made = bluesky.connect(network.pds_url, office.handle, office.app_password(), allow_private_hosts=True)

    def shown():
        found = [each["value"] for each in office.posts()]
        return [(each["text"], [one["alt"] for one in each["embed"]["images"]]) for each in found]

    yield office, {"platform": "bluesky", "handle": office.handle, "base_url": made.base_url}, made.secrets, shown


@contextmanager
def on_snac(server):
    office = server.person("vatten")

    def shown():
        return [(TEXT if TEXT in each["content"] else "", [one["description"] for one in each["media_attachments"]])
                for each in office.statuses()]  # fmt: skip

    account = {"platform": "mastodon", "handle": f"vatten@{server.domain}", "base_url": server.base_url}
    yield office, account, {"access_token": office.token}, shown


def connected(account, secrets):
    """Return a channel where somebody else reads first, who writes there and who approves."""
    authority = an_authority()
    unit, lead = a_unit(authority), an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    writer = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
    channel = channels.add_channel(actor=lead, name="Vatten", unit=unit, responsible=person_of(writer), **account)
    channels.connect_channel(actor=lead, channel=channel, secrets=secrets)
    return channel_queries.channel_for(lead, channel.uid), writer, lead


@pytest.mark.parametrize("place", ["bluesky", "mastodon"])
def test_p18_p24_what_was_approved_with_four_pictures_arrives_once_at_its_time_across_the_change_of_clocks(
    place, request
):
    network = request.getfixturevalue("bluesky_network" if place == "bluesky" else "snac")
    with (on_bluesky if place == "bluesky" else on_snac)(network) as (_office, account, secrets, shown):
        with clock.frozen(SATURDAY):
            channel, writer, lead = connected(account, secrets)
            publishing.change_four_eyes(actor=lead, everywhere=True)
            pictures = [
                media.add_picture(actor=writer, content=a_photo(f"#14596{number}"), alt=alt, basis="nobody")
                for number, alt in enumerate(ALTS)
            ]
            message = publishing.save_message(
                actor=writer, text=TEXT, channels={channel: ""}, pictures=pictures, purpose=Purpose.POST,
                day=date(2026, 10, 25), clock=time(8, 0),
            )  # fmt: skip
            asked = publishing.send_message(actor=writer, uid=message.uid)
            publishing.approve_message(
                actor=lead, uid=asked.uid, seen_hash=content_hash(published.content_of(lead, asked))
            )
        with clock.frozen(AT_EIGHT - timedelta(seconds=1)):
            tasks.publish_due.call()
        early = shown()
        for late in (1, 30):
            with clock.frozen(AT_EIGHT + timedelta(seconds=late)):
                tasks.publish_due.call()
        with clock.frozen(AT_EIGHT + timedelta(minutes=3)):
            tasks.look_back.call()

    row = Publication.objects.of(lead).get()
    assert (row.state, early, shown()) == (State.DELIVERED, [], [(TEXT, ALTS)])
    assert [each.differences for each in afterwards.read_backs(lead, row)] == [[]]
    record = records.kept(lead, row.kept_item)
    assert (record.text, len(records.files_of(lead, record))) == (TEXT, 4)
    assert verify(lead).fault == ""


def test_p06_when_the_platform_has_no_room_left_the_post_waits_as_long_as_it_says(bluesky_network):
    with on_bluesky(bluesky_network) as (office, account, secrets, _shown):
        channel, writer, lead = connected(account, secrets)
        filler = {"$type": "example.stad.filler"}
        for round_ in range(9):  # 5,000 points in an hour; each of these costs three
            keys = [f"r{round_}k{number}" for number in range(200 if round_ < 8 else 66)]
            office.create_many("example.stad.filler", dict.fromkeys(keys, filler))
        post = publishing.publish_post(actor=writer, channel=channel, text=TEXT, purpose=Purpose.CRISIS)
        begun = clock.now()
        with clock.frozen(begun + timedelta(seconds=10)):
            tasks.publish_due.call()
        told = published.publication_for(lead, post.uid)
        with clock.frozen(told.not_before - timedelta(seconds=5)):
            tasks.publish_due.call()
        still = published.publication_for(lead, post.uid)

    assert (told.state, still.state, office.posts()) == (State.QUEUED, State.QUEUED, [])
    assert begun + timedelta(minutes=1) < told.not_before <= begun + timedelta(hours=1, minutes=1)
    assert told.reason

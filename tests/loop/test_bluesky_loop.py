"""The day's loop on a real Bluesky network, through actions and sweeps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channels
from narvaro.channels import queries as channel_queries
from narvaro.connectors import bluesky
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as published
from narvaro.publishing import tasks as publishing_tasks
from narvaro.publishing.types import State
from narvaro.records.models import Item
from narvaro.records.verify import verify
from tests.loop.reading import read_until

# The other loop is gone through on both databases.
pytestmark = [pytest.mark.server, pytest.mark.one_database, pytest.mark.django_db(transaction=True)]


def test_a_reply_is_kept_and_the_answer_goes_out_once(bluesky_network):
    authority = an_authority()
    unit, lead = a_unit(authority), an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    office, citizen = bluesky_network.citizen(), bluesky_network.citizen(display_name="En medborgare")
    connection = bluesky.connect(
        bluesky_network.pds_url, office.handle, office.app_password(), allow_private_hosts=True
    )
    channel = channels.add_channel(
        actor=lead, platform="bluesky", name="Biblioteket", handle=office.handle, unit=unit,
        responsible=person_of(an_actor(authority, unit=unit)), base_url=connection.base_url,
    )  # fmt: skip
    channels.connect_channel(actor=lead, channel=channel, secrets=connection.secrets)
    channel = channel_queries.channel_for(lead, channel.uid)
    post = office.post("Vi har nya öppettider.")
    citizen.post("När öppnar ni på lördag?", reply_to=post)

    read_until(channel, kept=2)

    question = Item.objects.everywhere("test").select_related("channel").get(channel=channel, origin="received")
    publication = publishing.publish_answer(actor=lead, item=question, text="Klockan tio. /Biblioteket")
    with clock.frozen(clock.now() + timedelta(seconds=publishing.UNDO_SECONDS + 1)):
        publishing_tasks.publish_due.call()
    read_until(channel, kept=3)

    publication = published.publication_for(lead, publication.uid)
    assert publication.state == State.DELIVERED
    assert publication.kept_item.thread_key == question.thread_key == post.uri
    assert [p["value"]["text"] for p in office.posts()].count("Klockan tio. /Biblioteket") == 1
    assert Item.objects.everywhere("test").filter(channel=channel).count() == 3
    assert verify(lead).fault == ""

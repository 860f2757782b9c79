"""The day's loop on a real Mastodon-API server, through actions and sweeps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channels
from narvaro.channels import queries as channel_queries
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as published
from narvaro.publishing import tasks as publishing_tasks
from narvaro.publishing.models import Publication
from narvaro.publishing.types import Extras, Purpose, State
from narvaro.records import queries as records
from narvaro.records.models import Item
from narvaro.records.verify import verify
from narvaro.testing.servers.snac import Snac
from tests.loop.reading import read_until

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def snac():
    with Snac() as server:
        yield server


def a_connected_channel(authority, server, name):
    office = server.person(name)
    unit = a_unit(authority)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    responsible = person_of(an_actor(authority, role=Role.REPRESENTATIVE, unit=unit))
    channel = channels.add_channel(
        actor=lead, platform="mastodon", name="Biblioteket", handle=f"{name}@{server.domain}", unit=unit,
        responsible=responsible, base_url=server.base_url,
    )  # fmt: skip
    channels.connect_channel(actor=lead, channel=channel, secrets={"access_token": office.token})
    return channel_queries.channel_for(lead, channel.uid), office, lead


def test_a_comment_is_kept_and_the_answer_goes_out_once(snac):
    authority = an_authority()
    channel, office, lead = a_connected_channel(authority, snac, "biblioteket")
    citizen = snac.person("medborgare")
    post = office.post("Vi har nya öppettider.")
    citizen.post("@biblioteket När öppnar ni på lördag?", answers=post)

    read_until(channel, kept=2)

    question = Item.objects.everywhere("test").select_related("channel").get(channel=channel, origin="received")
    assert "När öppnar ni på lördag?" in records.kept(lead, question).text

    publication = publishing.publish_answer(actor=lead, item=question, text="Klockan tio. /Biblioteket")
    with clock.frozen(clock.now() + timedelta(seconds=publishing.UNDO_SECONDS + 1)):
        publishing_tasks.publish_due.call()
    read_until(channel, kept=3)

    publication = published.publication_for(lead, publication.uid)
    assert publication.state == State.DELIVERED
    assert publication.kept_item.origin == "drawn_up"
    assert publication.kept_item.thread_key == question.thread_key
    assert Item.objects.everywhere("test").filter(channel=channel).count() == 3
    assert verify(lead).fault == ""


@pytest.mark.one_database  # the Bluesky loop tells the rest
def test_a_divided_text_becomes_a_thread_under_its_warning(snac):
    authority = an_authority()
    channel, office, lead = a_connected_channel(authority, snac, "gatukontoret")
    message = publishing.save_message(
        actor=lead, text="Vi sandar i natt.\n---\nKör försiktigt.", channels={channel: ""},
        purpose=Purpose.CORRECTION, extras=Extras(warning="Halka", language="fi"),
    )  # fmt: skip

    publishing.send_message(actor=lead, uid=message.uid)
    with clock.frozen(clock.now() + timedelta(seconds=publishing.UNDO_SECONDS + 1)):
        publishing_tasks.publish_due.call()

    rows = Publication.objects.of(lead).order_by("id")
    first, second = [office.status(row.remote_id) for row in rows]
    assert {row.state for row in rows} == {State.DELIVERED}
    assert (first["in_reply_to_id"], [each["spoiler_text"] for each in (first, second)]) == (None, ["Halka", "Halka"])
    assert second["in_reply_to_id"] == first["id"]

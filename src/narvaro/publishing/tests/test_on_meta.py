"""The whole way on a server as strict as Meta describes: read, kept, answered once, published with a picture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channels
from narvaro.channels import queries as channel_queries
from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Connection, Platform
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.media import queries as media
from narvaro.publishing import actions, queries, tasks
from narvaro.publishing.types import State
from narvaro.records import tasks as records
from narvaro.records.models import Gap, Item
from narvaro.testing.servers.graph import SECRET, GraphServer

pytestmark = [pytest.mark.django_db, pytest.mark.server]
LATER = timedelta(seconds=actions.UNDO_SECONDS + 1)


@pytest.fixture(scope="module")
def running() -> Iterator[GraphServer]:
    with GraphServer() as server:
        yield server


def a_connected(lead, authority, server, platform, owner):
    channel = a_channel(authority, platform=platform, connection=Connection.MANUAL)
    Channel.objects.everywhere("test").filter(pk=channel.pk).update(
        handle=owner.handle, remote_id="", base_url="", options={"graph": server.base_url}
    )
    channel = channel_queries.channel_for(lead, channel.uid)
    secrets = {"access_token": owner.token, "client_secret": SECRET}
    return channels.connect_channel(actor=lead, channel=channel, secrets=secrets)


@pytest.mark.parametrize("platform", [Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS])
def test_tf_1_p1_a_comment_is_kept_and_answered_once_and_both_stand_in_the_records(running, platform):
    running.forget()
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    make = {"facebook": running.page}.get(platform, getattr(running, platform, None))
    owner = make("Storköpings kommun", "storkoping") if platform == "facebook" else make("storkoping")
    post = owner.post("Simhallen öppnar")
    comment = running.comment(post, "anna", "När då?")
    channel = a_connected(lead, authority, running, platform, owner)

    records.read_channel(channels.claim_reading())
    asked = Item.objects.of(lead).get(channel=channel, remote_id=comment)
    answer = actions.publish_answer(actor=lead, item=asked, text="Klockan åtta.")
    with clock.frozen(clock.now() + LATER):
        tasks.publish_due.call()

    sent = queries.publication_for(lead, answer.uid)
    ours = [each for each in running.beneath(post) if running.objects[each]["text"] == "Klockan åtta."]
    assert (sent.state, [sent.remote_id]) == (State.DELIVERED, ours)
    assert sent.kept_item.parent_remote_id == comment
    assert Gap.objects.of(lead).filter(channel=channel).exists()
    assert [call.path for call in running.calls].count(f"/v25.0/{comment}/comments") <= 1


def test_p24_a_picture_is_lent_to_the_platform_that_fetches_it(running, monkeypatch):
    from narvaro.media.testing import an_asset
    from narvaro.publishing.models import PublicationPicture

    running.forget()
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    channel = a_connected(lead, authority, running, Platform.INSTAGRAM, running.instagram("storkoping"))
    picture = media.pictures_of(lead, an_asset(lead))[0]
    monkeypatch.setattr(media, "lent_address", lambda row: f"{running.base_url}/fil/{row.uid}.jpg")
    post = actions.publish_post(actor=lead, channel=channel, text="Höst i parken", pictures=[picture])
    with clock.frozen(clock.now() + LATER):
        tasks.publish_due.call()

    sent = queries.publication_for(lead, post.uid)
    assert sent.state == State.DELIVERED, sent.outcome
    assert PublicationPicture.objects.of(lead).count() == 1
    assert running.objects[sent.remote_id]["files"] == [
        {"url": f"{running.base_url}/fil/{picture.uid}.jpg", "alt": picture.alt}
    ]

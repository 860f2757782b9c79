"""What happens with what is out, on real servers: four pictures, changed, removed, no room, and a key that died."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channels
from narvaro.channels import queries as channel_queries
from narvaro.connectors import bluesky
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.media import actions as media
from narvaro.media.testing import a_photo
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as published
from narvaro.publishing import tasks
from narvaro.publishing.actions import deeds
from narvaro.publishing.queries import afterwards
from narvaro.publishing.types import Purpose, State
from narvaro.publishing.types.afterwards import DeedState, Ground
from narvaro.records import queries as records
from narvaro.records.verify import verify
from narvaro.testing.servers.mastodon_mock import MastodonMock

pytestmark = [pytest.mark.server, pytest.mark.one_database, pytest.mark.django_db(transaction=True), pytest.mark.seldom]
WRONG, RIGHT = "Vattnet kommer klockan 8.", "Vattnet kommer klockan 18."


@pytest.fixture(scope="module")
def mock():
    with MastodonMock() as server:
        yield server


def a_channel_on(platform, handle, base_url, secrets):
    authority = an_authority()
    unit, lead = a_unit(authority), an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    channel = channels.add_channel(
        actor=lead, platform=platform, name="Vatten", handle=handle, unit=unit,
        responsible=person_of(an_actor(authority, unit=unit)), base_url=base_url,
    )  # fmt: skip
    channels.connect_channel(actor=lead, channel=channel, secrets=secrets)
    return channel_queries.channel_for(lead, channel.uid), lead


def later(seconds, *work):
    with clock.frozen(clock.now() + timedelta(seconds=seconds)):
        for each in work:
            each.call()


def test_p24_four_pictures_arrive_as_approved_are_changed_and_removed_once_with_records_around(mock):
    office = mock.person("vatten")
    channel, lead = a_channel_on(
        "mastodon", f"vatten@{mock.domain}", mock.base_url, {"access_token": office.token}
    )  # fmt: skip
    pictures = [
        media.add_picture(actor=lead, content=a_photo(f"#14596{number}"), alt=f"Brunn {number} av fyra", basis="nobody")
        for number in range(4)
    ]
    post = publishing.publish_post(actor=lead, channel=channel, text=WRONG, purpose=Purpose.CRISIS, pictures=pictures)

    with mock.fault("/api/v1/statuses", {"type": "status", "status": 429, "headers": {"Retry-After": "60"}}, times=1):
        later(10, tasks.publish_due)
    told = published.publication_for(lead, post.uid)
    later(20, tasks.publish_due)
    early = office.statuses()
    later(90, tasks.publish_due)
    later(130, tasks.look_back)
    found = published.publication_for(lead, post.uid)
    deeds.change_own(actor=lead, publication=found, text=RIGHT)
    later(20, tasks.do_deeds)
    later(60, tasks.look_back)
    (status,) = office.statuses()
    deeds.remove_own(actor=lead, publication=found, ground=Ground.DOUBLE, why="Det står i det andra inlägget.")
    later(20, tasks.do_deeds)

    assert (told.state, early) == (State.QUEUED, [])
    assert told.reason
    assert RIGHT in status["content"]
    alts = [each["description"] for each in status["media_attachments"]]
    assert alts == [f"Brunn {number} av fyra" for number in range(4)]
    assert [(each.number, each.differences) for each in afterwards.read_backs(lead, found)] == [(1, []), (0, [])]
    assert [each.state for each in afterwards.deeds_of(lead, found)] == [DeedState.DONE, DeedState.DONE]
    assert office.statuses() == []
    kept = records.versions_of(lead, found.kept_item)
    assert [each.text for each in kept[:2]] == [WRONG, RIGHT]
    assert kept[-1].kind == "tombstone"
    assert verify(lead).fault == ""


def test_a_key_that_dies_in_the_middle_and_a_removal_on_the_other_network_happen_once(bluesky_network):
    office = bluesky_network.citizen()
    made = bluesky.connect(bluesky_network.pds_url, office.handle, office.app_password(), allow_private_hosts=True)
    channel, lead = a_channel_on("bluesky", office.handle, made.base_url, made.secrets)
    post = publishing.publish_post(actor=lead, channel=channel, text=WRONG, purpose=Purpose.CRISIS)
    spoilt = made.secrets["accessJwt"][:-6] + "AAAAAA"

    channels.store_secrets(actor=lead, channel=channel, secrets={"accessJwt": spoilt})
    later(10, tasks.publish_due)
    once = [each["value"]["text"] for each in office.posts()]
    later(60, tasks.look_back)
    channels.store_secrets(actor=lead, channel=channel, secrets={"accessJwt": spoilt})
    found = published.publication_for(lead, post.uid)
    deeds.remove_own(
        actor=lead, publication=found, ground=Ground.OTHER, why="Faran är över, och det nya beskedet står kvar."
    )  # fmt: skip
    later(20, tasks.do_deeds)

    assert (found.state, once) == (State.DELIVERED, [WRONG])
    assert [each.differences for each in afterwards.read_backs(lead, found)] == [[]]
    assert office.posts() == []
    assert afterwards.is_removed(published.publication_for(lead, post.uid))
    assert verify(lead).fault == ""

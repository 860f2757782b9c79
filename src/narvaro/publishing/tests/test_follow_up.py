"""A comment of one's own beneath a post: read and approved with it, and out as an answer once the post is out."""

from __future__ import annotations

import pytest

from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core.queries import authority_of
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.decisions.rules import content_hash
from narvaro.publishing import queries
from narvaro.publishing.models import Message, Publication
from narvaro.publishing.types import State

pytestmark = pytest.mark.django_db
TEXT, LINK = "Badet öppnar på lördag.", "Läs mer: https://storkoping.example/badet"


@pytest.fixture
def writer():
    return an_actor(an_authority(), role=Role.REPRESENTATIVE)


def test_a_comment_of_ones_own_waits_for_the_post_and_hangs_on_it_in_every_channel(writer):
    plain, own = (a_channel(authority_of(writer), responsible=person_of(writer)) for _ in range(2))
    browser = signed_in(writer)
    page = browser.get("/publicerat/nytt/")
    said = {"channels": [str(plain.uid), str(own.uid)], "text": TEXT, f"own_{own.uid}": "Öppet!", "follow_up": LINK}

    assert browser.post("/publicerat/nytt/", filled(page, **said)).status_code == 302

    rows = Publication.objects.of(writer).order_by("channel_id", "part")
    assert [(row.channel, row.text, row.state, row.follows_id and row.follows.text) for row in rows] == [
        (plain, TEXT, State.QUEUED, None), (plain, LINK, State.TURN, TEXT),
        (own, "Öppet!", State.QUEUED, None), (own, LINK, State.TURN, "Öppet!"),
    ]  # fmt: skip


def test_p18_another_comment_is_another_post_to_approve_and_what_stops_a_post_stops_it(writer):
    channel = a_channel(authority_of(writer), responsible=person_of(writer))
    browser = signed_in(writer)
    for follow_up in (LINK, "Läs mer på vår sida.", "Ring Anna, 19811218-9876."):
        said = {"channels": [str(channel.uid)], "text": TEXT, "follow_up": follow_up}
        browser.post("/publicerat/nytt/", filled(browser.get("/publicerat/nytt/"), do="save", **said))
    hashes = [content_hash(queries.content_of(writer, each)) for each in Message.objects.of(writer).order_by("id")]
    stopped = browser.post("/publicerat/nytt/", filled(browser.get("/publicerat/nytt/"), **said))

    assert len(set(hashes)) == 3
    assert stopped.status_code == 422
    assert "Det gäller ”Ring Anna" in stopped.text
    assert not Publication.objects.of(writer).exists()

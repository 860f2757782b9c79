"""Two threads that send at once, and films beside them, on a real API."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from narvaro.base.clock import now
from narvaro.channels import actions as channel_actions
from narvaro.channels.testing import a_channel
from narvaro.core.jobs import SWEPT, Lane
from narvaro.media.queries import films
from narvaro.media.testing import a_film
from narvaro.publishing import actions, tasks
from narvaro.publishing.models import Publication
from narvaro.publishing.types import Extras, State
from narvaro.testing.servers.mastodon_mock import MastodonMock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
SLOW_MS = 2000


@pytest.fixture(scope="module")
def mock():
    with MastodonMock() as server:
        yield server


@pytest.fixture
def account(mock):
    return mock.person("kommunen")


@pytest.fixture
def channel(mock, account, authority, lead):
    made = a_channel(authority)
    made.base_url, made.handle, made.remote_id = mock.base_url, account.handle, account.remote_id
    made.save()
    channel_actions.store_secrets(actor=lead, channel=made, secrets={"access_token": account.token})
    return made


def due(lead, channel, *texts, film=None):
    """Send messages that are due now, in this order."""
    for text in texts:
        message = actions.save_message(actor=lead, text=text, channels={channel: ""}, extras=Extras(film=film))
        actions.send_message(actor=lead, uid=message.uid)
    for number, row in enumerate(Publication.objects.of(lead).order_by("id")):
        Publication.objects.of(lead).filter(pk=row.pk).update(not_before=now() - timedelta(seconds=100 - number))


def side_by_side():
    """Send what is due in as many threads as a worker has for it."""

    def run():
        tasks.publish_due.call()
        connection.close()

    threads = [threading.Thread(target=run) for lane in SWEPT if lane == Lane.SENDING]
    for thread in threads:
        thread.start()
        time.sleep(0.1)  # the first is inside before the second begins
    for thread in threads:
        thread.join(60)
    return len(threads)


def test_p02_two_that_send_at_once_send_each_text_once(lead, channel, account):
    texts = [f"Nummer {n}: badet är öppet." for n in range(12)]
    due(lead, channel, *texts)

    count = side_by_side()

    there = [words for words in texts for status in account.statuses() if words in status["content"]]
    assert count == 2
    assert there == texts
    assert set(Publication.objects.of(lead).values_list("state", flat=True)) == {State.DELIVERED}


def test_what_a_slow_platform_has_not_answered_holds_up_nothing_else(lead, channel, mock):
    due(lead, channel, "Först, och långsamt.", "Sedan, och fort.")

    with mock.fault("/api/v1/statuses", {"type": "latency", "delay_ms": SLOW_MS}, methods=("POST",), times=1):
        side_by_side()

    slow, quick = Publication.objects.of(lead).order_by("id")
    assert {slow.state, quick.state} == {State.DELIVERED}
    assert slow.attempted_at < quick.attempted_at
    assert quick.settled_at < slow.settled_at


def test_a_film_waits_for_its_own_lane_and_texts_go_out_meanwhile(lead, channel):
    film = films.film_of(lead, a_film(lead))
    due(lead, channel, "Så sorterar du.", film=film)
    due(lead, channel, "Vattnet är avstängt.")

    tasks.publish_due.call()
    waiting, out = Publication.objects.of(lead).order_by("id").values_list("state", flat=True)
    held = actions.claim_attempt(has_film=True)

    assert (waiting, out) == (State.QUEUED, State.DELIVERED)
    assert held.publication == Publication.objects.of(lead).get(film=film)
    assert actions.claim_attempt() is None
    assert Lane.FILMS in SWEPT


def test_a_late_film_is_given_up_by_its_own_lane(lead, channel):
    film = films.film_of(lead, a_film(lead))
    due(lead, channel, "Så sorterar du.", film=film)
    Publication.objects.of(lead).update(not_after=now() - timedelta(minutes=1))

    tasks.publish_due_films.call()

    assert Publication.objects.of(lead).get().state == State.REFUSED

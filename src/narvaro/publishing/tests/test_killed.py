"""What a process that died in the middle leaves behind, and what the sweeps make of it, on a real API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.base.clock import now
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Published
from narvaro.connectors.registry import connector
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor
from narvaro.core.types import Actor, Role
from narvaro.publishing import actions, queries, tasks
from narvaro.publishing.models import Publication
from narvaro.publishing.types import State
from narvaro.records.models import Item
from narvaro.records.testing import a_kept, records_text
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.person import Person

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture(scope="module")
def mock() -> Iterator[MastodonMock]:
    with MastodonMock() as server:
        yield server


@pytest.fixture
def account(mock: MastodonMock) -> Person:
    return mock.person("kommunen")


@pytest.fixture
def question(mock: MastodonMock, account: Person, authority: Authority) -> Item:
    """A kept comment in a channel that is connected to the mock."""
    channel = a_channel(authority)
    channel.base_url, channel.handle, channel.remote_id = mock.base_url, account.handle, account.remote_id
    channel.save()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    channel_actions.store_secrets(actor=lead, channel=channel, secrets={"access_token": account.token})
    post = account.post("Badet är öppet.")
    comment = mock.person("invanaren").post(f"@{account.handle} Till när?", answers=post)
    return a_kept(authority, "Till när?", channel=channel, remote_id=comment, root_remote_id=post)


def an_answer(authority: Authority, question: Item, text: str = "Till klockan 20.") -> Publication:
    actor = an_actor(authority)
    made = actions.publish_answer(actor=actor, item=question, text=text)
    _rows(made).update(not_before=now())
    return made


def sent(publication: Publication) -> str:
    """Send it as a worker does that dies before it stores the outcome; returns the remote id."""
    actions.claim_attempt()
    row = queries.publication_for(_reader(publication), publication.uid)
    outcome = connector(row.channel.platform).publish(channels.account_of(row.channel), tasks.outgoing(row))
    assert isinstance(outcome, Published)
    return outcome.item.remote_id


def delivered_without_record(publication: Publication) -> str:
    """Leave it as a worker does that dies between the delivery and the record."""
    remote_id = sent(publication)
    _rows(publication).update(
        state=State.DELIVERED, lease_until=None, remote_id=remote_id, settle_at=now(), settled_at=now()
    )
    return remote_id


def again(publication: Publication) -> Publication:
    return queries.publication_for(_reader(publication), publication.uid)


def test_p01_a_delivered_answer_without_its_record_is_read_from_the_platform_and_kept(authority, question):
    publication = an_answer(authority, question)
    delivered_without_record(publication)

    tasks.keep_unkept.call()

    kept = again(publication)
    assert kept.kept_item_id is not None
    assert "Till klockan 20." in records_text(_reader(publication), kept.kept_item_id)


def test_p01_a_delivered_answer_that_reading_kept_meanwhile_is_pointed_at_that_record(authority, question):
    publication = an_answer(authority, question)
    remote_id = delivered_without_record(publication)
    record = a_kept(authority, "Till klockan 20.", channel=question.channel, remote_id=remote_id, is_own=True)

    tasks.keep_unkept.call()

    assert again(publication).kept_item_id == record.pk


def test_tf_5_a_delivered_answer_that_is_removed_before_it_was_kept_is_kept_as_it_was_sent(
    authority, question, account
):
    publication = an_answer(authority, question)
    account.delete(delivered_without_record(publication))

    with clock.frozen(now() + timedelta(minutes=10)):
        tasks.keep_unkept.call()

    kept = again(publication)
    assert kept.kept_item_id is not None
    assert records_text(_reader(publication), kept.kept_item_id) == "Till klockan 20."


def test_p04_an_answer_whose_worker_died_after_the_call_is_found_and_never_sent_again(authority, question, account):
    publication = an_answer(authority, question)
    remote_id = sent(publication)
    _rows(publication).update(lease_until=now() - timedelta(hours=1))

    tasks.settle_unclear.call()
    _rows(publication).filter(state=State.UNKNOWN).update(settle_at=now())
    tasks.settle_unclear.call()
    tasks.publish_due.call()

    settled = again(publication)
    assert (settled.state, settled.remote_id) == (State.DELIVERED, remote_id)
    assert [s["id"] for s in account.statuses() if s["in_reply_to_id"] == question.remote_id] == [remote_id]


def test_p02_the_same_words_sent_before_are_no_proof_that_they_were_sent_again(authority, question):
    first = an_answer(authority, question)
    tasks.publish_due.call()
    second = an_answer(authority, question)
    actions.claim_attempt()  # and there the worker dies, with nothing sent
    _rows(second).update(lease_until=now() - timedelta(hours=1))

    tasks.settle_unclear.call()
    _rows(second).update(settle_at=now())
    tasks.settle_unclear.call()

    assert again(first).state == State.DELIVERED
    unclear = again(second)
    assert unclear.state == State.UNKNOWN
    assert unclear.similar[0]["url"] == again(first).remote_url


def _rows(publication: Publication):
    return Publication.objects.everywhere("test").filter(pk=publication.pk)


def _reader(publication: Publication) -> Actor:
    return Actor.system(publication.channel.authority, "test")

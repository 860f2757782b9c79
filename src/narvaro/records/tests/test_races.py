"""Two that keep the same thing at the same time."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from narvaro.channels.testing import a_channel
from narvaro.core import ledger
from narvaro.core.testing import an_authority
from narvaro.core.types import Actor
from narvaro.records import actions, queries
from narvaro.records.models import Version
from narvaro.records.testing import a_page, an_item
from narvaro.records.verify import verify

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, act) -> list[BaseException]:
    """Let `count` threads act at the same moment; returns what they raised."""
    gate = threading.Barrier(count)
    raised: list[BaseException] = []

    def run() -> None:
        gate.wait(10)
        try:
            act()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def test_p11_an_answer_kept_by_its_sender_and_by_the_reading_at_once_is_one_record_and_no_error():
    authority = an_authority()
    channel = a_channel(authority)
    actor = Actor.system(authority, "test")
    items = [an_item(f"Svar {n}", remote_id=f"own-{n}", is_own=True) for n in range(20)]

    for item in items:
        assert at_once(3, lambda item=item: actions.capture(channel=channel, page=a_page(item))) == []

    while ledger.sequence(authority):
        pass
    assert Version.objects.of(actor).count() == len(items)
    assert all(queries.item_by_remote_id(actor, channel.pk, item.remote_id) for item in items)
    assert verify(actor).fault == ""

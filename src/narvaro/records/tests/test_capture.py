"""What capture promises: everything kept, nothing twice, nothing overwritten."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.connectors.mastodon.statuses import Us, item_of
from narvaro.connectors.mastodon.tests.dialects import a_status
from narvaro.connectors.port import Kind
from narvaro.core import ledger
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import NotFound, Role
from narvaro.records import actions, queries
from narvaro.records.models import Item, Version
from narvaro.records.testing import a_kept, a_page, an_item, records_text
from narvaro.records.verify import verify

pytestmark = pytest.mark.django_db


def test_a_comment_is_kept_word_for_word_with_its_bytes():
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    item = a_kept(authority, "Hål i vägen på Storgatan 🚧", raw=b'{"exact":  "bytes"}')

    version = queries.kept(archivist, item)

    assert records_text(archivist, item.pk) == "Hål i vägen på Storgatan 🚧"
    assert queries.payload_of(archivist, version) == b'{"exact":  "bytes"}'


def test_p11_an_unchanged_re_read_writes_nothing():
    authority = an_authority()
    channel = a_channel(authority)
    page = a_page(an_item("Hej", remote_id="1"), an_item("Hopp", remote_id="2"))
    actions.capture(channel=channel, page=page)

    again = actions.capture(channel=channel, page=page)

    assert (again.kept, again.unchanged) == (0, 2)
    assert Version.objects.everywhere("test").filter(authority=authority).count() == 2


def test_p12_a_b_a_is_three_versions_and_nothing_is_overwritten():
    authority = an_authority()
    channel = a_channel(authority)
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    for text in ("A", "B", "A"):
        actions.capture(channel=channel, page=a_page(an_item(text, remote_id="1")))

    item = queries.item_by_remote_id(archivist, channel.pk, "1")

    assert [v.text for v in queries.versions_of(archivist, item)] == ["A", "B", "A"]


def test_p13_a_deletion_is_a_tombstone_and_the_words_remain():
    authority = an_authority()
    channel = a_channel(authority)
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    actions.capture(channel=channel, page=a_page(an_item("Jag vet var du bor.", remote_id="1")))

    actions.capture_gone(channel=channel, remote_ids=["1"])
    actions.capture_gone(channel=channel, remote_ids=["1"])

    item = queries.item_by_remote_id(archivist, channel.pk, "1")
    assert [v.kind for v in queries.versions_of(archivist, item)] == ["content", "tombstone"]
    assert records_text(archivist, item.pk) == "Jag vet var du bor."


def test_tf_2_received_is_when_the_platform_made_it_available():
    authority = an_authority()
    yesterday = now() - timedelta(days=1)

    item = a_kept(authority, at=yesterday)

    assert item.published_at == yesterday


def test_an_answer_kept_before_its_question_ends_in_the_same_thread():
    authority = an_authority()
    channel = a_channel(authority)
    actions.capture(channel=channel, page=a_page(an_item("Ja", remote_id="3", parent_remote_id="2")))
    actions.capture(channel=channel, page=a_page(an_item("Är det öppet?", remote_id="2", parent_remote_id="1")))
    actions.capture(channel=channel, page=a_page(an_item("Nyhet", remote_id="1", kind=Kind.POST, is_own=True)))

    threads = Item.objects.everywhere("test").filter(channel=channel).values_list("thread_key", flat=True)

    assert set(threads) == {"1"}


def test_a_large_payload_is_kept_in_the_store_and_verified():
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    item = a_kept(authority, raw=b"x" * 200_000)

    assert queries.payload_of(archivist, queries.kept(archivist, item)) == b"x" * 200_000
    assert verify(archivist).blobs == 1


def test_verify_holds_for_what_nobody_touched():
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    for n in range(10):
        a_kept(authority, f"Fråga {n} åäö \u202e\u0000 👩‍👩‍👧")

    verdict = verify(archivist)

    assert verdict.fault == ""
    assert verdict.versions == 10


def test_another_organisations_record_looks_missing():
    item = a_kept(an_authority("Storköping"))
    stranger = an_actor(an_authority("Lillköping"))

    with pytest.raises(NotFound):
        queries.item_for(stranger, item.uid)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE records_version SET text = 'annat'",
        "DELETE FROM records_version",
        "UPDATE records_item SET remote_id = 'annat'",
        "DELETE FROM core_leaf",
        "UPDATE core_treehead SET size = 1",
    ],
)
def test_the_database_refuses_to_change_what_is_kept(change):
    authority = an_authority()
    a_kept(authority)
    from django.db import connection

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)

    assert ledger.size(an_actor(authority)) == 1


def test_what_a_hostile_server_says_at_any_length_loses_no_neighbour():
    """Columns end somewhere: for one sign too many PostgreSQL would refuse the whole page, and every page after it."""
    authority = an_authority()
    channel = a_channel(authority)
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    long = "x" * 100_000
    by = {"id": long, "username": long, "acct": long, "display_name": long, "url": f"https://{long}"}
    media = [{"id": long, "type": long, "url": f"https://social.example/{long}", "description": long}]
    hostile = {
        "id": long, "created_at": "0001-01-01T00:00:00Z", "edited_at": "9999-12-31T23:59:59Z", "content": long,
        "account": by, "in_reply_to_id": long, "language": long, "visibility": long, "url": f"https://{long}",
        "uri": long,
        "media_attachments": media, "favourites_count": 10**30,
    }  # fmt: skip
    us = Us("100", "social.example")
    items = [item_of(each, json.dumps(each).encode(), us) for each in (hostile, a_status("2", "Grannen"))]

    actions.capture(channel=channel, page=a_page(*(item for item in items if item)))
    ledger.sequence(authority)

    assert {v.text[:7] for v in Version.objects.of(archivist)} == {"xxxxxxx", "Grannen"}
    assert verify(archivist).fault == ""

"""An address finds its item however old it is, by an index of its own or by the time in its id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from narvaro.base import clock
from narvaro.channels.models import Channel
from narvaro.connectors import links
from narvaro.connectors.port import Author
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.records import actions, queries
from narvaro.records.models import Link
from narvaro.records.testing import a_kept, a_page, an_item

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2019, 5, 2, 8, 30, tzinfo=UTC)
TIMED = "https://bsky.app/profile/did:plc:abc/post/3jzfcijpj2z2a"  # written 2023-06-30
UNTIMED = "https://elsewhere.example/notes/9abc"


def many(channel: Channel, count: int = 60) -> None:
    items = [an_item("Hej", url=f"https://elsewhere.example/notes/x{n}", remote_id=f"x{n}") for n in range(count)]
    actions.capture(channel=channel, page=a_page(*items))


@pytest.mark.parametrize(
    ("kept_as", "asked"),
    [
        (UNTIMED, UNTIMED),
        (UNTIMED, f"{UNTIMED}/?utm_source=x#svar"),
        ("https://blogg.example/?p=12", "https://blogg.example/?p=12"),
        ("https://elsewhere.example/objects/0f3c-aa", "https://elsewhere.example/objects/0f3c-aa"),
        ("https://elsewhere.example/@x/%C3%A5", "https://elsewhere.example/@x/%C3%A5"),
        # The id tells another time than the platform did: written by hand, or by somebody who lies.
        ("https://elsewhere.example/@x/110000000000000077", "https://elsewhere.example/@x/110000000000000077"),
    ],
)
def test_an_item_of_any_age_is_found_by_its_address(authority, channel, archivist, kept_as, asked):
    item = a_kept(authority, channel=channel, url=kept_as, at=LONG_AGO)
    many(channel)

    assert queries.item_by_address(archivist, asked) == item
    assert queries.item_by_address(archivist, asked.replace("example", "exempel")) is None


def test_the_handle_in_an_address_is_the_authors_and_no_others(authority, channel, archivist):
    neighbour = Author("did:plc:abc", "granne.social.example", "En granne", "")
    item = a_kept(
        authority, channel=channel, url="https://bsky.app/profile/did:plc:abc/post/egen", author=neighbour, at=LONG_AGO
    )
    asked = {"url": "https://bsky.app/profile/Granne.social.example/post/egen", "ending": "/post/egen"}

    assert queries.item_by_address(archivist, **asked, handle="Granne.social.example") == item
    assert queries.item_by_address(archivist, **asked, handle="annan.social.example") is None


def test_an_address_that_a_version_had_before_is_found_too(authority, channel, archivist):
    item = a_kept(authority, channel=channel, remote_id="1", url=UNTIMED)
    actions.capture(channel=channel, page=a_page(an_item("Nytt", remote_id="1", url=f"{UNTIMED}-ny")))

    assert queries.item_by_address(archivist, UNTIMED) == item
    assert queries.item_by_address(archivist, f"{UNTIMED}-ny") == item


def test_another_authoritys_address_looks_unknown(authority, channel):
    a_kept(authority, channel=channel, url=UNTIMED)
    stranger = an_actor(an_authority("Lillköping"), role=Role.ARCHIVIST)

    assert queries.item_by_address(stranger, UNTIMED) is None


def test_what_tells_its_time_costs_capture_no_row_and_the_rest_one(authority, channel, archivist):
    timed = a_kept(authority, channel=channel, url=TIMED, at=datetime(2023, 6, 30, 15, 3, tzinfo=UTC))
    assert not Link.objects.of(archivist).exists()

    a_kept(authority, channel=channel, url=UNTIMED, remote_id="1")
    actions.capture(channel=channel, page=a_page(an_item("Nytt", remote_id="1", url=UNTIMED)))

    assert Link.objects.of(archivist).count() == 1
    assert queries.item_by_address(archivist, TIMED) == timed


def test_the_lookup_goes_by_its_index_and_asks_as_much_however_much_is_kept(authority, channel, archivist):
    a_kept(authority, channel=channel, url=UNTIMED, at=LONG_AGO)
    with CaptureQueriesContext(connection) as few:
        queries.item_by_address(archivist, UNTIMED)
    many(channel, 400)
    with CaptureQueriesContext(connection) as much:
        found = queries.item_by_address(archivist, UNTIMED)

    key = links.key_of(UNTIMED)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE records_link")
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of a few hundred rows is read whole else
        plan = Link.objects.of(archivist).filter(key__in=[key]).values("item_id").explain()

    assert found is not None
    assert len(few) == len(much) == 2
    by_index = "Index Cond: ((authority_id = " if connection.vendor == "postgresql" else "(authority_id=? AND key=?)"
    assert by_index in plan
    assert "SCAN" not in plan.replace("Index Scan", "").replace("Index Only Scan", "").upper()


def test_a_link_and_its_key(authority):
    now = clock.now()

    assert links.key_of("https://a.example/x/9abc") == links.key_of("https://b.example/9abc/#y") != None  # noqa: E711
    assert links.key_of("https://a.example/9abc?p=1") != links.key_of("https://a.example/9abc")
    assert [links.key_of(one) for one in ("", "https://a.example/", "https://[trasig/x")] == [None] * 3
    assert links.key_unless_timed(TIMED, datetime(2023, 6, 30, 15, 3, tzinfo=UTC)) is None
    assert links.key_unless_timed(TIMED, datetime(2023, 6, 30, 15, 3, tzinfo=UTC) + 2 * links.NEAR) is not None
    assert links.key_unless_timed(TIMED, now - timedelta(days=3)) is not None


def test_what_was_kept_before_gets_its_keys_by_the_migration(authority, channel, archivist):
    item = a_kept(authority, channel=channel, url=UNTIMED, at=LONG_AGO)
    a_kept(authority, channel=channel, url=TIMED, at=datetime(2023, 6, 30, 15, 3, tzinfo=UTC))
    Link.objects.of(archivist).delete()
    migration = import_module("narvaro.records.migrations.0010_openings_and_links")

    class Old:
        """Tables as a migration sees them: without the wall between authorities."""

        def __init__(self, model: type) -> None:
            self.objects = model.objects._unscoped()
            self._make = model

        def __call__(self, **values: object) -> object:
            return self._make(**values)

    class Apps:
        @staticmethod
        def get_model(label: str, name: str) -> Old:
            return Old(apps.get_model(label, name))

    editor = connection.SchemaEditorClass(connection)  # never entered: it only says by which connection
    migration.find_links(Apps, editor)
    migration.find_links(Apps, editor)

    assert [link.item_id for link in Link.objects.of(archivist)] == [item.pk]
    assert queries.item_by_address(archivist, UNTIMED) == item

"""What `verify` promises: whatever somebody with the database in hand did to the records or the log is found."""

from __future__ import annotations

import pytest
from django.db import connection

from narvaro.channels.testing import a_channel
from narvaro.core import ledger
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Role
from narvaro.records import actions, guards
from narvaro.records.testing import a_page, an_item
from narvaro.records.verify import verify

pytestmark = pytest.mark.django_db

LEAVES = 600  # three tiles, the last of them partial, and one above them
A_PAGE = 97  # so that heads stand within tiles, and one of them at no edge at all


@pytest.fixture
def archivist() -> Actor:
    """Return an archivist of an authority whose log has grown by several heads, over the edges of tiles."""
    authority = an_authority()
    channel = a_channel(authority)
    texts = [f"Fråga {number}" for number in range(LEAVES)]
    for start in range(0, LEAVES, A_PAGE):
        actions.capture(channel=channel, page=a_page(*(an_item(text) for text in texts[start : start + A_PAGE])))
        ledger.sequence(authority)
    return an_actor(authority, role=Role.ARCHIVIST)


def tamper(*lines: str) -> None:
    """Change the tables as somebody can who takes the guards away and puts them back."""
    with connection.cursor() as cursor:
        for removal in guards.removal():
            cursor.execute(removal)
        for line in lines:
            cursor.execute(line)
    guards.install()


def test_a_log_of_many_heads_holds(archivist):
    verdict = verify(archivist)

    assert verdict.fault == ""
    assert (verdict.versions, verdict.heads) == (LEAVES, 7)


def test_an_empty_log_holds():
    assert verify(an_actor(an_authority(), role=Role.ARCHIVIST)).holds


_FIRST = "(SELECT MIN(id) FROM records_version)"
_A_ROOT = "(SELECT root FROM core_treehead WHERE size = 97)"
_LAST_HEAD = "(SELECT MAX(id) FROM core_treehead)"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"UPDATE records_version SET text = 'annat' WHERE id = {_FIRST} + 300", "texten eller uppgifterna"),
        (f"UPDATE records_version SET payload = salt WHERE id = {_FIRST} + 300", "ursprungliga datan"),
        (f"UPDATE records_version SET salt = leaf_hash WHERE id = {_FIRST} + 300", "texten eller uppgifterna"),
        (f"UPDATE records_version SET edited_at = captured_at WHERE id = {_FIRST} + 3", "texten eller uppgifterna"),
        (f"UPDATE records_version SET number = 7 WHERE id = {_FIRST} + 3", "texten eller uppgifterna"),
        (f"UPDATE records_version SET leaf_hash = salt WHERE id = {_FIRST} + 300", "ett annat än det som skrevs"),
        (f"DELETE FROM records_version WHERE id = {_FIRST} + 300", "finns inte längre"),
        (f"DELETE FROM records_version WHERE id = {_FIRST} + {LEAVES - 1}", "finns inte längre"),
        (
            "INSERT INTO records_version (authority_id, uid, item_id, number, kind, source, author_remote_id, "
            "author_handle, author_name, visibility, text, media, language, url, published_at, captured_at, "
            "payload_digest, payload_in_store, content_digest, leaf_hash) "
            "SELECT authority_id, uid, item_id, 2, kind, source, author_remote_id, author_handle, author_name, "
            "visibility, 'tillagt', media, language, url, published_at, captured_at, payload_digest, payload_in_store, "
            f"content_digest, leaf_hash FROM records_version WHERE id = {_FIRST}",
            "lagts till",
        ),
        ("DELETE FROM core_leaf WHERE position = 300", "nämner 599 versioner, men 600 finns"),
        ("UPDATE core_leaf SET position = 1000 WHERE position = 599", "hål efter plats 598"),
        (f"UPDATE core_tile SET hashes = {_A_ROOT} WHERE level = 0 AND number = 1", "noder"),
        (f"UPDATE core_tile SET hashes = {_A_ROOT} WHERE level = 1", "noder"),
        ("DELETE FROM core_tile WHERE level = 0 AND number = 2", "noder"),
        ("UPDATE core_treehead SET root = signature WHERE size = 97", "inte äkta"),
        ("UPDATE core_treehead SET size = 98 WHERE size = 97", "inte äkta"),
        ("UPDATE core_treehead SET key_id = 'annan' WHERE size = 388", "inte äkta"),
        (f"DELETE FROM core_treehead WHERE id = {_LAST_HEAD}", "täcker inte hela loggen"),
        ("UPDATE core_tree SET size = 582", "blivit kortare|fler"),
    ],
)  # fmt: skip
def test_what_somebody_with_the_database_in_hand_did_is_found(archivist, line, words):
    tamper(line)

    fault = verify(archivist).fault

    assert any(part in fault for part in words.split("|")), fault


def test_a_leaf_and_its_version_taken_away_leave_a_hole(archivist):
    tamper(
        f"DELETE FROM records_version WHERE id = {_FIRST} + 300",
        f"DELETE FROM core_leaf WHERE subject_id = {_FIRST} + 300 AND kind = 'version'",
    )

    assert "hål efter plats 299" in verify(archivist).fault


def test_a_log_that_was_cut_and_made_to_fit_is_shorter_than_a_head_says(archivist):
    tamper(
        f"DELETE FROM records_version WHERE id >= {_FIRST} + 582",
        "DELETE FROM core_leaf WHERE position >= 582",
        "UPDATE core_tree SET size = 582",
    )

    assert "blivit kortare: ett trädhuvud säger 600 löv" in verify(archivist).fault


def test_what_comes_in_meanwhile_is_no_fault(archivist):
    authority = Authority.objects.get(pk=archivist.authority_id)
    channel = a_channel(authority)

    def more(done: int) -> None:
        actions.capture(channel=channel, page=a_page(an_item(f"Meddelande {done}")))
        ledger.sequence(authority)

    verdict = verify(archivist, progress=more)

    assert verdict.fault == ""
    assert verdict.versions == LEAVES

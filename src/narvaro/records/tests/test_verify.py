"""What `verify` promises: whatever somebody with the database in hand did to the records or the log is found."""

from __future__ import annotations

import pytest
from django.db import connection

from narvaro.channels import actions as channel_actions
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import MediaKind, Medium
from narvaro.core import ledger
from narvaro.core.models import AuditEntry, Authority
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Role
from narvaro.records import actions, guards
from narvaro.records.models import File, Gap, Item, RegistryEntry
from narvaro.records.testing import a_kept, a_page, an_item
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
_LATER = "(SELECT MAX(captured_at) FROM records_version)"
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
        (f"UPDATE records_item SET latest_version_id = {_FIRST} + 4 WHERE latest_version_id = {_FIRST}", "senaste"),
        (f"UPDATE records_item SET versions = 2 WHERE latest_version_id = {_FIRST}", "senaste"),
        (f"UPDATE records_item SET gone_at = published_at WHERE latest_version_id = {_FIRST}", "senaste"),
        (f"UPDATE records_item SET visibility = 'private' WHERE latest_version_id = {_FIRST}", "synlighet"),
        (f"UPDATE records_item SET published_at = {_LATER} WHERE latest_version_id = {_FIRST}", "dag"),
    ],
)  # fmt: skip
def test_what_somebody_with_the_database_in_hand_did_is_found(archivist, line, words):
    tamper(line)

    fault = verify(archivist).fault

    assert any(part in fault for part in words.split("|")), fault


def test_an_edit_that_was_hidden_by_pointing_at_what_stood_before_is_found():
    authority = an_authority()
    archivist, channel = an_actor(authority, role=Role.ARCHIVIST), a_channel(authority)
    for text in ("Så här sade jag", "Så här sade jag aldrig"):
        actions.capture(channel=channel, page=a_page(an_item(text, remote_id="1")))
    ledger.sequence(authority)

    tamper(f"UPDATE records_item SET latest_version_id = {_FIRST}, versions = 1")

    assert "inte den senaste" in verify(archivist).fault


PICTURE = Medium("https://social.example/a.png", MediaKind.IMAGE, "image/png", "En grop", "m1")


@pytest.fixture
def with_pictures() -> Actor:
    """Return an archivist of an authority that keeps two comments, each with a picture that was fetched."""
    authority = an_authority()
    channel = a_channel(authority)
    for number in (1, 2):
        item = an_item(f"Se bilden {number}", remote_id=f"{number}", media=(PICTURE,))
        actions.capture(channel=channel, page=a_page(item))
        file = actions.claim_file()
        assert file is not None
        actions.keep_file(file, f"bild {number}".encode(), "image/png")
    ledger.sequence(authority)
    return an_actor(authority, role=Role.ARCHIVIST)


_A_FILE = "(SELECT MIN(id) FROM records_file)"
_OTHERS_DIGEST = "(SELECT digest FROM records_file WHERE id = (SELECT MAX(id) FROM records_file))"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ""),
        (f"UPDATE records_file SET digest = {_OTHERS_DIGEST} WHERE id = {_A_FILE}", "en annan än den som bevarades"),
        (f"UPDATE records_file SET alt = 'En blomma' WHERE id = {_A_FILE}", "en annan än den som bevarades"),
        (f"UPDATE records_file SET digest = '', state = 'failed' WHERE id = {_A_FILE}", "en annan än den som"),
        (f"DELETE FROM records_file WHERE id = {_A_FILE}", "finns inte längre"),
    ],
)
def test_a_picture_that_was_exchanged_or_taken_away_is_found(with_pictures, line, words):
    tamper(*filter(None, [line]))

    fault = verify(with_pictures).fault

    assert words in fault
    assert bool(fault) is bool(words)


def test_pictures_of_what_was_expunged_are_not_missed(with_pictures, django_capture_on_commit_callbacks):
    item = Item.objects.of(with_pictures).select_related("channel").first()
    actions.seal_item(actor=with_pictures, item=item, why="Misstanke")
    item.refresh_from_db(from_queryset=Item.objects.of(with_pictures))
    with django_capture_on_commit_callbacks(execute=True):
        actions.expunge_item(actor=with_pictures, item=item, why="Beslut")

    assert verify(with_pictures).fault == ""


def test_the_log_holds_no_digest_of_a_picture(with_pictures):
    noted = AuditEntry.objects.of(with_pictures).filter(verb="records.keep_file")
    digests = File.objects.of(with_pictures).values_list("digest", flat=True)

    assert noted.count() == 2
    assert not any(digest in str(entry.facts) for entry in noted for digest in digests)


def test_a_seal_that_was_broken_in_the_database_is_found_and_one_that_was_lifted_is_none():
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    opened, broken = a_kept(authority, "Ett"), a_kept(authority, "Två")
    for item in (opened, broken):
        actions.seal_item(actor=archivist, item=item, why="Misstanke")
    actions.lift_seal(actor=archivist, item=Item.objects.of(archivist).get(pk=opened.pk), why="Fel")
    ledger.sequence(authority)
    before = verify(archivist).fault

    tamper("UPDATE records_item SET sealed_at = NULL")

    assert before == ""
    assert f"{broken.uid} är förseglad enligt loggen" in verify(archivist).fault


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


@pytest.fixture
def registered() -> Actor:
    """Return a registrar with one entry that has a number, one that was refused, one that waits, gaps and a channel."""
    authority = an_authority()
    registrar = an_actor(authority, role=Role.REGISTRAR)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    people = (person_of(an_actor(authority)), person_of(an_actor(authority)))
    channel = channel_actions.add_channel(
        actor=lead, platform="manual", name="Torget", handle="torget", unit=a_unit(authority), responsible=people[0],
        deputy=people[1],
    )  # fmt: skip
    for number in (1, 2, 3):
        item = a_kept(authority, f"Ärende {number}", channel=channel)
        entry = actions.queue_for_registrar(actor=lead, item=item, counterparty="En medborgare")
        if number == 1:
            actions.enter_in_registry(actor=registrar, entry=entry, registry_number="KS 2026/1", summary="En fråga")
        if number == 2:
            actions.refuse_registration(actor=registrar, entry=entry, why="Hålls ordnad ändå.")
    for why in ("Servern svarade inte.", "Svar från andra saknas."):
        actions.note_gap(channel=channel, why=why, from_at=None, until_at=channel.opened_at)
    actions.backfill_gap(actor=registrar, gap_id=Gap.objects.of(registrar).order_by("pk")[0].pk)
    ledger.sequence(authority)
    return registrar


_AN_ENTRY = "(SELECT MIN(id) FROM records_registryentry)"
_A_GAP = "(SELECT MIN(id) FROM records_gap)"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ""),
        (f"UPDATE records_registryentry SET registry_number = 'KS 2026/9' WHERE id = {_AN_ENTRY}", "KS 2026/9 säger"),
        (f"UPDATE records_registryentry SET summary = 'Något annat' WHERE id = {_AN_ENTRY}", "KS 2026/1 säger något"),
        (f"UPDATE records_registryentry SET counterparty = 'X' WHERE id = {_AN_ENTRY} + 2", "säger något annat"),
        (f"UPDATE records_registryentry SET state = 'queued' WHERE id = {_AN_ENTRY} + 1", "säger något annat"),
        (f"UPDATE records_registryentry SET salt = NULL WHERE id = {_AN_ENTRY}", "säger något annat"),
        (f"DELETE FROM records_registryentry WHERE id = {_AN_ENTRY}", "KS 2026/1 finns inte längre"),
        (
            "INSERT INTO records_registryentry (authority_id, uid, item_id, state, whole_thread, suggested_note, why, "
            "received_on, registry_number, counterparty, counterparty_is_public, summary, summary_public, queued_at, "
            "version) SELECT authority_id, authority_uid, item_id, 'entered', whole_thread, '', '', received_on, "
            "'KS 2026/7', '', counterparty_is_public, '', '', queued_at, 1 FROM records_registryentry, "
            f"(SELECT uid AS authority_uid FROM core_authority LIMIT 1) a WHERE id = {_AN_ENTRY}",
            "KS 2026/7 står inte i loggen",
        ),
        (f"UPDATE records_gap SET why = 'Inget' WHERE id = {_A_GAP}", "(”Servern svarade inte.”) säger något annat"),
        (f"UPDATE records_gap SET until_at = NULL WHERE id = {_A_GAP} + 1", "säger något annat än loggen"),
        (f"UPDATE records_gap SET backfilled_at = noted_at WHERE id = {_A_GAP} + 1", "inte fylld eller öppen"),
        (f"UPDATE records_gap SET backfilled_at = NULL WHERE id = {_A_GAP}", "inte fylld eller öppen"),
        (f"DELETE FROM records_gap WHERE id = {_A_GAP} + 1", "(”Svar från andra saknas.”) finns inte längre"),
        (
            "INSERT INTO records_gap (authority_id, channel_id, why, noted_at, once_key) "
            f"SELECT authority_id, channel_id, 'Påhittad', noted_at, 'x' FROM records_gap WHERE id = {_A_GAP}",
            "(”Påhittad”) står inte i loggen",
        ),
        ("UPDATE channels_channel SET handle = 'enannan'", "Torget är ett annat konto"),
        ("UPDATE channels_channel SET base_url = 'https://annan.example'", "Torget är ett annat konto"),
        ("UPDATE channels_channel SET state = 'closed'", "Torget är ett annat konto"),
    ],
)  # fmt: skip
def test_osl_6_a_registry_entry_a_gap_or_an_account_that_was_changed_beside_the_log_is_found(registered, line, words):
    tamper(*filter(None, [line]))

    fault = verify(registered).fault

    assert words in fault
    assert bool(fault) is bool(words)


def test_the_log_holds_no_name_from_the_registry(registered):
    noted = AuditEntry.objects.of(registered).filter(subject_kind="records.registryentry")

    assert noted.count() == 5
    assert not any("medborgare" in str(entry.facts) or "fråga" in str(entry.facts) for entry in noted)


def test_what_is_done_while_the_log_is_verified_is_no_fault(registered):
    entry = RegistryEntry.objects.of(registered).get(state=RegistryEntry.State.QUEUED)
    gap = Gap.objects.of(registered).get(backfilled_at=None)
    left = [entry]

    def meanwhile(_done: int) -> None:
        if verdict_is_at_rows() and left:
            actions.enter_in_registry(actor=registered, entry=left.pop(), registry_number="KS 2026/2", summary="Ny")
            actions.backfill_gap(actor=registered, gap_id=gap.pk)
            actions.note_gap(channel=gap.channel, why="En till.", from_at=None, until_at=None)
            actions.queue_for_registrar(actor=registered, item=entry.item)

    calls = iter(range(1000))

    def verdict_is_at_rows() -> bool:
        return next(calls) > 0  # versions have been told of once; then the log has been heard

    assert verify(registered, progress=meanwhile).fault == ""
    assert left == []


def test_what_was_noted_before_the_log_told_of_gaps_is_no_fault(registered):
    tamper(
        "INSERT INTO records_gap (id, authority_id, channel_id, why, noted_at, once_key) "
        "SELECT 0, authority_id, channel_id, 'Från version 0.1.0', noted_at, 'x' FROM records_gap "
        f"WHERE id = {_A_GAP}"
    )

    assert verify(registered).fault == ""


def test_an_item_that_was_moved_to_another_thread_is_found():
    authority = an_authority()
    archivist, channel = an_actor(authority, role=Role.ARCHIVIST), a_channel(authority)
    root = an_item("Vårt inlägg", remote_id="1")
    actions.capture(channel=channel, page=a_page(root, an_item("Svar", remote_id="2", parent_remote_id="1")))
    ledger.sequence(authority)
    before = verify(archivist).fault

    tamper("UPDATE records_item SET thread_key = '2' WHERE remote_id = '2'")

    assert before == ""
    assert "(2): den hänger i en annan tråd" in verify(archivist).fault


def test_answers_that_joined_their_thread_when_it_came_are_where_the_log_says():
    authority = an_authority()
    archivist, channel = an_actor(authority, role=Role.ARCHIVIST), a_channel(authority)
    for remote_id, parent in (("3", "2"), ("2", "1"), ("1", "")):
        item = an_item(f"Nummer {remote_id}", remote_id=remote_id, parent_remote_id=parent)
        actions.capture(channel=channel, page=a_page(item))
    ledger.sequence(authority)
    before = verify(archivist).fault
    threads = set(Item.objects.of(archivist).values_list("thread_key", flat=True))

    tamper("UPDATE records_item SET thread_key = '3' WHERE remote_id = '3'")

    assert (before, threads) == ("", {"1"})
    assert "(3): den hänger i en annan tråd" in verify(archivist).fault


def test_a_version_cannot_be_made_one_of_those_whose_leaf_says_nothing_of_the_thread(archivist):
    tamper(f"UPDATE records_version SET thread_key = NULL WHERE id = {_FIRST}")

    assert "texten eller uppgifterna" in verify(archivist).fault

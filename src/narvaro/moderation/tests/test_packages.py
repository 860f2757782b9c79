"""An evidence package holds what the police need, proves itself, and never holds what may not be copied."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import signed_in
from narvaro.core import audit, keys, ledger
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.formats import pdf
from narvaro.media import store
from narvaro.moderation import actions, package, package_pdf, queries, verify_package
from narvaro.moderation.models import Package
from narvaro.moderation.types import CannotYet
from narvaro.policy.types import Measure as Kind
from narvaro.records import actions as records
from narvaro.records import queries as kept
from narvaro.records.models import File, Item
from narvaro.records.testing import a_kept, a_page, an_item

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
CANARY = "kanariefågelord"
WORDS = f"Jag ska slå dig i morgon, {CANARY} 😡 مرحبا\nRad två"
UNTOLD = {"waive_notice_why": "Det är ett automatiskt konto."}


def a_picture(content: bytes = b"") -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(made, "PNG")
    return made.getvalue() + content


def with_picture(item: Item, content: bytes, alt: str = f"Skylt {CANARY}") -> File:
    return File.objects.create(
        authority_id=item.authority_id, version_id=item.latest_version_id, kind="image", media_type="image/png",
        url="https://social.example/Sm%C3%B6rg%C3%A5s.png", alt=alt, state="kept",
        digest=store.keep(item.authority_id, content), size_bytes=len(content),
    )  # fmt: skip


def a_threat(authority: Any, words: str = WORDS, *, versions: int = 2) -> Item:
    """Return a comment in a thread, written anew once, with a picture, after an answer of ours."""
    channel = a_channel(authority)
    post = an_item("Vi bygger om torget.", remote_id="inlagg", is_own=True)
    answer = an_item("Tack!", remote_id="svar", parent_remote_id="inlagg", root_remote_id="inlagg")
    records.capture(channel=channel, page=a_page(post, answer))
    for number in range(versions):
        written = an_item(
            f"{words} ({number + 1})", remote_id="hotet", parent_remote_id="inlagg", root_remote_id="inlagg",
            raw=json.dumps({"id": "hotet", "n": number, "content": words}).encode(),
        )  # fmt: skip
        records.capture(channel=channel, page=a_page(written))
    ledger.sequence(authority)
    item = kept.item_by_remote_id(an_actor(authority, role=Role.COMMUNICATIONS_LEAD), channel.pk, "hotet")
    assert item is not None
    with_picture(item, a_picture())
    return item


def decided(actor: Any, item: Item, ground: str = "BBS-5a", **values: Any) -> Any:
    return actions.decide_measure(
        actor=actor, item=item, kind=Kind.REMOVE, ground=ground, reasons="Texten hotar en namngiven person.",
        **{**UNTOLD, **values},
    ).measure  # fmt: skip


def zipped(actor: Any, made: Package) -> bytes:
    file = io.BytesIO()
    package.write(file, actor, made)
    return file.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def checked(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the package's own verify.py with nothing around it: no environment, no site, no project."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-B", str(folder / "verify.py"), *arguments],
        capture_output=True, text=True, env={}, cwd="/", timeout=60, check=False, encoding="utf-8",
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


def resummed(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files with a list of checksums that fits them: what somebody who changes a file would do next."""
    names = sorted(name for name in files if name not in (package.SUMS, package.SIGNATURE))
    sums = "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in names).encode()
    return {**files, package.SUMS: sums}


def resigned(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files signed by the authority itself: then only the ledger tells that a record was changed."""
    files = resummed(files)
    signed = keys.sign(f"{package.FORM}\n{sha256(files[package.SUMS]).hexdigest()}\n".encode())
    stated = {"key_id": signed.key_id, "public_key": signed.public.hex(), "signature": signed.signature.hex()}
    return {**files, package.SIGNATURE: json.dumps(stated).encode()}


@pytest.fixture
def files(authority, lead) -> dict[str, bytes]:
    item = a_threat(authority)
    measure = decided(lead, item)
    return unpacked(zipped(lead, actions.make_package(actor=lead, measure=measure)))


# --- What is in it ----------------------------------------------------------------------------------------------------


def test_bbs_5_a_package_holds_the_thread_every_version_the_bytes_the_media_and_the_decision(files):
    records_json = json.loads(files["paket.json"])
    decision = json.loads(files["beslut.json"])[0]
    (reported,) = [item for item in records_json["items"] if item["is_reported"]]

    assert len(records_json["items"]) == 3
    assert [version["number"] for version in reported["versions"]] == [1, 2]
    assert files["ord/version-1.txt"].decode() == f"{WORDS} (1)"
    assert json.loads(files["original/version-2.json"])["n"] == 1
    assert [name for name in files if name.startswith("media/") and name.endswith(".png")]
    assert decision["reasons"] == "Texten hotar en namngiven person."
    assert decision["ground"] == "BBS-5a"
    assert "Börja här".upper() in files["LASMIG.txt"].decode()


def test_p16_every_name_in_a_package_is_plain_ascii(files):
    assert all(name.isascii() and verify_package.NAME.fullmatch(name) for name in files)


def test_sm_18_who_did_what_and_when_stands_in_the_package(files):
    verbs = [event["verb"] for event in json.loads(files["handelser.json"])["events"]]

    assert {"moderation.decide_measure", "records.queue_for_registrar", "records.hold_items"} <= set(verbs)
    assert verbs[-1] == "moderation.make_package"


def test_the_document_says_that_it_is_pdf_a_and_carries_what_that_asks_for(files):
    """PDF/A-2a by Typst's own check; here what can be seen from outside: claim, output intent, fonts, language."""
    pdf = files["sammanstallning.pdf"]

    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/GTS_PDFA1" in pdf
    assert b"/MarkInfo" in pdf
    assert b"/JavaScript" not in pdf
    assert b"/EmbeddedFile" not in pdf


def test_what_the_fonts_cannot_show_is_named_and_never_stops_the_document():
    values = {"a": "Hej 😡", "b": ["\u202eomvänt", "\x00", "中文", "مرحبا"]}

    named = pdf.named(values, pdf.characters_lacked('the text `"😡"` could not be displayed'))

    assert named["a"] == "Hej [U+1F621 POUTING FACE]"
    assert named["b"][0] == "[U+202E RIGHT-TO-LEFT OVERRIDE]omvänt"
    assert named["b"][3] == "مرحبا"


@pytest.mark.parametrize(
    "words", ["#panic() $x^2$ *b* _i_ @x <a> \\ ` [", "\x00\x07\ud800", "", "中文字", "a" * 50_000]
)
def test_no_words_are_read_as_markup_or_stop_a_package(authority, lead, words):
    item = a_threat(authority, words, versions=1)

    made = unpacked(zipped(lead, actions.make_package(actor=lead, item=item)))

    assert made["sammanstallning.pdf"].startswith(b"%PDF")


def test_a_picture_that_lies_about_itself_is_enclosed_and_not_drawn(authority, lead):
    item = a_threat(authority)
    with_picture(item, b"\x89PNG not at all")

    made = unpacked(zipped(lead, actions.make_package(actor=lead, item=item)))

    assert sum(name.startswith("media/") for name in made) == 2


@pytest.mark.parametrize(("size", "width"), [((400, 300), 90.0), ((300, 3000), 12.0), ((1, 4000), 0.12)])
def test_a_tall_picture_fits_the_page(size, width):
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", size, "navy").save(made, "PNG")

    found = package_pdf.small_picture(made.getvalue())

    assert found is not None
    assert found[1] == width


# --- It proves itself -------------------------------------------------------------------------------------------------


def test_a_package_is_proved_with_nothing_but_python_as_a_folder_and_as_a_zip(authority, lead, tmp_path):
    made = actions.make_package(actor=lead, item=a_threat(authority))
    content = zipped(lead, made)
    folder = laid_out(tmp_path / "p", unpacked(content))
    (tmp_path / "p.zip").write_bytes(content)
    fingerprint = sha256(keys.public_signing_key()[1]).hexdigest()

    alone, said = checked(folder)
    as_zip, _said = checked(folder, str(tmp_path / "p.zip"))
    with_key, _said = checked(folder, "--key", package.fingerprint_of(keys.public_signing_key()[1]))
    with_other, wrong = checked(folder, "--key", "0" * 64)

    assert (alone, as_zip, with_key, with_other) == (0, 0, 0, 1)
    assert "ALLT HÅLLER" in said
    assert "EVERYTHING HOLDS" in said
    assert fingerprint[:8] in said
    assert "annan nyckel" in wrong
    assert not list(folder.rglob("__pycache__"))


@pytest.mark.parametrize(
    "kind",
    ["sammanstallning.pdf", "paket.json", "beslut.json", "handelser.json", "verify.py", "LASMIG.txt", "SHA256SUMS",
     "signatur.json", "ord/version-1.txt", "original/version-2.json", "media/"],
)  # fmt: skip
def test_ark_1_a_package_changed_in_any_file_is_told_and_the_file_named(files, tmp_path, kind):
    name = next(name for name in files if name.startswith(kind))
    content = bytearray(files[name])
    if name == "verify.py":
        content += b"\n# tillagt\n"
    elif name == "signatur.json":
        begins = b"01" if b'"signature": "00' in content else b"00"
        content = bytearray(re.sub(rb'"signature": "..', b'"signature": "' + begins, bytes(content)))
    else:
        content[len(content) // 2] ^= 1
    folder = laid_out(tmp_path, {**files, name: bytes(content)})

    code, said = checked(folder)

    assert code == 1
    assert "FEL" in said
    assert name in said


@pytest.mark.parametrize("name", ["ord/version-1.txt", "paket.json", "beslut.json"])
def test_ark_1_a_change_with_its_checksum_mended_is_told_by_the_signature(files, tmp_path, name):
    changed = resummed({**files, name: files[name].replace(b"a", b"b")})

    code, said = checked(laid_out(tmp_path, changed))

    assert code == 1
    assert "underskriften" in said


def _mangled(files: dict[str, bytes], change: Any) -> dict[str, bytes]:
    stated = json.loads(files["paket.json"])
    reported = next(item for item in stated["items"] if item["is_reported"])
    change(stated, reported["versions"][0])
    return resigned({**files, "paket.json": json.dumps(stated).encode()})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda all, one: one["content"].__setitem__(15, "Tack för hjälpen"), "innehållet är inte det som bevarades"),
        (lambda all, one: one["content"].__setitem__(19, "2020-01-01 00:00:00"), "innehållet är inte det"),
        (lambda all, one: one.__setitem__("salt", "00" * 32), "innehållet är inte det som bevarades"),
        (lambda all, one: one["path"].__setitem__(0, "00" * 32), "vägen från lövet"),
        (lambda all, one: one.__setitem__("position", one["position"] + 1), "vägen från lövet"),
        (lambda all, one: all["ledger"].__setitem__("root", "00" * 32), "trädhuvud"),
        (lambda all, one: all["ledger"].__setitem__("at", "2020-01-01T00:00:00.000000Z"), "trädhuvud"),
        (lambda all, one: one.__setitem__("number", 7), "en annan handlings"),
        (lambda all, one: one.pop("path"), "går inte att tolka"),
    ],
)
def test_ark_1_a_record_changed_by_whoever_holds_the_signing_key_is_told_by_the_ledger(files, tmp_path, change, words):
    code, said = checked(laid_out(tmp_path, _mangled(files, change)))

    assert code == 1
    assert words in said


def test_ark_1_words_and_bytes_beside_the_proof_must_be_those_of_the_proof(files, tmp_path):
    for name, words in (("ord/version-1.txt", "inte texten"), ("original/version-1.json", "inte det plattformen")):
        code, said = checked(laid_out(tmp_path / words, resigned({**files, name: b"{}"})))

        assert code == 1
        assert words in said


def test_a_file_added_or_missing_is_told(files, tmp_path):
    added = laid_out(tmp_path / "a", {**files, "media/extra.png": b"x"})
    missing = laid_out(tmp_path / "b", {name: one for name, one in files.items() if name != "beslut.json"})
    nothing = laid_out(tmp_path / "c", {"verify.py": files["verify.py"]})

    assert checked(added)[0] == 1
    assert "media/extra.png" in checked(added)[1]
    assert "beslut.json saknas" in checked(missing)[1]
    assert checked(nothing)[0] == 2


# RFC 8032, 7.1: public key, message, signature.
KNOWN = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bb"
        "e24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302"
        "aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed"
        "28dc027beceea1ec40a",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("public", "message", "signature"), KNOWN)
def test_signatures_are_verified_as_the_standard_says(public, message, signature):
    key, words, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    too_large = int.from_bytes(signed[32:], "little") + verify_package.L

    assert verify_package.is_signed(words, signed, key)
    assert not verify_package.is_signed(words + b"x", signed, key)
    assert not verify_package.is_signed(words, signed[:-1] + bytes([signed[-1] ^ 1]), key)
    assert not verify_package.is_signed(words, signed[:32] + too_large.to_bytes(32, "little"), key)
    assert not verify_package.is_signed(words, signed, b"\xff" * 32)
    assert not verify_package.is_signed(words, signed[:63], key)


def test_the_pure_verification_agrees_with_the_library_that_signs():
    for number in range(20):
        signed = keys.sign(b"rad %d" % number)
        assert verify_package.is_signed(b"rad %d" % number, signed.signature, signed.public)
        assert not verify_package.is_signed(b"rad x", signed.signature, signed.public)


def test_the_verifier_needs_only_the_standard_library():
    source = Path(verify_package.__file__).read_text(encoding="utf-8")
    wanted = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))

    assert wanted <= set(sys.stdlib_module_names)


# --- Ground e: where and when, never what ----------------------------------------------------------------------------


def test_bbs_10_a_package_about_child_abuse_material_tells_where_and_when_and_nothing_of_what(
    authority, lead, tmp_path
):
    item = a_threat(authority)
    measure = decided(lead, item, "BBS-5e")
    content = zipped(lead, actions.make_package(actor=lead, measure=measure))
    made = unpacked(content)
    stated = json.loads(made["paket.json"])

    assert CANARY.encode() not in content
    assert b"En medborgare" not in content
    assert not [name for name in made if name.startswith(("media/", "ord/", "original/", "bild"))]
    assert [item["is_reported"] for item in stated["items"]] == [True]
    assert "content" not in json.dumps(stated)
    trace = stated["items"][0]["versions"][0]["trace"]
    assert trace["author_remote_id"] == "citizen-1"
    assert len(trace["payload_sha256"]) == 64
    code, said = checked(laid_out(tmp_path, made))
    assert code == 0
    assert "innehåll lämnas inte ut" in said


def test_bbs_10_what_is_sealed_after_a_package_was_made_leaves_without_its_words_the_next_time(authority, lead):
    item = a_threat(authority)
    made = actions.make_package(actor=lead, item=item)
    assert CANARY.encode() in zipped(lead, made)

    records.seal_item(actor=lead, item=item, why="Övergrepp.")

    again = zipped(lead, queries.package_for(lead, made.uid))
    assert CANARY.encode() not in again
    assert not [name for name in unpacked(again) if name.startswith(("media/", "ord/", "original/"))]


def test_bbs_10_a_sealed_neighbour_in_the_thread_shows_nothing(authority, lead):
    item = a_threat(authority)
    neighbour = a_kept(
        authority, f"Granne {CANARY}-2", channel=item.channel, parent_remote_id="inlagg", root_remote_id="inlagg"
    )
    records.seal_item(actor=lead, item=neighbour, why="Övergrepp.")

    content = zipped(lead, actions.make_package(actor=lead, item=item))

    assert f"{CANARY}-2".encode() not in content


def test_a_page_about_such_a_report_shows_no_words(authority, lead):
    item = a_threat(authority)
    measure = decided(lead, item, "BBS-5e")
    client = signed_in(lead)

    page = client.get(f"/moderering/{measure.uid}/polispaket/").content.decode()

    assert CANARY not in page
    assert "Utan text och bild" in page


# --- Made again, logged, held ----------------------------------------------------------------------------------------


def test_the_same_package_is_made_again_byte_for_byte_although_more_has_happened(authority, lead):
    item = a_threat(authority)
    measure = decided(lead, item)
    made = actions.make_package(actor=lead, measure=measure)
    first = zipped(lead, made)

    with clock.frozen(clock.now() + timedelta(days=3)):
        actions.undo_measure(actor=lead, uid=measure.uid, why="Ångrat.")
        records.capture(
            channel=item.channel,
            page=a_page(an_item("Nytt", remote_id="ny", parent_remote_id="inlagg", root_remote_id="inlagg")),
        )
        actions.note_case_number(actor=lead, uid=made.uid, case_number="5000-K123456-26")
        ledger.sequence(authority)
        again = zipped(lead, queries.package_for(lead, made.uid))

    assert sha256(again).hexdigest() == sha256(first).hexdigest()


def test_sm_11a_taking_out_a_package_is_logged_each_time_with_its_checksum(authority, lead):
    made = actions.make_package(actor=lead, item=a_threat(authority))
    client = signed_in(lead)

    answers = [client.post(f"/moderering/polispaket/{made.uid}/hamta/") for _time in range(2)]

    content = [b"".join(answer.streaming_content) for answer in answers]
    noted = [entry for entry in audit.history(lead, made) if entry.verb == "moderation.take_out_package"]
    assert content[0] == content[1]
    assert [entry.facts["is_same"] for entry in noted] == [True, True]
    assert queries.package_for(lead, made.uid).digest == sha256(content[0]).hexdigest()
    assert "narvaro-bevispaket" in answers[0]["Content-Disposition"]


def test_a_package_that_is_no_longer_the_same_says_so_in_the_log(authority, lead):
    made = actions.make_package(actor=lead, item=a_threat(authority))
    actions.take_out_package(actor=lead, uid=made.uid, digest="a" * 64)

    actions.take_out_package(actor=lead, uid=made.uid, digest="b" * 64)

    assert "Kontrollsumman är en annan" in audit.history(lead, made)[0].why


def test_tf_12_a_package_holds_the_thread_so_that_nothing_of_it_is_disposed_of(authority, lead):
    item = a_threat(authority)

    made = actions.make_package(actor=lead, item=item, case_number="5000-K1-26")

    thread = kept.thread_around(lead, item, most=50)[0]
    assert kept.held_ids(lead, [one.pk for one in thread]) == {one.pk for one in thread}
    assert [hold.uid for hold in kept.holds_of(lead, item)] == [made.hold.uid]


def test_tf_12_what_is_held_is_not_expunged_until_the_hold_is_ended_with_a_reason(authority, lead):
    item = a_threat(authority)
    made = actions.make_package(actor=lead, item=item)
    records.seal_item(actor=lead, item=item, why="Fel innehåll.")
    item = kept.item_by_id(lead, item.pk)

    with pytest.raises(Invalid):
        records.expunge_item(actor=lead, item=item, why="Beslut.")
    with pytest.raises(Invalid):
        records.end_hold(actor=lead, uid=made.hold.uid, why=" ")
    records.end_hold(actor=lead, uid=made.hold.uid, why="Åtalet är avslutat.")
    with pytest.raises(Stale):
        records.end_hold(actor=lead, uid=made.hold.uid, why="En gång till.")

    assert kept.holds_of(lead, item) == []
    assert records.expunge_item(actor=lead, item=item, why="Beslut.") == 2


def test_bbs_10_a_hold_on_child_abuse_material_keeps_that_it_was_and_lets_its_content_be_expunged(authority, lead):
    item = a_threat(authority)
    measure = decided(lead, item, "BBS-5e")
    made = actions.make_package(actor=lead, measure=measure)

    expunged = records.expunge_item(actor=lead, item=kept.item_by_id(lead, item.pk), why="Polisen har sett det.")

    assert not made.hold.covers_content
    assert expunged == 2
    assert json.loads(unpacked(zipped(lead, made))["paket.json"])["items"][0]["versions"][0]["leaf"]


def test_nothing_is_packed_that_is_not_kept_and_proved(authority, lead, monkeypatch):
    """P13"""
    channel = a_channel(authority)
    records.capture(channel=channel, page=a_page(an_item("Hot", remote_id="x")))
    item = kept.item_by_remote_id(lead, channel.pk, "x")
    monkeypatch.setattr(ledger, "sequence", lambda authority: 0)  # the sequencer has died

    with pytest.raises(CannotYet):
        actions.make_package(actor=lead, item=item)


def test_who_only_reads_makes_no_package_and_another_authoritys_looks_missing(authority, lead):
    item = a_threat(authority)
    made = actions.make_package(actor=lead, item=item)
    auditor = an_actor(authority, role=Role.AUDITOR)
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    with pytest.raises(NotPermitted):
        actions.make_package(actor=auditor, item=item)
    with pytest.raises(NotPermitted):
        actions.take_out_package(actor=auditor, uid=made.uid, digest="a" * 64)
    with pytest.raises(NotFound):
        queries.package_for(stranger, made.uid)
    with pytest.raises(NotFound):
        records.end_hold(actor=stranger, uid=made.hold.uid, why="Nej.")
    assert queries.packages(auditor) == [made]
    assert queries.packages(stranger) == []


def test_a_long_thread_shows_what_is_nearest_and_says_how_much_there_is(authority, lead, monkeypatch):
    from narvaro.moderation import rules

    monkeypatch.setattr(rules, "MOST_IN_THREAD", 2)
    item = a_threat(authority)

    stated = json.loads(unpacked(zipped(lead, actions.make_package(actor=lead, item=item)))["paket.json"])

    assert {one["remote_id"] for one in stated["items"]} == {"inlagg", "hotet"}
    assert stated["items_in_thread"] == 3


def test_our_own_notes_about_a_thread_are_not_handed_over_with_it(authority, lead):
    item = a_threat(authority)
    records.keep_file_note(actor=lead, item=item, text="Chefen ringer personen i morgon.")
    ledger.sequence(authority)

    content = zipped(lead, actions.make_package(actor=lead, item=item))

    assert b"Chefen ringer" not in content


# --- Pages ------------------------------------------------------------------------------------------------------------


def hidden(form: Any, **values: str) -> dict[str, str]:
    return {form[name].html_name: form[name].value() or "" for name in ("intent", "seen_version")} | values


def test_a_moderator_makes_a_package_from_the_measure_with_one_confirmation(authority, lead):
    measure = decided(lead, a_threat(authority))
    client = signed_in(lead)

    assert f"/moderering/{measure.uid}/polispaket/" in client.get(f"/moderering/{measure.uid}/").content.decode()
    form = client.get(f"/moderering/{measure.uid}/polispaket/").context["form"]
    answer = client.post(f"/moderering/{measure.uid}/polispaket/", hidden(form))
    twice = client.post(f"/moderering/{measure.uid}/polispaket/", hidden(form))

    (made,) = queries.packages(lead)
    assert answer.url == f"/moderering/polispaket/{made.uid}/"
    assert twice.status_code == 409
    assert made.item == measure.item


def test_who_shared_too_much_is_not_offered_to_the_police(authority, lead):
    measure = decided(lead, a_threat(authority, "Mitt personnummer är 811218-9876"), "GDPR-7")

    page = signed_in(lead).get(f"/moderering/{measure.uid}/").content.decode()

    assert "polispaket" not in page


def test_the_number_is_kept_and_the_hold_ended_on_the_packages_page(authority, lead):
    made = actions.make_package(actor=lead, item=a_threat(authority))
    client = signed_in(lead)
    address = f"/moderering/polispaket/{made.uid}/"
    page = client.get(address)

    refused = client.post(f"{address}nummer/", hidden(page.context["number_form"]) | {"number-case_number": ""})
    client.post(f"{address}nummer/", hidden(page.context["number_form"]) | {"number-case_number": "5000-K9-26"})
    client.post(f"{address}avsluta/", hidden(page.context["hold_form"]) | {"hold-why": "Åtalet är avslutat."})

    shown = client.get(address).content.decode()
    listed = client.get("/moderering/polispaket/").content.decode()
    assert refused.status_code == 422
    assert "5000-K9-26" in shown
    assert "5000-K9-26" in listed
    assert "Åtalet är avslutat." in shown
    assert "Hålls inte kvar" in listed


def test_a_package_is_made_from_something_in_the_thread_nobody_has_decided_about(authority, lead):
    item = a_threat(authority)
    client = signed_in(lead)
    address = f"/moderering/polispaket/handling/{item.uid}/"

    form = client.get(address).context["form"]
    client.post(address, hidden(form, case_number="5000-K1-26"))

    (made,) = queries.packages(lead)
    assert made.case_number == "5000-K1-26"
    assert made.as_made["decisions"] == []

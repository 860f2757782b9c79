"""Backup of a running installation, and its restoration: whole, verified, or not at all."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from narvaro.web import backup
from narvaro.web.tests.installation import Installation, fresh_database

WRITE_SECONDS = 60.0
COUNT = """
from narvaro.records.models import Item
print(Item.objects.everywhere("test").count())
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An SQLite installation with something in it, made once and never changed."""
    made = Installation(tmp_path_factory.mktemp("whole") / "data")
    set_up(made)
    made.python(
        "from narvaro.core.models import Authority\nfrom narvaro.records.testing import a_kept\n"
        "authority = Authority.objects.first()\na_kept(authority, 'Liten')\na_kept(authority, 'Stor', raw=bytes(70000))"
    )
    return made


def set_up(made: Installation) -> None:
    done = made.run("setup", "--authority", "Kommunstyrelsen", "--admin", "admin@storkoping.example", "--link")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with fresh_database() as url:
        made = Installation(tmp_path / "data", database_url=url)
        set_up(made)
        yield made


@pytest.fixture
def elsewhere(installation: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An empty place to restore to."""
    with fresh_database() as url:
        yield installation.at(tmp_path / "restored", NARVARO_DATABASE_URL=url)


@pytest.fixture
def writer(installation: Installation, tmp_path: Path) -> Iterator[Path]:
    """Somebody who captures all the time; gives the file in which the commits are told."""
    told = tmp_path / "committed"
    told.touch()
    process = subprocess.Popen(
        [sys.executable, "-m", "narvaro.web.tests.writer", str(told)], env=installation.environ, stderr=subprocess.PIPE
    )
    try:
        yield told
    finally:
        process.kill()
        process.communicate(timeout=10)


def committed(told: Path, *, at_least: int = 0) -> int:
    """Return how many items are committed; waits until there are `at_least` that many."""
    end = time.monotonic() + WRITE_SECONDS
    while time.monotonic() < end:
        whole = [line for line in told.read_text().split("\n")[:-1] if line]
        if whole and int(whole[-1]) >= at_least:
            return int(whole[-1])
        time.sleep(0.05)
    pytest.fail("Nothing was captured.")


def restored(elsewhere: Installation, archive: Path) -> dict[str, object]:
    return elsewhere.told("restore", str(archive), "--into", str(elsewhere.data))


def test_a_backup_taken_while_all_is_written_loses_nothing_that_was_committed(
    installation, elsewhere, writer, tmp_path
):
    committed(writer, at_least=100)
    before = committed(writer)

    made = installation.told("backup", str(tmp_path / "b.tar"))

    after = committed(writer, at_least=before + 21)  # it was written all the while
    told = restored(elsewhere, tmp_path / "b.tar")
    kept = int(elsewhere.python(COUNT))
    assert before <= kept <= after + 10_000
    assert told["versions"] == kept
    assert made["missing"] == made["damaged"] == []
    assert made["blobs"] == kept // 21
    again = elsewhere.run("verify", "--json")
    assert again.returncode == 0, again.stdout


def test_a_restored_installation_has_its_people_its_keys_and_goes_on(installation, elsewhere, tmp_path):
    installation.run(
        "channel", "add", "--platform", "manual", "--handle", "torget", "--responsible", "admin@storkoping.example"
    )
    seal = (
        "from narvaro.channels import actions, queries\nfrom narvaro.core import queries as core\n"
        "from narvaro.core.types import Actor\nactor = Actor.system(core.all_authorities()[0], 'test')\n"
        "channel = queries.channels(actor)[0]\n"
    )
    installation.python(f"{seal}actions.store_secrets(actor=actor, channel=channel, secrets={{'token': 'hemligt'}})")
    installation.told("backup", str(tmp_path / "b.tar"))

    restored(elsewhere, tmp_path / "b.tar")

    assert elsewhere.python(f"{seal}print(queries.account_of(channel).keeper.secrets()['token'])") == "hemligt\n"
    assert elsewhere.told("unit", "add", "--name", "Ny enhet")["ok"]  # numbers go on after the last
    assert (elsewhere.data / "keys" / "secret_key").read_bytes() == (
        installation.data / "keys" / "secret_key"
    ).read_bytes()
    assert elsewhere.data.stat().st_mode & 0o077 == 0


def test_p02_an_answer_that_waited_when_the_copy_was_made_is_not_sent_again_by_a_machine(
    installation, elsewhere, tmp_path
):
    installation.python(
        "from narvaro.core.models import Authority\nfrom narvaro.core.testing import an_actor\n"
        "from narvaro.records.testing import a_kept\nfrom narvaro.publishing import actions\n"
        "from narvaro.publishing.models import Publication\nfrom datetime import timedelta\n"
        "authority = Authority.objects.first()\nitem = a_kept(authority)\n"
        "actions.publish_answer(actor=an_actor(authority), item=item, text='Klockan sju.')\n"
        "rows = Publication.objects.everywhere('test')\n"
        "rows.update(not_before=rows.get().not_before - timedelta(minutes=1))"
    )
    installation.told("backup", str(tmp_path / "b.tar"))

    told = restored(elsewhere, tmp_path / "b.tar")

    state = (
        "from narvaro.publishing.models import Publication\nprint(Publication.objects.everywhere('test').get().state)"
    )
    assert told["unclear"] == 1
    assert elsewhere.python(state) == "unknown\n"
    assert installation.python(state) == "queued\n"


def test_a_backup_never_writes_over_anything(installation, tmp_path):
    (tmp_path / "b.tar").write_text("min enda kopia")

    done = installation.run("backup", str(tmp_path / "b.tar"))

    assert done.returncode == 2
    assert (tmp_path / "b.tar").read_text() == "min enda kopia"


def test_a_file_that_is_missing_from_the_store_is_told_and_the_rest_is_copied(installation, elsewhere, tmp_path):
    installation.python(
        "from narvaro.core.models import Authority\nfrom narvaro.records.testing import a_kept\n"
        "authority = Authority.objects.first()\n"
        "a_kept(authority, 'Ett', raw=bytes(70000))\na_kept(authority, 'Två', raw=bytes(80000))"
    )
    next(iter(sorted(installation.data.glob("blobs/*/*/*")))).unlink()

    done = installation.run("backup", str(tmp_path / "b.tar"), "--json")

    assert done.returncode == 1
    assert len(json.loads(done.stdout)["missing"]) == 1
    assert json.loads(done.stdout)["blobs"] == 1
    assert elsewhere.run("restore", str(tmp_path / "b.tar"), "--into", str(elsewhere.data)).returncode == 1


def test_an_archive_opened_by_hand_is_checked_with_common_tools(installation, tmp_path):
    installation.told("backup", str(tmp_path / "b.tar"))
    (tmp_path / "out").mkdir()

    subprocess.run(["tar", "-xf", str(tmp_path / "b.tar"), "-C", str(tmp_path / "out")], check=True, timeout=30)
    checked = subprocess.run(
        ["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path / "out", check=False, timeout=30
    )

    assert checked.returncode == 0
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0


# --- Archives that were changed on the way ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(whole: Installation) -> Path:
    """A backup of an SQLite installation with something in it."""
    whole.told("backup", str(whole.data.parent / "b.tar"))
    return whole.data.parent / "b.tar"


def refusal(archive: Path, target: Path) -> str:
    """Return why an archive is refused; nothing of it may be left."""
    with pytest.raises(backup.BackupError) as refused:
        backup.unpack(archive, target)
    assert not target.exists()
    return str(refused.value)


def changed(archive: Path, at: Path, *, drop: str = "", add: tarfile.TarInfo | None = None, **swap: bytes) -> Path:
    """Write the archive anew, with a member dropped, added first, or its content swapped (by its last name)."""
    with tarfile.open(archive) as old, tarfile.open(at, "w") as new:
        if add is not None:
            new.addfile(add, io.BytesIO(bytes(add.size)))
        for member in old:
            content = old.extractfile(member).read()
            last = member.name.rsplit("/", 1)[-1].replace(".", "_")
            if drop and member.name.startswith(drop):
                continue
            content = swap.get(last, content)
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return at


def test_an_archive_that_is_whole_is_taken_out_byte_for_byte(archive, tmp_path):
    manifest = backup.unpack(archive, tmp_path / "out")

    (blob,) = (tmp_path / "out" / "blobs").rglob("*/??/*")
    assert sha256(blob.read_bytes()).hexdigest() == blob.name
    assert manifest.ledgers[0].versions == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["blobs", "keys", "narvaro.sqlite3"]


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_an_archive_that_was_cut_off_restores_nothing(archive, tmp_path, part):
    whole = archive.read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: int(len(whole) * part)])

    assert refusal(tmp_path / "cut.tar", tmp_path / "out")


def test_a_changed_byte_restores_nothing(archive, tmp_path):
    content = bytearray(archive.read_bytes())
    content[200_000] ^= 1
    (tmp_path / "b.tar").write_bytes(content)

    assert "ändrats" in refusal(tmp_path / "b.tar", tmp_path / "out")


@pytest.mark.parametrize("name", ["blobs/", "keys/sealing", "SHA256SUMS", "manifest.json", "database/"])
def test_a_part_that_was_taken_away_restores_nothing(archive, tmp_path, name):
    assert refusal(changed(archive, tmp_path / "b.tar", drop=name), tmp_path / "out")


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, link, 5 if kind == tarfile.REGTYPE else 0
    return made


@pytest.mark.parametrize(
    "stranger",
    [
        member("../outside"),
        member("/etc/cron.d/narvaro"),
        member("keys/../../outside"),
        member("blobs/1/aa/../../../../outside"),
        member("keys/tree/a.pem", tarfile.SYMTYPE, "/etc/passwd"),
        member("keys/secret_key", tarfile.LNKTYPE, "../../outside"),
        member("blobs", tarfile.SYMTYPE, "/tmp"),
        member("blobs/", tarfile.DIRTYPE),
        member("dev", tarfile.CHRTYPE),
        member("keys/fifo", tarfile.FIFOTYPE),
        member("readme.txt"),
        member("keys/sealing.keys"),  # twice
    ],
    ids=lambda each: f"{each.name}:{each.type.decode()}",
)
def test_what_does_not_belong_in_a_backup_restores_nothing(archive, tmp_path, stranger):
    hostile = changed(archive, tmp_path / "in.tar", add=stranger)

    assert refusal(hostile, tmp_path / "folder" / "out")
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "folder" / "outside").exists()


def test_a_packed_archive_is_refused_since_it_could_swell(archive, tmp_path):
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as packed, tarfile.open(archive) as old:
        for each in old:
            packed.addfile(each, old.extractfile(each))

    assert refusal(tmp_path / "b.tar.gz", tmp_path / "out")


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{}", b'{"format": "narvaro-backup-9", "ledgers": []}', b"\xff\xfe"])
def test_a_manifest_of_something_else_restores_nothing(archive, tmp_path, manifest):
    assert refusal(changed(archive, tmp_path / "b.tar", manifest_json=manifest), tmp_path / "out")


def test_a_folder_that_holds_something_is_left_alone(archive, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "viktigt").write_text("kvar")

    with pytest.raises(backup.BackupError, match="inte tom"):
        backup.unpack(archive, tmp_path / "out")

    assert (tmp_path / "out" / "viktigt").read_text() == "kvar"


def test_an_empty_folder_that_was_there_stays_when_nothing_was_restored(archive, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "b.tar").write_bytes(archive.read_bytes()[:100_000])

    with pytest.raises(backup.BackupError):
        backup.unpack(tmp_path / "b.tar", tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_keys_that_were_changed_while_the_database_was_copied_are_all_there():
    before = {"sealing.keys": b"aaaaaaaa A\nbbbbbbbb B\n", "tree/1.pem": b"1"}
    after = {"sealing.keys": b"cccccccc C\naaaaaaaa A\n", "tree/1.pem": b"1", "tree/2.pem": b"2"}

    both = backup._with(before, after)

    assert both["sealing.keys"] == b"cccccccc C\naaaaaaaa A\nbbbbbbbb B\n"
    assert set(both) == {"sealing.keys", "tree/1.pem", "tree/2.pem"}


def test_a_full_disk_leaves_no_half_backup(whole, tmp_path, monkeypatch):
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup.tarfile.TarFile, "addfile", full)
    with pytest.raises(backup.BackupError, match="disken är full"):
        backup.make(backup.Source(whole.data, "0"), tmp_path / "b.tar")

    assert list(tmp_path.iterdir()) == []

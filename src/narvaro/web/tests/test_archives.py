"""An archive that was changed on the way is refused whole, and nothing of it is left."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from narvaro.web import backup
from narvaro.web.tests.installation import Installation, copy_of

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def whole(model: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with something in it, made once and never changed."""
    with copy_of(model, tmp_path_factory.mktemp("whole") / "data") as made:
        made.python(
            "from narvaro.core.models import Authority\nfrom narvaro.records.testing import a_kept\n"
            "authority = Authority.objects.first()\na_kept(authority, 'Liten')\n"
            "a_kept(authority, 'Stor', raw=bytes(70000))"
        )
        yield made


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

"""Backup of a running installation, and its restoration: whole, verified, or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from narvaro.web.tests.installation import Installation, fresh_database

pytestmark = pytest.mark.seldom

WRITE_SECONDS = 60.0
PAGE = 21  # items in what the writer captures at a time
COUNT = """
from narvaro.records.models import Item
print(Item.objects.everywhere("test").count())
"""


@pytest.fixture
def elsewhere(installed: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An empty place to restore to."""
    with fresh_database() as url:
        yield installed.at(tmp_path / "restored", NARVARO_DATABASE_URL=url)


class Writer:
    """Somebody who captures all the time, and tells after each commit how much is committed."""

    def __init__(self, installed: Installation, told: Path) -> None:
        self._told = told
        told.touch()
        command = [sys.executable, "-m", "narvaro.web.tests.writer", str(told)]
        self._process = subprocess.Popen(command, env=installed.environ, stderr=subprocess.PIPE)

    def committed(self, *, at_least: int = 0) -> int:
        """Return how many items are committed; waits until there are `at_least` that many."""
        end = time.monotonic() + WRITE_SECONDS
        while time.monotonic() < end:
            whole = [line for line in self._told.read_text().split("\n")[:-1] if line]
            if whole and int(whole[-1]) >= at_least:
                return int(whole[-1])
            time.sleep(0.05)
        pytest.fail("Nothing was captured.")

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)


@pytest.fixture
def writer(installed: Installation, tmp_path: Path) -> Iterator[Writer]:
    made = Writer(installed, tmp_path / "committed")
    yield made
    made.stop()


def restored(elsewhere: Installation, archive: Path) -> dict[str, object]:
    return elsewhere.told("restore", str(archive), "--into", str(elsewhere.data))


def test_a_backup_taken_while_all_is_written_loses_nothing_that_was_committed(installed, elsewhere, writer, tmp_path):
    before = writer.committed(at_least=100)

    made = installed.told("backup", str(tmp_path / "b.tar"))

    after = writer.committed(at_least=before + PAGE)  # it was written all the while
    writer.stop()
    told = restored(elsewhere, tmp_path / "b.tar")
    kept = int(elsewhere.python(COUNT))
    assert before <= kept <= after + PAGE  # the last page may be kept and not told
    assert told["versions"] == kept
    assert made["missing"] == made["damaged"] == []
    assert made["blobs"] == kept // PAGE
    again = elsewhere.run("verify", "--json")
    assert again.returncode == 0, again.stdout


def test_a_restored_installation_has_its_people_its_keys_and_goes_on(installed, elsewhere, tmp_path):
    installed.run(
        "channel", "add", "--platform", "manual", "--handle", "torget", "--responsible", "admin@storkoping.example"
    )
    seal = (
        "from narvaro.channels import actions, queries\nfrom narvaro.core import queries as core\n"
        "from narvaro.core.types import Actor\nactor = Actor.system(core.all_authorities()[0], 'test')\n"
        "channel = queries.channels(actor)[0]\n"
    )
    installed.python(f"{seal}actions.store_secrets(actor=actor, channel=channel, secrets={{'token': 'hemligt'}})")
    installed.told("backup", str(tmp_path / "b.tar"))

    restored(elsewhere, tmp_path / "b.tar")

    assert elsewhere.python(f"{seal}print(queries.account_of(channel).keeper.secrets()['token'])") == "hemligt\n"
    assert elsewhere.told("unit", "add", "--name", "Ny enhet")["ok"]  # numbers go on after the last
    assert (elsewhere.data / "keys" / "secret_key").read_bytes() == (
        installed.data / "keys" / "secret_key"
    ).read_bytes()
    assert elsewhere.data.stat().st_mode & 0o077 == 0


def test_p02_an_answer_that_waited_when_the_copy_was_made_is_not_sent_again_by_a_machine(
    installed, elsewhere, tmp_path
):
    installed.python(
        "from narvaro.core.models import Authority\nfrom narvaro.core.testing import an_actor\n"
        "from narvaro.records.testing import a_kept\nfrom narvaro.publishing import actions\n"
        "from narvaro.publishing.models import Publication\nfrom datetime import timedelta\n"
        "authority = Authority.objects.first()\nitem = a_kept(authority)\n"
        "actions.publish_answer(actor=an_actor(authority), item=item, text='Klockan sju.')\n"
        "rows = Publication.objects.everywhere('test')\n"
        "rows.update(not_before=rows.get().not_before - timedelta(minutes=1))"
    )
    installed.told("backup", str(tmp_path / "b.tar"))

    told = restored(elsewhere, tmp_path / "b.tar")

    state = (
        "from narvaro.publishing.models import Publication\nprint(Publication.objects.everywhere('test').get().state)"
    )
    assert told["unclear"] == 1
    assert elsewhere.python(state) == "unknown\n"
    assert installed.python(state) == "queued\n"


def test_a_backup_never_writes_over_anything(installed, tmp_path):
    (tmp_path / "b.tar").write_text("min enda kopia")

    done = installed.run("backup", str(tmp_path / "b.tar"))

    assert done.returncode == 2
    assert (tmp_path / "b.tar").read_text() == "min enda kopia"


def test_a_file_that_is_missing_from_the_store_is_told_and_the_rest_is_copied(installed, elsewhere, tmp_path):
    installed.python(
        "from narvaro.core.models import Authority\nfrom narvaro.records.testing import a_kept\n"
        "authority = Authority.objects.first()\n"
        "a_kept(authority, 'Ett', raw=bytes(70000))\na_kept(authority, 'Två', raw=bytes(80000))"
    )
    next(iter(sorted(installed.data.glob("blobs/*/*/*")))).unlink()

    done = installed.run("backup", str(tmp_path / "b.tar"), "--json")

    assert done.returncode == 1
    assert len(json.loads(done.stdout)["missing"]) == 1
    assert json.loads(done.stdout)["blobs"] == 1
    assert elsewhere.run("restore", str(tmp_path / "b.tar"), "--into", str(elsewhere.data)).returncode == 1


def test_an_archive_opened_by_hand_is_checked_with_common_tools(installed, tmp_path):
    installed.told("backup", str(tmp_path / "b.tar"))
    (tmp_path / "out").mkdir()

    subprocess.run(["tar", "-xf", str(tmp_path / "b.tar"), "-C", str(tmp_path / "out")], check=True, timeout=30)
    checked = subprocess.run(
        ["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path / "out", check=False, timeout=30
    )

    assert checked.returncode == 0
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0

"""The database of every release is taken over by the present code, and everything kept in it still holds."""

from __future__ import annotations

import lzma
import os
import re
from pathlib import Path

import pytest

from narvaro.web.tests.installation import Installation, fresh_database

pytestmark = pytest.mark.seldom

FOLDER = Path(__file__).resolve().parent
CHANGES = (FOLDER.parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
DATABASES = ("sqlite", "postgresql")
ENGINE = "postgresql" if os.environ.get("NARVARO_DATABASE_URL") else "sqlite"


def test_every_release_has_left_its_databases():
    released = re.findall(r"^## (\d+\.\d+\.\d+) \(\d{4}-\d{2}-\d{2}\)", CHANGES, re.MULTILINE)

    missing = [f"{version}-{name}" for version in released for name in DATABASES
               if not (FOLDER / f"{version}-{name}.tar.xz").exists()]  # fmt: skip

    assert not missing, "Make them with: .venv/bin/python -m tests.releases.make (see its first lines)"


def test_every_released_database_is_upgraded_and_holds(tmp_path):
    for stored in sorted(FOLDER.glob(f"*-{ENGINE}.tar.xz")):
        version = stored.name.removesuffix(f"-{ENGINE}.tar.xz")
        archive = tmp_path / f"{version}.tar"
        archive.write_bytes(lzma.decompress(stored.read_bytes()))
        with fresh_database() as url:
            old = Installation(tmp_path / version, database_url=url)

            told = old.told("restore", str(archive), "--into", str(old.data))

            assert told["versions"] > 20, version
            assert old.told("verify")["authorities"][0]["holds"], version
            findings = {each["what"]: each["state"] for each in old.told_whatever("doctor")["findings"]}
            assert findings["migrations"] == findings["guards"] == "ok", version
            hits = old.told("search", "barnvagnar")["hits"]
            assert [hit["author"] for hit in hits] == ["Förälder med vagn"], version

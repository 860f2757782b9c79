"""
Store the database of a release, so that every later version proves that it can take it over.

    .venv/bin/python -m tests.releases.make                                  SQLite
    .venv/bin/python tools/with_postgres .venv/bin/python -m tests.releases.make    PostgreSQL

Run it once for each database when a version is released, and commit tests/releases/<version>-<database>.tar.xz:
a backup of the demo with something in it, made by that version itself.
"""

from __future__ import annotations

import lzma
import os
import sys
import tempfile
from pathlib import Path

import narvaro
from narvaro.web.tests.installation import Installation

FOLDER = Path(__file__).resolve().parent

MORE = """
from narvaro.channels import queries as channels
from narvaro.connectors.port import Author, Item, Kind, Page
from narvaro.base.clock import now
from narvaro.core import ledger, queries
from narvaro.core.types import Actor
from narvaro.records import actions
authority = queries.all_authorities()[0]
channel = channels.channels(Actor.system(authority, "release"))[0]
for text in ("Så här stod det först.", "Så här står det nu."):
    author = Author("r", "r@invanare.example", "Läsare")
    item = Item("release:1", Kind.COMMENT, author, text, now(), text.encode() * 4000)
    actions.capture(channel=channel, page=Page((item,), ""))
actions.capture_gone(channel=channel, remote_ids=["release:1"])
ledger.sequence(authority)
"""


def main() -> int:
    url = os.environ.get("NARVARO_DATABASE_URL", "")
    target = FOLDER / f"{narvaro.__version__}-{'postgresql' if url else 'sqlite'}.tar.xz"
    if target.exists():
        sys.exit(f"{target.name} is there already. What was released is not made again.")
    with tempfile.TemporaryDirectory(prefix="narvaro-release-") as room:
        made = Installation(Path(room) / "data", database_url=url)
        made.told("demo")
        made.python(MORE)
        made.told("verify")
        made.told("backup", f"{room}/b.tar")
        target.write_bytes(lzma.compress((Path(room) / "b.tar").read_bytes(), preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

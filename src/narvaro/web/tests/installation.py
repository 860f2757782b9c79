"""An installation of its own for a test: a data folder, a database, and the command `narvaro` as a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from narvaro.testing import tables

COMMAND_SECONDS = 120.0


class Installation:
    """Runs commands in a folder; `database_url` "" is SQLite in it."""

    def __init__(self, data: Path, *, database_url: str = "", **settings: str) -> None:
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("NARVARO_", "PORT", "LC_"))}
        self.data = data
        self.environ = {
            **mine,
            "LANG": "C.UTF-8",
            "NARVARO_DATA": str(data),
            "NARVARO_DATABASE_URL": database_url,
            "NARVARO_TESTING": "true",
            "NARVARO_ALLOW_PRIVATE_HOSTS": "true",
            "DJANGO_SETTINGS_MODULE": "narvaro.web.settings",
            **settings,
        }

    def at(self, data: Path, **settings: str) -> Installation:
        """Return the same installation with another folder."""
        other = Installation(data)
        other.environ = {**self.environ, "NARVARO_DATA": str(data), **settings}
        return other

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "narvaro.web.command", *words]
        return subprocess.run(
            command, env=self.environ, input=typed, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )

    def told(self, *words: str) -> dict[str, Any]:
        """Run a command that must succeed, and return its JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def told_whatever(self, *words: str) -> dict[str, Any]:
        """Run a command that may find something wrong, and return its JSON."""
        found: dict[str, Any] = json.loads(self.run(*words, "--json").stdout)
        return found

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "narvaro.web.command", *words]
        return subprocess.Popen(
            command, env=self.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip

    def python(self, program: str) -> str:
        """Run a program with the product loaded; it must succeed. Returns what it printed."""
        loaded = f"import django\ndjango.setup()\n{program}"
        done = subprocess.run(
            [sys.executable, "-c", loaded], env=self.environ, capture_output=True, text=True, timeout=COMMAND_SECONDS,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def with_tables(data: Path) -> Iterator[Installation]:
    """Yield an installation that finds its tables made, where a run has made any; its first start is not tried."""
    tables.begin_from_them(data / "narvaro.sqlite3")
    with fresh_database(like=f"/{tables.kept_in_server()}") as url:
        yield Installation(data, database_url=url)


@contextmanager
def fresh_database(*, like: str = "") -> Iterator[str]:
    """Yield the address of a database beside the suite's, a copy or empty; "" when the suite runs on SQLite."""
    suite = os.environ.get("NARVARO_DATABASE_URL", "")
    if not suite:
        yield ""
        return
    import psycopg

    name = f"narvaro_{uuid4().hex[:12]}"
    template = urlsplit(like).path.removeprefix("/")
    with psycopg.connect(suite, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            template = "template1"
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield urlsplit(suite)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def copy_of(model: Installation, data: Path) -> Iterator[Installation]:
    """Yield an installation at rest, copied: making the tables takes longer than copying them."""
    shutil.copytree(model.data, data)
    with fresh_database(like=model.environ["NARVARO_DATABASE_URL"]) as url:
        yield model.at(data, NARVARO_DATABASE_URL=url)

"""A PostgreSQL of one's own: a temporary folder, a free port on 127.0.0.1, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from narvaro.testing.folders import temporary
from narvaro.testing.servers.child import Child, as_user, free_ports
from narvaro.testing.servers.processes import ServerMissing

# Tests want speed, not survival of a power cut. A bench that compares durability asks for durable=True.
# Statistics gathered while a test's rows wait to be rolled back say that a table of thousands is empty; plans follow.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
_CLUSTER = ("-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
_BIN_VARIABLE = "NARVARO_TEST_POSTGRES_BIN"


class PostgresServer:
    """
    A running PostgreSQL server, as a context manager.

    Runs as user postgres when we are root, since PostgreSQL refuses root. Trusts everyone on loopback.

    Args:
        durable: Keep fsync on, as in operation.
        settings: Further settings as "name=value".

    Raises:
        ServerMissing: The server programs are not installed; the message says how.
        ServerFailed: It did not come up within 30 seconds.
    """

    def __init__(self, *, durable: bool = False, settings: tuple[str, ...] = ()) -> None:
        self._settings = (*(() if durable else _FAST), *settings)
        self.folder: Path | None = None  # user postgres must reach it, so it stands in the common temporary folder
        self._child: Child | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The address of the maintenance database."""
        return self._url_of("postgres")

    def fresh_database(self, name: str = "") -> str:
        """Create an empty database (UTF-8, Unicode code point order) and return its address."""
        name = name or f"t{uuid4().hex[:12]}"
        self.execute(f'CREATE DATABASE "{name}"')
        return self._url_of(name)

    def drop_database(self, url: str) -> None:
        """Remove a database made by `fresh_database`, also while something is connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def execute(self, sql: str, *, url: str = "") -> str:
        """Run SQL with psql (in the maintenance database unless told) and return what it prints."""
        command = [_program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, url or self.url]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    def start(self) -> Self:
        """Create the cluster and start it; returns itself."""
        self.folder = temporary("postgres")
        try:
            user = _user()
            if user:
                shutil.chown(self.folder, user, user)
            data = self.folder / "data"
            subprocess.run(
                [_program("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", *_CLUSTER],
                check=True,
                capture_output=True,
                text=True,
                timeout=120,
                cwd=self.folder,
                **as_user(user),
            )
            (self.port,) = free_ports(1)
            settings = (f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *self._settings)
            command = [_program("postgres"), "-D", str(data), *(part for each in settings for part in ("-c", each))]
            # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
            self._child = Child(command, log=self.folder / "log", cwd=self.folder, user=user, ends_on=signal.SIGINT)
            ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
            self._child.wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, seconds=30)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server and remove its folder. May be called again."""
        if self._child is not None:
            self._child.stop()
            self._child = None
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _url_of(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


def installed() -> bool:
    """Return whether a PostgreSQL server can be started here."""
    try:
        _program("initdb")
    except ServerMissing:
        return False
    return True


def _program(name: str) -> str:
    told = os.environ.get(_BIN_VARIABLE, "")
    folders = [Path(told)] if told else []
    # Debian keeps server programs out of PATH; the newest version first.
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]), reverse=True)
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise ServerMissing(
            f"PostgreSQL's program {name} is missing. Install it (Debian: apt-get install postgresql), "
            f"or set {_BIN_VARIABLE} to its folder."
        )
    return found


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    pwd.getpwnam("postgres")  # a KeyError here says that the package is not installed
    return "postgres"

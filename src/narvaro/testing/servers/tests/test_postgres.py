"""A PostgreSQL of one's own: empty databases, and nothing left behind however the owner ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import pytest

from narvaro.testing.servers.child import answers
from narvaro.testing.servers.postgres import PostgresServer

pytestmark = pytest.mark.server


def test_databases_are_empty_and_apart_and_the_server_is_gone_afterwards() -> None:
    with PostgresServer() as server:
        first, second = server.fresh_database(), server.fresh_database()
        server.execute("CREATE TABLE åäö (x text)", url=first)
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"

        assert server.execute(tables, url=first).strip() == "1"
        assert server.execute(tables, url=second).strip() == "0"

    assert not answers(server.port)


def test_the_server_ends_with_an_owner_that_is_killed() -> None:
    program = (
        "import os; from narvaro.testing.servers.postgres import PostgresServer; "
        "server = PostgresServer().start(); print(server.port, server.folder, flush=True); os.kill(os.getpid(), 9)"
    )
    owner = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    port, folder = int(owner.stdout.split()[0]), owner.stdout.split()[1]

    until = time.monotonic() + 10
    while answers(port) and time.monotonic() < until:
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)
    assert owner.returncode == -9
    assert not answers(port)

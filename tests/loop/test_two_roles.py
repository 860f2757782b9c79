"""A careful installation on PostgreSQL: one role owns the tables, the product connects as another."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from narvaro.testing.servers.postgres import PostgresServer

pytestmark = pytest.mark.server


def narvaro(folder, urls, *words):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NARVARO_", "DJANGO_"))}
    environment |= {"NARVARO_DATA": str(folder), "NARVARO_DATABASE_URL": urls[0], "NARVARO_DATABASE_OWNER_URL": urls[1]}
    command = [sys.executable, "-m", "narvaro.web.command", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_product_works_as_a_role_that_owns_nothing(tmp_path):
    with PostgresServer() as server:
        url = server.fresh_database("narvaro_roles")
        for role in ("narvaro_owner", "narvaro_app"):
            server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'hemligt' NOSUPERUSER NOBYPASSRLS", url=url)
        server.execute("ALTER SCHEMA public OWNER TO narvaro_owner", url=url)
        owner, application = (url.replace("postgres@", f"{role}:hemligt@") for role in ("narvaro_owner", "narvaro_app"))

        loaded = narvaro(tmp_path, (application, owner), "demo")
        verified = narvaro(tmp_path, (application, owner), "verify")

        assert loaded.returncode == 0, loaded.stderr
        assert verified.returncode == 0, verified.stdout + verified.stderr
        with psycopg.connect(application) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("TRUNCATE records_version CASCADE")
        with psycopg.connect(application) as connection:
            connection.execute("SELECT set_config('narvaro.authorities', '0', false)")
            assert connection.execute("SELECT count(*) FROM records_version").fetchone() == (0,)

"""A careful installation on PostgreSQL: one role owns the tables, the product connects as another."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psycopg
import pytest

from narvaro.testing.servers.postgres import PostgresServer

pytestmark = [pytest.mark.server, pytest.mark.seldom]


def narvaro(folder, urls, *words):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NARVARO_", "DJANGO_"))}
    environment |= {"NARVARO_DATA": str(folder), "NARVARO_DATABASE_URL": urls[0], "NARVARO_DATABASE_OWNER_URL": urls[1]}
    command = [sys.executable, "-m", "narvaro.web.command", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def database_of_two(server, name):
    """Return the addresses of an empty database for the role that owns the tables, and for the product's own."""
    url = server.fresh_database(name)
    server.execute(f"ALTER DATABASE {name} OWNER TO narvaro_owner")
    return tuple(url.replace("postgres@", f"{role}:hemligt@") for role in ("narvaro_owner", "narvaro_app"))


def test_the_product_works_as_a_role_that_owns_nothing(tmp_path):
    with PostgresServer() as server:
        for role in ("narvaro_owner", "narvaro_app"):
            server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'hemligt' NOSUPERUSER NOBYPASSRLS")
        owner, application = database_of_two(server, "narvaro_roles")

        loaded = narvaro(tmp_path, (application, owner), "demo")
        verified = narvaro(tmp_path, (application, owner), "verify")

        assert loaded.returncode == 0, loaded.stderr
        assert verified.returncode == 0, verified.stdout + verified.stderr
        with psycopg.connect(application) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("TRUNCATE records_version CASCADE")
        with psycopg.connect(application) as connection:
            connection.execute("SELECT set_config('narvaro.authorities', '0', false)")
            assert connection.execute("SELECT count(*) FROM records_version").fetchone() == (0,)

        again_owner, again = database_of_two(server, "narvaro_restored")
        copied = narvaro(tmp_path, (application, owner), "backup", str(tmp_path / "copy.tar"))
        refused = narvaro(
            tmp_path, (application, owner), "restore", str(tmp_path / "copy.tar"), "--into", str(tmp_path / "elsewhere")
        )
        restored = narvaro(tmp_path, (again, again_owner), "restore", str(tmp_path / "copy.tar"),
                           "--into", str(tmp_path / "restored"))  # fmt: skip
        server.execute("ALTER TABLE core_unit NO FORCE ROW LEVEL SECURITY", url=again_owner)
        mended = narvaro(tmp_path / "restored", (again, again_owner), "doctor", "--repair", "--json")

        assert copied.returncode == 0, copied.stderr
        assert refused.returncode == 2
        assert "inte tom" in refused.stderr
        assert restored.returncode == 0, restored.stderr
        assert {"what": "wall", "state": "ok"}.items() <= next(
            each for each in json.loads(mended.stdout)["findings"] if each["what"] == "wall"
        ).items(), mended.stdout
        with psycopg.connect(again) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("TRUNCATE records_version CASCADE")

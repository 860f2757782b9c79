"""Tables that were copied are those that migrating makes, and only a test's own database is filled so."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from narvaro.testing import tables


@pytest.mark.django_db
def test_every_migration_is_there_and_none_is_left_to_do():
    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.one_database
def test_an_installation_begins_from_what_is_kept_and_never_over_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_KEPT", tmp_path / "kept")
    database = tmp_path / "data" / "narvaro.sqlite3"
    tables.begin_from_them(database)
    assert not database.exists()  # nothing was kept yet

    (tmp_path / "kept").mkdir()
    with closing(sqlite3.connect(tmp_path / "kept" / f"{tables._key()}.sqlite3")) as kept:
        kept.execute("CREATE TABLE kept (id)")
    tables.begin_from_them(database)
    with closing(sqlite3.connect(database)) as own:
        assert own.execute("SELECT name FROM sqlite_master").fetchall() == [("kept",)]

    database.write_bytes(b"mine")
    tables.begin_from_them(database)
    assert database.read_bytes() == b"mine"

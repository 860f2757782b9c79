"""What is confirmed is on the disk: asked of every connection, and of the order in which things are written."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from PIL import Image

from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.media import store
from narvaro.media.actions import add_picture

CONNECTIONS = 3


def in_threads(ask: Callable[[], Any]) -> list[Any]:
    """Ask on this connection and on some of other threads, each with its own."""

    def asked() -> Any:
        try:
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as others:
        return [ask(), *(each.result() for each in [others.submit(asked) for _ in range(CONNECTIONS)])]


def shown(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_ark_3_every_connection_commits_to_the_disk():
    """SQLite is told so by each connection; PostgreSQL's server is, and no connection may lower what it was told."""
    if connection.vendor == "sqlite":
        found = in_threads(
            lambda: [shown(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "secure_delete")]
        )
        wanted: Any = ["wal", 2, 1]
    else:
        lowered = (
            "SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') "
            "AND source IN ('client', 'session', 'user', 'database', 'database user')"
        )
        found, wanted = in_threads(lambda: shown(lowered)), []

    assert found == [wanted] * (CONNECTIONS + 1)


@pytest.mark.django_db(transaction=True)
def test_a_writer_takes_its_turn_before_it_reads():
    """A transaction that reads first and writes later would fail half-way on SQLite when another wrote between."""
    if connection.vendor == "sqlite":

        def mode() -> str:
            connection.ensure_connection()
            return str(connection.transaction_mode)

        assert set(in_threads(mode)) == {"IMMEDIATE"}
    else:
        assert connection.features.has_select_for_update_skip_locked


@pytest.mark.django_db(transaction=True)
def test_ark_3_a_file_and_its_name_are_on_the_disk_before_the_row_that_points_at_it(monkeypatch):
    authority = an_authority()
    actor = an_actor(authority, role=Role.REPRESENTATIVE)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "#14596b").save(picture, "PNG")
    happened: list[str] = []
    write_through = os.fsync

    def watched(descriptor: int) -> None:
        write_through(descriptor)
        happened.append(os.readlink(f"/proc/self/fd/{descriptor}"))

    monkeypatch.setattr(os, "fsync", watched)
    with transaction.atomic():
        transaction.on_commit(lambda: happened.append("committed"))
        kept = add_picture(actor=actor, content=picture.getvalue(), alt="En grön ruta")

    path: Path = store._path(authority.pk, kept.digest)
    file, folder = happened.index(next(h for h in happened if kept.digest in h)), happened.index(str(path.parent))
    assert file < folder < happened.index("committed")
    assert path.exists()

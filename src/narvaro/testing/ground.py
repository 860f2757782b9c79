"""
The suite's ground, loaded by pytest before anything else: a data folder of its own, away from any real one.

`NARVARO_DATABASE_URL` names the database; without it the suite runs on SQLite.
"""

from __future__ import annotations

import os
import signal
import zlib
from types import FrameType
from typing import Any

import pytest
from hypothesis import settings

from narvaro.testing import dealing, tables, turns
from narvaro.testing.folders import temporary

_RUN = os.getpid()
_SHOWN = 60


def _end(number: int, _frame: FrameType | None) -> None:
    if os.getpid() != _RUN:
        os._exit(128 + number)
    raise KeyboardInterrupt  # as from the keyboard: fixtures end their servers and folders


signal.signal(signal.SIGTERM, _end)
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever is started in the background inherits deafness

for _name in [name for name in os.environ if name.startswith("NARVARO_") and name != "NARVARO_DATABASE_URL"]:
    if not _name.startswith("NARVARO_TEST_"):
        del os.environ[_name]
os.environ["NARVARO_DATA"] = str(temporary("data"))
os.mkdir(os.path.join(os.environ["NARVARO_DATA"], "static"))  # nothing is collected, and nothing is missed
os.environ["NARVARO_TESTING"] = "true"
settings.register_profile("narvaro", deadline=None)  # what something may take is asked for by name (effort.py)
settings.load_profile("narvaro")
os.environ["NARVARO_ALLOW_PRIVATE_HOSTS"] = "true"


def pytest_sessionstart() -> None:
    """Give each process its tables, and let tests that commit for real empty them; the guards come back by signal."""
    from django.core.management.commands import flush
    from django.db import connection

    empty = flush.Command.handle

    def without_guards(self: Any, **options: Any) -> None:
        from narvaro.records import guards

        with connection.cursor() as cursor:
            for statement in guards.removal():
                cursor.execute(statement)
        empty(self, **options)

    flush.Command.handle = without_guards  # type: ignore[method-assign]
    tables.copy_what_was_made()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test by what it is tried with only where that is short: each process tells the others every name."""
    if not isinstance(val, str | bytes) or len(val) <= _SHOWN:
        return None
    written = val if isinstance(val, bytes) else val.encode(errors="surrogatepass")
    return f"{ascii(val[:_SHOWN])[:_SHOWN]}-{zlib.crc32(written):08x}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is tried on the other database this time."""
    own = "postgresql" if os.environ.get("NARVARO_DATABASE_URL") else "sqlite"
    kept, left = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        database, chose = turns.database_of(item, own)
        runs_once = any(item.get_closest_marker(name) for name in ("one_database", "journey", "crash"))
        if item.get_closest_marker("seldom"):
            is_tried = turns.comes_round(item.nodeid)
        elif item.get_closest_marker("server") and item.nodeid.startswith(turns.CONNECTORS):
            is_tried = turns.asks_servers_now(item.nodeid.partition("::")[0])
        else:
            name = item.nodeid.partition("[")[0]
            is_tried = turns.is_tried(name, database=database, is_of_both=chose or not runs_once)
        (kept if is_tried else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
    if not any(item.get_closest_marker("journey") for item in kept):  # those have an order of their own
        kept = dealing.longest_first(kept)
    items[:] = kept


@pytest.hookimpl(optionalhook=True)  # asked for by xdist, and only where there is more than one process
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out whole files, and what needs the same servers together."""
    return dealing.Dealt(config, log) if config.getoption("dist") == "loadfile" else None

"""
Django's PostgreSQL, whose session is told whose rows it may see: late, and only when that is something else.

To say it cost four statements of six when somebody asked whose an account is. It is said before the first statement
that could read or write anything, and never inside a transaction that was begun under other words: what is said there
is undone with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from narvaro.core.postgresql import ALL, SETTING


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection with what its session shall see (`see`) and what it was last told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sees = ALL
        self._told = ALL
        self.execute_wrappers.append(self._told_first)

    def see(self, value: str) -> None:
        """Say whose rows the statements from now on may see: an authority's key, or `ALL`."""
        self.sees = value
        if self.in_atomic_block:
            self._tell()

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self._told = ALL
        with self.cursor() as cursor:
            # Questions here take milliseconds and look large: to compile them first took longer than to answer.
            # And disks no longer turn: a row found by an index costs hardly more than the next one in the table.
            cursor.execute("SET jit = off; SET random_page_cost = 1.1")

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        if not autocommit:  # a transaction begins
            self.close_if_health_check_failed()
            self.ensure_connection()
            self._tell()
        super().set_autocommit(autocommit, *args, **kwargs)

    def _told_first(self, execute: Callable[..., Any], *call: Any) -> Any:
        if not self.in_atomic_block:
            self._tell()
        return execute(*call)

    def _tell(self) -> None:
        if self._told == self.sees:
            return
        before, self._told = self._told, self.sees
        try:
            with self.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, self.sees])
        except Exception:
            self._told = before
            raise

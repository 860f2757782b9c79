"""
Django's cache, in the database: what is counted for a short while holds for every web process alike.

Signing in uses it: attempts that count towards a limit, and one-time codes that were used; and so do the codes with
which anybody complains or fetches an answer (`moderation.tries`). So a limit is one limit however many processes
answer, and outlives a restart. Names are stored as hashes, since they hold addresses of the network; values are JSON.
Nothing here is fast enough to be a cache of pages, nor meant to be.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from narvaro.base.clock import now
from narvaro.core.models import Remembered

LONGEST = timedelta(days=1)  # what is asked to be kept without end is kept this long

_PUT = (
    f"INSERT INTO {Remembered._meta.db_table} (name, value, until_at) VALUES (%s, %s, %s) "  # noqa: S608 - our table
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value, until_at = excluded.until_at"
)
_PUT_NEW = f"{_PUT} WHERE {Remembered._meta.db_table}.until_at <= %s"


class TableCache(BaseCache):
    """A cache that all processes share; each call is one statement, and `add` is given to one caller only."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a value where none stands; return whether this caller did."""
        moment = now()
        with connection.cursor() as cursor:
            cursor.execute(_PUT_NEW, [*self._row(key, value, timeout, version, moment), _stored(moment)])
            return bool(cursor.rowcount == 1)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        rows = Remembered.objects.filter(name=self._name(key, version), until_at__gt=now())
        found = rows.values_list("value", flat=True).first()
        return default if found is None else json.loads(found)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_PUT, self._row(key, value, timeout, version, now()))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        moment = now()
        rows = Remembered.objects.filter(name=self._name(key, version), until_at__gt=moment)
        return bool(rows.update(until_at=moment + self._length(timeout)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(Remembered.objects.filter(name=self._name(key, version)).delete()[0])

    def clear(self) -> None:
        Remembered.objects.all().delete()

    def _row(self, key: Any, value: Any, timeout: Any, version: int | None, moment: datetime) -> list[Any]:
        return [self._name(key, version), json.dumps(value), _stored(moment + self._length(timeout))]

    def _name(self, key: Any, version: int | None) -> str:
        return hashlib.sha256(str(self.make_key(key, version=version)).encode()).hexdigest()

    def _length(self, timeout: Any) -> timedelta:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return LONGEST if seconds is None else min(timedelta(seconds=seconds), LONGEST)


def forget_past() -> int:
    """Throw away what is past; returns how much."""
    return int(Remembered.objects.filter(until_at__lte=now()).delete()[0])


def _stored(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)

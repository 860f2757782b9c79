"""Rows by many keys, told to the database as one value: hundreds one by one take longer to write than to find."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func


class Among(Func):
    """
    Whether a column of whole numbers, such as "pk" or "message_id", is one of these keys; for use in a filter.

    No key gives no rows.
    """

    output_field = BooleanField()

    def __init__(self, name: str, keys: Iterable[int]) -> None:
        super().__init__(F(name))
        self.keys = list(keys)

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        return self._written(compiler, "{} IN (SELECT value FROM JSON_EACH(%s))", json.dumps(self.keys))

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        return self._written(compiler, "{} = ANY(%s::bigint[])", self.keys)

    def _written(self, compiler: Any, template: str, keys: Any) -> tuple[str, list[Any]]:
        (column,) = self.get_source_expressions()
        name, given = compiler.compile(column)
        return template.format(name), [*given, keys]

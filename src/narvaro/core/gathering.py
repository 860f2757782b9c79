"""
Rows of several tables in one statement: a page that shows many kinds of things asks the database once.

Each part is a query set of its own, with the names it needs of related rows; the parts are united and read
back as model instances. What is not fetched is deferred as usual: touching it asks the database, it never lies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.db.models import F, Func, QuerySet, Value


@dataclass(frozen=True, slots=True)
class Part:
    """
    Rows to fetch with others.

    Args:
        rows: Which rows; order and limits are lost, a limit belongs in a subquery on the key.
        names: Columns of related rows, such as "by__name"; relations may be several steps long.
        without: Columns to leave alone; binary ones always are.
    """

    rows: QuerySet[Any]
    names: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def gathered(parts: Mapping[str, Part]) -> dict[str, list[Any]]:
    """
    Return the rows of every part, by its name, each ordered by key. One statement however many parts.

    Rows that no part can have (an empty query set) cost nothing. No part at all gives {}.
    """
    found: dict[str, list[Any]] = {name: [] for name in parts}
    asked = [_asked(name, part) for name, part in parts.items() if not part.rows.query.is_empty()]
    if not asked:
        return found
    rows = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]
    columns = {name: _columns(part) for name, part in parts.items()}
    for name, content in rows:
        values = json.loads(content) if isinstance(content, str) else content
        found[name].append(_instance(parts[name], dict(zip(columns[name], values, strict=True))))
    for listed in found.values():
        listed.sort(key=lambda row: row.pk)
    return found


def _asked(name: str, part: Part) -> QuerySet[Any]:
    content: Any = _Row(_fields(part.rows.model, part.without), _related(part.names))
    rows = part.rows.select_related(None).order_by()
    kind: Any = Value(name, output_field=models.CharField())
    asked: QuerySet[Any] = rows.annotate(part_=kind, content_=content).values_list("part_", "content_")
    return asked


class _Row(Func):
    """
    A row as one JSON array: its own columns, then those of related rows.

    Its own columns are written as they are called: to resolve them one by one takes longer than to fetch them.
    """

    output_field = models.TextField()

    def __init__(self, fields: Sequence[Any], related: Sequence[str]) -> None:
        super().__init__(F("pk"), *map(F, related))
        self.columns = [field.column for field in fields]

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, tuple[Any, ...]]:
        return self._written("JSON_ARRAY", compiler, connection)

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, tuple[Any, ...]]:
        return self._written("JSONB_BUILD_ARRAY", compiler, connection)

    def _written(self, function: str, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        key, *related = self.get_source_expressions()
        table, quoted = compiler.quote_name_unless_alias(key.alias), connection.ops.quote_name
        compiled = [compiler.compile(each) for each in related]
        columns = [f"{table}.{quoted(column)}" for column in self.columns] + [sql for sql, _given in compiled]
        return f"{function}({', '.join(columns)})", tuple(value for _sql, given in compiled for value in given)


def _columns(part: Part) -> list[str]:
    """Return what the places in a row's array are called."""
    return [field.attname for field in _fields(part.rows.model, part.without)] + _related(part.names)


def _related(names: tuple[str, ...]) -> list[str]:
    return [*names, *(f"{start}__pk" for start in _relations(names))]


def _fields(model: type[models.Model], without: tuple[str, ...] = ()) -> list[Any]:
    fields = model._meta.concrete_fields
    return [f for f in fields if not isinstance(f, models.BinaryField) and f.name not in without]


def _relations(names: tuple[str, ...]) -> list[str]:
    starts: dict[str, None] = {}
    for path in names:
        steps = path.split("__")[:-1]
        starts |= dict.fromkeys("__".join(steps[: end + 1]) for end in range(len(steps)))
    return list(starts)


def _instance(part: Part, values: dict[str, Any]) -> Any:
    row = _made(part.rows.model, {f.attname: values[f.attname] for f in _fields(part.rows.model, part.without)})
    _relate(row, "", part.names, values)
    return row


def _relate(row: Any, start: str, names: tuple[str, ...], values: dict[str, Any]) -> None:
    """Put the related rows of `names` on a row, and theirs on them."""
    for relation in {path.split("__")[0] for path in names if "__" in path}:
        below = tuple(path.split("__", 1)[1] for path in names if path.startswith(f"{relation}__"))
        prefix = f"{start}{relation}__"
        model = row._meta.get_field(relation).related_model
        related = None
        if values[f"{prefix}pk"] is not None:
            own = {name: values[prefix + name] for name in below if "__" not in name}
            related = _made(model, {model._meta.pk.attname: values[f"{prefix}pk"], **own})
            _relate(related, prefix, below, values)
        setattr(row, relation, related)


def _made(model: type[models.Model], values: dict[str, Any]) -> Any:
    fields = [f for f in model._meta.concrete_fields if f.attname in values]
    return model.from_db(
        connection.alias, [f.attname for f in fields], [_read(f, values[f.attname]) for f in fields]
    )  # fmt: skip


def _read(field: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, models.ForeignKey):
        return _read(field.target_field, value)
    if isinstance(field, models.DateTimeField):
        at = datetime.fromisoformat(value)
        return at if at.tzinfo else at.replace(tzinfo=UTC)  # SQLite keeps UTC without saying so
    if isinstance(field, models.JSONField):
        return json.loads(value) if isinstance(value, str) else value
    return field.to_python(value)

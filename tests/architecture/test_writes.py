"""Only actions write: whoever reads `actions` has read every change that can happen."""

import ast
import re

import pytest

from tests.architecture.source import Module, listed, product

SURE_WRITES = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "abulk_create", "acreate", "asave"}
WRITES_ON_ROWS = {"create", "update", "delete", "_raw_delete"}
ROW_WORDS = {"objects", "filter", "exclude", "of", "everywhere", "all", "select_for_update", "_unscoped", "using"}
SQL_WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|COPY)\b", re.IGNORECASE)

READING_ROOMS_OF_CORE = {"views", "urls", "api", "queries", "rules", "types", "templatetags", "middleware"}
ADAPTERS = {
    "narvaro.records.bulk",  # capture writes in bulk, in this one place
    "narvaro.records.sequencer",  # positions in the ledger
    "narvaro.records.index",  # search: can be made again from the records
    "narvaro.channels.custody",  # a platform's keys, renewed under lock while a connector works
}


def may_write(module: Module) -> bool:
    if module.room in ("actions", "migrations"):
        return True
    if module.capability == "core":
        return module.room not in READING_ROOMS_OF_CORE
    return any(module.name == adapter or module.name.startswith(adapter + ".") for adapter in ADAPTERS)


def writes(module: Module) -> list[str]:
    """Return where a module changes rows: through the ORM, or by SQL of its own."""
    problems = []
    for node in module.nodes:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        verb, chain = node.func.attr, _words(node.func.value)
        is_write = (
            verb in SURE_WRITES
            or (verb in WRITES_ON_ROWS and bool(chain & ROW_WORDS))
            # A model's save() and delete() take no positional arguments; a picture's and a client's do.
            or (verb in ("save", "delete", "adelete") and not node.args and "super" not in chain)
            or (verb in ("execute", "executemany", "copy") and _is_sql_write(node))
        )
        if is_write:
            problems.append(f"{module}:{node.lineno} calls .{verb}(); only actions write")
    return problems


def _words(node: ast.AST) -> set[str]:
    """Return the names in a chain such as Item.objects.filter(...)."""
    words: set[str] = set()
    while True:
        if isinstance(node, ast.Attribute):
            words.add(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Name):
            return words | {node.id}
        else:
            return words


def _is_sql_write(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.JoinedStr):
        first = first.values[0] if first.values else None
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and bool(SQL_WRITE.match(first.value))


def test_only_actions_write():
    problems = [problem for module in product() if not may_write(module) for problem in writes(module)]

    assert not problems, listed(problems)


@pytest.mark.parametrize(
    "line",
    [
        "item.save()",
        "item.save(update_fields=['state'])",
        "item.delete()",
        "Item.objects.create(text='x')",
        "Item.objects.of(actor).filter(pk=1).update(state='x')",
        "Item.objects.everywhere('x').bulk_create(rows)",
        "Item.objects.get_or_create(pk=1)",
        "cursor.execute('  update inbox_item set state = 1')",
        "cursor.execute(f'INSERT INTO {table} VALUES (1)')",
    ],
)
def test_a_write_is_seen(line):
    assert writes(Module("narvaro.inbox.views", line))


@pytest.mark.parametrize(
    "line",
    [
        "words.update(more)",
        "digest.update(b'x')",
        "picture.save(file, 'PNG')",
        "client.delete(address)",
        "cursor.execute('SELECT 1')",
        "Item.objects.of(actor).filter(pk=1).first()",
    ],
)
def test_what_is_no_write_is_let_be(line):
    assert not writes(Module("narvaro.inbox.views", line))


@pytest.mark.parametrize(
    ("name", "allowed"), [("inbox.actions.answer", True), ("inbox.tasks", False), ("core.jobs", True)]
)
def test_rooms_that_may_write_are_known(name, allowed):
    assert may_write(Module(f"narvaro.{name}", "")) is allowed

"""The source tree as the architecture tests see it: floors, capabilities, rooms, modules, templates."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "narvaro"

PURE = ("base", "screening", "connectors", "formats")
ROOMS_OPEN_TO_ALL = ("types", "rules", "queries", "actions")


@lru_cache(maxsize=1)
def floors() -> dict[str, int]:
    """Return each capability's floor, counted from the ground; read from the import contract, told only there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = [each for each in project["tool"]["importlinter"]["contracts"] if each["id"] == "floors"]
    storeys = [re.findall(r"\w+", storey) for storey in contract["layers"]]
    return {name: floor for floor, storey in enumerate(reversed(storeys)) for name in storey}


def may_lean_on(upper: str, lower: str) -> bool:
    """Return whether capability `upper` stands above `lower`, or is the same."""
    return upper == lower or floors()[upper] > floors()[lower]


@dataclass(frozen=True)
class Module:
    """One Python file: where it stands, and what is written in it."""

    name: str  # narvaro.inbox.actions.answer
    text: str
    is_package: bool = False

    @property
    def capability(self) -> str:
        """The second word of the name: inbox."""
        return ".".join(self.name.split(".")[1:2])

    @property
    def room(self) -> str:
        """The third word of the name: actions; "" for the capability's own file."""
        return ".".join(self.name.split(".")[2:3])

    @property
    def is_for_tests(self) -> bool:
        return bool({"tests", "testing", "conftest"} & set(self.name.split(".")))

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    def __str__(self) -> str:
        return self.name


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Return every module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        words = ("narvaro", *path.relative_to(PACKAGE).with_suffix("").parts)
        is_package = words[-1] == "__init__"
        name = ".".join(words[:-1] if is_package else words)
        found.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return tuple(found)


def product() -> tuple[Module, ...]:
    """Return the modules that people run: tests and builders left out."""
    return tuple(module for module in modules() if not module.is_for_tests)


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """
    Yield (line, full name) of what a module imports when it runs.

    `from narvaro.inbox import queries` yields narvaro.inbox.queries. What is imported for the type
    checker alone is left out: it is a name, not a dependency.
    """
    for_types: set[ast.AST] = set()
    for node in module.nodes:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for_types.update(inner for statement in node.body for inner in ast.walk(statement))
    for node in module.nodes:
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{_absolute(module, node)}.{alias.name}") for alias in node.names)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    up = node.level - 1 if module.is_package else node.level
    above = module.name.split(".")[: -up or None]
    return ".".join([*above, *([node.module] if node.module else [])])


def docstrings(module: Module) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of every docstring."""
    for node in module.nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text


@dataclass(frozen=True)
class Template:
    """One template of ours: whose it is, and what is written in it."""

    capability: str
    name: str  # as in {% include %}: inbox/thread.html
    text: str

    def __str__(self) -> str:
        return f"{self.capability}: {self.name}"


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """Return every template of the package."""
    found = []
    for folder in sorted(PACKAGE.glob("*/templates")):
        for path in sorted(folder.rglob("*.*")):
            if path.suffix in {".html", ".txt", ".svg", ".xml"}:
                name = path.relative_to(folder).as_posix()
                found.append(Template(folder.parent.name, name, path.read_text(encoding="utf-8")))
    return tuple(found)


def listed(problems: list[str]) -> str:
    """Return the problems one to a line, for the message of an assertion."""
    return "\n" + "\n".join(problems)

"""The rules, read from `rules/*.toml`: one file an area, `words.toml` for the word lists they share."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .finding import Area, Direction, Severity

_FOLDER = files(__package__) / "rules"
_KEYS = {
    "id", "ground", "severity", "sentence", "patterns", "unless", "detector", "bounded", "lowered", "disguise",
    "hits", "misses",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule, as its file states it.

    `patterns` are in the language of `pattern`; a rule with a `detector` uses them only to see whether it
    is worth running. `unless` patterns near the match take it back; they match the beginning of words.
    `lowered`: negation or quoting makes the finding weaker, never silent. `disguise`: also looked for where
    the writer hid words.
    """

    id: str
    area: Area
    direction: Direction
    ground: str
    severity: Severity
    sentence: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    detector: str = ""
    bounded: bool = True
    lowered: bool = False
    disguise: bool = False
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    rules: tuple[Rule, ...]
    words: dict[str, str]
    digest: str  # of the files, eight hexadecimal digits


def rule_names() -> list[str]:
    """Return the area of every rule file, in order."""
    return sorted(
        entry.name[:-5] for entry in _FOLDER.iterdir() if entry.name.endswith(".toml") and entry.name != "words.toml"
    )


@cache
def rules() -> RuleSet:
    """
    Read all rules.

    Raises:
        ValueError: A file says something the engine does not know; it names file and rule.
    """
    digest = hashlib.sha256()
    found: list[Rule] = []
    words_file = (_FOLDER / "words.toml").read_bytes()
    digest.update(words_file)
    for name in rule_names():
        content = (_FOLDER / f"{name}.toml").read_bytes()
        digest.update(content)
        found += _area_rules(name, tomllib.loads(content.decode()))
    if len({rule.id for rule in found}) < len(found):
        raise ValueError("Two rules share an id.")
    return RuleSet(tuple(found), dict(tomllib.loads(words_file.decode())), digest.hexdigest()[:8])


def _area_rules(name: str, content: dict[str, Any]) -> list[Rule]:
    common = {key: value for key, value in content.items() if key != "rule"}
    area, direction = Area(name), Direction(common.pop("direction"))
    found = []
    for stated in content["rule"]:
        fields = {**common, **stated}
        if unknown := fields.keys() - _KEYS:
            raise ValueError(f"{name}.toml, {fields.get('id')}: unknown key {', '.join(sorted(unknown))}.")
        severity = Severity[fields.pop("severity").upper()]
        lists = {key: tuple(value) for key, value in fields.items() if isinstance(value, list)}
        found.append(Rule(**{**fields, **lists, "severity": severity, "area": area, "direction": direction}))
    return found


def sentences() -> frozenset[str]:
    """Return every Swedish sentence a finding may carry, for the message catalogue."""
    return frozenset(rule.sentence for rule in rules().rules)

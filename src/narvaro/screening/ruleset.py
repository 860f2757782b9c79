"""The rules, read from `rules/*.toml`: one file an area, `words.toml` for the word lists they share."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .finding import Area, Context, Direction, Severity, Tone, context_from

_FOLDER = files(__package__) / "rules"
_KEYS = {
    "id", "ground", "severity", "sentence", "patterns", "unless", "unless_before", "detector", "bounded", "lowered",
    "disguise", "tones", "in_short_replies", "instead", "given", "hits", "misses", "weighed", "least",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A text that a rule must find, or must leave alone, and what is known besides the text."""

    text: str
    context: Context
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule, as its file states it.

    `patterns` are in the language of `pattern`; a rule with a `detector` uses them only to see whether it
    is worth running. `unless` patterns near the match take it back; they match the beginning of words.
    `unless_before`: likewise, but only from the beginning of the sentence to the end of the match.
    `lowered`: negation or quoting makes the finding weaker, never silent. `disguise`: also looked for where
    the writer hid words. `tones`: only in channels that speak so, () for all. `in_short_replies`: a NOTE that
    is told in short replies too. `instead`: what to write in place of what was found, by pattern; these are
    patterns of the rule as well. `weighed`: no pattern but words with weights, found where they add up to `least`
    (see `weighing`).

    In the file an example is a text, or a table with `text` and fields of `Context`; the rule's `given`
    holds such fields for all its examples.
    """

    id: str
    area: Area
    direction: Direction
    ground: str
    severity: Severity
    sentence: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    unless_before: tuple[str, ...] = ()
    detector: str = ""
    bounded: bool = True
    lowered: bool = False
    disguise: bool = False
    tones: tuple[Tone, ...] = ()
    in_short_replies: bool = False
    instead: tuple[tuple[str, str], ...] = ()
    weighed: tuple[tuple[str, float], ...] = ()
    least: float = 0.0
    examples: tuple[Example, ...] = ()

    @property
    def hits(self) -> tuple[str, ...]:
        """The texts that must be found."""
        return tuple(example.text for example in self.examples if example.is_hit)

    @property
    def misses(self) -> tuple[str, ...]:
        """The texts that must be left alone."""
        return tuple(example.text for example in self.examples if not example.is_hit)


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
    digest.update((_FOLDER / "hashtag_words.txt").read_bytes())
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
        tones = tuple(Tone(tone) for tone in fields.pop("tones", ()))
        instead = tuple(fields.pop("instead", {}).items())
        patterns = (*fields.pop("patterns", ()), *(pattern for pattern, _ in instead))
        weighed = tuple(_weight(line) for line in fields.pop("weighed", "").splitlines())
        given = fields.pop("given", {})
        examples = tuple(
            _example(stated, given, is_hit=is_hit)
            for key, is_hit in (("hits", True), ("misses", False))
            for stated in fields.pop(key)
        )
        found.append(
            Rule(
                **{**fields, **{key: tuple(value) for key, value in fields.items() if isinstance(value, list)}},
                area=area, direction=direction, severity=severity, patterns=patterns, tones=tones, instead=instead,
                weighed=weighed, examples=examples,
            )
        )  # fmt: skip
    return found


def _weight(line: str) -> tuple[str, float]:
    words, _, weight = line.rpartition(" ")
    return words, float(weight)


def _example(stated: str | dict[str, Any], given: dict[str, Any], *, is_hit: bool) -> Example:
    known = {**given, **({"text": stated} if isinstance(stated, str) else stated)}
    text = known.pop("text", "")
    return Example(text, context_from(known), is_hit)


def sentences() -> frozenset[str]:
    """Return every Swedish sentence a finding may carry, for the message catalogue."""
    return frozenset(rule.sentence for rule in rules().rules)

"""
The guideline as a document, on plain values: its sections, the text that ships, its hash, and what differs.

Pure. The text that ships stands in `starting_guideline.toml`, in Swedish: it is what an authority decides.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Literal

from django.utils.text import slugify

from narvaro.policy import parameters
from narvaro.policy.types import Section

MOST_SECTIONS = 60
MOST_TEXT = 20_000

Change = Literal["same", "changed", "added", "removed"]
Piece = tuple[Literal["same", "added", "removed"], str]


@dataclass(frozen=True, slots=True)
class Pair:
    """One section in two versions, side by side: each side as pieces, None where it has no such section."""

    code: str
    change: Change
    left_heading: str
    right_heading: str
    left: tuple[Piece, ...] | None
    right: tuple[Piece, ...] | None


@dataclass(frozen=True, slots=True)
class Starting:
    """The guideline that ships: what it is called, its sections, and which headings of others it covers."""

    title: str
    sections: tuple[Section, ...]
    covers: Mapping[str, tuple[str, ...]]


@cache
def starting() -> Starting:
    """Return the guideline that ships, fill-ins unfilled."""
    content = tomllib.loads((files("narvaro.policy") / "starting_guideline.toml").read_text(encoding="utf-8"))
    found = tuple(
        Section(code, str(number), entry["heading"], entry["text"].strip())
        for number, (code, entry) in enumerate(content["section"].items(), 1)
    )
    covers = {code: tuple(entry.get("covers", ())) for code, entry in content["section"].items()}
    return Starting(content["title"], found, covers)


def sections(rows: Iterable[Mapping[str, str]]) -> list[Section]:
    """Return stored rows as sections."""
    return [Section(row["code"], row["number"], row["heading"], row["text"]) for row in rows]


def rows(found: Iterable[Section]) -> list[dict[str, str]]:
    """Return sections as they are stored."""
    return [asdict(each) for each in found]


def filled(found: Iterable[Section], values: Mapping[str, Any]) -> list[Section]:
    """Return sections as they read, with values filled in."""
    return [replace(each, text=parameters.filled(each.text, values)) for each in found]


def content_hash(
    title: str, stored: Sequence[Mapping[str, str]], values: Mapping[str, Any], retention: Mapping[str, Any]
) -> str:
    """Return the SHA-256 of everything that a version says, as 64 hexadecimal digits."""
    whole = {"title": title, "sections": list(stored), "values": dict(values), "retention": dict(retention)}
    return sha256(json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def new_code(heading: str, taken: Iterable[str]) -> str:
    """Return a code for an own section that no other has."""
    base, others, number = slugify(heading).replace("-", "_")[:30] or "avsnitt", set(taken), 1
    code = base
    while code in others:
        number += 1
        code = f"{base}_{number}"
    return code


def months_later(day: date, months: int) -> date:
    """Return the day so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


# --- What differs -------------------------------------------------------------------------------------------------


def differences(left: Sequence[Section], right: Sequence[Section]) -> list[Pair]:
    """Return two versions side by side by section, in the order of the newer; removed ones where they stood."""
    old, new = {each.code: each for each in left}, {each.code: each for each in right}
    order = [each.code for each in right]
    for place, each in enumerate(left):
        if each.code not in new:
            after = next((code for code in reversed([one.code for one in left[:place]]) if code in order), None)
            order.insert(order.index(after) + 1 if after else 0, each.code)
    return [_pair(code, old.get(code), new.get(code)) for code in order]


def _pair(code: str, left: Section | None, right: Section | None) -> Pair:
    if left is None or right is None:
        kind: Literal["added", "removed"] = "added" if left is None else "removed"
        return Pair(
            code, kind, _heading(left), _heading(right), ((kind, left.text),) if left else None,
            ((kind, right.text),) if right else None,
        )  # fmt: skip
    before, after = _pieces(left.text, right.text)
    is_same = left.text == right.text and _heading(left) == _heading(right)
    return Pair(code, "same" if is_same else "changed", _heading(left), _heading(right), before, after)


def _heading(section: Section | None) -> str:
    return f"{section.number} {section.heading}".strip() if section else ""


def _pieces(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    old, new = re.findall(r"\s+|[^\s]+", left), re.findall(r"\s+|[^\s]+", right)
    before: list[Piece] = []
    after: list[Piece] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            before.append(("same", "".join(old[a:b])))
            after.append(("same", "".join(new[c:d])))
            continue
        if b > a:
            before.append(("removed", "".join(old[a:b])))
        if d > c:
            after.append(("added", "".join(new[c:d])))
    return tuple(before), tuple(after)

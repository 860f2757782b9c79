"""
The law as data: each provision the application leans on, in our own words, with where it was read and when.

Not legal advice and not the wording of the law: follow the citation. `confidence` says how sure we are:
"A" the statute or official text was read, "B" an authority's or court's page was read, "recalled" general
knowledge to check before it is shown as law, "D" a choice of ours where the law is silent or unsettled.
When parts differ, the weakest is given. The texts stand in `provisions/*.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar, get_args

Confidence = Literal["A", "B", "recalled", "D"]
HarmTest = Literal["presume_open", "presume_secret", "absolute", "mixed"]

_RECORD_CLASSES: Final = "record_classes.toml"
_Entry = TypeVar("_Entry")


@dataclass(frozen=True)
class Provision:
    """
    A rule: what it says in plain words, and where it stands.

    `harm_test` is set for secrecy grounds only.
    """

    id: str
    title_sv: str
    title_en: str
    text_sv: str
    text_en: str
    citation: str
    url: str
    confidence: Confidence
    read_on: date
    harm_test: HarmTest | None = None


class Registration(StrEnum):
    """How records of a class are entered (OSL-1 to OSL-4)."""

    REGISTER = "register"
    KEPT_IN_ORDER = "kept_in_order"
    NONE = "none"
    NOT_A_RECORD = "not_a_record"


class Disposition(StrEnum):
    """What in the end becomes of records of a class."""

    PRESERVE = "preserve"
    DISPOSE = "dispose"
    FOLLOWS_CASE = "follows_case"
    WEED = "weed"


@dataclass(frozen=True)
class RecordClass:
    """
    A kind of record and what by default becomes of it.

    The periods are proposals (confidence D): nothing is disposed of before the authority has decided its own
    retention schedule. `keep_months` or `keep_days` count from what `from_sv` and `from_en` name; both are
    None when the class is preserved or follows its case. `law` names provisions.

    Law: ARK-4, OSL-1
    """

    id: str
    title_sv: str
    title_en: str
    registration: Registration
    disposition: Disposition
    keep_months: int | None
    keep_days: int | None
    from_sv: str
    from_en: str
    note_sv: str
    note_en: str
    law: tuple[str, ...]
    read_on: date
    confidence: Confidence = "D"


def provision(id: str) -> Provision:
    """Return the provision with this id, such as "TF-2" or "BBS-5a". Raises KeyError, with a sentence."""
    return _found(provisions(), id, "bestämmelse")


def record_class(id: str) -> RecordClass:
    """Return the record class with this id, such as "SM-08". Raises KeyError, with a sentence."""
    return _found(record_classes(), id, "handlingstyp")


def cited(id: str) -> Provision | RecordClass:
    """Return whatever a `Law:` line may cite by this id. Raises KeyError, with a sentence."""
    return record_class(id) if id.startswith("SM-") else provision(id)


@cache
def provisions() -> Mapping[str, Provision]:
    """Return every provision by id, in the order of the files."""
    found: dict[str, Provision] = {}
    for name in sorted(entry.name for entry in _folder().iterdir() if entry.name.endswith(".toml")):
        if name != _RECORD_CLASSES:
            for id, entry in _entries(name).items():
                if id in found:
                    raise ValueError(f"{id} stands twice in the law catalogue, the second time in {name}.")
                found[id] = _provision(id, entry)
    return MappingProxyType(found)


@cache
def record_classes() -> Mapping[str, RecordClass]:
    """Return every record class by id, in order."""
    return MappingProxyType({id: _record_class(id, entry) for id, entry in _entries(_RECORD_CLASSES).items()})


def secrecy_grounds() -> list[Provision]:
    """Return the provisions that can be chosen as a ground for secrecy, in order. Law: OSL-7"""
    return [each for each in provisions().values() if each.harm_test]


def _found(catalogue: Mapping[str, _Entry], id: str, kind: str) -> _Entry:
    try:
        return catalogue[id]
    except KeyError:
        raise KeyError(f"Det finns ingen {kind} med beteckningen {id} i lagkatalogen.") from None


def _folder() -> Any:
    return files("narvaro.base") / "provisions"


def _entries(name: str) -> dict[str, dict[str, Any]]:
    """Return the tables of a file, each with what stands before the first table as its defaults."""
    content = tomllib.loads((_folder() / name).read_text(encoding="utf-8"))
    defaults = {key: value for key, value in content.items() if not isinstance(value, dict)}
    return {key: {**defaults, **value} for key, value in content.items() if isinstance(value, dict)}


def _provision(id: str, entry: dict[str, Any]) -> Provision:
    if entry["confidence"] not in get_args(Confidence) or entry.get("harm_test") not in (None, *get_args(HarmTest)):
        raise ValueError(f"{id} in the law catalogue has a confidence or harm test that is none of ours.")
    title_sv, title_en = entry["title"]
    return Provision(
        id=id, title_sv=title_sv, title_en=title_en, text_sv=entry["sv"], text_en=entry["en"],
        citation=entry["citation"], url=entry["url"], confidence=entry["confidence"], read_on=entry["read_on"],
        harm_test=entry.get("harm_test"),
    )  # fmt: skip


def _record_class(id: str, entry: dict[str, Any]) -> RecordClass:
    title_sv, title_en = entry["title"]
    from_sv, from_en = entry.get("from", ("", ""))
    note_sv, note_en = entry.get("note", ("", ""))
    return RecordClass(
        id=id, title_sv=title_sv, title_en=title_en, registration=Registration(entry["registration"]),
        disposition=Disposition(entry["disposition"]), keep_months=entry.get("keep_months"),
        keep_days=entry.get("keep_days"), from_sv=from_sv, from_en=from_en, note_sv=note_sv, note_en=note_en,
        law=tuple(entry["law"]), read_on=entry["read_on"],
    )  # fmt: skip

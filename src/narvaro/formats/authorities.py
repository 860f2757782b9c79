"""
Registers of authorities, in the forms that Swedish ones are published in.

Statistics Sweden's municipalities (a table with `municipality_code`), its register of agencies (an object by name with
`org_nr`, alone or under `scb` beside what others say of the same agency), and any table with a name and a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from narvaro.formats import tables
from narvaro.formats.tables import Fault, Unreadable

Kind = Literal["municipality", "region", "agency", "company"]

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "namn", "myndighet", "authority", "organisation"),
    "number": ("organisation_number", "organisationsnummer", "orgnr", "org_nr"),
    "website": ("website", "webbplats", "url", "hemsida"),
    "email": ("email", "e-post", "epost", "registrator"),
    "phone": ("phone", "telefon"),
    "kind": ("kind", "typ", "slag"),
}
_KINDS: Final[Mapping[str, Kind]] = {
    "kommun": "municipality", "municipality": "municipality", "region": "region", "myndighet": "agency",
    "statlig myndighet": "agency", "agency": "agency", "bolag": "company", "company": "company",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authority:
    """
    One authority as a register tells it; `number` is its row, or its place in the file, from 1.

    `ended` is the year when it was wound up, "" while it is there; `is_elsewhere` tells that the register names it
    without having it itself.
    """

    number: int
    name: str
    kind: Kind
    organisation_number: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""
    ended: str = ""
    is_elsewhere: bool = False


def read(content: bytes) -> list[Authority] | None:
    """
    Return the authorities in a file, in its order; None when it is no register of authorities.

    Raises:
        Unreadable: It cannot be read at all.
    """
    if len(content) > tables.MOST_BYTES:
        raise Unreadable(Fault.TOO_LARGE)
    if content.lstrip()[:1] == b"{":
        by_name = _by_name(content)
        if by_name is not None:
            return by_name
    return _in_table(tables.read(content))


def _by_name(content: bytes) -> list[Authority] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None  # `tables` says what is wrong with it
    if not all(isinstance(value, dict) for value in found.values()):
        return None
    if not any("org_nr" in _first(value) for value in found.values()):
        return None
    return [
        _agency(number, name, row) for number, (name, row) in enumerate(_agencies(found), 1)
    ]  # fmt: skip


def _agencies(found: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield each agency with what the register itself says of it; None where only others name it."""
    for name, about in found.items():
        own = about if "org_nr" in about else about.get("scb")
        rows = own if isinstance(own, list) else [own]
        for row in rows:
            yield name, row if isinstance(row, dict) else None


def _first(about: Mapping[str, Any]) -> Mapping[str, Any]:
    own = about.get("scb", about)
    first = own[0] if isinstance(own, list) and own else own
    return first if isinstance(first, dict) else {}


def _agency(number: int, name: str, row: dict[str, Any] | None) -> Authority:
    if row is None:
        return Authority(number, _words(name), "agency", is_elsewhere=True)
    return Authority(
        number, _words(name), "agency", organisation_number=_words(row.get("org_nr")),
        website=_address(_words(row.get("website"))), email=_words(row.get("email")).lower(),
        phone=_words(row.get("phone")), ended=_words(row.get("end")),
    )  # fmt: skip


def _in_table(table: tables.Table) -> list[Authority] | None:
    columns = [column.casefold() for column in table.columns]
    if "municipality_code" in columns and "municipality_name" in columns and "postal_code" not in columns:
        at = columns.index("municipality_name")
        return [Authority(row.number, _words(row.cells[at]), "municipality") for row in table.rows]
    places = {
        key: next((columns.index(name) for name in names if name in columns), -1) for key, names in _NAMES.items()
    }
    if places["name"] < 0 or places["number"] < 0 or {"handle", "konto", "account", "platform"} & set(columns):
        return None

    def cell(row: tables.Row, key: str) -> str:
        return row.cells[places[key]] if places[key] >= 0 else ""

    return [
        Authority(
            row.number, cell(row, "name"), _KINDS.get(cell(row, "kind").casefold(), "agency"),
            organisation_number=cell(row, "number"), website=_address(cell(row, "website")),
            email=cell(row, "email").lower(), phone=cell(row, "phone"),
        )
        for row in table.rows
    ]  # fmt: skip


def _address(text: str) -> str:
    if not text:
        return ""
    whole = text if "://" in text else f"https://{text}"
    return whole if re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", whole) else ""


def _words(value: Any) -> str:
    return " ".join(str(value).split()) if value is not None else ""

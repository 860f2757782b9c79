"""The table that the measurements end in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `holds` is None where there is no bound."""

    database: str
    what: str
    ours: str
    against: str = ""
    ratio: str = ""
    bound: str = ""
    holds: bool | None = None

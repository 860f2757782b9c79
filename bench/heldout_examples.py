"""Recall and precision on examples that the rules were not written against; `heldout/README.md` says what they are."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from narvaro.screening import Area, Context, Direction, screen
from narvaro.screening.finding import context_from

FOLDER = Path(__file__).parent / "heldout"


@dataclass(frozen=True, slots=True)
class Judged:
    """How an area did on its held-out examples; `missed` and `wrong` are what it got wrong."""

    area: Area
    apart: str
    hits: int
    misses: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def recall(self) -> float:
        """The share of the hits that were found."""
        return 1 - len(self.missed) / self.hits if self.hits else 1.0

    @property
    def precision(self) -> float:
        """The share of right ones among what was found."""
        found = self.hits - len(self.missed)
        return found / (found + len(self.wrong)) if found + len(self.wrong) else 1.0


def judged() -> list[Judged]:
    """Return every area that has held-out examples, in the order of `Area`."""
    return [
        _judged(area, tomllib.loads(file.read_text())) for area in Area if (file := FOLDER / f"{area}.toml").exists()
    ]


def without_examples() -> list[Area]:
    """Return the areas that nobody has written held-out examples for."""
    return [area for area in Area if area is not Area.OWN and not (FOLDER / f"{area}.toml").exists()]


def _judged(area: Area, content: dict[str, Any]) -> Judged:
    hits, misses = content.get("hits", []), content.get("misses", [])
    return Judged(
        area=area,
        apart=content.get("apart", ""),
        hits=len(hits),
        misses=len(misses),
        missed=tuple(_text(stated) for stated in hits if not _is_found(area, stated)),
        wrong=tuple(_text(stated) for stated in misses if _is_found(area, stated)),
    )


def _text(stated: str | dict[str, Any]) -> str:
    return stated if isinstance(stated, str) else str(stated.get("text", ""))


def _is_found(area: Area, stated: str | dict[str, Any]) -> bool:
    known: dict[str, Any] = {} if isinstance(stated, str) else stated
    context = context_from(known["context"]) if "context" in known else Context()
    direction = Direction.OUTGOING if area.startswith("outgoing_") else Direction.INCOMING
    findings = screen(_text(stated), direction=direction, context=context)
    return any(finding.area is area and known.get("ground") in (None, finding.ground) for finding in findings)

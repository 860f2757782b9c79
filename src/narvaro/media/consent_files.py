"""What was taken out of the register of consents as a file: JSON for machines and the person, CSV for a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import spreadsheet

TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


def as_json(authority: str, rows: Sequence[Mapping[str, Any]], words: str) -> str:
    """Return the rows as JSON, with whose they are, when they were taken out and what was asked for."""
    whole = {"authority": authority, "taken_out_at": now().isoformat(), "asked_for": words, "consents": list(rows)}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows for a spreadsheet, a line for each consent; no cell is one that it would run."""
    heads = [
        _("Namn"), _("Nås på"), _("Vårdnadshavare"), _("Barn"), _("Ålder"), _("Får användas till"), _("Gavs"),
        _("Till och med"), _("Återkallat"), _("Tog slut"), _("Gallrat"), _("Undertecknat samtycke"), _("Bilder"),
        _("Används i"), _("Borttaget ur"), _("Id"),
    ]  # fmt: skip
    return "".join([spreadsheet.MARK, spreadsheet.line(heads), *(spreadsheet.line(_cells(row)) for row in rows)])


def _cells(row: Mapping[str, Any]) -> list[str]:
    used = {place["where"] for picture in row["pictures"] for place in picture["used"]}
    return [
        row["name"], row["contact"], ", ".join(row["guardians"]), _("Ja") if row["is_child"] else _("Nej"),
        "" if row["age"] is None else str(row["age"]), row["purposes"], row["given_on"], row["until"],
        row["withdrawn_at"], row["ended_at"], row["disposed_at"], row["kept_where"],
        ", ".join(picture["name"] for picture in row["pictures"]), ", ".join(sorted(used)),
        ", ".join(each["where"] for each in row["taken_away"] if each["at"]), row["uid"],
    ]  # fmt: skip

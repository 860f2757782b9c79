"""Whether an act in the authority's name is as objective as the law asks: questions, and what warns; plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to think of before an act."""

    key: str
    text: Any


QUESTIONS = (
    Question("duty", _("Det hör till vårt uppdrag, och hjälper dem vi är till för.")),
    Question("equal", _("Vi gör likadant för andra i samma läge.")),
    Question("seen", _("Det håller att visas i tidningen: det kan inte uppfattas som att vi tar ställning.")),
)
"""Asked of each act. Law: RF-1, KL-1"""

# The parties of the Riksdag, with words that mark politics. That it warned is kept of nobody (RF-3).
_POLITICS = re.compile(
    r"\b(socialdemokrat\w*|moderat\w*|sverigedemokrat\w*|centerpartiet|vänsterpartiet|kristdemokrat\w*|liberalerna|"
    r"miljöpartiet|parti\w*|kandidat\w*|riksdagsledamot\w*|minister\w*|ungdomsförbund\w*|valkampanj\w*)\b",
    re.IGNORECASE,
)
_MOST = 5000


def is_about_politics(*texts: str) -> bool:
    """Whether words about the target, or of it, point to a party, a candidate or a campaign; only a warning."""
    return any(_POLITICS.search(text[:_MOST]) for text in texts)


def must_give_reasons(agreed: set[str], *, near_election: bool, politics: bool) -> bool:
    """
    Whether reasons in words are asked for: not everything was agreed to, or politics are near.

    Law: RF-1
    """
    return politics or near_election or agreed != {each.key for each in QUESTIONS}

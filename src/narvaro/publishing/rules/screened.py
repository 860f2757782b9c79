"""Decisions about what screening says of a text, on plain values."""

from __future__ import annotations

from narvaro.screening import Severity

_DECIDED = {"block": Severity.BLOCK, "ask": Severity.ASK, "note": Severity.NOTE}


def as_decided(shipped: Severity, level: str) -> Severity:
    """
    Return how severe a finding is where the guideline has settled a level for its area; "" where it has not.

    What stops by itself, such as a personal identity number, is never made milder. Law: GDPR-7
    """
    return shipped if shipped is Severity.BLOCK else _DECIDED.get(level, shipped)
